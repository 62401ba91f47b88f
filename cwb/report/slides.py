"""The slides: a statement, a native and editable chart and speaker's notes on each."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import xlsxwriter
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from cwb.charts import BAND_COLOURS, Figure, body_svg, svg_to_png
from cwb.charts.maps import MAP_PART
from cwb.charts.rows import nice_ticks
from cwb.charts.theme import ACCENT, GRID, INK, PAPER, SOFT_INK
from cwb.report.native import NOTHING, PICTURED, Native, native
from cwb.report.story import Tile

_WIDTH, _HEIGHT = Emu(12_192_000), Emu(6_858_000)  # 16:9
_LEFT, _INNER = 600_000, 10_992_000
_TOP, _TALL = 1_640_000, 4_300_000  # of a chart
_MOST_LABELS = 60
_FOUND = 6  # findings on a slide; the notes have all
_FULL = 900  # letters on a slide of text
_KINDS = {
    "bar": XL_CHART_TYPE.BAR_CLUSTERED, "stacked bar": XL_CHART_TYPE.BAR_STACKED,
    "stacked column": XL_CHART_TYPE.COLUMN_STACKED, "line": XL_CHART_TYPE.LINE_MARKERS,
    "curve": XL_CHART_TYPE.XY_SCATTER_LINES,
}  # fmt: skip


@dataclass(frozen=True)
class Deck:
    """What slides say: title, headline, tiles and findings on the first two, the figures, notes, the last's caveats."""

    title: str
    headline: str
    found: Sequence[str]
    tiles: Sequence[Tile]
    figures: Sequence[Figure]
    names: Mapping[str, str]
    notes: Sequence[str]
    last: Sequence[tuple[str, str]]
    created: datetime


def _rgb(colour: str) -> Any:
    return cast(Any, RGBColor)(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def _write(paragraph: Any, text: str, size: float, ink: str, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, "Arial"
    run.font.color.rgb = _rgb(ink)


def _text(slide: Any, text: str, *, top: int, height: int, size: float, ink: str = INK, bold: bool = False) -> Any:
    box = slide.shapes.add_textbox(Emu(_LEFT), Emu(top), Emu(_INNER), Emu(height))
    box.text_frame.word_wrap = True
    for side in ("margin_left", "margin_right"):
        setattr(box.text_frame, side, 0)
    _write(box.text_frame.paragraphs[0], text, size, ink, bold=bold)
    return box


def _titled(show: Any, title: str, notes: str, *, layout: int = 5, ink: str = INK, size: int = 28) -> Any:
    """Return a new slide with its title; layout 5 has a title and nothing else, layout 1 a list beneath it."""
    slide = show.slides.add_slide(show.slide_layouts[layout])
    holder = slide.shapes.title
    holder.left, holder.top, holder.width, holder.height = Emu(_LEFT), Emu(240_000), Emu(_INNER), Emu(900_000)
    frame = holder.text_frame
    frame.margin_left = frame.margin_right = 0
    frame.vertical_anchor, frame.word_wrap = MSO_ANCHOR.BOTTOM, True
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    # A long statement takes two lines.
    _write(frame.paragraphs[0], title, size if len(title) < 58 else size - 4, ink, bold=True)
    slide.notes_slide.notes_text_frame.text = notes
    return slide


def _footer(slide: Any, deck: Deck, number: int) -> None:
    box = slide.shapes.add_textbox(Emu(_LEFT), Emu(6_500_000), Emu(_INNER), Emu(260_000))
    box.text_frame.margin_left = box.text_frame.margin_right = 0
    box.text_frame.word_wrap = True
    paragraph = box.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT
    _write(paragraph, f"{deck.title}  ·  {number}", 9, SOFT_INK)


# --- charts -----------------------------------------------------------------------------------------------------------


def _data(native: Native) -> Any:
    if native.shape == "curve":
        data = cast(Any, XyChartData)(number_format=native.number_format)
        for series in native.series:
            points = data.add_series(series.name)
            for x, y in zip(series.x, series.values, strict=True):
                points.add_data_point(x, y)
        return data
    data = cast(Any, CategoryChartData)(number_format=native.number_format)
    data.categories = native.categories
    for series in native.series:
        data.add_series(series.name, series.values)
    return data


def _workbook(native: Native, created: datetime) -> bytes:
    """Return the workbook that PowerPoint opens on "Edit data": texts stay texts, where python-pptx's would run."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": created})
        page = book.add_worksheet()
        number = book.add_format({"num_format": native.number_format})
        text = book.add_format({"quote_prefix": True})
        for row, name in enumerate(native.categories, 1):
            page.write_string(row, 0, name, text)
        for column, series in enumerate(native.series, 1):
            page.write_string(0, column, series.name, text)
            for row, value in enumerate(series.values, 1):
                if value is not None:
                    page.write_number(row, column, value, number)
    return out.getvalue()


def _chart(slide: Any, figure: Figure, native: Native, *, left: int, width: int, created: datetime) -> None:
    # python-pptx types little of its charts.
    frame = slide.shapes.add_chart(_KINDS[native.shape], Emu(left), Emu(_TOP), Emu(width), Emu(_TALL), _data(native))
    frame._element.nvGraphicFramePr.cNvPr.set("descr", figure.alt)
    frame.name = figure.title
    chart = frame.chart
    if native.shape != "curve":  # a curve has numbers alone
        chart.part.chart_workbook.update_from_xlsx_blob(_workbook(native, created))
    chart.font.size, chart.font.name = Pt(12 if len(native.categories) <= 14 else 10), "Arial"
    chart.font.color.rgb = _rgb(INK)
    chart.has_title = False
    chart.has_legend = native.legend and sum(s.colour != NOTHING for s in native.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _axes(chart, native)
    plot = chart.plots[0]
    if native.shape in ("bar", "stacked bar", "stacked column"):
        plot.gap_width = 45 if len(native.categories) > 3 else 180
    is_few = len(native.categories) * len(native.series) <= _MOST_LABELS
    for series, told in zip(plot.series, native.series, strict=True):
        _paint(series, native, told.colour, told.points)
        if native.labels and is_few:
            _label(series, native, told.colour)


def _axes(chart: Any, native: Native) -> None:
    across, along = chart.category_axis, chart.value_axis
    across.has_major_gridlines = False
    across.format.line.color.rgb = _rgb(GRID)
    if native.shape != "curve":
        across.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        across.reverse_order = "bar" in native.shape
        if across.reverse_order:  # the first row on top, and the axis of values still at the foot
            along._element.find(qn("c:crosses")).set("val", "max")
    has_values = not native.labels
    along.visible = has_values or native.shape == "line"
    along.has_major_gridlines = along.visible
    if along.visible:
        along.major_gridlines.format.line.color.rgb = _rgb(GRID)
        along.format.line.fill.background()
        along.tick_labels.number_format, along.tick_labels.number_format_is_linked = native.number_format, False
        along.tick_labels.font.color.rgb = _rgb(SOFT_INK)
    if native.number_format.startswith("0") and native.shape in ("stacked bar", "curve"):
        along.maximum_scale = 1.0
    if "stacked" in native.shape:
        most = max(
            sum(max(0.0, v or 0.0) for v in cell) for cell in zip(*(s.values for s in native.series), strict=True)
        )
        ticks = nice_ticks(most, native.lowest or 0.0)
        along.major_unit = ticks[1] - ticks[0]
    if native.lowest is not None:
        along.minimum_scale = native.lowest
    elif native.shape != "bar":
        along.minimum_scale = 0 if all((v or 0) >= 0 for s in native.series for v in s.values) else None


def _paint(series: Any, native: Native, colour: str, points: Sequence[str]) -> None:
    if native.shape in ("line", "curve"):
        series.smooth = False
        series.format.line.color.rgb = _rgb(colour)
        series.format.line.width = Pt(2.5)
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = _rgb(colour)
        series.marker.format.line.color.rgb = _rgb(colour)
        return
    if colour == NOTHING:
        series.format.fill.background()
        return
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = _rgb(colour)
    for i, point_colour in enumerate(points):
        point = series.points[i]
        point.format.fill.solid()
        point.format.fill.fore_color.rgb = _rgb(point_colour)


def _label(series: Any, native: Native, colour: str) -> None:
    labels = series.data_labels
    labels.show_value, labels.number_format, labels.number_format_is_linked = True, native.number_format, False
    # What is too narrow for its number shows none: below three in a hundred the format is empty.
    if native.shape == "stacked bar" and native.number_format == "0%":
        labels.number_format = '[<0.03]"";0%'
    labels.font.size, labels.font.name = Pt(11), "Arial"
    if native.shape == "line":
        labels.position = XL_LABEL_POSITION.ABOVE
        labels.font.color.rgb = _rgb(INK)
    else:
        labels.font.color.rgb = _rgb(PAPER if "stacked" in native.shape and colour == BAND_COLOURS["local"] else INK)


def _figure(slide: Any, figure: Figure, drawn: Native, created: datetime) -> None:
    """Put a figure on a slide: a native chart, and beside it a picture where PowerPoint has no such chart."""
    left, width = _LEFT, _INNER
    if figure.id in PICTURED:
        image = io.BytesIO(svg_to_png(body_svg(figure)))
        picture = slide.shapes.add_picture(image, Emu(_LEFT), Emu(_TOP), height=Emu(_TALL))
        if figure.id == "map":  # the chart beside it shows the list
            picture.crop_right = 1 - MAP_PART
            picture.width = Emu(int(picture.width * MAP_PART))
        widest = _INNER * 3 // 5
        if picture.width > widest:
            picture.height = Emu(int(picture.height * widest / picture.width))
            picture.width = Emu(widest)
        picture._element.nvPicPr.cNvPr.set("descr", figure.alt)
        picture.name = figure.title
        left, width = _LEFT + picture.width + 200_000, _INNER - picture.width - 200_000
    _chart(slide, figure, drawn, left=left, width=width, created=created)


# --- the deck ---------------------------------------------------------------------------------------------------------


def _first(show: Any, deck: Deck) -> None:
    slide = _titled(show, deck.headline, f"Speaker's summary. {' '.join(deck.found)}", ink=PAPER, size=40)
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = _rgb(ACCENT)
    slide.shapes.title.top, slide.shapes.title.height = Emu(1_300_000), Emu(1_500_000)
    _text(slide, deck.found[0], top=3_000_000, height=1_500_000, size=22, ink=PAPER)
    _text(slide, deck.title, top=5_900_000, height=400_000, size=14, ink="#C3DEEC")


def _second(show: Any, deck: Deck) -> None:
    slide = _titled(show, "What we found", f"Speaker's summary. {' '.join(deck.found)}", layout=1)
    gap = 180_000
    width = (_INNER - gap * (len(deck.tiles) - 1)) // max(1, len(deck.tiles))
    for i, tile in enumerate(deck.tiles):
        box = slide.shapes.add_shape(
            MSO_SHAPE.RECTANGLE, Emu(_LEFT + i * (width + gap)), Emu(1_300_000), Emu(width), Emu(1_350_000)
        )
        box.name = f"Figure: {tile.name}"
        box.shadow.inherit = False
        box.fill.solid()
        box.fill.fore_color.rgb = _rgb("#F4F6F7")
        box.line.color.rgb = _rgb(tile.colour)
        box.line.width = Pt(2.5)
        frame = box.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
        for text, size, ink, bold in (
            (tile.share, 26, INK, True), (tile.name, 12, INK, False), (tile.amount, 12, SOFT_INK, False),
        ):  # fmt: skip
            paragraph = frame.paragraphs[0] if text is tile.share else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.LEFT
            _write(paragraph, text, size, ink, bold=bold)
    body = slide.placeholders[1]
    body.left, body.top, body.width, body.height = Emu(_LEFT), Emu(2_900_000), Emu(_INNER), Emu(3_400_000)
    frame = body.text_frame
    frame.word_wrap = True
    told = deck.found[1 : 1 + _FOUND]
    size = 16 if sum(map(len, told)) < 800 else 14
    for i, text in enumerate(told):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(6)
        _write(paragraph, text, size, INK)
    _footer(slide, deck, 2)


def _packed(notes: Sequence[str]) -> list[str]:
    """Return the text of each slide that notes take: as many as can be read, or one that is long."""
    texts: list[str] = []
    for note in notes:
        if texts and len(texts[-1]) + len(note) < _FULL:
            texts[-1] += f"\n{note}"
        else:
            texts.append(note)
    return texts


def write_slides(path: Path, deck: Deck) -> Path:
    """Write the slides as PowerPoint: titles for a screen reader, charts with a text alternative and editable data."""
    show = Presentation()
    show.slide_width, show.slide_height = _WIDTH, _HEIGHT
    show.core_properties.title, show.core_properties.author = deck.title, "cwb"
    show.core_properties.language, show.core_properties.created = "en-GB", deck.created
    _first(show, deck)
    _second(show, deck)
    for number, figure in enumerate(deck.figures, 3):
        slide = _titled(show, figure.title, f"{figure.title}. {figure.alt} {figure.caveat}".strip())
        drawn = native(figure, deck.names)
        _text(slide, drawn.subtitle or figure.subtitle, top=1_150_000, height=400_000, size=15, ink=SOFT_INK)
        _figure(slide, figure, drawn, deck.created)
        note = f"{figure.caveat} {figure.note}".strip()
        _text(slide, note, top=5_960_000, height=500_000, size=9 if len(note) > 260 else 10, ink=SOFT_INK)
        _footer(slide, deck, number)
    last = [*(("Notes", text) for text in _packed(deck.notes)), *deck.last]
    for number, (name, text) in enumerate(last, 3 + len(deck.figures)):
        slide = _titled(show, name, text)
        _text(slide, text, top=1_400_000, height=4_000_000, size=20 if len(text) < _FULL else 14)
        _footer(slide, deck, number)
    show.save(str(path))
    return path
