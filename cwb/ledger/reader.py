"""read_ledger: files in, one Ledger out; the only module of the stage that knows the order of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cwb import schema
from cwb.errors import LedgerError, did_you_mean
from cwb.ledger.columns import choose_columns, label
from cwb.ledger.files import labels, raw_tables
from cwb.ledger.headings import find_headings
from cwb.ledger.raw import RawTable
from cwb.ledger.tables import Decisions, Options, Part, read_table

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Ledger:
    """Everything that was in the files: payments, what is not a payment and why, and the account of every row."""

    payments: pl.DataFrame
    rejects: pl.DataFrame
    control_totals: pl.DataFrame
    account: dict[str, Any]


@dataclass(frozen=True)
class SheetPreview:
    """One sheet for the mapping screen: its headings, the columns guessed for it, how surely and why, and its first rows."""

    file: str
    sheet: str | None
    header_row: int
    headers: list[str]
    columns: dict[str, str]
    confidence: dict[str, float]
    why: dict[str, str]
    rows: list[list[str]]
    problem: str | None = None


def read_parts(
    paths: Sequence[Path], options: Options, *, sheet: str | None = None, progress: Progress | None = None
) -> Iterator[Part]:
    """Yield the parts of each file in turn, so that a caller can write them away one by one.

    Raises:
        LedgerError: a file is no ledger, or the sheet asked for is in none of them.
    """
    if not paths:
        raise LedgerError("no ledger files given. Name at least one CSV, XLSX, XLS or ODS file.")
    decisions = Decisions({})
    seen_sheets: list[str] = []
    matched = False
    for done, (path, name) in enumerate(zip(paths, labels(paths), strict=True)):
        if progress:
            progress(f"Reading {name}", done / len(paths))
        found = 0
        refused: list[tuple[RawTable, LedgerError]] = []
        for raw in raw_tables(Path(path), name):
            if raw.sheet is not None:
                seen_sheets.append(raw.sheet)
            if sheet is not None and raw.sheet is not None and raw.sheet.casefold() != sheet.casefold():
                continue
            matched = True
            try:
                parts = read_table(raw, options, decisions)
            except LedgerError as error:
                refused.append((raw, error))
                continue
            found += len(parts)
            yield from parts
        if refused and not found and matched:
            raise refused[0][1]
        for raw, error in refused:
            yield _unread(raw, error)
        if not found and sheet is None:
            raise LedgerError(f"{name}: holds no rows. Check the export and try again.")
    if sheet is not None and not matched:
        raise LedgerError(f"no sheet '{sheet}'.{did_you_mean(sheet, seen_sheets)} Found: {', '.join(seen_sheets[:20])}.")
    if progress:
        progress("Ledgers read", 1.0)


def _unread(raw: RawTable, error: LedgerError) -> Part:
    """A sheet beside the ledger's own, such as notes or a pivot: listed in the account with the reason, never silent."""
    zero = {"payments": 0, "control_totals": 0}
    entry = {
        "file": raw.file, "format": raw.format, "encoding": raw.encoding, "delimiter": raw.delimiter, "sheet": raw.sheet,
        "header_row": None, "columns": {}, "rows": {"read": 0, **zero, "blank": 0, "rejected": 0}, "amount_pence": dict(zero),
        "negative": {"rows": 0, "amount_pence": 0}, "redacted_rows": 0, "warnings": [f"not read as a ledger: {error}"],
        "dates": {"from": None, "to": None, "undated_rows": 0}, "vat_basis": "unknown",
        "duplicates": {"rows": 0, "amount_pence": 0}, "confidence": 0.0, "why": {}, "mapping": "none",
    }  # fmt: skip
    return Part(
        schema.PAYMENTS.empty(), schema.REJECTS.empty(), schema.CONTROL_TOTALS.empty(), entry, pl.Series([], dtype=pl.UInt64)
    )


def read_ledger(
    paths: Sequence[Path],
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    institution: str | None = None,
    financial_year: str | None = None,
    progress: Progress | None = None,
) -> Ledger:
    """Read ledger files of any layout.

    Args:
        paths: CSV (any delimiter), XLSX, XLS, ODS, or gzip or zip of them.
        columns: field → heading, over what would be guessed; fields are the keys of the account's "columns".
        sheet: read only this sheet of workbooks, or member of archives.
        institution: the body that paid, where the files do not say.
        financial_year: for payments without a date, as 2016-17.
        progress: called with a message and the share done, 0 to 1.

    Returns:
        payments, rejects and control totals conforming to the schema, and the account (ingest.json).
        For each file: rows read = payments + control totals + blank + rejected.

    Raises:
        LedgerError: a file cannot be read as a ledger.
    """
    options = Options(columns, institution, financial_year)
    parts = list(read_parts(paths, options, sheet=sheet, progress=progress))
    return Ledger(
        payments=pl.concat([p.payments for p in parts]),
        rejects=pl.concat([p.rejects for p in parts]),
        control_totals=pl.concat([p.control_totals for p in parts]),
        account=_account([p.entry for p in parts]),
    )


def _account(entries: list[dict[str, Any]]) -> dict[str, Any]:
    def total(block: str) -> dict[str, int]:
        return {key: sum(e[block][key] for e in entries) for key in entries[0][block]}

    return {"files": entries, "rows": total("rows"), "amount_pence": total("amount_pence")}


def preview(path: Path) -> list[SheetPreview]:
    """Return what would be read from each sheet of a file, for a person to check and correct.

    Raises:
        LedgerError: the file cannot be opened as text or workbook.
    """
    out = []
    for raw in raw_tables(Path(path), Path(path).name):
        found = find_headings(raw.cells)
        row, headings = found if found else (0, list(raw.cells.row(0)) if raw.cells.height else [])
        body = raw.cells.slice(row + 1)
        try:
            mapping = choose_columns(body, headings, raw.where)
            columns = {f: mapping.heading(f) for f in mapping.columns}
            confidence, why, problem = dict(mapping.confidence), dict(mapping.why), None
        except LedgerError as error:
            columns, confidence, why, problem = {}, {}, {}, str(error)
        out.append(
            SheetPreview(
                file=raw.file, sheet=raw.sheet, header_row=row + 1, headers=[label(headings, i) for i in range(len(headings))],
                columns=columns, confidence=confidence, why=why,
                rows=[[c or "" for c in r] for r in body.head(20).rows()], problem=problem,
            )  # fmt: skip
        )
    return out
