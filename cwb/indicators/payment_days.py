"""Payment days: how long invoices wait, and by which band, where a ledger prints both the invoice's date and payment's.

days = payment_date − invoice_date. Ledgers mostly print one date; then nothing is told.
"""

from __future__ import annotations

import polars as pl

from cwb import lookups


def payment_days(rows: pl.DataFrame) -> pl.DataFrame:
    """Return band ("all" for the whole), payments, mean_days, median_days, within_share, untold.

    `rows` has invoice_date, payment_date, band. within_share is of payments made within `indicators.prompt_days`.
    `untold` counts rows without both dates, or paid before the invoice's date, which are left out of the rest.
    """
    days = (pl.col("payment_date") - pl.col("invoice_date")).dt.total_days()
    told = pl.concat([rows.with_columns(band=pl.lit("all")), rows]).with_columns(_days=days)
    known = pl.col("_days").is_not_null() & (pl.col("_days") >= 0)
    within = pl.col("_days").filter(known) <= lookups.number("indicators.prompt_days")
    return (
        told.group_by("band", maintain_order=True)
        .agg(
            payments=known.sum().cast(pl.Int64), mean_days=pl.col("_days").filter(known).mean(),
            median_days=pl.col("_days").filter(known).median(), within_share=within.mean(),
            untold=(~known).sum().cast(pl.Int64),
        )
    )  # fmt: skip
