"""Amounts and dates as ledgers print them: a table of cases each."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from cwb.ledger.amounts import parse_amount, parse_amounts
from cwb.ledger.dates import parse_dates

READ = [
    ("1234.56", 123456),
    ("1,234.56", 123456),
    ("£1,234.56", 123456),
    ("£ 1,234.56 ", 123456),
    ("-1,234.56", -123456),
    ("-£1,234.56", -123456),
    ("£-1,234.56", -123456),
    ("(1,234.56)", -123456),
    ("£(1,234.56)", -123456),
    ("(£1,234.56)", -123456),
    ("1,234.56-", -123456),
    ("1,234.56CR", -123456),
    ("1,234.56 Cr.", -123456),
    ("1,234.56 DR", 123456),
    ("−1,234.56", -123456),  # a true minus sign
    ("– 1,234.56", -123456),  # a dash set for one
    ("1 234.56", 123456),
    ("1\u00a0234.56", 123456),
    ("1'234.56", 123456),
    ("GBP 1,234.56", 123456),
    ("1,234.56 GBP", 123456),
    ("\ufffd1,234.56", 123456),  # a pound sign lost in a wrong encoding
    ("Â£1,234.56", 123456),
    ("?1,234.56", 123456),
    ("-#1,234.56", -123456),
    ("Ł1,234.56", 123456),
    ("'1234.56", 123456),
    ('="1234.56"', 123456),
    ("1428.6399999999999", 142864),
    ("0.005", 1),
    ("-0.005", -1),
    ("2.675", 268),
    ("1.2E+05", 12000000),
    ("1e3", 100000),
    (".5", 50),
    ("5.", 500),
    ("+12", 1200),
    ("-", 0),
    ("£ -   ", 0),
    ("0", 0),
    ("999999999999.99", 99999999999999),
    ("100,000,000", 10000000000),
]
REFUSED = [
    ("1241,32", "thousands or pence"),
    ("1.241,32", "thousands or pence"),
    ("1,2345.67", "odd places"),
    ("12,34,567.00", "odd places"),
    ("€100", "not in pounds"),
    ("100 USD", "not in pounds"),
    ("--5", "not a number"),
    ("-(5)", "more than one minus"),
    ("(5) CR", "more than one minus"),
    ("#REF!", "not a number"),
    ("12#3", "not a number"),
    ("N/A", "not a number"),
    ("12/05/2016", "not a number"),
    ("50%", "not a number"),
    ("4.72E+21", "larger than any payment"),
    ("", "no amount"),
    ("nan", "not a number"),
    ("inf", "not a number"),
]


@pytest.mark.parametrize(("cell", "pence"), READ)
def test_amounts_that_are_read(cell: str, pence: int) -> None:
    assert parse_amounts(pl.Series([cell, "1", None])).to_list() == [pence, 100, None]


@pytest.mark.parametrize(("cell", "why"), REFUSED)
def test_amounts_that_are_refused_with_a_reason(cell: str, why: str) -> None:
    pence, reason = parse_amount(cell)
    assert pence is None
    assert why in str(reason)
    assert parse_amounts(pl.Series([cell])).to_list() == [None]


ONE_DATE = [
    ("14/06/2012", date(2012, 6, 14)),
    ("14/06/12", date(2012, 6, 14)),
    ("14-06-2012", date(2012, 6, 14)),
    ("14.06.2012", date(2012, 6, 14)),
    ("2012-06-14", date(2012, 6, 14)),
    ("2012-06-14T00:00:00", date(2012, 6, 14)),
    ("2012-06-14 13:45:00", date(2012, 6, 14)),
    ("14/06/2012 00:00", date(2012, 6, 14)),
    ("14-Jun-12", date(2012, 6, 14)),
    ("14-JUN-2012", date(2012, 6, 14)),
    ("14/Jun/2012", date(2012, 6, 14)),
    ("14th Jun 2012", date(2012, 6, 14)),
    ("14 June 2012", date(2012, 6, 14)),
    ("Thursday, 14th June 2012", date(2012, 6, 14)),
    ("June 14, 2012", date(2012, 6, 14)),
    ("20120614", date(2012, 6, 14)),
    ("14062012", date(2012, 6, 14)),
    ("Jun 14 2012 12:00AM", date(2012, 6, 14)),
    ("06/2012", date(2012, 6, 1)),
    ("41074", date(2012, 6, 14)),
    ("41074.0", date(2012, 6, 14)),
    ("Jun-12", date(2012, 6, 1)),
    ("June 2012", date(2012, 6, 1)),
    ("201206", date(2012, 6, 1)),
    ("1/4/99", date(1999, 4, 1)),
]


@pytest.mark.parametrize(("cell", "day"), ONE_DATE)
def test_forms_of_dates(cell: str, day: date) -> None:
    assert parse_dates(pl.Series([cell])).values.to_list() == [day]


@pytest.mark.parametrize(
    "cell", ["0024-05-01", "31/02/2016", "2016-13-45", "01/01/1899", "7/7/2201", "soon", "12/2016/05/04"]
)
def test_impossible_dates_are_refused(cell: str) -> None:
    parsed = parse_dates(pl.Series([cell, "14/06/2012"]))
    assert parsed.values.to_list() == [None, date(2012, 6, 14)]
    assert parsed.refused == (cell,)


def test_month_first_is_decided_for_the_whole_column_and_said() -> None:
    parsed = parse_dates(pl.Series(["7/31/2020", "07/01/2020", "7/2/2020"]))
    assert parsed.values.to_list() == [date(2020, 7, 31), date(2020, 7, 1), date(2020, 7, 2)]
    assert parsed.order == "month-first"
    assert "month-first" in parsed.notes[0]


def test_month_first_shows_by_one_month_of_many_days() -> None:
    cells = [f"07/{day:02d}/2020" for day in range(1, 13)]
    parsed = parse_dates(pl.Series(cells))
    assert {d.month for d in parsed.values} == {7}
    assert "check" in parsed.notes[0]


def test_day_first_is_the_default_and_doubt_is_said() -> None:
    parsed = parse_dates(pl.Series(["04/05/2016", "05/06/2016"]))
    assert parsed.values.to_list() == [date(2016, 5, 4), date(2016, 6, 5)]
    assert "check" in parsed.notes[0]


def test_no_doubt_where_only_day_first_keeps_to_one_month() -> None:
    parsed = parse_dates(pl.Series(["04/05/2016", "05/05/2016", "06/05/2016", "09/05/2016"]))
    assert {d.month for d in parsed.values} == {5}
    assert parsed.notes == ()


def test_no_doubt_is_said_where_a_day_is_above_twelve() -> None:
    assert parse_dates(pl.Series(["04/05/2016", "25/05/2016"])).notes == ()


def test_dates_a_spreadsheet_has_turned_round_are_turned_back() -> None:
    cells = ["2010-01-06T00:00:00", "2010-08-06T00:00:00", "6/25/2010", "6/14/2010"]
    parsed = parse_dates(pl.Series(cells))
    assert parsed.values.to_list() == [date(2010, 6, 1), date(2010, 6, 8), date(2010, 6, 25), date(2010, 6, 14)]
    assert any("exchanged back" in note for note in parsed.notes)


def test_true_dates_beside_day_first_text_stay_as_they_are() -> None:
    parsed = parse_dates(pl.Series(["2010-06-01", "2010-06-08", "25/06/2010", "14/06/2010"]))
    assert {d.month for d in parsed.values} == {6}


def test_serial_numbers_of_old_macintosh_workbooks_count_from_1904() -> None:
    # 14 June 2012 is 41074 days after 30 December 1899 and 39612 days after 1 January 1904.
    assert parse_dates(pl.Series(["39612"]), epoch_1904=True).values.to_list() == [date(2012, 6, 14)]


def test_the_financial_year_turns_on_the_first_of_april() -> None:
    assert parse_dates(pl.Series(["31/03/2017", "01/04/2017", "31/12/1999"])).years.to_list() == [
        "2016-17",
        "2017-18",
        "1999-00",
    ]
