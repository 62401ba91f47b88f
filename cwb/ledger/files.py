"""Ledger files as given → their raw tables: what a file is by its bytes, archives opened with bounds."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import polars as pl

from cwb import lookups
from cwb.errors import LedgerError
from cwb.ledger.pages import is_page, page_tables
from cwb.ledger.raw import RawTable
from cwb.ledger.text import read_text
from cwb.ledger.workbooks import ZIP_FAULTS, check_zipped, read_workbook

_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_LEDGERS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
)
_CHUNK = 1 << 20


@dataclass(frozen=True)
class _Origin:
    """Where bytes come from: the file's label and folder, and the archive and member they were unpacked from."""

    label: str
    folder: str
    member: str | None = None
    container: str = ""

    @property
    def where(self) -> str:
        return f"{self.label}, member '{' '.join(self.member.split())}'" if self.member else self.label


def labels(paths: Sequence[Path]) -> list[str]:
    """Return a name for each file: its own, with as many folders before it as tell it from the others."""
    parts = [p.absolute().parts for p in paths]
    depth = [1] * len(parts)
    for _ in range(max((len(p) for p in parts), default=0)):
        names = ["/".join(p[-d:]) for p, d in zip(parts, depth, strict=True)]
        if len(set(names)) == len(names):
            return names
        depth = [min(d + (names.count(n) > 1), len(p)) for d, n, p in zip(depth, names, parts, strict=True)]
    twice = next(n for n in names if names.count(n) > 1)
    raise LedgerError(f"{twice}: given twice. Name each file once.")


def raw_tables(path: Path, label: str) -> Iterator[RawTable]:
    """Yield every table of a file: one for a text file, one a sheet for a workbook, one a member for an archive.

    Raises:
        LedgerError: the file is missing, empty, no ledger by its bytes, damaged, or too large once unpacked.
    """
    if not path.exists():
        raise LedgerError(f"{path}: no such file. Check the name and folder.")
    if not path.is_file():
        raise LedgerError(f"{path}: not a file. Give the ledger files themselves.")
    origin = _Origin(label, path.absolute().parent.name)
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(16)
        if size > lookups.number("ledger.largest_file"):
            raise LedgerError(f"{label}: {size / 1e9:,.1f} GB is more than a ledger holds. Split it by month.")
        # Workbooks are read from disk; all else is small enough beside its cells to be held as bytes.
        source = path if head.startswith((_ZIP, _OLE)) else path.read_bytes()
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read ({error.strerror}). Check that you may open it.") from None
    yield from _tables(source, head, origin)


def _tables(source: Path | bytes, head: bytes, origin: _Origin) -> Iterator[RawTable]:
    if not head:
        raise LedgerError(f"{origin.where}: the file is empty. Check the export and try again.")
    for magic, what in _NOT_LEDGERS:
        if head.startswith(magic):
            raise LedgerError(f"{origin.where}: {what}, not a ledger. Export the ledger as CSV or XLSX.")
    kind = "xls" if head.startswith(_OLE) else _zip_kind(source, origin) if head.startswith(_ZIP) else ""
    if kind == "zip":
        yield from _members(source, origin)
    elif kind:
        yield from read_workbook(
            source, origin.label, kind, member=origin.member, container=origin.container, folder=origin.folder
        )
    elif head.startswith(_GZIP):
        data = _gunzip(source if isinstance(source, bytes) else source.read_bytes(), origin)
        yield from _tables(data, data[:16], _inside(origin, "gzip"))
    else:
        data = source if isinstance(source, bytes) else source.read_bytes()
        if is_page(data):
            yield from _page_tables(data, origin)
        else:
            yield _text_table(data, origin)


def _text_table(data: bytes, origin: _Origin) -> RawTable:
    cells, encoding, delimiter, warnings = read_text(data, origin.where)
    return RawTable(
        file=origin.label,
        sheet=origin.member,
        format=f"csv in {origin.container}" if origin.container else "csv",
        encoding=encoding,
        delimiter=delimiter,
        cells=cells,
        folder=origin.folder,
        warnings=tuple(warnings),
    )


def _page_tables(data: bytes, origin: _Origin) -> Iterator[RawTable]:
    tables, encoding = page_tables(data, origin.where)
    for sheet, cells in tables:
        yield RawTable(
            file=origin.label,
            sheet="/".join(n for n in (origin.member, sheet) if n) or None,
            format=f"html in {origin.container}" if origin.container else "html",
            encoding=encoding,
            delimiter=None,
            cells=cells,
            folder=origin.folder,
        )


def _inside(origin: _Origin, container: str, member: str | None = None) -> _Origin:
    if origin.container:
        raise LedgerError(f"{origin.where}: an archive inside an archive. Unpack it first.")
    return replace(origin, container=container, member=member)


def _gunzip(data: bytes, origin: _Origin) -> bytes:
    free, ratio = lookups.number("ledger.unpacking_free"), lookups.number("ledger.unpacking_ratio")
    most = min(max(free, len(data) * ratio), lookups.number("ledger.largest_file"))
    out: list[bytes] = []
    total = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                total += len(chunk)
                if total > most:
                    raise LedgerError(f"{origin.where}: unpacks to more than {most / 1e6:,.0f} MB; not opened.")
                out.append(chunk)
    except (EOFError, OSError, zlib.error):
        raise LedgerError(f"{origin.where}: the gzip file is damaged or cut short. Download it again.") from None
    return b"".join(out)


def _opened(source: Path | bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)


def _zip_kind(source: Path | bytes, origin: _Origin) -> str:
    try:
        with _opened(source) as archive:
            names = set(archive.namelist())
            spreadsheet = "mimetype" in names and archive.getinfo("mimetype").file_size < 200
            is_ods = spreadsheet and b"spreadsheet" in archive.read("mimetype")
    except ZIP_FAULTS:
        raise LedgerError(f"{origin.where}: the file is damaged or cut short. Download or save it again.") from None
    if any(n.startswith(("word/", "ppt/")) for n in names):
        raise LedgerError(f"{origin.where}: a text document or slides, not a ledger. Export the ledger as CSV or XLSX.")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        return "xlsb"
    return "ods" if is_ods else "zip"


def _members(source: Path | bytes, origin: _Origin) -> Iterator[RawTable]:
    try:
        archive = _opened(source)
        check_zipped(archive, origin.where)
        infos = archive.infolist()
    except ZIP_FAULTS:
        raise LedgerError(f"{origin.where}: the zip archive is damaged or cut short. Download it again.") from None
    found = 0
    refused: list[RawTable] = []
    with archive:
        for info in infos:
            # Members are read, never written: a name such as ../../x can only ever be a label.
            name = PurePosixPath(info.filename.replace("\\", "/"))
            if info.filename.endswith("/") or name.name.startswith(".") or "__MACOSX" in name.parts:
                continue
            inner = _inside(origin, "zip", "/".join(p for p in name.parts if p not in ("..", "/")) or "member")
            try:
                data = archive.read(info)
            except ZIP_FAULTS:
                raise LedgerError(f"{inner.where}: damaged or cut short. Download the archive again.") from None
            try:
                yield from _tables(data, data[:16], inner)
                found += 1
            except LedgerError as error:  # a read-me beside the ledgers: listed in the account with the reason
                refused.append(_no_table(inner, str(error)))
    if not found:
        raise LedgerError(str(refused[0].problem) if refused else f"{origin.where}: the zip archive holds no files.")
    yield from refused


def _no_table(origin: _Origin, problem: str) -> RawTable:
    return RawTable(
        file=origin.label,
        sheet=origin.member,
        format=origin.container,
        encoding=None,
        delimiter=None,
        cells=pl.DataFrame(),
        folder=origin.folder,
        problem=problem,
    )
