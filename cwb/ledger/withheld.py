"""What a ledger's outputs do not show: payees that the set hides, ever; and people, unless asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Set

import polars as pl

from cwb.ledger.redaction import is_redaction, joined_names, plain
from cwb.privacy import INDIVIDUAL, REDACTED, mask_names

IsPerson = Callable[[pl.Series], pl.Series]


def without_names(payments: pl.LazyFrame, is_person: IsPerson | None = None) -> pl.LazyFrame:
    """Return payments with hidden payees masked, and people too where a test for their names is given."""
    if is_person is None:
        return mask_names(payments)
    names = payments.select(pl.col("supplier_name").unique()).collect()["supplier_name"]
    people = names.filter(is_person(names))
    individual = pl.when(pl.col("supplier_name").is_in(people.implode())).then(pl.lit("individual"))
    return mask_names(payments.with_columns(supplier_type=individual)).drop("supplier_type")


def rejects_without_names(rejects: pl.DataFrame, hidden: Set[str], is_person: IsPerson | None = None) -> pl.DataFrame:
    """Return rejects with cells masked that name a payee the set hides (`hidden`, in plain words), or a person."""
    rows = [json.loads(raw) for raw in rejects["raw"]]
    cells = pl.Series("cell", sorted({c for row in rows for c in row if c}), dtype=pl.String)
    if cells.is_empty():
        return rejects
    frame = cells.to_frame().with_columns(words=plain(pl.col("cell")), label=is_redaction(cells))
    joined = pl.Series([bool(joined_names(pl.Series([c]))) for c in frame.filter("label")["cell"]], dtype=pl.Boolean)
    masks = dict.fromkeys(frame.filter("label").filter(joined)["cell"], REDACTED)
    masks |= dict.fromkeys(frame.filter(pl.col("words").is_in(sorted(hidden)))["cell"], REDACTED)
    if is_person is not None:
        masks = dict.fromkeys(cells.filter(is_person(cells)), INDIVIDUAL) | masks
    said = [json.dumps([masks.get(c, c) for c in row], ensure_ascii=False) for row in rows]
    return rejects.with_columns(pl.Series("raw", said, dtype=pl.String))
