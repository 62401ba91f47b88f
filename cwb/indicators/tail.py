"""Tail spend: the many suppliers and payments that together are little money, and what they cost to run."""

from __future__ import annotations

import polars as pl

from cwb import lookups
from cwb.indicators.shares import share
from cwb.indicators.spend import WITHHELD


def tail(rows: pl.DataFrame) -> pl.DataFrame:
    """Return part ("head", "tail"), suppliers, payments, amount_pence, suppliers_share, payments_share, amount_share,
    local_share.

    The head is the largest suppliers that together make the share `indicators.head` of all £; the tail is the rest.
    `rows` has payee, supplier_type, band, amount_pence, payments; withheld names are left out of both.
    """
    seen = rows.filter(~pl.col("supplier_type").is_in(WITHHELD))
    sums = seen.group_by("payee").agg(
        pl.col("amount_pence", "payments").sum(),
        local=pl.col("amount_pence").filter(pl.col("band") == "local").sum(),
    ).sort("amount_pence", "payee", descending=[True, False])  # fmt: skip
    total = int(sums["amount_pence"].sum())
    limit = lookups.number("indicators.head") * total
    before = pl.col("amount_pence").cum_sum() - pl.col("amount_pence")
    parted = sums.with_columns(part=pl.when(before < limit).then(pl.lit("head")).otherwise(pl.lit("tail")))
    found = parted.group_by("part").agg(
        suppliers=pl.len().cast(pl.Int64), payments=pl.col("payments").sum(), amount_pence=pl.col("amount_pence").sum(),
        local=pl.col("local").sum(),
    ).sort("part")  # fmt: skip
    whole = found.select(pl.col("suppliers", "payments").sum()).row(0, named=True)
    return pl.DataFrame(
        [
            {
                **{k: row[k] for k in ("part", "suppliers", "payments", "amount_pence")},
                "suppliers_share": share(row["suppliers"], whole["suppliers"]),
                "payments_share": share(row["payments"], whole["payments"]),
                "amount_share": share(row["amount_pence"], total),
                "local_share": share(row["local"], row["amount_pence"]),
            }
            for row in found.iter_rows(named=True)
        ]
    )
