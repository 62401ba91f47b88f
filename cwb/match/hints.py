"""What speaks for or against a candidate beside its name: town, trade, nearness to the buyer, size.

Hints are judgements of small weight. They put candidates in order and may tip one that the rest of the evidence all but
accepts, never more: see `match.accept_unhinted`.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from cwb import lookups

HINTS = (
    "town_same", "sector_same", "sector_other", "near_buyer", "dormant", "too_small", "size_fits",
)  # fmt: skip
_LARGE = ("FULL", "GROUP")


def hints(pairs: pl.DataFrame, near: Collection[str]) -> pl.DataFrame:
    """Return one row of hints, 0 or 1, for each pair of a supplier and a candidate, in order.

    Args:
        pairs: of the supplier `text` (as read), `category`, `amount_pence`; of the candidate `compared` (its name),
            `town`, `sic_code`, `accounts_category`, `postcode` and `address_is_evidence`.
        near: postcode areas in and around the buyer's place.
    """
    town, mine, theirs = (_words(name) for name in ("town", "text", "compared"))
    held = pairs.select(
        pl.col("postcode").str.to_uppercase().str.extract("^([A-Z]+)").alias("area"),
        pl.col("accounts_category").str.strip_chars().str.to_uppercase().alias("accounts"),
        "amount_pence",
        "address_is_evidence",
        said=mine.str.contains(town, literal=True) & ~theirs.str.contains(town, literal=True),
        long_enough=town.str.len_chars() >= 5 + 2,  # with a space on either side
        bought=_sections(pairs["category"]),
        section=_section(pairs["sic_code"]),
    )
    fits = pl.col("bought").str.contains(pl.col("section"), literal=True)
    paid = pl.col("amount_pence")
    much = paid > int(100 * lookups.number("match.much_paid"))
    flags = {
        "town_same": pl.col("said") & pl.col("long_enough"),
        "sector_same": fits,
        "sector_other": ~fits,
        "near_buyer": pl.col("area").is_in(list(near)) & pl.col("address_is_evidence"),
        "dormant": pl.col("accounts") == "DORMANT",
        "too_small": (pl.col("accounts") == "MICRO ENTITY") & much,
        "size_fits": pl.col("accounts").is_in(_LARGE) & much,
    }
    return held.select(flags[name].fill_null(value=False).cast(pl.Float64).alias(name) for name in HINTS)


def _words(column: str) -> pl.Expr:
    """Return text in capitals with a space about every word, so that whole words can be sought in it."""
    text = pl.col(column).cast(pl.String).str.to_uppercase().str.replace_all("[^A-Z0-9]+", " ").str.strip_chars(" ")
    return " " + text + " "


def _sections(category: pl.Series) -> pl.Series:
    """Return the SIC sections that sell what each spend category buys, run together; null where words do not say."""
    distinct = category.drop_nulls().unique()
    text = pl.col(category.name).str.to_lowercase()
    said = [
        pl.when(text.str.contains(pattern)).then(pl.lit(sections))
        for pattern, sections in lookups.table("match/category_sections").iter_rows()
    ]
    told = distinct.to_frame().with_columns(pl.concat_str(said, ignore_nulls=True).replace("", None).alias("sections"))
    found = category.to_frame().join(told, on=category.name, how="left", maintain_order="left", validate="m:1")
    return found["sections"]


def _section(sic: pl.Series) -> pl.Series:
    """Return the section of each SIC 2007 code; null for none, and for those that say nothing of the trade."""
    table = lookups.table("sic_sections")
    division = sic.str.slice(0, 2).replace_strict(table["division"], table["section"], default=None)
    vague = sic.str.contains("^(7[04]|82|96|98|99)")
    return pl.select(pl.when(~vague).then(division)).to_series()
