"""Top suppliers by value: CLES's proxy for a whole ledger, always beside how much of the ledger it covers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cwb.indicators.shares import share
from cwb.schema import BANDS

SIZES = (30, 100, 300, 500)


def top_suppliers(rows: pl.DataFrame, sizes: Sequence[int] = SIZES) -> pl.DataFrame:
    """Return top, suppliers, amount_pence, coverage (share of all £), and the share of each band among the top.

    `rows` has payee, band, amount_pence. A size at or above the number of suppliers is the whole ledger, and is listed
    once, as 0. Ties in £ go by name of the payee, so that the answer is the same in each run.
    """
    sums = largest(rows)
    total = int(sums["_all"].sum())
    out = []
    for size in (*(n for n in sizes if n < sums.height), 0):
        top = sums.head(size) if size else sums
        bands = (
            rows.join(top.select("payee"), on="payee", how="semi").group_by("band").agg(pl.col("amount_pence").sum())
        )
        pence = {band: int(p) for band, p in bands.iter_rows()}
        amount = sum(pence.values())
        out.append(
            {
                "top": size, "suppliers": top.height, "amount_pence": amount, "coverage": share(amount, total),
                **{f"{band}_share": share(pence.get(band, 0), amount) for band in BANDS},
            }
        )  # fmt: skip
    schema = {
        "top": pl.Int64, "suppliers": pl.Int64, "amount_pence": pl.Int64, "coverage": pl.Float64,
        **{f"{band}_share": pl.Float64 for band in BANDS},
    }  # fmt: skip
    return pl.DataFrame(out, schema=schema)


def largest(rows: pl.DataFrame, number: int | None = None) -> pl.DataFrame:
    """Return payee and _all (its pence), the most £ first; the first `number`, where one is given."""
    sums = rows.group_by("payee").agg(_all=pl.col("amount_pence").sum()).sort("_all", "payee", descending=[True, False])
    return sums if number is None else sums.head(number)
