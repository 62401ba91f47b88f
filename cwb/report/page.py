"""The report page: one HTML file with everything in it, that reads on paper, on a telephone and by ear."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cwb.charts import BAND_COLOURS, BAND_NAMES, Figure, body_svg
from cwb.charts.about import about
from cwb.charts.change import WITH_LOCAL, names_of
from cwb.charts.figure import gbp
from cwb.charts.impact import Estimate, caveats, estimates
from cwb.charts.spend import band_name, basis_name
from cwb.charts.words import change, exact_money, money, percent, points, sentence
from cwb.report import story
from cwb.report.columns import as_text, shown
from cwb.schema import BANDS

_EVIDENCE = 25  # suppliers told one by one on the page; the workbook has all
_ROWS = 60  # rows of a table beneath a picture; the CSV has all


@dataclass(frozen=True)
class Grid:
    """A table ready to print: headings with whether they are numbers, and rows of text."""

    caption: str
    headings: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    rest: str = ""


@dataclass(frozen=True)
class Drawn:
    """A figure ready to print: two pictures, one for narrow columns, and its table."""

    figure: Figure
    wide: Markup
    narrow: Markup
    table: Grid


@dataclass(frozen=True)
class Tile:
    """One of the headline numbers."""

    name: str
    share: str
    amount: str
    colour: str


@cache
def _templates() -> Environment:
    loader = PackageLoader("cwb.report", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


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


def drawn(figure: Figure, names: Mapping[str, str]) -> Drawn:
    """Return a figure ready to print."""
    # The SVG comes from vl-convert, which escapes every text in it.
    wide, narrow = (Markup(body_svg(figure, narrow=n)) for n in (False, True))  # noqa: S704
    return Drawn(figure, wide, narrow, grid(figure.data, f"Numbers behind “{figure.title}”", names))


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


def _estimate_grid(found: Sequence[Estimate], caption: str) -> Grid:
    headings = (("Estimate", False), ("Central", True), ("Low to high", True), ("Method and basis", False))
    rows = []
    for e in sorted(found, key=lambda one: one.area != "local"):
        central, _, span = e.text.partition(" (")
        # A formula keeps its letters as they are.
        told = sentence(e.method) if re.match(r"[a-z]{2}", e.method) else e.method
        how = "; ".join(t for t in (told, e.basis) if t)
        rows.append((e.label, central, span.rstrip(")"), f"{how}. In {e.unit}."))
    return Grid(caption, headings, tuple(rows))


def _assumptions(tables: Mapping[str, pl.DataFrame]) -> Grid | None:
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


def _tiles(summary: Mapping[str, Any], names: Mapping[str, str]) -> list[Tile]:
    who = about(summary)
    bands, region = summary["bands"], summary["region_including_local"]

    def tile(name: str, block: Mapping[str, Any], colour: str) -> Tile:
        return Tile(name, percent(block["share"]), money(int(block["amount_pence"])), colour)

    return [
        tile(f"In {who.local}", bands["local"], BAND_COLOURS["local"]),
        tile(f"In {who.region}, {who.local} included", region, BAND_COLOURS["regional"]),
        tile(names["leaked"], bands["leaked"], BAND_COLOURS["leaked"]),
        tile("Not known", bands["unknown"], BAND_COLOURS["unknown"]),
    ]


def run_page(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], figures: Sequence[Figure]) -> str:
    """Return the HTML report of a run: self-contained, no scripts, nothing fetched."""
    who = about(summary)
    names = {band: band_name(band, who) for band in BANDS}
    by_id = {f.id: drawn(f, names) for f in figures}
    impact = story.impact_estimates(summary)
    return _templates().get_template("run.html").render(
        title=story.run_title(summary), headline=story.headline(summary), found=story.found(summary, tables),
        notes=[str(n) for n in summary.get("notes") or []], who=who, tiles=_tiles(summary, names), figures=by_id,
        bands=grid(tables["bands"], "The four bands", names),
        evidence=evidence(tables["suppliers"], names) if "suppliers" in tables else [],
        supplier_count=tables["suppliers"].height if "suppliers" in tables else 0,
        matching=summary["matching"], coverage=summary["coverage"], percent=percent,
        unknowns=_some(tables, "unknowns", "Why spend could not be placed"),
        impact=_estimate_grid(impact, "Jobs and multipliers, each with its range") if impact else None,
        caveats=caveats(impact), impact_notes=[str(n) for n in (summary.get("impact") or {}).get("notes", [])],
        method=story.method(summary), assumptions=_assumptions(tables), account=story.row_account(summary),
        files=_files(tables), warnings=_warnings(tables),
        totals=_row_grid(tables, "control_totals", "Totals printed in the files", ["label", "amount_pence", "ties"]),
        rejects=_row_grid(tables, "rejects", "Rows that could not be read as a payment", ["reason"]),
        provenance=story.provenance(summary), inputs=grid(story.inputs(summary), "Files and fingerprints", most=500),
    )  # fmt: skip


def _some(tables: Mapping[str, pl.DataFrame], name: str, caption: str) -> Grid | None:
    frame = tables.get(name)
    return None if frame is None or frame.is_empty() else grid(frame, caption)


_FILE = pl.concat_str("file", "sheet", separator=", ", ignore_nulls=True).alias("file")


def _files(tables: Mapping[str, pl.DataFrame]) -> Grid | None:
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


def _warnings(tables: Mapping[str, pl.DataFrame]) -> list[tuple[str, str]]:
    """Return what the reader noticed: file or sheet, and what."""
    frame = tables.get("files")
    if frame is None or frame.is_empty():
        return []
    told = frame.filter(pl.col("warnings").fill_null("") != "")
    return [(str(name), str(said)) for name, said in told.select(_FILE, "warnings").iter_rows()]


def _row_grid(tables: Mapping[str, pl.DataFrame], name: str, caption: str, columns: Sequence[str]) -> Grid | None:
    """Return rows of the files, each with where it stands."""
    frame = tables.get(name)
    return None if frame is None or frame.is_empty() else grid(frame.select(_FILE, "file_row", *columns), caption)


def compare_page(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], figures: Sequence[Figure]) -> str:
    """Return the HTML report of a comparison."""
    names = names_of(compare)
    rows = {row["band"]: row for row in tables["change"].iter_rows(named=True)}
    tiles = [
        Tile(
            {"local": f"In {names['local']}"}.get(band, names[band]), points(rows[band]["share_points"]),
            f"{change(rows[band]['amount_pence'])}, from {percent(rows[band]['share_from'])} to "
            f"{percent(rows[band]['share_to'])}",
            BAND_COLOURS.get(band, BAND_COLOURS["regional"]),
        )
        for band in ("local", WITH_LOCAL, "leaked", "unknown")
    ]  # fmt: skip
    by_id = {f.id: drawn(f, names) for f in figures}
    jobs = estimates((compare.get("jobs") or {}).values())
    shares = ["band", "from_pence", "share_from", "to_pence", "share_to", "share_points"]
    parts = ["band", "amount_pence", "volume_pence", "rate_pence"]
    by = tables.get("change_by_institution")
    return _templates().get_template("compare.html").render(
        title=story.change_title(compare), headline=figures[0].title if figures else story.change_title(compare),
        moved=story.moved(compare, tables), tiles=tiles, figures=by_id, span=story.span(compare),
        differences=story.differences(compare),
        shares=grid(tables["change"].select(shares), "Share of spend before and after", names),
        parts=grid(tables["change"].select(parts), "Change in £ and its two parts", names),
        institutions=grid(by.select("institution", *shares), "Change by institution", names, 500)
        if by is not None and by.height else None,
        impact=_estimate_grid(jobs, "Jobs on the change in spend, with their range") if jobs else None,
        caveats=caveats(jobs), method=story.change_method(compare), assumptions=_assumptions(tables),
        provenance=story.provenance(compare), inputs=grid(story.inputs(compare), "Files and fingerprints", most=500),
    )  # fmt: skip
