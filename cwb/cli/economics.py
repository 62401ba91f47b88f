"""`cwb impact`, `multipliers`, `scenario`: what spend supports, and what if."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cwb.cli.common import (
    Assumptions,
    IoTable,
    JobsFile,
    Json,
    PlaceName,
    Quotient,
    Run,
    grid,
    print_json,
    say,
    span,
)

app = typer.Typer()

_ENDS = ("low", "central", "high")
_HERE, _SHIPPED = ("low", "value", "high"), ("shipped_low", "shipped", "shipped_high")


@app.command()
def impact(
    run: Run,
    assumptions: Assumptions = "central",
    jobs: JobsFile = None,
    table: IoTable = None,
    quotient: Quotient = "flq",
    as_json: Json = False,
) -> None:
    """Show what a run's spend supports, each figure with its range, under a set of assumptions."""
    from cwb import pipeline

    found = pipeline.impact(pipeline.read_run(run), assumptions, jobs=jobs, workbook=table, quotient=quotient)
    if as_json:
        print_json({**found.block, "used": [one.model_dump() for one in found.assumptions]})
        return
    rows = []
    for one in found.block["figures"]:
        form = ".2f" if one["unit"].startswith("£") else ",.0f"
        drawn = one.get("interval")
        between = f"{drawn['low']:{form}} to {drawn['high']:{form}}" if drawn else "–"
        rows.append([one["label"], span(one, form), between, one["unit"]])
    share = next((one["interval"]["share"] for one in found.block["figures"] if one.get("interval")), 0.9)
    headings = ["figure", "central (low to high)", f"{share:.0%} of draws", "unit"]
    grid(f"Assumptions: {found.block['set']}", headings, rows)
    for one in found.block["differences"]:
        here, shipped = ({end: one[key] for end, key in zip(_ENDS, keys, strict=True)} for keys in (_HERE, _SHIPPED))
        form = ",.0f" if one["value"] >= 1000 else ".4g"
        say(f"{one['label']}: {span(here, form)} here, {span(shipped, form)} shipped ({one['unit']})")
    for note in [*found.block["notes"], *dict.fromkeys(one["caveat"] for one in found.block["figures"])]:
        say(note)


@app.command()
def multipliers(
    place: PlaceName,
    jobs: JobsFile = None,
    table: IoTable = None,
    quotient: Quotient = "flq",
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
    measures = ("type1_output", "type2_output", "type1_gva", "type1_jobs")  # what a terminal holds; --json has all
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
