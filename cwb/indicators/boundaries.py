"""Districts that were merged or recoded between two runs: put both on one set of boundaries, and say what that moved.

Today's districts hold earlier ones whole, so past years can be recast on today's exactly. The reverse is exact only
where a district of today holds no ground that was outside the earlier place; elsewhere it stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl

from cwb import lookups
from cwb.errors import RunError
from cwb.indicators.comparability import Check
from cwb.indicators.explain import money
from cwb.indicators.periods import summed
from cwb.indicators.side import Side


@cache
def _successors() -> Mapping[str, str]:
    """Return codes out of use with the code of today that holds their ground."""
    direct = dict(lookups.table("places/recoded").select("old_code", "lad_code").iter_rows())
    out = {}
    for old in direct:
        now = old
        while now in direct:
            now = direct[now]
        out[old] = now
    return out


def today(codes: Iterable[str]) -> frozenset[str]:
    """Return the districts of today that hold the ground of districts of any year."""
    return frozenset(_successors().get(code, code) for code in codes)


def align(sides: Sequence[Side], *, on: str = "today") -> tuple[list[Side], list[Check]]:
    """Return the runs on one set of boundaries, and what was recast.

    Args:
        sides: earliest first.
        on: "today" puts every run on the place of the last; "earlier" on that of the first.

    Raises:
        RunError: the runs are of different places for another reason than districts merged or recoded, or the spend
            by supplier that recasting needs is not in a run's folder.
    """
    if on not in ("today", "earlier"):
        raise RunError(f"boundaries '{on}' are neither today's nor the earlier ones: say today or earlier")
    target = sides[-1 if on == "today" else 0]
    out, notes = [], []
    for side in sides:
        place, wanted = side.summary["place"], target.summary["place"]
        if all(place[area] == wanted[area] for area in ("local", "region")):
            out.append(side)
            continue
        if any(today(place[area]) != today(wanted[area]) for area in ("local", "region")):
            names = [f"{one['name']} in {one['region_name']}" for one in (sides[0].summary["place"], place)]
            if sides[0].summary["place"] == place:
                names[1] = f"{wanted['name']} in {wanted['region_name']}"
            raise RunError(f"the runs are of different places: {names[0]}; {names[1]}. Analyse both for the same place")
        if side.spend is None or side.payees is None:
            raise RunError(
                f"the run of {side.label} is on other boundaries and its folder has no spend by supplier to recast; "
                "analyse its ledgers again"
            )
        moved = recast(side, wanted, on=on)
        out.append(moved)
        notes.append(_note(side, moved, on))
    return out, notes


def recast(side: Side, place: Mapping[str, Any], *, on: str = "today") -> Side:
    """Return a run with its bands on the boundaries of another place; its pence stay the same.

    A supplier with a district gets the band of that district; one without keeps its own. Going back, a district that
    is only partly in the earlier place makes its suppliers unknown.
    """
    assert side.spend is not None
    assert side.payees is not None
    code = pl.col("lad_code")
    if on == "today":
        now = code.replace(_successors())
        local, region = (now.is_in(sorted(today(place[area]))) for area in ("local", "region"))
        unclear: pl.Expr = pl.lit(value=False)
    else:
        now = code
        local, region, unclear = (
            code.is_in(sorted(which)) for which in _before(place["local"], place["region"])
        )  # fmt: skip
    band = (
        pl.when(code.is_null() | (pl.col("basis") == "none")).then("band")
        .when(unclear).then(pl.lit("unknown")).when(local).then(pl.lit("local"))
        .when(region).then(pl.lit("regional")).otherwise(pl.lit("leaked"))
    )  # fmt: skip
    payees = side.payees.with_columns(band.alias("band"), now.alias("lad_code"))
    summary = {**summed(side.summary, side.spend, payees), "place": dict(place)}
    return replace(side, summary=summary, payees=payees)


def _before(local: Iterable[str], region: Iterable[str]) -> tuple[set[str], set[str], set[str]]:
    """Return today's districts wholly in the earlier local area, wholly in its region, and partly in either."""
    grown: dict[str, set[str]] = {}
    for old, now in _successors().items():
        grown.setdefault(now, set()).add(old)
    wholly, unclear = [], set()
    for area in (set(local), set(region)):
        inside = {c for c in area if c not in _successors()}
        for now, olds in grown.items():
            if olds <= area:
                inside.add(now)
            elif olds & area:
                unclear.add(now)
        wholly.append(inside)
    return wholly[0], wholly[1], unclear


def _note(before: Side, after: Side, on: str) -> Check:
    gone = sorted(set(before.summary["place"]["region"]) - set(after.summary["place"]["region"]))
    names = dict(lookups.table("places/recoded").select("old_code", "old_name").iter_rows())
    names |= dict(lookups.table("districts").select("lad_code", "lad_name").iter_rows())
    told = ", ".join(names.get(code, code) for code in gone) or "districts"
    moved = after.pence["local"] - before.pence["local"]
    how = "today's boundaries" if on == "today" else "the boundaries of the earlier run"
    effect = "which moves no money" if moved == 0 else (
        f"which alone {'adds' if moved > 0 else 'takes'} {money(moved)} {'to' if moved > 0 else 'from'} its local spend"
    )  # fmt: skip
    unknown = after.pence["unknown"] - before.pence["unknown"]
    unclear = f"; {money(unknown)} lies in districts merged since and cannot be put on them" if unknown > 0 else ""
    return Check(
        "boundaries", None,
        f"Boundaries changed ({told}): the run of {before.label} is recast on {how}, {effect}{unclear}.",
    )  # fmt: skip
