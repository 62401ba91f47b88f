"""Marks placed to the pixel, and the Altair chart that draws them.

Labels that never collide, and bars whose names move above them in a narrow column, need positions that are known;
so rows are laid out here and handed to Altair with `scale=None`. Tooltips carry the exact figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Literal

import altair as alt
import polars as pl

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


Mark = Box | Word | Line | Dot


def _xy(*names: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in names:
        if name.endswith("2"):
            made[name] = alt.X2(f"{name}:Q") if name.startswith("x") else alt.Y2(f"{name}:Q")
        else:
            kind = alt.X if name == "x" else alt.Y
            made[name] = kind(f"{name}:Q", scale=None, axis=None)
    return made


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
    words = sorted((m for m in marks if isinstance(m, Word)), key=lambda w: (w.align, w.bold, w.size))
    return [
        alt.Chart(_data(alike))
        .mark_text(
            align=align, baseline="middle", fontSize=size, fontWeight="bold" if bold else "normal", lineBreak="\n"
        )
        .encode(**_xy("x", "y"), text="text:N", color=alt.Color("ink:N", scale=None, legend=None))
        for (align, bold, size), alike in groupby(words, key=lambda w: (w.align, w.bold, w.size))
    ]


def draw(width: float, height: float, marks: Sequence[Mark]) -> alt.LayerChart:
    """Return the chart of the marks: lines lowest, then boxes, dots and words."""
    layers = []
    for kind in (Line, Box, Dot, Word):
        alike: list[Mark] = [mark for mark in marks if isinstance(mark, kind)]
        if alike:
            layers += _layer(kind, alike)
    chart: alt.LayerChart = alt.layer(*layers).properties(width=width, height=height).configure(**theme.CONFIG)
    return chart


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
