"""Whatever the layout: the same rows and pence come back, and no row or penny is lost."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_files import Row, csv_text, write_ods, write_xls, write_xlsx

from cwb.errors import LedgerError
from cwb.ledger import read_ledger
from cwb.ledger.amounts import parse_amount, parse_amounts
from cwb.ledger.entries import pounds

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéüñ&'-. "
FIRM = st.sampled_from(["Ltd", "PLC", "LLP", "Council", "Trust", "Services"])
NAMES = st.builds(
    lambda body, firm: f"{body.strip() or 'Alder'} {firm}", st.text(LETTERS, min_size=3, max_size=25), FIRM
)
PENCE = st.integers(-(10**9), 10**10).filter(bool)
DAYS = st.dates(date(2009, 4, 1), date(2026, 3, 31))
PAYMENTS = st.lists(st.tuples(DAYS, NAMES, PENCE), min_size=1, max_size=30)

AMOUNT_FORMS = {
    "plain": lambda p: f"{'-' if p < 0 else ''}{abs(p) // 100}.{abs(p) % 100:02d}",
    "commas": lambda p: f"{p / 100:,.2f}" if abs(p) < 10**12 else "",
    "pounds": pounds,
    "brackets": lambda p: f"({abs(p) // 100:,}.{abs(p) % 100:02d})" if p < 0 else f"{p // 100:,}.{p % 100:02d}",
    "trailing minus": lambda p: f"{abs(p) // 100}.{abs(p) % 100:02d}{'-' if p < 0 else ''}",
    "CR": lambda p: f"£{abs(p) // 100:,}.{abs(p) % 100:02d}{' CR' if p < 0 else ' DR'}",
    "padded": lambda p: f"  {'-' if p < 0 else ''}£ {abs(p) // 100:,}.{abs(p) % 100:02d} ",
}
DATE_FORMS = ["%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d-%b-%y", "%d %B %Y", "%Y-%m-%dT00:00:00", "%d.%m.%Y", "%Y%m%d"]
HEADS = [
    ("Payment Date", "Supplier Name", "Net Amount"),
    ("Date", "Supplier", "Amount"),
    ("PAYMENT_DATE", "VENDOR_NAME", "LINE_AMOUNT"),
    ("Date Paid", "Payee", "Total"),
]
TEXTS = ["csv", "tsv", "semicolon", "pipe", "gzip", "zip"]
BOOKS = ["xlsx", "xls", "ods"]
MARKS = {"tsv": "\t", "semicolon": ";", "pipe": "|"}
LAYOUT = st.fixed_dictionaries(
    {
        "head": st.sampled_from(HEADS),
        "amounts": st.sampled_from(sorted(AMOUNT_FORMS)),
        "dates": st.sampled_from(DATE_FORMS),
        "order": st.permutations(range(5)),
        "title": st.booleans(),
        "blank_rows": st.integers(0, 3),
        "blank_columns": st.integers(0, 3),
        "total": st.booleans(),
        "end": st.sampled_from(["\n", "\r\n"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "cp850"]),
    }
)


def _rows(payments: Sequence[tuple[date, str, int]], layout: dict[str, object]) -> list[Row]:
    date_head, name_head, amount_head = layout["head"]  # type: ignore[misc]
    show = AMOUNT_FORMS[str(layout["amounts"])]
    table: list[list[str]] = [[date_head, "Expense Type", name_head, "Transaction Number", amount_head]]
    for number, (day, name, pence) in enumerate(payments):
        table.append([day.strftime(str(layout["dates"])), "Building", name, f"T{number}", show(pence)])
    if layout["total"]:
        table.append(["", "", "", "", show(sum(p for _, _, p in payments) or 1)])
    order = layout["order"]
    left = [""] * int(layout["blank_columns"])  # type: ignore[call-overload]
    body: list[Row] = [left + [row[i] for i in order] for row in table]  # type: ignore[attr-defined]
    top: list[Row] = [["Payments over £500"], []] if layout["title"] else []
    return top + body + [[""] * 5] * int(layout["blank_rows"])  # type: ignore[call-overload]


def _written(folder: Path, rows: Sequence[Row], form: str, layout: dict[str, object]) -> Path:
    path = folder / f"ledger.{form}"
    if form in BOOKS:
        write = {"xlsx": write_xlsx, "xls": write_xls, "ods": write_ods}[form]
        return write(path, {"May": rows})
    text = csv_text(rows, MARKS.get(form, ","), str(layout["end"])).encode(str(layout["encoding"]))
    if form == "gzip":
        text = gzip.compress(text)
    if form == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("may.csv", text)
        text = packed.getvalue()
    path.write_bytes(text)
    return path


def _comes_back(payments: Sequence[tuple[date, str, int]], layout: dict[str, object], form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = read_ledger([_written(Path(folder), _rows(payments, layout), form, layout)])
    assert read.payments["amount_pence"].to_list() == [pence for _, _, pence in payments]
    assert read.payments["supplier_name"].to_list() == [name for _, name, _ in payments]
    assert read.account["rows"]["payments"] == len(payments)
    assert read.account["rows"]["rejected"] == 0
    if layout["total"]:
        assert read.account["rows"]["control_totals"] == 1


@given(payments=PAYMENTS, layout=LAYOUT, form=st.sampled_from(TEXTS))
@SETTINGS
def test_a_ledger_in_any_text_layout_comes_back(
    payments: list[tuple[date, str, int]], layout: dict[str, object], form: str
) -> None:
    _comes_back(payments, layout, form)


@given(payments=PAYMENTS, layout=LAYOUT, form=st.sampled_from(BOOKS))
@settings(SETTINGS, max_examples=25)
def test_a_ledger_in_any_workbook_comes_back(
    payments: list[tuple[date, str, int]], layout: dict[str, object], form: str
) -> None:
    _comes_back(payments, layout, form)


@given(days=st.lists(DAYS, min_size=1, max_size=40), form=st.sampled_from(DATE_FORMS))
@SETTINGS
def test_dates_come_back_where_a_day_above_twelve_settles_the_order(days: list[date], form: str) -> None:
    days = [*days, date(2016, 5, 25), date(2017, 6, 26)]
    rows = [["Date", "Supplier", "Amount"], *([d.strftime(form), "Alder Ltd", f"{i}.25"] for i, d in enumerate(days))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(csv_text(rows), "utf-8")
        assert read_ledger([path]).payments["payment_date"].to_list() == days


@given(pence=st.integers(-(10**13), 10**13), form=st.sampled_from(sorted(AMOUNT_FORMS)))
@settings(max_examples=300, deadline=None)
def test_an_amount_in_any_form_comes_back(pence: int, form: str) -> None:
    text = AMOUNT_FORMS[form](pence)
    if text:
        assert parse_amount(text) == (pence, None)


@given(cells=st.lists(st.one_of(st.none(), st.text("0123456789.,-()£ CRe", max_size=12)), max_size=30))
@settings(max_examples=300, deadline=None)
def test_a_column_of_amounts_is_read_as_each_cell_alone(cells: list[str | None]) -> None:
    alone = [None if c is None else parse_amount(c)[0] for c in cells]
    assert parse_amounts(pl.Series(cells, dtype=pl.String)).to_list() == alone


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "Total", "Grand total", "Date", "Supplier", "Amount", "Alder Ltd", "14/05/2016", "-", "£0.00"]
    ),
    st.text("0123456789.,-()£", max_size=9),
    st.text(max_size=6),
)


@given(table=st.lists(st.lists(CELLS, max_size=6), max_size=25), top=st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_every_row_and_penny_is_accounted_for(table: list[list[str]], top: int) -> None:
    rows = [*table[:top], ["Date", "Supplier", "Amount"], *table[top:]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(csv_text(rows), "utf-8", errors="replace")
        try:
            read = read_ledger([path])
        except LedgerError as error:
            assert "\n" not in str(error)  # noqa: PT017 - a refusal is as good an answer, in one line
            return
    for file in read.account["files"]:
        counts = file["rows"]
        parts = counts["payments"] + counts["control_totals"] + counts["blank"] + counts["rejected"]
        assert counts["read"] == parts
    assert read.account["rows"]["payments"] == read.payments.height
    assert read.account["rows"]["rejected"] == read.rejects.height
    assert read.account["amount_pence"]["payments"] == read.payments["amount_pence"].sum()
    assert read.account["amount_pence"]["control_totals"] == read.control_totals["amount_pence"].sum()
    numbers = pl.concat([read.payments["file_row"], read.rejects["file_row"], read.control_totals["file_row"]])
    assert numbers.n_unique() == len(numbers)
    assert read.payments["payment_id"].n_unique() == read.payments.height
