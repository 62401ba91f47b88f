"""What a run keeps for comparing: spend by payer, year, supplier and category, and who the suppliers are.

Names of individuals and hidden payees never reach these tables: all of a kind stand as one payee.
"""

from __future__ import annotations

import polars as pl

from cwb import lookups, names
from cwb.privacy import mask_names
from cwb.schema import BANDS

SPEND = {
    "institution": pl.String, "financial_year": pl.String, "supplier_id": pl.String, "category": pl.String,
    "amount_pence": pl.Int64, "payments": pl.Int64,
}  # fmt: skip
PAYEES = {
    "supplier_id": pl.String, "supplier_name": pl.String, "supplier_type": pl.String, "org_id": pl.String,
    "matched_name": pl.String, "outcome": pl.String, "name_key": pl.String, "form": pl.Int8,
    "matched_key": pl.String, "matched_form": pl.Int8, "band": pl.String, "basis": pl.String, "lad_code": pl.String,
    "sic_code": pl.String, "sic_section": pl.String,
}  # fmt: skip
WITHHELD = ("individual", "redacted")
_DORMANT = "99999"  # Companies House's own code for a dormant company: no activity


def spend_table(banded: pl.DataFrame) -> pl.DataFrame:
    """Return the spend of some payments: institution, financial_year, supplier_id, category, amount_pence, payments.

    `banded` is schema.BANDED; what is excluded is not spend. Sums to the pence of the four bands exactly.
    """
    spent = banded.lazy().filter(pl.col("band").is_in(BANDS))
    by = ["institution", "financial_year", "supplier_id", "category"]
    sums = spent.group_by(by).agg(pl.col("amount_pence").sum(), payments=pl.len().cast(pl.Int64))
    return sums.select(list(SPEND)).sort(by, nulls_last=True).collect()


def payee_table(suppliers: pl.DataFrame, links: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Return one row a supplier of `PAYEES`: how it is known, matched and placed, with keys of its names.

    Args:
        suppliers: schema.SUPPLIERS.
        links: schema.LINKS.
        placed: supplier_id, band, basis, lad_code under the run's setting.
    """
    known = (
        suppliers.select("supplier_id", "supplier_name", "is_redacted")
        .join(
            links.select(
                "supplier_id", "supplier_type", "org_id", "outcome", "sic_code", matched_name="name"
            ), on="supplier_id", how="left", validate="1:1", maintain_order="left",
        )
        .join(
            placed.select("supplier_id", "band", "basis", "lad_code"), on="supplier_id", how="left", validate="1:1",
            maintain_order="left",
        )
    )  # fmt: skip
    kind = pl.when("is_redacted").then(pl.lit("redacted")).otherwise(pl.col("supplier_type").fill_null("unknown"))
    # A candidate that waits for review is no identity.
    is_match = pl.col("outcome").fill_null("unmatched") == "matched"
    known = known.with_columns(
        kind.alias("supplier_type"), pl.col("outcome").fill_null("unmatched"),
        *(pl.when(is_match).then(c).alias(c) for c in ("org_id", "matched_name", "sic_code")),
    )  # fmt: skip
    hidden = pl.col("supplier_type").is_in(WITHHELD)
    registered = name_keys(known["matched_name"])
    keyed = mask_names(known).with_columns(
        *name_keys(known["supplier_name"]), registered[0].alias("matched_key"), registered[1].alias("matched_form")
    )
    shown = keyed.with_columns(
        pl.when(~hidden).then("name_key").alias("name_key"), pl.when(~hidden).then("matched_key").alias("matched_key"),
        sic_section=section_of(),
    )  # fmt: skip
    return shown.select(pl.col(name).cast(kind) for name, kind in PAYEES.items())


def name_keys(printed: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return a key of each name (its letters in common form, legal form aside) and its legal form (-1 for none).

    Two ways of printing one name have one key; a name with no letters has none.
    """
    cut = names.words(printed)
    run_on, _ = names.keys(cut)
    key = pl.Series("name_key", run_on, dtype=pl.UInt64).cast(pl.String)
    empty = printed.fill_null("").str.strip_chars() == ""
    return key.set(empty, None), pl.Series("form", cut.form, dtype=pl.Int8)


def section_of(code: str = "sic_code") -> pl.Expr:
    """Return the SIC 2007 section of a column of codes; null for none, for a dormant company and for no such code."""
    table = lookups.table("sic_sections")
    division = pl.when(pl.col(code) != _DORMANT).then(pl.col(code).str.head(2))
    return division.replace_strict(table["division"], table["section"], default=None, return_dtype=pl.String)
