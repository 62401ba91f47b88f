"""Rows that are no payments: set aside, counted, and held against ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ledger_files import HEADINGS, ROWS, SUM

from cwb.ledger import read_ledger
from cwb.ledger.rows import is_total_label

Write = Callable[..., Path]
WIDE = ["Body", "Date", "Expense Type", "Expense Area", "Supplier", "Number", "Amount"]
WIDE_ROWS = [
    ["Anyton", "04/05/2016", "Building", "Housing", "Alder Joinery Ltd", "1", "1,250.50"],
    ["Anyton", "19/05/2016", "Food", "Schools", "Birch Catering PLC", "2", "-20.00"],
    ["Anyton", "27/05/2016", "Travel", "Schools", "Cedar Coaches", "3", "£300"],
]


@pytest.mark.parametrize(
    "total",
    [
        ["", "", "", "", "", "", "1,530.50"],
        ["Total", "", "", "", "", "", "1,530.50"],
        ["", "", "", "", "Grand Total", "", "1,530.50"],
        ["", "", "", "", "", "Sum:", "1,530.50"],
        ["", "Total", "", "", "", "", "1,530.50"],
        ["Total payments over £500 for May 2016", "", "", "", "", "", "1,530.50"],
        ["TOTAL MAY 2016", "", "", "", "", "", "1,530.50"],
        ["", "", "", "", "sub-total", "", "1530.50"],
        ["Anyton Total", "", "", "", "", "", "1,530.50"],
    ],
)
def test_a_printed_total_is_set_aside_and_ties(ledger_csv: Write, total: Sequence[str]) -> None:
    read = read_ledger([ledger_csv([WIDE, *WIDE_ROWS, total])])
    assert read.account["amount_pence"] == {"payments": SUM, "control_totals": SUM}
    assert read.control_totals["ties"].to_list() == [True]
    assert "ties" in read.account["files"][0]["notes"][0]


def test_a_total_that_does_not_tie_is_a_warning(ledger_csv: Write) -> None:
    read = read_ledger([ledger_csv([WIDE, *WIDE_ROWS, ["Total", "", "", "", "", "", "1,600.00"]])])
    assert read.control_totals["ties"].to_list() == [False]
    assert "does not tie" in read.account["files"][0]["warnings"][0]


def test_subtotals_sections_and_a_grand_total(ledger_csv: Write) -> None:
    rows = [
        WIDE,
        ["Housing department"],
        WIDE_ROWS[0],
        ["", "", "", "", "Subtotal", "", "1250.50"],
        ["Schools department"],
        *WIDE_ROWS[1:],
        ["", "", "", "", "Subtotal", "", "280.00"],
        [],
        ["Grand total", "", "", "", "", "", "1530.50"],
    ]
    read = read_ledger([ledger_csv(rows)])
    assert read.account["rows"] == {"read": 9, "payments": 3, "control_totals": 3, "blank": 1, "rejected": 2}
    assert read.control_totals["ties"].to_list() == [True, True, True]
    assert set(read.rejects["reason"]) == {"a section heading or note: one cell and no amount"}


def test_a_total_by_arithmetic_alone(ledger_csv: Write) -> None:
    """A row named by neither supplier nor date, filled in as a payment is, that equals the sum of those above."""
    total = ["Anyton", "", "All", "All", "", "", "1,530.50"]
    read = read_ledger([ledger_csv([WIDE, *WIDE_ROWS, total])])
    assert read.account["amount_pence"]["payments"] == SUM
    assert read.control_totals["reason"].to_list() == ["it equals the sum of the rows above"]


def test_a_row_without_supplier_that_ties_with_nothing_stays_a_payment(ledger_csv: Write) -> None:
    row = ["Anyton", "27/05/2016", "Travel", "Schools", "", "3", "18.00"]
    read = read_ledger([ledger_csv([WIDE, *WIDE_ROWS, row])])
    assert read.account["amount_pence"]["payments"] == SUM + 1800
    assert read.payments["supplier_name"].to_list()[-1] == ""


def test_a_firm_named_total_is_paid(ledger_csv: Write) -> None:
    row = ["Anyton", "27/05/2016", "Fuel", "Schools", "TOTAL GAS & POWER LIMITED", "4", "18.00"]
    assert read_ledger([ledger_csv([WIDE, *WIDE_ROWS, row])]).account["rows"]["payments"] == 4


def test_a_reconciliation_block_and_footers_below_the_payments(ledger_csv: Write) -> None:
    rows = [
        WIDE,
        *WIDE_ROWS,
        [],
        ["", "", "", "", "Total", "", "1,530.50"],
        ["", "", "", "", "Payments under £500", "", "469.50"],
        ["", "", "", "", "Per ledger", "", "2,000.00"],
        [],
        ["This file is published under the Open Government Licence"],
    ]
    read = read_ledger([ledger_csv(rows)])
    assert read.account["amount_pence"]["payments"] == SUM
    assert read.account["rows"] == {"read": 9, "payments": 3, "control_totals": 3, "blank": 2, "rejected": 1}
    assert read.control_totals["ties"].to_list() == [True, None, None]


def test_padding_with_a_formula_left_in_it_is_blank(ledger_csv: Write) -> None:
    read = read_ledger([ledger_csv([WIDE, *WIDE_ROWS, *[["", "", "", "", "", "", "0.00"]] * 3])])
    assert read.account["rows"]["blank"] == 3


def test_a_total_above_the_rows(ledger_csv: Write) -> None:
    read = read_ledger([ledger_csv([WIDE, ["Total", "", "", "", "", "", "1,530.50"], *WIDE_ROWS])])
    assert read.account["amount_pence"]["payments"] == SUM
    assert read.control_totals["ties"].to_list() == [True]


def test_float_dust_in_a_total_does_not_stop_it_tying(ledger_csv: Write) -> None:
    rows = [["Date", "Supplier", "Amount"], *(["01/05/2016", "A Ltd", "0.333333333"] for _ in range(30))]
    read = read_ledger([ledger_csv([*rows, ["", "", "9.99999999"]])])
    assert read.control_totals["ties"].to_list() == [True]


def test_an_amount_in_doubt_is_rejected_with_its_row_and_reason(ledger_csv: Write) -> None:
    read = read_ledger([ledger_csv([HEADINGS, *ROWS, ["28/05/2016", "Dogwood Ltd", "Desks", "1241,32"]])])
    assert read.account["amount_pence"]["payments"] == SUM
    reject: dict[str, Any] = read.rejects.row(0, named=True)
    assert (reject["file_row"], reject["raw"]) == (5, '["28/05/2016", "Dogwood Ltd", "Desks", "1241,32"]')
    assert "1241,32" in reject["reason"]
    assert "(row 5)" in read.account["files"][0]["warnings"][0]


def test_exact_repeats_are_counted_never_dropped(ledger_csv: Write) -> None:
    read = read_ledger([ledger_csv([HEADINGS, *ROWS, ROWS[0]])])
    assert read.account["amount_pence"]["payments"] == SUM + 125050
    assert read.account["files"][0]["duplicates"] == {"rows": 1, "amount_pence": 125050}


def test_one_payment_in_two_files_is_counted_never_dropped(ledger_csv: Write) -> None:
    first = ledger_csv([HEADINGS, *ROWS], "april.csv")
    second = ledger_csv([HEADINGS, ROWS[2], ["01/06/2016", "Dogwood Ltd", "Desks", "5.00"]], "may.csv")
    read = read_ledger([first, second])
    assert read.account["in_two_files"] == {"rows": 1, "amount_pence": 30000}
    assert read.account["amount_pence"]["payments"] == SUM + 30000 + 500
    assert "£300.00" in read.account["warnings"][0]


@pytest.mark.parametrize(
    "label", ["Total", "GRAND TOTAL:", "Sub-total", "Totals", "Sum of Amount", "Total for April", "Net total"]
)
def test_labels_of_totals(label: str) -> None:
    assert is_total_label(label)


@pytest.mark.parametrize(
    "label", ["Total Gas & Power Ltd", "Totally Local CIC", "Sum Solutions", "Summers Ltd", "Totaljobs Group"]
)
def test_names_that_only_sound_like_totals(label: str) -> None:
    assert not is_total_label(label)


def test_a_total_with_a_date_beside_it_is_no_payment(ledger_csv: Write) -> None:
    total = ["Anyton", "31/05/2016", "All", "All", "TOTAL", "9", "1,530.50"]
    read = read_ledger([ledger_csv([WIDE, *WIDE_ROWS, total])])
    assert read.account["amount_pence"] == {"payments": SUM, "control_totals": SUM}


def test_a_payment_without_date_directly_below_the_others_stays_one(ledger_csv: Write) -> None:
    row = ["", "", "", "", "Dogwood Ltd", "", "75.00"]
    read = read_ledger([ledger_csv([WIDE, *WIDE_ROWS, row])])
    assert read.account["amount_pence"]["payments"] == SUM + 7500


def test_payments_without_supplier_are_said(ledger_csv: Write) -> None:
    row = ["Anyton", "27/05/2016", "Travel", "Schools", "", "3", "18.00"]
    entry = read_ledger([ledger_csv([WIDE, *WIDE_ROWS, row])]).account["files"][0]
    assert entry["warnings"] == ["1 row has no supplier, £18.00 in all: counted as unknown"]
