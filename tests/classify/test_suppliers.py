"""One supplier is one printed payee."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from banding import payments
from hypothesis import given, settings
from hypothesis import strategies as st

from cwb.suppliers import distinct_suppliers


def _count(*rows: dict[str, Any]) -> int:
    return distinct_suppliers(payments(rows))[0].height


@pytest.mark.parametrize(
    ("one", "other", "suppliers"),
    [
        ({"supplier_name": "Acme Ltd"}, {"supplier_name": " ACME   LTD "}, 1),
        ({"supplier_name": "Acme Ltd"}, {"supplier_name": "Acme Limited"}, 2),  # matching's business, not ours
        ({"company_number": "01234567"}, {"company_number": "1234567"}, 1),  # a spreadsheet lost the zero
        ({"company_number": "01234567"}, {"company_number": "01234568"}, 2),
        ({"company_number": "SC123456"}, {"company_number": None}, 2),
        ({"supplier_postcode": "PR1 2RL"}, {"supplier_postcode": "pr12rl"}, 1),
        ({"supplier_postcode": "PR1 2RL"}, {"supplier_postcode": "BB11 1AA"}, 2),
        ({"supplier_postcode": "n/a"}, {"supplier_postcode": None}, 1),
        ({"vat_number": "GB 123 4567 89"}, {"vat_number": "GB123456789"}, 1),
        ({"charity_number": "1234"}, {"charity_number": "4321"}, 2),
        ({"supplier_name": "REDACTED", "is_redacted": True}, {"supplier_name": "REDACTED"}, 2),
        ({"institution": "A"}, {"institution": "B"}, 1),
        ({"supplier_ref": "1"}, {"supplier_ref": "2"}, 1),
    ],
)
def test_what_makes_two_payments_one_suppliers(one: dict[str, Any], other: dict[str, Any], suppliers: int) -> None:
    assert _count(one, other) == suppliers


def test_a_supplier_is_shown_as_most_of_its_money_prints_it() -> None:
    suppliers, owners = distinct_suppliers(
        payments(
            [
                {
                    "supplier_name": "acme ltd", "supplier_postcode": "pr12rl", "amount_pence": 5_00,
                    "category": "Rent", "payment_date": date(2016, 5, 1), "supplier_ref": "7",
                },
                {
                    "supplier_name": "ACME LTD", "supplier_postcode": "PR1 2RL", "amount_pence": -90_00,
                    "category": "Fees", "payment_date": date(2016, 4, 2), "supplier_ref": "7",
                },
                {"supplier_name": "Other", "amount_pence": 1},
            ]
        )
    )  # fmt: skip
    acme = suppliers.row(0, named=True)
    assert acme == {
        "supplier_id": owners["supplier_id"][0], "supplier_name": "ACME LTD", "supplier_ref": "7",
        "supplier_postcode": "PR1 2RL", "company_number": None, "charity_number": None, "vat_number": None,
        "category": "Fees", "is_redacted": False, "payments": 2, "amount_pence": -85_00,
        "first_payment": date(2016, 4, 2), "last_payment": date(2016, 5, 1),
    }  # fmt: skip
    assert owners["supplier_id"].to_list() == [acme["supplier_id"]] * 2 + [suppliers["supplier_id"][1]]


def test_a_suppliers_own_number_is_kept_only_where_its_payments_agree() -> None:
    suppliers, _ = distinct_suppliers(payments([{"supplier_ref": "1"}, {"supplier_ref": "2"}, {"supplier_ref": None}]))
    assert suppliers["supplier_ref"].to_list() == [None]


def test_the_same_payee_has_the_same_id_in_another_ledger() -> None:
    first, _ = distinct_suppliers(payments([{"supplier_name": "Zeta"}, {"supplier_name": "Acme", "file": "a.csv"}]))
    second, _ = distinct_suppliers(payments([{"supplier_name": "ACME ", "file": "b.csv", "amount_pence": 7}]))
    assert second["supplier_id"][0] == first["supplier_id"][1]


def test_no_payments_give_no_suppliers() -> None:
    suppliers, owners = distinct_suppliers(payments([{}]).clear())
    assert (suppliers.height, owners.height) == (0, 0)


ROW = st.fixed_dictionaries(
    {
        "supplier_name": st.sampled_from(["Acme", "acme ", "Beta Ltd", ""]),
        "supplier_postcode": st.sampled_from([None, "PR1 2RL", "junk"]),
        "company_number": st.sampled_from([None, "", "0123"]),
        "amount_pence": st.integers(-10_000_000, 10_000_000),
        "is_redacted": st.booleans(),
    }
)


@settings(deadline=None, max_examples=60)
@given(st.lists(ROW, min_size=1, max_size=30))
def test_every_payment_has_one_supplier_and_no_penny_is_lost(rows: list[dict[str, Any]]) -> None:
    given_payments = payments(rows)
    suppliers, owners = distinct_suppliers(given_payments)
    assert owners["payment_id"].equals(given_payments["payment_id"])
    assert set(owners["supplier_id"]) == set(suppliers["supplier_id"])
    assert suppliers["supplier_id"].is_unique().all()
    sums = (
        given_payments.with_columns(owners["supplier_id"])
        .group_by("supplier_id")
        .agg(pl.len().cast(pl.Int64).alias("payments"), pl.col("amount_pence").sum())
        .sort("supplier_id")
    )
    assert suppliers.select(sums.columns).sort("supplier_id").equals(sums)
