"""Words of a ledger that no name on the register has, and the register's words they are a slip of."""

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
    rows.append({"CompanyName": "SHRIKE CARDS LIMITED", "CompanyNumber": "09999999", "CompanyStatus": "Active"})
    build_register([write(folder / "companies.csv", *rows)], folder / "index")
    return open_register(folder / "index")


def near(register, *words: str) -> list[set[str]]:
    questions = candidates.ask(pl.Series(words), register)
    reading, skeleton = slips(questions, register, np.ones(len(words), dtype=bool))
    held = register.skeletons["skeleton"].to_list()
    return [{held[s] for s in skeleton[reading == at]} for at in range(len(words))]


def skeleton_of(register, word: str) -> str:
    number = register.words.filter(pl.col("word") == word)["skeleton"].item()
    return register.skeletons["skeleton"][number]


@given(st.data())
def test_every_slip_after_the_first_letter_is_found(register, data):
    word = data.draw(st.sampled_from([w for w in WORDS if not w.endswith("S")]))
    at = data.draw(st.integers(1, len(word) - 2))
    letter = data.draw(st.sampled_from("BCDFGJKLMNPQRTVXZ"))  # a vowel or S may make the same consonants or a plural
    slip = data.draw(st.sampled_from([
        word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ]))  # fmt: skip
    questions = candidates.ask(pl.Series([slip]), register)
    same = register.skeletons["skeleton"].gather(questions.skeleton[questions.skeleton >= 0]).to_list()
    assert skeleton_of(register, word) in near(register, slip)[0] | set(same)


def test_words_that_are_on_the_register_or_far_from_it_are_left_alone(register):
    assert near(register, "KESTREL", "JOINERY", "MAGPIE", "KES", "BRMBL1NG") == [set()] * 5


@pytest.mark.parametrize(
    ("printed", "named"),
    [
        ("BRAMBNING JOINERY LTD", "BRAMBLING JOINERY LIMITED"),
        ("SANPDIPER CARE LTD", "SANDPIPER CARE LIMITED"),
        ("GOLDCRESTT CATERING LTD", "GOLDCREST CATERING LIMITED"),
        ("FIELDFAE CARE", "FIELDFARE CARE LIMITED"),
    ],
)
def test_a_slip_in_the_telling_word_still_finds_its_company(register, printed, named):
    link = match_suppliers(_supplier(printed), register).to_dicts()[0]
    assert (link["name"], link["outcome"], link["method"]) == (named, "matched", "fuzzy")


@pytest.mark.parametrize("printed", ["GOLDCREAT", "KESTREL CARD LTD", "BRAMBNING JOINERY PLC"])
def test_a_slip_alone_never_makes_a_match_of_a_bare_word_another_word_or_another_form(register, printed):
    assert match_suppliers(_supplier(printed), register)["outcome"].item() != "matched"


def _supplier(printed: str) -> pl.DataFrame:
    frame = pl.DataFrame({"supplier_name": [printed], "supplier_id": ["s"]})
    return conform(frame.with_columns(is_redacted=pl.lit(False), payments=1, amount_pence=100), SUPPLIERS)
