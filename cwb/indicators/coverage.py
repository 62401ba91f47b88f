"""Coverage: how much of the spend has a place, and how many suppliers, and how much, were matched to a register."""

from __future__ import annotations

from typing import Any

import polars as pl

from cwb.indicators.shares import share
from cwb.schema import BANDS, OUTCOMES


def coverage(sums: pl.DataFrame) -> dict[str, float | None]:
    """Return which share of £ and of suppliers has a place: all four bands less unknown, over all four bands."""
    spent = sums.filter(pl.col("band").is_in(BANDS))
    placed = spent.filter(pl.col("band") != "unknown")
    return {
        "by_amount": share(int(placed["amount_pence"].sum()), total_pence(sums)),
        "by_suppliers": share(int(placed["suppliers"].sum()), int(spent["suppliers"].sum())),
    }


def matching(suppliers: pl.DataFrame, links: pl.DataFrame) -> dict[str, Any]:
    """Return how many suppliers, and how much of the spend, each outcome of matching has; and suppliers by type.

    A supplier without a link counts as unmatched and of unknown type.
    """
    all_of_them = suppliers.select("supplier_id", "amount_pence").join(
        links.select("supplier_id", "outcome", "supplier_type"), on="supplier_id", how="left", validate="1:1"
    )
    told = all_of_them.with_columns(
        pl.col("outcome").fill_null("unmatched"), pl.col("supplier_type").fill_null("unknown")
    )
    sums = {
        outcome: (suppliers_of, pence)
        for outcome, suppliers_of, pence in told.group_by("outcome")
        .agg(pl.len(), pl.col("amount_pence").sum())
        .iter_rows()
    }
    kinds = told.group_by("supplier_type").len().sort("len", "supplier_type", descending=[True, False])
    return {
        **{outcome: sums.get(outcome, (0, 0))[0] for outcome in OUTCOMES},
        "amount_pence": {outcome: sums.get(outcome, (0, 0))[1] for outcome in OUTCOMES},
        "by_type": dict(kinds.iter_rows()),
    }


def total_pence(sums: pl.DataFrame) -> int:
    """Return the pence of the four bands, of `leakage.band_sums`."""
    return int(sums.filter(pl.col("band").is_in(BANDS))["amount_pence"].sum())
