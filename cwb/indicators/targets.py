"""Targets against actuals: the share of spend in a band or with VCSEs, of all spend or of what is influenceable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from cwb import lookups
from cwb.indicators.shares import share

MEASURES = {
    "local": pl.col("band") == "local",
    "region_including_local": pl.col("band").is_in(["local", "regional"]),
    "leaked": pl.col("band") == "leaked",
    "vcse": pl.col("is_vcse").fill_null(value=False),
    "cooperative": pl.col("is_cooperative").fill_null(value=False),
    "sme": pl.col("is_sme").fill_null(value=False),
}


@dataclass(frozen=True)
class Target:
    """A share that a body aims for: of which measure, of all spend or of the influenceable, and whose aim it is."""

    name: str
    measure: Literal["local", "region_including_local", "leaked", "vcse", "cooperative", "sme"]
    of: Literal["total", "influenceable"]
    aim: float
    at_most: bool = False


def newcastle() -> list[Target]:
    """Return Newcastle's published aims, as an example to start from."""
    rows = lookups.table("indicators/targets").iter_rows(named=True)
    return [Target(row["name"], row["measure"], row["of"], row["aim"], row["at_most"]) for row in rows]


def against(rows: pl.DataFrame, targets: Sequence[Target]) -> pl.DataFrame:
    """Return name, measure, of, aim, actual, gap_points, gap_pence, met, denominator_pence, unknown_share.

    `rows` has band, is_influenceable, is_vcse, is_cooperative, is_sme, amount_pence. gap is what is still to go: in
    percentage points, and in £ of the denominator; zero or less where the aim is met. unknown_share is the part of the
    denominator that has no place (for bands) and could still count.
    """
    return pl.DataFrame([_one(rows, one) for one in targets], schema=_SCHEMA)


_SCHEMA = {
    "name": pl.String, "measure": pl.String, "of": pl.String, "aim": pl.Float64, "actual": pl.Float64,
    "gap_points": pl.Float64, "gap_pence": pl.Int64, "met": pl.Boolean, "denominator_pence": pl.Int64,
    "unknown_share": pl.Float64,
}  # fmt: skip


def _one(rows: pl.DataFrame, target: Target) -> Mapping[str, Any]:
    base = rows.filter(pl.col("is_influenceable")) if target.of == "influenceable" else rows
    total = int(base["amount_pence"].sum())
    amount = int(base.filter(MEASURES[target.measure])["amount_pence"].sum())
    unknown = int(base.filter(pl.col("band") == "unknown")["amount_pence"].sum())
    actual = share(amount, total)
    sign = -1 if target.at_most else 1
    gap = None if actual is None else sign * (target.aim - actual)
    return {
        "name": target.name, "measure": target.measure, "of": target.of, "aim": target.aim, "actual": actual,
        "gap_points": None if gap is None else 100 * gap,
        "gap_pence": None if gap is None else round(sign * (target.aim * total - amount)),
        "met": None if gap is None else gap <= 0, "denominator_pence": total, "unknown_share": share(unknown, total),
    }  # fmt: skip
