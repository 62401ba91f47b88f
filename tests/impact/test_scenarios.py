"""Scenarios keep every penny, two bids break even where they say, files are read strictly and written back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwb.errors import LookupsError
from cwb.impact import CENTRAL, Area
from cwb.impact.bids import Bid, Bids, break_even_price, compare_bids, kept
from cwb.impact.scenarios import (
    EarlyPayment,
    Setting,
    Shift,
    Substitution,
    early_payment_discount,
    move,
    read_scenarios,
    run_scenarios,
    side_by_side,
    write_scenarios,
)
from cwb.schema import BANDS

PRESTON = Area("Preston", frozenset({"E07000123"}))
LANCASHIRE = Area("Lancashire", frozenset({"E06000008", "E06000009", *(f"E07000{n}" for n in range(117, 129))}))
SCHEMA = {
    "institution": pl.String, "supplier_name": pl.String, "category": pl.String, "sic_section": pl.String,
    "band": pl.String, "amount_pence": pl.Int64,
}  # fmt: skip
ROWS = [
    ("Council", "Far Cleaning Ltd", "Cleaning", "N", "leaked", 1_000_001),
    ("Hospital", "Far Cleaning Ltd", "Cleaning", "N", "leaked", 3_000_000),
    ("Hospital", "Distant Meals plc", "Catering", "I", "leaked", 2_000_000),
    ("Council", "Distant Meals plc", "Catering", "I", "leaked", -50_000),
    ("Council", "Near Build Ltd", "Works", "F", "local", 4_000_000),
    ("College", "Ribble Repairs", "Works", "F", "regional", 1_500_000),
    ("College", "Someone", None, None, "unknown", 700_000),
]


def setting(rows: list[tuple[Any, ...]] = ROWS) -> Setting:
    return Setting(pl.DataFrame(rows, schema=SCHEMA, orient="row"), PRESTON, LANCASHIRE, ("2016-17",))


def test_a_share_of_one_category_comes_home() -> None:
    found = run_scenarios([Shift(kind="shift", name="half", share=0.5, of="category", which="cleaning")], setting())[0]
    assert found["moved_pence"] == 500_000 + 1_500_000  # the odd penny stays where it was
    assert found["after"]["local"] == 4_000_000 + 2_000_000
    assert found["after"]["leaked"] == found["before"]["leaked"] - 2_000_000
    assert found["supported"]["jobs_direct"]["low"] < found["supported"]["jobs_direct"]["high"]
    assert "what-if" in found["caveat"]


def test_five_per_cent_to_ten_of_prestons_spend(golden: dict[str, dict[str, Any]]) -> None:
    # Public Sector Executive 2015, quoting CLES: 5% to 10% of £750m is an additional £37m.
    case = golden["pse-preston-5-to-10"]
    given_ = case["inputs"]
    total = given_["total_gbp_m"] * 10**8
    local = round(total * given_["from_pct"] / 100)
    rows = [("A", "S", "C", "F", "local", local), ("A", "T", "C", "F", "leaked", total - local)]
    share = (given_["to_pct"] - given_["from_pct"]) / (100 - given_["from_pct"])
    found = run_scenarios([Shift(kind="shift", name="double", share=share)], setting(rows))[0]
    assert found["moved_pence"] / 10**8 == pytest.approx(case["expected"], abs=case["tolerance"]["abs"])
    assert found["shares"]["local"]["after"] == pytest.approx(given_["to_pct"] / 100)


def test_regression_ten_per_cent_of_leeds(golden: dict[str, dict[str, Any]]) -> None:
    # A weak case: JRF 2017 prints £168m to £196m; the multipliers 1.2 and 1.4 are implied.
    case = golden["jrf-leeds-10pc"]
    total = case["inputs"]["total_gbp_m"] * 10**8
    found = run_scenarios(
        [Shift(kind="shift", name="tenth", share=case["inputs"]["shift"])],
        setting([("A", "T", "C", "F", "leaked", total)]),
    )[0]
    for end in ("low", "high"):
        gain = found["moved_pence"] / 10**8 * case["inputs"][f"multiplier_{end}"]
        assert gain == pytest.approx(case["expected"][end], abs=case["tolerance"]["abs"])


def test_several_anchors_bring_home_what_they_share() -> None:
    found = run_scenarios([Substitution(kind="substitution", name="co-op", share=1.0, institutions=2)], setting())[0]
    assert [g["group"] for g in found["groups"]] == ["Cleaning"]
    group = found["groups"][0]
    assert (group["institutions"], group["suppliers"], group["leaked_pence"]) == (2, 1, 4_000_001)
    assert group["moved_pence"] == found["moved_pence"] == 4_000_001
    assert group["supported"]["jobs_gross"]["central"] > 0


def test_early_payment_discount_and_liquidity() -> None:
    # £100 at 2% for 30 days sooner, priced for 30 days: £2. Ten days of £36,500 a year is £1,000 in hand.
    assert early_payment_discount(100, 0.02, 30, 30) == 2
    rows = [("A", "S", "C", "F", "leaked", 3_650_000), ("A", "T", "C", "F", "local", 3_650_000)]
    found = run_scenarios(
        [EarlyPayment(kind="early_payment", name="pay", discount_rate=0.03, reference_days=30, days_accelerated=10)],
        setting(rows),
    )[0]
    assert found["bands"]["leaked"] == {
        "paid_early_pence": 3_650_000, "discount_pence": 36_500, "liquidity_pence": 100_000,
    }  # fmt: skip
    assert found["bands"]["local"]["discount_pence"] == 0
    assert found["liquidity_pence"] == 200_000


rows_of_spend = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]), st.sampled_from(["S", "T"]), st.sampled_from(["C", None]),
        st.sampled_from(["F", "N", None]), st.sampled_from(BANDS), st.integers(-(10**9), 10**12),
    ),
    max_size=12,
)  # fmt: skip


@given(rows_of_spend, st.floats(0, 1), st.sampled_from(["local", "regional"]))
def test_moving_spend_keeps_every_penny(rows: list[tuple[Any, ...]], share: float, to: str) -> None:
    spend = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    after = move(spend, pl.col("category") == "C", share, to)
    assert after["amount_pence"].sum() == spend["amount_pence"].sum()
    gained = (
        after.filter(pl.col("band") == to)["amount_pence"].sum()
        - spend.filter(pl.col("band") == to)["amount_pence"].sum()
    )
    lost = (
        spend.filter(pl.col("band") == "leaked")["amount_pence"].sum()
        - after.filter(pl.col("band") == "leaked")["amount_pence"].sum()
    )
    assert gained == lost >= 0
    untouched = after.filter(pl.col("category").is_null())["amount_pence"].sum()
    assert untouched == spend.filter(pl.col("category").is_null())["amount_pence"].sum()


money, share = st.floats(1000, 1e8), st.floats(0, 0.99)


@settings(deadline=None)
@given(money, share, money, share, st.floats(0, 1e6), st.floats(0, 1))
def test_break_even_is_where_both_sides_weigh_the_same(
    price: float, s1: float, other: float, s2: float, benefits: float, pound: float
) -> None:
    first = Bid(name="a", price_gbp=price, local_share=s1, benefits_gbp=benefits)
    second = Bid(name="b", price_gbp=other, local_share=s2)
    found = break_even_price(first, second, pound)
    assert found is not None
    saved = found - other
    gained = pound * (kept(found, s1, benefits) - kept(other, s2, 0))
    assert saved == pytest.approx(gained, rel=1e-6, abs=1e-3)
    # A bid with more benefits may cost more, and one below break-even is within it.
    dearer = first.model_copy(update={"benefits_gbp": benefits + 1000})
    assert (break_even_price(dearer, second, pound) or 0) >= found


def test_two_bids_by_hand() -> None:
    # £100 with £80 kept leaves £20; £90 with £9 kept leaves £81. First may cost P where 0.2 P = 81: £405.
    bids = Bids(
        kind="bids", name="cleaning",
        first=Bid(name="local", price_gbp=100, local_share=0.8), second=Bid(name="far", price_gbp=90, local_share=0.1),
    )  # fmt: skip
    found = compare_bids(bids, CENTRAL)
    assert found["price_difference_gbp"] == 10
    assert found["kept_difference_gbp"] == 71
    assert found["break_even_premium"]["central"] == pytest.approx(405 / 90 - 1)
    # At a quarter a pound: P (1 − 0.2) = 90 (1 − 0.025), so £109.69.
    assert found["break_even_premium"]["low"] == pytest.approx(109.6875 / 90 - 1)
    assert found["within"]
    assert "Leaves out" in found["caveat"]


def test_a_bid_that_keeps_all_its_price_has_no_break_even() -> None:
    bids = Bids(
        kind="bids", name="x",
        first=Bid(name="a", price_gbp=100, local_share=1), second=Bid(name="b", price_gbp=90, local_share=0.5),
    )  # fmt: skip
    found = compare_bids(bids, CENTRAL)
    assert found["break_even_premium"]["central"] is None
    assert found["unbounded"]


FILE = """
[[scenario]]
kind = "shift"
name = "A tenth of leaked cleaning"
share = 0.1
of = "category"
which = "Cleaning"

[[scenario]]
kind = "bids"
name = "Cleaning contract"
[scenario.first]
name = "Near"
price_gbp = 105000
local_share = 0.7
[scenario.second]
name = "Far"
price_gbp = 100000
local_share = 0.1
"""


def test_scenarios_are_read_run_compared_and_written_back(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(FILE, "utf-8")
    scenarios = read_scenarios(file)
    results = run_scenarios(scenarios, setting())
    assert [r["name"] for r in results] == ["A tenth of leaked cleaning", "Cleaning contract"]
    assert json.loads(json.dumps(results)) == results
    table = side_by_side(results)
    assert set(table["measure"]) >= {"moved", "jobs_gross", "break_even_premium"}
    write_scenarios(scenarios, tmp_path / "again.toml")
    assert read_scenarios(tmp_path / "again.toml") == scenarios


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "two\nlines", "Ünïcode £"])
def test_any_name_survives_the_file(tmp_path: Path, name: str) -> None:
    scenario = Shift(kind="shift", name=name, share=0.25)
    write_scenarios([scenario], tmp_path / "s.toml")
    assert read_scenarios(tmp_path / "s.toml") == (scenario,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "scenario: field required"),
        ('[[scenario]]\nkind = "shfit"\nname = "x"', "shfit"),
        ('[[scenario]]\nkind = "shift"\nname = "x"\nshare = 10', "less than or equal to 1"),
        (FILE.replace("Cleaning contract", "A tenth of leaked cleaning"), "two scenarios are named"),
        (FILE.replace('"Near"', '"Far"'), "both bids are named 'far'"),
        ("[[scenario", "(?i)expected"),
    ],
)
def test_files_that_are_not_scenarios(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(LookupsError, match=says) as caught:
        read_scenarios(file)
    assert "\n" not in str(caught.value)


def test_spend_that_is_not_there_suggests_what_is() -> None:
    with pytest.raises(LookupsError, match=r"no leaked spend with category 'Cleening'\. Did you mean Cleaning"):
        run_scenarios([Shift(kind="shift", name="x", share=0.1, of="category", which="Cleening")], setting())
    with pytest.raises(LookupsError, match=r"no band 'locale'\. Did you mean local"):
        run_scenarios(
            [EarlyPayment(kind="early_payment", name="x", discount_rate=0.1, reference_days=1, days_accelerated=1,
                          free_for=("locale",))], setting(),
        )  # fmt: skip
