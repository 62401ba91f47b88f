"""Writes made-up companies in the layout of Companies House's free company data product."""

from pathlib import Path

import polars as pl

from cwb.register.companies_house import COLUMNS

# Companies House prints these headers with a leading space.
SPACED = {
    "CompanyNumber", "RegAddress.AddressLine2", "ConfStmtLastMadeUpDate",
    *(c for c in COLUMNS if c.startswith("PreviousName_") and c != "PreviousName_1.CONDATE"),
}  # fmt: skip


def companies(rows: list[dict[str, str]]) -> pl.DataFrame:
    filled = [{c: row.get(c, "") for c in COLUMNS} for row in rows]
    return pl.DataFrame(filled).rename({c: f" {c}" for c in SPACED})


def write(path: Path, *rows: dict[str, str]) -> Path:
    companies(list(rows)).write_csv(path, quote_style="always")
    return path


def write_extract(extract: Path, out: Path) -> Path:
    """Write a parquet extract of real organisations to `out` in the official layout, columns it lacks empty."""
    frame = pl.read_parquet(extract).unique("CompanyNumber", keep="first", maintain_order=True)
    frame.select(
        (pl.col(c) if c in frame.columns else pl.lit("")).fill_null("").alias(f" {c}" if c in SPACED else c)
        for c in COLUMNS
    ).write_csv(out, quote_style="always")
    return out
