"""Town, trade, nearness and size: small hints between like names, never enough alone; and what explains a link."""

import json
import math

import polars as pl
import pytest
from companies_house_file import write

from cwb import lookups
from cwb.match import explain, in_words, match_suppliers
from cwb.match.hints import HINTS, hints
from cwb.register import build_register, open_register
from cwb.schema import SUPPLIERS, conform

PAIR = {
    "text": "ORBIT JOINERY", "category": None, "amount_pence": 100, "compared": "ORBIT JOINERY LTD", "town": None,
    "sic_code": None, "accounts_category": None, "postcode": None, "address_is_evidence": True,
}  # fmt: skip
TYPES = dict.fromkeys(PAIR, pl.String) | {"amount_pence": pl.Int64, "address_is_evidence": pl.Boolean}


def given(near=(), **evidence) -> set[str]:
    pair = pl.DataFrame([PAIR | evidence], schema=TYPES)
    return {name for name, value in hints(pair, near).row(0, named=True).items() if value}


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ({}, set()),
        ({"text": "ORBIT JOINERY, PRESTON", "town": "PRESTON"}, {"town_same"}),
        ({"text": "ORBIT JOINERY PRESTONPANS", "town": "PRESTON"}, set()),
        ({"text": "PRESTON ORBIT", "compared": "PRESTON ORBIT LTD", "town": "PRESTON"}, set()),
        ({"text": "ORBIT BURY", "town": "BURY"}, set()),  # a word of many meanings
        ({"category": "Building Maintenance", "sic_code": "43320"}, {"sector_same"}),
        ({"category": "Legal fees", "sic_code": "43320"}, {"sector_other"}),
        ({"category": "Sundry", "sic_code": "43320"}, set()),
        ({"category": "Legal fees", "sic_code": "82990"}, set()),  # "other business support": says nothing
        ({"category": "Legal fees"}, set()),
        ({"postcode": "PR1 2AB", "near": ("PR", "BB")}, {"near_buyer"}),
        ({"postcode": "PR1 2AB", "near": ("P",)}, set()),
        ({"postcode": "PR1 2AB", "near": ("PR",), "address_is_evidence": False}, set()),
        ({"accounts_category": "DORMANT"}, {"dormant"}),
        ({"accounts_category": "MICRO ENTITY", "amount_pence": 10_000_000_00}, {"too_small"}),
        ({"accounts_category": "MICRO ENTITY", "amount_pence": 10_000_00}, set()),
        ({"accounts_category": "GROUP", "amount_pence": 10_000_000_00}, {"size_fits"}),
    ],
)
def test_hints(evidence, expected):
    assert given(**evidence) == expected


def test_all_hints_together_stay_below_a_shared_name():
    weights = dict(lookups.table("match/weights").select("feature", "weight").iter_rows())
    best = sum(max(weights[h], 0) for h in HINTS)
    assert weights["constant"] + best < math.log(lookups.number("match.review"))
    assert set(lookups.table("match/weights").filter(pl.col("feature").is_in(list(HINTS)))["sign"]) == {"="}


COMPANIES = [
    {"CompanyName": "QUILLFEATHER CARE LIMITED", "CompanyNumber": "00000001", "RegAddress.PostCode": "PR1 2AB",
     "SICCode.SicText_1": "87100 - Residential nursing", "RegAddress.PostTown": "PRESTON"},
    {"CompanyName": "QUILLFEATHER CARE LTD.", "CompanyNumber": "00000002", "RegAddress.PostCode": "EX1 2AB",
     "SICCode.SicText_1": "43320 - Joinery", "RegAddress.PostTown": "EXETER", "Accounts.AccountCategory": "DORMANT"},
    {"CompanyName": "HALVERGATE CATERING SUPPLIES LIMITED", "CompanyNumber": "00000003",
     "RegAddress.PostCode": "PR1 2AB", "SICCode.SicText_1": "56290 - Catering", "RegAddress.PostTown": "PRESTON"},
] + [
    {"CompanyName": f"{a} {b} LIMITED", "CompanyNumber": f"1{n:07d}"}
    for n, (a, b) in enumerate(
        (a, b) for a in ("NORTHERN", "SUMMIT", "CEDAR", "HARBOUR", "PREMIER", "GOLDEN", "LEEDS", "WESTON", "ORBIT")
        for b in ("CARE", "JOINERY", "SERVICES", "NURSING", "CATERING", "CENTRE", "HOSPICE", "GROUP", "SUPPLIES")
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    folder = tmp_path_factory.mktemp("register")
    build_register([write(folder / "companies.csv", *COMPANIES)], folder / "index")
    return open_register(folder / "index")


def link(register, name: str, near=(), payers=None, **columns) -> dict:
    frame = pl.DataFrame({"supplier_id": ["s"], "supplier_name": [name]}).with_columns(
        is_redacted=pl.lit(False), payments=1, amount_pence=pl.lit(columns.pop("amount_pence", 100)),
        **{k: pl.lit(v) for k, v in columns.items()},
    )  # fmt: skip
    return match_suppliers(conform(frame, SUPPLIERS), register, near=near, payers=payers).row(0, named=True)


def test_hints_tell_two_of_one_name_apart(register):
    assert link(register, "QUILLFEATHER CARE LTD")["outcome"] == "review"
    told = link(register, "QUILLFEATHER CARE LTD", category="Residential care", near=["PR"])
    assert (told["outcome"], told["org_id"]) == ("matched", "GB-COH-00000001")
    other = link(register, "QUILLFEATHER CARE LTD", category="Joinery repairs", near=["EX"])
    assert other["org_id"] == "GB-COH-00000002"


def test_hints_never_accept_a_weak_name(register):
    for name in ("HALVERGATE PRESTON", "CATERING SUPPLIES PRESTON"):
        told = link(register, name, category="Catering", near=["PR"])
        assert told["outcome"] != "matched"
        assert told["score"] != link(register, name)["score"]  # they do say something


@pytest.mark.parametrize("name", ["QUILLFEATHER CARE LTD", "HALVERGATE CATERING", "HALVERGATE CATERNG SUPPLIES LTD"])
def test_the_steps_add_up_to_the_probability(register, name):
    told = link(register, name, category="Catering", near=["PR"])
    held = json.loads(told["evidence"])
    listed = held["candidates"]
    sums = [sum(points for _, points in explain(told["evidence"], candidate=n)) for n in range(min(2, len(listed)))]
    first = listed[0]["probability"]
    odds = math.exp(sums[0])
    if len(listed) <= 2:
        assert first == pytest.approx(odds / (1 + sum(map(math.exp, sums))), abs=0.02)
    else:
        assert first <= odds / (1 + sum(map(math.exp, sums))) + 0.02
    assert explain(told["evidence"])[0][0] == "before any evidence"


def test_a_paragraph_says_why_this_one_and_why_not_the_next(register):
    said = in_words(link(register, "QUILLFEATHER CARE LTD", category="Residential care", near=["PR"])["evidence"])
    assert "GB-COH-00000001" in said
    assert "its trade is one that sells what was bought" in said
    assert "The next is QUILLFEATHER CARE LTD. (GB-COH-00000002)" in said
    assert "its latest accounts say that it does not trade" in said


def test_nothing_to_explain():
    assert explain(None) == []
    assert "shares enough" in in_words("{}")


@pytest.mark.parametrize(
    ("name", "payers", "kind"),
    [
        ("Preston City Council", ["Preston Council"], "internal"),
        ("PRESTON CITY COUNCIL - HOUSING", ["Preston City Council"], "internal"),
        ("PRESTON CITY COUNCIL", ["Lancashire County Council"], "public_body"),
        ("PRESTON CITY COUNCIL", ["Preston City Council", "Lancashire County Council"], "public_body"),
        ("QUILLFEATHER CARE LTD", ["Quillfeather Housing"], "company"),
        ("QUILLFEATHER HOUSING", ["Quillfeather Housing"], "internal"),
    ],
)
def test_a_body_that_pays_itself_is_internal(register, name, payers, kind):
    frame = pl.DataFrame({"supplier_id": ["s"] * len(payers), "institution": payers})
    told = link(register, name, payers=frame)
    assert told["supplier_type"] == kind
    assert kind != "internal" or told["outcome"] == "unmatched"
