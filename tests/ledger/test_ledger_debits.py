"""Debits and credits in columns of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cwb.ledger import read_ledger

Write = Callable[..., Path]
ROWS = [
    ["14/05/2016", "Alder Ltd", "100.00", ""],
    ["15/05/2016", "Birch Ltd", "", "20.00"],
    ["16/05/2016", "Cedar Ltd", "50.00", "0.00"],
]


@pytest.mark.parametrize(
    ("headings", "credit"),
    [
        (["Date", "Supplier", "Debit", "Credit"], "20.00"),
        (["Date", "Supplier", "Debit Amount (£)", "Credit Amount (£)"], "£20.00"),
        (["Trans Date", "Payee", "DR", "CR"], "20.00"),
        (["Trans Date", "Payee", "Amount Debit", "Amount Credit"], "-20.00"),
    ],
)
def test_credits_are_taken_off_debits_and_said(ledger_csv: Write, headings: Sequence[str], credit: str) -> None:
    rows = [[*row[:3], credit if row[3] == "20.00" else row[3]] for row in ROWS]
    read = read_ledger([ledger_csv([headings, *rows, ["", "Total", "150.00", credit]])])
    assert read.payments["amount_pence"].to_list() == [10000, -2000, 5000]
    assert read.control_totals["ties"].to_list() == [True]
    entry = read.account["files"][0]
    assert (entry["columns"]["amount"], entry["columns"]["credit"]) == (headings[2], headings[3])
    assert headings[2] in entry["notes"][0]
    assert entry["warnings"] == []


def test_a_month_without_credits_is_read_the_same_way(ledger_csv: Write) -> None:
    head = ["Date", "Supplier", "Debit", "Credit"]
    april = ledger_csv([head, ROWS[0], ROWS[2]], "april.csv")
    may = ledger_csv([head, *ROWS], "may.csv")
    assert read_ledger([april, may]).account["amount_pence"]["payments"] == 15000 + 13000


def test_a_credit_that_cannot_be_read_rejects_its_row(ledger_csv: Write) -> None:
    rows = [["Date", "Supplier", "Debit", "Credit"], *ROWS, ["17/05/2016", "Dogwood Ltd", "5.00", "1241,32"]]
    read = read_ledger([ledger_csv(rows)])
    assert read.account["amount_pence"]["payments"] == 13000
    assert "1241,32" in read.rejects["reason"][0]


def test_credits_beside_signed_amounts_are_not_taken_off_again(ledger_csv: Write) -> None:
    head = ["Date", "Supplier", "Debit", "Credit", "Amount"]
    rows = [[*row, amount] for row, amount in zip(ROWS, ["100.00", "-20.00", "50.00"], strict=True)]
    read = read_ledger([ledger_csv([head, *rows])])
    assert read.payments["amount_pence"].to_list() == [10000, -2000, 5000]
    assert "credit" not in read.account["files"][0]["columns"]


def test_a_person_may_name_both_columns(ledger_csv: Write) -> None:
    path = ledger_csv([["Date", "Supplier", "Out", "Back"], *ROWS])
    read = read_ledger([path], columns={"amount": "Out", "credit": "Back"})
    assert read.account["amount_pence"]["payments"] == 13000
