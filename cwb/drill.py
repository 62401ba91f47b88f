"""The payments behind a number: asked for by what, where, when and who, and added up.

Rows are scanned where they lie (see `cwb.kept_runs`), masked already: names that are not shown cannot be searched for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import polars as pl

from cwb.errors import CwbError
from cwb.privacy import mask_names
from cwb.schema import BANDS

SHOWN = (
    "payment_date", "supplier_name", "amount_pence", "band", "institution", "financial_year", "category", "department",
    "description", "file", "sheet", "file_row",
)  # fmt: skip
_EQUAL = {
    "band": "band", "institution": "institution", "year": "financial_year", "category": "category",
    "department": "department", "supplier": "supplier_id", "sector": "sic_section",
}  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What payments are asked for; an empty part asks nothing. Its fields are an address's parameters.

    `text` is looked for in supplier's name and description, whatever the case; `since` and `until` are ISO dates.
    """

    text: str = ""
    band: str = ""
    institution: str = ""
    year: str = ""
    category: str = ""
    department: str = ""
    supplier: str = ""
    sector: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str]) -> Question:
        """Return the question that an address asks; a date that is none is passed over."""
        said = {one.name: str(told.get(one.name) or "") for one in fields(cls)}
        return cls(
            **{name: "" if name in ("since", "until") and not _day(text) else text for name, text in said.items()}
        )

    def params(self) -> dict[str, str]:
        """Return it as an address's parameters: only what it asks."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name))}

    def but(self, **changes: str) -> Question:
        """Return it with some parts changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Answer:
    """What a question comes to.

    `payments`, `amount_pence` and `bands` (band to pence and share, of the four) are of all that fits; `rows` are the
    part of it asked for, most £ first, with `SHOWN`; `suppliers` the largest: supplier_id, supplier_name,
    amount_pence, payments.
    """

    payments: int
    amount_pence: int
    bands: Mapping[str, tuple[int, float | None]]
    rows: pl.DataFrame
    suppliers: pl.DataFrame


def drill_rows(banded: pl.DataFrame, links: pl.DataFrame, payees: pl.DataFrame | None, *, shown: bool) -> pl.DataFrame:
    """Return payments as they may be shown and searched, most £ first.

    Args:
        banded: schema.BANDED.
        links: schema.LINKS, for which suppliers are individuals.
        payees: spend.PAYEES, for the suppliers' sectors.
        shown: names of individuals may be shown.
    """
    kinds = links.select("supplier_id", "supplier_type")
    typed = banded.join(kinds, on="supplier_id", how="left", validate="m:1", maintain_order="left")
    sector = pl.lit(None, dtype=pl.String).alias("sic_section")
    if payees is not None:
        sections = payees.select("supplier_id", "sic_section")
        typed = typed.join(sections, on="supplier_id", how="left", validate="m:1", maintain_order="left")
        sector = pl.col("sic_section")
    masked = mask_names(typed, shown).with_columns(sector)
    searched = pl.concat_str(
        pl.col("supplier_name").str.to_lowercase(), pl.col("description").str.to_lowercase(), separator="\n",
        ignore_nulls=True,
    )  # fmt: skip
    # A supplier whose name is withheld is not told from another such by an identifier either.
    return masked.select(*SHOWN, "supplier_id", "sic_section", searched.alias("searched")).sort(
        "amount_pence", "file", "file_row", descending=[True, False, False]
    )


def ask(rows: pl.LazyFrame, question: Question, *, first: int = 0, most: int = 25, largest: int = 10) -> Answer:
    """Return what a question comes to.

    Args:
        rows: as `drill_rows` made them.
        question: what is asked.
        first: how many rows to pass over.
        most: how many rows to return.
        largest: how many suppliers to return.

    Raises:
        CwbError: the dates are the wrong way round.
    """
    fit = _fitting(rows, question)
    pence = pl.col("amount_pence").sum()
    sums = fit.group_by("band").agg(pence, payments=pl.len().cast(pl.Int64))
    suppliers = (
        fit.group_by("supplier_id")
        .agg(pl.col("supplier_name").first(), pence, payments=pl.len().cast(pl.Int64))
        .sort("amount_pence", "supplier_id", descending=[True, False])
        .head(largest)
    )
    shown = fit.select(*SHOWN, "supplier_id").slice(first, most)
    by_band, top, page = pl.collect_all([sums, suppliers, shown])
    found = {band: (amount, count) for band, amount, count in by_band.iter_rows()}
    spent = sum(found[band][0] for band in BANDS if band in found)
    bands = {
        band: (found.get(band, (0, 0))[0], found.get(band, (0, 0))[0] / spent if spent > 0 else None) for band in BANDS
    }
    return Answer(
        sum(count for _, count in found.values()), sum(amount for amount, _ in found.values()), bands, page, top
    )


def taken_away(rows: pl.LazyFrame, question: Question) -> pl.DataFrame:
    """Return all payments that fit, with `SHOWN`, most £ first."""
    return _fitting(rows, question).select(*SHOWN).collect()


def values(rows: pl.LazyFrame) -> dict[str, list[str]]:
    """Return what can be asked for by name: band, institution, year, category, department, each sorted."""
    names = {name: column for name, column in _EQUAL.items() if name not in ("supplier", "sector")}
    found = pl.collect_all([rows.select(pl.col(column).drop_nulls().unique()) for column in names.values()])
    return {
        name: sorted(value for value in frame.to_series() if value) for name, frame in zip(names, found, strict=True)
    }


def _fitting(rows: pl.LazyFrame, question: Question) -> pl.LazyFrame:
    since, until = _day(question.since), _day(question.until)
    if since and until and since > until:
        raise CwbError(f"from {since} to {until}: the first day is after the last; change one of them")
    tests: list[pl.Expr] = [
        pl.col(column) == value for name, column in _EQUAL.items() if (value := getattr(question, name))
    ]
    if since:
        tests.append(pl.col("payment_date") >= since)
    if until:
        tests.append(pl.col("payment_date") <= until)
    if question.text.strip():
        tests.append(pl.col("searched").str.contains(question.text.strip().lower(), literal=True))
    return rows.filter(*tests) if tests else rows


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
