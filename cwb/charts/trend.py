"""Through the year: a row each with its months as a small line, its £ and its local share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import polars as pl

from cwb.charts import theme
from cwb.charts.about import About
from cwb.charts.drawing import Dot, Drawing, Line, Mark, Shape, Word, draw
from cwb.charts.figure import Figure, gbp
from cwb.charts.rows import above, beside
from cwb.charts.spend import subtitle
from cwb.charts.words import exact_money, money, percent, title

_MOST_ROWS = 12
_GUTTER, _STEP, _TALL = 190.0, 40.0, 26.0


@dataclass(frozen=True)
class _Row:
    """A row of the table: its name, its £ by month, and the local part of them."""

    name: str
    pence: list[int]
    local: list[int]

    @property
    def total(self) -> int:
        return sum(self.pence)

    @property
    def share(self) -> float | None:
        return sum(self.local) / self.total if self.total > 0 else None

    @property
    def shares(self) -> list[float | None]:
        return [part / all_ if all_ > 0 else None for part, all_ in zip(self.local, self.pence, strict=True)]


def sparklines(frame: pl.DataFrame, column: str, about: About) -> Figure | None:
    """Return a row for each of `column` with a line of £ and one of the local share, month by month.

    Args:
        frame: `column`, month, amount_pence, local_pence; undated payments have no month.
        column: institution or category.
        about: what the run says of itself.
    """
    dated = frame.drop_nulls("month")
    months = dated["month"].unique().sort().to_list()
    if len(months) < 3:
        return None
    order = (
        dated.group_by(column).agg(pl.col("amount_pence").sum())
        .with_columns(rest=pl.col(column).str.contains(r"^\d+ others$"))
        .sort("rest", "amount_pence", column, descending=[False, True, False])
        .head(_MOST_ROWS)
    )  # fmt: skip
    cells = {(n, m): (a, b) for n, m, a, b in dated.select(column, "month", "amount_pence", "local_pence").iter_rows()}
    rows = [
        _Row(str(n), [cells.get((n, m), (0, 0))[0] for m in months], [cells.get((n, m), (0, 0))[1] for m in months])
        for n in order[column]
    ]
    known = [r for r in rows if r.share is not None]
    if not known:
        return None
    high, low = max(known, key=lambda r: r.share or 0), min(known, key=lambda r: r.share or 0)
    if column == "institution" and len(known) > 1:
        span = f"Local share runs from {percent(low.share)} to {percent(high.share)}"
        text = title(f"{high.name} buys most locally: {percent(high.share)}", span)
    else:
        biggest = f"The biggest category is {money(rows[0].total)}"
        text = title(f"{rows[0].name} is the biggest category: {money(rows[0].total)}", biggest)
    told = "; ".join(
        f"{r.name} {money(r.total)}, {percent(r.share)} local, "
        f"monthly from {money(min(r.pence))} to {money(max(r.pence))}"
        for r in rows
    )
    what = "institution" if column == "institution" else "category"
    wide, narrow = (_table(rows, months, w) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        f"{column}_months", text,
        subtitle(about, f"£ and local share of each {what} by month; each line of £ has its own scale"),
        about.note, f"By {what}, {months[0]:%B %Y} to {months[-1]:%B %Y}: {told}.",
        gbp(frame.select(column, "month", "amount_pence", "local_pence")), wide, narrow,
    )  # fmt: skip


def _table(rows: Sequence[_Row], months: Sequence[date], width: float) -> Drawing:
    narrow = width < 500
    gutter = 0.0 if narrow else _GUTTER
    figures = 56.0
    line = (width - gutter - 2 * figures - (14 if narrow else 40)) / 2
    x_pounds = gutter
    x_share = width - figures - line
    marks: list[Mark] = [
        Word(x_pounds, 8, "£ by month", "left", True, theme.INK, theme.SMALL),
        Word(x_share, 8, "Local share", "left", True, theme.INK, theme.SMALL),
    ]
    top_share = max((s for r in rows for s in r.shares if s is not None), default=1.0) or 1.0
    y = 26.0
    for row in rows:
        if narrow:
            word, deeper = above(row.name, y + 8, width)
            y += 20 + deeper
        else:
            word, deeper = beside(row.name, y + _TALL / 2, gutter)
            word = replace(word, x=0.0, align="left")
            y += deeper / 2
        marks.append(word)
        high = max(*row.pence, 1)
        last = f"{row.name}, {months[-1]:%B %Y}"
        pounds = [p / high for p in row.pence]
        marks += _spark(pounds, (x_pounds, y), line, ink=theme.SOFT_INK, what=last, figure=exact_money(row.pence[-1]))
        marks.append(Word(x_pounds + line + 8, y + _TALL / 2, money(row.total), "left", True))
        shares = [None if s is None else max(0.0, s) / top_share for s in row.shares]
        marks += _spark(shares, (x_share, y), line, ink=theme.ACCENT, what=last, figure=percent(row.shares[-1]))
        marks.append(Word(width, y + _TALL / 2, percent(row.share), "right", True, theme.ACCENT))
        y += _STEP - (0 if narrow else 2 - deeper / 2)
    span = f"{months[0]:%b %y} to {months[-1]:%b %y}"
    marks.append(Word(x_pounds, y + 2, span, "left", False, theme.SOFT_INK, theme.SMALL))
    marks.append(Word(x_share, y + 2, f"Scale 0% to {percent(top_share)}", "left", False, theme.SOFT_INK, theme.SMALL))
    return draw(width, y + 12, marks)


def _spark(
    parts: Sequence[float | None], at: tuple[float, float], width: float, *, ink: str, what: str, figure: str
) -> list[Mark]:
    """Return a small line over its area from 0 to 1, its last point marked; months without a value are left out."""
    x, foot = at[0], at[1] + _TALL
    step = width / max(1, len(parts) - 1)
    points = [(x + i * step, foot - _TALL * min(1.0, max(0.0, p))) for i, p in enumerate(parts) if p is not None]
    marks: list[Mark] = [Line(x, x + width, foot, foot, theme.GRID)]
    if not points:
        return marks
    if len(points) > 2:
        marks.append(Shape(((*points, (points[-1][0], foot), (points[0][0], foot)),), ink, "none", 0.0, 0.12))
    marks += [Line(a[0], b[0], a[1], b[1], ink, 1.8) for a, b in pairwise(points)]
    marks.append(Dot(*points[-1], ink, ink, "circle", 22, what, figure))
    return marks
