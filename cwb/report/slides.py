"""The slides: a statement, a native and editable chart and speaker's notes on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import polars as pl
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.util import Emu, Pt

from cwb.charts import BAND_COLOURS, BAND_NAMES, Figure
from cwb.charts.spend import BASIS_NAMES
from cwb.charts.theme import INK, SOFT_INK
from cwb.report.columns import shown
from cwb.schema import BANDS

_WIDTH, _HEIGHT = Emu(12_192_000), Emu(6_858_000)  # 16:9
_LEFT, _INNER = Emu(600_000), Emu(10_992_000)
_MOST_LABELS = 36
_PAIR = ("#BBC1C6", "#0B4A6F")
# What tells a figure whose numbers stand side by side: columns it has, its label, and the columns drawn.
_SIDES: tuple[tuple[set[str], str, tuple[str, ...]], ...] = (
    ({"share_from", "institution"}, "institution", ("share_from", "share_to")),
    ({"volume_gbp"}, "band", ("volume_gbp", "rate_gbp")),
    ({"share_from"}, "band", ("share_from", "share_to")),
    ({"share_low"}, "band", ("share_low", "share_expected", "share_high")),
    ({"figure_at_low"}, "assumption", ("figure_at_low", "figure_at_high")),
    ({"jobs_left"}, "step", ("jobs", "jobs_left")),
    ({"central"}, "label", ("low", "central", "high")),
)
_RANGE = ("#C9D3DA", "#0B4A6F", "#5AAAD2")


@dataclass(frozen=True)
class Deck:
    """What slides say: title, headline and findings on the first two, the figures, and the last slide's caveats."""

    title: str
    headline: str
    found: Sequence[str]
    figures: Sequence[Figure]
    names: Mapping[str, str]
    last: Sequence[tuple[str, str]]
    created: datetime


@dataclass(frozen=True)
class _Native:
    """A native chart: its kind, categories, and series with their colours; `points` colours one series by point."""

    kind: Any
    categories: list[str]
    series: list[tuple[str, list[float | None], str]]
    number_format: str
    points: list[str] | None = None
    labels: bool = True


def _pounds(values: pl.Series) -> str:
    """Return the format of £ that suits the biggest value: python-pptx cannot write a conditional one."""
    return '£#,##0.0,,"m"' if max((abs(float(v)) for v in values.drop_nulls()), default=0) >= 1e6 else "£#,##0"


def _numbers(frame: pl.DataFrame, column: str) -> list[float | None]:
    return [None if v is None else float(v) for v in frame[column].to_list()]


def _stacked(frame: pl.DataFrame, names: Sequence[str], *, in_percent: bool) -> _Native:
    """Return rows cut into the four bands, to £ or to shares."""
    label = pl.concat_str([_label(frame, name) for name in names], separator=", ", ignore_nulls=True)
    frame = frame.with_columns(label=label)
    order = frame["label"].unique(maintain_order=True).to_list()
    series: list[tuple[str, list[float | None], str]] = []
    for band in BANDS:
        part = frame.filter(pl.col("band") == band)
        found = dict(zip(part["label"], part["share" if in_percent else "amount_gbp"], strict=True))
        series.append((BAND_NAMES[band], [float(found.get(name) or 0) for name in order], BAND_COLOURS[band]))
    kind = XL_CHART_TYPE.COLUMN_STACKED if names == ["month"] else XL_CHART_TYPE.BAR_STACKED
    return _Native(kind, order, series, "0%" if in_percent else _pounds(frame["amount_gbp"]), labels=in_percent)


def _label(frame: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    if frame[name].dtype == pl.Date:
        return column.dt.strftime("%b %Y").fill_null("Not dated")
    return column.replace(BASIS_NAMES).fill_null("Not stated") if name == "basis" else column.fill_null("Not stated")


def _side_by_side(frame: pl.DataFrame, label: str, columns: Sequence[str], number_format: str) -> _Native:
    paint = _RANGE if len(columns) == 3 else _PAIR
    series = [(shown(c).heading, _numbers(frame, c), colour) for c, colour in zip(columns, paint, strict=True)]
    return _Native(XL_CHART_TYPE.BAR_CLUSTERED, [str(v) for v in frame[label]], series, number_format)


def _native(figure: Figure, names: Mapping[str, str]) -> _Native:
    """Return a figure's data as a chart that PowerPoint can edit."""
    data = figure.data
    columns = set(data.columns)
    if "band" in columns:
        data = data.filter(pl.col("band").is_in([*BANDS, "region_including_local"]))
    for tells, label, side in _SIDES:
        if tells <= columns:
            rows = data.filter(pl.col("band") == "local") if label == "institution" else data
            rows = _named(rows, names) if label == "band" else rows
            if side[0].endswith("_gbp"):
                form = _pounds(data[side[-1]])
            elif side[0].startswith("share"):
                form = "0.0%"
            else:
                form = "#,##0.00" if figure.id.startswith("lm3") else "#,##0"
            return _side_by_side(rows, label, side, form)
    one_bar = next((c for c in ("supplier_name", "reason") if c in columns), "band" if figure.id == "bands" else "")
    if one_bar:
        bands = data["band"].to_list() if "band" in columns else ["unknown"] * data.height
        categories = [str(v) for v in (_named(data, names) if one_bar == "band" else data)[one_bar]]
        amounts = [("Amount", _numbers(data, "amount_gbp"), _PAIR[1])]
        return _Native(
            XL_CHART_TYPE.BAR_CLUSTERED,
            categories,
            amounts,
            _pounds(data["amount_gbp"]),
            [BAND_COLOURS[b] for b in bands],
        )
    index = [c for c in data.columns if c not in ("band", "amount_gbp", "share")]
    return _stacked(data, index, in_percent="share" in columns)


def _named(frame: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    return frame.with_columns(pl.col("band").replace(dict(names)))


def _rgb(colour: str) -> Any:
    return cast(Any, RGBColor)(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def _text(slide: Any, text: str, *, top: int, height: int, size: int, bold: bool = False, ink: str = INK) -> None:
    box = slide.shapes.add_textbox(_LEFT, Emu(top), _INNER, Emu(height))
    box.text_frame.word_wrap = True
    paragraph = box.text_frame.paragraphs[0]
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, "Arial"
    run.font.color.rgb = _rgb(ink)


def _titled(show: Any, title: str, notes: str) -> Any:
    slide = show.slides.add_slide(show.slide_layouts[5])  # a title and nothing else
    holder = slide.shapes.title
    holder.left, holder.top, holder.width, holder.height = _LEFT, Emu(350_000), _INNER, Emu(800_000)
    holder.text_frame.text = title
    run = holder.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold, run.font.name = Pt(30), True, "Arial"
    run.font.color.rgb = _rgb(INK)
    holder.text_frame.paragraphs[0].alignment = 1
    slide.notes_slide.notes_text_frame.text = notes
    return slide


def _chart(slide: Any, figure: Figure, native: _Native) -> None:
    # python-pptx types little of its charts.
    data = cast(Any, CategoryChartData)(number_format=native.number_format)
    data.categories = native.categories
    for name, values, _ in native.series:
        data.add_series(name, values)
    frame = slide.shapes.add_chart(native.kind, _LEFT, Emu(1_650_000), _INNER, Emu(4_350_000), data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", figure.alt)
    chart = frame.chart
    chart.font.size, chart.font.name = Pt(12), "Arial"
    chart.has_title = False
    chart.has_legend = len(native.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.category_axis.reverse_order = native.kind != XL_CHART_TYPE.COLUMN_STACKED
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.category_axis.has_major_gridlines = False
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    plot = chart.plots[0]
    plot.gap_width = 40
    plot.has_data_labels = native.labels and len(native.categories) * len(native.series) <= _MOST_LABELS
    if plot.has_data_labels:
        plot.data_labels.number_format, plot.data_labels.number_format_is_linked = native.number_format, False
        plot.data_labels.font.size = Pt(11)
    for series, (_, _, colour) in zip(plot.series, native.series, strict=True):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = _rgb(colour)
        if plot.has_data_labels and native.kind == XL_CHART_TYPE.BAR_STACKED:
            labels = series.data_labels
            labels.show_value, labels.number_format = True, native.number_format
            labels.number_format_is_linked, labels.font.size = False, Pt(11)
            labels.font.color.rgb = _rgb("#FFFFFF" if colour == BAND_COLOURS["local"] else INK)
        for i, point_colour in enumerate(native.points or []):
            point = series.points[i]
            point.format.fill.solid()
            point.format.fill.fore_color.rgb = _rgb(point_colour)


def write_slides(path: Path, deck: Deck) -> Path:
    """Write the slides as PowerPoint: titles for a screen reader, charts with a text alternative and editable data."""
    show = Presentation()
    show.slide_width, show.slide_height = _WIDTH, _HEIGHT
    show.core_properties.title, show.core_properties.author = deck.title, "cwb"
    show.core_properties.language, show.core_properties.created = "en-GB", deck.created
    first = _titled(show, deck.headline, " ".join(deck.found))
    _text(first, deck.title, top=1_250_000, height=500_000, size=18, ink=SOFT_INK)
    _text(first, deck.found[0], top=2_000_000, height=1_500_000, size=24)
    second = _titled(show, "What we found", " ".join(deck.found))
    for i, text in enumerate(deck.found[1:7]):
        _text(second, text, top=1_350_000 + i * 850_000, height=800_000, size=16)
    for figure in deck.figures:
        slide = _titled(show, figure.title, f"{figure.alt} {figure.caveat}".strip())
        _text(slide, figure.subtitle, top=1_120_000, height=400_000, size=16, ink=SOFT_INK)
        _chart(slide, figure, _native(figure, deck.names))
        _text(slide, f"{figure.caveat} {figure.note}".strip(), top=6_060_000, height=700_000, size=10, ink=SOFT_INK)
    for name, text in deck.last:
        slide = _titled(show, name, text)
        _text(slide, text, top=1_350_000, height=4_000_000, size=18)
    show.save(str(path))
    return path
