"""`cwb impact`, `multipliers`, `scenario`: what spend supports, and what if."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cwb.cli.common import Assumptions, Json, PlaceName, Run, grid, print_json, say, span

app = typer.Typer()


@app.command()
def impact(run: Run, assumptions: Assumptions = "central", as_json: Json = False) -> None:
    """Show what a run's spend supports, each figure with its range, under a set of assumptions."""
    from cwb import pipeline

    found = pipeline.impact(pipeline.read_run(run), assumptions)
    if as_json:
        print_json({**found.block, "used": [one.model_dump() for one in found.assumptions]})
        return
    rows = [
        [one["label"], span(one, ".2f" if one["kind"] == "lm3" else ",.0f"), one["unit"]]
        for one in found.block["figures"]
    ]
    grid(f"Assumptions: {found.block['set']}", ["figure", "central (low to high)", "unit"], rows)
    for one in found.block["differences"]:
        say(f"{one['label']}: {one['value']} here, {one['shipped']} shipped")
    for note in [*found.block["notes"], *dict.fromkeys(one["caveat"] for one in found.block["figures"])]:
        say(note)


@app.command()
def multipliers(
    place: PlaceName,
    jobs: Annotated[Path | None, typer.Option("--jobs", help="CSV of its jobs by SIC section, or bres.")] = None,
    table: Annotated[Path | None, typer.Option("--table", help="Input-output workbook, or ons_io.")] = None,
    quotient: Annotated[str, typer.Option(help="flq or aflq.")] = "flq",
    assumptions: Assumptions = "central",
    as_json: Json = False,
) -> None:
    """Show a place's input-output multipliers by sector, each with its range."""
    from cwb import pipeline

    found = pipeline.place_multipliers(place, jobs=jobs, workbook=table, quotient=quotient, assumptions=assumptions)
    block = found.block
    if as_json:
        print_json(block)
        return
    measures = ("type1_output", "type1_gva", "type1_jobs")  # as many as a terminal holds; --json has all
    rows = [
        [f"{one['industry']} {one['name']}", *(span(one[measure], ".2f") for measure in measures)]
        for one in block["sectors"]
    ]
    grid(f"{block['place']}: {block['table']}", ["sector", *(m.replace("_", " ") for m in measures)], rows)
    for text in (f"λ {span(block['lambda'], '.3f')}; {block['basis']}", block["method"], block["caveat"]):
        say(text)


@app.command()
def scenario(
    run: Run,
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="Scenarios: see docs/methods/scenarios.md.")],
    assumptions: Assumptions = "central",
    out: Annotated[Path | None, typer.Option("--out", help="CSV to write, scenarios one below another.")] = None,
    as_json: Json = False,
) -> None:
    """Ask what if: spend moved home, anchors buying together, early payment, two bids."""
    from cwb import pipeline
    from cwb.impact.scenarios import side_by_side

    results = pipeline.scenarios(pipeline.read_run(run), file, assumptions=assumptions)
    table = side_by_side(results)
    if out is not None:
        pipeline.write_list(table, out)
        say(f"Written to {out}")
    if as_json:
        print_json(results)
        return
    rows = [
        [row["scenario"], row["measure"].replace("_", " "), _span(row), row["unit"]]
        for row in table.iter_rows(named=True)
    ]
    grid("Scenarios", ["scenario", "measure", "central (low to high)", "unit"], rows)
    for text in dict.fromkeys(one["caveat"] for one in results if one.get("caveat")):
        say(text)


def _span(row: Mapping[str, Any]) -> str:
    """Return a figure with its range; a sum of money that rests on no assumption is one number."""
    form = ",.0f" if row["unit"].startswith(("£", "jobs")) else ",.2f"
    return format(row["central"], form) if row["low"] == row["central"] == row["high"] else span(row, form)
