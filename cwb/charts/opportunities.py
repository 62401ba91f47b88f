"""Pictures of what could come home: the prize of each line of business, with its range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cwb.charts import theme
from cwb.charts.figure import Figure, gbp
from cwb.charts.rows import Interval, intervals, nice_ticks
from cwb.charts.words import listed, money, title

_MOST = 8


def describe_prizes(rows: pl.DataFrame, place: str) -> str:
    """Return the prizes in words: line of business, central, low and high."""
    parts = [
        f"{name} {money(central)} ({money(low)} to {money(high)})"
        for name, low, central, high in rows.select(
            "division_name", "prize_low_pence", "prize_pence", "prize_high_pence"
        ).iter_rows()
    ]
    return f"Spend that could move to {place} a year: {listed(parts)}."


def prizes(found: Mapping[str, Any], ranked: pl.DataFrame) -> Figure | None:
    """Return the prize of the first lines of business with its range; None where nothing leaks in a known line.

    Args:
        found: as opportunities.json.
        ranked: the table of opportunities, in order.
    """
    rows = ranked.filter(pl.col("prize_pence") > 0).head(_MOST)
    if rows.is_empty():
        return None
    place = str(found["place"]["name"])
    first = rows.row(0, named=True)
    drawn = [
        Interval(r["division_name"], r["prize_low_pence"], r["prize_pence"], r["prize_high_pence"],
                 f"{money(r['prize_pence'])} ({money(r['prize_low_pence'])} to {money(r['prize_high_pence'])})")
        for r in rows.iter_rows(named=True)
    ]  # fmt: skip
    ticks = [(t, money(round(t))) for t in nice_ticks(max(r.high for r in drawn))]
    wide, narrow = (intervals(drawn, w, low=0, high=ticks[-1][0], ticks=ticks) for w in (theme.WIDE, theme.NARROW))
    payers = (
        listed(found["institutions"]) if len(found["institutions"]) <= 2 else f"{len(found['institutions'])} payers"
    )
    said = title(
        f"{first['division_name']} first: {money(first['prize_pence'])} a year could come home",
        f"{money(first['prize_pence'])} a year could come home first",
    )
    columns = [
        "division_name",
        "leaked_a_year_pence",
        "prize_low_pence",
        "prize_pence",
        "prize_high_pence",
        "feasibility",
    ]
    return Figure(
        "prizes", said, f"Spend that could move to {place} a year: central, with low to high, in order of prize × "
        "feasibility",
        f"Source: ledgers of {payers}, {', '.join(found['years'])}, and the register of companies. Made with cwb.",
        describe_prizes(rows, place), gbp(rows.select(columns)), wide, narrow,
    )  # fmt: skip
