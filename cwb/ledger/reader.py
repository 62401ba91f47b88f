"""read_ledger: files in, one Ledger out; the only module of the stage that knows the order of its steps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from cwb import lookups, schema
from cwb.errors import LedgerError, did_you_mean
from cwb.ledger.across import AcrossFiles
from cwb.ledger.columns import NEEDED, label
from cwb.ledger.entries import unread
from cwb.ledger.files import labels, raw_tables
from cwb.ledger.given import LedgerFile, each
from cwb.ledger.mappings import fingerprint, remembered_columns
from cwb.ledger.raw import RawTable
from cwb.ledger.tables import Decisions, Options, Part, headings_of, read_table

Progress = Callable[[str, float], None]
_PREVIEW_ROWS = 20
_WORKBOOKS = ("xlsx", "xlsb", "xls", "ods")


@dataclass(frozen=True)
class Ledger:
    """Everything that was in the files: payments, what is not a payment and why, and the account of every row."""

    payments: pl.DataFrame
    rejects: pl.DataFrame
    control_totals: pl.DataFrame
    account: dict[str, Any]


@dataclass(frozen=True)
class SheetPreview:
    """One sheet for the mapping screen: its headings, the columns chosen, how surely and why, and its first rows.

    `headers` has every heading as printed, "column B" for a blank one; `fingerprint` is the key to remember columns by.
    """

    file: str
    sheet: str | None
    header_row: int
    headers: list[str]
    columns: dict[str, str]
    confidence: dict[str, float]
    why: dict[str, str]
    rows: list[list[str]]
    fingerprint: str = ""
    problem: str | None = None


def read_parts(files: Sequence[LedgerFile], *, progress: Progress | None = None) -> Iterator[Part]:
    """Yield the parts of each file in turn, so that a caller can write them away one by one.

    Raises:
        LedgerError: a file is no ledger, or the sheet asked for is in none of them.
    """
    if not files:
        raise LedgerError("no ledger files given. Name at least one CSV, XLSX, XLS or ODS file.")
    mapped = [tuple(sorted(one.columns.items())) if one.columns else () for one in files]
    # Files told the same columns share what is decided on the way.
    decisions = {key: Decisions({} if key else remembered_columns()) for key in mapped}
    sheets: list[str] = []
    asked = {one.sheet for one in files}
    named = list(zip((one.path for one in files), labels([one.path for one in files]), strict=True))
    # While the rows of one file are sorted, the next is opened: never more than two are in memory.
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(_opened, *named[0])
        for done, (_, name) in enumerate(named):
            if progress:
                progress(f"Reading {name}", done / len(named))
            tables = coming.result()
            if done + 1 < len(named):
                coming = ahead.submit(_opened, *named[done + 1])
            one = files[done]
            options = Options(one.columns, one.institution, one.financial_year)
            for part in _file_parts(tables, name, options, decisions[mapped[done]], sheet=one.sheet, sheets=sheets):
                asked.discard(one.sheet)
                yield part
    if asked:
        sheet = next(iter(asked))
        near = did_you_mean(sheet or "", sheets)
        raise LedgerError(f"no sheet '{sheet}'.{near} Found: {', '.join(sheets[:20]) or 'no sheets'}.")
    if progress:
        progress("Ledgers read", 1.0)


def _opened(path: Path, name: str) -> Iterator[RawTable]:
    """Return the tables of a file with the first already read; the others follow as they are asked for."""
    tables = raw_tables(path, name)
    first = next(tables, None)
    return chain([first], tables) if first is not None else iter(())


def _file_parts(
    tables: Iterator[RawTable],
    name: str,
    options: Options,
    decisions: Decisions,
    *,
    sheet: str | None,
    sheets: list[str],
) -> Iterator[Part]:
    """Yield the parts of one file; nothing where it lacks the sheet asked for. Sheets seen are added to `sheets`."""
    wanted = sheet is None
    found = False
    refused: list[tuple[RawTable, str]] = []
    in_doubt: list[tuple[RawTable, Part]] = []
    plain_pence: list[int] = []
    seen: dict[str, str] = {}
    for raw in tables:
        if raw.sheet is not None:
            sheets.append(raw.sheet)
            if sheet is not None and raw.sheet.casefold() != sheet.casefold():
                continue
        wanted = True
        try:
            if raw.problem:
                raise LedgerError(raw.problem)
            for part in read_table(raw, options, decisions):
                identity = _identity(raw, part)
                if identity in seen:
                    original = seen[identity]
                    why = f"a copy: its payments are those of '{original}' day for day and penny for penny"
                    yield _nothing(raw, f"{why}; --sheet reads it")
                elif _is_plain(part):
                    seen |= {identity: raw.sheet or ""} if identity else {}
                    plain_pence.append(part.entry["amount_pence"]["payments"])
                    yield part
                else:
                    in_doubt.append((raw, part))
            found = True
        except LedgerError as error:
            refused.append((raw, str(error)))
    if wanted and not found:
        raise LedgerError(refused[0][1] if refused else f"{name}: holds no rows. Check the export and try again.")
    yield from _settled(in_doubt, plain_pence)
    yield from (_nothing(raw, why) for raw, why in refused)


def _is_guessed(part: Part) -> bool:
    return any(why.startswith("no heading says so") for field, why in part.entry["why"].items() if field in NEEDED)


def _is_plain(part: Part) -> bool:
    """Whether a table has dates, and headings that say what they are; a pivot or summary beside the ledger does not."""
    return "date" in part.entry["columns"] and not _is_guessed(part)


def _identity(raw: RawTable, part: Part) -> str:
    """Return what two sheets of one workbook share where one is a copy of the other; empty where it cannot be told."""
    if raw.format not in _WORKBOOKS or part.payments.height < lookups.number("ledger.copied_sheet"):
        return ""
    rows = part.payments.select("payment_date", "amount_pence").hash_rows(seed=5).sort()
    return hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()


def _settled(in_doubt: Sequence[tuple[RawTable, Part]], plain_pence: Sequence[int]) -> Iterator[Part]:
    """Yield tables in doubt as they are, or, beside plain ones of the same file, as not read with the reason."""
    for raw, part in in_doubt:
        pence = part.entry["amount_pence"]["payments"]
        if plain_pence and "date" not in part.entry["columns"] and pence in (*plain_pence, sum(plain_pence)):
            yield _nothing(raw, "a summary: it has no dates and adds up to the payments of the file's other sheets")
        elif plain_pence and _is_guessed(part):
            yield _nothing(raw, "its columns can only be guessed, and others of the file are plain; --sheet reads it")
        else:
            yield part


def _nothing(raw: RawTable, why: str) -> Part:
    return Part(
        schema.PAYMENTS.empty(),
        schema.REJECTS.empty(),
        schema.CONTROL_TOTALS.empty(),
        unread(raw, why),
        pl.Series([], dtype=pl.UInt64),
    )


def read_ledger(
    files: Sequence[Path | LedgerFile],
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    institution: str | None = None,
    financial_year: str | None = None,
    progress: Progress | None = None,
) -> Ledger:
    """Read ledger files of any layout.

    Args:
        files: CSV (any delimiter), XLSX, XLS, ODS, or gzip or zip of them; what one of them says of itself comes
            before what is said here of all.
        columns: field → heading, over what would be guessed; fields are the keys of the account's "columns".
        sheet: read only this sheet of workbooks, or member of archives.
        institution: the body that paid, where the files do not say.
        financial_year: for payments without a date, as 2016-17.
        progress: called with a message and the share done, 0 to 1.

    Returns:
        payments, rejects and control totals conforming to the schema, and the account (ingest.json).
        For each table: rows read = payments + control totals + blank + rejected.

    Raises:
        LedgerError: a file cannot be read as a ledger.
    """
    across = AcrossFiles()
    parts: list[Part] = []
    rest = LedgerFile(Path(), institution, financial_year, columns, sheet)
    for part in read_parts(each(files, rest), progress=progress):
        across.add(len(parts), part.payments, part.keys)
        parts.append(part)
    payments = pl.concat([p.payments for p in parts])
    hidden = across.hidden(payments.lazy())
    if hidden is not None:
        payments = payments.with_columns(pl.col("is_redacted") | hidden)
    return Ledger(
        payments=payments,
        rejects=pl.concat([p.rejects for p in parts]),
        control_totals=pl.concat([p.control_totals for p in parts]),
        account=account_of([p.entry for p in parts], across, _hidden_rows(payments) if hidden is not None else None),
    )


def _hidden_rows(payments: pl.DataFrame) -> dict[tuple[str, str | None], int]:
    counts = payments.group_by("file", "sheet").agg(pl.col("is_redacted").sum())
    return {(file, sheet): rows for file, sheet, rows in counts.iter_rows()}


def account_of(
    entries: list[dict[str, Any]], across: AcrossFiles, hidden: dict[tuple[str, str | None], int] | None
) -> dict[str, Any]:
    """Return ingest.json: the tables' entries, their sums, and what shows only across files."""
    if hidden is not None:
        counts = [(e["file"], e["sheet"]) for e in entries]
        for e, key in zip(entries, counts, strict=True):
            if counts.count(key) == 1:
                e["redacted_rows"] = hidden.get(key, 0)

    def total(block: str) -> dict[str, int]:
        return {key: sum(e[block][key] for e in entries) for key in entries[0][block]}

    return {
        "files": entries,
        "rows": total("rows"),
        "amount_pence": total("amount_pence"),
        "in_two_files": across.repeats(),
        "warnings": across.warnings(),
    }


def preview(path: Path) -> list[SheetPreview]:
    """Return what would be read from each sheet of a file, for a person to check and correct.

    Raises:
        LedgerError: the file cannot be opened as text or workbook.
    """
    decisions = Decisions(remembered_columns())
    out = []
    for raw in raw_tables(Path(path), Path(path).name):
        if raw.problem:
            continue
        start, headings, problem = 0, list(raw.cells.row(0)), None
        columns: dict[str, str] = {}
        confidence: Mapping[str, float] = {}
        why: Mapping[str, str] = {}
        try:
            start, headings = headings_of(raw)
            choice = decisions.choose(raw.cells.slice(start + 1), headings, Options(), raw.where)
            columns = {f: choice.heading(f) for f in choice.columns}
            confidence, why = choice.confidence, choice.why
        except LedgerError as error:
            problem = str(error)
        out.append(
            SheetPreview(
                file=raw.file,
                sheet=raw.sheet,
                header_row=start + 1,
                headers=[label(headings, i) for i in range(len(headings))],
                columns=columns,
                confidence=dict(confidence),
                why=dict(why),
                rows=[[c or "" for c in r] for r in raw.cells.slice(start + 1, _PREVIEW_ROWS).rows()],
                fingerprint=fingerprint(headings),
                problem=problem,
            )
        )
    return out
