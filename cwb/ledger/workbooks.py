"""XLSX, XLS and ODS sheets → tables of text cells, after checking that opening them does no harm."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import polars as pl

from cwb import lookups
from cwb.errors import LedgerError
from cwb.ledger.raw import RawTable

_CHUNK = 1 << 20
_CELL = re.compile(rb' r="([A-Z]{1,3})(\d{1,7})"')
_WIDE_CELL = re.compile(rb' r="([A-Z]{2,3})\d')
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?r="(\d{1,7})"')
_REPEATED = re.compile(rb"number-(rows|columns)-repeated=\"(\d+)\"")


def _damaged(where: str) -> LedgerError:
    return LedgerError(f"{where}: the workbook is damaged or cut short. Open it in a spreadsheet and save it again.")


def check_zipped(archive: zipfile.ZipFile, where: str) -> None:
    """Refuse an archive that is locked or that grows beyond reason.

    Raises:
        LedgerError: a member is encrypted, or its claimed size is over the bounds in lookups.
    """
    free, ratio = lookups.number("ledger.unpacking_free"), lookups.number("ledger.unpacking_ratio")
    members = archive.infolist()
    total = sum(m.file_size for m in members)
    stored = sum(m.compress_size for m in members)
    if total > lookups.number("ledger.largest_file") or (total > free and total > ratio * max(stored, 1)):
        raise LedgerError(f"{where}: claims {total / 1e6:,.0f} MB from {stored / 1e6:,.1f} MB stored; not opened.")
    if any(m.flag_bits & 1 for m in members):
        raise LedgerError(f"{where}: is locked with a password. Unlock it first.")


def _letters(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def _check_xlsx(archive: zipfile.ZipFile, where: str) -> bool:
    """Check each sheet's span and each shared text's length; return whether dates count from 1904."""
    for info in archive.infolist():
        if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
            _check_sheet(archive, info, where)
        elif info.filename.casefold() == "xl/sharedstrings.xml":
            _check_texts(archive, info, where)
    head = archive.read("xl/workbook.xml")[:200_000]
    return bool(re.search(rb"date1904=\"(?:1|true)\"", head))


def _check_sheet(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> None:
    cells = last_row = last_column = 0
    tail = b""
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            piece = tail + chunk
            cells += chunk.count(b"<c ") + chunk.count(b":c ")
            for letters in set(_WIDE_CELL.findall(piece)):
                last_column = max(last_column, _letters(letters))
            rows = _ROW.findall(piece, max(0, len(piece) - 200_000))
            last_row = max([last_row, *(int(r) for r in rows[-50:])])
            tail = piece[-100:]
    span = last_row * max(last_column, 26)
    empty = lookups.number("ledger.empty_grid")
    if span > empty and span > 50 * cells:
        raise LedgerError(f"{where}: a sheet spans {span:,} cells and fills {cells:,}. Delete the stray cells and save again.")


def _check_texts(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> None:
    limit = int(lookups.number("ledger.largest_cell"))
    open_since = 0
    with archive.open(info) as stream:
        while chunk := stream.read(limit // 2):
            end = chunk.rfind(b"</")
            open_since = len(chunk) - end if end >= 0 else open_since + len(chunk)
            if open_since > limit:
                raise LedgerError(f"{where}: holds a cell of more than {limit:,} bytes; a ledger cell holds less.")


def _check_ods(archive: zipfile.ZipFile, where: str) -> None:
    most = 0
    with archive.open("content.xml") as stream:
        tail = b""
        row_repeat = 1
        while chunk := stream.read(_CHUNK):
            piece = tail + chunk
            for kind, count in _REPEATED.findall(piece):
                if len(count) > 8:
                    raise LedgerError(f"{where}: a cell claims to repeat {count.decode()} times; not opened.")
                if kind == b"rows":
                    row_repeat = int(count)
                most = max(most, int(count) * (row_repeat if kind == b"columns" else 1))
            tail = piece[-60:]
    del most  # blank padding repeats to the sheet's last cell in every saved file; only filled repeats cost memory


def read_workbook(
    source: Path | bytes, label: str, kind: str, *, member: str | None = None, container: str = ""
) -> Iterator[RawTable]:
    """Yield a table for each sheet that holds anything. Formulas, macros and links are never run: only saved values are read.

    Raises:
        LedgerError: the workbook is locked, damaged, or spans more than it can hold.
    """
    where = f"{label}, member '{member}'" if member else label
    epoch_1904 = False
    if kind != "xls":
        try:
            with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
                check_zipped(archive, where)
                if kind == "xlsx":
                    epoch_1904 = _check_xlsx(archive, where)
                elif kind == "ods":
                    _check_ods(archive, where)
        except (zipfile.BadZipFile, OSError, ValueError, KeyError, RuntimeError, NotImplementedError, zlib.error, EOFError):
            raise _damaged(where) from None
    try:
        reader = fastexcel.read_excel(source)
        names = reader.sheet_names
    except (fastexcel.FastExcelError, OSError, ValueError) as error:
        if "assword" in str(error):
            raise LedgerError(f"{where}: is locked with a password. Unlock it first.") from None
        raise _damaged(where) from None
    for name in names:
        try:
            cells = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
        except (fastexcel.FastExcelError, OSError, ValueError, pl.exceptions.PolarsError):
            raise _damaged(f"{where}, sheet '{name}'") from None
        if not cells.width or not cells.height:
            continue
        cells.columns = [f"c{i}" for i in range(cells.width)]
        sheet = f"{member}/{name}" if member else name
        suffix = f" in {container}" if container else ""
        yield RawTable(label, sheet, f"{kind}{suffix}", None, None, cells, epoch_1904=epoch_1904)
