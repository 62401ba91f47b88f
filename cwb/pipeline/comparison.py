"""Runs beside each other: the change between periods explained, payers of one period beside each other, or pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import polars as pl

from cwb.errors import RunError
from cwb.impact import CENTRAL, Area, AssumptionSet, estimate_change
from cwb.impact.assumptions import differences as differences_of
from cwb.impact.assumptions import find_set, set_of
from cwb.indicators import change, comparability, tables
from cwb.indicators.boundaries import align, today
from cwb.indicators.comparability import Check
from cwb.indicators.comparison import explain
from cwb.indicators.explain import per_cent
from cwb.indicators.payers import between_payers, each_payer
from cwb.indicators.periods import by_payer, by_period, top
from cwb.indicators.side import Explained, Side
from cwb.indicators.spent import spent
from cwb.indicators.together import doubled, together
from cwb.pipeline.economics import changed_tables
from cwb.run import Comparison, Run

PERIODS, PAYERS = "periods", "payers"
_SHOWN = (
    "years",
    "institutions",
    "bands",
    "region_including_local",
    "basis",
    "coverage",
    "provenance",
    "top_n",
    "top_n_coverage",
)


def compare(
    runs: Sequence[Run],
    *,
    boundaries: str = "today",
    rank_unlike: bool = False,
    largest: int | None = None,
    assumptions: str | None = None,
) -> Comparison:
    """Return the change between runs explained, or, where all are of one period, what differs between their payers.

    Runs are put in order of time, and payers of one period together, however they were analysed; a lone run of
    several years is compared year by year, and a lone run of one year payer by payer.

    Args:
        runs: of one place.
        boundaries: where districts were merged or recoded between runs, put all on "today"'s or on the "earlier".
        rank_unlike: rank payers even where their ledgers are unlike.
        largest: compare the so many largest suppliers of each side alone.
        assumptions: a shipped set's name, or the path of a user's TOML file; the last run's own set without one.

    Raises:
        RunError: there is nothing to compare, or the runs are of different places.
    """
    chosen = find_set(assumptions) if assumptions else set_of(runs[-1].summary.get("impact") or {}) if runs else CENTRAL
    given = [Side(run.summary, run.spend, run.payees) for run in runs]
    sides, recast = align(_in_order(given), on=boundaries)
    aligned, summaries = sides, [side.summary for side in sides]
    sides = [_together(side) for side in by_period(aligned)]
    kind = PERIODS
    if len(sides) == 1:
        kind, sides = PAYERS, by_payer(sides[0]) if len(given) == 1 else [_named(side) for side in aligned]
    if len(sides) < 2:
        raise RunError(
            f"compare needs two runs or more, or one of several years or payers; found {len(given)} of "
            f"{', '.join(sides[0].summary['institutions']) if sides else 'nothing'}"
        )
    if largest is not None:
        sides = top(sides, largest)
    unlike = comparability.unlikeness(summaries)
    ranked = (
        None if unlike and not rank_unlike else comparability.ranking([side.summary for side in sides], unlike=True)
    )
    if kind == PAYERS:
        between = between_payers(sides, ranked, unlike)
        return _comparison(_Found(kind, between.sides, between.explained, between.checks, unlike, ranked), chosen)
    checks = [*recast, *_checks(sides[0], sides[-1])]
    steps = _step_checks(sides) if len(sides) > 2 else []
    known = spent(sides)
    why = explain(
        sides, known, [[*_largest_alone(sides), *_cautions(checks)], *(_cautions(step["checks"]) for step in steps)]
    )
    found = _Found(kind, sides, _with(why, each_payer(sides, known)), checks, unlike, ranked, steps)
    return _comparison(found, chosen)


@dataclass(frozen=True)
class _Found:
    """What a comparison is made of."""

    kind: str
    sides: Sequence[Side]
    why: Explained
    checks: Sequence[Check]
    unlike: list[str]
    ranked: pl.DataFrame | None
    steps: Sequence[dict[str, Any]] = ()


def _comparison(found: _Found, chosen: AssumptionSet) -> Comparison:
    kind, sides, why, checks = found.kind, found.sides, found.why, found.checks
    before, after = sides[0].summary, sides[-1].summary
    moved = change.change_of_bands(sides[0].pence, sides[-1].pence)
    place = after["place"]
    jobs = estimate_change(
        dict(moved.select("band", "amount_pence").iter_rows()),
        local=Area(place["name"], today(place["local"])),
        region=Area(place["region_name"], today(place["region"])),
        years_from=before["years"], years_to=after["years"], assumptions=chosen,
    )  # fmt: skip
    used = jobs.assumptions if kind == PERIODS else []
    differences = [check.text for check in checks]
    result = {
        "kind": kind,
        "from": {"label": sides[0].label, **{name: before[name] for name in _SHOWN if name in before}},
        "to": {"label": sides[-1].label, **{name: after[name] for name in _SHOWN if name in after}},
        "place": place,
        **change.change_blocks(moved),
        **why.block,
        "notes": _largest_alone(sides),
        # What two payers spend differently is no rise that jobs could rest on.
        "jobs": jobs.block if kind == PERIODS else {},
        "impact": {"set": chosen.name, "differences": differences_of(chosen).to_dicts()},
        "assumptions": [one.model_dump() for one in used],
        "comparable": {
            "ok": not differences, "differences": differences, "checks": [check.as_dict() for check in checks],
            "steps": [{**step, "checks": [check.as_dict() for check in step["checks"]]} for step in found.steps],
        },
        "ranking": {
            "refused": found.unlike if found.ranked is None else [],
            "rows": None if found.ranked is None else found.ranked.to_dicts(),
        },
    }  # fmt: skip
    small = {"change": moved}
    if kind == PERIODS:
        small["change_by_institution"] = change.change_by_institution(_long(before), _long(after))
    small |= {**why.tables, "assumptions": tables.assumptions(used)}
    if kind == PERIODS:
        small |= changed_tables(chosen)
    if found.ranked is not None:
        small["ranking"] = found.ranked
    return Comparison(result, small)


def _in_order(sides: Sequence[Side]) -> list[Side]:
    """Return sides so that the last is the latest, whose boundaries are today's; undated ones as given."""
    if all(side.summary["years"] for side in sides):
        return sorted(sides, key=lambda side: (max(side.summary["years"]), ", ".join(side.summary["institutions"])))
    return list(sides)


def _named(side: Side) -> Side:
    return replace(side, name=", ".join(side.summary["institutions"]))


def _together(side: Side) -> Side:
    """Return a side with what its payers pay each other, where it was put together from several runs."""
    if side.summary.get("together", "not asked") is not None or side.spend is None:
        return side
    if len(side.summary["institutions"]) < 2:
        return side
    return replace(side, summary={**side.summary, "together": together([side]).block})


def _with(one: Explained, more: Explained) -> Explained:
    return Explained({**one.block, **more.block}, {**one.tables, **more.tables})


def _checks(before: Side, after: Side) -> list[Check]:
    return [*comparability.checks(before.summary, after.summary), *doubled(before.summary, after.summary)]


def _largest_alone(sides: Sequence[Side]) -> list[str]:
    """Say how much of each side its largest suppliers are, where these alone are compared."""
    if "top_n_coverage" not in sides[0].summary:
        return []
    told = ", ".join(
        f"{side.label} {per_cent(part)}" for side in sides if (part := side.summary["top_n_coverage"]) is not None
    )
    return [f"Only the {sides[0].summary['top_n']:,} largest suppliers are compared; of all £ they are: {told}."]


def _cautions(checks: Sequence[Check]) -> list[str]:
    return [check.text for check in checks if check.kind != "register"]


def _step_checks(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """Return what makes each period unlike the one before it."""
    return [{"from": a.label, "to": b.label, "checks": _checks(a, b)} for a, b in pairwise(sides)]


def _long(summary: Mapping[str, Any]) -> pl.DataFrame:
    rows = [
        (one["institution"], band, pence) for one in summary["by_institution"] for band, pence in one["bands"].items()
    ]
    schema = {"institution": pl.String, "band": pl.String, "amount_pence": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def pooled(runs: Sequence[Run]) -> Comparison:
    """Return several anchors' runs of one place as one: transfers between them netted off, common suppliers joined.

    A run whose folder holds only its summary adds its bands and its share to the means; what it pays other members is
    then not known, and that is said.

    Raises:
        RunError: no run has spend by supplier, or they are of different places.
    """
    sides, notes = align([Side(run.summary, run.spend, run.payees) for run in runs])
    if all(side.spend is None for side in sides):
        raise RunError("no run has its spend by supplier, so nothing can be netted off; use cwb compare for shares")
    group = together(sides)
    unlike = comparability.unlikeness([side.summary for side in sides])
    shares = [
        f"{', '.join(side.summary['institutions'])} shared sums alone: what it pays the others is not netted off."
        for side in sides
        if side.spend is None
    ]
    differences = [*(note.text for note in notes), *unlike, *shares]
    block = {
        "place": sides[-1].summary["place"],
        "years": sorted({year for side in sides for year in side.summary["years"]}),
        **group.block,
    }
    return Comparison({**block, "comparable": {"ok": not differences, "differences": differences}}, group.tables)
