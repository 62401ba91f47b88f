"""Runs beside each other: the change between years, several payers as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from cwb.errors import RunError
from cwb.impact import Area, estimate_change
from cwb.indicators import change, comparability, tables
from cwb.indicators.boundaries import align, today
from cwb.indicators.comparison import Side, explain
from cwb.indicators.together import doubled, together
from cwb.pipeline.summary import pence_by_band
from cwb.run import Comparison, Run


def compare(runs: Sequence[Run], *, boundaries: str = "today", rank_unlike: bool = False) -> Comparison:
    """Return the change from the first to the last of two or more runs, explained, and the series between them.

    Args:
        runs: the earliest first.
        boundaries: where districts were merged or recoded between runs, put all on "today"'s or on the "earlier".
        rank_unlike: rank payers even where their ledgers are unlike.

    Raises:
        RunError: there are not two runs, or they are of different places.
    """
    if len(runs) < 2:
        raise RunError(f"compare needs two runs or more, the earliest first; found {len(runs)}")
    sides, recast = align([Side(run.summary, run.spend, run.payees) for run in runs], on=boundaries)
    before, after = sides[0].summary, sides[-1].summary
    moved = change.change_of_bands(pence_by_band(before), pence_by_band(after))
    place = after["place"]
    jobs = estimate_change(
        dict(moved.select("band", "amount_pence").iter_rows()),
        local=Area(place["name"], today(place["local"])),
        region=Area(place["region_name"], today(place["region"])),
        years_from=before["years"], years_to=after["years"],
    )  # fmt: skip
    checks = [*recast, *comparability.checks(before, after), *doubled(before, after)]
    differences = [check.text for check in checks]
    why = explain(sides, [check.text for check in checks if check.kind != "register"])
    unlike = comparability.unlikeness([side.summary for side in sides])
    ranked = (
        None if unlike and not rank_unlike else comparability.ranking([side.summary for side in sides], unlike=True)
    )
    shown = ("years", "institutions", "bands", "region_including_local", "basis", "coverage", "provenance")
    result = {
        "from": {name: before[name] for name in shown},
        "to": {name: after[name] for name in shown},
        "place": place,
        **change.change_blocks(moved),
        **why.block,
        "jobs": jobs.block,
        "assumptions": [one.model_dump() for one in jobs.assumptions],
        "comparable": {
            "ok": not differences, "differences": differences, "checks": [check.as_dict() for check in checks],
            "steps": _step_checks(sides) if len(sides) > 2 else [],
        },
        "ranking": {"refused": unlike if ranked is None else [], "rows": None if ranked is None else ranked.to_dicts()},
    }  # fmt: skip
    small = {
        "change": moved,
        "change_by_institution": change.change_by_institution(_long(before), _long(after)),
        **why.tables,
        "assumptions": tables.assumptions(jobs.assumptions),
    }
    if ranked is not None:
        small["ranking"] = ranked
    return Comparison(result, small)


def _step_checks(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """Return what makes each run of a series unlike the one before it."""
    return [
        {
            "from": a.label,
            "to": b.label,
            "checks": [
                one.as_dict() for one in (*comparability.checks(a.summary, b.summary), *doubled(a.summary, b.summary))
            ],
        }
        for a, b in pairwise(sides)
    ]


def pooled(runs: Sequence[Run]) -> Comparison:
    """Return several anchors' runs of one place as one: transfers between them netted off, common suppliers joined.

    Raises:
        RunError: a run's folder has no spend by supplier, or they are of different places.
    """
    sides, notes = align([Side(run.summary, run.spend, run.payees) for run in runs])
    without = [side.label for side in sides if side.spend is None]
    if without:
        raise RunError(f"the run of {without[0]} has no spend by supplier, so transfers cannot be netted off")
    group = together(sides)
    unlike = comparability.unlikeness([side.summary for side in sides])
    differences = [*(note.text for note in notes), *unlike]
    return Comparison({**group.block, "comparable": {"ok": not differences, "differences": differences}}, group.tables)


def _long(summary: Mapping[str, Any]) -> pl.DataFrame:
    rows = [
        (one["institution"], band, pence) for one in summary["by_institution"] for band, pence in one["bands"].items()
    ]
    schema = {"institution": pl.String, "band": pl.String, "amount_pence": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
