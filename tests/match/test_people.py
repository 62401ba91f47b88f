"""People paid in their own name without a title: taken for people only where the register has nothing."""

import polars as pl
import pytest
from companies_house_file import write

from cwb.match import match_suppliers
from cwb.match.types import like_a_person
from cwb.register import build_register, open_register
from cwb.schema import SUPPLIERS, conform


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("SIAN QUENBY", True), ("Mary-Jane O'Quenby", True), ("Susan J. Quenby", True), ("GARETH WYN QUENBY", True),
        ("QUENBY SIAN", False), ("SIAN", False), ("SIAN WYN ELIN QUENBY", False), ("SIAN QUENBY JOINERY", False),
        ("SIAN QUENBY & SONS", False), ("SIAN QUENBY LTD", False), ("SIAN QUENBY 7", False), ("DAVID HOUSE", False),
        ("JAMES STREET", False), (None, False), ("", False),
    ],
)  # fmt: skip
def test_like_a_person(printed, expected):
    assert like_a_person(pl.Series([printed], dtype=pl.String)).to_list() == [expected]


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    folder = tmp_path_factory.mktemp("register")
    names = ["TREVOR HALVERGATE LIMITED", *(f"{a} {b} LIMITED" for a in ("CEDAR", "SUMMIT") for b in ("CARE", "GAS"))]
    rows = [{"CompanyName": name, "CompanyNumber": f"{n:08d}"} for n, name in enumerate(names, 1)]
    build_register([write(folder / "companies.csv", *rows)], folder / "index")
    return open_register(folder / "index")


@pytest.mark.parametrize(
    ("printed", "outcome", "kind"),
    [
        ("TREVOR HALVERGATE", "matched", "company"),
        ("TREVOR HALVERGATE LTD", "matched", "company"),
        ("SIAN QUENBY", "unmatched", "individual"),
        ("SIAN QUENBY CATERING", "unmatched", "unknown"),
    ],
)
def test_a_company_that_bears_its_owners_name_is_matched_first(register, printed, outcome, kind):
    frame = pl.DataFrame({"supplier_id": ["s"], "supplier_name": [printed]})
    frame = frame.with_columns(is_redacted=pl.lit(False), payments=1, amount_pence=100)
    link = match_suppliers(conform(frame, SUPPLIERS), register).row(0, named=True)
    assert (link["outcome"], link["supplier_type"]) == (outcome, kind)


def test_few_real_companies_read_as_people(shared_data):
    """Of the real names of organisations that auditors labelled, one in a thousand at most."""
    held = pl.read_csv(shared_data / "matching" / "suppliers_labelled_dev.csv", infer_schema=False)
    printed = held["supplier_name"].drop_nulls().unique()
    assert like_a_person(printed).mean() <= 0.001
