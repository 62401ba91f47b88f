"""One raw table → its payments, rejects, control totals and entry in the account."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cwb import schema
from cwb.errors import LedgerError
from cwb.ledger.bodies import institution_of
from cwb.ledger.columns import NEEDED, ColumnChoice, choose_columns, column_letter, override_columns
from cwb.ledger.dates import parse_dates
from cwb.ledger.entries import entry
from cwb.ledger.headings import find_headings, find_unknown_headings, normalise, side_by_side
from cwb.ledger.mappings import fingerprint
from cwb.ledger.preamble import with_totals_above
from cwb.ledger.raw import RawTable
from cwb.ledger.redaction import is_redaction, says_redacted
from cwb.ledger.rows import Rows, heading_rows, sort_rows
from cwb.ledger.supplier_cells import clean_suppliers

_MOST_TRIED = 20  # rows like headings that are tried as those of a further table
_TEXT_FIELDS = (
    "supplier_ref",
    "supplier_postcode",
    "company_number",
    "charity_number",
    "vat_number",
    "description",
    "department",
    "category",
)


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

    def __init__(self, remembered: Mapping[str, Mapping[str, str]]) -> None:
        """Start with what people chose in earlier runs: fingerprint → (field → heading)."""
        self._remembered = remembered
        self._chosen: dict[tuple[str, ...], ColumnChoice] = {}

    def choose(
        self, body: pl.DataFrame, headings: list[str | None], options: Options, where: str, *, afresh: bool = False
    ) -> ColumnChoice:
        """Return the columns: as the caller says, else as remembered for these headings, else as guessed.

        `afresh` looks at the values again, where an earlier file's columns do not suit this one.

        Raises:
            LedgerError: no column can be the amount or the supplier, or the caller's headings are not there.
        """
        key = tuple(normalise(h) for h in headings)
        known = self._chosen.get(key)
        if known is not None and not afresh:
            return replace(known, headings=tuple(headings))
        wanted = options.columns or self._remembered.get(fingerprint(headings))
        if not wanted:
            chosen = choose_columns(body, headings, where)
        else:
            guess: ColumnChoice | None
            try:
                guess = choose_columns(body, headings, where)
            except LedgerError:
                guess = None
            source = "named by you" if options.columns else "remembered from an earlier file with these headings"
            chosen = override_columns(headings, wanted, guess, where, source)
        if any(key):
            self._chosen[key] = chosen
        return chosen


def read_table(raw: RawTable, options: Options, decisions: Decisions) -> list[Part]:
    """Return a part for each table stacked in a sheet; nearly always one.

    Raises:
        LedgerError: there are no headings, or no amount or supplier column under them.
    """
    start, headings = headings_of(raw)
    blocks = [_cut(raw, *block) for block in side_by_side(headings)]
    blocks = [b for b in blocks if any(c and c.strip() for row in b.cells.slice(start + 1).iter_rows() for c in row)]
    if len(blocks) > 1:
        return [part for block in blocks for part in read_table(block, options, decisions)]
    above = raw.cells.head(max(start, 0))
    parts: list[Part] = []
    while True:
        body = raw.cells.slice(start + 1)
        choice = decisions.choose(body, headings, options, raw.where)
        rows = sort_rows(body, choice, epoch_1904=raw.epoch_1904)
        if choice.source == "guessed" and 2 * len(rows.rejects) > body.height:
            choice = decisions.choose(body, headings, options, raw.where, afresh=True)
            rows = sort_rows(body, choice, epoch_1904=raw.epoch_1904)
        further = _next_table(body, rows, choice)
        if further is None:
            if not parts:  # what is printed above two stacked tables may cover either or both
                rows = with_totals_above(rows, above, body, choice)
            parts.append(_part(raw, body, rows, choice, offset=start + 1, options=options, padding=raw.trailing_blank))
            return parts
        end, following = further
        body = body.head(end)
        rows = sort_rows(body, choice, epoch_1904=raw.epoch_1904)
        parts.append(_part(raw, body, rows, choice, offset=start + 1, options=options))
        start, headings = start + 1 + end, following


def _cut(raw: RawTable, first: int, end: int) -> RawTable:
    """Return the table in some columns of a sheet, named by them."""
    cells = raw.cells[:, first:end]
    cells.columns = [f"c{i}" for i in range(cells.width)]
    where = f"columns {column_letter(first)} to {column_letter(end - 1)}"
    return replace(raw, cells=cells, sheet=f"{raw.sheet}, {where}" if raw.sheet else where, trailing_blank=0)


def headings_of(raw: RawTable) -> tuple[int, list[str | None]]:
    """Return (row index, headings) of a sheet; index -1 where the ledger starts without headings.

    Raises:
        LedgerError: nothing looks like headings, nor do the values look like a ledger.
    """
    found = find_headings(raw.cells) or find_unknown_headings(raw.cells)
    if found is None:
        texts = [c.strip()[:30] for row in raw.cells.head(10).rows() for c in row if c and c.strip()]
        start = ", ".join("".join(ch for ch in text if ch.isprintable()) for text in texts[:4]).rstrip(".")
        raise LedgerError(
            f"{raw.where}: no headings found, such as Date, Supplier and Amount. Is this a ledger? "
            f"It starts: {start or 'nothing'}."
        )
    return found


def _next_table(body: pl.DataFrame, rows: Rows, choice: ColumnChoice) -> tuple[int, list[str | None]] | None:
    """Return (row, headings) where a further table with other columns starts that can be read as a ledger."""
    tried = {tuple(normalise(h) for h in choice.headings)}
    for i in heading_rows(body, [i for i, _ in rows.rejects]):
        names = list(body.row(i))
        plain = tuple(normalise(n) for n in names)
        if plain in tried or len(tried) > _MOST_TRIED:
            continue
        tried.add(plain)
        try:
            other = choose_columns(body.slice(i + 1), names, "")
        except LedgerError:
            continue
        told = not any(other.why[field].startswith("no heading says so") for field in NEEDED)
        if told and other.columns != choice.columns:  # a summary by category has no supplier of its own
            return i, names
    return None


def _part(
    raw: RawTable,
    body: pl.DataFrame,
    rows: Rows,
    choice: ColumnChoice,
    *,
    offset: int,
    options: Options,
    padding: int = 0,
) -> Part:
    """`offset` is the number of rows above the body; file rows count from 1."""
    at = {f: body.columns[i] for f, i in choice.columns.items()}
    extra = [f for f in ("transaction", "redacted", "institution", "family") if f in at]
    frame = body.select(
        pl.int_range(offset + 1, offset + 1 + pl.len(), dtype=pl.Int64).alias("file_row"),
        pl.col(at["supplier"]).fill_null("").alias("supplier_name"),
        *(pl.col(at[f]).alias(f) for f in (*_TEXT_FIELDS, *extra) if f in at),
    ).with_columns(
        rows.amounts.alias("amount_pence"),
        (rows.dates.values if rows.dates else pl.lit(None, dtype=pl.Date)).alias("payment_date"),
        (rows.dates.years if rows.dates else pl.lit(None, dtype=pl.String)).alias("financial_year"),
        invoice_date=parse_dates(body[at["invoice_date"]], epoch_1904=raw.epoch_1904).values
        if "invoice_date" in at
        else pl.lit(None, dtype=pl.Date),
    )
    cells = body
    if rows.payments is not None:
        frame, cells = frame.filter(rows.payments), body.filter(rows.payments)
    redacted = is_redaction(frame["supplier_name"])
    if "redacted" in at:
        redacted = redacted | says_redacted(frame["redacted"])
    if "supplier_ref" not in at:
        frame = frame.with_columns(clean_suppliers(frame["supplier_name"])["reference"].alias("supplier_ref"))
    prefix = hashlib.sha256(f"{raw.file}\x1f{raw.sheet or ''}".encode()).hexdigest()[:8]
    body_name = options.institution or institution_of(frame, raw.file, raw.folder)
    frame = frame.with_columns(
        redacted.alias("is_redacted"),
        pl.concat_str(pl.lit(prefix + "-"), pl.col("file_row").cast(pl.String)).alias("payment_id"),
        pl.lit(raw.file).alias("file"),
        pl.lit(raw.sheet, dtype=pl.String).alias("sheet"),
        pl.lit(body_name).alias("institution"),
        pl.col("financial_year").fill_null(pl.lit(options.financial_year, dtype=pl.String)),
    )
    payments = schema.conform(frame, schema.PAYMENTS)
    rejects = _rejects(raw, body, rows, offset)
    totals = _totals(raw, rows, offset)
    keys = _keys(frame, options.institution)
    account = entry(
        raw, rows, choice, cells=cells, payments=payments, totals=totals, keys=keys, offset=offset, padding=padding
    )
    return Part(payments, rejects, totals, account, keys)


def _rejects(raw: RawTable, body: pl.DataFrame, rows: Rows, offset: int) -> pl.DataFrame:
    if not rows.rejects:
        return schema.REJECTS.empty()
    frame = pl.DataFrame(
        {
            "file_row": [offset + 1 + i for i, _ in rows.rejects],
            "reason": [reason for _, reason in rows.rejects],
            "raw": [json.dumps(_trimmed(body.row(i)), ensure_ascii=False) for i, _ in rows.rejects],
        }
    ).with_columns(file=pl.lit(raw.file), sheet=pl.lit(raw.sheet, dtype=pl.String))
    return schema.conform(frame, schema.REJECTS)


def _trimmed(row: tuple[str | None, ...]) -> list[str]:
    cells = [c or "" for c in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _totals(raw: RawTable, rows: Rows, offset: int) -> pl.DataFrame:
    if not rows.totals:
        return schema.CONTROL_TOTALS.empty()
    frame = pl.DataFrame(
        [(offset + 1 + i, label, pence, ties, reason) for i, label, pence, ties, reason in rows.totals],
        schema={n: schema.CONTROL_TOTALS.dtypes[n] for n in ("file_row", "label", "amount_pence", "ties", "reason")},
        orient="row",
    ).with_columns(file=pl.lit(raw.file), sheet=pl.lit(raw.sheet, dtype=pl.String))
    return schema.conform(frame, schema.CONTROL_TOTALS)


def _keys(frame: pl.DataFrame, payer: str | None) -> pl.Series:
    """Return a hash of what makes a payment the same one elsewhere: day, payee, amount and the ledger's own number.

    Of two payers that are said to be two, neither has the other's payments.
    """
    number = next((c for c in ("transaction", "description") if c in frame.columns), None)
    identity = ["payment_date", "supplier_name", "amount_pence", *([number] if number else [])]
    return frame.select(*identity, payer=pl.lit(payer, dtype=pl.String)).hash_rows(seed=7)
