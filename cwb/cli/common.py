"""What the verbs share: options, a progress bar, and ways of saying things."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

err = Console(stderr=True, highlight=False)
out_console = Console(highlight=False)

Out = Annotated[Path, typer.Option("--out", help="Folder for the results; made if it is not there.")]
Json = Annotated[bool, typer.Option("--json", help="Print the machine form.")]
Ledgers = Annotated[list[Path], typer.Argument(metavar="FILE…", help="CSV or other text, XLSX, XLS, ODS, zip or gz.")]
PlaceName = Annotated[str, typer.Option("--place", help="A place by name (see cwb places) or a TOML file.")]
Institution = Annotated[str | None, typer.Option(help="Body that paid, where the file does not say.")]
Year = Annotated[str | None, typer.Option(help="Financial year of undated payments, as 2016-17.")]
Basis = Annotated[str, typer.Option(help="What counts as a supplier's place: see docs/methods/location.md.")]
Sources = Annotated[list[Path], typer.Argument(metavar="SOURCE…", help="Companies House's file (.zip, .csv), others.")]
Columns = Annotated[Path | None, typer.Option("--columns", help="TOML file: field = the header to read it from.")]
RegisterIndex = Annotated[Path | None, typer.Option("--register", help="An index made by cwb register build.")]
Workspace = Annotated[
    str | None, typer.Option("--workspace", help="Store of people's decisions: a file or postgresql://…")
]
Assumptions = Annotated[
    str, typer.Option("--assumptions", help="A shipped set (cautious, central, generous) or a TOML file.")
]
JobsFile = Annotated[
    Path | None, typer.Option("--jobs", help="CSV of the place's jobs by SIC section, or bres (cwb data list).")
]
IoTable = Annotated[Path | None, typer.Option("--table", help="Input-output workbook, or ons_io or scotland_io.")]
Quotient = Annotated[str, typer.Option("--quotient", help="How the table is made the place's: flq or aflq.")]
Added = Annotated[Path | None, typer.Option("--added", help="Folder of what you know besides: see docs/data.md.")]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A folder made by cwb analyse.")]
Runs = Annotated[list[Path], typer.Argument(metavar="RUN…", help="Folders made by cwb analyse, the earliest first.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Read only this sheet of a workbook.")]


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], None] | None]:
    """Yield a reporter of (what, 0 to 1) that draws a bar on a terminal, and None elsewhere."""
    if not err.is_terminal:
        yield None
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        console=err, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("Starting", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


def say(text: str) -> None:
    err.print(text, markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def column_map(path: Path | None) -> Mapping[str, str] | None:
    if path is None:
        return None
    from cwb.ledger import load_column_map

    return load_column_map(path)


def remember(account: Mapping[str, Any], mapping: Mapping[str, str] | None) -> None:
    """Keep columns that a person gave for later files with the same headings, and say so."""
    if not mapping:
        return
    from cwb.ledger import remember_columns

    for fingerprint in {file["fingerprint"] for file in account["files"] if file.get("fingerprint")}:
        remember_columns(fingerprint, mapping)
    say("The columns are remembered for files with these headings")


def warnings_of(account: Mapping[str, Any]) -> list[str]:
    """Return what a person should act on: of each file, then of all together."""
    return [
        *(f"{file['file']}: {warning}" for file in account["files"] for warning in file["warnings"]),
        *account.get("warnings", ()),
    ]


def pounds(pence: int) -> str:
    """Return pence as £ with thousands separators, two decimals and a leading minus."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def grid(title: str, headings: list[str], rows: list[list[str]]) -> None:
    """Print a table on stdout: the first column to the left, the others to the right."""
    table = Table(title=title)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    out_console.print(table)


def span(figure: Mapping[str, Any], form: str = ",.0f") -> str:
    """Return a figure as central (low to high); an end that has no bound says so."""
    low, central, high = (
        "no bound" if figure[end] is None else format(figure[end], form) for end in ("low", "central", "high")
    )
    return f"{central} ({low} to {high})"
