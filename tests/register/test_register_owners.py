"""Owners from the snapshot of people with significant control: companies only, up the chain, and no person."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cwb.errors import CwbError
from cwb.pipeline import write_owners
from cwb.register.owners import read_owners

CORPORATE, PERSON = ("corporate-entity-person-with-significant-control", "individual-person-with-significant-control")


def line(company: str, name: str, number: str | None, **more: Any) -> str:
    data = {
        "kind": more.get("kind", CORPORATE), "name": name,
        "natures_of_control": [more.get("nature", "ownership-of-shares-75-to-100-percent")],
        "address": {"postal_code": more.get("postcode", "PR1 2RL"), "country": "England"},
        "identification": {"registration_number": number, "country_registered": more.get("country", "England & Wales")},
        "etag": "x",
    }  # fmt: skip
    if "ceased" in more:
        data["ceased_on"] = more["ceased"]
    return json.dumps({"company_number": company, "data": data})


LINES = [
    line("00000001", "MIDDLE LIMITED", "2", postcode="SW1A 0AA"),
    line("00000002", "TOP PLC", "SC000003", postcode="EH1 1YZ", country="Scotland"),
    line("00000004", "FORMER LTD", "00000005", ceased="2020-01-01"),
    line("00000006", "Jo Bloggs", None, kind=PERSON),
    line("00000007", "A QUARTER LTD", "00000008", nature="ownership-of-shares-25-to-50-percent"),
    line("00000009", "FAR HOLDING BV", "12345678", country="Netherlands", postcode=None),
    line("00000010", "RING LTD", "00000011"),
    line("00000011", "OTHER RING LTD", "00000010"),
    line("00000012", "NOWHERE LTD", "00000013", postcode="XX9 9XX"),
]


def snapshot(path: Path) -> Path:
    with zipfile.ZipFile(path / "psc.zip", "w") as held:
        held.writestr("psc.txt", "\n".join(LINES) + "\n")
    return path / "psc.zip"


def test_the_last_of_the_chain_owns_and_no_person_is_read(tmp_path: Path) -> None:
    owners = {row["org_id"]: row for row in read_owners([snapshot(tmp_path)]).iter_rows(named=True)}
    assert owners["GB-COH-00000001"]["parent_id"] == "GB-COH-SC000003"  # by way of Middle Limited
    assert owners["GB-COH-00000002"]["parent_name"] == "TOP PLC"
    assert owners["GB-COH-00000009"]["parent_id"] == "FAR HOLDING BV 12345678"  # a Dutch number is none of ours
    assert owners["GB-COH-00000010"]["parent_id"] == "GB-COH-00000011"
    assert not {"GB-COH-00000004", "GB-COH-00000006", "GB-COH-00000007"} & set(owners)


def test_owners_csv_places_owners_and_leaves_out_what_it_cannot(tmp_path: Path) -> None:
    text = tmp_path / "psc.txt"
    text.write_text("\n".join(LINES), "utf-8")  # no line end at the last
    made, left = write_owners([text], tmp_path / "owners.csv")
    told = pl.read_csv(tmp_path / "owners.csv", infer_schema=False)
    assert (made, left) == (told.height, 1)
    code = dict(told.select("org_id", "parent_lad_code").iter_rows())
    assert code["GB-COH-00000001"] == "S12000036"  # Edinburgh
    assert code["GB-COH-00000009"] is None  # abroad
    assert "Bloggs" not in (tmp_path / "owners.csv").read_text("utf-8")


@pytest.mark.parametrize(("text", "says"), [("", "is empty"), ("a,b\n1,2\n", "is not the snapshot")])
def test_other_files_are_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "other.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(CwbError, match=says) as caught:
        read_owners([path])
    assert "\n" not in str(caught.value)
