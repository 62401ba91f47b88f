"""Names of which a supplier prints a part by its initials, or a word by letters that two words have."""

import polars as pl
import pytest
from companies_house_file import write

from cwb.match import match_table
from cwb.register import build_register, open_register

REGISTER = [
    "HALVERGATE AND BROCKDISH YOUTH AND LEISURE TRUST LIMITED",
    "QUILLFEATHER KITCHEN BATHROOM SUPPLIES LIMITED",
    "NORTHERN WATER SPORTS SERVICES LIMITED",
    "PARENTS SUPPORT FOR MERGANSER",
    "WHIMBREL ASSOCIATES LIMITED",
    "DUNLIN ASSOCIATION LIMITED",
]
FILLER = [f"{a} {b} LIMITED" for a in ("NORTHERN", "SUMMIT", "CEDAR", "HARBOUR", "LEEDS") for b in
          ("SERVICES", "BUILDERS", "CARE", "TRAINING", "CATERING", "KITCHEN", "WATER", "SPORTS")]  # fmt: skip


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acronyms")
    rows = [{"CompanyName": name, "CompanyNumber": f"{n:08d}", "CompanyStatus": "Active"}
            for n, name in enumerate(REGISTER + FILLER)]  # fmt: skip
    build_register([write(folder / "companies.csv", *rows)], folder / "index")
    return open_register(folder / "index")


@pytest.mark.parametrize(
    ("printed", "named"),
    [
        ("HALVERGATE & BROCKDISH YLT", 0),
        ("QUILLFEATHER KBS LTD", 1),
        ("PSF Merganser", 3),
    ],
)
def test_a_word_that_is_the_initials_of_the_words_in_its_stead_finds_the_name(register, printed, named):
    link = one(register, printed)
    assert (link["outcome"], link["name"]) == ("matched", REGISTER[named])


@pytest.mark.parametrize(("printed", "named"), [("WHIMBREL ASSOC LTD", 4), ("DUNLIN ASSOC. LTD", 5)])
def test_assoc_is_associates_or_an_association(register, printed, named):
    link = one(register, printed)
    assert (link["outcome"], link["name"]) == ("matched", REGISTER[named])


@pytest.mark.parametrize(
    "printed",
    [
        "NWS SERVICES LTD",  # what is left is no name
        "QUILLFEATHER KBC LTD",
        "FSP MERGANSER",
        "HALVERGATE YLT",
    ],
)
def test_other_initials_or_too_little_beside_them_do_not(register, printed):
    assert one(register, printed)["outcome"] != "matched"


def one(register, printed):
    return match_table(pl.DataFrame({"supplier": [printed]}), register).to_dicts()[0]
