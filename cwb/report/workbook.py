"""The workbook: what a finance officer opens. Values only, native charts, and every sheet ties to the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cwb.charts import BAND_COLOURS, BAND_NAMES
from cwb.charts.figure import gbp
from cwb.report.columns import shown
from cwb.report.measure_columns import Kind
from cwb.schema import BANDS, EXCLUDED

_MOST_ROWS = 1_048_000  # a sheet holds 1,048,576
_FIRST = 4  # the row of the headings: above it the title, what the sheet says, and a gap
_MONEY = '[>=1000000]£#,##0.0,,"m";£#,##0'
_FORMATS: dict[Kind, dict[str, Any]] = {
    "text": {"quote_prefix": True, "text_wrap": True},
    "gbp": {"num_format": "£#,##0.00;[Red]-£#,##0.00"},
    "share": {"num_format": "0.0%"},
    "points": {"num_format": '+0.0" points";-0.0" points"'},
    "count": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.00"},
    "date": {"num_format": "mmm yyyy"},
    "flag": {},
}
_WIDTHS: dict[Kind, int] = {
    "text": 24, "gbp": 19, "share": 11, "points": 15, "count": 12, "number": 14, "date": 12, "flag": 9,
}  # fmt: skip
_WIDE = {"why": 70, "caveat": 70, "source": 50, "label": 46, "reason": 46, "raw": 60, "supplier_name": 38,
         "matched_name": 38, "section_name": 40, "category": 34, "institution": 36, "file": 34, "warnings": 50,
         "text": 110, "item": 44, "basis": 26, "rests_on": 40,
         "method": 44, "description": 70, "sha256": 68}  # fmt: skip


def _width(name: str) -> int:
    return _WIDE.get(name, _WIDTHS[shown(name).kind])


_CHARTS = {  # kind: shape, subtype, format of the axis of values
    "bands": ("bar", "", _MONEY),
    "stacked": ("bar", "stacked", _MONEY),
    "shares": ("bar", "percent_stacked", "0%"),
    "months": ("column", "stacked", _MONEY),
    "range": ("bar", "", "#,##0"),
    "slope": ("bar", "", "0%"),
    "amounts": ("bar", "", _MONEY),
    "bounds": ("bar", "", "0%"),
    "steps": ("bar", "", "#,##0"),
    "parts": ("bar", "percent_stacked", "0%"),
    "sme": ("bar", "", "0%"),
}


@dataclass(frozen=True)
class Sheet:
    """A sheet: its tab, what it says in one line, its table, and a native chart of its first rows beside it.

    `chart` is a kind and the column that names its rows, as `stacked:category`.
    """

    tab: str
    says: str
    frame: pl.DataFrame
    chart: str = ""
    chart_rows: int = 25


def by_band(frame: pl.DataFrame, index: Sequence[str]) -> pl.DataFrame:
    """Return one row for each `index` with a column of pence for each band, the total and the local share.

    `frame` has the index, `band` and `amount_pence`; the rows keep the order in which they first come.
    """
    bands = [*BANDS, EXCLUDED] if EXCLUDED in frame["band"].to_list() else list(BANDS)
    wide = frame.group_by(index, maintain_order=True).agg(
        pl.col("amount_pence").filter(pl.col("band") == band).sum().alias(f"{band}_pence") for band in bands
    )
    total = pl.sum_horizontal(f"{band}_pence" for band in bands)
    share = pl.when(total > 0).then(pl.col("local_pence") / total)
    return wide.with_columns(total_pence=total, local_share=share)


class _Writer:
    """The open workbook with its formats; XlsxWriter's objects have state, so this is the one class that has."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.formats: dict[Kind, Format] = {
            kind: book.add_format({"valign": "top", **how}) for kind, how in _FORMATS.items()
        }
        self.title = book.add_format({"bold": True, "font_size": 15, "font_color": "#0B4A6F", "quote_prefix": True})
        self.says = book.add_format({"font_color": "#4C5A67", "quote_prefix": True})
        heading = {"bold": True, "bg_color": "#0B4A6F", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        self.heading = book.add_format(heading)
        self.number = book.add_format({**heading, "align": "right"})

    def add(self, sheet: Sheet) -> None:
        """Write a sheet: title, line, headings frozen, the table with a filter, and its chart beside it."""
        frame = gbp(sheet.frame)
        page = self.book.add_worksheet(sheet.tab)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(_FIRST - 1)
        page.write_string(0, 0, sheet.tab, self.title)
        cut = frame.height > _MOST_ROWS
        rest = f" The first {_MOST_ROWS:,} of {frame.height:,} rows: all are in the table's CSV." if cut else ""
        page.write_string(1, 0, sheet.says + rest, self.says)
        for column, name in enumerate(frame.columns):
            how = shown(name)
            page.set_column(column, column, _width(name))
            page.write_string(_FIRST - 1, column, how.heading, self.number if how.is_number else self.heading)
            self._column(page, column, how.kind, frame[name].head(_MOST_ROWS))
        self._heights(page, frame.head(_MOST_ROWS))
        page.freeze_panes(_FIRST, 1)
        if frame.height:
            page.autofilter(_FIRST - 1, 0, _FIRST - 1 + min(frame.height, _MOST_ROWS), len(frame.columns) - 1)
        else:
            page.write_string(_FIRST, 0, "None.", self.says)
        if sheet.chart and frame.height:
            self._chart(page, sheet, frame)

    def _column(self, page: Worksheet, column: int, kind: Kind, values: pl.Series) -> None:
        style = self.formats[kind]
        for row, value in enumerate(values.to_list(), start=_FIRST):
            if value is None:
                page.write_blank(row, column, None, style)
            elif isinstance(value, bool):
                page.write_boolean(row, column, value, style)
            elif isinstance(value, Decimal | int | float):
                page.write_number(row, column, float(value), style)
            elif isinstance(value, dt.date):
                page.write_datetime(row, column, dt.datetime.combine(value, dt.time()), style)
            else:
                page.write_string(row, column, str(value)[:32_767], style)

    def _heights(self, page: Worksheet, frame: pl.DataFrame) -> None:
        """Make room for text that wraps: not every program does that by itself on opening."""
        texts = [name for name in frame.columns if shown(name).kind == "text"]
        if not texts:
            return
        lines = frame.select(
            pl.max_horizontal(
                (pl.col(name).cast(pl.String).fill_null("").str.len_chars() / (_width(name) * 1.05)).ceil()
                for name in texts
            ).cast(pl.Int64)
        ).to_series()
        for row, count in enumerate(lines.to_list(), start=_FIRST):
            if count > 1:
                page.set_row(row, 15 * min(count, 27))

    def _chart(self, page: Worksheet, sheet: Sheet, frame: pl.DataFrame) -> None:
        kind, _, index = sheet.chart.partition(":")
        shape, subtype, axis_format = _CHARTS[kind]
        chart = self.book.add_chart({"type": shape, **({"subtype": subtype} if subtype else {})})
        rows = min(frame.height, sheet.chart_rows)

        def cells(name: str) -> list[Any]:
            column = frame.columns.index(name)
            return [sheet.tab, _FIRST, column, _FIRST - 1 + rows, column]

        series = _series(kind, frame.head(rows), index)
        for one in series:
            chart.add_series({**one, "categories": cells(index), "values": cells(one["values"]), "gap": 50})
        chart.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
        values = {"major_gridlines": {"visible": True, "line": {"color": "#DFE4E8"}}, "num_format": axis_format}
        if shape == "bar":
            # First row on top, and the axis of values still at the foot.
            chart.set_y_axis({"reverse": True, "crossing": "max", "major_gridlines": {"visible": False}})
            chart.set_x_axis(values)
        else:
            chart.set_x_axis({"text_axis": True, "num_format": "mmm yy"})
            chart.set_y_axis(values)
        chart.set_title({"name": sheet.says if len(sheet.says) < 90 else sheet.tab, "name_font": {"size": 12}})
        chart.set_size(
            {"width": 760, "height": 170 + 22 * max(rows, 4) * max(1, len(series) if kind in _PAINTED else 1)}
        )
        options = {"description": sheet.says, "object_position": 3, "x_offset": 20}
        page.insert_chart(_FIRST - 1, len(frame.columns), chart, options)


_PAINTED = {
    "bounds": {"share_low": "#C9D3DA", "share_high": "#0B4A6F"},
    "sme": {"sme_share": "#0B4A6F", "vcse_share": "#5AAAD2"},
    "parts": {f"{band}_share": colour for band, colour in BAND_COLOURS.items()},
    "amounts": {"amount_gbp": "#0B4A6F"},
    "steps": {"jobs": "#0B4A6F"},
    "range": {"low": "#C9D3DA", "central": "#0B4A6F", "high": "#5AAAD2"},
    "slope": {"share_from": "#BBC1C6", "share_to": "#0B4A6F"},
}


def _series(kind: str, frame: pl.DataFrame, index: str) -> list[dict[str, Any]]:
    """Return a chart's series, `values` naming the column that each shows."""
    if kind == "bands":
        colours = {BAND_NAMES[band]: colour for band, colour in BAND_COLOURS.items()}
        points = [{"fill": {"color": colours.get(b, "#DDDDDD")}} for b in frame[index].to_list()]
        labels = {"value": True, "num_format": _MONEY}
        return [{"name": "Amount", "values": "amount_gbp", "points": points, "data_labels": labels}]
    if kind in _PAINTED:
        return [{"name": shown(n).heading, "values": n, "fill": {"color": c}} for n, c in _PAINTED[kind].items()]
    border = {"color": "#FFFFFF"}
    return [
        {"name": BAND_NAMES[b], "values": f"{b}_gbp", "fill": {"color": BAND_COLOURS[b]}, "border": border}
        for b in BANDS
    ]


@dataclass(frozen=True)
class Book:
    """A workbook: its title, when it was made, and its sheets."""

    title: str
    created: dt.datetime
    sheets: Sequence[Sheet]


def write_workbook(path: Path, book: Book) -> Path:
    """Write a workbook; the same book gives the same bytes."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as file:
        file.set_properties({"title": book.title, "author": "cwb", "created": book.created})
        writer = _Writer(file)
        for sheet in book.sheets:
            writer.add(sheet)
    return path
