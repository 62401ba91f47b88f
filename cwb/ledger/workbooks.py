"""XLSX, XLS and ODS sheets → tables of text cells, after checking that opening them does no harm."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import polars as pl

from cwb import lookups
from cwb.errors import LedgerError
from cwb.ledger.raw import RawTable

ZIP_FAULTS = (
    zipfile.BadZipFile, OSError, ValueError, KeyError, RuntimeError, NotImplementedError, zlib.error, EOFError,
)  # fmt: skip
_CHUNK = 1 << 20
_TAIL = 200_000
_WIDE_CELL = re.compile(rb' r="([A-Z]{2,3})\d')
_CELL_ROW = re.compile(rb'<(?:\w+:)?c [^>]*?r="[A-Z]{1,3}(\d{1,7})"')
_ODS_TAG = re.compile(rb"<table:(table-row|table-cell|covered-table-cell)\b([^>]*)>")
_ODS_REPEAT = re.compile(rb'number-(?:rows|columns)-repeated="(\d+)"')
_ODS_LINK = re.compile(rb"<table:table-source|table:formula=\"[^\"]*'(?:file|https?|ftp|smb):")
_XLS_MACROS = "_VBA_PROJECT".encode("utf-16-le")
_MACROS = "the workbook has macros: they are not run, and the saved values are read"
_LINKS = "the workbook links to other files: the links are not followed, and the saved values are read"
_SHEET = re.compile(rb"<(?:\w+:)?sheet [^>]*>")
_RELATION = re.compile(rb"<Relationship [^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')


def _damaged(where: str) -> LedgerError:
    return LedgerError(f"{where}: the workbook is damaged or cut short. Open it in a spreadsheet and save it again.")


def _locked(where: str) -> LedgerError:
    return LedgerError(f"{where}: is locked with a password. Unlock it first.")


def check_zipped(archive: zipfile.ZipFile, where: str) -> None:
    """Refuse an archive that is locked or that grows beyond reason.

    Raises:
        LedgerError: a member is encrypted, or the claimed sizes are over the bounds in lookups.
    """
    free, ratio = lookups.number("ledger.unpacking_free"), lookups.number("ledger.unpacking_ratio")
    members = archive.infolist()
    total = sum(m.file_size for m in members)
    stored = sum(m.compress_size for m in members)
    if total > lookups.number("ledger.largest_file") or (total > free and total > ratio * max(stored, 1)):
        raise LedgerError(f"{where}: claims {total / 1e6:,.0f} MB from {stored / 1e6:,.1f} MB stored; not opened.")
    if any(m.flag_bits & 1 for m in members):
        raise _locked(where)


def _letters(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def _attributes(tag: bytes) -> dict[str, str]:
    return {k.decode().rpartition(":")[2]: unescape(v.decode("utf-8", "replace")) for k, v in _ATTRIBUTE.findall(tag)}


def _check_xlsx(archive: zipfile.ZipFile, where: str) -> tuple[dict[str, int], bool]:
    """Check each sheet's span and each shared text's length; return (sheet → last row, dates count from 1904)."""
    last_rows: dict[str, int] = {}
    for info in archive.infolist():
        if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
            last_rows[info.filename] = _check_sheet(archive, info, where)
        elif info.filename.casefold() == "xl/sharedstrings.xml":
            _check_texts(archive, info, where)
    book = archive.read("xl/workbook.xml")
    targets = {}
    if "xl/_rels/workbook.xml.rels" in archive.namelist():
        for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
            said = _attributes(tag)
            path = said.get("Target", "")
            targets[said.get("Id", "")] = path.lstrip("/") if path.startswith("/") else f"xl/{path}"
    sheets = {}
    for tag in _SHEET.findall(book):
        said = _attributes(tag)
        sheets[said.get("name", "")] = last_rows.get(targets.get(said.get("id", ""), ""), 0)
    return sheets, bool(re.search(rb'date1904="(?:1|true)"', book))


def _check_sheet(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> int:
    """Return the last row that has a cell; refuse a sheet whose few cells span a grid that fills the memory."""
    cells = 0
    last_column = 26
    tail = b""
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            cells += chunk.count(b'c r="')
            for letters in set(_WIDE_CELL.findall(tail[-40:] + chunk)):
                last_column = max(last_column, _letters(letters))
            tail = tail + chunk if len(chunk) < _TAIL else chunk
    rows = _CELL_ROW.findall(tail[-_TAIL:])
    last_row = int(rows[-1]) if rows else 0
    span = last_row * last_column
    if span > lookups.number("ledger.empty_grid") and span > 50 * cells:
        raise LedgerError(
            f"{where}: a sheet spans {span:,} cells and fills {cells:,}. Delete the stray cells and save it again."
        )
    return last_row


def _check_texts(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> None:
    limit = int(lookups.number("ledger.largest_cell"))
    open_since = 0
    with archive.open(info) as stream:
        while chunk := stream.read(limit // 2):
            end = chunk.rfind(b"</")
            open_since = len(chunk) - end if end >= 0 else open_since + len(chunk)
            if open_since > limit:
                raise LedgerError(f"{where}: holds a cell of more than {limit:,} bytes; a ledger cell holds less.")


def _check_ods(archive: zipfile.ZipFile, where: str) -> bool:
    """Refuse a sheet that claims millions of filled cells by repeating a few; blank repeats are harmless padding.

    Returns whether it links to other files.
    """
    linked = False
    claimed = tags = 0
    row_repeat = 1
    tail = b""
    with archive.open("content.xml") as stream:
        while chunk := stream.read(_CHUNK):
            piece = tail + chunk
            cut = piece.rfind(b"<")
            piece, tail = (piece[:cut], piece[cut:]) if cut > 0 else (piece, b"")
            linked = linked or bool(_ODS_LINK.search(piece))
            for kind, attributes in _ODS_TAG.findall(piece):
                repeat = _ODS_REPEAT.search(attributes)
                times = int(repeat[1][:12]) if repeat else 1
                if kind == b"table-row":
                    row_repeat = times
                elif b"value-type" in attributes:
                    tags += 1
                    claimed += times * row_repeat
    if claimed > lookups.number("ledger.repeated_cells") and claimed > 20 * tags:
        raise LedgerError(f"{where}: claims {claimed:,} cells by repeating {tags:,}; not opened.")
    return linked


def read_workbook(
    source: Path | bytes, label: str, kind: str, *, member: str | None = None, container: str = "", folder: str = ""
) -> Iterator[RawTable]:
    """Yield a table for each sheet that holds anything.

    Formulas, macros and links are never run: only the saved values are read.

    Raises:
        LedgerError: the workbook is locked, damaged, or spans more than it fills.
    """
    where = f"{label}, member '{member}'" if member else label
    checked = _checked(source, where, kind)
    sheets = _sheets(source, where, checked.unpacked)
    for name, cells in sheets:
        if not cells.width or not cells.height:
            continue
        yield RawTable(
            file=label,
            sheet=f"{member}/{name}" if member else name,
            format=f"{kind} in {container}" if container else kind,
            encoding=None,
            delimiter=None,
            cells=cells,
            folder=folder,
            epoch_1904=checked.epoch_1904,
            trailing_blank=max(0, checked.last_rows.get(name, 0) - cells.height),
            notes=checked.notes,
        )


def _sheets(source: Path | bytes, where: str, unpacked: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """Read the sheets in another process with bounds, since a broken workbook can end the process that reads it."""
    memory = lookups.number("ledger.sheet_memory") + lookups.number("ledger.sheet_memory_ratio") * unpacked
    seconds = lookups.number("ledger.sheet_seconds") * (1 + unpacked / 20e6)
    script = Path(__file__).with_name("sheets_process.py")
    with tempfile.TemporaryDirectory(prefix="cwb-sheets-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        path = source if isinstance(source, Path) else folder / "workbook"
        if isinstance(source, bytes):
            path.write_bytes(source)
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(script), str(path.absolute()), str(folder), str(int(memory))],
                env={**os.environ, "POLARS_MAX_THREADS": "1"}, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise _damaged(where) from None
        if done.returncode:
            raise _locked(where) if b"assword" in done.stderr else _damaged(where)
        for number, sheet in enumerate(json.loads((folder / "names.json").read_text("utf-8"))):
            cells = folder / f"{number}.arrow"
            if cells.exists():
                yield str(sheet), pl.read_ipc(cells)


@dataclass(frozen=True)
class _Checked:
    """What the check of a workbook found; `notes` say what is passed over, `last_rows` is by sheet."""

    unpacked: int
    last_rows: Mapping[str, int]
    epoch_1904: bool = False
    notes: tuple[str, ...] = ()


def _checked(source: Path | bytes, where: str, kind: str) -> _Checked:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if kind == "xls":
        data = source if isinstance(source, bytes) else source.read_bytes()
        return _Checked(size, {}, notes=(_MACROS,) if _XLS_MACROS in data else ())
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            check_zipped(archive, where)
            unpacked = sum(member.file_size for member in archive.infolist())
            notes = _passed_over(archive.namelist())
            if kind == "xlsx":
                return _Checked(unpacked, *_check_xlsx(archive, where), notes=notes)
            if kind == "ods" and _check_ods(archive, where):
                notes = (*notes, _LINKS)
    except ZIP_FAULTS:
        raise _damaged(where) from None
    return _Checked(unpacked, {}, notes=notes)


def _passed_over(members: list[str]) -> tuple[str, ...]:
    """Return notes on the parts of a workbook that are left alone."""
    names = [m.casefold() for m in members]
    macros = any(re.search(r"vbaproject|(?:^|/)macrosheets/|^basic/|^scripts/", n) for n in names)
    links = any(re.search(r"(?:^|/)(?:externallinks|querytables)/|(?:^|/)connections\.(?:xml|bin)$", n) for n in names)
    return (*((_MACROS,) if macros else ()), *((_LINKS,) if links else ()))
