"""What a report of a comparison says, in sentences made from the numbers: see `cwb.report.story` for that of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cwb.charts.about import years_of
from cwb.charts.change import WITH_LOCAL, names_of
from cwb.charts.impact import estimates
from cwb.charts.theme import BAND_COLOURS
from cwb.charts.words import change, money, percent, points
from cwb.report.story import NOT_CAUSE, Tile, tidy
from cwb.schema import BANDS


def tiles(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Tile]:
    """Return the headline numbers of a comparison: the change of each band, or of payers the two means."""
    names = names_of(compare)
    if compare.get("kind") == "payers":
        local = compare["means"]["local"]
        each = [
            (f"In {names['local']}, weighted by £", local["weighted_share"]),
            (f"In {names['local']}, plain mean", local["unweighted_share"]),
        ]
        return [
            Tile(label, percent(value), f"of {local['institutions']} institutions", BAND_COLOURS["local"])
            for label, value in each
        ]
    rows = {row["band"]: row for row in tables["change"].iter_rows(named=True)}
    return [
        Tile(
            {"local": f"In {names['local']}"}.get(band, names[band]), points(rows[band]["share_points"]),
            f"{change(rows[band]['amount_pence'])}, from {percent(rows[band]['share_from'])} to "
            f"{percent(rows[band]['share_to'])}",
            BAND_COLOURS.get(band, BAND_COLOURS["regional"]),
        )
        for band in ("local", WITH_LOCAL, "leaked", "unknown")
    ]  # fmt: skip


def span(compare: Mapping[str, Any]) -> tuple[str, str]:
    """Return the names of the two sides: their years."""
    before, after = (compare[side].get("label") or years_of(compare[side]) for side in ("from", "to"))
    return before or "the earlier run", after or "the later run"


def title(compare: Mapping[str, Any]) -> str:
    """Return the comparison's title."""
    if compare.get("kind") == "payers":
        return f"How the institutions differ: {years_of(compare['to']) or 'undated'}"
    return f"How the money moved: {' to '.join(span(compare))}"


def _moved(where: str, row: Mapping[str, Any], sides: tuple[str, str]) -> str:
    size, less = money(abs(row["amount_pence"])), row["amount_pence"] < 0
    verb = f"{'fell' if less else 'rose'} by {size}" if row["amount_pence"] else "did not change"
    text = (
        f"Spend {where} {verb}, from {money(row['from_pence'])} ({percent(row['share_from'])}) in {sides[0]} to "
        f"{money(row['to_pence'])} ({percent(row['share_to'])}) in {sides[1]}"
    )
    text += f": {points(row['share_points'])}." if row["share_points"] is not None else "."
    return f"{text} {_parts(row)}".strip()


def _parts(row: Mapping[str, Any]) -> str:
    """Say in words how much is volume and how much rate: as parts of the change, or as one against the other."""
    volume, rate = row["volume_pence"], row["rate_pence"]
    if volume is None or not row["amount_pence"]:
        return ""
    total = "less" if volume < 0 else "more"
    share = "smaller" if rate < 0 else "larger"
    if (volume < 0) == (rate < 0):
        return (
            f"{money(abs(volume))} of that is because {total} was spent in all, and {money(abs(rate))} because a "
            f"{share} "
            "share of each pound went there."
        )
    return (
        f"Because {total} was spent in all it would have {'fallen' if volume < 0 else 'risen'} by "
        f"{money(abs(volume))}; "
        f"a {share} share of each pound {'took' if rate < 0 else 'added'} {money(abs(rate))}."
    )


def moved(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Return the change, or what differs between payers, in sentences a councillor can read out."""
    if compare.get("kind") == "payers":
        place = names_of(compare)["local"]
        return [
            f"{one['label']} spent {percent(one['bands']['local']['share'])} in {place}."
            for one in reversed(compare["series"])
        ]
    names, sides = names_of(compare), span(compare)
    rows = {row["band"]: row for row in tables["change"].iter_rows(named=True)}
    before, after = (sum(int(rows[b][k]) for b in BANDS) for k in ("from_pence", "to_pence"))
    verb = "rose" if after > before else "fell" if after < before else "stayed the same"
    out = [f"Total spend {verb} from {money(before)} in {sides[0]} to {money(after)} in {sides[1]}."]
    outside = names["leaked"].removeprefix("Outside ")
    where = {
        "local": f"in {names['local']}",
        WITH_LOCAL: f"in {outside} with {names['local']} in it",
        "leaked": f"outside {outside}",
    }
    out += [_moved(text, rows[band], sides) for band, text in where.items()]
    jobs = estimates((compare.get("jobs") or {}).values())
    if jobs:
        said = "; ".join(f"{e.label}: {e.text}" for e in jobs)
        out.append(f"{said}. Local jobs are inside the region's: never add the two. {NOT_CAUSE}")
    return out


def method(compare: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return how the change was worked out."""
    if compare.get("kind") == "payers":
        return [
            ("Two means", "Weighted: £ of all in the band over £ of all, so the largest payer says most. Plain: the "
             "mean of the institutions' own shares, so each says as much."),
            ("Points, not per cent", "A difference of shares is in percentage points: from 5% to 18% is 13 points."),
            ("Shares", "Shares are of all payments of each institution, the unknown included."),
        ]  # fmt: skip
    before, after = span(compare)
    weighting = str(compare.get("weighting") or "volume at the base year's share, rate at the later year's total")
    return [
        (
            "Two parts",
            "Volume is what would have changed had only total spend moved, each band keeping its share of "
            f"{before}; rate is "
            f"the rest: the change of share, on the total of {after}. The two add up to the change to the penny. "
            f"Weights: {weighting}. Weighting by the other year would move some pounds from one part to the other.",
        ),
        (
            "Points, not per cent",
            "A change of share is in percentage points: from 5% to 18% is 13 points, not 13%.",
        ),
        (
            "Shares",
            "Shares are of all payments in each run, the unknown included. Amounts are in the prices of their "
            "own year.",
        ),
    ]


def differences(compare: Mapping[str, Any]) -> list[str]:
    """Return what is not like for like between the two runs."""
    return [tidy(d) for d in (compare.get("comparable") or {}).get("differences") or []]
