"""Why a band changed: parts that sum to the penny, whatever the ledgers; and what does not change the answer."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_ledgers import banded, run_frames

from cwb.indicators.change import change_of_bands
from cwb.indicators.decomposition import PARTS, mix, supplier_moves, supplier_parts
from cwb.indicators.payees import one_wording, same_payees
from cwb.indicators.side import Side
from cwb.indicators.spend import payee_table, spend_table
from cwb.indicators.spent import spent
from cwb.schema import BANDS

ROW = st.tuples(
    st.sampled_from("abcdefgh"), st.sampled_from(BANDS), st.sampled_from(["care", "roads", "paper", None]),
    st.integers(min_value=-(10**9), max_value=10**11),
)  # fmt: skip
LEDGER = st.lists(ROW, max_size=30)


def frame(rows: list[tuple[str, str, str | None, int]]) -> pl.DataFrame:
    schema = {"payee": pl.String, "band": pl.String, "category": pl.String, "amount_pence": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def by_band(rows: pl.DataFrame) -> dict[str, int]:
    return {band: int(rows.filter(pl.col("band") == band)["amount_pence"].sum()) for band in BANDS}


def summed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("payee", "band").agg(pl.col("amount_pence").sum(), payments=pl.len())


@settings(max_examples=150, deadline=None)
@given(LEDGER, LEDGER)
def test_parts_by_supplier_sum_to_the_change_of_every_band(
    old: list[tuple[str, str, str | None, int]], new: list[tuple[str, str, str | None, int]]
) -> None:
    before, after = frame(old), frame(new)
    parts = supplier_parts(supplier_moves(summed(before), summed(after)))
    assert parts.height == len(BANDS) * len(PARTS)
    for band in BANDS:
        part = int(parts.filter(pl.col("band") == band)["amount_pence"].sum())
        assert part == by_band(after)[band] - by_band(before)[band]
    moved = parts.filter(pl.col("part").is_in(["moved_in", "moved_out"]))
    assert int(moved["amount_pence"].sum()) == 0  # what leaves one band arrives in another


@settings(max_examples=150, deadline=None)
@given(LEDGER, LEDGER)
def test_volume_mix_and_within_sum_to_the_change_of_every_band(
    old: list[tuple[str, str, str | None, int]], new: list[tuple[str, str, str | None, int]]
) -> None:
    before, after = frame(old), frame(new)
    parts = mix(before, after, "category")
    change = {row["band"]: row for row in change_of_bands(by_band(before), by_band(after)).iter_rows(named=True)}
    if by_band(before) and sum(by_band(before).values()) > 0 and sum(by_band(after).values()) > 0:
        for band in BANDS:
            one = parts.filter(pl.col("band") == band)
            rate = int(one["mix_pence"].sum()) + int(one["within_pence"].sum())
            assert change[band]["volume_pence"] + rate == by_band(after)[band] - by_band(before)[band]
            in_points = one["mix_points"].sum() + one["within_points"].sum()
            assert in_points == pytest.approx(change[band]["share_points"], abs=1e-6)
    else:
        assert parts["mix_pence"].null_count() == parts.height


def test_a_mix_worked_by_hand() -> None:
    # Care is half local both years, paper never; £100 of £200 goes to care, then £150 of £200.
    before = frame([("a", "local", "care", 50), ("b", "leaked", "care", 50), ("c", "leaked", "paper", 100)])
    after = frame([("a", "local", "care", 75), ("b", "leaked", "care", 75), ("c", "leaked", "paper", 50)])
    local = mix(before, after, "category").filter(pl.col("band") == "local")
    # s = 1/4: care (150 − 100)(1/2 − 1/4) = 12.5, paper (50 − 100)(0 − 1/4) = 12.5; nothing changed inside either.
    assert local["mix_pence"].sum() == 25
    assert sorted(local["mix_pence"].to_list()) == [12, 13]
    assert local["within_pence"].to_list() == [0, 0]


def test_events_worked_by_hand() -> None:
    before = frame([("stays", "local", None, 100), ("moves", "leaked", None, 200), ("goes", "leaked", None, 300)])
    after = frame([("stays", "local", None, 150), ("moves", "local", None, 260), ("comes", "leaked", None, 70)])
    moves = supplier_moves(summed(before), summed(after))
    events = dict(moves.select("payee", "event").iter_rows())
    assert events == {"stays": "grown", "moves": "moved", "goes": "left", "comes": "entered"}
    parts = {(b, p): a for b, p, a in supplier_parts(moves).select("band", "part", "amount_pence").iter_rows() if a}
    assert parts == {
        ("local", "grown"): 110, ("local", "moved_in"): 200, ("leaked", "moved_out"): -200,
        ("leaked", "entered"): 70, ("leaked", "left"): -300,
    }  # fmt: skip


ROWS = [
    ("Garr Hurst Care Ltd", "local", "care", 5_000_00), ("Bexley & Sons", "leaked", "roads", 700_00),
    ("Anyton Fuels PLC", "regional", "fuel", 90_01), ("Garr Hurst Care Ltd", "local", "care", 3_00),
]  # fmt: skip
LATER = [
    ("GARR HURST CARE LIMITED", "leaked", "care", 6_000_00), ("Bexley and Sons", "leaked", "roads", 800_00),
    ("Anyton Fuels P.L.C.", "regional", "fuel", 50_00),
]  # fmt: skip


def _moves(old: list[tuple[str, str, str, int]], new: list[tuple[str, str, str, int]]) -> list[tuple[object, ...]]:
    sides = [run_frames(banded(rows)) for rows in (old, new)]
    parts = [one.by_payee for one in spent([Side({}, *side) for side in sides])]
    return supplier_moves(*parts).drop("payee").sort(pl.all()).rows()


def test_printed_form_order_and_splitting_do_not_change_the_answer() -> None:
    whole = _moves(ROWS, LATER)
    assert [row[5] for row in whole].count("moved") == 1
    shuffled = random.Random(1).sample(ROWS, len(ROWS))
    assert _moves(shuffled, LATER) == whole
    split = [(n, b, c, p) for n, b, c, pence in ROWS for p in (pence - 1, 1)]
    assert _moves(split, LATER) == whole
    renamed = [(n.upper().replace("LTD", "LIMITED").replace("&", "and"), b, c, p) for n, b, c, p in ROWS]
    assert _moves(renamed, LATER) == whole


def test_a_company_and_a_partnership_of_one_name_stay_two_payees() -> None:
    rows = [("Acme Ltd", "local", "x", 100), ("Acme LLP", "leaked", "x", 100), ("Acme", "local", "x", 100)]
    _, payees = run_frames(banded(rows))
    assert same_payees([payees])[0]["payee"].n_unique() == 3


def test_names_of_individuals_are_in_no_kept_table() -> None:
    frames = banded([("Jo Bloggs", "local", "x", 100), ("Acme Ltd", "local", "x", 50)], individuals=["Jo Bloggs"])
    spend, payees = spend_table(frames.banded), payee_table(frames.suppliers, frames.links, frames.placed)
    assert "Bloggs" not in spend.write_csv() + payees.write_csv()
    hidden = payees.filter(pl.col("supplier_type") == "individual")
    assert hidden["name_key"].to_list() == [None]
    assert same_payees([payees])[0].filter(pl.col("supplier_type") == "individual")["payee"].to_list() == ["individual"]


def test_a_category_in_capitals_is_the_same_category() -> None:
    before = [("Acme Ltd", "local", "Capital works", 100), ("Bex Ltd", "leaked", "Fuel", 100)]
    after = [("Acme Ltd", "local", "CAPITAL  WORKS ", 100), ("Bex Ltd", "leaked", "Fuel", 100)]
    sides = [run_frames(banded(rows)) for rows in (before, after)]
    parts = [one.by("category") for one in spent([Side({}, *side) for side in sides])]
    shifted = mix(*parts, "category")
    assert shifted["category"].unique().sort().to_list() == ["Capital works", "Fuel"]
    assert shifted.select(pl.col("mix_pence", "within_pence").abs().sum()).row(0) == (0, 0)


def test_acronyms_keep_their_capitals_and_words_that_hold_their_letters_do_not_get_them() -> None:
    printed = pl.DataFrame(
        {"category": ["IT  equipment", "it equipment", "Unit Cost", "NHS TRUSTS", "it and ict", None]}
    )
    told = printed.select(one_wording())["category"].to_list()
    assert told == ["IT equipment", "IT equipment", "Unit cost", "NHS trusts", "IT and ICT", None]


def test_a_corrected_match_joins_but_another_legal_form_does_not() -> None:
    first = banded([("Acme Ltd", "leaked", "x", 100), ("Acme LLP", "local", "x", 70)])
    later = banded([("Acme Limited", "local", "x", 100), ("Acme LLP", "local", "x", 70)], sic={"Acme Limited": "41202"})
    sides = [run_frames(first), run_frames(later)]
    parts = [one.by_payee for one in spent([Side({}, *side) for side in sides])]
    events = supplier_moves(*parts).select("event", "from_band", "to_band").rows()
    assert sorted(events) == [("moved", "leaked", "local"), ("same", "local", "local")]
