"""Charity, mutual, school and NHS registers in their publishers' layouts, beside Companies House's."""

import polars as pl
import pytest
from companies_house_file import write

from cwb.errors import RegisterError
from cwb.match import match_table
from cwb.register import build_register, open_register
from cwb.register.layouts import LAYOUTS

COMPANY = {"CompanyName": "HARBOUR LIGHTS TRUST", "CompanyNumber": "00000042", "CompanyCategory": "PRI/LTD BY GUAR/NSC"}
CIO = {
    "CompanyName": "QUENBY CARERS", "CompanyNumber": "CE000007",
    "CompanyCategory": "Charitable Incorporated Organisation",
}  # fmt: skip


def charities(*rows: tuple[str, str, str]) -> pl.DataFrame:
    columns = LAYOUTS[1].columns
    held = [
        {
            **dict.fromkeys(columns, ""), "registered_charity_number": number, "linked_charity_number": "0",
            "charity_name": name, "charity_company_registration_number": company, "charity_registration_status":
            "Registered", "date_of_registration": "1999-02-03", "charity_contact_postcode": "PR1 2AB",
        }
        for number, name, company in rows
    ]  # fmt: skip
    return pl.DataFrame(held)


def build(tmp_path, *sources):
    build_register(list(sources), tmp_path / "index")
    held = open_register(tmp_path / "index")
    return held, held.organisations.filter(~pl.col("org_id").str.starts_with("cwb:"))


def test_a_charitable_company_is_one_organisation_under_both_names(tmp_path):
    charities(
        ("1000001", "Harbour Lights", "42"), ("1000002", "Quenby Carers", ""), ("1000003", "Elm Fund", "")
    ).write_csv(tmp_path / "publicextract.charity.txt", separator="\t")
    held, found = build(tmp_path, write(tmp_path / "ch.csv", COMPANY, CIO), tmp_path / "publicextract.charity.txt")
    assert found.select("org_id", "supplier_type").rows() == [
        ("GB-COH-00000042", "charity"), ("GB-COH-CE000007", "charity"), ("GB-CHC-1000003", "charity"),
    ]  # fmt: skip
    also = held.other_names.filter(pl.col("kind") == "also")
    assert "HARBOUR LIGHTS" in also["name"].to_list()
    asked = pl.DataFrame({"supplier": ["Harbour Lights", "The Elm Fund"], "charity_number": ["1000001", "1000003"]})
    links = match_table(asked, held)
    assert links["org_id"].to_list() == ["GB-COH-00000042", "GB-CHC-1000003"]
    assert links["method"].to_list() == ["charity_number"] * 2
    assert links["supplier_type"].to_list() == ["charity"] * 2


def test_json_extract_reads_as_the_text_one(tmp_path):
    charities(("1000003", "Elm Fund", "")).write_json(tmp_path / "publicextract.charity.json")
    _, found = build(tmp_path, tmp_path / "publicextract.charity.json")
    row = found.to_dicts()[0]
    assert (row["org_id"], row["name"], row["postcode"], str(row["started"])) == (
        "GB-CHC-1000003", "ELM FUND", "PR1 2AB", "1999-02-03",
    )  # fmt: skip


def layout(title: str):
    return next(one for one in LAYOUTS if one.title.startswith(title))


@pytest.mark.parametrize(
    ("title", "row", "expected"),
    [
        (
            "Scottish Charity",
            {"Charity Number": "SC000123", "Charity Name": "Loch Fund", "Known As": "The Loch", "Postcode": "EH1 1AA"},
            ("GB-SC-SC000123", "LOCH FUND", "charity", "EH1 1AA"),
        ),
        (
            "Charity register of Northern",
            {"Reg charity number": "100001", "Sub charity number": "0", "Charity name": "Bann Aid",
             "Public address": "1 Quay, Derry, BT48 6AA"},
            ("GB-NIC-100001", "BANN AID", "charity", "BT48 6AA"),
        ),
        (
            "FCA Mutuals",
            {"Full Registation Number": "1234R", "Society Name": "Quarry Co-operative Limited",
             "Society Address": "Mill Lane, Leeds, LS1 1AA"},
            ("GB-MPR-1234R", "QUARRY CO-OPERATIVE LIMITED", "cooperative", "LS1 1AA"),
        ),
        (
            "Get Information About Schools",
            {"URN": "100000", "EstablishmentName": "Caf\u00e9 Lane Primary", "Postcode": "SE1 1AA",
             "EstablishmentTypeGroup (name)": "Local authority maintained schools"},
            ("GB-EDU-100000", "CAF\u00c9 LANE PRIMARY", "public_body", "SE1 1AA"),
        ),
    ],
)  # fmt: skip
def test_each_layout(tmp_path, title, row, expected):
    columns = layout(title).columns
    text = pl.DataFrame({c: [row.get(c, "")] for c in columns}).write_csv(quote_style="always")
    # Schools are published in the older Windows encoding.
    (tmp_path / "source.csv").write_bytes(text.encode("cp1252"))
    _, found = build(tmp_path, tmp_path / "source.csv")
    assert found.select("org_id", "name", "supplier_type", "postcode").rows() == [expected]


def test_nhs_file_without_a_header(tmp_path):
    row = [
        "RXX",
        "QUENBY HOSPITALS NHS FOUNDATION TRUST",
        "Y56",
        "QWE",
        "1 HIGH STREET",
        "",
        "",
        "QUENBY",
        "",
        "QB1 1AA",
    ]
    row += ["20010401", "", *[""] * 15]
    (tmp_path / "etr.csv").write_text(",".join(f'"{c}"' for c in row) + "\n")
    _, found = build(tmp_path, tmp_path / "etr.csv")
    only = found.to_dicts()[0]
    assert (only["org_id"], only["supplier_type"], str(only["started"])) == ("GB-NHS-RXX", "public_body", "2001-04-01")


def test_a_register_without_its_columns_is_named(tmp_path):
    charities(("1", "A", "")).drop("charity_is_cio").write_csv(tmp_path / "c.csv")
    with pytest.raises(RegisterError, match=r"Charity register of England and Wales .* lacks charity_is_cio"):
        build_register([tmp_path / "c.csv"], tmp_path / "index")
