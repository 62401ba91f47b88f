"""One raw table → its payments, rejects, control totals and entry in the account."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import PurePath
from typing import Any

import polars as pl

from cwb import lookups, schema
from cwb.errors import LedgerError
from cwb.ledger.columns import Mapping_, choose_columns, override_columns
from cwb.ledger.headings import find_headings, normalise
from cwb.ledger.raw import RawTable
from cwb.ledger.redaction import is_redaction, says_redacted
from cwb.ledger.rows import Rows, heading_rows, sort_rows

_TEXT_FIELDS = (
    "supplier_ref", "supplier_postcode", "company_number", "charity_number", "vat_number", "description", "department",
    "category",
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What the caller says about the files."""

    columns: Mapping[str, str] | None = None
    institution: str | None = None
    financial_year: str | None = None


@dataclass(frozen=True)
class Part:
    """What one table of a file holds. `keys` has a hash a payment, for the search of one payment in two files."""

    payments: pl.DataFrame
    rejects: pl.DataFrame
    control_totals: pl.DataFrame
    entry: dict[str, Any]
    keys: pl.Series


class Decisions:
    """Columns already chosen in this run: the next month's file with the same headings is read the same way."""

    def __init__(self, saved: Mapping[str, Mapping[str, str]]) -> None:
        self.saved = saved
        self._chosen: dict[tuple[str, ...], Mapping_] = {}

    def choose(self, body: pl.DataFrame, headings: list[str | None], options: Options, where: str) -> Mapping_:
        """Return the columns: as the caller says, else as saved for these headings, else as guessed."""
        key = tuple(normalise(h) for h in headings)
        known = self._chosen.get(key)
        if known is not None:
            return replace(known, headings=tuple(headings))
        wanted = options.columns or self.saved.get(fingerprint(headings))
        if not wanted:
            chosen = choose_columns(body, headings, where)
        else:
            guess: Mapping_ | None
            try:
                guess = choose_columns(body, headings, where)
            except LedgerError:
                guess = None
            source = "named by you" if options.columns else "remembered from an earlier file with the same headings"
            chosen = override_columns(headings, wanted, guess, where, source)
        if any(key):
            self._chosen[key] = chosen
        return chosen


def fingerprint(headings: list[str | None]) -> str:
    """Return a hash of a table's headings in order, the same for next month's file of the same layout."""
    return hashlib.sha256("\x1f".join(normalise(h) for h in headings).encode()).hexdigest()[:16]


def read_table(raw: RawTable, options: Options, decisions: Decisions) -> list[Part]:
    """Return a part for each table stacked in a sheet; nearly always one.

    Raises:
        LedgerError: there are no headings, or no amount or supplier column under them.
    """
    found = find_headings(raw.cells)
    if found is None:
        raise LedgerError(
            f"{raw.where}: no headings found, such as Date, Supplier and Amount. Is this a ledger? First cells: {_first(raw.cells)}."
        )
    parts: list[Part] = []
    start, headings = found
    while True:
        body = raw.cells.slice(start + 1)
        mapping = decisions.choose(body, headings, options, raw.where)
        rows = sort_rows(body, mapping, epoch_1904=raw.epoch_1904)
        end, following = _next_table(body, rows, mapping, headings)
        if following is not None:
            body = body.head(end)
            rows = sort_rows(body, mapping, epoch_1904=raw.epoch_1904)
        parts.append(_part(raw, body, rows, mapping, start + 1, options))
        if following is None:
            return parts
        start, headings = start + 1 + end, following


def _next_table(
    body: pl.DataFrame, rows: Rows, mapping: Mapping_, headings: list[str | None]
) -> tuple[int, list[str | None] | None]:
    """Return (row, headings) where a further table with other headings starts and can be read as a ledger."""
    same = [normalise(h) for h in headings]
    rejected = pl.Series([False]).new_from_index(0, body.height).scatter([i for i, _ in rows.rejects], True) \
        if rows.rejects else None
    if rejected is None:
        return 0, None
    for i in heading_rows(body, rejected):
        names = list(body.row(i))
        if [normalise(n) for n in names] == same:
            continue
        try:
            other = choose_columns(body.slice(i + 1), names, "")
        except LedgerError:
            continue
        if other.columns != mapping.columns:
            return i, names
    return 0, None


def _first(cells: pl.DataFrame) -> str:
    texts = [c.strip()[:30] for row in cells.head(10).rows() for c in row if c and c.strip()]
    return ", ".join(texts[:4]) or "none"


def _cell(body: pl.DataFrame, mapping: Mapping_, field: str) -> pl.Series | None:
    return body[:, mapping.columns[field]] if field in mapping.columns else None


def _dominant(cells: pl.Series | None) -> str | None:
    if cells is None:
        return None
    texts = cells.drop_nulls()
    counts = texts.value_counts(sort=True)
    if counts.is_empty():
        return None
    name, rows = counts.row(0)
    share = rows / max(len(cells), 1)
    return str(name).strip() or None if share > lookups.number("ledger.dominant_share") else None


@cache
def _file_words() -> frozenset[str]:
    return frozenset(lookups.table("ledger/file_words")["word"])


def body_from_name(file: str) -> str:
    """Return the body that a file's name (or its folder's) speaks of, months and words like "spend" taken away."""
    path = PurePath(file)
    for text in (path.name.split(".")[0], *(p for p in reversed(path.parts[:-1]))):
        words = [w for w in re.split(r"[^A-Za-z&]+|%20", text) if w]
        kept = [w for w in words if w.casefold() not in _file_words()]
        if kept and any(len(w) > 2 for w in kept):
            return " ".join(kept)
    return path.stem


def _institution(payments: pl.DataFrame, mapping: Mapping_, raw: RawTable, options: Options, folder: str) -> str:
    if options.institution:
        return options.institution
    for field in ("institution", "family"):
        if name := _dominant(_cell(payments, mapping, field)):
            return name
    return body_from_name(f"{folder}/{raw.file}")


def _part(
    raw: RawTable, body: pl.DataFrame, rows: Rows, mapping: Mapping_, offset: int, options: Options
) -> Part:  # fmt: skip
    """`offset` is the number of rows above the body; file rows count from 1."""
    numbered = body.with_row_index("file_row", offset + 1)
    keep = rows.payments
    cells = body.filter(keep)
    amounts = rows.amounts.filter(keep)
    supplier = cells[:, mapping.columns["supplier"]].fill_null("")
    redacted = is_redaction(supplier)
    flag = _cell(cells, mapping, "redacted")
    if flag is not None:
        redacted = redacted | says_redacted(flag)
    days = rows.dates.values.filter(keep) if rows.dates is not None else pl.Series([None], dtype=pl.Date).new_from_index(0, cells.height)
    prefix = hashlib.sha256(f"{raw.file}\x1f{raw.sheet or ''}".encode()).hexdigest()[:8]
    frame = pl.DataFrame({"file_row": numbered["file_row"].filter(keep).cast(pl.Int64), "payment_date": days}).with_columns(
        payment_id=pl.concat_str(pl.lit(prefix + "-"), pl.col("file_row").cast(pl.String)),
        file=pl.lit(raw.file),
        sheet=pl.lit(raw.sheet, dtype=pl.String),
        institution=pl.lit(_institution(cells, mapping, raw, options, "")),
        financial_year=financial_year(pl.col("payment_date")).fill_null(pl.lit(options.financial_year, dtype=pl.String)),
        supplier_name=supplier,
        amount_pence=amounts,
        is_redacted=redacted,
        **{f: cells[:, mapping.columns[f]] for f in _TEXT_FIELDS if f in mapping.columns},
    )
    payments = schema.conform(frame, schema.PAYMENTS)
    rejects = _rejects(raw, body, rows, offset)
    totals = _totals(raw, rows, offset)
    keys = _keys(payments, cells, mapping)
    entry = _entry(raw, body, cells, payments, totals, rejects, rows, mapping, offset)
    return Part(payments, rejects, totals, entry, keys)


def financial_year(day: pl.Expr) -> pl.Expr:
    """Return the financial year of a date, April to March, as 2016-17; null for no date."""
    first = day.dt.year() - (day.dt.month() < 4).cast(pl.Int32)
    return first.cast(pl.String) + "-" + ((first + 1) % 100).cast(pl.String).str.zfill(2)


def _rejects(raw: RawTable, body: pl.DataFrame, rows: Rows, offset: int) -> pl.DataFrame:
    return schema.conform(
        pl.DataFrame(
            {
                "file_row": [offset + 1 + i for i, _ in rows.rejects],
                "reason": [reason for _, reason in rows.rejects],
                "raw": [json.dumps(_trimmed(body.row(i)), ensure_ascii=False) for i, _ in rows.rejects],
            },
            schema={"file_row": pl.Int64, "reason": pl.String, "raw": pl.String},
        ).with_columns(file=pl.lit(raw.file), sheet=pl.lit(raw.sheet, dtype=pl.String)),
        schema.REJECTS,
    )


def _trimmed(row: tuple[str | None, ...]) -> list[str]:
    cells = [c or "" for c in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _totals(raw: RawTable, rows: Rows, offset: int) -> pl.DataFrame:
    return schema.conform(
        pl.DataFrame(
            [(offset + 1 + i, label, pence, ties, reason) for i, label, pence, ties, reason in rows.totals],
            schema={"file_row": pl.Int64, "label": pl.String, "amount_pence": pl.Int64, "ties": pl.Boolean, "reason": pl.String},
            orient="row",
        ).with_columns(file=pl.lit(raw.file), sheet=pl.lit(raw.sheet, dtype=pl.String)),
        schema.CONTROL_TOTALS,
    )


def _keys(payments: pl.DataFrame, cells: pl.DataFrame, mapping: Mapping_) -> pl.Series:
    number = _cell(cells, mapping, "transaction")
    identity = payments.select("payment_date", "supplier_name", "amount_pence").with_columns(
        number=number if number is not None else payments["description"]
    )
    return identity.hash_rows(seed=7)


def _entry(
    raw: RawTable, body: pl.DataFrame, cells: pl.DataFrame, payments: pl.DataFrame, totals: pl.DataFrame,
    rejects: pl.DataFrame, rows: Rows, mapping: Mapping_, offset: int,
) -> dict[str, Any]:  # fmt: skip
    pence = payments["amount_pence"]
    negative = pence.filter(pence < 0)
    again = cells.hash_rows(seed=3).is_first_distinct().not_()
    repeated = pence.filter(again)
    return {
        "file": raw.file,
        "format": raw.format,
        "encoding": raw.encoding,
        "delimiter": raw.delimiter,
        "sheet": raw.sheet,
        "header_row": offset,
        "columns": {f: mapping.heading(f) for f in mapping.columns},
        "rows": {
            "read": body.height,
            "payments": payments.height,
            "control_totals": totals.height,
            "blank": rows.blank,
            "rejected": rejects.height,
        },
        "amount_pence": {"payments": int(pence.sum()), "control_totals": int(totals["amount_pence"].sum())},
        "negative": {"rows": len(negative), "amount_pence": int(negative.sum())},
        "redacted_rows": int(payments["is_redacted"].sum()),
        "warnings": [*raw.warnings, *_warnings(rows, mapping, totals, repeated)],
        "dates": _date_range(payments["payment_date"]),
        "vat_basis": mapping.vat_basis,
        "duplicates": {"rows": len(repeated), "amount_pence": int(repeated.sum())},
        "confidence": min((mapping.confidence[f] for f in ("amount", "supplier", "date") if f in mapping.confidence), default=0.0),
        "why": dict(mapping.why),
        "mapping": mapping.source,
    }


def _date_range(days: pl.Series) -> dict[str, Any]:
    first, last = days.min(), days.max()
    return {
        "from": first.isoformat() if isinstance(first, date) else None,
        "to": last.isoformat() if isinstance(last, date) else None,
        "undated_rows": days.null_count(),
    }


def pounds(pence: int) -> str:
    """Return pence as pounds for a person: -£1,234.56."""
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def _warnings(rows: Rows, mapping: Mapping_, totals: pl.DataFrame, repeated: pl.Series) -> list[str]:
    out: list[str] = []
    unsure = lookups.number("ledger.sure_mapping")
    for field in ("amount", "supplier", "date"):
        if field in mapping.columns and mapping.confidence[field] < unsure:
            out.append(f"the {field} column is a guess ('{mapping.heading(field)}': {mapping.why[field]}): check it")
    if "date" not in mapping.columns:
        out.append("no date column: payments have no date, and their year must be given")
    if mapping.vat_basis == "gross":
        out.append(f"amounts include VAT ('{mapping.heading('amount')}')")
    if rows.dates is not None:
        out.extend(rows.dates.notes)
        if rows.dates.refused_rows:
            examples = ", ".join(f"'{c[:20]}'" for c in rows.dates.refused[:3])
            out.append(f"{rows.dates.refused_rows} rows have a date that is refused ({examples}): kept without a date")
    loose = totals.filter(~pl.col("ties"))
    if loose.height:
        first = loose.row(0, named=True)
        out.append(
            f"{loose.height} printed total{'s' if loose.height > 1 else ''} not equal to the rows above: "
            f"row {first['file_row']} prints {pounds(first['amount_pence'])}"
        )
    if len(repeated):
        out.append(f"{len(repeated)} rows repeat another row exactly, {pounds(int(repeated.sum()))} in all: counted, not dropped")
    kinds = Counter(re.sub(r"'.*?'", "…", reason) for _, reason in rows.rejects)
    for reason, count in kinds.items():
        if "amount …" in reason:
            out.append(f"{count} rows refused: {reason}")
    return out
