"""Owners outside the area: local suppliers whose parent or controller is elsewhere, where that is known."""

from __future__ import annotations

import polars as pl

OWNED = ("in the area", "in the region", "outside", "not known")


def with_owner(rows: pl.DataFrame, owners: pl.DataFrame | None, local: list[str], region: list[str]) -> pl.DataFrame:
    """Return `rows` with `owned`, one of OWNED.

    Args:
        rows: org_id and supplier_type.
        owners: org_id, parent_id, parent_lad_code (null for an owner abroad) where the user has added them.
        local: districts of the area.
        region: districts of the region, the area's among them.

    A body on the register of another country is owned outside. Everything else without an entry is not known: a local
    address never makes a local owner.
    """
    abroad = pl.col("supplier_type") == "overseas"
    if owners is None:
        return rows.with_columns(owned=pl.when(abroad).then(pl.lit("outside")).otherwise(pl.lit("not known")))
    code = pl.col("parent_lad_code")
    joined = rows.join(
        owners.select("org_id", "parent_id", "parent_lad_code"), on="org_id", how="left", validate="m:1",
        maintain_order="left",
    )  # fmt: skip
    untold = pl.when(abroad).then(pl.lit("outside")).otherwise(pl.lit("not known"))
    where = (
        pl.when(pl.col("parent_id").is_null()).then(untold)
        .when(code.is_in(local)).then(pl.lit("in the area")).when(code.is_in(region)).then(pl.lit("in the region"))
        .otherwise(pl.lit("outside"))
    )  # fmt: skip
    return joined.with_columns(owned=where).drop("parent_id", "parent_lad_code")


def owned(rows: pl.DataFrame) -> pl.DataFrame:
    """Return band, owned, amount_pence, share (of the band), suppliers: who owns what each band is spent with."""
    total = pl.col("amount_pence").sum().over("band")
    return (
        rows.group_by("band", "owned")
        .agg(pl.col("amount_pence").sum(), suppliers=pl.col("payee").n_unique().cast(pl.Int64))
        .with_columns(share=pl.when(total > 0).then(pl.col("amount_pence") / total))
        .sort("band", "amount_pence", "owned", descending=[False, True, False])
        .select("band", "owned", "amount_pence", "share", "suppliers")
    )
