"""Hidden payees stay hidden; firms whose names only sound like it do not vanish."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from cwb.errors import LedgerError
from cwb.ledger import LedgerFile, clean_suppliers, read_ledger
from cwb.ledger.redaction import is_redaction

Write = Callable[..., Path]
HIDDEN = [
    "Redacted",
    "REDACTED PERSONAL DATA",
    "Redacted - Personal Data",
    "Redcated",
    "REDACETD PERSONAL DATA",
    "(redacted)",
    "Personal Expense, Name Withheld",
    "Personal Expense, Name Witheld",
    "Name Withheld",
    "NAME WITH HELD",
    "Withheld",
    "Supplier name withheld under section 40",
    "Name not disclosed",
    "Supplier not published",
    "Payee name removed",
    "Personal data",
    "Sensitive personal data",
    "Data Protection",
    "Data Protection Act 1998",
    "Commercially confidential",
    "Confidential",
    "Private individual",
    "Individual",
    "Individuals",
    "FOI s40(2)",
    "Exempt under FOI section 40",
    "XXXXX",
    "*****",
    "#####",
    "Payment under a scheme - Name Withheld",
    "GDPR",
    "Redacted Smithson",
    "Anonymised",
]
SHOWN = [
    "Redactive Publishing Ltd",
    "Redacre Farms",
    "Private Hire Ltd",
    "Personal Group PLC",
    "Individual Restaurants Ltd",
    "Confidential Waste Ltd",
    "Data Protection People Ltd",
    "Personal Performance Consultants UK Ltd",
    "Alfred & Co",
    "Withheath Nursery",
    "Exemplar Ltd",
    "Foi Gras Ltd",
    "Xxon Ltd",
    "Name It Ltd",
    "Total Gas",
    "Reduced Waste Ltd",
    "Related Arts CIC",
    "Anonymous Travel Ltd",
    "",
    "Individual Care Services",
    "Protected Species Surveys Ltd",
]


@pytest.mark.parametrize("name", HIDDEN)
def test_wordings_that_hide(name: str) -> None:
    assert is_redaction(pl.Series([name, "Alder Ltd", None])).to_list() == [True, False, False]


@pytest.mark.parametrize("name", SHOWN)
def test_names_that_only_sound_like_it(name: str) -> None:
    assert is_redaction(pl.Series([name])).to_list() == [False]


def _ledger(rows: list[list[str]]) -> list[list[str]]:
    return [["Date", "Supplier", "Supplier ID", "Amount"], *rows]


def test_a_label_joined_to_a_name_hides_the_same_name_elsewhere(ledger_csv: Write) -> None:
    first = ledger_csv(_ledger([["14/05/2016", "REDACTED - Wren Fennimore", "", "5.00"]]), "may.csv")
    second = ledger_csv(
        _ledger([["14/06/2016", "Wren FENNIMORE", "", "6.00"], ["14/06/2016", "Alder Ltd", "", "7"]]), "june.csv"
    )
    read = read_ledger([first, second])
    assert read.payments["is_redacted"].to_list() == [True, True, False]
    assert [f["redacted_rows"] for f in read.account["files"]] == [1, 1]
    assert read_ledger([second]).payments["is_redacted"].to_list() == [False, False]


def test_the_payers_number_gives_away_no_one_hidden_elsewhere(ledger_csv: Write) -> None:
    rows = [
        ["14/05/2016", "Redacted", "V100", "5.00"], ["15/05/2016", "Wren Fennimore", "V100", "5.00"],
        ["16/05/2016", "Alder Ltd", "V200", "5.00"],
    ]  # fmt: skip
    assert read_ledger([ledger_csv(_ledger(rows))]).payments["is_redacted"].to_list() == [True, True, False]


def test_a_number_shared_by_many_names_hides_none_of_them(ledger_csv: Write) -> None:
    rows = [["14/05/2016", name, "SUNDRY", "5.00"] for name in ("Redacted", "Alder Ltd", "Birch Ltd", "Cedar Ltd")]
    assert read_ledger([ledger_csv(_ledger(rows))]).payments["is_redacted"].to_list() == [True, False, False, False]


@pytest.mark.parametrize(
    ("cell", "hidden"), [("Y", True), ("Yes", True), ("Personal data", True), ("N", False), ("", False), ("No", False)]
)
def test_a_column_that_says_redacted(ledger_csv: Write, cell: str, hidden: bool) -> None:
    rows = [["Date", "Supplier", "Redacted", "Amount"], ["14/05/2016", "Wren Fennimore", cell, "5.00"]]
    assert read_ledger([ledger_csv(rows)]).payments["is_redacted"].to_list() == [hidden]


def test_codes_are_taken_off_where_the_whole_column_has_them() -> None:
    cells = ["4352MEDTRONIC", "7781Alder Joinery Ltd", "9914 Birch & Sons", "5521Cedar PLC"]
    cleaned = clean_suppliers(pl.Series(cells))
    assert cleaned["name"].to_list() == ["MEDTRONIC", "Alder Joinery Ltd", "Birch & Sons", "Cedar PLC"]
    assert cleaned["reference"].to_list() == ["4352", "7781", "9914", "5521"]


def test_codes_before_a_colon() -> None:
    cleaned = clean_suppliers(pl.Series(["KGST01 : Alder Ltd", "UK0092855501 : Birch UK Ltd", "ABC123 : Cedar"]))
    assert cleaned.rows() == [("Alder Ltd", "KGST01"), ("Birch UK Ltd", "UK0092855501"), ("Cedar", "ABC123")]


def test_numbers_that_belong_to_a_name_stay() -> None:
    cells = [
        "365 Environmental Services Ltd",
        "3M UK PLC",
        "24x7 Care",
        "1000Heads Ltd",
        "Studio 1234",
        "Alder Ltd",
        "Birch",
    ]
    assert clean_suppliers(pl.Series(cells))["name"].to_list() == cells


@pytest.mark.parametrize(
    ("cell", "name", "reference"),
    [
        ("** DO NOT USE ** Alder Ltd", "Alder Ltd", None),
        ("Alder Ltd (DO NOT USE)", "Alder Ltd", None),
        ("Alder Ltd - USE 4284", "Alder Ltd", "4284"),
        ("Alder Ltd **DO NOT USE** USE 4284", "Alder Ltd", "4284"),
        ("Useful Tools Ltd", "Useful Tools Ltd", None),
        (None, None, None),
    ],
)
def test_remarks_are_taken_off(cell: str | None, name: str | None, reference: str | None) -> None:
    assert clean_suppliers(pl.Series([cell], dtype=pl.String)).rows() == [(name, reference)]


def test_the_printed_form_is_kept_and_the_code_becomes_the_reference(ledger_csv: Write) -> None:
    rows = [
        ["Date", "Supplier", "Amount"],
        *([f"1{i}/05/2016", f"UK00{i}77 : Alder {n} Ltd", "5"] for i, n in enumerate("ABCD")),
    ]
    payments = read_ledger([ledger_csv(rows)]).payments
    assert payments["supplier_name"][0] == "UK00077 : Alder A Ltd"
    assert payments["supplier_ref"].to_list() == ["UK00077", "UK00177", "UK00277", "UK00377"]


def test_a_payee_that_one_body_hides_is_hidden_in_the_ledger_of_another(tmp_path: Path) -> None:
    for name, payee in (("one", "Redacted - Juniper Alder"), ("two", "Juniper Alder")):
        (tmp_path / f"{name}.csv").write_text(f"Date,Supplier,Amount\n14/05/2016,{payee},5\n", "utf-8")
    given = [LedgerFile(tmp_path / "one.csv", "Quenby Council"), LedgerFile(tmp_path / "two.csv", "Quenby Homes")]
    read = read_ledger(given)
    assert read.payments["is_redacted"].to_list() == [True, True]
    assert read.payments["institution"].to_list() == ["Quenby Council", "Quenby Homes"]


def test_one_sum_paid_by_two_bodies_is_not_one_payment_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text("Date,Supplier,Amount\n14/05/2016,Alder Ltd,5\n", "utf-8")
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    of_two = read_ledger([LedgerFile(paths[0], "Quenby Council"), LedgerFile(paths[1], "Quenby Homes")])
    assert of_two.account["in_two_files"] == {"rows": 0, "amount_pence": 0}
    assert read_ledger(paths, institution="Quenby Council").account["in_two_files"]["rows"] == 1


def test_files_of_one_name_in_two_folders_are_told_apart(tmp_path: Path) -> None:
    given = []
    for payer in ("Council", "Homes"):
        (tmp_path / payer).mkdir()
        path = tmp_path / payer / "april.csv"
        path.write_text(f"Date,Supplier,Amount\n14/05/2016,{payer} Supplies,5\n", "utf-8")
        given.append(LedgerFile(path, payer))
    assert read_ledger(given).payments["payment_id"].n_unique() == 2


@pytest.mark.parametrize("year", ["2016", "2016-18", "16-17", "2016/17"])
def test_what_is_no_financial_year_is_refused(year: str) -> None:
    with pytest.raises(LedgerError, match="give one as"):
        LedgerFile(Path("april.csv"), financial_year=year)
