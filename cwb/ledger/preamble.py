"""Totals printed above the headings: figures to hold the payments against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from cwb import lookups
from cwb.ledger.amounts import many_decimals, parse_amount
from cwb.ledger.columns import ColumnChoice
from cwb.ledger.rows import Rows, is_total_label

_MONEY = re.compile(r"£|\.\d\d\)?-?$|\d,\d{3}")
_IN_ONE_CELL = re.compile(r"(.*?[A-Za-z].*?)[\s:=–-]+\(?((?:£\s?)[\d,]+(?:\.\d+)?|[\d,]+\.\d\d)\)?\.?")
_REASON = "printed above the headings"


def with_totals_above(rows: Rows, above: pl.DataFrame, body: pl.DataFrame, choice: ColumnChoice) -> Rows:
    """Return the rows with the totals that the lines above the headings print, each tied to all payments or not.

    A figure that no label or pound sign says is money counts only where it ties: it may be a number of payments.

    Args:
        rows: the rows below the headings, sorted.
        above: the lines above the headings.
        body: the lines below the headings.
        choice: the columns below.
    """
    found = [total for i, row in enumerate(above.rows()) for total in _totals(i, row, choice)]
    if not found:
        return rows
    paid = rows.amounts.filter(rows.payments) if rows.payments is not None else rows.amounts
    ours = int(paid.sum())
    tolerance = lookups.number("ledger.tie_tolerance") + many_decimals(body[:, choice.columns["amount"]]) / 2
    totals = [
        (i - above.height - 1, label, pence, abs(pence - ours) <= tolerance, _REASON)
        for i, label, pence, sure in found
        if sure or abs(pence - ours) <= tolerance
    ]
    return replace(rows, totals=[*totals, *rows.totals])


def _totals(index: int, row: Sequence[str | None], choice: ColumnChoice) -> Iterator[tuple[int, str | None, int, bool]]:
    """Yield (row, label, pence, whether it is surely money) of the first total a line prints, if any."""
    cells = [(i, c.strip()) for i, c in enumerate(row) if c and c.strip()]
    for place, (_, cell) in enumerate(cells):
        inside = _IN_ONE_CELL.fullmatch(cell)
        following = cells[place + 1][1] if place + 1 < len(cells) else ""
        label, figure = (inside[1], inside[2]) if inside else (cell, following)
        pence = parse_amount(figure)[0] if figure and is_total_label(label) else None
        if pence is not None:
            yield index, label, pence, bool(_MONEY.search(figure))
            return
    if len(cells) == 1 and cells[0][0] == choice.columns["amount"]:
        pence = parse_amount(cells[0][1])[0]
        if pence:
            yield index, None, pence, False
