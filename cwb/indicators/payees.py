"""Which suppliers of several runs are one payee, however they were printed, matched or addressed in each."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cwb import lookups
from cwb.indicators.spend import WITHHELD


def same_payees(payees: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return for each table of suppliers the same rows with `payee`, the same for one payee in all of them.

    A match to a register decides. A supplier without one takes the organisation that its name, of the same legal form
    where one is printed, was matched to elsewhere, if there is just one; else suppliers of one name and legal form are
    one payee, and a name printed without its form joins the one form it is found with. All individuals are one payee,
    and all redactions.

    Args:
        payees: frames of `spend.PAYEES`.
    """
    if not payees:
        return []
    keys = ["org_id", "name_key", "form", "matched_key", "matched_form"]
    pool = pl.concat([frame.select(keys) for frame in payees])
    known = pool.filter(pl.col("org_id").is_not_null())
    names = pl.concat([
        known.select("org_id", "form", "name_key"), known.select("org_id", form="matched_form", name_key="matched_key"),
    ]).drop_nulls()  # fmt: skip
    # An LLP is not the company of the same name: a form, where one is printed, must agree.
    orgs = names.group_by("name_key", "form").agg(org_of_form=_only("org_id"))
    any_form = names.group_by("name_key").agg(org_of_name=_only("org_id"))
    forms = (
        pool.filter(pl.col("form") >= 0, pl.col("name_key").is_not_null())
        .group_by("name_key")
        .agg(form_of_name=_only("form"))
    )
    return [_named(frame, orgs, any_form, forms) for frame in payees]


def _only(column: str) -> pl.Expr:
    """Return the value of a group that has one alone; null where it has several."""
    return pl.when(pl.col(column).n_unique() == 1).then(pl.col(column).first())


def _named(frame: pl.DataFrame, orgs: pl.DataFrame, any_form: pl.DataFrame, forms: pl.DataFrame) -> pl.DataFrame:
    joined = (
        frame.join(orgs, on=["name_key", "form"], how="left", validate="m:1", maintain_order="left")
        .join(any_form, on="name_key", how="left", validate="m:1", maintain_order="left")
        .join(forms, on="name_key", how="left", validate="m:1", maintain_order="left")
    )
    has_form = pl.col("form") >= 0
    form = pl.when(has_form).then("form").otherwise(pl.col("form_of_name")).fill_null(-1)
    org = pl.coalesce("org_id", pl.when(has_form).then("org_of_form").otherwise("org_of_name"))
    payee = (
        pl.when(pl.col("supplier_type").is_in(WITHHELD)).then("supplier_type")
        .when(org.is_not_null()).then(org)
        .when(pl.col("name_key").is_not_null()).then(pl.format("name:{}/{}", "name_key", form))
        .otherwise(pl.lit("no name"))
    )  # fmt: skip
    return joined.with_columns(payee=payee).drop("org_of_form", "org_of_name", "form_of_name")


def supplier_ids() -> pl.Expr:
    """Return the ids of a group's suppliers in the rows of a run, in order, with a space between."""
    # Runs that were merged tell their suppliers apart by a number before the id.
    return pl.col("supplier_id").str.replace(r"^\d+:", "").unique().sort().str.join(" ").alias("supplier_ids")


def one_wording(column: str = "category") -> pl.Expr:
    """Return a payer's categories without the differences of case and spaces that come and go between files."""
    acronyms = lookups.table("indicators/acronyms")["acronym"].to_list()
    whole = {f" {one.lower()} ": f" {one} " for one in acronyms}
    # Two spaces between words while acronyms are sought, so that each has its own on both sides.
    text = pl.col(column).str.strip_chars().str.replace_all(r"\s+", "  ").str.to_lowercase()
    told = pl.format(" {} ", text).str.replace_many(whole).str.strip_chars().str.replace_all("  ", " ", literal=True)
    return (told.str.head(1).str.to_uppercase() + told.str.slice(1)).alias(column)
