"""A ledger that prints the invoice's date beside the payment's keeps both; one date alone is the payment's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cwb.ledger import read_ledger


def read(tmp_path: Path, headings: str, *rows: str) -> list[tuple[date | None, date | None]]:
    path = tmp_path / "ledger.csv"
    path.write_text("\n".join([headings, *rows]) + "\n", "utf-8")
    payments = read_ledger([path]).payments
    return payments.select("payment_date", "invoice_date").rows()


def test_both_dates_are_kept(tmp_path: Path) -> None:
    got = read(
        tmp_path, "Supplier Name,Invoice Date,Payment Date,Amount", "Acme Ltd,01/03/2026,21/03/2026,100.00",
        "Bex Ltd,,25/03/2026,200.00",
    )  # fmt: skip
    assert got == [(date(2026, 3, 21), date(2026, 3, 1)), (date(2026, 3, 25), None)]


def test_an_invoice_date_alone_is_the_date_of_the_payment(tmp_path: Path) -> None:
    got = read(tmp_path, "Supplier Name,Invoice Date,Amount", "Acme Ltd,13/03/2026,100.00")
    assert got == [(date(2026, 3, 13), None)]
