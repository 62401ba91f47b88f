"""The command line: thin verbs over `cwb.pipeline`. Data goes to files or stdout, progress and messages to stderr.

Stages are imported inside the verbs, so that `cwb --help` answers at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import cwb
from cwb.errors import CwbError

app = typer.Typer(
    name="cwb", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Show where a public body's money goes: local, regional, leaked or unknown, with the evidence.",
)  # fmt: skip
register_app = typer.Typer(no_args_is_help=True, help="Build and inspect an index of organisation registers.")
app.add_typer(register_app, name="register")

_err = Console(stderr=True, highlight=False)
_out = Console(highlight=False)

Out = Annotated[Path, typer.Option("--out", help="Folder for the results; made if it is not there.")]
Json = Annotated[bool, typer.Option("--json", help="Print the machine form.")]
Ledgers = Annotated[list[Path], typer.Argument(metavar="FILE…", help="CSV or other text, XLSX, XLS, ODS, zip or gz.")]
PlaceName = Annotated[str, typer.Option("--place", help="A place by name (see cwb places) or a TOML file.")]
Institution = Annotated[str | None, typer.Option(help="Body that paid, where the file does not say.")]
Year = Annotated[str | None, typer.Option(help="Financial year of undated payments, as 2016-17.")]
Basis = Annotated[str, typer.Option(help="What counts as a supplier's place: see docs/methods/location.md.")]
Sources = Annotated[list[Path], typer.Argument(metavar="SOURCE…", help="Companies House's file (.zip, .csv), others.")]
Columns = Annotated[Path | None, typer.Option("--columns", help="TOML file: field = the header to read it from.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Read only this sheet of a workbook.")]


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None] | None]:
    """Yield a reporter of (what, 0 to 1) that draws a bar on a terminal, and None elsewhere."""
    if not _err.is_terminal:
        yield None
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        console=_err, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("Starting", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


def _say(text: str) -> None:
    _err.print(text, markup=False, soft_wrap=True)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _column_map(path: Path | None) -> Mapping[str, str] | None:
    if path is None:
        return None
    from cwb.ledger import load_column_map

    return load_column_map(path)


def pounds(pence: int) -> str:
    """Return pence as £ with thousands separators, two decimals and a leading minus."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def _version(value: bool) -> None:
    if value:
        typer.echo(f"cwb {cwb.__version__}")
        raise typer.Exit


ShowVersion = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")]


@app.callback()
def _main(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def ingest(
    ledgers: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Ledgers: CSV, text, XLSX, XLS, ODS, zip, gz.")
    ],
    out: Out,
    columns: Columns = None,
    sheet: Sheet = None,
    institution: Institution = None,
    year: Year = None,
    as_json: Json = False,
) -> None:
    """Read ledgers into one table of payments, to the penny, with an account of every row."""
    from cwb.ledger import read_ledger, write_ledger

    with _progress() as progress:
        read = read_ledger(
            ledgers, columns=_column_map(columns), sheet=sheet, institution=institution,
            financial_year=year, progress=progress,
        )  # fmt: skip
        write_ledger(read, out)
    account = read.account
    if as_json:
        _print_json(account)
        return
    rows, pence = account["rows"], account["amount_pence"]
    _say(
        f"{rows['read']:,} rows read = {rows['payments']:,} payments ({pounds(pence['payments'])}) + "
        f"{rows['control_totals']:,} control totals + {rows['blank']:,} blank + {rows['rejected']:,} rejected"
    )
    for file in account["files"]:
        for warning in file["warnings"]:
            _say(f"{file['file']}: {warning}")
    _say(f"Written to {out}")


@register_app.command("build")
def register_build(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE…", help="Companies House bulk file (.zip or .csv), and others.")
    ],
    out: Out,
) -> None:
    """Turn registers as their publishers issue them into an index on disk."""
    from cwb.register import build_register

    with _progress() as progress:
        info = build_register(sources, out, progress=progress)
    _say(f"{info.organisations:,} organisations in {out}")


@register_app.command("info")
def register_info(folder: Annotated[Path, typer.Argument(metavar="DIR")], as_json: Json = False) -> None:
    """Say what an index holds, from which files and of what day."""
    from cwb import register

    info = register.register_info(folder)
    if as_json:
        _print_json(info)
        return
    for key, value in info.items():
        typer.echo(f"{key}: {value}")


@app.command("match")
def match_file(
    suppliers: Annotated[Path, typer.Argument(metavar="SUPPLIERS.csv", help="Needs a column `supplier`.")],
    register: Annotated[Path, typer.Option("--register", help="An index made by cwb register build.")],
    out: Annotated[Path, typer.Option("--out", help="CSV to write: one row out per row in, in the same order.")],
) -> None:
    """Match a list of suppliers to organisations, with score, method, margin and evidence."""
    from cwb import pipeline

    links = pipeline.match_list(suppliers, register, out)
    counts = dict(links.group_by("outcome").len().iter_rows())
    _say(", ".join(f"{counts.get(o, 0):,} {o}" for o in ("matched", "review", "unmatched")) + f"; written to {out}")


@app.command()
def analyse(
    ledgers: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Ledgers: CSV, text, XLSX, XLS, ODS, zip, gz.")
    ],
    place: Annotated[
        str, typer.Option("--place", help="A place by name (see cwb places) or a TOML file of districts.")
    ],
    out: Out,
    register: Annotated[Path | None, typer.Option("--register", help="An index made by cwb register build.")] = None,
    institution: Institution = None,
    year: Year = None,
    basis: Annotated[
        str, typer.Option(help="What counts as a supplier's place; see docs/methods/location.md.")
    ] = "best_evidence",
    columns: Columns = None,
    sheet: Sheet = None,
    show_individuals: Annotated[bool, typer.Option(help="Print names of individuals; redactions stay hidden.")] = False,
    as_json: Json = False,
) -> None:
    """Show where the money of one or more ledgers goes and what it supports locally."""
    from cwb import pipeline

    with _progress() as progress:
        run = pipeline.analyse(
            [pipeline.LedgerFile(path, institution, year) for path in ledgers], place, register=register, basis=basis,
            columns=_column_map(columns), sheet=sheet, show_individuals=show_individuals,
            progress=progress,
        )  # fmt: skip
        pipeline.write_run(run, out)
    if as_json:
        _print_json(run.summary)
        return
    _bands_table(run.summary)
    for file in run.account["files"]:
        for warning in file["warnings"]:
            _say(f"{file['file']}: {warning}")
    _say(f"Report: {out / 'report.html'}")


def _bands_table(summary: dict[str, Any]) -> None:
    grid = Table(
        title=f"{', '.join(summary['institutions'])} · {', '.join(summary['years'])} · {summary['place']['name']}"
    )
    for heading in ("band", "£", "share", "suppliers"):
        grid.add_column(heading, justify="left" if heading == "band" else "right")
    for band, row in summary["bands"].items():
        share = "–" if row["share"] is None else f"{row['share']:.1%}"
        grid.add_row(band, pounds(row["amount_pence"]), share, f"{row['suppliers']:,}")
    grid.add_row("payments", pounds(summary["amount_pence"]["payments"]), "", "")
    _out.print(grid)


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN…", help="Two folders made by cwb analyse, earlier first.")],
    out: Out,
    as_json: Json = False,
) -> None:
    """Show what changed between runs, split into the volume and the rate part."""
    from cwb import pipeline

    comparison = pipeline.compare([pipeline.read_run(run) for run in runs])
    pipeline.write_comparison(comparison, out)
    if as_json:
        _print_json(comparison.compare)
        return
    grid = Table(title="Change, £")
    for heading in ("band", "change", "points", "of which volume", "of which rate"):
        grid.add_column(heading, justify="left" if heading == "band" else "right")
    for band, row in comparison.compare["change"].items():
        points = "–" if row["share_points"] is None else f"{row['share_points']:+.1f}"
        grid.add_row(
            band, pounds(row["amount_pence"]), points,
            *("–" if row[part] is None else pounds(row[part]) for part in ("volume_pence", "rate_pence")),
        )  # fmt: skip
    _out.print(grid)
    _say(f"Report: {out / 'report.html'}")


@app.command()
def demo(out: Out = Path("cwb-demo")) -> None:
    """Analyse and compare the sample's two years, printing Preston's published figures beside ours."""
    from cwb.demo import demo as run_demo

    with _progress() as progress:
        rows = run_demo(out, progress=progress)
    grid = Table(title="Preston, six anchor institutions: published beside ours (fictional ledgers, real method)")
    for heading in ("figure", "published", "ours", "difference"):
        grid.add_column(heading, justify="left" if heading == "figure" else "right")
    for row in rows.iter_rows(named=True):
        grid.add_row(row["figure"], row["published"], row["ours"], row["difference"])
    _out.print(grid)
    _say(f"Reports: {', '.join(str(page) for page in sorted(out.glob('*/report.html')))}")


@app.command()
def places(name: Annotated[str | None, typer.Argument(help="Show one place; without it, list all.")] = None) -> None:
    """List the places ready to use, or show the districts of one."""
    from cwb import places as known

    if name is None:
        for ready in known.place_names():
            typer.echo(ready)
        return
    _print_json(known.describe(known.find_place(name)))


@app.command("app")
def open_app(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8501,
    headless: Annotated[bool, typer.Option(help="Do not open a browser.")] = False,
) -> None:
    """Open the app in a browser. It listens on this machine only."""
    from cwb.shipped import app_file

    _say(f"cwb is at http://127.0.0.1:{port} on this machine only; stop it with Ctrl+C")
    command = [
        sys.executable, "-m", "streamlit", "run", str(app_file()), "--server.address", "127.0.0.1", "--server.port",
        str(port), "--server.headless", str(headless).lower(), "--browser.gatherUsageStats", "false",
    ]  # fmt: skip
    raise typer.Exit(subprocess.call(command))


def main() -> None:
    """Run the command line: 0 done, 2 bad input or usage with one line on stderr."""
    try:
        code = app(standalone_mode=False)
    except (CwbError, typer.TyperException) as error:
        text = error.format_message() if isinstance(error, typer.TyperException) else str(error)
        if text:  # asked for nothing, it has printed its help
            _say("cwb: " + " ".join(text.split()))
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        _say("cwb: stopped")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
