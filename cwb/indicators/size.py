"""Size of suppliers: micro, small, medium, large by the Companies Act; SME by PPN 001; with what each rests on.

Companies Act: a size holds where at least two of turnover, balance sheet and employees are within its limits.
PPN 001: SME = fewer than 250 employees and (turnover ≤ £44m or balance sheet ≤ £38m).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from cwb import lookups

SIZES = ("micro", "small", "medium", "large", "unknown")
EVIDENCE = ("accounts", "filing category", "none")
OTHER = "not a company"
_NOT_COMPANIES = ("public_body", "individual", "redacted", "internal")


def _limits(regime: str, on: date | None) -> pl.DataFrame:
    table = lookups.table("impact/size_thresholds").filter(pl.col("regime") == regime)
    if on is not None:
        table = table.filter(pl.col("valid_from") <= on, pl.col("valid_to").is_null() | (pl.col("valid_to") >= on))
    return table.sort("valid_from").group_by("size", maintain_order=True).last()


def companies_act_size(on: date | None = None) -> pl.Expr:
    """Return the size from turnover_gbp, balance_sheet_gbp and employees; null where fewer than two are known.

    Two of three within a size's limits make it that size; "large" where none is met.
    """
    table = _limits("companies_act", on)
    known = pl.sum_horizontal(
        pl.col(c).is_not_null().cast(pl.Int8) for c in ("turnover_gbp", "balance_sheet_gbp", "employees")
    )
    size: pl.Expr = pl.when(known >= 2).then(pl.lit("large"))
    for name in ("medium", "small", "micro"):
        rows = table.filter(pl.col("size") == name)
        if not rows.height:
            continue
        row = rows.row(0, named=True)
        within = pl.sum_horizontal(
            (pl.col("turnover_gbp") <= row["turnover_gbp"]).fill_null(value=False).cast(pl.Int8),
            (pl.col("balance_sheet_gbp") <= row["balance_sheet_gbp"]).fill_null(value=False).cast(pl.Int8),
            (pl.col("employees") < row["employees_below"]).fill_null(value=False).cast(pl.Int8),
        )
        size = pl.when(within >= 2).then(pl.lit(name)).otherwise(size)
    return size


def ppn_001_sme(on: date | None = None) -> pl.Expr:
    """Return whether a supplier is an SME (PPN 001) from employees, turnover_gbp, balance_sheet_gbp; null if untold."""
    row = _limits("procurement", on).row(0, named=True)
    few: pl.Expr = pl.col("employees") < row["employees_below"]
    small: pl.Expr = (pl.col("turnover_gbp") <= row["turnover_gbp"]) | (
        pl.col("balance_sheet_gbp") <= row["balance_sheet_gbp"]
    )
    return few & small


def with_size(rows: pl.DataFrame, *, accounts: pl.DataFrame | None = None, on: date | None = None) -> pl.DataFrame:
    """Return `rows` with size, is_sme and size_evidence.

    Args:
        rows: supplier_type, org_id, and accounts_category as the register prints it (may be null).
        accounts: org_id, turnover_gbp, balance_sheet_gbp, employees, where the user has added them (nulls allowed).
        on: day whose limits hold; the latest without one.

    Accounts decide where given; else the category of accounts filed, which tells a size at most (a small company may
    belong to a large group); else the size is unknown, and is_sme null. Public bodies and people have no size.
    """
    by_filing = lookups.table("indicators/accounts_categories")
    figures = ("turnover_gbp", "balance_sheet_gbp", "employees")
    if accounts is None:
        told = rows.with_columns(pl.lit(None, dtype=pl.Float64).alias(c) for c in figures)
    else:
        told = rows.join(
            accounts.select("org_id", *(pl.col(c).cast(pl.Float64) for c in figures)), on="org_id", how="left",
            validate="m:1", maintain_order="left",
        )  # fmt: skip
    category = pl.col("accounts_category").str.strip_chars().str.to_uppercase()
    filed = category.replace_strict(
        by_filing["accounts_category"], by_filing["size_at_most"], default=None, return_dtype=pl.String
    )
    told = told.with_columns(_act=companies_act_size(on), _sme=ppn_001_sme(on), _filed=pl.when(filed != "").then(filed))
    company = ~pl.col("supplier_type").is_in(_NOT_COMPANIES)
    return told.with_columns(
        size=pl.when(~company).then(pl.lit(OTHER)).otherwise(pl.coalesce("_act", "_filed", pl.lit("unknown"))),
        is_sme=pl.when(company).then(
            pl.coalesce("_sme", pl.when(pl.col("_filed").is_in(["micro", "small", "medium"])).then(pl.lit(value=True)))
        ),
        size_evidence=pl.when(~company).then(pl.lit("none"))
        .when(pl.col("_act").is_not_null()).then(pl.lit("accounts"))
        .when(pl.col("_filed").is_not_null()).then(pl.lit("filing category")).otherwise(pl.lit("none")),
    ).drop(*figures, "_act", "_sme", "_filed")  # fmt: skip


def sizes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return size, size_evidence, band, amount_pence, suppliers, from what `with_size` returns with payee and band."""
    order = pl.col("size").replace_strict(SIZES, range(len(SIZES)), default=len(SIZES), return_dtype=pl.Int8)
    return (
        rows.group_by("size", "size_evidence", "band")
        .agg(pl.col("amount_pence").sum(), suppliers=pl.col("payee").n_unique().cast(pl.Int64))
        .sort(order, "size_evidence", "band")
    )
