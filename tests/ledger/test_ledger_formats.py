"""One small ledger in every format, encoding and layout reads to the same rows and pence."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from ledger_files import HEADINGS, ROWS, SUM, csv_text, write_csv, write_ods, write_xls, write_xlsx

from cwb.errors import LedgerError
from cwb.ledger import Ledger, read_ledger

TABLE = [HEADINGS, *ROWS]
TYPED = [
    HEADINGS,
    [date(2016, 5, 4), "Alder Joinery Ltd", "Doors", 1250.5],
    [date(2016, 5, 19), "Birch Catering PLC", "Lunches", -20],
    [date(2016, 5, 27), "Cedar Coaches", "School run", 300],
]


def is_the_ledger(read: Ledger) -> None:
    payments = read.payments
    assert payments["amount_pence"].to_list() == [125050, -2000, 30000]
    assert payments["supplier_name"].to_list() == [row[1] for row in ROWS]
    assert payments["payment_date"].to_list() == [date(2016, 5, 4), date(2016, 5, 19), date(2016, 5, 27)]
    assert payments["description"].to_list() == ["Doors", "Lunches", "School run"]
    assert payments["financial_year"].unique().to_list() == ["2016-17"]
    assert read.account["amount_pence"]["payments"] == SUM


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850", "latin-1"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_text_in_any_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    is_the_ledger(read_ledger([write_csv(tmp_path / "a.csv", TABLE, encoding=encoding, delimiter=delimiter)]))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system(tmp_path: Path, end: str) -> None:
    is_the_ledger(read_ledger([write_csv(tmp_path / "a.csv", TABLE, end=end)]))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Café Zoë’s"), ("cp850", "Café Zoë"), ("utf-8", "Café Zoë’s"), ("utf-16", "Café Zoë’s")],
)
def test_accents_come_through(tmp_path: Path, encoding: str, name: str) -> None:
    rows = [*TABLE, ["28/05/2016", name, "Cakes", "£9.50"], ["28/05/2016", "Élan £5 Shop", "", "£1,000.00"]]
    read = read_ledger([write_csv(tmp_path / "a.csv", rows, encoding=encoding)])
    assert read.payments["supplier_name"].to_list()[-2:] == [name, "Élan £5 Shop"]
    assert read.account["amount_pence"]["payments"] == SUM + 950 + 100000


def test_typed_cells_of_xlsx_xls_and_ods(tmp_path: Path) -> None:
    is_the_ledger(read_ledger([write_xlsx(tmp_path / "a.xlsx", {"May": TYPED})]))
    is_the_ledger(read_ledger([write_xls(tmp_path / "a.xls", {"May": TYPED})]))
    is_the_ledger(read_ledger([write_ods(tmp_path / "a.ods", {"May": TYPED})]))


def test_text_cells_of_xlsx_xls_and_ods(tmp_path: Path) -> None:
    is_the_ledger(read_ledger([write_xlsx(tmp_path / "a.xlsx", {"May": TABLE})]))
    is_the_ledger(read_ledger([write_xls(tmp_path / "a.xls", {"May": TABLE})]))
    is_the_ledger(read_ledger([write_ods(tmp_path / "a.ods", {"May": TABLE})]))


def test_dates_of_a_1904_workbook(tmp_path: Path) -> None:
    is_the_ledger(read_ledger([write_xlsx(tmp_path / "a.xlsx", {"May": TYPED}, epoch_1904=True)]))


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    is_the_ledger(read_ledger([write_csv(tmp_path / "text.xls", TABLE)]))
    is_the_ledger(read_ledger([write_xlsx(tmp_path / "real.xlsx", {"May": TYPED}).rename(tmp_path / "workbook.csv")]))
    is_the_ledger(read_ledger([write_csv(tmp_path / "no-ending", TABLE, delimiter="\t")]))


def test_gzip_and_zip_of_text_and_workbooks(tmp_path: Path) -> None:
    text = csv_text(TABLE).encode()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    is_the_ledger(read_ledger([tmp_path / "a.csv.gz"]))
    book = write_xlsx(tmp_path / "a.xlsx", {"May": TYPED}).read_bytes()
    (tmp_path / "a.xlsx.gz").write_bytes(gzip.compress(book))
    is_the_ledger(read_ledger([tmp_path / "a.xlsx.gz"]))
    for name, data in (("inner.xlsx", book), ("inner.csv", text)):
        with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        is_the_ledger(read_ledger([tmp_path / "a.zip"]))
    nameless = (tmp_path / "a.zip").read_bytes().replace(b"inner.csv", b"\0nner.csv")  # a name ends at its first NUL
    (tmp_path / "nameless.zip").write_bytes(nameless)
    is_the_ledger(read_ledger([tmp_path / "nameless.zip"]))


def test_a_zip_of_months_is_one_entry_a_member_and_a_note_beside_them_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "year.zip", "w") as archive:
        archive.writestr("2016/april.csv", csv_text(TABLE))
        archive.writestr("2016/may.csv", csv_text(TABLE))
        archive.writestr("read me.txt", "Please ask the finance team.")
        archive.writestr("__MACOSX/._may.csv", b"\0\5")
    read = read_ledger([tmp_path / "year.zip"])
    assert [f["sheet"] for f in read.account["files"]] == ["2016/april.csv", "2016/may.csv", "read me.txt"]
    assert read.account["rows"]["payments"] == 6
    assert "not read as a ledger" in read.account["files"][2]["warnings"][0]


def test_several_sheets_with_other_headings_each(tmp_path: Path) -> None:
    other = [["Net Value", "Payee", "Paid Date"], [12.5, "Dogwood Ltd", date(2016, 6, 3)]]
    path = write_xlsx(tmp_path / "a.xlsx", {"May": TYPED, "June": other, "Notes": [["Ask finance"]], "Empty": []})
    read = read_ledger([path])
    assert read.payments["amount_pence"].to_list() == [125050, -2000, 30000, 1250]
    assert read.payments["sheet"].to_list() == ["May"] * 3 + ["June"]
    assert [f["sheet"] for f in read.account["files"]] == ["May", "June", "Notes"]
    assert read_ledger([path], sheet="june").payments["supplier_name"].to_list() == ["Dogwood Ltd"]
    with pytest.raises(LedgerError, match=r"no sheet 'Juni'\. Did you mean June"):
        read_ledger([path], sheet="Juni")


def test_two_stacked_tables_with_other_columns(ledger_csv: Callable[..., Path]) -> None:
    second = [
        ["Payee", "Net Amount", "Paid Date"],
        ["Dogwood Ltd", "12.50", "03/06/2016"],
        ["Elm LLP", "7.50", "04/06/2016"],
    ]
    read = read_ledger([ledger_csv([*TABLE, [], ["Capital payments"], *second])])
    assert read.account["amount_pence"]["payments"] == SUM + 2000
    assert read.payments["file_row"].to_list() == [2, 3, 4, 8, 9]
    first, after = read.account["files"]
    assert (first["header_row"], after["header_row"]) == (1, 7)
    assert first["rows"] == {"read": 5, "payments": 3, "control_totals": 0, "blank": 1, "rejected": 1}


def test_headings_printed_again_on_each_page_are_no_payments(ledger_csv: Callable[..., Path]) -> None:
    read = read_ledger([ledger_csv([*TABLE, HEADINGS, *ROWS])])
    assert read.account["amount_pence"]["payments"] == 2 * SUM
    assert read.rejects["reason"].to_list() == ["headings printed again"]


def test_preamble_padding_rows_and_columns(ledger_csv: Callable[..., Path]) -> None:
    rows = [["", "", *row] for row in TABLE]
    preamble = [["Spend over £500"], [], ["Organisation", "", "Anyton Borough Council"], ["Month:", "May 2016"], []]
    read = read_ledger([ledger_csv([*preamble, *rows, [], ["", "", "", "", ""], []])])
    is_the_ledger(read)
    assert read.payments["file_row"].to_list() == [7, 8, 9]
    assert read.account["files"][0]["header_row"] == 6
    assert read.account["rows"]["blank"] == 3


def test_headings_over_two_rows(ledger_csv: Callable[..., Path]) -> None:
    head = [["Payment", "Supplier", "Invoice", "Net"], ["Date", "Name", "Description", "Amount"]]
    read = read_ledger([ledger_csv([*head, *ROWS])])
    is_the_ledger(read)
    assert read.account["files"][0]["columns"]["supplier"] == "Supplier Name"


def test_duplicate_headings(ledger_csv: Callable[..., Path]) -> None:
    rows = [
        ["Date", "Supplier", "Supplier", "Description", "Amount"],
        *([r[0], r[1], f"V{i}77", *r[2:]] for i, r in enumerate(ROWS)),
    ]
    is_the_ledger(read_ledger([ledger_csv(rows)]))


def test_quoted_newlines_and_inch_signs(tmp_path: Path) -> None:
    text = (
        "Date,Supplier,Description,Amount\n"
        '04/05/2016,Alder Joinery Ltd,"Doors\nand ""big"" frames",10.00\n'
        '05/05/2016,Birch Catering PLC,12" pans,20.00\n'
        "06/05/2016,Cedar Coaches,a plain row,30.00\n"
        '07/05/2016,Dogwood Ltd,"never closed,40.00\n'
        "08/05/2016,Elm LLP,another,50.00\n"
    )
    (tmp_path / "a.csv").write_text(text, "utf-8")
    read = read_ledger([tmp_path / "a.csv"])
    assert read.payments["amount_pence"].to_list() == [1000, 2000, 3000, 4000, 5000]
    assert read.payments["description"][0] == 'Doors\nand "big" frames'
    assert read.payments["description"][1] == '12" pans'


def test_ragged_and_very_wide_files(tmp_path: Path) -> None:
    text = csv_text([HEADINGS + [""] * 150, *(list(r) + [""] * (i * 40) for i, r in enumerate(ROWS))])
    (tmp_path / "a.csv").write_text(text, "utf-8")
    is_the_ledger(read_ledger([tmp_path / "a.csv"]))


def test_a_comma_that_shifts_an_amount_is_refused_not_misread(tmp_path: Path) -> None:
    lines = ["Date,Supplier,Transaction Number,Amount"]
    lines += [f"0{i}/05/2016,Alder Joinery Ltd,{1000 + i},{i}.50" for i in range(1, 7)]
    lines.append("08/05/2016,Hazel, Ivy and Sons,2001,99.00")
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", "utf-8")
    read = read_ledger([tmp_path / "a.csv"])
    assert read.account["amount_pence"]["payments"] == 100 + 200 + 300 + 400 + 500 + 600 + 6 * 50
    assert "comma" in read.rejects["reason"][0]


def test_a_file_without_headings_is_read_by_its_values_with_a_warning(ledger_csv: Callable[..., Path]) -> None:
    read = read_ledger([ledger_csv([["01/04/2016", "Alder Joinery Ltd", "10.00"], ["14/04/2016", "Birch PLC", "20.00"],
                                    ["15/04/2016", "Cedar Services Ltd", "3.50"]])])  # fmt: skip
    assert read.account["amount_pence"]["payments"] == 3350
    assert "guess" in " ".join(read.account["files"][0]["warnings"])


@pytest.mark.parametrize(
    "pivot",
    [
        [
            ["Row Labels", "Sum of Amount"],
            ["Alder Joinery Ltd", 1250.5],
            ["Birch Catering PLC", -20],
            ["Cedar Coaches", 300],
        ],
        [["Supplier", "Total"], ["Alder Joinery Ltd", 1250.5], ["Birch Catering PLC", -20], ["Cedar Coaches", 300]],
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_pivot_of_the_payments_on_another_sheet_is_not_added_in(
    tmp_path: Path, pivot: list[list[object]], first: bool
) -> None:
    sheets = {"Pivot": pivot, "May": TYPED} if first else {"May": TYPED, "Pivot": pivot}
    read = read_ledger([write_xlsx(tmp_path / "a.xlsx", sheets)])
    is_the_ledger(read)
    entry = next(f for f in read.account["files"] if f["sheet"] == "Pivot")
    assert "not read as a ledger" in entry["warnings"][0]


def test_a_summary_below_the_payments_is_not_added_in(ledger_csv: Callable[..., Path]) -> None:
    summary = [
        ["Category", "", "", "Amount"],
        ["Legal services", "", "", "1,230.50"],
        ["Food services", "", "", "300.00"],
    ]
    is_the_ledger(read_ledger([ledger_csv([*TABLE, [], *summary])]))
