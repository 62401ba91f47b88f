"""Which column is which: headings of many systems, values against headings, and a person's own choice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from ledger_files import HEADINGS, ROWS, SUM

from cwb.errors import LedgerError
from cwb.ledger import load_column_map, preview, read_ledger, remember_columns, remembered_columns

Write = Callable[..., Path]

# Heading rows as councils, police, fire, transport bodies and central government print them; fields expected.
LAYOUTS: dict[str, tuple[list[str], dict[str, str]]] = {
    "council, LGA template": (
        [
            "Body Name",
            "Body",
            "Effective Date",
            "Payment Date",
            "Service Area",
            "Expenditure Category",
            "Responsible Unit",
            "Supplier Name",
            "Supplier ID",
            "Redacted",
            "Transaction No",
            "Amount",
            "Net Amount",
            "VAT",
            "Irrecoverable VAT",
            "Card Transaction",
            "Merchant Category",
            "Beneficiary",
            "Purpose of Spend",
            "Procurement category (proClass)",
        ],
        {
            "amount": "Net Amount",
            "supplier": "Supplier Name",
            "date": "Payment Date",
            "supplier_ref": "Supplier ID",
            "institution": "Body Name",
            "department": "Service Area",
            "category": "Expenditure Category",
            "description": "Purpose of Spend",
        },
    ),
    "central government template": (
        [
            "Department Family",
            "Entity",
            "Date",
            "Expense Type",
            "Expense Area",
            "Supplier",
            "Transaction Number",
            "Amount",
            "VAT Registration Number",
            "Description",
            "Supplier Postcode",
        ],
        {
            "amount": "Amount",
            "supplier": "Supplier",
            "date": "Date",
            "institution": "Entity",
            "category": "Expense Type",
            "department": "Expense Area",
            "vat_number": "VAT Registration Number",
            "supplier_postcode": "Supplier Postcode",
        },
    ),
    "SAP": (
        [
            "Vendor ID",
            "Vendor Name",
            "Cost Element",
            "Expenditure Account Code Description",
            "SAP Document No",
            "Amount",
            "Clearing Date",
            "Directorate",
            "Service Expenditure",
        ],
        {
            "amount": "Amount",
            "supplier": "Vendor Name",
            "date": "Clearing Date",
            "supplier_ref": "Vendor ID",
            "category": "Expenditure Account Code Description",
            "department": "Directorate",
        },
    ),
    "Agresso": (
        ["Ap/Ar ID", "Ap/Ar ID(T)", "TransNo", "Trans.date", "CostC(T)", "Account(T)", "Text", "Amount", "Period"],
        {"amount": "Amount", "supplier": "Ap/Ar ID(T)", "date": "Trans.date", "supplier_ref": "Ap/Ar ID"},
    ),
    "Oracle, in capitals and underscores": (
        [
            "ORGANISATION_NAME",
            "INVOICE_DATE",
            "PAYMENT_DATE",
            "VENDOR_NAME",
            "VENDOR_NUMBER",
            "INVOICE_NUMBER",
            "LINE_AMOUNT",
            "INVOICE_AMOUNT",
            "COST_CENTRE_DESCRIPTION",
        ],
        {"amount": "LINE_AMOUNT", "supplier": "VENDOR_NAME", "date": "PAYMENT_DATE", "supplier_ref": "VENDOR_NUMBER"},
    ),
    "run-together words": (
        ["OrganisationLabel", "SupplierName", "SupplierId", "PaymentDate", "NetAmount", "ServiceLabel", "Purpose"],
        {"amount": "NetAmount", "supplier": "SupplierName", "date": "PaymentDate", "supplier_ref": "SupplierId"},
    ),
    "police": (
        [
            "Supplier Name",
            "Invoice Date",
            "Date Paid",
            "Net Amount (£)",
            "Gross Amount (£)",
            "Description of Goods/Services",
        ],
        {"amount": "Net Amount (£)", "supplier": "Supplier Name", "date": "Date Paid"},
    ),
    "net, VAT and gross": (
        ["Payee", "Paid Date", "Net", "VAT", "Gross"],
        {"amount": "Net", "supplier": "Payee", "date": "Paid Date"},
    ),
    "gross only": (
        ["Creditor Name", "Date", "Amount (including VAT)"],
        {"amount": "Amount (including VAT)", "supplier": "Creditor Name", "date": "Date"},
    ),
    "total as the amount": (
        ["Supplier", "Department", "Date", "Total"],
        {"amount": "Total", "supplier": "Supplier", "date": "Date", "department": "Department"},
    ),
    "a lone pound sign": (
        ["Payee", "Date", "£"],
        {"amount": "£", "supplier": "Payee", "date": "Date"},
    ),
    "long phrases": (
        ["Name of supplier", "Date of the payment made", "Total amount excluding VAT (£)"],
        {
            "amount": "Total amount excluding VAT (£)",
            "supplier": "Name of supplier",
            "date": "Date of the payment made",
        },
    ),
}


FIRMS = ["Alder Joinery Ltd", "Birch Catering PLC", "Cedar Coaches Ltd"]
AREAS = ["Housing", "Schools", "Leisure"]
# Tried in order: words of a heading, and what three cells under it hold.
VALUES: list[tuple[str, list[str]]] = [
    ("vat reg", ["123456789"] * 3),
    ("irrecoverable", ["0.00"] * 3),
    ("gross|including", ["120.00", "2808.00", "66.00"]),
    ("amount|net|total|£", ["100.00", "2340.00", "55.00"]),
    ("^vat$", ["20.00", "468.00", "11.00"]),
    ("date|paid", ["14/05/2016", "15/05/2016", "16/05/2016"]),
    ("postcode", ["PR1 8RL"] * 3),
    ("number| no$| id$|id$|transno|period", ["7001", "7002", "7003"]),
    ("supplier|vendor|payee|creditor|beneficiary|ar id", FIRMS),
]


def _values(heading: str) -> list[str]:
    words = heading.casefold().replace("_", " ")
    return next((cells for pattern, cells in VALUES if re.search(pattern, words)), AREAS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_headings_of_many_systems(ledger_csv: Write, layout: str) -> None:
    headings, expected = LAYOUTS[layout]
    path = ledger_csv([headings, *zip(*(_values(h) for h in headings), strict=True)])
    columns = read_ledger([path]).account["files"][0]["columns"]
    assert {field: columns.get(field) for field in expected} == expected


def test_net_is_told_from_gross_by_arithmetic_where_headings_do_not_say(ledger_csv: Write) -> None:
    head = ["Supplier", "Date", "Amount", "Value", "VAT"]
    rows = [
        ["Alder Ltd", f"{14 + i}/05/2016", f"{net * 1.2:.2f}", f"{net:.2f}", f"{net * 0.2:.2f}"]
        for i, net in enumerate([100, 250, 900])
    ]
    entry = read_ledger([ledger_csv([head, *rows])]).account["files"][0]
    assert entry["columns"]["amount"] == "Value"
    assert entry["vat_basis"] == "net"


def test_gross_amounts_are_said(ledger_csv: Write) -> None:
    entry = read_ledger(
        [ledger_csv([["Supplier", "Date", "Gross Amount"], ["Alder Ltd", "14/05/2016", "12.00"]])]
    ).account["files"][0]
    assert entry["vat_basis"] == "gross"
    assert any("include VAT" in w for w in entry["warnings"])


def test_a_full_column_beats_an_empty_one_with_a_better_heading(ledger_csv: Write) -> None:
    rows = [
        ["Supplier", "Payment Date", "Invoice Date", "Amount"],
        *(["Alder Ltd", "", f"{i}/05/2016", "5.00"] for i in range(14, 20)),
    ]
    assert read_ledger([ledger_csv(rows)]).account["files"][0]["columns"]["date"] == "Invoice Date"


def test_no_amount_column_names_what_was_found(ledger_csv: Write) -> None:
    path = ledger_csv([["Supplier", "Date", "Amuont"], ["Alder Ltd", "14/05/2016", "a lot"]])
    with pytest.raises(LedgerError, match=r"no amount column\. Found: Supplier, Date, Amuont\. Did you mean Amuont\?"):
        read_ledger([path])


def test_an_unknown_heading_is_guessed_from_values_and_said(ledger_csv: Write) -> None:
    rows = [["Supplier", "Date", "Betrag"], *([f"Alder {i} Ltd", f"{14 + i}/05/2016", f"{i}5.25"] for i in range(5))]
    entry = read_ledger([ledger_csv(rows)]).account["files"][0]
    assert entry["columns"]["amount"] == "Betrag"
    assert "guess" in entry["warnings"][0]


def test_a_person_overrides_and_the_error_names_the_nearest_heading(ledger_csv: Write) -> None:
    rows = [["Date", "Supplier", "Amount", "Spare"], *([r[0], r[1], r[3], "7.00"] for r in ROWS)]
    path = ledger_csv(rows)
    read = read_ledger([path], columns={"amount": "Spare"})
    assert read.account["amount_pence"]["payments"] == 2100
    assert read.account["files"][0]["why"]["amount"] == "named by you"
    with pytest.raises(LedgerError, match=r"no column 'Spair' for amount\. Did you mean Spare\?"):
        read_ledger([path], columns={"amount": "Spair"})
    with pytest.raises(LedgerError, match=r"no field 'amuont' to map\. Did you mean amount"):
        read_ledger([path], columns={"amuont": "Spare"})


def test_an_empty_heading_leaves_a_field_out(ledger_csv: Write) -> None:
    read = read_ledger([ledger_csv([HEADINGS, *ROWS])], columns={"date": ""})
    assert read.payments["payment_date"].null_count() == 3


@pytest.mark.parametrize("text", ['amount = "Spare"', '[columns]\namount = "Spare"'])
def test_a_column_map_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text, "utf-8")
    assert load_column_map(path) == {"amount": "Spare"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("amount = ", "not TOML"),
        ('amuont = "A"', "Did you mean amount"),
        ("amount = 3", "needs a heading"),
        ("", "names no columns"),
    ],
)
def test_a_bad_column_map_is_refused_in_one_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(LedgerError, match=why) as caught:
        load_column_map(path)
    assert "\n" not in str(caught.value)


def test_columns_are_remembered_for_next_months_file(ledger_csv: Write) -> None:
    def month(name: str, amounts: Sequence[str]) -> Path:
        head = ["Date", "Supplier", "Amount", "Spare"]
        return ledger_csv([head, *([r[0], r[1], a, "7.00"] for r, a in zip(ROWS, amounts, strict=True))], name)

    april = month("april.csv", ["1", "2", "3"])
    shown = preview(april)[0]
    assert shown.columns["amount"] == "Amount"
    remember_columns(shown.fingerprint, {"amount": "Spare"})
    may = read_ledger([month("may.csv", ["4", "5", "6"])])
    assert may.account["amount_pence"]["payments"] == 2100
    assert may.account["files"][0]["fingerprint"] == shown.fingerprint
    assert "remembered" in may.account["files"][0]["why"]["amount"]
    assert preview(april)[0].columns["amount"] == "Spare"
    remember_columns(shown.fingerprint, {})
    assert remembered_columns() == {}
    assert read_ledger([april]).account["amount_pence"]["payments"] == 600


def test_a_damaged_store_is_one_clear_line(ledger_csv: Write, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "column_maps.json").write_text("[", "utf-8")
    with pytest.raises(LedgerError, match="Delete the file"):
        read_ledger([ledger_csv([HEADINGS, *ROWS])])


def test_a_preview_shows_headings_columns_reasons_and_first_rows(ledger_csv: Write) -> None:
    shown = preview(ledger_csv([["Spend over £500"], HEADINGS, *ROWS]))[0]
    assert shown.header_row == 2
    assert shown.headers == HEADINGS
    assert shown.columns == {"date": "Date", "supplier": "Supplier", "description": "Description", "amount": "Amount"}
    assert shown.rows[0] == list(ROWS[0])
    assert "100% of its cells read as an amount" in shown.why["amount"]
    assert shown.problem is None


def test_a_preview_of_no_ledger_says_why(ledger_csv: Write) -> None:
    shown = preview(ledger_csv([["a", "b"], ["c", "d"]]))[0]
    assert shown.columns == {}
    assert "no headings found" in str(shown.problem)


@pytest.mark.parametrize(
    ("bodies", "name", "expected"),
    [
        (["Anyton Council"] * 3, "may.csv", "Anyton Council"),
        (["Anyton Council", "Anyton Council", "Anyton Homes"], "may.csv", "Anyton Council"),
        (["A", "B", "C"], "Bexborough spend over 500 May 2016.csv", "Bexborough"),
        (["", "", ""], "spend_over_£500_may_2016.csv", "anyton-borough"),
    ],
)
def test_whose_ledger_it_is(tmp_path: Path, bodies: Sequence[str], name: str, expected: str) -> None:
    folder = tmp_path / "anyton-borough"
    folder.mkdir()
    lines = ["Body Name,Date,Supplier,Amount", *(f"{b},1{i}/05/2016,Alder Ltd,5.00" for i, b in enumerate(bodies, 3))]
    (folder / name).write_text("\n".join(lines), "utf-8")
    payments = read_ledger([folder / name]).payments
    assert payments["institution"].unique().to_list() == [expected.replace("-", " ") if "-" in expected else expected]
    assert read_ledger([folder / name], institution="Us").payments["institution"].unique().to_list() == ["Us"]


def test_the_year_given_is_for_undated_payments_only(ledger_csv: Write) -> None:
    rows = [["Date", "Supplier", "Amount"], ["14/05/2016", "Alder Ltd", "1"], ["", "Birch Ltd", "2"]]
    payments = read_ledger([ledger_csv(rows)], financial_year="2012-13").payments
    assert payments["financial_year"].to_list() == ["2016-17", "2012-13"]
    assert payments["payment_date"].to_list() == [date(2016, 5, 14), None]
    assert SUM == 153050


def test_a_file_with_the_same_headings_whose_other_amount_is_filled_is_read_by_that(ledger_csv: Write) -> None:
    head = ["Date", "Supplier", "Net Amount", "Amount"]
    first = ledger_csv([head, *([r[0], r[1], "5.00", ""] for r in ROWS)], "april.csv")
    second = ledger_csv([head, *([r[0], r[1], "", "7.00"] for r in ROWS)], "may.csv")
    read = read_ledger([first, second])
    assert read.account["amount_pence"]["payments"] == 1500 + 2100
    assert [f["columns"]["amount"] for f in read.account["files"]] == ["Net Amount", "Amount"]
