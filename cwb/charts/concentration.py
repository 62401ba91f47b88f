"""How much hangs on few suppliers: the share of £ that the biggest hold, one after another."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from cwb.charts import theme
from cwb.charts.about import About
from cwb.charts.drawing import Dot, Drawing, Line, Mark, Shape, Word, draw
from cwb.charts.figure import Figure
from cwb.charts.spend import subtitle
from cwb.charts.words import percent, text_px, title
from cwb.privacy import INDIVIDUAL, REDACTED

_TOLD = (10, 50, 100)
_PARTS = ((0.5, "Half"), (0.8, "Four fifths"))
_LEAST = 10  # suppliers: with fewer there is no curve to speak of


def concentration(frame: pl.DataFrame, about: About) -> Figure | None:
    """Return the curve of the share of £ against the number of suppliers, biggest first.

    Individuals and hidden payees are many people under one name: they count in the £ and as no supplier.

    Args:
        frame: supplier_name, supplier_type, amount_pence, of all suppliers.
        about: what the run says of itself.
    """
    seen = frame.filter(
        ~pl.col("supplier_type").is_in(["individual", "redacted"]),
        ~pl.col("supplier_name").is_in([INDIVIDUAL, REDACTED]),
        pl.col("amount_pence") > 0,
    )
    shares = seen["amount_pence"].sort(descending=True).cum_sum() / about.total_pence
    count = len(shares)
    if count < _LEAST:
        return None
    reach = {share: int((shares < share).sum()) + 1 for share, _ in _PARTS if float(shares[-1]) >= share}
    ranks = sorted({*(n for n in _TOLD if n < count), *reach.values(), count})
    data = pl.DataFrame(
        {
            "suppliers": ranks,
            "suppliers_share": [n / count for n in ranks],
            "amount_share": [float(shares[n - 1]) for n in ranks],
        }
    )
    half = reach.get(0.5)
    text = (
        title(f"Half of spend goes to {half:,} of {count:,} suppliers", "Few suppliers hold half of spend")
        if half
        else f"{count:,} suppliers share the spend"
    )
    apart = frame.height - count
    measure = "Share of £ that goes to the biggest suppliers, added up one after another"
    if apart:
        measure += f"; {apart:,} with withheld names or net credits are left out of the count"
    told = "; ".join(
        f"the biggest {n:,}: {percent(s)}" for n, s in data.select("suppliers", "amount_share").iter_rows()
    )
    wide, narrow = (_curve(shares, reach, w) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        "concentration", text,
        subtitle(about, measure), about.note,
        f"Share of £ by number of suppliers, the biggest first: {told}.", data, wide, narrow,
    )  # fmt: skip


def _curve(shares: pl.Series, reach: dict[float, int], width: float) -> Drawing:
    count, left, tall, top = len(shares), 44.0, 250.0, 14.0
    right = width - 14
    marks: list[Mark] = []

    def at(rank: float, share: float) -> tuple[float, float]:
        return left + rank / count * (right - left), top + (1 - min(share, 1.0)) * tall

    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = at(0, part)[1]
        marks.append(Line(left, right, y, y, theme.GRID))
        marks.append(Word(left - 8, y, f"{part:.0%}", "right", False, theme.SOFT_INK, theme.SMALL))
    # As many points as can be told apart: one a pixel, and all of the steep start.
    steps = sorted({*range(min(count, 60)), *(round(i * (count - 1) / 300) for i in range(301))})
    line = [at(0, 0.0), *(at(i + 1, float(shares[i])) for i in steps)]
    marks.append(Shape(((*line, at(count, 0.0)),), theme.SCALE[1], "none", 0.0))
    marks += [Line(a[0], b[0], a[1], b[1], theme.ACCENT, 2.5) for a, b in pairwise(line)]
    words = dict(_PARTS)
    for share, rank in reach.items():
        x, y = at(rank, float(shares[rank - 1]))
        marks.append(Dot(x, y, theme.PAPER, theme.ACCENT, "circle", 90, f"{rank:,} suppliers", percent(share)))
        text = f"{words[share]} of £: {rank:,} suppliers" + (f" ({percent(rank / count)})" if width > 500 else "")
        fits = x + 14 + text_px(text, theme.TEXT, bold=True) <= width
        marks.append(
            Word(x + 14, y + 13, text, "left", True) if fits else Word(right, y + 24, text, "right", True, halo=True)
        )
    for rank, text, align in ((0, "0", "left"), (count, f"{count:,} suppliers", "right")):
        marks.append(Word(at(rank, 0)[0], top + tall + 16, text, align, False, theme.SOFT_INK, theme.SMALL))  # type: ignore[arg-type]
    return draw(width, top + tall + 26, marks)
