"""Registers in their publishers' layouts: what is read, what is refused, and that nothing is left behind."""

import json
import zipfile

import polars as pl
import pytest
from companies_house_file import companies, write

from cwb.errors import RegisterError
from cwb.places import locate
from cwb.register import build_register, open_register, register_info

ALPHA = {
    "CompanyName": "ALPHA JOINERY LIMITED", "CompanyNumber": "01234567", "RegAddress.PostCode": "PR1 2AB",
    "CompanyCategory": "Private Limited Company", "CompanyStatus": "Active", "IncorporationDate": "03/04/2001",
    "SICCode.SicText_1": "1629 - Manufacture of other wood products", "PreviousName_1.CONDATE": "05/06/2007",
    "PreviousName_1.CompanyName": "BETA CARPENTRY LIMITED",
}  # fmt: skip
GAMMA = {
    "CompanyName": "GAMMA\nCARE C.I.C.",
    "CompanyNumber": "SC000001",
    "CompanyCategory": "Community Interest Company",
}


def test_reads_the_official_layout(tmp_path):
    build_register([write(tmp_path / "a.csv", ALPHA, GAMMA)], tmp_path / "index")
    held = open_register(tmp_path / "index")
    first, second = held.organisations.filter(pl.col("supplier_type") != "public_body").to_dicts()
    assert first["org_id"] == "GB-COH-01234567"
    assert first["sic_code"] == "01629"
    assert str(first["started"]) == "2001-04-03"
    assert second["name"] == "GAMMA CARE C.I.C."
    assert second["supplier_type"] == "cic"
    assert second["postcode"] is None
    given_up = held.other_names.filter(pl.col("kind") == "previous")
    assert given_up["name"].to_list() == ["BETA CARPENTRY LIMITED"]
    assert str(given_up["until"][0]) == "2007-06-05"


def test_zip_and_parts_make_one_index(tmp_path):
    part = write(tmp_path / "part1.csv", ALPHA)
    with zipfile.ZipFile(tmp_path / "part2.zip", "w") as archive:
        archive.write(write(tmp_path / "part2.csv", GAMMA), "BasicCompanyData-part2.csv")
    info = build_register([part, tmp_path / "part2.zip"], tmp_path / "index")
    assert (info.by_type["company"], info.by_type["cic"]) == (1, 1)
    said = register_info(tmp_path / "index")
    json.dumps(said)
    *files, listed = said["sources"]
    assert [s["organisations"] for s in files] == [1, 1]
    assert all(len(s["sha256"]) == 64 for s in files)
    assert info.organisations == 2 + listed["organisations"]


def test_an_address_that_many_share_is_no_evidence(tmp_path):
    many = [{**ALPHA, "CompanyNumber": f"{n:08d}", "RegAddress.PostCode": "CF14 8LH"} for n in range(1000)]
    build_register([write(tmp_path / "a.csv", ALPHA, *many)], tmp_path / "index")
    held = open_register(tmp_path / "index").organisations
    usable = held.filter(pl.col("org_id").str.starts_with("GB-COH-") & pl.col("address_is_evidence"))
    assert usable["postcode"].to_list() == ["PR1 2AB"]


def _png(path):
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


def _short(path):
    whole = write(path, ALPHA, GAMMA).read_text()
    path.write_text(whole[: len(whole) - 90])


def _number(path):
    write(path, {**ALPHA, "CompanyNumber": "12"})


def _column(path):
    companies([ALPHA]).drop("URI").write_csv(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: None, "no such file"),
        (lambda p: p.write_text(""), "not a CSV file"),
        (lambda p: p.write_text("Supplier,Amount\nA,1\n"), "not a register cwb knows"),
        (_png, "not a"),
        (_short, "damaged or cut short"),
        (_number, "'12' is not a company number"),
        (_column, "lacks URI"),
        (lambda p: companies([ALPHA]).clear().write_csv(p), "no organisations"),
    ],
)
def test_refuses_in_one_line_and_leaves_nothing(tmp_path, make, said):
    source = tmp_path / "in" / "source.csv"
    source.parent.mkdir()
    if make(source) is None and not source.exists():
        pass
    with pytest.raises(RegisterError) as error:
        build_register([source], tmp_path / "index")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]


def test_a_failed_build_leaves_the_earlier_index(tmp_path):
    build_register([write(tmp_path / "a.csv", ALPHA)], tmp_path / "index")
    with pytest.raises(RegisterError, match="twice"):
        build_register([tmp_path / "a.csv", tmp_path / "a.csv"], tmp_path / "index")
    assert open_register(tmp_path / "index").info.by_type["company"] == 1


def test_opening_what_is_not_an_index(tmp_path):
    with pytest.raises(RegisterError, match="not a register index"):
        open_register(tmp_path / "nowhere")
    with pytest.raises(RegisterError, match="not a register index"):
        register_info(tmp_path)
    build_register([write(tmp_path / "a.csv", ALPHA)], tmp_path / "index")
    (tmp_path / "index" / "run_on.npy").write_bytes(b"")
    with pytest.raises(RegisterError, match="missing or damaged"):
        open_register(tmp_path / "index")


def test_a_university_and_the_row_companies_house_has_of_it_are_one(tmp_path):
    guarantee = {
        "CompanyName": "UNIVERSITY OF GREENWICH",
        "CompanyNumber": "00986729",
        "RegAddress.PostCode": "SE10 9LS",
    }
    chartered = {
        "CompanyName": "THE UNIVERSITY OF BRISTOL",
        "CompanyNumber": "RC000648",
        "RegAddress.PostCode": "BS8 1QU",
    }
    private = {"CompanyName": "UNIVERSITY OF LEEDS LIMITED", "CompanyNumber": "00000009"}
    build_register([write(tmp_path / "companies.csv", guarantee, chartered, private)], tmp_path / "index")
    held = open_register(tmp_path / "index").organisations
    found = {
        row["org_id"]: (row["postcode"], row["supplier_type"])
        for row in held.filter(pl.col("name").str.to_uppercase().str.contains("GREENWICH|BRISTOL|OF LEEDS"))
        .filter(pl.col("name").str.to_uppercase().str.contains("UNIVERSITY"))
        .to_dicts()
    }
    assert found["GB-COH-00986729"] == ("SE10 9LS", "public_body")
    assert found["cwb:university-of-bristol"] == ("BS8 1QU", "public_body")
    assert found["GB-COH-00000009"][1] == "company"
    assert found["cwb:university-of-leeds"] == (None, "public_body")
    assert "cwb:university-of-greenwich" not in found
    assert "GB-COH-RC000648" not in found


def test_an_nhs_trust_is_at_its_head_office_under_each_name_it_has_had(tmp_path):
    build_register(
        [write(tmp_path / "companies.csv", {"CompanyName": "A LIMITED", "CompanyNumber": "00000001"})],
        tmp_path / "index",
    )
    held = open_register(tmp_path / "index").organisations
    offices = dict(held.select("name", "postcode").iter_rows())
    assert offices["Lancashire Teaching Hospitals NHS Foundation Trust"] == "PR2 9HT"
    assert offices["The Christie NHS Foundation Trust"] == "M20 4BX"
    assert offices["Salford Royal NHS Foundation Trust"] == offices["Northern Care Alliance NHS Foundation Trust"]
    assert offices["NHS Blood and Transplant"] is None
    assert locate(held["postcode"].drop_nulls())["lad_code"].null_count() == 0
