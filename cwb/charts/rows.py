"""Charts made of named rows: stacked bars by band, and points with their range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cwb.charts import theme
from cwb.charts.drawing import Align, Box, Dot, Drawing, Line, Mark, Word, draw, key
from cwb.charts.words import exact_money, percent, text_px, wrapped
from cwb.schema import BANDS

_BAR = 24.0
_GUTTER = 200.0
_LINES = 3  # of a name, before it is cut


@dataclass(frozen=True)
class BandRow:
    """A row of a stacked bar: its name, pence by band, and the text at its end."""

    name: str
    pence: dict[str, int]
    end: str = ""


@dataclass(frozen=True)
class Interval:
    """A point with its range; the text says both. `marks` are further points: (value, shape, what)."""

    name: str
    low: float
    central: float
    high: float
    text: str
    fill: str = theme.ACCENT
    edge: str = theme.ACCENT
    marks: tuple[tuple[float, str, str], ...] = ()


def beside(name: str, y: float, gutter: float = _GUTTER) -> tuple[Word, float]:
    """Return a row's name to the left of its middle `y`, and by how much a third line makes the row deeper."""
    lines = wrapped(name, gutter - 14, theme.TEXT, most=_LINES)
    deeper = 15.0 * max(0, len(lines) - 2)
    top = y + deeper / 2 - (len(lines) - 1) * 7.5
    return Word(gutter - 12, top, "\n".join(lines), "right"), deeper


def above(name: str, y: float, width: float) -> tuple[Word, float]:
    """Return a row's name over it, its first line's middle at `y`, and by how much further lines make it deeper."""
    lines = wrapped(name, width, theme.TEXT, most=_LINES)
    return Word(0, y, "\n".join(lines)), 17.0 * (len(lines) - 1)


def _segments(row: BandRow, x0: float, full: float, scale: float, y: float, *, in_percent: bool) -> list[Mark]:
    """Net credits (negative pence) have no width; the table beneath has them."""
    out: list[Mark] = []
    drawn = {band: max(0, row.pence.get(band, 0)) for band in BANDS}
    total = sum(row.pence.values())
    x = x0
    for band in BANDS:
        size = drawn[band] / scale * full if scale else 0.0
        if size <= 0:
            continue
        share = percent(row.pence[band] / total) if total > 0 else ""
        figure = f"{exact_money(row.pence[band])} ({share})" if share else exact_money(row.pence[band])
        what = f"{row.name}: {theme.BAND_NAMES[band]}"
        fill = theme.BAND_COLOURS[band]
        edge = theme.BAND_EDGE[band] if size > 4 else fill
        out.append(Box(x + 0.5, max(x + 0.8, x + size - 1), y, y + _BAR, fill, edge, what, figure))
        if in_percent and total > 0:
            text = f"{row.pence[band] / total:.0%}"
            if size > text_px(text, theme.SMALL) + 6:
                middle = x + size / 2
                out.append(Word(middle, y + _BAR / 2, text, "center", False, theme.BAND_INK[band], theme.SMALL))
        x += size
    return out


def band_rows(
    rows: Sequence[BandRow], width: float, *, in_percent: bool = False, show_key: bool = True, end_px: float = 96
) -> Drawing:
    """Return one stacked bar a row, to £ or (each row filling the width) to shares."""
    narrow = width < 500
    marks, top = key(width) if show_key else ([], 0.0)
    x0 = 0.0 if narrow else _GUTTER
    full = width - x0 - (0 if narrow else end_px) - 1
    positive = [sum(max(0, p) for p in row.pence.values()) for row in rows]
    biggest = max(positive, default=0)
    y = top + 4
    for row, total in zip(rows, positive, strict=True):
        if narrow:
            name, deeper = above(row.name, y + 8, width)
            marks.append(name)
            y += deeper
            if deeper or text_px(row.name, theme.TEXT) + text_px(row.end, theme.TEXT) + 12 > width:
                y += 17
                marks.append(Word(0, y + 8, row.end, "left", False, theme.SOFT_INK))
            else:
                marks.append(Word(width, y + 8, row.end, "right", False, theme.SOFT_INK))
            y += 20
        else:
            name, deeper = beside(row.name, y + _BAR / 2)
            marks.append(name)
            y += deeper / 2
        scale = total if in_percent else biggest
        drawn = _segments(row, x0, full, scale, y, in_percent=in_percent)
        marks += drawn
        if not narrow:
            right = max((m.x2 for m in drawn if isinstance(m, Box)), default=x0)
            marks.append(Word(right + 8, y + _BAR / 2, row.end, "left", False, theme.SOFT_INK))
        y += _BAR + 10 + (0 if narrow else deeper / 2)
    return draw(width, y, marks)


def panels(names: Sequence[str], years: Sequence[str], cells: dict[tuple[str, str], BandRow], width: float) -> Drawing:
    """Return small multiples: a column of 100% bars a year, a row a name; in a narrow column, year under year."""
    if width < 500:
        rows = [cells[name, year] for name in names for year in years if (name, year) in cells]
        return band_rows(rows, width, in_percent=True)
    marks, top = key(width)
    gap = 22.0
    full = (width - _GUTTER - gap * (len(years) - 1)) / len(years) - 1
    y = top + 28
    for i, year in enumerate(years):
        marks.append(Word(_GUTTER + i * (full + gap), top + 10, year, "left", True))
    for name in names:
        word, deeper = beside(name, y + _BAR / 2)
        marks.append(word)
        y += deeper / 2
        for i, year in enumerate(years):
            row = cells.get((name, year))
            x = _GUTTER + i * (full + gap)
            if row is None:
                marks.append(Word(x, y + _BAR / 2, "no ledger", "left", False, theme.SOFT_INK, theme.SMALL))
                continue
            total = sum(max(0, p) for p in row.pence.values())
            marks += _segments(row, x, full, total, y, in_percent=True)
        y += _BAR + 10 + deeper / 2
    return draw(width, y, marks)


def intervals(
    rows: Sequence[Interval], width: float, *, low: float, high: float, ticks: Sequence[tuple[float, str]]
) -> Drawing:
    """Return a line from low to high with the central point for each row, on one axis from `low` to `high`."""
    narrow = width < 500
    x0, x1 = (8.0, width - 8) if narrow else (_GUTTER + 8, width - 12)
    per_px = (x1 - x0) / (high - low if high > low else 1.0)

    def at(value: float) -> float:
        return x0 + (value - low) * per_px

    marks: list[Mark] = []
    y = 6.0
    for row in rows:
        if narrow:
            name, deeper = above(row.name, y + 8, width)
            y += deeper
            marks += [name, Word(0, y + 26, row.text, "left", True, theme.INK, theme.SMALL)]
            middle = y + 44
        else:
            name, deeper = beside(row.name, y + 23)
            marks.append(name)
            y += deeper / 2
            middle = y + 30
            centred = min(
                max(at(row.central), x0 + text_px(row.text, theme.TEXT) / 2), width - text_px(row.text, theme.TEXT) / 2
            )
            marks.append(Word(centred, y + 12, row.text, "center", True, theme.INK, theme.SMALL))
        if row.high > row.low:
            marks.append(Line(at(row.low), at(row.high), middle, middle, row.edge, 4))
        for value, shape, what in row.marks:
            marks.append(Dot(at(value), middle, theme.PAPER, row.edge, shape, 70, what, row.text))
        marks.append(Dot(at(row.central), middle, row.fill, row.edge, "circle", 130, row.name, row.text))
        y += 62 if narrow else 46 + deeper / 2
    behind: list[Mark] = [Line(at(value), at(value), 0, y, theme.GRID) for value, _ in ticks]
    for value, text in ticks:
        near_edge = at(value) + text_px(text, theme.SMALL) / 2
        align: Align = "right" if near_edge > width else "left" if value == low else "center"
        marks.append(Word(at(value), y + 12, text, align, False, theme.SOFT_INK, theme.SMALL))
    return draw(width, y + 24, [*behind, *marks])


def nice_ticks(high: float, low: float = 0.0, count: int = 4) -> list[float]:
    """Return round values, evenly spaced, from at or below `low` to at or above `high`."""
    if high <= low:
        return [low, low + 1]
    raw = (high - low) / count
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= raw * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]
