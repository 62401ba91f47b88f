"""From payments to distinct suppliers: who is one payee, as far as the ledger itself says."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from cwb.postcodes import normalise
from cwb.schema import SUPPLIERS, conform

_IDENTITY = (
    "supplier_name", "company_number", "charity_number", "vat_number", "supplier_postcode", "is_redacted",
)  # fmt: skip


def distinct_suppliers(payments: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the distinct suppliers of some payments, and which supplier each payment went to.

    One supplier is one printed name (spaces and case aside) with one company, charity and VAT number and one postcode,
    each of which may be absent; whoever the ledger hides is apart from whoever it names.

    Args:
        payments: as schema.PAYMENTS.

    Returns:
        schema.SUPPLIERS, in order of first payment, whose payments and pence sum to those given; and a frame of
        payment_id and supplier_id, one row a payment in the same order.
    """
    printed = (
        payments.with_row_index("_row")
        .group_by(_IDENTITY, maintain_order=True)
        .agg(pl.col("amount_pence").abs().sum().alias("_weight"), "_row")
    )
    printed = printed.with_columns(_supplier_ids(printed))
    # Several printed identities can be one supplier; `_at` is its place among the suppliers, a short key to group by.
    known = printed["supplier_id"].unique(maintain_order=True)
    printed = printed.with_columns(
        printed["supplier_id"]
        .replace_strict(known, pl.int_range(known.len(), dtype=pl.UInt32, eager=True))
        .alias("_at")
    )
    at = np.empty(payments.height, np.uint32)
    at[printed["_row"].explode(empty_as_null=False).to_numpy()] = np.repeat(
        printed["_at"].to_numpy(), printed["_row"].list.len().to_numpy()
    )
    ids = payments.select("payment_id", "amount_pence", "payment_date", "supplier_ref", "category").with_columns(
        pl.Series("_at", at)
    )
    # How a supplier is printed where most of its money goes; a stable sort keeps the first on ties.
    identity = (
        printed.sort("_weight", descending=True, maintain_order=True)
        .group_by("supplier_id", maintain_order=True)
        .agg(
            pl.col("supplier_name", "is_redacted").first(),
            pl.col("supplier_postcode", "company_number", "charity_number", "vat_number").drop_nulls().first(),
        )
    )
    ref = pl.col("supplier_ref").drop_nulls()
    sums = ids.group_by("_at", maintain_order=True).agg(
        pl.when(ref.n_unique() == 1).then(ref.first()).alias("supplier_ref"),
        pl.len().alias("payments"),
        pl.col("amount_pence").sum(),
        pl.col("payment_date").min().alias("first_payment"),
        pl.col("payment_date").max().alias("last_payment"),
    )
    category = (
        ids.filter(pl.col("category").is_not_null())
        .group_by("_at", "category", maintain_order=True)
        .agg(pl.col("amount_pence").abs().sum())
        .sort("amount_pence", descending=True, maintain_order=True)
        .unique("_at", keep="first")
        .select("_at", "category")
    )
    sums = sums.with_columns(known.gather(sums["_at"]))
    suppliers = sums.join(identity, on="supplier_id", how="left", validate="1:1", maintain_order="left").join(
        category, on="_at", how="left", validate="1:1", maintain_order="left"
    )
    return conform(suppliers, SUPPLIERS), ids.select("payment_id", known.gather(ids["_at"]))


def _supplier_ids(printed: pl.DataFrame) -> pl.Series:
    """Return for each printed identity the hash of what makes a supplier one: the same in each run."""

    def number(column: str) -> pl.Expr:
        # Spreadsheets lose leading zeros in one file and keep them in the next.
        bare = pl.col(column).str.replace_all(r"\W", "").str.to_uppercase().str.strip_chars_start("0")
        return bare.fill_null("")

    name = pl.col("supplier_name").str.replace_all(r"\s+", " ").str.strip_chars().str.to_lowercase()
    keys = printed.select(
        pl.concat_str(
            name,
            number("company_number"),
            number("charity_number"),
            number("vat_number"),
            normalise(pl.col("supplier_postcode")).fill_null(""),
            pl.col("is_redacted").cast(pl.String),
            separator="\x1f",
        )
    ).to_series()
    hashes = [hashlib.blake2b(key.encode(), digest_size=8).hexdigest() for key in keys]
    return pl.Series("supplier_id", hashes, dtype=pl.String)
