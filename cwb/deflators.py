"""Prices of one year in those of another, by HM Treasury's GDP deflators."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from cwb import lookups
from cwb.errors import CwbError, did_you_mean

SOURCE = "hmt_deflators_2026_03"
_YEAR = re.compile(r"^(\d{4})-(\d{2})$")
# A calendar year has one quarter in the financial year before it and three in the one that starts in it.
_QUARTERS_BEFORE, _QUARTERS_IN = 1, 3


def start_year(financial_year: str) -> int:
    """Return the calendar year in which a financial year such as "2016-17" starts.

    Raises:
        CwbError: the text is not a financial year.
    """
    found = _YEAR.match(financial_year)
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise CwbError(f"'{financial_year}' is not a financial year; write it as 2016-17")
    return int(found[1])


@cache
def _indices() -> dict[str, float]:
    frame = lookups.table("impact/deflators")
    return dict(zip(frame["financial_year"].to_list(), frame["index"].to_list(), strict=True))


def index(financial_year: str) -> float:
    """Return the GDP deflator of a financial year, 2024-25 = 100 (HM Treasury, March 2026).

    Raises:
        CwbError: there is no deflator for the year.
    """
    start_year(financial_year)
    known = _indices()
    if financial_year not in known:
        years = sorted(known)
        raise CwbError(
            f"no GDP deflator for {financial_year}; they cover {years[0]} to {years[-1]}."
            f"{did_you_mean(financial_year, known)}"
        )
    return known[financial_year]


def has_index(financial_year: str) -> bool:
    """Return whether a financial year has a deflator.

    Raises:
        CwbError: the text is not a financial year.
    """
    start_year(financial_year)
    return financial_year in _indices()


def calendar_index(year: int) -> float:
    """Return the deflator of a calendar year: a quarter of the financial year before, three of its own."""
    before, own = (f"{y}-{(y + 1) % 100:02d}" for y in (year - 1, year))
    return (_QUARTERS_BEFORE * index(before) + _QUARTERS_IN * index(own)) / (_QUARTERS_BEFORE + _QUARTERS_IN)


def factor(from_year: str, to_year: str) -> float:
    """Equation: real = nominal × index(to) ÷ index(from): what £1 of one financial year is in another's prices."""
    return index(to_year) / index(from_year)


def in_prices_of(frame: pl.DataFrame, financial_year: str, *, column: str = "amount_pence") -> pl.DataFrame:
    """Return `frame` with `column` (pence) put into the prices of one financial year, rounded to the penny.

    `frame` has a `financial_year` column; where it is null the amount becomes null, for its prices are not known.

    Raises:
        CwbError: a year has no deflator.
    """
    target = index(financial_year)
    for year in frame["financial_year"].drop_nulls().unique():
        index(year)
    known = pl.DataFrame({"financial_year": list(_indices()), "_index": list(_indices().values())})
    return (
        frame.join(known, on="financial_year", how="left", validate="m:1", maintain_order="left")
        .with_columns((pl.col(column) * target / pl.col("_index")).round().cast(pl.Int64).alias(column))
        .drop("_index")
    )
