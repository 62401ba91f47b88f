"""Concentration and dependency: how much hangs on few suppliers, on one group, and which suppliers hang on this buyer.

HHI = Σ (100 × share of each supplier)²: 0 for very many small ones, 10,000 for a single one.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cwb import lookups
from cwb.indicators.payees import supplier_ids
from cwb.indicators.spend import WITHHELD

TOPS = (1, 5, 10, 20, 50)


def concentration(rows: pl.DataFrame, tops: Sequence[int] = TOPS) -> pl.DataFrame:
    """Return band ("all" for the whole), suppliers, amount_pence, hhi, and the share of the top 1, 5, 10, 20, 50.

    `rows` has payee, band, amount_pence, supplier_type. Payees whose names are withheld count in the £ and as no
    supplier, since they are many people under one name; so do payees with less than nothing. Null without spend.
    """
    grids = [rows.with_columns(band=pl.lit("all")), rows]
    sums = pl.concat(grids).group_by("band", "payee").agg(
        pl.col("amount_pence").sum(), hidden=pl.col("supplier_type").is_in(WITHHELD).any()
    )  # fmt: skip
    counted = sums.filter(~pl.col("hidden"), pl.col("amount_pence") > 0)
    whole = sums.group_by("band").agg(_whole=pl.col("amount_pence").sum())
    part = pl.col("amount_pence") / pl.col("_whole")
    told = (
        counted.join(whole.filter(pl.col("_whole") > 0), on="band", how="inner", validate="m:1")
        .sort("amount_pence", "payee", descending=[True, False])
        .group_by("band", maintain_order=True)
        .agg(
            suppliers=pl.len().cast(pl.Int64), amount_pence=pl.col("_whole").first(),
            hhi=((100 * part) ** 2).sum(), **{f"top_{n}_share": part.head(n).sum() for n in tops},
        )
    )  # fmt: skip
    order = pl.col("band").replace_strict(
        ["all", "local", "regional", "leaked", "unknown"], range(5), default=5, return_dtype=pl.Int8
    )
    return told.sort(order)


def exposure(rows: pl.DataFrame, owners: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return group_name, suppliers, institutions, bands, amount_pence, share: what would be hit if one group failed.

    Args:
        rows: payee, supplier_name, supplier_type, org_id, institution, band, amount_pence.
        owners: org_id, parent_id, parent_name, where the user has added them; without, each payee is its own group.

    Largest first; payees whose names are withheld are in no group.
    """
    seen = rows.filter(~pl.col("supplier_type").is_in(WITHHELD))
    if owners is None:
        grouped = seen.with_columns(group="payee", group_name="supplier_name")
    else:
        known = seen.join(owners.select("org_id", "parent_id", "parent_name"), on="org_id", how="left", validate="m:1")
        # A parent that is paid in its own name belongs to its own group.
        parents = dict(owners.select("parent_id", "parent_name").iter_rows())
        own = pl.col("org_id").replace_strict(parents, default=None, return_dtype=pl.String)
        grouped = known.with_columns(
            group=pl.coalesce("parent_id", pl.when(own.is_not_null()).then("org_id"), "payee"),
            group_name=pl.coalesce("parent_name", own, "supplier_name"),
        )
    total = int(rows["amount_pence"].sum())
    part = pl.col("amount_pence") / total if total > 0 else pl.lit(None, dtype=pl.Float64)
    return (
        grouped.group_by("group")
        .agg(
            pl.col("group_name").first(), suppliers=pl.col("payee").n_unique().cast(pl.Int64),
            institutions=pl.col("institution").n_unique().cast(pl.Int64),
            bands=pl.col("band").unique().sort().str.join("; "), amount_pence=pl.col("amount_pence").sum(),
            supplier_ids=supplier_ids(),
        )
        .with_columns(share=part)
        .sort("amount_pence", "group_name", descending=[True, False])
        .drop("group")
    )  # fmt: skip


def dependent(rows: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Return supplier_name, org_id, amount_pence, turnover_gbp, dependency: suppliers that live on these buyers.

    Equation: dependency = £ paid in a year ÷ turnover of a year. Those at or above `indicators.dependent` are listed.

    Args:
        rows: supplier_name, supplier_type, org_id, financial_year, amount_pence.
        accounts: org_id, turnover_gbp, where the user has added them.
    """
    years = max(rows["financial_year"].n_unique(), 1)
    yearly = (pl.col("amount_pence") / 100 / years) / pl.col("turnover_gbp")
    return (
        rows.filter(pl.col("org_id").is_not_null(), ~pl.col("supplier_type").is_in(WITHHELD))
        .group_by("org_id")
        .agg(pl.col("supplier_name").first(), pl.col("amount_pence").sum(), supplier_ids())
        .join(accounts.select("org_id", "turnover_gbp"), on="org_id", how="inner", validate="1:1")
        .filter(pl.col("turnover_gbp") > 0)
        .with_columns(dependency=yearly)
        .filter(pl.col("dependency") >= lookups.number("indicators.dependent"))
        .sort("dependency", "org_id", descending=[True, False])
        .select("supplier_name", "org_id", "amount_pence", "turnover_gbp", "dependency", "supplier_ids")
    )
