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
from cwb.report.columns import Kind, shown
from cwb.schema import BANDS, EXCLUDED

_MOST_ROWS = 1_048_000  # a sheet holds 1,048,576
_FIRST = 4  # the row of the headings: above it the title, what the sheet says, and a gap
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
         "text": 110, "item": 44, "basis": 26, "method": 44, "description": 70, "sha256": 68}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A sheet: its tab, what it says in one line, its table, and the kind of native chart beside it."""

    tab: str
    says: str
    frame: pl.DataFrame
    chart: str = ""


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
        self.heading = book.add_format(
            {"bold": True, "bg_color": "#0B4A6F", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        )

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
            page.set_column(column, column, _WIDE.get(name, _WIDTHS[how.kind]))
            page.write_string(_FIRST - 1, column, how.heading, self.heading)
            self._column(page, column, how.kind, frame[name].head(_MOST_ROWS))
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

    def _range(self, sheet: Sheet, frame: pl.DataFrame, name: str) -> list[Any]:
        column = frame.columns.index(name)
        return [sheet.tab, _FIRST, column, _FIRST - 1 + min(frame.height, 25), column]

    def _chart(self, page: Worksheet, sheet: Sheet, frame: pl.DataFrame) -> None:
        names = frame.columns
        kind, _, index = sheet.chart.partition(":")
        shapes = {"bands": ("bar", None), "stacked": ("bar", "stacked"), "shares": ("bar", "percent_stacked"),
                   "months": ("column", "stacked"), "range": ("bar", None), "slope": ("bar", None)}  # fmt: skip
        shape, subtype = shapes[kind]
        chart = self.book.add_chart({"type": shape, **({"subtype": subtype} if subtype else {})})
        categories = self._range(sheet, frame, index)
        if kind == "bands":
            fills = [{"fill": {"color": BAND_COLOURS.get(b, "#DDDDDD")}} for b in frame[index].to_list()]
            amounts = {"categories": categories, "values": self._range(sheet, frame, "amount_gbp")}
            labels = {"value": True, "num_format": "£#,##0"}
            chart.add_series({"name": "Amount", **amounts, "points": fills, "gap": 40, "data_labels": labels})
            chart.set_legend({"none": True})
        elif kind == "range":
            spread = [{"low": c - a, "high": b - c} for a, c, b in frame.select("low", "central", "high").iter_rows()][
                :25
            ]
            chart.add_series({"name": "Central, with low and high", "categories": categories,
                              "values": self._range(sheet, frame, "central"), "fill": {"color": "#5AAAD2"}, "gap": 60,
                              "y_error_bars": {"type": "custom", "plus_values": [s["high"] for s in spread],
                                               "minus_values": [s["low"] for s in spread]}})  # fmt: skip
            chart.set_legend({"position": "bottom"})
        elif kind == "slope":
            for name, colour in (("share_from", "#BBC1C6"), ("share_to", "#0B4A6F")):
                chart.add_series({"name": shown(name).heading, "categories": categories, "gap": 60,
                                  "values": self._range(sheet, frame, name), "fill": {"color": colour}})  # fmt: skip
            chart.set_legend({"position": "bottom"})
        else:
            for band in (b for b in BANDS if f"{b}_gbp" in names):
                chart.add_series({"name": BAND_NAMES[band], "categories": categories, "gap": 40,
                                  "values": self._range(sheet, frame, f"{band}_gbp"),
                                  "fill": {"color": BAND_COLOURS[band]}, "border": {"color": "#FFFFFF"}})  # fmt: skip
            chart.set_legend({"position": "bottom"})
        axis = "y_axis" if shape == "bar" else "x_axis"
        if axis == "y_axis":
            chart.set_y_axis({"reverse": True, "major_gridlines": {"visible": False}})
        chart.set_title({"name": sheet.tab, "name_font": {"size": 12}})
        chart.set_size({"width": 760, "height": 170 + 26 * min(max(frame.height, 4), 25)})
        options = {"description": sheet.says, "object_position": 3, "x_offset": 20}
        page.insert_chart(_FIRST - 1, len(names), chart, options)


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
