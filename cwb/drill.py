"""The payments behind a number: asked for by what, where, when and who, and added up.

Texts are held once each, in order, and rows hold their numbers: asking 1.5 million payments compares integers.
What is not to be shown is masked before, so that it cannot be searched for either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import polars as pl

from cwb.errors import CwbError
from cwb.indicators.decomposition import NONE as NOT_STATED
from cwb.indicators.payees import one_wording
from cwb.privacy import mask_names
from cwb.schema import BANDS

SHOWN = (
    "payment_date", "supplier_name", "amount_pence", "band", "institution", "financial_year", "category", "department",
    "description", "file", "sheet", "file_row",
)  # fmt: skip
_AS_THEY_ARE = ("payment_date", "amount_pence", "file_row")
_WORDS = (*(name for name in SHOWN if name not in _AS_THEY_ARE), "supplier_id", "sic_section", "searched")
_EQUAL = {
    "band": "band", "institution": "institution", "year": "financial_year", "category": "category",
    "department": "department", "supplier": "supplier_id", "sector": "sic_section",
}  # fmt: skip

NONE = "-"  # asked for where a row tells nothing


@dataclass(frozen=True)
class Rows:
    """Payments as they may be shown, most £ first.

    `codes` has a row a payment: `payment_date`, `amount_pence` and `file_row` as they are, other columns as the place
    of their text in `words`, which holds each column's texts once, in order; null where there is none.
    """

    codes: pl.DataFrame
    words: Mapping[str, pl.Series]


@dataclass(frozen=True)
class Question:
    """What payments are asked for; an empty part asks nothing. Its fields are an address's parameters.

    `text` is looked for in supplier's name and description, whatever the case; `since` and `until` are ISO dates. The
    other parts hold one value or several, each on a line, any of which fits; `NONE` fits rows that tell none.
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
        days = {name: said[name] if _day(said[name]) else "" for name in ("since", "until")}
        return cls(**{**said, **days})

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
    part of it asked for, most £ first: `SHOWN` and supplier_id.
    """

    payments: int
    amount_pence: int
    bands: Mapping[str, tuple[int, float | None]]
    rows: pl.DataFrame


def drill_rows(banded: pl.DataFrame, links: pl.DataFrame, payees: pl.DataFrame | None, *, shown: bool) -> Rows:
    """Return payments as they may be shown and searched.

    Args:
        banded: schema.BANDED.
        links: schema.LINKS, for which suppliers are individuals.
        payees: spend.PAYEES, for the suppliers' sectors.
        shown: names of individuals may be shown.
    """
    kinds = links.select("supplier_id", "supplier_type")
    typed = banded.join(kinds, on="supplier_id", how="left", validate="m:1", maintain_order="left")
    if payees is None:
        typed = typed.with_columns(pl.lit(None, dtype=pl.String).alias("sic_section"))
    else:
        sections = payees.select("supplier_id", "sic_section")
        typed = typed.join(sections, on="supplier_id", how="left", validate="m:1", maintain_order="left")
    searched = pl.concat_str(
        pl.col("supplier_name").str.to_lowercase(), pl.col("description").str.to_lowercase(), separator="\n",
        ignore_nulls=True,
    )  # fmt: skip
    masked = mask_names(typed, shown).with_columns(searched.alias("searched"))
    ordered = masked.sort("amount_pence", "file", "file_row", descending=[True, False, False])
    words = {name: ordered[name].drop_nulls().unique().sort() for name in _WORDS}
    coded = [_coded(ordered[name], words[name]) for name in _WORDS]
    return Rows(pl.DataFrame([*(ordered[name] for name in _AS_THEY_ARE), *coded]), words)


def _coded(column: pl.Series, words: pl.Series) -> pl.Series:
    texts = pl.DataFrame({"text": words}).with_row_index("code")
    found = pl.DataFrame({"text": column}).join(texts, on="text", how="left", maintain_order="left", validate="m:1")
    return found["code"].alias(column.name)


def ask(rows: Rows, question: Question, *, first: int = 0, most: int = 25) -> Answer:
    """Return what a question comes to.

    Args:
        rows: as `drill_rows` made them.
        question: what is asked.
        first: how many rows to pass over.
        most: how many rows to return.

    Raises:
        CwbError: the dates are the wrong way round.
    """
    fit = _fitting(rows, question)
    counted = ("amount_pence", "band")
    sums = _these(rows.codes.select(counted), fit).group_by("band").agg(pl.col("amount_pence").sum(), payments=pl.len())
    names = rows.words["band"]
    found = {names[code]: (pence, count) for code, pence, count in sums.iter_rows()}
    spent = sum(found[band][0] for band in BANDS if band in found)
    bands = {
        band: (found.get(band, (0, 0))[0], found.get(band, (0, 0))[0] / spent if spent > 0 else None) for band in BANDS
    }
    return Answer(
        sum(count for _, count in found.values()), sum(pence for pence, _ in found.values()), bands,
        _read(rows, fit, first, most, (*SHOWN, "supplier_id")),
    )  # fmt: skip


def largest(rows: Rows, question: Question, most: int) -> pl.DataFrame:
    """Return the suppliers with most £ among what fits: supplier_id, supplier_name, amount_pence, payments."""
    told = ("supplier_id", "supplier_name", "amount_pence")
    sums = (
        _these(rows.codes.select(told), _fitting(rows, question))
        .group_by("supplier_id")
        .agg(pl.col("supplier_name").first(), pl.col("amount_pence").sum(), payments=pl.len().cast(pl.Int64))
        .sort("amount_pence", "supplier_id", descending=[True, False])
        .head(most)
    )
    return sums.with_columns(rows.words[name].gather(sums[name]).alias(name) for name in told[:2])


def taken_away(rows: Rows, question: Question) -> pl.DataFrame:
    """Return all payments that fit, with `SHOWN`, most £ first."""
    return _read(rows, _fitting(rows, question), 0, rows.codes.height, SHOWN)


def values(rows: Rows) -> dict[str, list[str]]:
    """Return what can be asked for by name: band, institution, year, category, department, each in order."""
    return {
        name: [text for text in rows.words[column].to_list() if text]
        for name, column in _EQUAL.items()
        if name not in ("supplier", "sector")
    }


def _fitting(rows: Rows, question: Question) -> pl.Series | None:
    """Return which rows fit, as booleans; None where all do."""
    since, until = _day(question.since), _day(question.until)
    if since and until and since > until:
        raise CwbError(f"from {since} to {until}: the first day is after the last; change one of them")
    tests: list[pl.Expr] = []
    for name, column in _EQUAL.items():
        if value := getattr(question, name):
            tests.append(_any_of(value.split("\n"), column, rows.words[column]))
    if since:
        tests.append(pl.col("payment_date") >= since)
    if until:
        tests.append(pl.col("payment_date") <= until)
    fit = rows.codes.select(pl.all_horizontal(*tests).fill_null(value=False)).to_series() if tests else None
    if fit is not None and fit.len() != rows.codes.height:  # only words that are not there were asked for
        fit = pl.repeat(value=False, n=rows.codes.height, eager=True)
    text = question.text.strip().lower()
    if text:
        hits = rows.words["searched"].str.contains(text, literal=True).gather(rows.codes["searched"])
        hits = hits.fill_null(value=False)
        fit = hits if fit is None else fit & hits
    return fit


def _any_of(wanted: list[str], column: str, words: pl.Series) -> pl.Expr:
    """Return whether a row's column is one of some texts; `words` are its texts, in order."""
    at = [int(words.search_sorted(one)) for one in wanted]
    codes = [code for code, one in zip(at, wanted, strict=True) if code < words.len() and words[code] == one]
    tests = [pl.col(column) == code for code in codes[:1]] if len(codes) < 2 else [pl.col(column).is_in(codes)]
    if NONE in wanted:
        tests.append(pl.col(column).is_null())
    return pl.any_horizontal(*tests).fill_null(value=False) if tests else pl.lit(value=False)


def wordings(frames: Sequence[pl.DataFrame], column: str = "category") -> dict[str, str]:
    """Return how each category is printed in some spend, each way on a line, by its one wording; `NONE` for none."""
    every = pl.concat([frame.select(column) for frame in frames]).unique().sort(column).drop_nulls()
    told = every.with_columns(one_wording(column).alias("one"))
    printed = told.group_by("one").agg(pl.col(column).str.join("\n"))
    return dict(printed.iter_rows()) | {NOT_STATED: NONE}


def _these(frame: pl.DataFrame, fit: pl.Series | None) -> pl.DataFrame:
    return frame if fit is None else frame.filter(fit)


def _read(rows: Rows, fit: pl.Series | None, first: int, most: int, names: tuple[str, ...]) -> pl.DataFrame:
    """Return part of the rows that fit, in words."""
    part = rows.codes.slice(first, most) if fit is None else rows.codes[fit.arg_true().slice(first, most)]
    return part.select(names).with_columns(
        rows.words[name].gather(part[name]).alias(name) for name in names if name in rows.words
    )


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
