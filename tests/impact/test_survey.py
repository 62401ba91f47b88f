"""The LM3 survey: whom to ask, a form there and back, weights, and width that shrinks as replies come in."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwb.errors import CwbError
from cwb.impact import Area
from cwb.impact.assumptions import find_set, set_toml
from cwb.impact.multipliers import respend_by_section
from cwb.impact.survey import (
    ANSWERS,
    Payroll,
    read_replies,
    respend_rate,
    survey_lm3,
    surveyed,
    whom_to_ask,
    write_pack,
)

SUPPLIERS = pl.DataFrame(
    {
        "supplier_id": ["a", "b", "c", "d", "e"],
        "supplier_name": ["Alpha Ltd", "=cmd()", "Gamma CIC", "A person", "Refund Ltd"],
        "supplier_type": ["company", "company", "cic", "individual", "company"],
        "is_sme": [True, False, None, None, True],
        "amount_pence": [60_000, 25_000, 10_000, 5_000, -1_000],
    }
)
NOBODY = pl.DataFrame(schema={"supplier_id": pl.String, "respend": pl.Float64})


def test_the_largest_are_asked_until_the_share_is_covered() -> None:
    asked = whom_to_ask(SUPPLIERS, 0.8)
    assert asked["supplier_id"].to_list() == ["a", "b"]
    assert asked["covered"].to_list() == pytest.approx([0.6, 0.85])
    assert whom_to_ask(SUPPLIERS, 1.0)["supplier_id"].to_list() == ["a", "b", "c"]  # never an individual
    with pytest.raises(CwbError, match=r"write 80% as 0\.8"):
        whom_to_ask(SUPPLIERS, 80)


@pytest.mark.parametrize("name", ["lm3-survey.csv", "lm3-survey.xlsx"])
def test_the_pack_goes_out_and_comes_back(tmp_path: Path, name: str) -> None:
    asked = whom_to_ask(SUPPLIERS, 1.0)
    write_pack(asked, "Preston", tmp_path)
    file = tmp_path / name
    assert read_replies(file, asked).height == 0
    sheet = pl.read_csv(file) if name.endswith("csv") else pl.read_excel(file, engine="calamine")
    assert "'=cmd()" in sheet["supplier_name"].to_list()
    filled = sheet.with_columns(pl.Series(ANSWERS[0], [40.0, None, 0.0]), pl.Series(ANSWERS[1], [10.5, None, None]))
    back = tmp_path / "replies.csv"
    filled.write_csv(back)
    found = read_replies(back, asked)
    assert found.rows() == [("a", 0.505), ("c", 0.0)]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("a,,101,,", "row 2: staff_living_here_per_100 is '101'"),
        ("a,,most,,", "is 'most', not a number from 0 to 100"),
        ("a,,60,50,", "row 2: the answers sum to more than 100"),
        ("z,,60,,", "row 2: supplier_id is not one that was asked"),
        ("a,,6,,\na,,7,,", "row 3: this supplier is there twice"),
    ],
)
def test_replies_that_cannot_be_right(tmp_path: Path, cells: str, says: str) -> None:
    file = tmp_path / "replies.csv"
    file.write_text(f"supplier_id,supplier_name,{','.join(ANSWERS)}\n{cells}\n", "utf-8")
    with pytest.raises(CwbError, match=says):
        read_replies(file, whom_to_ask(SUPPLIERS, 1.0))


def test_a_form_without_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "replies.csv"
    file.write_text("supplier_id,name\na,b\n", "utf-8")
    with pytest.raises(CwbError, match="no column staff_living_here_per_100"):
        read_replies(file, SUPPLIERS)
    with pytest.raises(CwbError, match="cannot be read as replies"):
        read_replies(tmp_path / "nowhere.csv", SUPPLIERS)


def test_silence_takes_borrowed_rates_by_size() -> None:
    # Of £1,000: 600 small at 0.63 (0.43 to 0.76), 250 large at 0.40 (0.25 to 0.63), 150 unknown at 0.43 (0.25 to 0.76).
    rate = respend_rate(SUPPLIERS, NOBODY)
    assert rate.central == pytest.approx(0.6 * 0.63 + 0.25 * 0.40 + 0.15 * 0.43)
    assert rate.low == pytest.approx(0.6 * 0.43 + 0.25 * 0.25 + 0.15 * 0.25)
    assert rate.high == pytest.approx(0.6 * 0.76 + 0.25 * 0.63 + 0.15 * 0.76)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_each_reply_narrows_the_width_and_all_replies_close_it(rates: list[float]) -> None:
    ids = ["a", "b", "c", "d"]
    widths = []
    for count in range(5):
        replies = pl.DataFrame({"supplier_id": ids[:count], "respend": rates[:count]}, schema=NOBODY.schema)
        rate = respend_rate(SUPPLIERS, replies)
        widths.append(rate.high - rate.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == pytest.approx(0, abs=1e-12)
    paid = [600, 250, 100, 50]
    assert rate.central == pytest.approx(sum(p * r for p, r in zip(paid, rates, strict=True)) / 1000)


def plain_lm3(spend: float, local: list[float], rates: list[float]) -> float:
    round_two = round_three = 0.0
    for amount, rate in zip(local, rates, strict=True):
        round_two += amount
        round_three += amount * rate
    return (spend + round_two + round_three) / spend


def test_lm3_with_payroll_against_plain_python() -> None:
    replies = pl.DataFrame({"supplier_id": ["a", "b", "c", "d"], "respend": [0.5, 0.2, 0.9, 0.0]})
    found = survey_lm3(400_000, SUPPLIERS, replies, payroll=Payroll(2000.0, 0.6))
    expected = plain_lm3(4000 + 2000, [600, 250, 100, 50, 1200], [0.5, 0.2, 0.9, 0.0, 0.5])
    assert found["central"] == pytest.approx(expected)
    assert found["rounds"]["two_staff_gbp"] == 1200
    assert found["low"] < found["central"] < found["high"]
    assert found["response"] == {"suppliers": 4, "of_suppliers": 4, "by_amount": 1.0}
    assert "margin of error" in found["caveat"]


def test_no_local_spend_is_said() -> None:
    with pytest.raises(CwbError, match="no local spend"):
        survey_lm3(1000, SUPPLIERS.head(0), NOBODY)


def test_silence_of_unknown_size_takes_the_rate_of_its_section() -> None:
    rates = respend_by_section(Area("Preston", frozenset({"E07000123"})))
    assert rates["Q"].central > rates["C"].central  # care is mostly pay, manufacture mostly purchases from elsewhere
    assert all(0 < r.low <= r.central <= r.high <= 1 for r in rates.values())
    suppliers = SUPPLIERS.with_columns(
        is_sme=pl.lit(None, dtype=pl.Boolean), sic_section=pl.Series(["Q", "C", None, "Z", "Q"])
    )
    rate = respend_rate(suppliers, NOBODY, by_section=rates)
    by_hand = 0.6 * rates["Q"].central + 0.25 * rates["C"].central + 0.15 * 0.43
    assert rate.central == pytest.approx(by_hand)


def test_a_survey_becomes_an_assumption_that_says_who_replied(tmp_path: Path) -> None:
    replies = pl.DataFrame({"supplier_id": ["a"], "respend": [0.5]})
    found = survey_lm3(400_000, SUPPLIERS, replies)
    chosen = surveyed(found, find_set("cautious"))
    own = chosen.get("impact.respend_local")
    assert chosen.range("impact.respend_local").central == pytest.approx(found["respend"]["central"])
    assert own.source == "Survey of local suppliers: 1 of 4 replied, 60% of local spend"
    assert chosen.range("impact.deadweight") == find_set("cautious").range("impact.deadweight")
    file = tmp_path / "ours.toml"
    file.write_text(set_toml(chosen), "utf-8")
    assert find_set(str(file)).range("impact.respend_local") == chosen.range("impact.respend_local")
