"""Several anchors as one: transfers netted to the penny, two kinds of mean, who first put in what leaves."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from small_ledgers import banded, run_frames

from cwb.indicators.side import Side
from cwb.indicators.together import Pool, by_original_payer, common_suppliers, means, net, pool, transfers
from cwb.schema import BANDS

MEMBERS = ("Anyton Council", "Anyton Hospital", "Anyton College")


def side(rows: list[tuple[str, str, str | None, int]], institution: str) -> Side:
    spend, payees = run_frames(banded(rows, institution=institution))
    return Side({}, spend, payees)


def test_ten_greater_manchester_councils_to_the_penny(shared_reference: Path) -> None:
    # CLES, AGMA benchmarking, Appendix 3b Table 1: the published "average" of 53.8% is the unweighted one.
    cases = json.loads((shared_reference / "golden.json").read_text("utf-8"))
    case = next(c for c in cases if c["id"] == "gm-ten-authorities")
    rows = [
        (body, band, pence)
        for body, told in case["inputs"]["rows"].items()
        for total, local in [(round(told["total"] * 100), round(told["local"] * 100))]
        for band, pence in (("local", local), ("leaked", total - local))
    ]
    frame = pl.DataFrame(rows, schema=["institution", "band", "amount_pence"], orient="row")
    assert frame["amount_pence"].sum() == round(case["expected"]["total"] * 100)
    assert frame.filter(pl.col("band") == "local")["amount_pence"].sum() == round(case["expected"]["local"] * 100)
    local = means(frame).row(by_predicate=pl.col("band") == "local", named=True)
    assert local["institutions"] == 10
    assert round(100 * local["weighted_share"], 1) == 61.7
    assert round(100 * local["unweighted_share"], 1) == 53.8


def test_a_transfer_is_counted_once() -> None:
    # The council pays the hospital £100 and a supplier £50; the hospital spends £300 outside.
    group = pool([
        side([("Anyton Hospital", "local", None, 100_00), ("Acme Ltd", "leaked", None, 50_00)], "Anyton Council"),
        side([("Bexley Ltd", "local", None, 300_00)], "Anyton Hospital"),
    ])  # fmt: skip
    assert transfers(group).select("payer", "paid", "amount_pence").rows() == [
        ("Anyton Council", "Anyton Hospital", 100_00)
    ]
    found = {row["band"]: (row["gross_pence"], row["net_pence"]) for row in net(group).iter_rows(named=True)}
    assert found == {"local": (400_00, 300_00), "regional": (0, 0), "leaked": (50_00, 50_00), "unknown": (0, 0)}
    # A third of what the hospital spends came from the council.
    original = {
        (row["institution"], row["band"]): row["original_pence"]
        for row in by_original_payer(group).iter_rows(named=True)
    }
    assert original["Anyton Council", "local"] == 100_00
    assert original["Anyton Hospital", "local"] == 200_00
    assert original["Anyton Council", "leaked"] == 50_00


def test_a_member_is_known_by_its_other_names() -> None:
    group = pool([
        side([("HMRC", "leaked", None, 7_00)], "Anyton Council"),
        side([("Acme", "local", None, 1_00)], "HM Revenue and Customs"),
    ])  # fmt: skip
    assert transfers(group)["paid"].to_list() == ["HM Revenue and Customs"]


def test_common_suppliers_are_joined_across_ledgers_and_never_name_people() -> None:
    first = banded(
        [("Acme Ltd", "local", None, 100), ("Jo Bloggs", "local", None, 5)], institution="Council",
        individuals=["Jo Bloggs"],
    )  # fmt: skip
    second = banded(
        [("ACME LIMITED", "leaked", None, 50), ("Jo Bloggs", "local", None, 5)], institution="College",
        individuals=["Jo Bloggs"],
    )  # fmt: skip
    common = common_suppliers(pool([Side({}, *run_frames(first)), Side({}, *run_frames(second))]))
    assert common.select("payers", "paid_by", "bands", "amount_pence").rows() == [
        (2, "College; Council", "leaked; local", 150)
    ]


ROW = st.tuples(
    st.sampled_from(MEMBERS), st.sampled_from([*MEMBERS, None, None]), st.sampled_from(BANDS),
    st.integers(min_value=-(10**6), max_value=10**9),
)  # fmt: skip


@settings(max_examples=100)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_netting_conserves_pence_and_explains_every_negative_band(
    rows: list[tuple[str, str | None, str, int]],
) -> None:
    frame = pl.DataFrame(
        [(p, "2020-21", m or "x", b, m, pence, 1, "x", "company", None) for p, m, b, pence in rows],
        schema={
            "institution": pl.String, "financial_year": pl.String, "payee": pl.String, "band": pl.String,
            "member": pl.String, "amount_pence": pl.Int64, "payments": pl.Int64, "supplier_name": pl.String,
            "supplier_type": pl.String, "org_id": pl.String,
        }, orient="row",
    )  # fmt: skip
    group = Pool(frame)
    found = net(group)
    assert (found["gross_pence"] - found["transfers_pence"] == found["net_pence"]).all()
    assert found["gross_pence"].sum() == frame["amount_pence"].sum()
    assert found.filter(pl.col("net_pence") < 0)["why"].null_count() == 0
    if (frame["amount_pence"] >= 0).all():
        assert (found["net_pence"] >= 0).all()
    origin = by_original_payer(group).group_by("band").agg(pl.col("paid_pence", "original_pence").sum())
    joined = origin.join(found, on="band")
    assert (joined["original_pence"] == joined["net_pence"]).all()
    assert (joined["paid_pence"] == joined["net_pence"]).all()


def test_a_ring_of_members_has_an_answer() -> None:
    group = pool([
        side([("Anyton Hospital", "local", None, 100), ("Acme", "local", None, 1)], "Anyton Council"),
        side([("Anyton Council", "local", None, 100), ("Bex", "leaked", None, 1)], "Anyton Hospital"),
    ])  # fmt: skip
    assert by_original_payer(group)["original_pence"].sum() == 2


def test_unlike_totals_have_no_mean() -> None:
    frame = pl.DataFrame({"institution": ["a", "a"], "band": ["local", "leaked"], "amount_pence": [-5, 0]})
    assert means(frame)["weighted_share"].to_list() == [None, None]
    assert means(frame)["unweighted_share"].to_list() == [None, None]
