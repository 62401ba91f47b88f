"""The flow of spend: from the payer, through what is bought, to where the supplier is."""

from __future__ import annotations

import polars as pl

from cwb import lookups
from cwb.indicators.classification import UNKNOWN
from cwb.indicators.sector import UNKNOWN as SECTOR_UNKNOWN

_BY = ["institution", "proclass", "section_name", "band"]


def flow(rows: pl.DataFrame) -> pl.DataFrame:
    """Return institution, proclass, section_name, band, amount_pence, biggest £ first; the £ sum to the spend.

    `rows` has institution, proclass (null where the crosswalk has none), sic_section, band, amount_pence.
    """
    names = dict(lookups.table("sic_sections").select("section", "section_name").unique().iter_rows())
    told = rows.with_columns(
        pl.col("proclass").fill_null(UNKNOWN),
        section_name=pl.col("sic_section").replace_strict(names, default=SECTOR_UNKNOWN, return_dtype=pl.String),
    )
    return (
        told.group_by(_BY).agg(pl.col("amount_pence").sum()).sort("amount_pence", *_BY, descending=[True] + [False] * 4)
    )
