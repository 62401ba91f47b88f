"""How a row of the truth and a payment are known to be of the same supplier."""

import polars as pl

WHO = ["institution", "financial_year", "name", "postcode", "number"]


def _plain(column: str) -> pl.Expr:
    """A cell whatever its case and outer spaces, which a file may have changed."""
    return pl.col(column).fill_null("").str.to_lowercase().str.strip_chars()


def truth_keys() -> list[pl.Expr]:
    """The columns of WHO that a row of the truth lacks."""
    return [_plain("supplier").alias("name"), _plain("company_number").alias("number")]


def payment_keys() -> list[pl.Expr]:
    """The columns of WHO that a payment lacks."""
    return [
        _plain("supplier_name").alias("name"),
        pl.col("supplier_postcode").fill_null("").alias("postcode"),
        _plain("company_number").alias("number"),
    ]
