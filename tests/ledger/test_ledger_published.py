"""The headings of more than a hundred public bodies are understood without a mapping, whatever stands below them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from published_layouts import AMOUNT, BODY, DAY, SUPPLIER, Layout, MadeUp, layouts, made_up

from cwb.ledger import read_ledger
from cwb.ledger.columns import label

LAYOUTS = list(layouts())
NAMES = [layout.name for layout in LAYOUTS]


@pytest.mark.parametrize("layout", LAYOUTS, ids=NAMES)
def test_columns_and_pence(tmp_path: Path, layout: Layout) -> None:
    ledger = made_up(layout)
    read = read_ledger([ledger.write(tmp_path, ledger.rows)])
    (entry,) = [f for f in read.account["files"] if f["columns"]]
    assert (read.account["amount_pence"]["payments"], read.payments.height) == (ledger.pence, len(ledger.rows))
    assert entry["negative"]["amount_pence"] == ledger.negative
    assert entry["columns"]["supplier"] in layout.headings_of(SUPPLIER) | layout.headings_of("S2")
    if DAY in layout.kinds:
        assert entry["columns"]["date"] in layout.headings_of(DAY)
    named = {label(layout.headings, i) for i, kind in enumerate(layout.kinds) if kind in (BODY, "bc", "e", "n")}
    assert entry["columns"].get("institution", "") in named | {""}


def _total(ledger: MadeUp, at: int | None, text: str = "Grand Total") -> list[Any]:
    row = ledger.blank()
    row[ledger.layout.kinds.index(AMOUNT)] = ledger.money(ledger.pence)
    if at is not None:
        row[at] = text
    return row


def _first(ledger: MadeUp) -> list[list[Any]]:
    return [*ledger.rows, _total(ledger, 1 if ledger.layout.kinds[0] == AMOUNT else 0)]


def _before_the_amount(ledger: MadeUp) -> list[list[Any]]:
    amount = ledger.layout.kinds.index(AMOUNT)
    return [*ledger.rows, ledger.blank(), _total(ledger, amount - 1 if amount else 1, "Total:")]


def _bare(ledger: MadeUp) -> list[list[Any]]:
    return [*ledger.rows, _total(ledger, None)]


def _notes(ledger: MadeUp) -> list[list[Any]]:
    notes = [ledger.blank() for _ in range(4)]
    notes[1][0], notes[2][0] = (
        "Notes",
        "1. Amounts exclude VAT, where it is recovered. Payments under £500 are left out.",
    )
    notes[3][0] = "2. Redacted in line with the Data Protection Act 2018"
    return [*ledger.rows, *notes]


def _counted(ledger: MadeUp) -> list[list[Any]]:
    amount = ledger.layout.kinds.index(AMOUNT)
    row = ledger.blank()
    row[amount or 1], row[0 if amount else 2] = str(len(ledger.rows)), "Number of records"
    return [*ledger.rows, ledger.blank(), row]


def _padded(ledger: MadeUp) -> list[list[Any]]:
    return [*ledger.rows, *[ledger.blank()] * 400]


ENDINGS: list[tuple[Callable[[MadeUp], list[list[Any]]], int]] = [
    (_first, 1), (_before_the_amount, 1), (_bare, 1), (_notes, 0), (_counted, 0), (_padded, 0),
]  # fmt: skip
# Several columns of this layout are the amount, and the total stands under one of them.
ONE_AMOUNT = [layout for layout in LAYOUTS if layout.kinds.count(AMOUNT) == 1]


@pytest.mark.parametrize(("ending", "totals"), ENDINGS, ids=[e.__name__.strip("_") for e, _ in ENDINGS])
@pytest.mark.parametrize("layout", ONE_AMOUNT[::4], ids=[layout.name for layout in ONE_AMOUNT[::4]])
def test_what_stands_below_is_no_payment(
    tmp_path: Path, layout: Layout, ending: Callable[[MadeUp], list[list[Any]]], totals: int
) -> None:
    ledger = made_up(layout)
    read = read_ledger([ledger.write(tmp_path, ending(ledger))])
    assert (read.account["amount_pence"]["payments"], read.payments.height) == (ledger.pence, len(ledger.rows))
    assert read.control_totals["ties"].to_list() == [True] * totals
