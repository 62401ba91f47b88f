"""Made-up ledgers in the manner of councils, police, fire and transport bodies, each with what it should come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ledger_files import csv_text, write_csv, write_xlsx

from cwb.ledger import read_ledger

Write = Callable[..., Path]
HEAD = ["Supplier", "Payment Date", "Directorate", "Description", "Amount"]
FIRMS = ["Kestrel Ltd", "Heron Hire", "Owl Optics Ltd"]
PAID = [[f, f"{d}/04/2016", "Place", "Goods", f"{d}0.{len(f)}"] for f in FIRMS for d in (14, 15, 16)]
PENCE = [int(row[4].replace(".", "").ljust(len(row[4].split(".")[0]) + 2, "0")) for row in PAID]
SUM = sum(PENCE)


def _pounds(pence: int) -> str:
    return f"{pence / 100:,.2f}"


def test_the_made_up_sum() -> None:
    assert [_pounds(p) for p in PENCE[:2]] == ["140.11", "150.11"]


@pytest.mark.parametrize(
    ("printed", "first", "last"),
    [
        ("20160404 20160419", date(2016, 4, 4), date(2016, 4, 19)),
        ("2016-04-04 00:00:00|2016-04-19 00:00:00", date(2016, 4, 4), date(2016, 4, 19)),
        ("04-APR-2016 00:00:00|19-APR-2016 00:00:00", date(2016, 4, 4), date(2016, 4, 19)),
        ("Week ending 08/04/2016|Week ending 15/04/2016", date(2016, 4, 8), date(2016, 4, 15)),
        ("w/e 08/04/2016|W/E 15/04/2016", date(2016, 4, 8), date(2016, 4, 15)),
        ("Month ending 30 April 2016|Month ending 31 May 2016", date(2016, 4, 30), date(2016, 5, 31)),
        ("April 2016|May 2016", date(2016, 4, 1), date(2016, 5, 1)),
        ("2016 April|2016 May", date(2016, 4, 1), date(2016, 5, 1)),
    ],
)
def test_dates_as_systems_print_them(ledger_csv: Write, printed: str, first: date, last: date) -> None:
    one, two = printed.split("|") if "|" in printed else printed.split(" ")
    rows = [["Payment Date", "Creditor", "Line Amount"], [one, "Kestrel Ltd", "5.00"], [two, "Heron Hire", "6.00"]]
    assert read_ledger([ledger_csv(rows)]).payments["payment_date"].to_list() == [first, last]


@pytest.mark.parametrize(
    ("field", "heading"),
    [
        *(("amount", h) for h in ["NET_AMT", "Sum of Value", "Amount excl vat £", "Value (£)", "Trans Amt", "Net (£)"]),
        *(("amount", h) for h in ["Nett Amount", "Invoice Distribution Amount", "Amount Paid (excl. recoverable VAT)"]),
        *(("supplier", h) for h in ["Payee", "Creditor", "Supplier Name / Beneficiary", "SUPP_NAME", "Company"]),
        *(("supplier", h) for h in ["Beneficiary Name", "Recipient of Grant", "Organisation"]),
        *(("date", h) for h in ["Effective Date", "Week Ending", "PmtDate", "Payment Run", "Clearing"]),
    ],
)
def test_headings_as_systems_print_them(ledger_csv: Write, field: str, heading: str) -> None:
    named = {"supplier": "Supplier", "date": "Payment Date", "amount": "Amount"}
    head = [heading if h == named[field] else h for h in HEAD]
    read = read_ledger([ledger_csv([head, *PAID])])
    assert read.account["files"][0]["columns"][field] == heading
    assert read.account["amount_pence"]["payments"] == SUM


@pytest.mark.parametrize(
    "total",
    [
        ["", "Total", "", "", _pounds(SUM)],
        ["", "", "", "Total", _pounds(SUM)],
        ["", "30/04/2016", "", "Total", _pounds(SUM)],
        ["TOTAL", "", "Place", "All", _pounds(SUM)],
        ["", "", "Place Total", "", _pounds(SUM)],
    ],
)
def test_a_total_in_any_column_of_the_last_row(ledger_csv: Write, total: Sequence[str]) -> None:
    read = read_ledger([ledger_csv([HEAD, *PAID, total])])
    assert read.account["amount_pence"] == {"payments": SUM, "control_totals": SUM}
    assert read.control_totals["ties"].to_list() == [True]


def test_a_payment_without_supplier_described_as_a_total_stays_one(ledger_csv: Write) -> None:
    read = read_ledger([ledger_csv([HEAD, *PAID, ["", "30/04/2016", "Place", "Total", "12.00"]])])
    assert read.account["amount_pence"]["payments"] == SUM + 1200


def test_a_subtotal_after_each_supplier(ledger_csv: Write) -> None:
    rows: list[Sequence[Any]] = []
    for n, firm in enumerate(FIRMS):
        rows += [*PAID[3 * n : 3 * n + 3], [f"{firm} Total", "", "", "", _pounds(sum(PENCE[3 * n : 3 * n + 3]))]]
    read = read_ledger([ledger_csv([HEAD, *rows, ["Grand Total", "", "", "", _pounds(SUM)]])])
    assert read.account["amount_pence"] == {"payments": SUM, "control_totals": 2 * SUM}
    assert read.control_totals["ties"].to_list() == [True] * 4


def test_headings_over_two_rows_and_notes_below(ledger_csv: Write) -> None:
    rows = [
        ["Fire and Rescue Authority", "", "", ""],
        ["Supplier", "Payment", "Cost", "Amount"],
        ["Name", "Date", "Centre", "excl vat £"],
        ["Kestrel Ltd", "14/04/2016", "Fleet", "£1,200.00"],
        ["Heron Hire", "15/04/2016", "Fleet", "(£200.50)"],
        [],
        ["Note: amounts exclude VAT where it is recovered"],
    ]
    read = read_ledger([ledger_csv(rows)])
    assert read.payments["amount_pence"].to_list() == [120000, -20050]
    assert read.account["files"][0]["columns"]["supplier"] == "Supplier Name"


def test_two_months_side_by_side_are_both_read(ledger_csv: Write) -> None:
    head = ["Supplier", "Date", "Amount"]
    rows = [
        ["April", "", "", "", "May", "", ""],
        [*head, "", *head],
        ["Kestrel Ltd", "14/04/2016", "10.00", "", "Heron Hire", "14/05/2016", "20.00"],
        ["Owl Optics Ltd", "15/04/2016", "11.00", "", "Wren Ltd", "15/05/2016", "21.00"],
        ["", "", "", "", "Total", "", "41.00"],
    ]
    read = read_ledger([ledger_csv(rows)])
    assert read.account["amount_pence"] == {"payments": 6200, "control_totals": 4100}
    assert [f["sheet"] for f in read.account["files"]] == ["columns A to D", "columns E to G"]
    assert read.payments["payment_id"].n_unique() == 4


def test_a_sheet_a_month_beside_notes_and_a_summary(tmp_path: Path) -> None:
    months = {
        m: [["Payee", "Date Paid", "Net"], ["Kestrel Ltd", date(2016, n, 4), n]] for n, m in ((4, "Apr"), (5, "May"))
    }
    extra = {"Notes": [["Published under the OGL"]], "Summary": [["Month", "Total"], ["Apr", 4], ["May", 5]]}
    read = read_ledger([write_xlsx(tmp_path / "spend.xlsx", {**months, **extra})])
    assert read.account["amount_pence"]["payments"] == 900


def test_purchasing_card_transactions(ledger_csv: Write) -> None:
    head = [
        "Directorate",
        "Transaction Date",
        "Merchant Name",
        "Merchant Category",
        "Net Transaction Amount",
        "VAT",
        "Gross",
    ]
    rows = [["Place", "14/04/2016", "KESTREL*MOTORS", "Motors", "100.00", "20.00", "120.00"]] * 3
    entry = read_ledger([ledger_csv([head, *rows])]).account["files"][0]
    assert (entry["columns"]["supplier"], entry["columns"]["amount"]) == ("Merchant Name", "Net Transaction Amount")


TEXT = csv_text([HEAD, *PAID])
LINES = TEXT.strip().split("\n")


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode() + b"\0" * 5000,
        TEXT.encode() + b"\x1a",
        TEXT.replace("Goods", "Café £", 2).encode().replace(b"Heron Hire", b"Heron\x92s Hire"),
        TEXT.replace("Kestrel Ltd", '"Kestrel Ltd', 1).encode(),
        TEXT.replace("Goods", '6" pipe', 3).encode(),
        "\n".join(f'"{line}"' for line in LINES).encode(),
        "\n".join('"' + ",".join(f'""{c}""' for c in line.split(",")) + '"' for line in LINES).encode(),
        ("\r\n".join(f"{line},,,," for line in LINES) + "\r\n,,,,,,,," * 50).encode(),
        TEXT.replace("\n", "\r\r\n").encode(),
    ],
    ids=[
        "padded",
        "ctrl-z",
        "stray bytes",
        "open quote",
        "inches",
        "wrapped",
        "wrapped, quoted",
        "padding",
        "cr cr lf",
    ],
)
def test_text_damaged_on_the_way(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "spend.csv"
    path.write_bytes(data)
    account = read_ledger([path]).account
    assert (account["amount_pence"]["payments"], account["rows"]["payments"]) == (SUM, len(PAID))


def test_organisations_paid_are_suppliers_only_where_they_are_many(tmp_path: Path) -> None:
    head = ["Organisation", "Supplier", "Date", "Amount"]
    rows = [["Anyton Council", row[0], row[1], row[4]] for row in PAID]
    columns = read_ledger([write_csv(tmp_path / "a.csv", [head, *rows])]).account["files"][0]["columns"]
    assert (columns["institution"], columns["supplier"]) == ("Organisation", "Supplier")


def test_headings_over_three_rows(ledger_csv: Write) -> None:
    rows = [["", "", "", "Amount"], ["Supplier", "Payment", "", "excluding"], ["Name", "Date", "Purpose", "VAT (£)"]]
    paid = [[row[0], row[1], row[3], row[4]] for row in PAID]
    columns = read_ledger([ledger_csv([*rows, *paid])]).account["files"][0]["columns"]
    assert (columns["supplier"], columns["amount"]) == ("Supplier Name", "Amount excluding VAT (£)")


def test_a_section_with_its_sum_above_its_rows_is_a_total(ledger_csv: Write) -> None:
    rows: list[Sequence[Any]] = []
    for n, name in enumerate(["Adults", "Children", "Place"]):
        rows += [[name, "", "", "", _pounds(sum(PENCE[3 * n : 3 * n + 3]))], *PAID[3 * n : 3 * n + 3]]
    read = read_ledger([ledger_csv([HEAD, *rows])])
    assert read.account["amount_pence"] == {"payments": SUM, "control_totals": SUM}
    assert read.control_totals["ties"].to_list() == [True] * 3


@pytest.mark.parametrize("label", ["Result", "Overall Result"])
def test_totals_as_a_business_warehouse_labels_them(ledger_csv: Write, label: str) -> None:
    read = read_ledger([ledger_csv([HEAD, *PAID, [label, "", "", "", _pounds(SUM)]])])
    assert read.account["amount_pence"] == {"payments": SUM, "control_totals": SUM}


@pytest.mark.parametrize(
    ("heading", "basis"),
    [
        ("Amount (VAT excluded where recoverable)", "net"),
        ("Value of Payment (inc. irrecoverable VAT)", "net"),
        ("Total paid including VAT", "gross"),
    ],
)
def test_vat_told_in_a_longer_heading(ledger_csv: Write, heading: str, basis: str) -> None:
    entry = read_ledger([ledger_csv([[*HEAD[:4], heading], *PAID])]).account["files"][0]
    assert (entry["columns"]["amount"], entry["vat_basis"]) == (heading, basis)


def test_two_columns_that_could_both_be_the_amount_are_doubted(ledger_csv: Write) -> None:
    rows = [["Supplier", "Date", "Amount 2015/16", "Amount 2016/17"], *([r[0], r[1], "10.00", r[4]] for r in PAID)]
    (warning,) = [w for w in read_ledger([ledger_csv(rows)]).account["files"][0]["warnings"] if "guess" in w]
    assert "'Amount 2016/17' could be it as well" in warning


def test_a_description_names_the_supplier_where_nothing_else_does(ledger_csv: Write) -> None:
    rows = [["Date", "Description", "Net", "Account"], *([r[1], r[0], r[4], "Goods"] for r in PAID)]
    entry = read_ledger([ledger_csv(rows)]).account["files"][0]
    assert entry["columns"]["supplier"] == "Description"
    assert any("supplier column is a guess" in w for w in entry["warnings"])


def test_periods_are_no_dates(ledger_csv: Write) -> None:
    rows = [["Period", "Supplier", "Amount"], *(["201602", r[0], r[4]] for r in PAID)]
    read = read_ledger([ledger_csv(rows)])
    assert "date" not in read.account["files"][0]["columns"]  # February, or the second month of a financial year


def test_a_sheet_that_copies_another_is_not_counted_twice(tmp_path: Path) -> None:
    paid = [HEAD, *([f, date(2016, 4, d), "Place", "Goods", d] for f in FIRMS for d in range(1, 6))]
    other = [["Vendor", "Posting Date", "Net"], *([r[0], r[1], r[4]] for r in paid[1:])]
    read = read_ledger([write_xlsx(tmp_path / "spend.xlsx", {"Published": paid, "Export": other})])
    assert read.account["amount_pence"]["payments"] == 3 * 1500
    assert "a copy: its payments are those of 'Published'" in read.account["files"][1]["warnings"][0]
