"""Where the money lands: by district always; by ward and deprivation decile where the user has added those files."""

from __future__ import annotations

import polars as pl

from cwb import lookups
from cwb.indicators.spend import WITHHELD
from cwb.postcodes import locate

NOT_PLACED = "Not placed"


def by_district(rows: pl.DataFrame) -> pl.DataFrame:
    """Return lad_code, lad_name, band, amount_pence, share, suppliers, biggest £ first; what has no place is one row.

    `rows` has lad_code, band, payee, amount_pence.
    """
    names = lookups.table("districts").select("lad_code", "lad_name")
    total = int(rows["amount_pence"].sum())
    part = pl.col("amount_pence") / total if total > 0 else pl.lit(None, dtype=pl.Float64)
    return (
        rows.group_by("lad_code", "band")
        .agg(pl.col("amount_pence").sum(), suppliers=pl.col("payee").n_unique().cast(pl.Int64))
        .join(names, on="lad_code", how="left", validate="m:1")
        .with_columns(pl.col("lad_name").fill_null(NOT_PLACED), share=part)
        .select("lad_code", "lad_name", "band", "amount_pence", "share", "suppliers")
        .sort("amount_pence", "lad_name", "band", descending=[True, False, False])
    )


def by_sector(rows: pl.DataFrame) -> pl.DataFrame:
    """Return sector, amount_pence, suppliers, easting, northing of local spend by postcode sector, biggest £ first.

    The grid reference (metres) is the mean of the suppliers' own. One row without a sector holds what has no whole
    postcode and what went to individuals and hidden payees, whose sector could lead to a home.

    Args:
        rows: postcode (in capitals with one space), band, payee, supplier_type, amount_pence.
    """
    local = rows.filter(pl.col("band") == "local")
    shown = pl.when(~pl.col("supplier_type").is_in(WITHHELD)).then("postcode").alias("postcode")
    local = local.with_columns(shown)
    places = (
        locate(local["postcode"].drop_nulls().unique()).select("postcode", "easting", "northing").unique("postcode")
    )
    return (
        local.join(places, on="postcode", how="left", validate="m:1")
        .with_columns(sector=pl.when(pl.col("easting").is_not_null()).then(pl.col("postcode").str.head(-2)))
        .group_by("sector")
        .agg(
            pl.col("amount_pence").sum(), suppliers=pl.col("payee").n_unique().cast(pl.Int64),
            **{c: pl.col(c).mean().round(0) for c in ("easting", "northing")},
        )
        .sort("amount_pence", "sector", descending=[True, False])
    )  # fmt: skip


def by_ward(rows: pl.DataFrame, wards: pl.DataFrame) -> pl.DataFrame:
    """Return ward_code, ward_name, amount_pence, suppliers of local spend, biggest first; one row for no ward.

    Args:
        rows: postcode (in capitals with one space), band, payee, amount_pence.
        wards: postcode, ward_code, ward_name, as in the National Statistics Postcode Lookup, added by the user.
    """
    local = rows.filter(pl.col("band") == "local")
    joined = local.join(wards.select("postcode", "ward_code", "ward_name"), on="postcode", how="left", validate="m:1")
    return (
        joined.group_by("ward_code")
        .agg(
            pl.col("ward_name").first().fill_null(NOT_PLACED), pl.col("amount_pence").sum(),
            suppliers=pl.col("payee").n_unique().cast(pl.Int64),
        )
        .sort("amount_pence", "ward_name", descending=[True, False])
    )  # fmt: skip


def by_deprivation(rows: pl.DataFrame, deciles: pl.DataFrame) -> pl.DataFrame:
    """Return decile (1 the most deprived; null for no decile), amount_pence, share, suppliers of local spend.

    Args:
        rows: postcode (in capitals with one space), band, payee, amount_pence.
        deciles: postcode, decile (1 to 10) of the index of multiple deprivation, added by the user.

    A decile is of the area a supplier is registered or works in, not of the people it employs.
    """
    local = rows.filter(pl.col("band") == "local")
    total = int(local["amount_pence"].sum())
    part = pl.col("amount_pence") / total if total > 0 else pl.lit(None, dtype=pl.Float64)
    return (
        local.join(deciles.select("postcode", "decile"), on="postcode", how="left", validate="m:1")
        .group_by("decile")
        .agg(pl.col("amount_pence").sum(), suppliers=pl.col("payee").n_unique().cast(pl.Int64))
        .with_columns(share=part)
        .select("decile", "amount_pence", "share", "suppliers")
        .sort("decile", nulls_last=True)
    )
