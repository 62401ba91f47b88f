"""What Companies House's service says of the biggest suppliers of a run."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cwb.charts.figure import gbp
from cwb.register.api import Access, enrich
from cwb.run import read_review
from cwb.web import Patience, Progress

_WITHHELD = ("individual", "redacted")


def look_up(
    run: Path, top: int, *, access: Access | None = None, patience: Patience | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return the `top` companies of a run by £, largest first, each with what `register.api.enrich` tells of it.

    A supplier's company is the one it was matched to, or else the number printed in the ledger: dissolved companies
    are in no register file. Columns: supplier_names, amount_gbp, last_payment, those of `register.api.COLUMNS`, and
    paid_after_end (it was paid after the day on which it ended).

    Raises:
        RunError: the folder is not one of a run. WebError: the service cannot be used.
    """
    suppliers, links = read_review(run)
    biggest = companies(suppliers, links).head(top)
    told = enrich(biggest, access=access, patience=patience, progress=progress)
    found = biggest.join(told, on="org_id", how="left", validate="1:1", maintain_order="left")
    return gbp(found.with_columns(paid_after_end=pl.col("last_payment") > pl.col("ended")))


def companies(suppliers: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return the companies among suppliers, largest first: org_id, supplier_names, amount_pence, last_payment."""
    printed = pl.col("company_number").str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    number = pl.when(printed.str.contains("^[0-9]{1,8}$")).then(printed.str.zfill(8)).otherwise(printed)
    whole = number.str.contains("^[A-Z]{0,2}[0-9]{5,8}R?$") & (number.str.len_chars() == 8) & (number != "00000000")
    by_number = pl.when(whole).then("GB-COH-" + number)
    matched = pl.when((pl.col("outcome") == "matched") & pl.col("org_id").str.starts_with("GB-COH-")).then("org_id")
    told = links.select("supplier_id", "outcome", "org_id", "supplier_type")
    return (
        suppliers.join(told, on="supplier_id", how="left", validate="1:1")
        .filter(~pl.col("supplier_type").is_in(_WITHHELD))
        .with_columns(org_id=pl.coalesce(matched, by_number))
        .filter(pl.col("org_id").is_not_null())
        .group_by("org_id")
        .agg(
            supplier_names=pl.col("supplier_name").unique().sort().str.join(" | "),
            amount_pence=pl.col("amount_pence").sum(),
            last_payment=pl.col("last_payment").max(),
        )
        .sort(["amount_pence", "org_id"], descending=[True, False])
    )
