"""Marks placed to the pixel, and the Altair chart that draws them.

Labels that never collide, and bars whose names move above them in a narrow column, need positions that are known;
so rows are laid out here and handed to Altair with `scale=None`. Tooltips carry the exact figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Literal

import altair as alt
import polars as pl
from altair.utils.schemapi import debug_mode

from cwb.charts import theme
from cwb.charts.words import text_px
from cwb.schema import BANDS

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Box:
    """A bar from (x, y) to (x2, y2), pixels from the top left."""

    x: float
    x2: float
    y: float
    y2: float
    fill: str
    edge: str
    what: str = ""
    figure: str = ""


@dataclass(frozen=True)
class Word:
    """A text; `y` is its middle."""

    x: float
    y: float
    text: str
    align: Align = "left"
    bold: bool = False
    ink: str = theme.INK
    size: int = theme.TEXT
    halo: bool = False


@dataclass(frozen=True)
class Line:
    """A line from (x, y) to (x2, y2)."""

    x: float
    x2: float
    y: float
    y2: float
    ink: str = theme.GRID
    thick: float = 1.0


@dataclass(frozen=True)
class Dot:
    """A point mark; hollow ones are filled with paper."""

    x: float
    y: float
    fill: str
    edge: str
    shape: str = "circle"
    size: float = 90
    what: str = ""
    figure: str = ""


@dataclass(frozen=True)
class Shape:
    """An area with its holes: rings of points (x, y) in pixels, as of a district or a band of a flow."""

    rings: tuple[tuple[tuple[float, float], ...], ...]
    fill: str
    edge: str
    thick: float = 1.0
    opacity: float = 1.0
    what: str = ""
    figure: str = ""


Mark = Box | Word | Line | Dot | Shape


def _xy(*names: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in names:
        if name.endswith("2"):
            made[name] = alt.X2(f"{name}:Q") if name.startswith("x") else alt.Y2(f"{name}:Q")
        else:
            kind = alt.X if name == "x" else alt.Y
            made[name] = kind(f"{name}:Q", scale=None, axis=None)
    return made


def _feature(shape: Shape) -> dict[str, Any]:
    told = {k: v for k, v in asdict(shape).items() if k != "rings"}
    rings = [[[round(x, 1), round(y, 1)] for x, y in (*ring, ring[0])] for ring in shape.rings]
    return {**told, "type": "Feature", "geometry": {"type": "Polygon", "coordinates": rings}}


def _areas(shapes: Sequence[Shape]) -> alt.Chart:
    """Return areas where they are: the points are pixels, so the projection leaves them alone."""
    chart: alt.Chart = (
        # As text, which Altair passes on whole; it would copy and check lists of points one by one.
        alt.Chart({"values": json.dumps([_feature(shape) for shape in shapes]), "format": {"type": "json"}})
        .mark_geoshape(clip=False)
        .encode(
            fill=alt.Fill("fill:N", scale=None, legend=None),
            stroke=alt.Stroke("edge:N", scale=None, legend=None),
            strokeWidth=alt.StrokeWidth("thick:Q", scale=None, legend=None),
            # Not `opacity`, for which printing lays a sheet of the picture's size under each area.
            fillOpacity=alt.FillOpacity("opacity:Q", scale=None, legend=None),
            strokeOpacity=alt.StrokeOpacity("opacity:Q", scale=None, legend=None),
            tooltip=[alt.Tooltip("what:N", title="What"), alt.Tooltip("figure:N", title="Figure")],
        )
        .project(type="identity", scale=1, translate=[0, 0])
    )
    return chart


def _data(marks: Iterable[Mark]) -> pl.DataFrame:
    return pl.DataFrame([asdict(mark) for mark in marks], infer_schema_length=None)


def _layer(kind: type[Mark], marks: list[Mark]) -> list[alt.Chart]:
    tip = [alt.Tooltip("what:N", title="What"), alt.Tooltip("figure:N", title="Figure")]
    fill = alt.Fill("fill:N", scale=None, legend=None)
    if kind is Box:
        edge = alt.Stroke("edge:N", scale=None, legend=None)
        return [
            alt.Chart(_data(marks))
            .mark_rect(strokeWidth=1)
            .encode(**_xy("x", "x2", "y", "y2"), fill=fill, stroke=edge, tooltip=tip)
        ]
    if kind is Dot:
        return [
            alt.Chart(_data(marks))
            .mark_point(strokeWidth=2, opacity=1)
            .encode(
                **_xy("x", "y"), fill=fill, stroke=alt.Stroke("edge:N", scale=None, legend=None),
                shape=alt.Shape("shape:N", scale=None, legend=None),
                size=alt.Size("size:Q", scale=None, legend=None), tooltip=tip,
            )
        ]  # fmt: skip
    if kind is Line:
        return [
            alt.Chart(_data(marks))
            .mark_rule(opacity=1)
            .encode(
                **_xy("x", "x2", "y", "y2"),
                color=alt.Color("ink:N", scale=None, legend=None),
                strokeWidth=alt.StrokeWidth("thick:Q", scale=None, legend=None),
            )
        ]
    return _words([mark for mark in marks if isinstance(mark, Word)])


def _words(words: Sequence[Word]) -> list[alt.Chart]:
    """Return texts, those with a halo twice: first their letters' edges in paper, so that they read on any ground."""

    def alike(word: Word) -> tuple[str, bool, int]:
        return word.align, word.bold, word.size

    out = []
    for halo in (True, False):
        edge = {"stroke": theme.PAPER, "strokeWidth": 3, "strokeJoin": "round", "strokeOpacity": 0.85} if halo else {}
        for (align, bold, size), group in groupby(
            sorted((w for w in words if w.halo or not halo), key=alike), key=alike
        ):
            look: dict[str, Any] = {
                "align": align,
                "fontSize": size,
                "fontWeight": "bold" if bold else "normal",
                **edge,
            }
            text = alt.Chart(_data(group)).mark_text(baseline="middle", lineBreak="\n", **look)
            out.append(text.encode(**_xy("x", "y"), text="text:N", color=alt.Color("ink:N", scale=None, legend=None)))
    return out


@dataclass(frozen=True, eq=False)
class Drawing:
    """Marks on paper of a width and height in pixels; the Altair chart of them is made when it is first asked for."""

    width: float
    height: float
    marks: tuple[Mark, ...]

    @cached_property
    def chart(self) -> alt.LayerChart:
        """The chart of the marks: areas lowest, then lines, boxes, dots and words."""
        # Checking each part against Vega-Lite's schema takes most of the time; a test checks all of every chart.
        with debug_mode(False):
            return self._charted()

    def _charted(self) -> alt.LayerChart:
        areas = [mark for mark in self.marks if isinstance(mark, Shape)]
        layers: list[Any] = [_areas(areas)] if areas else []
        for kind in (Line, Box, Dot, Word):
            alike: list[Mark] = [mark for mark in self.marks if isinstance(mark, kind)]
            if alike:
                layers += _layer(kind, alike)
        layered = alt.layer(*layers).properties(width=self.width, height=self.height)
        chart: alt.LayerChart = layered.configure(**theme.CONFIG)
        return chart

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The chart as Vega-Lite."""
        with debug_mode(False):
            spec: dict[str, Any] = self.chart.to_dict(validate=False)
        return spec


def draw(width: float, height: float, marks: Sequence[Mark]) -> Drawing:
    """Return the drawing of the marks."""
    return Drawing(width, height, tuple(marks))


def key(width: float, y: float = 8) -> tuple[list[Mark], float]:
    """Return the key of the four bands in their order, and the height it takes."""
    marks: list[Mark] = []
    x = 0.0
    for band in BANDS:
        name = theme.BAND_NAMES[band]
        needs = 18 + text_px(name, theme.TEXT) + 20
        if x and x + needs - 20 > width:
            x, y = 0.0, y + 22
        marks.append(Box(x, x + 12, y - 6, y + 6, theme.BAND_COLOURS[band], theme.BAND_EDGE[band], name))
        marks.append(Word(x + 18, y, name))
        x += needs
    return marks, y + 22


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions in the same order, at least `gap` apart within low–high, as near to `wanted` as a sweep gets."""
    placed = [max(low, w) for w in wanted]
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + gap)
    if placed and placed[-1] > high:
        placed[-1] = high
        for i in range(len(placed) - 2, -1, -1):
            placed[i] = min(placed[i], placed[i + 1] - gap)
    return placed
