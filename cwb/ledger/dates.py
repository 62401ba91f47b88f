"""Text of a date → date. Day-first or month-first is decided once for the whole column, and said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from cwb import lookups

_PERIOD = re.compile(
    r"^(?:(?:week|month|period|fortnight|w|wk)\s*[/.]?\s*(?:ending|ended|end|commencing|beginning|e|c)\.?|as at)"
    r"\s*[:-]?\s*(?=\S*\d|[a-z]{3})"
)
_MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ].*)?")
_NUMERIC = re.compile(r"(\d{1,2})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?(\d{4}|\d{2})(?:[t ,].*)?")
_NAMED = re.compile(
    r"(?:[a-z]{3,9}\.?,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[-/. ,]*(?:of\s+)?"
    r"([a-z]{3,9})\.?[-/. ,']*(\d{4}|\d{2})(?:[t ,].*)?"
)
_NAMED_US = re.compile(r"([a-z]{3,9})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[t ].*)?")
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_COMPACT_DAY_FIRST = re.compile(r"(\d{2})(\d{2})((?:19|20)\d{2})")
_MONTH_YEAR = re.compile(r"(0?[1-9]|1[0-2])[-/]((?:19|20)\d{2})")
_MONTH_ONLY = re.compile(r"([a-z]{3,9})\.?[-/. ,']*(\d{4}|\d{2})")
_YEAR_MONTH = re.compile(r"((?:19|20)\d{2})[-/ ]?(0[1-9]|1[0-2])")
_YEAR_NAMED_MONTH = re.compile(r"((?:19|20)\d{2})[-/. ]*([a-z]{3,9})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_PIVOT = 50  # two-digit years up to 49 are of this century


@dataclass(frozen=True)
class Reading:
    """A cell before the column's order is known: a date, or two numbers whose order is open."""

    kind: str  # iso, numeric, named, serial, month
    first: int
    second: int
    year: int


@dataclass(frozen=True)
class ParsedDates:
    """A column of dates and the financial years they fall in (April to March, as 2016-17).

    `order` is day-first, month-first or none; `notes` are for a person; `refused` are cells that are no date.
    """

    values: pl.Series
    years: pl.Series
    order: str
    notes: tuple[str, ...]
    refused: tuple[str, ...]


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 2:
        year += 2000 if year < _PIVOT else 1900
    return year


# Tried in order; each names its groups d, m (a number or a month's name) and y, and the kind of reading.
_FORMS = (
    (_ISO, "iso", "dmy", (3, 2, 1)),
    (_NUMERIC, "numeric", "dmy", (1, 2, 3)),
    (_NAMED, "named", "dMy", (1, 2, 3)),
    (_NAMED_US, "named", "dMy", (2, 1, 3)),
    (_COMPACT, "iso", "dmy", (3, 2, 1)),
    (_MONTH_ONLY, "month", "My", (0, 1, 2)),
    (_COMPACT_DAY_FIRST, "numeric", "dmy", (1, 2, 3)),
    (_YEAR_MONTH, "month", "my", (0, 2, 1)),
    (_MONTH_YEAR, "month", "my", (0, 1, 2)),
    (_YEAR_NAMED_MONTH, "month", "My", (0, 2, 1)),
)


@lru_cache(maxsize=200_000)
def read_cell(cell: str) -> Reading | None:
    """Return what a cell says of a date, or None."""
    text = cell.strip().lstrip("'").strip().casefold().removesuffix(".0")
    text = _PERIOD.sub("", text, count=1) if text[:1].isalpha() else text
    for form, kind, shape, (day, month, year) in _FORMS:
        found = form.fullmatch(text)
        if not found:
            continue
        named = "M" in shape
        if named and found[month][:3] not in _MONTHS:
            continue
        number = _MONTHS[found[month][:3]] if named else int(found[month])
        return Reading(kind, int(found[day]) if day else 1, number, _year(found[year]))
    serial = _SERIAL.fullmatch(text)
    return Reading("serial", int(serial[1]), 0, 0) if serial else None


def _safe(year: int, month: int, day: int) -> date | None:
    first, last = int(lookups.number("ledger.first_year")), int(lookups.number("ledger.last_year"))
    if not first <= year <= last:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _months(readings: Iterable[Reading], swap: bool) -> set[tuple[int, int]]:
    return {(r.year, r.first if swap else r.second) for r in readings}


def _numeric_order(numeric: list[Reading]) -> tuple[str, str]:
    day_first = [r for r in numeric if r.first > 12]
    month_first = [r for r in numeric if r.second > 12]
    if month_first and not day_first:
        return "month-first", "dates are month-first (as 7/31/2020): read so for the whole column"
    if day_first and not month_first:
        return "day-first", ""
    if day_first and month_first:
        most = "month-first" if len(month_first) > len(day_first) else "day-first"
        return most, f"dates mix day-first and month-first: read as {most} where both are possible; check them"
    as_day, as_month = len(_months(numeric, False)), len(_months(numeric, True))
    # A run of payments falls in few months and on many days: the reading with far fewer months is the right one.
    if len(numeric) >= 4 and as_month * 3 <= as_day:
        return "month-first", "dates read month-first: day-first would scatter them over many months; check them"
    if numeric and as_day * 3 > as_month:
        return "day-first", "dates could be day-first or month-first (no day above 12): read as day-first; check them"
    return "day-first", ""


def _iso_swapped(iso: list[Reading], numeric: list[Reading], order: str) -> bool:
    """A spreadsheet that took 6/1 for 6 January made true dates of those it could, and left 6/25 as text."""
    if not iso or len(numeric) < 2 or any(r.first > 12 for r in iso):
        return False
    if any(r.first <= 12 and r.second <= 12 for r in numeric):
        return False
    months = _months(numeric, order == "month-first")
    return {(r.year, r.first) for r in iso} <= months and not {(r.year, r.second) for r in iso} <= months


def _resolver(order: str, swapped: bool, epoch: date) -> Callable[[Reading], date | None]:
    def resolve(r: Reading) -> date | None:
        if r.kind == "serial":
            day = epoch + timedelta(days=r.first)
            return _safe(day.year, day.month, day.day)
        if (r.kind == "numeric" and order == "month-first") or (r.kind == "iso" and swapped):
            return _safe(r.year, r.first, r.second) or (
                _safe(r.year, r.second, r.first) if r.kind == "numeric" else None
            )
        if r.kind == "numeric":
            return _safe(r.year, r.second, r.first) or _safe(r.year, r.first, r.second)
        return _safe(r.year, r.second, r.first)

    return resolve


def _financial_year(day: date | None) -> str | None:
    if day is None:
        return None
    first = day.year - (day.month < 4)
    return f"{first}-{(first + 1) % 100:02d}"


def parse_dates(cells: pl.Series, *, epoch_1904: bool = False) -> ParsedDates:
    """Return the dates of a column of text, with the order decided for all of it.

    Args:
        cells: text, nulls allowed; times of day are ignored.
        epoch_1904: bare serial numbers count from 1904, as in old Macintosh workbooks.
    """
    text = cells.cast(pl.String).alias("text")
    stamp = r"^\d{4}-\d\d-\d\d[T ]"
    if text.head(50).str.contains(stamp).any():  # times would make every cell distinct
        cut = pl.when(pl.col("text").str.contains(stamp)).then(pl.col("text").str.head(10)).otherwise(pl.col("text"))
        text = text.to_frame().select(cut.alias("text"))["text"]
    distinct = [c for c in text.unique().drop_nulls().to_list() if c.strip()]
    readings = {c: read_cell(c) for c in distinct}
    known = [r for r in readings.values() if r is not None]
    numeric = [r for r in known if r.kind == "numeric"]
    iso = [r for r in known if r.kind == "iso"]
    order, note = _numeric_order(numeric)
    swapped = _iso_swapped(iso, numeric, order)
    notes = [note] if note and numeric else []
    if swapped:
        notes.append(
            "true dates have day and month exchanged (a spreadsheet took one for the other): exchanged back; check them"
        )
    if known and all(r.kind == "month" for r in known):
        notes.append("dates give only the month: the first day is used")
    resolve = _resolver(order, swapped, _EPOCH_1904 if epoch_1904 else _EPOCH_1900)
    resolved = {c: (resolve(r) if r else None) for c, r in readings.items()}
    table = pl.DataFrame(
        {
            "text": distinct,
            "day": [resolved[c] for c in distinct],
            "year": [_financial_year(resolved[c]) for c in distinct],
        },
        schema={"text": pl.String, "day": pl.Date, "year": pl.String},
    )
    joined = text.to_frame().join(table, on="text", how="left", maintain_order="left")
    refused = tuple(c for c in distinct if resolved[c] is None)
    return ParsedDates(joined["day"], joined["year"], order if numeric else "", tuple(notes), refused)
