"""VCSE, co-operative and mutual spend: charities, community interest companies, co-operatives and societies."""

from __future__ import annotations

import polars as pl

from cwb import lookups
from cwb.indicators.payees import supplier_ids


def with_social(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `rows` with is_vcse and is_cooperative by supplier_type; null for types that tell nothing."""
    table = lookups.table("indicators/social_types")
    kind = pl.col("supplier_type")
    return rows.with_columns(
        kind.replace_strict(table["supplier_type"], table[name], default=None, return_dtype=pl.Boolean).alias(name)
        for name in ("is_vcse", "is_cooperative")
    )


def social(rows: pl.DataFrame) -> pl.DataFrame:
    """Return kind, band, amount_pence, share (of all £), suppliers, at least; one kind may lie in another.

    Kinds are vcse, cooperative, charity, cic. `rows` is what `with_social` returns with payee, band, amount_pence.
    A supplier whose type is not known may be either, so each figure is the least there is.
    """
    total = int(rows["amount_pence"].sum())
    kinds = {
        "vcse": pl.col("is_vcse"),
        "cooperative": pl.col("is_cooperative"),
        "charity": pl.col("supplier_type") == "charity",
        "cic": pl.col("supplier_type") == "cic",
    }  # fmt: skip
    part = pl.col("amount_pence") / total if total > 0 else pl.lit(None, dtype=pl.Float64)
    parts = [
        rows.filter(is_it.fill_null(value=False))
        .group_by("band")
        .agg(pl.col("amount_pence").sum(), suppliers=pl.col("payee").n_unique().cast(pl.Int64))
        .select(pl.lit(kind).alias("kind"), "band", "amount_pence", part.alias("share"), "suppliers")
        .sort("band")
        for kind, is_it in kinds.items()
    ]
    return pl.concat(parts)


def cooperatives(rows: pl.DataFrame, facts: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return co-operatives and societies that are paid: supplier_name, org_id, band, amount_pence, and what is known.

    `facts` has org_id with turnover_gbp, members, employees where the user has added them, as Co-operatives UK
    publishes; without, those columns are null.
    """
    found = (
        rows.filter(pl.col("is_cooperative").fill_null(value=False))
        .group_by("payee", "band")
        .agg(pl.col("supplier_name", "org_id").first(), pl.col("amount_pence").sum(), supplier_ids())
        .drop("payee")
    )
    columns = ("turnover_gbp", "members", "employees")
    if facts is None:
        told = found.with_columns(pl.lit(None, dtype=pl.Float64).alias(c) for c in columns)
    else:
        told = found.join(facts.select("org_id", *columns), on="org_id", how="left", validate="m:1")
    return told.select("supplier_name", "org_id", "band", "amount_pence", *columns, "supplier_ids").sort(
        "amount_pence", "supplier_name", descending=[True, False]
    )
