"""Sums that stand under a table, or in its place."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def total_row(frame: pl.DataFrame, label: str, name: str, columns: Sequence[str]) -> pl.DataFrame:
    """Return one row: `name` in the column `label`, and the sums of `columns` over all rows of `frame`."""
    return frame.select(pl.lit(name).alias(label), pl.col(columns).sum())


def summed(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return the sums of the whole-number columns of `frame` for each value of `by`, in order of appearance."""
    return frame.group_by(by, maintain_order=True).agg(pl.col(pl.Int64).sum())
