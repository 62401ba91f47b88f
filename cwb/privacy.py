"""What is not shown: names of individuals, unless asked for; names that a ledger hides, ever."""

from __future__ import annotations

import polars as pl

INDIVIDUAL = "Individual (name withheld)"
REDACTED = "Redacted in the ledger"

# What names a person, or leads to one: a home's postcode, a payroll number, a register's entry of like name.
_TELLING = (
    "description",
    "supplier_postcode",
    "supplier_ref",
    "matched_name",
    "matched_postcode",
    "org_id",
    "name",
    "postcode",
)


def mask_names(frame: pl.DataFrame, show_individuals: bool = False) -> pl.DataFrame:
    """Return `frame` with the names of individuals and of hidden payees replaced.

    Args:
        frame: has `supplier_name`, and `supplier_type` or `is_redacted` or both; rows where either says redacted are
            masked whatever is asked. Other columns that lead to a person come as null in masked rows.
        show_individuals: leave individuals as printed.
    """
    no = pl.lit(value=False)
    kind = pl.col("supplier_type") if "supplier_type" in frame.columns else pl.lit(None, dtype=pl.String)
    hidden = (pl.col("is_redacted") if "is_redacted" in frame.columns else no).fill_null(value=False)
    redacted = hidden | (kind == "redacted").fill_null(value=False)
    individual = no if show_individuals else (kind == "individual").fill_null(value=False)
    return frame.with_columns(
        pl.when(redacted)
        .then(pl.lit(REDACTED))
        .when(individual)
        .then(pl.lit(INDIVIDUAL))
        .otherwise("supplier_name")
        .alias("supplier_name"),
        *(pl.when(~(redacted | individual)).then(c).alias(c) for c in _TELLING if c in frame.columns),
    )
