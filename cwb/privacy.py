"""What is not shown: names of individuals, unless asked for; names that a ledger hides, ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import polars as pl

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
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


def mask_names(frame: Frame, show_individuals: bool = False) -> Frame:
    """Return `frame` with the names of individuals and of hidden payees replaced.

    Args:
        frame: has `supplier_name`, and `supplier_type` or `is_redacted` or both; rows where either says redacted are
            masked whatever is asked. Other columns that lead to a person come as null in masked rows.
        show_individuals: leave individuals as printed.
    """
    no = pl.lit(value=False)
    columns = frame.collect_schema().names()
    kind = pl.col("supplier_type") if "supplier_type" in columns else pl.lit(None, dtype=pl.String)
    hidden = (pl.col("is_redacted") if "is_redacted" in columns else no).fill_null(value=False)
    redacted = hidden | (kind == "redacted").fill_null(value=False)
    individual = no if show_individuals else (kind == "individual").fill_null(value=False)
    return frame.with_columns(
        pl.when(redacted)
        .then(pl.lit(REDACTED))
        .when(individual)
        .then(pl.lit(INDIVIDUAL))
        .otherwise("supplier_name")
        .alias("supplier_name"),
        *(pl.when(~(redacted | individual)).then(c).alias(c) for c in _TELLING if c in columns),
    )


def withheld_names(suppliers: pl.DataFrame, links: pl.DataFrame, show_individuals: bool = False) -> frozenset[str]:
    """Return the names, as printed, that no file may show.

    Left out are names of one word, which are marks ("REDACTED") or say nothing alone, and those that an organisation
    is printed under too.

    Args:
        suppliers: supplier_id, supplier_name, is_redacted.
        links: supplier_id, supplier_type.
        show_individuals: individuals may be shown.
    """
    kinds = ["redacted"] if show_individuals else ["individual", "redacted"]
    typed = suppliers.join(links.select("supplier_id", "supplier_type"), on="supplier_id", how="left", validate="1:1")
    hidden = pl.col("supplier_type").is_in(kinds).fill_null(value=False) | pl.col("is_redacted")
    names, others = (
        frozenset(typed.filter(one)["supplier_name"].drop_nulls().str.strip_chars()) for one in (hidden, ~hidden)
    )
    return frozenset(name for name in names - others if " " in name) - {INDIVIDUAL, REDACTED}


def without_raw_cells(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return tables without the raw cells of rows that could not be read: nobody knows whose names they hold.

    File, sheet and row say where they stand.
    """
    return {
        name: frame.with_columns(raw=pl.lit(None, dtype=pl.String)) if "raw" in frame.columns else frame
        for name, frame in tables.items()
    }
