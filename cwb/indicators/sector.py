"""Leakage by sector: the share of each SIC 2007 section that stays, and what each adds to what leaks."""

from __future__ import annotations

import polars as pl

from cwb import lookups

UNKNOWN = "Sector not known"


def sector_leakage(rows: pl.DataFrame) -> pl.DataFrame:
    """Return sic_section, section_name, amount_pence, local_share, leaked_share, unknown_share, share_of_leaked.

    `rows` has sic_section (null where no matched register tells it), band, amount_pence. Biggest £ first; shares are
    of the section's own £, null where that is not above zero.
    """
    names = lookups.table("sic_sections").select("section", "section_name").unique()
    leaked = int(rows.filter(pl.col("band") == "leaked")["amount_pence"].sum())
    amount = pl.col("amount_pence")
    sums = rows.group_by("sic_section").agg(
        amount.sum(), **{b: amount.filter(pl.col("band") == b).sum() for b in ("local", "leaked", "unknown")}
    )
    shares = [
        pl.when(amount > 0).then(pl.col(band) / amount).alias(f"{band}_share")
        for band in ("local", "leaked", "unknown")
    ]
    of_leaked = pl.col("leaked") / leaked if leaked > 0 else pl.lit(None, dtype=pl.Float64)
    return (
        sums.with_columns(*shares, share_of_leaked=of_leaked)
        .join(names, left_on="sic_section", right_on="section", how="left", validate="m:1")
        .with_columns(pl.col("section_name").fill_null(UNKNOWN))
        .select(
            "sic_section", "section_name", "amount_pence", "local_share", "leaked_share", "unknown_share",
            "share_of_leaked",
        )
        .sort("amount_pence", "section_name", descending=[True, False])
    )  # fmt: skip
