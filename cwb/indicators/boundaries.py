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
from cwb.indicators.comparison import Side
from cwb.indicators.explain import money
from cwb.indicators.leakage import REGION, share
from cwb.schema import BANDS


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
    return replace(side, summary=_with_bands(side.summary, side.spend, payees, place), payees=payees)


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


def _with_bands(
    summary: Mapping[str, Any], spend: pl.DataFrame, payees: pl.DataFrame, place: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a summary whose bands, and those of its payers, are summed again from the spend by supplier."""
    banded = spend.join(payees.select("supplier_id", "band"), on="supplier_id", how="left", validate="m:1")
    sums = banded.group_by("band").agg(
        pl.col("amount_pence", "payments").sum(), suppliers=pl.col("supplier_id").n_unique()
    )
    by_band = {row["band"]: row for row in sums.iter_rows(named=True)}
    empty = {"amount_pence": 0, "payments": 0, "suppliers": 0}
    total = int(banded["amount_pence"].sum())
    bands: dict[str, dict[str, Any]] = {
        band: {**{k: int(by_band.get(band, empty)[k]) for k in empty},
               "share": share(int(by_band.get(band, empty)["amount_pence"]), total)}
        for band in BANDS
    }  # fmt: skip
    inside = {k: bands["local"][k] + bands["regional"][k] for k in empty}
    grid = banded.group_by("institution", "financial_year", "band").agg(pl.col("amount_pence").sum())
    payers: dict[tuple[str, str | None], dict[str, int]] = {}
    for who, year, band, pence in grid.sort("institution", "financial_year").iter_rows():
        payers.setdefault((who, year), dict.fromkeys(BANDS, 0))[band] = pence
    placed, everyone = total - bands["unknown"]["amount_pence"], sum(bands[b]["suppliers"] for b in BANDS)
    return {
        **summary,
        "place": dict(place),
        "bands": bands,
        REGION: {**inside, "share": share(inside["amount_pence"], total)},
        "coverage": {
            "by_amount": share(placed, total),
            "by_suppliers": share(everyone - bands["unknown"]["suppliers"], everyone),
        },
        "by_institution": [
            {"institution": who, "financial_year": year, "bands": row} for (who, year), row in payers.items()
        ],
    }


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
