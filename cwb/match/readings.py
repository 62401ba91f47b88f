"""A supplier's name as printed, and the other ways to read it: each becomes a question to the register."""

from __future__ import annotations

import polars as pl

from cwb import lookups

AS_PRINTED = "as_printed"


def readings(suppliers: pl.DataFrame) -> pl.DataFrame:
    """Return one row a reading: supplier (row number), reading (how it was cut out), text.

    Every supplier has its name as printed; a trading name, a former name, the text outside or inside brackets, either
    side of a dash and so on follow where the name has them. The same text is kept once a supplier.
    """
    name = suppliers["supplier_name"].str.to_uppercase().str.replace_all(r"\s+", " ").str.strip_chars()
    held = pl.DataFrame({"supplier": pl.int_range(name.len(), dtype=pl.UInt32, eager=True), "text": name})
    parts = [held.select("supplier", reading=pl.lit(AS_PRINTED), text="text")]
    for reading, pattern, replacement in lookups.table("names/readings").iter_rows():
        text = (
            pl.col("text").str.replace_all(pattern, replacement) if replacement else pl.col("text").str.extract(pattern)
        )
        cut = held.select("supplier", reading=pl.lit(reading), text=text)
        parts.append(cut.filter(pl.col("text").str.len_chars() >= 3))
    every = pl.concat(parts).with_columns(pl.col("text").str.strip_chars(" .,-()"))
    return every.unique(["supplier", "text"], keep="first", maintain_order=True).sort("supplier", maintain_order=True)
