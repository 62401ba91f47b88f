"""Ledger files as given → their raw tables: what a file is by its bytes, archives opened with bounds."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from cwb import lookups
from cwb.errors import LedgerError
from cwb.ledger.raw import RawTable
from cwb.ledger.text import read_text
from cwb.ledger.workbooks import check_zipped, read_workbook

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


def labels(paths: Sequence[Path]) -> list[str]:
    """Return a name for each file: its own, with as many folders before it as tell it from the others."""
    parts = [p.absolute().parts for p in paths]
    depth = [1] * len(parts)
    for _ in range(max((len(p) for p in parts), default=0)):
        names = ["/".join(p[-d:]) for p, d in zip(parts, depth, strict=True)]
        twice = {n for n in names if names.count(n) > 1} if len(set(names)) < len(names) else set()
        if not twice:
            break
        depth = [min(d + 1, len(p)) if n in twice else d for d, n, p in zip(depth, names, parts, strict=True)]
    return ["/".join(p[-d:]) for p, d in zip(parts, depth, strict=True)]


def raw_tables(path: Path, label: str) -> Iterator[RawTable]:
    """Yield every table of a file: one for a text file, one a sheet for a workbook, one a member for an archive.

    Raises:
        LedgerError: the file is missing, empty, no ledger by its bytes, damaged, or too large once unpacked.
    """
    if not path.exists():
        raise LedgerError(f"{path}: no such file. Check the name and folder.")
    if not path.is_file():
        raise LedgerError(f"{path}: not a file. Give the ledger files themselves.")
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(16)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read ({error.strerror}). Check that you may open it.") from None
    if size == 0:
        raise LedgerError(f"{label}: the file is empty. Check the export and try again.")
    _check_size(size, label)
    if head.startswith(_GZIP):
        yield from _from_bytes(_gunzip(path, label, size), label, None, container="gzip")
    elif head.startswith(_ZIP) or head.startswith(_OLE):
        yield from _from_zip_or_workbook(path, label, head)
    else:
        yield from _from_bytes(path.read_bytes(), label, None, container="")


def _check_size(size: int, where: str) -> None:
    if size > lookups.number("ledger.largest_file"):
        raise LedgerError(f"{where}: {size / 1e9:,.1f} GB is more than a ledger holds. Split it by month.")


def _gunzip(path: Path, label: str, size: int) -> bytes:
    with path.open("rb") as handle:
        return _gunzip_from(handle, label, size)


def _gunzip_from(handle: IO[bytes], label: str, size: int) -> bytes:
    free, ratio = lookups.number("ledger.unpacking_free"), lookups.number("ledger.unpacking_ratio")
    most = min(max(free, size * ratio), lookups.number("ledger.largest_file"))
    out: list[bytes] = []
    total = 0
    try:
        with gzip.GzipFile(fileobj=handle) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                total += len(chunk)
                if total > most:
                    raise LedgerError(f"{label}: grows to more than {most / 1e6:,.0f} MB when unpacked; not opened.")
                out.append(chunk)
    except (EOFError, OSError, zlib.error):
        raise LedgerError(f"{label}: the gzip file is damaged or cut short. Download it again.") from None
    return b"".join(out)


def _kind(data: bytes, where: str) -> str:
    for magic, what in _NOT_LEDGERS:
        if data.startswith(magic):
            raise LedgerError(f"{where}: {what}, not a ledger. Export the ledger as CSV or XLSX.")
    if data.startswith(_OLE):
        return "xls"
    return "zip" if data.startswith(_ZIP) else "text"


def _from_bytes(data: bytes, label: str, member: str | None, *, container: str) -> Iterator[RawTable]:
    where = f"{label}, member '{member}'" if member else label
    if not data:
        raise LedgerError(f"{where}: empty. Check the export and try again.")
    kind = _kind(data, where)
    if kind == "text":
        cells, encoding, delimiter, warnings = read_text(data, where)
        suffix = f" in {container}" if container else ""
        yield RawTable(label, member, f"csv{suffix}", encoding, delimiter, cells, warnings=tuple(warnings))
    elif container and kind == "zip" and container == "zip":
        yield from _workbook_in_archive(data, label, member, container)
    elif container:
        yield from _workbook_in_archive(data, label, member, container)
    else:
        yield from _from_zip_or_workbook(data, label, data[:16])


def _workbook_in_archive(data: bytes, label: str, member: str | None, container: str) -> Iterator[RawTable]:
    where = f"{label}, member '{member}'" if member else label
    kind = "xls" if data.startswith(_OLE) else _zip_kind(io.BytesIO(data), where)
    if kind == "zip":
        raise LedgerError(f"{where}: an archive inside an archive. Unpack it first.")
    yield from read_workbook(data, label, kind, member=member, container=container)


def _from_zip_or_workbook(source: Path | bytes, label: str, head: bytes) -> Iterator[RawTable]:
    if head.startswith(_OLE):
        yield from read_workbook(source, label, "xls")
        return
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    kind = _zip_kind(stream, label)
    if kind == "zip":
        yield from _members(stream, label)
    else:
        yield from read_workbook(source, label, kind)


def _zip_kind(source: IO[bytes] | Path, where: str) -> str:
    try:
        with zipfile.ZipFile(source) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                return "xlsx"
            if "xl/workbook.bin" in names:
                return "xlsb"
            if "mimetype" in names and b"spreadsheet" in archive.read("mimetype")[:200]:
                return "ods"
            if any(n.startswith(("word/", "ppt/")) for n in names):
                raise LedgerError(f"{where}: a text document or slides, not a ledger. Export the ledger as CSV or XLSX.")
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error, EOFError):
        raise LedgerError(f"{where}: the file is damaged or cut short. Download or save it again.") from None
    return "zip"


def _members(source: IO[bytes] | Path, label: str) -> Iterator[RawTable]:
    try:
        with zipfile.ZipFile(source) as archive:
            check_zipped(archive, label)
            found = 0
            refused: list[LedgerError] = []
            for info in archive.infolist():
                # Members are read, never written: a name such as ../../x can only ever be a label.
                name = PurePosixPath(info.filename.replace("\\", "/"))
                if info.is_dir() or name.name.startswith(".") or "__MACOSX" in name.parts:
                    continue
                safe = "/".join(p for p in name.parts if p not in ("..", "/", ".")) or "member"
                try:
                    yield from _from_bytes(archive.read(info), label, safe, container="zip")
                    found += 1
                except LedgerError as error:
                    refused.append(error)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error, EOFError) as error:
        locked = "password" in str(error)
        why = "is locked with a password. Unlock it first." if locked else "is damaged or cut short. Download it again."
        raise LedgerError(f"{label}: the zip archive {why}") from None
    if not found:
        raise refused[0] if refused else LedgerError(f"{label}: the zip archive holds no files.")
