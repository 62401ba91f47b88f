"""What the account says of each file and across files, and what a person is warned of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from ledger_files import HEADINGS, ROWS, SUM, write_xlsx

from cwb.errors import LedgerError
from cwb.ledger import read_ledger

Write = Callable[..., Path]


def _months(year: int, months: list[int], rows: int) -> list[list[str]]:
    days = [date(year + (m < 4), m, 1) + timedelta(days=i % 28) for m in months for i in range(rows)]
    return [[d.strftime("%d/%m/%Y"), "Alder Ltd", f"works {i}", f"{i}.50"] for i, d in enumerate(days)]


def test_the_entry_of_a_file(ledger_csv: Write) -> None:
    entry = read_ledger(
        [ledger_csv([["Spend"], HEADINGS, *ROWS, ["", "", "", "1,530.50"]], encoding="cp1252")]
    ).account["files"][0]
    expected = {
        "file": "ledger.csv",
        "format": "csv",
        "encoding": "cp1252",
        "delimiter": ",",
        "sheet": None,
        "header_row": 2,
        "columns": {"date": "Date", "supplier": "Supplier", "description": "Description", "amount": "Amount"},
        "rows": {"read": 4, "payments": 3, "control_totals": 1, "blank": 0, "rejected": 0},
        "amount_pence": {"payments": SUM, "control_totals": SUM},
        "negative": {"rows": 1, "amount_pence": -2000},
        "redacted_rows": 0,
        "dates": {"from": "2016-05-04", "to": "2016-05-27", "undated_rows": 0},
        "vat_basis": "unknown",
        "warnings": [],
    }
    assert {key: entry[key] for key in expected} == expected


def test_the_blocks_of_files_and_sheets_sum_to_the_last_two(tmp_path: Path, ledger_csv: Write) -> None:
    book = write_xlsx(tmp_path / "a.xlsx", {"May": [HEADINGS, *ROWS], "June": [HEADINGS, *ROWS[:1]]})
    account = read_ledger([book, ledger_csv([HEADINGS, *ROWS, [], ["note"]])]).account
    assert len(account["files"]) == 3
    for block in ("rows", "amount_pence"):
        for key, total in account[block].items():
            assert total == sum(f[block][key] for f in account["files"])


def test_a_month_missing_from_the_set_is_said(ledger_csv: Write) -> None:
    first = ledger_csv([HEADINGS, *_months(2016, [4, 5], 10)], "early.csv")
    second = ledger_csv([HEADINGS, *_months(2016, [7, 8], 10)], "late.csv")
    warnings = read_ledger([first, second], institution="Anyton").account["warnings"]
    assert warnings == ["Anyton: no payments in June 2016: is a file missing?"]


def test_old_invoices_do_not_make_months_missing(ledger_csv: Write) -> None:
    old = [["14/11/2014", "Alder Ltd", "late", "1.00"]]
    read = read_ledger([ledger_csv([HEADINGS, *old, *_months(2016, [4, 5, 6], 20)])])
    assert read.account["warnings"] == []


def test_rows_fallen_by_half_against_the_year_before_are_said(ledger_csv: Write) -> None:
    year = [*range(4, 13), 1, 2, 3]
    paths = [ledger_csv([HEADINGS, *_months(y, year, n)], f"{y}.csv") for y, n in ((2015, 30), (2016, 12))]
    warnings = read_ledger(paths, institution="Anyton").account["warnings"]
    assert warnings == ["Anyton: 144 rows in 2016-17 after 360 the year before: is the file whole?"]


def test_a_year_that_has_only_begun_is_not_said_to_have_fallen(ledger_csv: Write) -> None:
    year = [*range(4, 13), 1, 2, 3]
    rows = [*_months(2015, year, 20), *_months(2016, [4, 5], 20)]
    assert read_ledger([ledger_csv([HEADINGS, *rows])]).account["warnings"] == []


def test_doubt_about_day_and_month_is_said(ledger_csv: Write) -> None:
    rows = [["04/05/2016", "Alder Ltd", "a", "1.00"], ["05/06/2016", "Birch Ltd", "b", "2.00"]]
    assert "day-first or month-first" in read_ledger([ledger_csv([HEADINGS, *rows])]).account["files"][0]["warnings"][0]


def test_refused_dates_are_said_and_the_payment_kept(ledger_csv: Write) -> None:
    rows = [*ROWS, ["14/05/0024", "Dogwood Ltd", "Desks", "5.00"]]
    read = read_ledger([ledger_csv([HEADINGS, *rows])])
    assert read.payments["payment_date"].to_list()[-1] is None
    assert read.account["amount_pence"]["payments"] == SUM + 500
    assert "1 row has a date that is refused ('14/05/0024')" in read.account["files"][0]["warnings"][0]


def test_no_date_column_is_said(ledger_csv: Write) -> None:
    warnings = read_ledger([ledger_csv([["Supplier", "Amount"], ["Alder Ltd", "5.00"]])]).account["files"][0][
        "warnings"
    ]
    assert "no date column" in warnings[0]


def test_a_heading_in_thousands_is_said(ledger_csv: Write) -> None:
    rows = [["Date", "Supplier", "Amount £000"], ["14/05/2016", "Alder Ltd", "5"]]
    assert any("thousands" in w for w in read_ledger([ledger_csv(rows)]).account["files"][0]["warnings"])


def test_files_of_one_name_in_two_folders_are_told_apart(tmp_path: Path) -> None:
    paths = []
    for folder in ("anyton", "bexborough"):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "spend.csv")
        paths[-1].write_text("Date,Supplier,Amount\n14/05/2016,Alder Ltd,5.00\n", "utf-8")
    read = read_ledger(paths)
    assert read.payments["file"].to_list() == ["anyton/spend.csv", "bexborough/spend.csv"]
    assert read.payments["payment_id"].n_unique() == 2
    assert read.payments["institution"].to_list() == ["anyton", "bexborough"]


def test_one_file_given_twice_is_refused(ledger_csv: Write) -> None:
    path = ledger_csv([HEADINGS, *ROWS])
    with pytest.raises(LedgerError, match="given twice"):
        read_ledger([path, path])


def test_a_payments_id_is_the_same_in_each_run(ledger_csv: Write) -> None:
    path = ledger_csv([HEADINGS, *ROWS])
    first, again = read_ledger([path]).payments, read_ledger([path]).payments
    assert first["payment_id"].to_list() == again["payment_id"].to_list()
    assert first["payment_id"].n_unique() == 3


def test_progress_runs_from_the_first_file_to_the_end(ledger_csv: Write) -> None:
    seen: list[tuple[str, float]] = []
    read_ledger(
        [ledger_csv([HEADINGS, *ROWS], f"{m}.csv") for m in ("a", "b")], progress=lambda s, p: seen.append((s, p))
    )
    assert seen == [("Reading a.csv", 0.0), ("Reading b.csv", 0.5), ("Ledgers read", 1.0)]


def test_rejected_rows_are_counted_by_reason(ledger_csv: Write) -> None:
    extra = [
        ["Adult care", "", "", ""],
        ["01/05/2016", "Kestrel Ltd", "x", "12,3"],
        ["02/05/2016", "Owl Ltd", "y", "7,1"],
    ]
    entry = read_ledger([ledger_csv([HEADINGS, *ROWS, *extra])]).account["files"][0]
    assert entry["rejected"] == {
        "amount …: a comma before 1 digits may be thousands or pence": 2,
        "a section heading or note: one cell and no amount": 1,
    }
    assert sum(entry["rejected"].values()) == entry["rows"]["rejected"]
