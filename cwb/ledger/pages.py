"""Tables of a page that a finance system saved under a spreadsheet's name: HTML, or the XML of older spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

import polars as pl

from cwb import lookups
from cwb.errors import LedgerError
from cwb.ledger.columns import NEEDED, choose_columns
from cwb.ledger.headings import find_headings
from cwb.ledger.text import decode

_MARKUP = re.compile(
    rb"^\s*<(?:!doctype|!--|\?xml|\?mso|html|head|body|table|script|style|meta|title|div|center|form|font|rss|svg"
    rb"|(?:\w+:)?workbook)",
    re.IGNORECASE,
)
_MARKS = b"\xef\xbb\xbf\xff\xfe"
# No tag is sought beyond the start of the next, so that a broken page costs no more than a whole one.
_TOKEN = re.compile(r"<(/?)([A-Za-z][\w:]*)([^<>]*)>|([^<]+)|<")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
# What a reader sees nothing of.
_UNSEEN = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"))
_TABLES, _ROWS, _CELLS = ("table", "worksheet"), ("tr", "row"), ("td", "th", "cell")
_BREAKS = ("br", "p", "div")
_SAMPLE = 2000


@dataclass
class _Table:
    """A table while it is being read: `name` is its sheet's, `rows` its cells so far."""

    name: str | None
    rows: list[list[str | None]] = field(default_factory=list)


def is_page(data: bytes) -> bool:
    """Return whether a text file is HTML or XML by its first bytes."""
    return bool(_MARKUP.match(data[:4000].replace(b"\0", b"").lstrip(_MARKS)))


def page_tables(data: bytes, where: str) -> tuple[list[tuple[str | None, pl.DataFrame]], str]:
    """Return ([(sheet, cells)], encoding) of the tables of a page that have a ledger's headings.

    Only the text of cells is taken: nothing is run, and nothing the page names is fetched.

    Raises:
        LedgerError: no table of the page is a ledger, or the page is too large to be one.
    """
    if len(data) > lookups.number("ledger.largest_page"):
        raise LedgerError(f"{where}: {len(data) / 1e6:,.0f} MB of HTML or XML. Save it as CSV or XLSX.")
    text, encoding, _ = decode(data, where)
    found = []
    for table in _tables(_seen(text.decode("utf-8", errors="replace")), where):
        width = max((len(row) for row in table.rows), default=0)
        cells = pl.DataFrame(
            {f"c{i}": [row[i] if i < len(row) else None for row in table.rows] for i in range(width)},
            schema={f"c{i}": pl.String for i in range(width)},
        )
        if _is_ledger(cells):
            found.append((table.name, cells))
    if not found:
        raise LedgerError(
            f"{where}: a web page or XML, not a ledger. Open it in a spreadsheet and save it as CSV or XLSX."
        )
    if len(found) > 1:
        found = [(name or f"table {n}", cells) for n, (name, cells) in enumerate(found, 1)]
    return found, encoding


def _is_ledger(cells: pl.DataFrame) -> bool:
    """Whether headings known by their words stand over values that suit them; a page's lists and layout have none."""
    headed = find_headings(cells) if cells.width > 1 else None
    if headed is None or headed[0] + 1 >= cells.height:
        return False
    try:
        choice = choose_columns(cells.slice(headed[0] + 1, _SAMPLE), headed[1], "")
    except LedgerError:
        return False
    return not any(choice.why[f].startswith("no heading says so") for f in NEEDED)


def _seen(text: str) -> str:
    """Return a page without comments, scripts and styles."""
    for opening, closing in _UNSEEN:
        start, end = (re.compile(re.escape(mark), re.IGNORECASE) for mark in (opening, closing))
        kept: list[str] = []
        at = 0
        while found := start.search(text, at):
            kept.append(text[at : found.start()])
            closed = end.search(text, found.end())
            at = closed.end() if closed else len(text)
        text = "".join(kept) + text[at:]
    return text


class _Reader:
    """The tables open at one place of a page, the innermost last, and the cell that is being read there."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.widest = int(lookups.number("ledger.widest_table"))
        self.tables: list[_Table] = []
        self.sheet: str | None = None
        self.cell: list[str] | None = None
        self.span = 1

    def end_cell(self) -> None:
        if self.cell is not None and self.tables and self.tables[-1].rows:
            row = self.tables[-1].rows[-1]
            row.append(" ".join(unescape("".join(self.cell)).split()) or None)
            row.extend([None] * (self.span - 1))
            if len(row) > self.widest:
                raise LedgerError(f"{self.where}: {len(row):,} columns, which no ledger has. Save it as CSV or XLSX.")
        self.cell = None

    def start_cell(self, attributes: str) -> None:
        row = self.tables[-1].rows[-1]
        skipped = _number(attributes, "index", 0) - 1 - len(row)
        row.extend([None] * min(max(skipped, 0), self.widest))
        span = _number(attributes, "colspan", 1) + _number(attributes, "mergeacross", 0)
        self.span = min(max(span, 1), self.widest)
        self.cell = []
        if attributes.endswith("/"):
            self.end_cell()

    def table_tag(self, name: str, attributes: str, *, closing: bool) -> _Table | None:
        """Open or close a table or sheet; return the table closed."""
        self.end_cell()
        if name == "worksheet":
            self.sheet = None if closing else _attribute(attributes, "name")
        elif not closing:
            self.tables.append(_Table(self.sheet))
        elif self.tables:
            return self.tables.pop()
        return None

    def row_or_cell_tag(self, name: str, attributes: str, *, closing: bool) -> None:
        self.end_cell()
        if not self.tables or closing:
            return
        if name in _ROWS:
            self.tables[-1].rows.append([])
        elif self.tables[-1].rows:
            self.start_cell(attributes)


def _tables(text: str, where: str) -> Iterator[_Table]:
    """Yield every table, an inner one before that around it."""
    reader = _Reader(where)
    for closing, tag, attributes, words in _TOKEN.findall(text):
        name = tag.casefold().rpartition(":")[2]
        if name in _TABLES:
            done = reader.table_tag(name, attributes, closing=bool(closing))
            if done:
                yield done
        elif name in _ROWS or name in _CELLS:
            reader.row_or_cell_tag(name, attributes, closing=bool(closing))
        elif reader.cell is not None:
            reader.cell.append(words or " " if words or name in _BREAKS else "")
    reader.end_cell()
    yield from reversed(reader.tables)


def _attribute(text: str, wanted: str) -> str | None:
    for name, value in _ATTRIBUTE.findall(text):
        if name.casefold().rpartition(":")[2] == wanted:
            return unescape(value.strip("\"'")).strip() or None
    return None


def _number(text: str, wanted: str, default: int) -> int:
    if wanted not in text.casefold():
        return default
    value = _attribute(text, wanted)
    return int(value) if value and value.isdecimal() and len(value) < 8 else default
