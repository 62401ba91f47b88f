"""Totals printed above the headings are control figures: the account says whether ours ties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from ledger_files import HEADINGS, ROWS, SUM

from cwb.ledger import read_ledger

Write = Callable[..., Path]
SAID = "row 2 prints a total of £1,530.50: it ties with the payments it covers"


@pytest.mark.parametrize(
    "line",
    [
        ["Total: £1,530.50"],
        ["Total payments over £500: £1,530.50"],
        ["Grand Total 1,530.50"],
        ["Total", "£1,530.50"],
        ["", "", "Total spend", "1530.5"],
        ["", "", "", "1530.50"],
        ["May 2016", "", "TOTAL", "1,530.50"],
    ],
)
def test_a_total_above_the_headings_ties(ledger_csv: Write, line: Sequence[str]) -> None:
    read = read_ledger([ledger_csv([["Payments over £500"], line, HEADINGS, *ROWS])])
    assert read.control_totals.select("file_row", "amount_pence", "ties").rows() == [(2, SUM, True)]
    assert read.account["files"][0]["notes"] == [SAID]
    assert read.account["rows"] == {"read": 4, "payments": 3, "control_totals": 1, "blank": 0, "rejected": 0}


def test_one_that_does_not_tie_is_a_warning(ledger_csv: Write) -> None:
    read = read_ledger([ledger_csv([["Total: £1,530.51"], ["Total", "£9,000.00"], HEADINGS, *ROWS])])
    assert read.control_totals["ties"].to_list() == [True, False]  # a penny is the rounding of sums
    assert "row 2 prints £9,000.00" in read.account["files"][0]["warnings"][0]


def test_it_ties_beside_a_total_below(ledger_csv: Write) -> None:
    read = read_ledger([ledger_csv([["Total: £1,530.50"], HEADINGS, *ROWS, ["", "Total", "", "1530.50"]])])
    assert read.control_totals["ties"].to_list() == [True, True]
    assert read.account["amount_pence"] == {"payments": SUM, "control_totals": 2 * SUM}


@pytest.mark.parametrize(
    "line",
    [
        ["Total number of payments: 3"],
        ["Total payments", "3"],
        ["Payments over £500.00"],
        ["", "", "", "500"],
        ["Printed 01/06/2016", "Page 1"],
        ["Total Gas & Power Ltd £1,530.50"],
    ],
)
def test_other_figures_above_the_headings_are_no_totals(ledger_csv: Write, line: Sequence[str]) -> None:
    read = read_ledger([ledger_csv([line, HEADINGS, *ROWS])])
    assert read.control_totals.is_empty()
    assert read.account["files"][0]["warnings"] == []
