"""Tables and lists as they are read: on the page and on paper, from the run's own tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cwb.charts import BAND_COLOURS, BAND_NAMES
from cwb.charts.figure import gbp
from cwb.charts.impact import Estimate
from cwb.charts.spend import basis_name
from cwb.charts.words import exact_money, sentence
from cwb.report.columns import as_text, shown

_EVIDENCE = 25  # suppliers told one by one on the page; the workbook has all
_ROWS = 60  # rows of a table beneath a picture; the CSV has all


@dataclass(frozen=True)
class Grid:
    """A table ready to print: headings with whether they are numbers, and rows of text."""

    caption: str
    headings: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    rest: str = ""


def grid(frame: pl.DataFrame, caption: str, names: Mapping[str, str] | None = None, most: int = _ROWS) -> Grid:
    """Return a frame as it is printed; `names` replaces cells of `band`."""
    frame = gbp(frame)
    how = [shown(name) for name in frame.columns]
    rows = []
    for cells in frame.head(most).iter_rows():
        text = [as_text(value, column.kind) for value, column in zip(cells, how, strict=True)]
        for i, column in enumerate(frame.columns):
            if column == "band":
                text[i] = (names or BAND_NAMES).get(text[i], sentence(text[i]))
            elif column == "basis":
                text[i] = basis_name(text[i])
        rows.append((text[0] or "Not stated", *text[1:]))
    rest = f"The first {most:,} of {frame.height:,} rows; all are in the tables." if frame.height > most else ""
    return Grid(caption, tuple((c.heading, c.is_number) for c in how), tuple(rows), rest)


@dataclass(frozen=True)
class Evidence:
    """A supplier with what its band rests on."""

    name: str
    amount: str
    band: str
    colour: str
    said: str


def evidence(frame: pl.DataFrame, names: Mapping[str, str]) -> list[Evidence]:
    """Return the biggest suppliers with their evidence in words."""
    out = []
    for row in frame.sort("amount_pence", descending=True).head(_EVIDENCE).iter_rows(named=True):
        said = [sentence(str(row["supplier_type"]).replace("_", " ")), sentence(row["why"] or "")]
        # Where the register's address places a supplier, `why` tells of the match already.
        if row["outcome"] == "matched" and row["basis"] not in ("registered_office", "trading_site"):
            said.append(f"Matched to {row['matched_name'] or 'a register entry'}")
        out.append(
            Evidence(
                row["supplier_name"] or "No name printed", exact_money(row["amount_pence"]),
                names.get(row["band"], sentence(row["band"])), BAND_COLOURS.get(row["band"], "#FFFFFF"),
                " ".join(f"{text.rstrip('.')}." for text in said if text and text != "Unknown"),
            )
        )  # fmt: skip
    return out


def estimate_grid(found: Sequence[Estimate], caption: str) -> Grid:
    """Return estimates with their range, method and basis, local ones first."""
    headings = (("Estimate", False), ("Central", True), ("Low to high", True), ("Method and basis", False))
    rows = []
    for e in sorted(found, key=lambda one: one.area != "local"):
        central, _, span = e.text.partition(" (")
        # A formula keeps its letters as they are.
        told = sentence(e.method) if re.match(r"[a-z]{2}", e.method) else e.method
        how = "; ".join(t for t in (told, e.basis, e.interval) if t)
        rows.append((e.label, central, span.rstrip(")"), f"{how}. In {e.unit}."))
    return Grid(caption, headings, tuple(rows))


def assumptions_grid(tables: Mapping[str, pl.DataFrame]) -> Grid | None:
    """Return the assumptions with value, range, source and caveat; None where the tables have none."""
    frame = tables.get("assumptions")
    if frame is None or frame.is_empty():
        return None
    rows = []
    for row in frame.iter_rows(named=True):
        value, low, high = (as_text(row[k], "number") for k in ("value", "low", "high"))
        where = ", ".join(t for t in (row["source"], row["locator"]) if t)
        is_told = str(row["source"]).startswith("Judgement")
        kind = "A judgement" if row["kind"] == "judgement" and not is_told else ""
        said = ". ".join(t.rstrip(".") for t in (kind, where, row["caveat"]) if t)
        rows.append((f"{row['label']} ({row['unit']})", value, f"{low} to {high}" if low and high else "", f"{said}."))
    headings = (("Assumption", False), ("Value", True), ("Range", True), ("Source and caveat", False))
    return Grid("Assumptions and where they come from", headings, tuple(rows))


def differences_grid(tables: Mapping[str, pl.DataFrame]) -> Grid | None:
    """Return how the set of assumptions differs from the shipped one; None where it does not."""
    frame = tables.get("assumption_differences")
    if frame is None or frame.is_empty():
        return None

    def ranged(row: Mapping[str, float], value: str, low: str, high: str) -> str:
        central, least, most = (as_text(row[key], "number") for key in (value, low, high))
        return f"{central} ({least} to {most})"

    rows = tuple(
        (
            f"{row['label']} ({row['unit']})", ranged(row, "shipped", "shipped_low", "shipped_high"),
            ranged(row, "value", "low", "high"), row["source"],
        )
        for row in frame.iter_rows(named=True)
    )  # fmt: skip
    headings = (("Assumption", False), ("As shipped", False), ("Used here", False), ("Source", False))
    return Grid("What differs from the assumptions that ship with cwb", headings, rows)


def jobs_by_sector_grid(tables: Mapping[str, pl.DataFrame], names: Mapping[str, str]) -> Grid | None:
    """Return direct jobs by band and sector, each with its range; None where there are none."""
    frame = tables.get("jobs_by_sector")
    if frame is None or frame.is_empty():
        return None
    inside = frame.filter(pl.col("band").is_in(["local", "regional"]))
    rows = tuple(
        (
            names.get(row["band"], row["band"]), row["section_name"], exact_money(row["amount_pence"]),
            f"{row['central']:,.0f}", f"{row['low']:,.0f} to {row['high']:,.0f}",
        )
        for row in inside.head(_ROWS).iter_rows(named=True)
    )  # fmt: skip
    headings = (("Band", False), ("Sector", False), ("Paid", True), ("Jobs, central", True), ("Low to high", True))
    return Grid("Jobs at suppliers, by band and sector: gross, headcount", headings, rows)


def table_grid(tables: Mapping[str, pl.DataFrame], name: str, caption: str) -> Grid | None:
    """Return a table of the run; None where it has no rows."""
    frame = tables.get(name)
    return None if frame is None or frame.is_empty() else grid(frame, caption)


_FILE = pl.concat_str("file", "sheet", separator=", ", ignore_nulls=True).alias("file")


def files_grid(tables: Mapping[str, pl.DataFrame]) -> Grid | None:
    """Return the account of each file or sheet, £ to the penny."""
    frame = tables.get("files")
    if frame is None or frame.is_empty():
        return None
    counts = ["rows_read", "rows_payments", "rows_control_totals", "rows_blank", "rows_rejected"]
    rows = tuple(
        (str(name), *(f"{n:,}" for n in cells), exact_money(pence))
        for name, pence, *cells in frame.select(_FILE, "payments_pence", *counts).iter_rows()
    )
    headings = ((shown("file").heading, False), *((shown(c).heading, True) for c in counts), ("Paid", True))
    return Grid("The files read", headings, rows)


def warnings(tables: Mapping[str, pl.DataFrame]) -> list[tuple[str, str]]:
    """Return what the reader noticed: file or sheet, and what."""
    frame = tables.get("files")
    if frame is None or frame.is_empty():
        return []
    told = frame.filter(pl.col("warnings").fill_null("") != "")
    return [(str(name), str(said)) for name, said in told.select(_FILE, "warnings").iter_rows()]


def row_grid(tables: Mapping[str, pl.DataFrame], name: str, caption: str, columns: Sequence[str]) -> Grid | None:
    """Return rows of the files, each with where it stands."""
    frame = tables.get(name)
    return None if frame is None or frame.is_empty() else grid(frame.select(_FILE, "file_row", *columns), caption)
