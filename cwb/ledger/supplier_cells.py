"""Codes and remarks that finance systems leave in the supplier cell: taken apart into name and reference."""

from __future__ import annotations

import polars as pl

from cwb import lookups

# Groups "ref" and "name"; forms of one tuple are counted together, since one system prints several.
_CODES = (
    (
        r"^\s*(?P<ref>[A-Z]{0,6}\d[A-Z0-9/]+)\s*[:|]\s*(?P<name>\S.*?)\s*$",
        r"^\s*(?P<ref>[A-Z]{0,6}\d[A-Z0-9/]{3,})\s+-\s+(?P<name>\S.*?)\s*$",
        r"^\s*(?P<ref>\d{4,})\s*(?P<name>[A-Za-z][A-Za-z&.' ].*?)\s*$",
    ),
    (r"^\s*(?P<name>\S.*?)\s+[-(\[]\s?(?P<ref>[A-Z]{0,4}\d{4,})[)\]]?\s*$",),
)
_REMARK = (
    r"(?i)[*#\s]*\(?\b(?:do\s+not\s+use|don'?t\s+use|not\s+in\s+use|duplicate(?:\s+supplier)?|obsolete|inactive|use\s+(?:supplier\s+)?"
    r"(?:no\.?\s*)?\d{3,}|see\s+\d{3,}|now\s+\d{3,})\b\)?[*#\s]*"
)
_USE = r"(?i)\b(?:use|see|now)\s+(?:supplier\s+)?(?:no\.?\s*)?(\d{3,})\b"


def clean_suppliers(names: pl.Series) -> pl.DataFrame:
    """Return (name, reference) for each supplier cell; reference is null where the cell carries none.

    Codes are taken off only where many names of the same column carry one (parameter `ledger.coded_share`): "365
    Environmental Services" alone keeps its number. Remarks such as "** DO NOT USE **" and "USE 4284" always go, the
    number after USE becoming the reference.
    """
    distinct = names.drop_nulls().unique().alias("cell").to_frame()
    text = pl.col("cell").str.replace_all(_REMARK, " ").str.replace_all(r"\s+", " ").str.strip_chars(" *-–")
    table = distinct.with_columns(
        name=pl.when(text != "").then(text).otherwise(pl.col("cell").str.strip_chars()),
        reference=pl.col("cell").str.extract(_USE),
    )
    worded = table.filter(pl.col("name").str.contains(r"[A-Za-z]{3}")).height
    for forms in _CODES:
        parts = [pl.col("name").str.extract_groups(form) for form in forms]
        reference = pl.coalesce(part.struct.field("ref") for part in parts)
        coded = table.select(reference.count()).item()
        if coded < 3 or coded < lookups.number("ledger.coded_share") * worded:
            continue
        table = table.with_columns(
            name=pl.coalesce(*(part.struct.field("name") for part in parts), "name"),
            reference=pl.coalesce("reference", reference),
        )
    return (
        names.alias("cell")
        .to_frame()
        .join(table, on="cell", how="left", maintain_order="left")
        .select("name", "reference")
    )
