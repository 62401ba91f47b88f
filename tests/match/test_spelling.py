"""Words of a ledger that no name on the register has, and the register's words they are a slip of."""

import json

import numpy as np
import polars as pl
import pytest
from companies_house_file import write
from hypothesis import given
from hypothesis import strategies as st

from cwb.match import candidates, match_suppliers
from cwb.match.spelling import slips
from cwb.register import build_register, open_register
from cwb.schema import SUPPLIERS, conform

WORDS = ["KESTREL", "BRAMBLING", "FIELDFARE", "SANDPIPER", "WHITETHROAT", "GOLDCREST", "LETTERPRESS", "OSPREYS"]


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spelling")
    rows = [{"CompanyName": f"{w} {kind} LIMITED", "CompanyNumber": f"{i:07d}{n}", "CompanyStatus": "Active"}
            for i, w in enumerate(WORDS) for n, kind in enumerate(("JOINERY", "CARE", "CATERING"))]  # fmt: skip
    rows.append({"CompanyName": "WHITETHROAT LIMITED", "CompanyNumber": "09999998", "CompanyStatus": "Active"})
    rows.append({"CompanyName": "SHRIKE CARDS LIMITED", "CompanyNumber": "09999999", "CompanyStatus": "Active"})
    build_register([write(folder / "companies.csv", *rows)], folder / "index")
    return open_register(folder / "index")


def near(register, *words: str) -> list[set[str]]:
    questions = candidates.ask(pl.Series(words), register)
    reading, _, word = slips(questions, register, np.ones(len(words), dtype=bool))
    return [set(register.words["word"].gather(word[reading == at])) for at in range(len(words))]


@given(st.data())
def test_every_slip_is_found(register, data):
    word = data.draw(st.sampled_from([w for w in WORDS if not w.endswith("S")]))
    at = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from([c for c in "ABCDEFGHIJKLMNOPQRTUVWXYZ" if c not in word]))  # S may be a plural
    slip = data.draw(st.sampled_from([
        word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at] + word[at:],
    ]))  # fmt: skip
    assert word in near(register, slip)[0] | {slip}


def test_words_that_are_on_the_register_or_far_from_it_are_left_alone(register):
    assert near(register, "KESTREL", "JOINERY", "MAGPIE", "KES", "BRMBL1NG") == [set()] * 5


@pytest.mark.parametrize(
    ("printed", "named"),
    [
        ("BRAMBNING JOINERY LTD", "BRAMBLING JOINERY LIMITED"),
        ("SANPDIPER CARE LTD", "SANDPIPER CARE LIMITED"),
        ("GOLDCRESTT CATERING LTD", "GOLDCREST CATERING LIMITED"),
        ("FIELDFAE CARE", "FIELDFARE CARE LIMITED"),
        ("ESTREL JOINERY LTD", "KESTREL JOINERY LIMITED"),
        ("KESTREL CTERING LTD", "KESTREL CATERING LIMITED"),
        ("WHITETHROATT LTD", "WHITETHROAT LIMITED"),
    ],
)
def test_a_slip_in_the_telling_word_still_finds_its_company(register, printed, named):
    link = match_suppliers(_supplier(printed), register).to_dicts()[0]
    assert (link["name"], link["outcome"], link["method"]) == (named, "matched", "fuzzy")


@pytest.mark.parametrize("printed", ["GOLDCREAT", "KESTREL CARD LTD", "BRAMBNING JOINERY PLC", "WHITEHTROATT LTD"])
def test_a_slip_alone_never_makes_a_match_of_a_bare_word_another_word_or_another_form(register, printed):
    assert match_suppliers(_supplier(printed), register)["outcome"].item() != "matched"


@pytest.mark.parametrize(
    ("printed", "named"),
    [
        ("GOLD CREST CARE CENTRE", "GOLDCREST CARE LIMITED"),
        ("KESTRELJOINERY WORKS", "KESTREL JOINERY LIMITED"),
        ("OSPREYSCARE WORKS", "OSPREYS CARE LIMITED"),
    ],
)
def test_two_words_printed_as_one_and_one_as_two_meet_beside_other_words(register, printed, named):
    evidence = match_suppliers(_supplier(printed), register)["evidence"].item()
    companies = [c["name"] for c in json.loads(evidence)["candidates"] if c["org_id"].startswith("GB-COH")]
    assert companies[0] == named


def _supplier(printed: str) -> pl.DataFrame:
    frame = pl.DataFrame({"supplier_name": [printed], "supplier_id": ["s"]})
    return conform(frame.with_columns(is_redacted=pl.lit(False), payments=1, amount_pence=100), SUPPLIERS)
