"""A share of a total, where there is one; sums of shares."""

from __future__ import annotations

import polars as pl


def share(part: int, total: int) -> float | None:
    """Return part / total, or None where the total is not above zero."""
    return part / total if total > 0 else None


def in_one_order(values: pl.Expr) -> pl.Expr:
    """Return the sum of values that are no whole numbers, least first, so that its last digit is the same each time."""
    return values.drop_nulls().sort().cum_sum().last()  # polars leaves a sort out before a plain sum
