"""A figure: a chart with its statement, its source line, its numbers and its words; and its printing."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
import vl_convert

from cwb.charts import theme
from cwb.charts.drawing import Drawing
from cwb.charts.words import wrapped

_VEGA_LITE = "6.4"
_PAD = 24
_PRINT_SCALE = 3.0


@dataclass(frozen=True)
class Figure:
    """One picture and all that must travel with it.

    Attributes:
        id: stem of its files, as `bands`.
        title: what it shows, as a statement made from the numbers, 10 words at most.
        subtitle: what is measured, in which unit, of what.
        note: source and coverage.
        caveat: what must be said with the figure wherever it goes; empty for counts of what was paid.
        alt: the same in words, made from the numbers.
        data: the table beneath it, one row a mark; money in £ (`amount_gbp`), shares 0 to 1.
        drawing: the picture at 680 pixels, without title or note; `drawing.chart` is the Altair chart.
        narrow_drawing: the picture for a column of 300 pixels.
    """

    id: str
    title: str
    subtitle: str
    note: str
    alt: str
    data: pl.DataFrame
    drawing: Drawing
    narrow_drawing: Drawing
    caveat: str = ""


def gbp(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with every `…_pence` column as exact `…_gbp`, two decimals."""
    return frame.select(
        (pl.col(name).cast(pl.Decimal(38, 2)) / 100).alias(name.removesuffix("_pence") + "_gbp")
        if name.endswith("_pence")
        else pl.col(name)
        for name in frame.columns
    )


def body_svg(figure: Figure, *, narrow: bool = False) -> str:
    """Return the picture alone as SVG, hidden from screen readers: its `alt` stands beside it."""
    return _svg(figure.narrow_drawing if narrow else figure.drawing)


@lru_cache(maxsize=128)  # the page, the charts and the slides of one run show the same pictures
def _svg(drawing: Drawing) -> str:
    svg: str = vl_convert.vegalite_to_svg(drawing.spec, vl_version=_VEGA_LITE)
    # Vega marks up every bar as an object for screen readers; read out one by one they say less than `alt`.
    svg = re.sub(r'\s(?:role|aria-[a-z]+)="[^"]*"', "", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _lines(text: str, size: int, *, top: float, width: float, weight: str, ink: str) -> tuple[str, float]:
    out = []
    for line in wrapped(text, width, size, most=6):
        top += size * 1.3
        style = f'font-size="{size}" font-weight="{weight}" fill="{ink}"'
        out.append(f'<text x="0" y="{top:.1f}" {style}>{html.escape(line)}</text>')
    return "".join(out), top


def render_svg(figure: Figure) -> str:
    """Return the whole figure as one SVG: statement, subtitle, picture, source line, and `alt` as its description."""
    body = body_svg(figure)
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', body)
    if size is None:  # pragma: no cover - vl-convert always writes both
        raise RuntimeError("vl-convert wrote an SVG without a size")
    width, height = float(size[1]), float(size[2])
    heading, top = _lines(figure.title, 21, top=0, width=width * 0.95, weight="bold", ink=theme.INK)
    under, top = _lines(figure.subtitle, 14, top=top + 4, width=width, weight="normal", ink=theme.SOFT_INK)
    picture = body.replace("<svg ", f'<svg x="0" y="{top + 18:.1f}" ', 1)
    foot, bottom = _lines(
        f"{figure.caveat} {figure.note}".strip(),
        11,
        top=top + 18 + height + 10,
        width=width * 1.02,
        weight="normal",
        ink=theme.SOFT_INK,
    )
    whole_width, whole_height = width + 2 * _PAD, bottom + 2 * _PAD
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{whole_width:.0f}" '
        f'height="{whole_height:.0f}" viewBox="0 0 {whole_width:.0f} {whole_height:.0f}" role="img" '
        f'lang="en-GB" aria-labelledby="{figure.id}-t {figure.id}-d">'
        f'<title id="{figure.id}-t">{html.escape(figure.title)}</title>'
        f'<desc id="{figure.id}-d">{html.escape(figure.alt)}</desc>'
        f'<rect width="100%" height="100%" fill="{theme.PAPER}"/>'
        f'<g transform="translate({_PAD},{_PAD - 8})" font-family="{html.escape(theme.FONT)}">'
        f"{heading}{under}{picture}{foot}</g></svg>\n"
    )


def svg_to_png(svg: str, scale: float = _PRINT_SCALE) -> bytes:
    """Return what `render_svg` drew as PNG; the scale of 3 prints 17 cm wide at 300 dots an inch."""
    png: bytes = vl_convert.svg_to_png(svg, scale=scale)
    return png


def render_png(figure: Figure, scale: float = _PRINT_SCALE) -> bytes:
    """Return the whole figure as PNG."""
    return svg_to_png(render_svg(figure), scale)
