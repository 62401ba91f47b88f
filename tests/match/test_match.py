"""Suppliers as printed against a small register: who is matched, who is left to a person, who is never a company."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from companies_house_file import write

from cwb.errors import CwbError
from cwb.match import match_csv, match_suppliers, match_table
from cwb.register import build_register, open_register
from cwb.schema import LINKS, SUPPLIERS, conform

REGISTER = [
    ("00000001", "HALVERGATE JOINERY LIMITED", {"PreviousName_1.CompanyName": "BROADMARSH CARPENTRY LIMITED"}),
    ("00000002", "THE BIG PELICAN COMPANY LIMITED", {}),
    ("00000003", "WESTON NURSING SERVICES LTD", {"RegAddress.PostCode": "PR1 2AB"}),
    ("OC300004", "HALVERGATE JOINERY LLP", {"CompanyCategory": "Limited Liability Partnership"}),
    ("00000005", "QUILLFEATHER & SONS LTD", {"IncorporationDate": "01/02/2020"}),
    ("00000006", "ST. MARGUERITE'S HOSPICE", {}),
    ("00000007", "LEEDS CITY COUNCIL LTD", {}),
    ("00000008", "MARLOWE COMMUNITY INTEREST COMPANY", {"CompanyCategory": "Community Interest Company"}),
    ("00000009", "ORBIT CATERING (6) LIMITED", {}),
    ("00000010", "ORBIT CATERING (8) LIMITED", {}),
    ("00000011", "WILLOW SURGERY LIMITED", {}),
    ("00000012", "PADSTOW PAEDIATRIC CENTRE LIMITED", {}),
    ("00000013", "TANSY LIMITED", {}),
    ("00000014", "LEEDS LIMITED", {}),
    ("00000015", "HARBOUR CHANDLERS AND PROVISIONS LIMITED", {}),
    ("00000016", "J OSPREY ENGINEERING LIMITED", {}),
]  # fmt: skip
FILLER = [(f"1{n:07d}", f"{a} {b} LIMITED", {}) for n, (a, b) in enumerate(
    (a, b) for a in ("NORTHERN", "SUMMIT", "CEDAR", "HARBOUR", "PREMIER", "GOLDEN", "LEEDS", "WESTON", "ORBIT", "CITY")
    for b in ("CARE", "JOINERY", "SERVICES", "NURSING", "COMPANY", "CATERING", "CENTRE", "HOSPICE", "GROUP", "TRADING")
)]  # fmt: skip


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    folder = tmp_path_factory.mktemp("register")
    plain = {"CompanyCategory": "Private Limited Company", "CompanyStatus": "Active"}
    rows = [{"CompanyName": n, "CompanyNumber": i, **plain, **more} for i, n, more in REGISTER + FILLER]
    build_register([write(folder / "companies.csv", *rows)], folder / "index")
    return open_register(folder / "index")


def suppliers(*names: str, **columns: object) -> pl.DataFrame:
    frame = pl.DataFrame({"supplier_name": names, "supplier_id": [f"s{i}" for i in range(len(names))]})
    frame = frame.with_columns(is_redacted=pl.lit(False), payments=1, amount_pence=100)
    return conform(frame.with_columns(**{k: pl.lit(v) for k, v in columns.items()}), SUPPLIERS)


def one(register, name: str, **columns: object) -> dict:
    return match_suppliers(suppliers(name, **columns), register).to_dicts()[0]


@pytest.mark.parametrize(
    ("printed", "number", "method"),
    [
        ("HALVERGATE JOINERY LTD", "00000001", "exact_key"),
        ("Halvergate Joinery L.L.P.", "OC300004", "exact_key"),
        ("BIG PELICAN CO LTD (THE)", "00000002", "exact_key"),
        ("Quillfeather and Sons Limited", "00000005", "exact_key"),
        ("ST MARGUERITES HOSPICE", "00000006", "exact_key"),
        ("St Margu`erite's Hospice", "00000006", "exact_key"),
        ("MARLOWE CIC", "00000008", "exact_key"),
        ("ORBIT CATERING 6 LTD", "00000009", "exact_key"),
        ("BROADMARSH CARPENTRY LTD", "00000001", "previous_name"),
        ("WESTONNURSING SERVICES LTD", "00000003", "exact_key"),
        ("WESTON NURSING SVCS LTD", "00000003", "exact_key"),
        ("QUILLFEATHER & SONS LTD T/A THE CORNER SHOP", "00000005", "exact_key"),
        ("WESTON NURSING SERVICES LTD, NORTHWICH", "00000003", "exact_key"),
        ("WESTON NURSING SERVICES LTD GBP", "00000003", "exact_key"),
        ("WESTON NURSING SERVICES LTD (CIS) (EUR)", "00000003", "exact_key"),
        ("WESTON NURSING SERVICES LTD RE J BLOGGS", "00000003", "exact_key"),
        ("WESTON NURSING SERVICES LTD & ANOTHER", "00000003", "exact_key"),
        ("WESTON NURSING SERVICES C/O A FACTOR", "00000003", "exact_key"),
        ("WESTON NURSING SERVICES LTD C/O HALVERGATE JOINERY LLP", "00000003", "exact_key"),
        ("HALVERGATE JOINERY LLP RE: WESTON NURSING SERVICES LTD", "OC300004", "exact_key"),
        ("*DO NOT USE* WESTON NURSING SERVICES LTD", "00000003", "exact_key"),
        ("QUILLFEATHERANDSONS LTD", "00000005", "exact_key"),
    ],
)
def test_the_right_company(register, printed, number, method):
    link = one(register, printed)
    assert (link["outcome"], link["org_id"], link["method"]) == ("matched", f"GB-COH-{number}", method)
    assert link["score"] >= 0.5
    assert link["margin"] > 0


@pytest.mark.parametrize(
    ("printed", "org_id"),
    [
        ("LEEDS CITY COUNCIL", "cwb:leeds-city-council"),
        ("HMRC", "cwb:hm-revenue-and-customs"),
        ("Guy's & St Thomas NHS FT", "cwb:guy-s-and-st-thomas-nhs-foundation-trust"),
    ],
)
def test_a_public_body_is_itself_and_not_the_company_of_its_name(register, printed, org_id):
    link = one(register, printed)
    assert (link["outcome"], link["supplier_type"], link["org_id"]) == ("matched", "public_body", org_id)


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        ("WILLOW SURGERY", "public_body"),
        ("NHS QUENBY CCG", "public_body"),
        ("MR A HALVERGATE", "individual"),
    ],
)
def test_never_a_company(register, printed, kind):
    link = one(register, printed)
    assert (link["outcome"], link["supplier_type"], link["org_id"]) == ("unmatched", kind, None)


@pytest.mark.parametrize(
    "printed",
    [
        "ORBIT CATERING 7 LTD",
        "247 TANSY LTD",
        "ZYX LTD C/O WESTON NURSING SERVICES LTD",
        "HALVERGATE LIMITED LIABILITY PARTNERSHIP",
        "HALVERGATE JOINERY PLC",
        "HALVERGATE JOINERY",
    ],
)
def test_left_to_a_person(register, printed):
    assert one(register, printed)["outcome"] != "matched"


@pytest.mark.parametrize("printed", ["", "LTD", "THE", "??", "ZZYZX PLUMBING LTD"])
def test_unknown_is_an_answer(register, printed):
    link = one(register, printed)
    assert (link["outcome"], link["org_id"]) == ("unmatched", None)


def test_redacted_is_never_looked_up(register):
    link = one(register, "HALVERGATE JOINERY LIMITED", is_redacted=True)
    assert (link["outcome"], link["supplier_type"]) == ("unmatched", "redacted")


def test_a_company_founded_after_the_payment_is_not_it(register):
    paid = {"first_payment": date(2016, 4, 1), "last_payment": date(2017, 3, 31)}
    assert one(register, "QUILLFEATHER & SONS LTD", **paid)["outcome"] != "matched"
    later = {"first_payment": date(2021, 4, 1), "last_payment": date(2022, 3, 31)}
    assert one(register, "QUILLFEATHER & SONS LTD", **later)["outcome"] == "matched"


def test_the_number_in_the_ledger_decides_and_a_contradiction_goes_to_a_person(register):
    agrees = one(register, "HALVERGATE JOINERY", company_number="1")
    assert (agrees["outcome"], agrees["method"], agrees["org_id"]) == ("matched", "company_number", "GB-COH-00000001")
    against = one(register, "ST MARGUERITES HOSPICE", company_number="00000003")
    assert against["outcome"] == "review"
    assert {c["org_id"] for c in json.loads(against["evidence"])["candidates"]} >= {
        "GB-COH-00000003",
        "GB-COH-00000006",
    }


def test_a_number_that_is_not_on_the_register_leaves_an_equal_name_to_a_person(register):
    assert one(register, "ST MARGUERITES HOSPICE")["outcome"] == "matched"
    assert one(register, "ST MARGUERITES HOSPICE", company_number="09999999")["outcome"] == "review"


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("SERVICES WESTON NURSING", "00000003"),
        ("JOINERY HALVERGATE LTD", "00000001"),
        ("HARBOUR CHANDLERS AND PROV", "00000015"),
        ("HARBOUR CHANDLERS AND PROVISIONS LIM", "00000015"),
    ],
)
def test_words_in_another_order_and_names_that_break_off_are_matched(register, printed, number):
    link = one(register, printed)
    assert (link["outcome"], link["org_id"]) == ("matched", f"GB-COH-{number}")


@pytest.mark.parametrize(
    "printed", ["MERLIN BEARINGS (LEEDS) LTD", "MERLIN BEARINGS LTD - LEEDS", "OSPREY ENGINERING LTD"]
)
def test_a_place_in_brackets_or_another_initial_is_not_the_supplier(register, printed):
    assert one(register, printed)["outcome"] != "matched"


def test_a_slip_of_the_keyboard_in_a_whole_name_still_finds_its_organisation(register):
    link = one(register, "QUILLFETHER & SONS LTD")
    assert (link["outcome"], link["org_id"], link["method"]) == ("matched", "GB-COH-00000005", "fuzzy")


def test_a_slip_in_the_one_telling_word_of_a_part_of_the_name_is_shown_to_a_person(register):
    assert one(register, "QUILFETHER")["outcome"] != "matched"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A register in which every word of the names asked for is common."""
    folder = tmp_path_factory.mktemp("crowd")
    many = [f"{a} {b} {c} LIMITED" for a in ("COMMUNITY", "MISSION", "NORTH") for b in ("SUPPORT", "CARE", "ACTION")
            for c in ("NETWORK", "TRUST", "HUB", "GROUP")]  # fmt: skip
    many += ["SUPPORT COMMUNITY CARE LIMITED", "COMMUNITY SUPPORT NETWORK SOUTHDEAN", "BRACKEN HEALTH",
             "BRACKEN HEALTH PROPERTIES LIMITED", "OVERTON PARTNERS LIMITED", "CAIRN HEALTHCARE LIMITED",
             "NPMS-HHC COMMUNITY INTEREST COMPANY", "LINNET HOUSE FAMILY TRUST", "LINNET HOUSE COURT TRUST LIMITED",
             "SISKIN SOCIAL ENTERPRISE C.I.C.", "DUNLIN SOCIAL ENTERPRISE LTD"]  # fmt: skip
    many.remove("COMMUNITY SUPPORT NETWORK LIMITED")
    rows = [{"CompanyName": n, "CompanyNumber": f"{i:08d}", "CompanyStatus": "Active"} for i, n in enumerate(many)]
    build_register([write(folder / "companies.csv", *rows)], folder / "index")
    return open_register(folder / "index")


@pytest.mark.parametrize(
    ("printed", "named"),
    [
        ("COMMUNITY SUPPORT NETWORK", "COMMUNITY SUPPORT NETWORK SOUTHDEAN"),
        ("COMMUNITY SUPPORT NETWORK SOUTHD", "COMMUNITY SUPPORT NETWORK SOUTHDEAN"),
        ("BRACKEN HEALTH WESTBOROUGH HOSPITAL", "BRACKEN HEALTH"),
        ("NPMSHHC CIC", "NPMS-HHC COMMUNITY INTEREST COMPANY"),
    ],
)
def test_names_that_begin_alike_are_found_however_common_their_words(crowd, printed, named):
    assert json.loads(one(crowd, printed)["evidence"])["candidates"][0]["name"] == named


@pytest.mark.parametrize("printed", ["OVERTON PARTNERS INTERNATIONAL LTD", "CAIRN HEALTHCARE CIC"])
def test_another_company_of_a_group_or_another_legal_person_is_for_a_person(crowd, printed):
    assert one(crowd, printed)["outcome"] != "matched"


def test_a_name_without_a_legal_form_is_sooner_one_that_is_registered_without(crowd):
    evidence = json.loads(one(crowd, "LINNET HOUSE")["evidence"])
    assert [c["name"] for c in evidence["candidates"]][:2] == [
        "LINNET HOUSE FAMILY TRUST",
        "LINNET HOUSE COURT TRUST LIMITED",
    ]
    assert ["same_form" in [step["feature"] for step in told] for told in evidence["points"]] == [True, False]


def test_a_rare_legal_form_in_common_says_more_than_limited(crowd):
    rare, common = one(crowd, "SISKIN CIC"), one(crowd, "DUNLIN LTD")
    assert rare["name"] == "SISKIN SOCIAL ENTERPRISE C.I.C."
    assert rare["score"] > 10 * (common["score"] or 0.0)
    assert common["outcome"] != "matched"


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        ("GREAT ORMOND STREET HOSPITAL", "public_body"),
        ("COVENTRY AND WARWICKSHIRE NHS", "public_body"),
        ("ROYAL BROMPTON AND HAREFIELD HOSPITAL", "public_body"),
        ("COVENTRY AND WARWICKSHIRE LTD", "company"),
        ("ROYAL", "unknown"),
    ],
)
def test_a_listed_public_body_is_known_by_how_its_name_begins(register, printed, kind):
    link = one(register, printed)
    assert link["supplier_type"] == kind
    assert link["outcome"] != "matched" or not link["org_id"].startswith("GB-COH")


def test_a_part_of_the_name_keeps_the_legal_form_that_is_printed(register):
    assert one(register, "HALVERGATE JOINERY PLC T/A QUILLFEATHER & SONS")["outcome"] != "matched"


def test_evidence_says_what_was_compared(register):
    said = json.loads(one(register, "QUILLFETHER & SONS LTD")["evidence"])
    assert said["printed"] == "QUILLFETHER & SONS LTD"
    assert said["compared"] == "QUILLFEATHER & SONS LTD"
    assert 1 <= len(said["candidates"]) <= 5


def test_without_a_register_there_are_types_only():
    links = match_suppliers(suppliers("LEEDS CITY COUNCIL", "HALVERGATE JOINERY LTD"), None)
    assert links["supplier_type"].to_list() == ["public_body", "company"]
    assert set(links["outcome"]) == {"unmatched"}
    assert links.schema == pl.Schema(LINKS.dtypes)


def test_no_suppliers(register):
    assert match_suppliers(SUPPLIERS.empty(), register).height == 0


def test_table_keeps_rows_and_order_and_cannot_run_a_formula(register):
    names = ["MARLOWE CIC", "=HYPERLINK(1)", "MARLOWE CIC", None, "HALVERGATE JOINERY LTD"]
    out = match_table(pl.DataFrame({"Supplier": names, "amount": [1, 2, 3, 4, 5]}), register)
    assert out["supplier"].to_list() == ["MARLOWE CIC", "'=HYPERLINK(1)", "MARLOWE CIC", "", "HALVERGATE JOINERY LTD"]
    assert out["org_id"].to_list()[::2] == ["GB-COH-00000008", "GB-COH-00000008", "GB-COH-00000001"]


def test_csv_without_a_supplier_column(register, tmp_path: Path):
    (tmp_path / "in.csv").write_text("suplier,amount\nA,1\n")
    with pytest.raises(CwbError, match=r"in\.csv: no column 'supplier'.*Did you mean suplier"):
        match_csv(tmp_path / "in.csv", register, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
