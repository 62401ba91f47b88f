"""ONS's and the Scottish Government's input–output workbooks → SectorTable, found by structure and not by cell.

Industry codes run along one row and, in the same order, down one column; the flows are where they cross. Output, GVA,
pay and imports are the rows below with those names, household consumption the column beside. Editions move rows about;
a table whose two axes differ is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import numpy as np

from cwb import lookups
from cwb.errors import LookupsError
from cwb.impact.input_output import Array, coefficients
from cwb.impact.sector_table import SectorTable

_SHEETS = ("IOT", "IxI", "IXI")
_MARGIN = 25  # rows and columns searched for the start of the table
_FEWEST = 5  # industries; fewer is not an industry-by-industry table
_LABEL_COLUMNS = 4
_BELOW = ("output", "gva", "pay", "imports")
_YEAR = re.compile(r"^(19|20)\d\d$")
_SPACES = re.compile(r"\s+")

Rows = list[list[str]]


@dataclass(frozen=True)
class _Block:
    """Where the flows start, how many industries there are, and their codes."""

    row: int
    column: int
    header: int
    codes: list[str]


def _clean(cell: object) -> str:
    return "" if cell is None else _SPACES.sub(" ", str(cell)).strip()


def _sheet(path: Path) -> Rows:
    try:
        book = fastexcel.read_excel(path)
    except (fastexcel.FastExcelError, OSError) as error:
        raise LookupsError(f"{path}: not a workbook that can be read ({str(error).splitlines()[0]})") from None
    names = [n for n in book.sheet_names if n in _SHEETS]
    if not names:
        raise LookupsError(f"{path}: no sheet {' or '.join(_SHEETS[:2])}. Found: {', '.join(book.sheet_names[:8])}")
    frame = book.load_sheet(names[0], header_row=None, dtypes="string").to_polars()
    return [[_clean(cell) for cell in row] for row in frame.iter_rows()]


def _of_year(rows: Rows, year: int | None, path: Path) -> tuple[Rows, int | None]:
    """Keep the heading and one year of a sheet that stacks several years, the year in its first column."""
    years = sorted({int(r[0]) for r in rows if r and _YEAR.match(r[0])})
    if not years:
        return rows, year
    wanted = years[-1] if year is None else year
    if wanted not in years:
        raise LookupsError(f"{path}: no table for {wanted}; it has {years[0]} to {years[-1]}")
    return [r for r in rows if not _YEAR.match(r[0]) or int(r[0]) == wanted], wanted


def _run(cells: list[str], column: int, down: list[str], start: int, ends: frozenset[str]) -> list[str]:
    """Return the labels that go on alike along `cells` from `column` and down `down` from `start`, each once."""
    run: list[str] = []
    for along, below in zip(cells[column:], down[start:], strict=False):
        if not along or along != below or along.casefold() in ends or along in run:
            break
        run.append(along)
    return run


def _find_block(rows: Rows, path: Path) -> _Block:
    """Return the longest run of labels that stands in one row and, from some row below, in one column."""
    ends = frozenset(label for label, role in _roles().items() if role == "total")
    best, best_label = None, 0
    for header, cells in enumerate(rows[:_MARGIN]):
        for label in range(_LABEL_COLUMNS):
            down = [row[label] for row in rows]
            first = {text: i for i, text in reversed(list(enumerate(down))) if i > header and text}
            for column in range(label + 1, min(len(cells), _MARGIN)):
                start = first.get(cells[column])
                run = [] if start is None else _run(cells, column, down, start, ends)
                if start is not None and len(run) >= _FEWEST and (best is None or len(run) > len(best.codes)):
                    best, best_label = _Block(start, column, header, run), label
    if best is None:
        raise LookupsError(
            f"{path}: no industry-by-industry table: no codes stand in the same order along a row and down a column"
        )
    size = len(best.codes)
    beyond = [c for c in rows[best.header][best.column + size :] if c and c.casefold() not in ends]
    later = {row[best_label] for row in rows[best.row + size :]} - {""}
    if beyond and beyond[0] in later:
        raise LookupsError(f"{path}: from '{beyond[0]}' on, industries stand in another order across than down")
    return best


def _number(cell: str, where: str) -> float:
    if cell in ("", "-", "..", ":"):
        return 0.0
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        raise LookupsError(f"{where}: '{cell}' is not a number") from None


def _roles() -> dict[str, str]:
    frame = lookups.table("impact/io_labels")
    return dict(zip(frame["label"].to_list(), frame["role"].to_list(), strict=True))


def _rows_below(rows: Rows, block: _Block, path: Path) -> dict[str, Array]:
    """Return output, GVA, pay and imports by industry; rows with one role are added, but output is taken once."""
    roles, found = _roles(), dict[str, Array]()
    size = len(block.codes)
    for number, row in enumerate(rows[block.row + size :], start=block.row + size + 1):
        named = (roles.get(c.casefold()) for c in row[:_LABEL_COLUMNS])
        role = next((r for r in named if r in _BELOW), None)
        if role is None or (role in found and role != "imports"):
            continue
        cells = row[block.column : block.column + size]
        values = np.array([_number(c, f"{path}: row {number}") for c in cells])
        found[role] = found[role] + values if role in found else values
    missing = [r for r in ("output", "gva", "pay") if r not in found]
    if missing:
        raise LookupsError(f"{path}: no row for {', '.join(missing)} below the industries")
    return found


def _household(rows: Rows, block: _Block, path: Path) -> Array:
    roles, size = _roles(), len(block.codes)
    for column in range(block.column + size, max(len(r) for r in rows[: block.row])):
        heads = [r[column].casefold() for r in rows[: block.row] if column < len(r)]
        if any(roles.get(h) == "household" for h in heads):
            return np.array([_number(r[column], f"{path}: column {column + 1}") for r in rows[block.row :][:size]])
    raise LookupsError(f"{path}: no column of household consumption beside the industries")


def _section(code: str, divisions: dict[str, str], path: Path) -> str:
    """Return the SIC 2007 section of an industry's code: its own letter (ONS), or that of its division."""
    if re.match(r"^[A-T]\d", code):
        return code[0]
    division = re.match(r"^(\d{1,2})", code)
    section = divisions.get(division[1].zfill(2)) if division else None
    if section is None:
        raise LookupsError(f"{path}: '{code}' is not a SIC 2007 industry")
    return section


def is_scottish(path: Path) -> bool:
    """Tell whether a workbook is the Scottish Government's, by its sheet of industries by industries."""
    try:
        return "IxI" in fastexcel.read_excel(path).sheet_names
    except (fastexcel.FastExcelError, OSError):
        return False


def read_workbook(path: Path, *, year: int | None = None, source: str, name: str | None = None) -> SectorTable:
    """Return the industry-by-industry table of a published workbook (sheet IOT or IxI), £m.

    Industries that ONS leaves out of its multipliers (owner-occupiers, L68A) are left out. Where the sheet stacks
    several years, `year` chooses one, the last if not given. `source` is the publication's id.

    Raises:
        LookupsError: the file is no such workbook, its axes differ, a row is missing, or the table is impossible.
    """
    rows, found_year = _of_year(_sheet(path), year, path)
    width = max((len(r) for r in rows), default=0)
    rows = [r + [""] * (width - len(r)) for r in rows]
    block = _find_block(rows, path)
    size = len(block.codes)
    flows = np.array(
        [
            [_number(c, f"{path}: row {block.row + i + 1}") for c in row[block.column : block.column + size]]
            for i, row in enumerate(rows[block.row : block.row + size])
        ]
    )
    below, household = _rows_below(rows, block, path), _household(rows, block, path)
    roles = _roles()
    kept = np.array([roles.get(code.casefold()) != "left_out" for code in block.codes])
    codes = tuple(c for c, k in zip(block.codes, kept, strict=True) if k)
    sections = lookups.table("sic_sections")
    divisions = dict(zip(sections["division"].to_list(), sections["section"].to_list(), strict=True))
    printed = [int(y) for row in rows[: block.row] for c in row for y in re.findall(r"\b(?:19|20)\d\d\b", c)]
    table_year = found_year or next((y for y in printed if y not in (2007, 2008)), None)
    if table_year is None:
        raise LookupsError(f"{path}: the sheet does not say which year it is for; give the year")
    table = SectorTable(
        name=name or f"{path.stem}, {table_year}", year=table_year, industries=codes,
        sections=tuple(_section(c, divisions, path) for c in codes), flows=flows[np.ix_(kept, kept)],
        output=below["output"][kept], gva=below["gva"][kept], pay=below["pay"][kept],
        imports=below.get("imports", np.zeros(size))[kept], household=household[kept], source=source,
    )  # fmt: skip
    try:
        coefficients(table.flows, table.output)
    except LookupsError as error:
        raise LookupsError(f"{path}: {error}") from None
    return table
