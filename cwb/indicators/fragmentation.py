"""Fragmentation: over how many suppliers, departments and payers a theme of spend is spread (Lewisham's question)."""

from __future__ import annotations

import polars as pl

from cwb.indicators.payees import one_wording
from cwb.indicators.shares import in_one_order

THEME = "category"


def fragmentation(banded: pl.DataFrame, payees: pl.DataFrame, *, theme: str = THEME) -> pl.DataFrame:
    """Return theme, suppliers, departments, institutions, payments, amount_pence, middle_pence, top_share, hhi.

    Args:
        banded: schema.BANDED, or any frame with `theme`, supplier_id, department, institution, amount_pence.
        payees: supplier_id and payee.
        theme: the column that says what the spend is for; a user may add one.

    Biggest £ first. middle_pence is the median a supplier; top_share and hhi (0 to 10,000) are of its suppliers with
    more than nothing. Rows without a theme are left out, and counted by the categories table as not given.
    """
    named = banded.lazy().filter(pl.col(theme).is_not_null()).with_columns(one_wording(theme)).join(
        payees.lazy().select("supplier_id", "payee"), on="supplier_id", how="left", validate="m:1"
    )  # fmt: skip
    a_supplier = named.group_by(theme, "payee").agg(pl.col("amount_pence").sum())
    part = pl.col("amount_pence") / pl.col("amount_pence").sum()
    spread = a_supplier.filter(pl.col("amount_pence") > 0).group_by(theme).agg(
        middle_pence=pl.col("amount_pence").median().round().cast(pl.Int64), top_share=part.max(),
        hhi=in_one_order((100 * part) ** 2),
    )  # fmt: skip
    whole = named.group_by(theme).agg(
        suppliers=pl.col("payee").n_unique().cast(pl.Int64),
        departments=pl.col("department").drop_nulls().n_unique().cast(pl.Int64),
        institutions=pl.col("institution").n_unique().cast(pl.Int64),
        payments=pl.len().cast(pl.Int64), amount_pence=pl.col("amount_pence").sum(),
    )  # fmt: skip
    joined = whole.join(spread, on=theme, how="left", validate="1:1")
    return joined.rename({theme: "theme"}).sort("amount_pence", "theme", descending=[True, False]).collect()


def of_contracts(contracts: pl.DataFrame) -> pl.DataFrame:
    """Return theme, contracts, suppliers, funding_streams, amount_gbp, top_share of a register of contracts.

    `contracts` has theme, contract, supplier, funding_stream, amount_gbp (both may be null), one row a contract,
    supplier and stream. Most contracts first. amount_gbp is null where no contract of the theme has one; top_share is
    the part of it with the supplier that has most.
    """
    known = one_wording("supplier")
    rows = contracts.with_columns(known, one_wording("theme"), one_wording("funding_stream"))
    a_supplier = rows.group_by("theme", "supplier").agg(pl.col("amount_gbp").sum())
    top = a_supplier.group_by("theme").agg(
        top_share=pl.when(pl.col("amount_gbp").sum() > 0).then(pl.col("amount_gbp").max() / pl.col("amount_gbp").sum())
    )
    return (
        rows.group_by("theme")
        .agg(
            contracts=pl.col("contract").n_unique().cast(pl.Int64),
            suppliers=pl.col("supplier").n_unique().cast(pl.Int64),
            funding_streams=pl.col("funding_stream").drop_nulls().n_unique().cast(pl.Int64),
            amount_gbp=pl.when(pl.col("amount_gbp").is_not_null().any()).then(pl.col("amount_gbp").sum()),
        )
        .join(top, on="theme", how="left", validate="1:1")
        .sort("contracts", "theme", descending=[True, False])
    )
