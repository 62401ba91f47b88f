"""Runs however they were cut, by payer, by year or all in one, as one side a period, earliest first.

Payers of one period are put together; two periods of one payer stay apart. So the answer does not depend on how many
runs a group's ledgers were analysed in, nor on the order in which they are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from cwb.deflators import start_year
from cwb.errors import RunError
from cwb.indicators.comparability import MONTHS
from cwb.indicators.leakage import REGION
from cwb.indicators.payees import same_payees
from cwb.indicators.shares import share
from cwb.indicators.side import Side
from cwb.indicators.top_n import largest
from cwb.schema import BANDS


def by_period(sides: Sequence[Side]) -> list[Side]:
    """Return one side a period, earliest first: a lone run of several years by year, payers of one period as one.

    Two runs are of one period where they hold the same years, no payer twice, and some months in common where both
    have dates. Runs without a year keep the order in which they are given.

    Raises:
        RunError: a lone run of several years has no spend by supplier to tell them apart.
    """
    if len(sides) == 1:
        sides = by_year(sides[0])
    groups: list[list[Side]] = []
    for side in sides:
        group = next((g for g in groups if all(_one_period(side, other) for other in g)), None)
        if group is None:
            groups.append([side])
        else:
            group.append(side)
    made = [group[0] if len(group) == 1 else merged(group) for group in groups]
    return sorted(made, key=_when) if all(side.summary["years"] for side in made) else made


def by_payer(side: Side) -> list[Side]:
    """Return one side a payer of a side, in order of name; the side itself where it holds one or no spend."""
    names = side.summary["institutions"]
    if len(names) < 2 or side.spend is None:
        return [side]
    return [_part(side, pl.col("institution") == name, institutions=[name]) for name in sorted(names)]


def by_year(side: Side) -> list[Side]:
    """Return one side a financial year of a run; spend without a year is in none of them.

    Raises:
        RunError: it holds several years and no spend by supplier.
    """
    years = side.summary["years"]
    if len(years) < 2:
        return [side]
    if side.spend is None:
        raise RunError("the run holds several years and no spend by supplier to tell them apart; analyse each alone")
    return [_part(side, pl.col("financial_year") == year, years=[year]) for year in sorted(years, key=start_year)]


def top(sides: Sequence[Side], number: int) -> list[Side]:
    """Return each side with the spend of its largest suppliers alone, and how much of all £ that is in `top_n`.

    Raises:
        RunError: a side has no spend by supplier, or the number is below one.
    """
    if number < 1:
        raise RunError(f"the number of largest suppliers is one or more; found {number}")
    out = []
    for side in sides:
        if side.spend is None or side.payees is None:
            raise RunError(f"the run of {side.label} has no spend by supplier, so its largest are not known")
        payees = same_payees([side.payees])[0]
        kept = side.spend.join(payees.select("supplier_id", "payee"), on="supplier_id", validate="m:1")
        kept = kept.join(largest(kept, number), on="payee", how="semi").drop("payee")
        whole = int(side.spend["amount_pence"].sum())
        summary = {
            **summed(side.summary, kept, side.payees), "top_n": number,
            "top_n_coverage": share(int(kept["amount_pence"].sum()), whole),
        }  # fmt: skip
        out.append(replace(side, summary=summary, spend=kept))
    return out


def _part(side: Side, chosen: pl.Expr, **said: list[str]) -> Side:
    """Return the part of a side whose spend is chosen, with the summary of that part; `said` names what it holds."""
    assert side.spend is not None
    assert side.payees is not None
    spend = side.spend.filter(chosen)
    payees = side.payees.join(spend.select("supplier_id").unique(), on="supplier_id", how="semi")
    summary = summed({**side.summary, **said}, spend, payees)
    held = {(one["institution"], one["financial_year"]) for one in summary["by_institution"]}
    told = [one for one in side.summary.get("profile", ()) if (one["institution"], one["financial_year"]) in held]
    names = sorted({one["institution"] for one in summary["by_institution"]})
    return Side({**summary, "institutions": names, "profile": told, "together": None}, spend, payees)


def _one_period(side: Side, other: Side) -> bool:
    one, two = side.summary, other.summary
    if list(one["years"]) != list(two["years"]) or set(one["institutions"]) & set(two["institutions"]):
        return False
    mine, theirs = months_of(one), months_of(two)
    return not mine or not theirs or bool(mine & theirs)


def months_of(summary: Mapping[str, Any]) -> set[int]:
    """Return the months, 1 to 12, in which a run holds payments; empty where it has no dates."""
    return {int(month) for one in summary.get("profile", ()) for month in one["months"]}


def _when(side: Side) -> tuple[int, int, int]:
    years = [start_year(year) for year in side.summary["years"]]
    months = [MONTHS.index(month) for month in months_of(side.summary)]
    return min(years), max(years), min(months, default=0)


def merged(sides: Sequence[Side]) -> Side:
    """Return the runs of several payers in one period as one; without spend by supplier where one of them has none."""
    first = sides[0].summary
    frames = [(s.spend, s.payees) for s in sides if s.spend is not None and s.payees is not None]
    spend = payees = None
    summary: dict[str, Any] = {
        **first,
        "institutions": [name for side in sides for name in side.summary["institutions"]],
        "profile": [one for side in sides for one in side.summary.get("profile", ())],
        "basis": _common([side.summary["basis"] for side in sides]),
        "provenance": {
            **first["provenance"],
            **{key: _common([s.summary["provenance"][key] for s in sides]) for key in ("postcodes", "version")},
            "inputs": [one for side in sides for one in side.summary["provenance"]["inputs"]],
        },
        "together": None,
    }
    if len(frames) == len(sides):
        # Runs name their suppliers each for itself, and may place one in two bands.
        own = [pl.format("{}:{}", pl.lit(n), "supplier_id").alias("supplier_id") for n in range(len(sides))]
        spend = pl.concat([frame.with_columns(key) for (frame, _), key in zip(frames, own, strict=True)])
        payees = pl.concat([frame.with_columns(key) for (_, frame), key in zip(frames, own, strict=True)])
        return Side(summed(summary, spend, payees), spend, payees)
    return Side(_added_up(summary, [side.summary for side in sides]))


def _common(values: Sequence[Any]) -> Any:
    told = sorted({str(value) for value in values})
    return values[0] if len(told) == 1 else "; ".join(told)


def summed(summary: Mapping[str, Any], spend: pl.DataFrame, payees: pl.DataFrame) -> dict[str, Any]:
    """Return a summary whose bands, coverage and payers are summed again from the spend by supplier."""
    banded = spend.join(payees.select("supplier_id", "band"), on="supplier_id", how="left", validate="m:1")
    sums = banded.group_by("band").agg(
        pl.col("amount_pence", "payments").sum(), suppliers=pl.col("supplier_id").n_unique()
    )
    by_band = {row["band"]: row for row in sums.iter_rows(named=True)}
    grid = banded.group_by("institution", "financial_year", "band").agg(pl.col("amount_pence").sum())
    payers: dict[tuple[str, str | None], dict[str, int]] = {}
    for who, year, band, pence in grid.sort("institution", "financial_year").iter_rows():
        payers.setdefault((who, year), dict.fromkeys(BANDS, 0))[band] = pence
    by_institution = [{"institution": who, "financial_year": year, "bands": row} for (who, year), row in payers.items()]
    return _with_bands({**summary, "by_institution": by_institution}, by_band)


def _added_up(summary: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a summary of several runs from their summaries alone; a supplier of two payers counts twice."""
    by_band = {
        band: {k: sum(one["bands"][band].get(k) or 0 for one in parts) for k in _COUNTS} for band in BANDS
    }  # fmt: skip
    return _with_bands({**summary, "by_institution": [row for one in parts for row in one["by_institution"]]}, by_band)


_COUNTS = ("amount_pence", "payments", "suppliers")


def _with_bands(summary: Mapping[str, Any], by_band: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    empty = dict.fromkeys(_COUNTS, 0)
    total = sum(int(row["amount_pence"]) for row in by_band.values())
    bands: dict[str, dict[str, Any]] = {
        band: {**{k: int(by_band.get(band, empty)[k]) for k in _COUNTS},
               "share": share(int(by_band.get(band, empty)["amount_pence"]), total)}
        for band in BANDS
    }  # fmt: skip
    inside = {k: bands["local"][k] + bands["regional"][k] for k in _COUNTS}
    everyone = sum(bands[b]["suppliers"] for b in BANDS)
    return {
        **summary,
        "bands": bands,
        REGION: {**inside, "share": share(inside["amount_pence"], total)},
        "coverage": {
            "by_amount": share(total - bands["unknown"]["amount_pence"], total),
            "by_suppliers": share(everyone - bands["unknown"]["suppliers"], everyone),
        },
    }
