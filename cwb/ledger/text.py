"""Bytes of a text file → a table of text cells: encoding, delimiter, quotes and ragged rows."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter

import numpy as np
import polars as pl

from cwb import lookups
from cwb.errors import LedgerError
from cwb.ledger.headings import CERTAIN_SCORE, row_score

DELIMITERS = (",", "\t", ";", "|")
_SAMPLE_BYTES = 20_000
_SCORED_LINES = 60
_HEADED_LINES = 25
_SEARCHED_BYTES = 1 << 18  # looked through for quotes at once
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
_WRAPPED = re.compile(rb'"(?:[^"]|"")*"\s*|\s*')
# Bytes that stand inside or before words in one code page and make no sense there in the other.
_POUND_850 = re.compile(rb"\x9c ?[\d(]|\(\x9c|\x9c\)|[ ,\"]\x9c[\",)]")
_LETTER_850 = re.compile(
    rb"[A-Za-z](?:[\x84\x87\x88\x89][a-z]|[\x81\x82\x8a\x8d\xa4][A-Za-z ,;|\t\"\r\n])|[\x81\x82\x8d\x90][A-Za-z]"
)
_POUND_1252 = re.compile(rb"\xa3 ?[\d(]|\(\xa3|\xa3\)")
_LETTER_1252 = re.compile(rb"[A-Za-z][\xe0-\xef\xf1-\xf6\xf8-\xfd][a-z]|[A-Za-z][\x91\x92]|[\x93\x94\x96\x97]")
_UNDEFINED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def decode(data: bytes, where: str) -> tuple[bytes, str, list[str]]:
    """Return the text as UTF-8 bytes without a mark, the encoding it was in, and warnings.

    Raises:
        LedgerError: the bytes are no text.
    """
    warnings: list[str] = []
    for mark, label, codec in _BOMS:
        if data.startswith(mark):
            if label == "utf-8-sig":
                return _utf8_or_repair(data[len(mark) :], label, warnings)
            return (
                _strip_nul(data.decode(codec, errors="replace").encode("utf-8", "replace"), warnings),
                label,
                warnings,
            )
    padded = len(data) - len(data.rstrip(b"\0"))
    if padded > 1 and b"\0" not in data[:-padded]:
        warnings.append(f"{padded:,} NUL bytes taken off the end")
        data = data[:-padded]
    if b"\0" in data:
        head = data[:4000]
        even, odd = head[::2].count(0), head[1::2].count(0)
        if odd > len(head) // 5 and even < odd // 10:
            return _strip_nul(data.decode("utf-16-le", errors="replace").encode(), warnings), "utf-16-le", warnings
        if even > len(head) // 5 and odd < even // 10:
            return _strip_nul(data.decode("utf-16-be", errors="replace").encode(), warnings), "utf-16-be", warnings
        if even + odd > len(head) // 10:
            raise LedgerError(f"{where}: not text but binary data. Export the ledger as CSV or XLSX.")
        data = _strip_nul(data, warnings)
    if data.isascii():
        return data, "ascii", warnings
    return _utf8_or_repair(data, "utf-8", warnings)


def _strip_nul(data: bytes, warnings: list[str]) -> bytes:
    if b"\0" not in data:
        return data
    warnings.append(f"{data.count(0)} NUL bytes taken out")
    return data.replace(b"\0", b"")


def _utf8_or_repair(data: bytes, label: str, warnings: list[str]) -> tuple[bytes, str, list[str]]:
    data = _strip_nul(data, warnings)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return data, label, warnings
    repaired = data.decode("utf-8", errors="replace")
    good = sum(len(m) for m in re.findall(r"[^\x00-\x7f\ufffd]+", repaired))
    if label == "utf-8-sig" or good > 5 * repaired.count("\ufffd"):
        warnings.append(f"{repaired.count(chr(0xFFFD))} bytes are not UTF-8 and were replaced by a mark")
        return repaired.encode(), label, warnings
    text, name = _single_byte(data)
    return text.encode(), name, warnings


def _single_byte(data: bytes) -> tuple[str, str]:
    is_850 = 4 * len(_POUND_850.findall(data)) + len(_LETTER_850.findall(data))
    is_1252 = 4 * len(_POUND_1252.findall(data)) + len(_LETTER_1252.findall(data))
    if is_850 > is_1252:
        return data.decode("cp850"), "cp850"
    if not _UNDEFINED_1252.search(data):
        return data.decode("cp1252"), "cp1252"
    # Latin-1 by the letter, but with the quotes and dashes that Windows put in its empty places.
    return "".join(_LATIN[b] for b in data) if len(data) < 1000 else data.decode("latin-1").translate(
        _WINDOWS
    ), "latin-1"


_WINDOWS = {b: bytes([b]).decode("cp1252", errors="ignore") or chr(b) for b in range(0x80, 0xA0)}
_LATIN = [_WINDOWS.get(b, chr(b)) for b in range(256)]


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _score(sample: str, delimiter: str) -> tuple[float, float, int]:
    """Return (how much its best row looks like headings, share of rows of the commonest width, that width)."""
    rows = _parse_lines(_lines(sample)[:_SCORED_LINES], delimiter)
    best = 0.0
    for row in rows[:_HEADED_LINES]:
        best = max(best, row_score(row))
        if best >= CERTAIN_SCORE:
            break
    widths = Counter(len(r) for r in rows if any(c.strip() for c in r))
    if not widths:
        return 0.0, 0.0, 1
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return best, count / sum(widths.values()) if width > 1 else 0.0, width


def find_delimiter(sample: str, where: str) -> str:
    """Return the delimiter under which the sample has known headings, or else rows of one width.

    Raises:
        LedgerError: no delimiter gives more than one column.
    """
    first = sample.split("\n", 1)[0].strip()
    if re.fullmatch(r"sep=.", first, re.IGNORECASE):
        return first[-1]
    scores: dict[str, tuple[float, float, int]] = {}
    for delimiter in (d for d in DELIMITERS if d in sample):
        scores[delimiter] = _score(sample, delimiter)
        if scores[delimiter][0] >= CERTAIN_SCORE:
            return delimiter
    found = {d: s for d, s in scores.items() if s[2] > 1 or s[0] > 0}
    if not found:
        raise LedgerError(
            f"{where}: one column only, no comma, tab, semicolon or | between cells. Export the ledger as CSV."
        )
    return max(found, key=lambda d: (round(found[d][0], 2), found[d][1], found[d][2]))


def _quotes_are_regular(data: bytes, delimiter: str) -> bool:
    """Whether quotes only open at the start of a cell and close at its end, so that a fast parser may be trusted."""
    buffer = np.frombuffer(data, dtype=np.uint8)
    # A block at a time stays in the processor's cache: twice as fast as the whole file at once.
    blocks = range(0, buffer.size, _SEARCHED_BYTES)
    at = np.concatenate([np.flatnonzero(buffer[b : b + _SEARCHED_BYTES] == ord('"')) + b for b in blocks])
    if at.size == 0:
        return True
    if at.size % 2:
        return False
    edge = np.zeros(256, dtype=bool)
    edge[[ord(delimiter), 10, 13, 34]] = True
    before, after = at[0::2] - 1, at[1::2] + 1
    opens = edge[buffer[np.maximum(before, 0)]] | (before < 0)
    closes = edge[buffer[np.minimum(after, buffer.size - 1)]] | (after >= buffer.size)
    return bool(opens.all() and closes.all())


def _parse_lines(lines: list[str], delimiter: str) -> list[list[str]]:
    """Parse line by line; a quote that never closes is a printed inch sign, not a cell that swallows the file."""
    out: list[list[str]] = []
    i = 0
    while i < len(lines):
        line = lines[i]
        if '"' not in line or line.count('"') % 2 == 0:
            out.append(_cells(line, delimiter) if '"' in line else line.split(delimiter))
            i += 1
            continue
        taken = 1
        joined = line
        while _open_quote(joined, delimiter) and taken < 60 and i + taken < len(lines):
            joined += "\n" + lines[i + taken]
            taken += 1
        if _open_quote(joined, delimiter):
            out.append(line.split(delimiter))
            i += 1
            continue
        out.append(_cells(joined, delimiter))
        i += taken
    return out


def _open_quote(text: str, delimiter: str) -> bool:
    inside = False
    start = True
    for piece in re.split(f'(["{re.escape(delimiter)}\n])', text):
        if piece == '"':
            if inside or start:
                inside = not inside
                start = inside is False and start
        elif piece in (delimiter, "\n"):
            start = start if inside else True
        elif piece.strip():
            start = False if not inside else start
    return inside


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        rows = list(
            csv.reader([line], delimiter=delimiter, skipinitialspace='" ' not in line and f'{delimiter} "' in line)
        )
    except csv.Error:
        return line.split(delimiter)
    return [c for row in rows for c in row]


def read_text(data: bytes, where: str) -> tuple[pl.DataFrame, str, str, list[str]]:
    """Return (cells, encoding, delimiter, warnings) of a delimited text file.

    Raises:
        LedgerError: not text, one column, or a cell or width beyond reason.
    """
    text, encoding, warnings = decode(data, where)
    if not text.strip():
        raise LedgerError(f"{where}: the file is empty. Check the export and try again.")
    if b"\r" in text and b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    text = _unwrapped(text)
    sample = text[:_SAMPLE_BYTES].decode("utf-8", errors="ignore")
    if len(text) > _SAMPLE_BYTES:
        sample = sample[: sample.rfind("\n") + 1] or sample
    if "\n" not in sample[: int(lookups.number("ledger.largest_cell"))] and len(text) > _SAMPLE_BYTES:
        raise LedgerError(f"{where}: no line ends in the first {_SAMPLE_BYTES:,} bytes. Export the ledger as CSV.")
    delimiter = find_delimiter(sample, where)
    sampled = _parse_lines(_lines(sample)[:_SCORED_LINES], delimiter)
    width = max(len(row) for row in sampled)
    _check_width(width, where)
    frame = None
    if _quotes_are_regular(text, delimiter):
        frame = _fast(text, delimiter, width)
    if frame is None:
        frame = _slow(text, delimiter, where)
    _check_cells(frame, where)
    return frame, encoding, delimiter, warnings


def _unwrapped(text: bytes) -> bytes:
    """Return text without the quotes that some exports put around whole lines, their own quotes doubled."""
    if not text.startswith(b'"') or not all(
        _WRAPPED.fullmatch(line) for line in text[:_SAMPLE_BYTES].split(b"\n")[:-1]
    ):
        return text
    lines = text.replace(b"\r", b"").split(b"\n")
    if len(lines) < 2 or not all(_WRAPPED.fullmatch(line) for line in lines):
        return text
    bare = [line[1:-1].replace(b'""', b'"') for line in lines]
    return b"\n".join(bare) if all(any(d.encode() in line for d in DELIMITERS) for line in bare if line) else text


def _check_width(width: int, where: str) -> None:
    if width > lookups.number("ledger.widest_table"):
        raise LedgerError(f"{where}: {width:,} columns, which no ledger has. Export only the ledger's own columns.")


def _check_cells(frame: pl.DataFrame, where: str) -> None:
    limit = int(lookups.number("ledger.largest_cell"))
    longest = frame.select(pl.all().str.len_bytes().max()).row(0)
    for column, size in zip(frame.columns, longest, strict=True):
        if size is not None and size > limit:
            at = int(frame[column].str.len_bytes().arg_max() or 0) + 1
            raise LedgerError(f"{where}: row {at} has a cell of {size:,} bytes; a ledger cell holds {limit:,} at most.")


def _fast(text: bytes, delimiter: str, width: int) -> pl.DataFrame | None:
    names = delimiter.join(f"c{i}" for i in range(width)).encode() + b"\n"
    try:
        return pl.read_csv(
            names + text, separator=delimiter, infer_schema=False, quote_char='"' if b'"' in text else None
        )
    except pl.exceptions.PolarsError:
        return None  # ragged beyond the sample, or quotes it does not take: read again with care


def _slow(text: bytes, delimiter: str, where: str) -> pl.DataFrame:
    lines = _lines(text.decode("utf-8", errors="replace"))
    if lines and not lines[-1]:
        lines.pop()
    rows = _parse_lines(lines, delimiter)
    width = max((len(row) for row in rows), default=1)
    _check_width(width, where)
    columns: list[list[str | None]] = [[] for _ in range(width)]
    for row in rows:
        for i, column in enumerate(columns):
            column.append((row[i] or None) if i < len(row) else None)
    return pl.DataFrame({f"c{i}": pl.Series(c, dtype=pl.String) for i, c in enumerate(columns)})
