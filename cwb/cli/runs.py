"""`cwb analyse`, `compare`, `together`, `opportunities`, `report`, `demo`: from ledgers to what is read and sent on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cwb.cli.common import (
    Added,
    Assumptions,
    Basis,
    Columns,
    Institution,
    IoTable,
    JobsFile,
    Json,
    Ledgers,
    Out,
    PlaceName,
    Quotient,
    RegisterIndex,
    Runs,
    Sheet,
    Workspace,
    Year,
    column_map,
    grid,
    pounds,
    print_json,
    progress_bar,
    remember,
    say,
)  # fmt: skip

app = typer.Typer()


@app.command()
def analyse(
    ledgers: Ledgers,
    place: PlaceName,
    out: Out,
    register: RegisterIndex = None,
    institution: Institution = None,
    year: Year = None,
    basis: Basis = "best_evidence",
    columns: Columns = None,
    sheet: Sheet = None,
    workspace: Workspace = None,
    assumptions: Assumptions = "central",
    added: Added = None,
    jobs: JobsFile = None,
    table: IoTable = None,
    quotient: Quotient = "flq",
    show_individuals: Annotated[bool, typer.Option(help="Print names of individuals; redactions stay hidden.")] = False,
    as_json: Json = False,
) -> None:
    """Show where the money of one or more ledgers goes and what it supports locally."""
    from cwb import pipeline

    mapping = column_map(columns)
    with progress_bar() as progress:
        run = pipeline.analyse(
            [pipeline.LedgerFile(path, institution, year) for path in ledgers], place, register=register, basis=basis,
            columns=mapping, sheet=sheet, workspace=workspace, assumptions=assumptions, added=added,
            jobs=jobs, workbook=table, quotient=quotient,
            show_individuals=show_individuals, progress=progress,
        )  # fmt: skip
        pipeline.write_run(run, out)
    remember(run.account, mapping)
    if as_json:
        print_json(run.summary)
        return
    _print_bands(run.summary)
    for warning in run.summary["warnings"]:
        say(warning)
    say(f"Report: {out / 'report.html'}")


def _print_bands(summary: Mapping[str, Any]) -> None:
    bounds = summary["bounds"]
    rows = [
        [band, pounds(row["amount_pence"]), _share(row["share"]), _bounds(bounds.get(band)), f"{row['suppliers']:,}"]
        for band, row in summary["bands"].items()
    ]
    rows.append(["payments", pounds(summary["amount_pence"]["payments"]), "", "", ""])
    title = (", ".join(summary["institutions"]), ", ".join(summary["years"]), summary["place"]["name"])
    grid(" · ".join(part for part in title if part), ["band", "£", "share", "least to most", "suppliers"], rows)


def _bounds(one: Mapping[str, float | None] | None) -> str:
    """Return how far what is unknown could move a share."""
    return "" if one is None else f"{_share(one['low'])} to {_share(one['high'])}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


@app.command()
def compare(
    runs: Runs,
    out: Out,
    boundaries: Annotated[
        str, typer.Option(help="Districts since merged: on today's or on the earlier ones.")
    ] = "today",
    rank_unlike: Annotated[bool, typer.Option(help="Rank payers even where their ledgers are unlike.")] = False,
    top: Annotated[
        int | None, typer.Option(help="Compare so many of each side's largest suppliers alone, as CLES does with 300.")
    ] = None,
    assumptions: Annotated[
        str | None, typer.Option("--assumptions", help="A shipped set or a TOML file; without, the last run's own.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what changed between periods and why, or how payers of one period differ.

    Runs may hold one payer or year each, or several: those of one period are put together, in order of time.
    """
    from cwb import pipeline

    comparison = pipeline.compare(
        [pipeline.read_run(run) for run in runs], boundaries=boundaries, rank_unlike=rank_unlike, largest=top,
        assumptions=assumptions,
    )  # fmt: skip
    pipeline.write_comparison(comparison, out)
    if as_json:
        print_json(comparison.compare)
        return
    rows = [
        [
            band, pounds(row["amount_pence"]),
            "–" if row["share_points"] is None else f"{row['share_points']:+.1f}",
            *("–" if row[part] is None else pounds(row[part]) for part in ("volume_pence", "rate_pence")),
        ]
        for band, row in comparison.compare["change"].items()
    ]  # fmt: skip
    sides = [comparison.compare[side]["label"] for side in ("from", "to")]
    grid(" to ".join(sides), ["band", "£", "percentage points", "of which volume, £", "of which rate, £"], rows)
    for text in (comparison.compare["paragraph"], *comparison.compare["comparable"]["differences"]):
        say(text)
    say(f"Report: {out / 'report.html'}")


@app.command("report")
def report_again(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A folder made by cwb analyse or cwb compare.")],
    formats: Annotated[
        str, typer.Option("--format", help="Of html, xlsx, pptx, pdf, zip; commas between.")
    ] = "html,xlsx",
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to; without it, RUN itself.")] = None,
) -> None:
    """Write a run's or a comparison's report again, in the formats asked for."""
    from cwb.report import write_formats

    for path in write_formats(folder, [name.strip() for name in formats.split(",") if name.strip()], out):
        say(f"Written {path}")


@app.command()
def demo(out: Out = Path("cwb-demo")) -> None:
    """Analyse and compare the sample's two years, printing Preston's published figures beside ours."""
    from cwb.demo import demo as run_demo

    with progress_bar() as progress:
        found = run_demo(out, progress=progress)
    columns = ["figure", "published", "ours", "difference"]
    grid(
        "Preston, six anchor institutions: published beside ours (fictional ledgers, real method)",
        columns, [list(row) for row in found.select(columns).iter_rows()],
    )  # fmt: skip
    for basis in found["basis"].drop_nulls().unique(maintain_order=True):
        say(basis)
    say(f"Reports: {', '.join(str(page) for page in sorted(out.glob('*/report.html')))}")


@app.command()
def opportunities(
    runs: Runs,
    register: Annotated[Path, typer.Option("--register", help="An index made by cwb register build.")],
    out: Out,
    added: Added = None,
    as_json: Json = False,
) -> None:
    """Show what leaked spend could come home, and which local companies are not yet used."""
    from cwb.added import read_added
    from cwb.briefs import write_opportunities
    from cwb.coming_home import opportunities as find
    from cwb.indicators.measures import NOTHING
    from cwb.pipeline import read_run

    with progress_bar() as progress:
        besides = read_added(added) if added else NOTHING
        found = find([read_run(run) for run in runs], register, added=besides, progress=progress)
        write_opportunities(found, out)
    if as_json:
        print_json(found.found)
        return
    lines = found.found["opportunities"][:10]
    rows = [
        [
            f"{one['rank']}. {one['division_name']}", pounds(one["leaked_a_year_pence"]), f"{one['live_unused']:,}",
            f"{100 * one['feasibility']:.0f}", f"{pounds(one['prize_pence'])}",
        ]
        for one in lines
    ]  # fmt: skip
    heads = ["line of business", "leaks a year, £", "local companies not used", "feasibility", "prize a year, £"]
    grid("What could come home", heads, rows)
    for note in found.found["notes"]:
        say(note)
    say(f"Briefs: {out / 'briefs'}")


@app.command()
def together(runs: Runs, out: Out, as_json: Json = False) -> None:
    """Put several payers' runs of one place together, with the transfers between them netted off."""
    from cwb import pipeline
    from cwb.run import write_pooled

    group = pipeline.pooled([pipeline.read_run(run) for run in runs])
    write_pooled(group, out)
    if as_json:
        print_json(group.compare)
        return
    rows = [
        [band, *(pounds(row[f"{part}_pence"]) for part in ("gross", "transfers", "net")), _share(row["net_share"])]
        for band, row in group.compare["bands"].items()
    ]
    grid("Together", ["band", "in the ledgers, £", "paid each other, £", "net, £", "share"], rows)
    for difference in group.compare["comparable"]["differences"]:
        say(difference)
    say(f"Written to {out}")


@app.command()
def share(run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder made by cwb analyse.")], out: Out) -> None:
    """Write a run's sums alone, for another body to compare with: no supplier and no payment is in it."""
    from cwb.run import read_run, write_shared

    write_shared(read_run(run), out)
    say(f"Written to {out}: use it as a RUN of cwb compare or cwb together")


@app.command()
def statutory(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder made by cwb analyse.")],
    out: Out,
    threshold: Annotated[
        int | None, typer.Option(help="Publish payments above so many £; without it, the Transparency Code's £500.")
    ] = None,
) -> None:
    """Write what the law asks for: local reservation, SME and VCSE return, Transparency Code, Scottish action plan."""
    from cwb.run import write_statutory

    for note in write_statutory(run, out, threshold_gbp=threshold):
        say(note)
    say(f"Written to {out}")
