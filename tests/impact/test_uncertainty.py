"""Bounds, draws and tornado against scipy, hand arithmetic and the explicit matrices; widening never narrows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwb import lookups
from cwb.impact import Area, additionality, jobs, model, uncertainty
from cwb.impact import input_output as io
from cwb.impact.assumptions import CENTRAL
from cwb.impact.estimate import area_spend, inputs_of
from cwb.impact.multipliers import regional_model
from cwb.impact.ranges import Range

PRESTON = Area("Preston", frozenset({"E07000123"}))
SECTIONS = list("ABCDEFGHIJKLMNOPQRST")


def preston(rows: list[tuple[str | None, int]], unknown: int = 0) -> model.AreaSpend:
    schema = {"sic_section": pl.String, "band": pl.String, "amount_pence": pl.Int64}
    frame = pl.DataFrame([(s, "local", p) for s, p in rows], schema=schema, orient="row")
    bands = {"local": sum(p for _, p in rows), "leaked": 10**9, "unknown": unknown}
    return area_spend(bands, frame, [PRESTON], ["2016-17"])


SPEND = preston([("F", 500_000_000), ("N", 300_000_000), (None, 200_000_000)], unknown=100_000_000)


def test_outcomes_equal_the_equations_one_by_one() -> None:
    # The vectorised model works from eigenvalues; here are the matrices themselves and the published formulas.
    inputs = inputs_of(SPEND, CENTRAL)
    found = {k: float(v[0]) for k, v in model.evaluate(SPEND, uncertainty.central(inputs)).items()}
    lam = float(np.log2(1 + 99595 / 27633910) ** 0.3)
    regional = regional_model(SPEND.table, lam, None, resident_share=0.7)
    per_m = SPEND.jobs_per_gbp_m
    demand = SPEND.by_industry + SPEND.no_sector * SPEND.mix
    assert found["lm3"] == pytest.approx((21e6 + 10e6 + 10e6 * 0.43) / 21e6)
    assert found["jobs_cles"] == pytest.approx(jobs.cles_jobs(10e6, 46386.31))
    direct = jobs.direct_jobs(demand, per_m)
    assert found["jobs_direct"] == pytest.approx(direct)
    chain = jobs.supply_chain_jobs(demand, per_m, regional.type1)
    assert found["jobs_supply_chain"] == pytest.approx(chain)
    assert found["jobs_gross"] == pytest.approx(direct + chain)
    both = io.effects(per_m, regional.type2) @ demand
    assert found["jobs_induced"] == pytest.approx(both - direct - chain)
    gva = io.effects(regional.gva, regional.type1) @ demand
    assert found["gva_type1"] == pytest.approx(gva / SPEND.price)
    assert found["jobs_net"] == pytest.approx((direct + chain) * additionality.net_factor(0.2, 0.25, 0.1, 0.0))


def test_triangular_quantiles_are_scipys(peer: Callable[[str], Any]) -> None:
    scipy_stats = peer("scipy.stats")
    uniform = np.linspace(0, 1, 101)
    for span in (Range(0, 1, 4), Range(0, 0, 1), Range(2, 5, 5)):
        width = span.high - span.low
        theirs = scipy_stats.triang.ppf(uniform, (span.central - span.low) / width, loc=span.low, scale=width)
        assert uncertainty.triangular(uniform, span) == pytest.approx(theirs)


def test_interval_of_one_input_by_hand() -> None:
    # Symmetric triangle on 0 to 2: the 5th percentile solves x²/2 = 0.05, so x = 0.3162; the 95th is 2 − x.
    found = uncertainty.intervals(lambda i: {"y": i["x"]}, {"x": Range(0, 1, 2)}, draws=200_000, share=0.9)["y"]
    assert found.low == pytest.approx(0.3162, abs=0.005)
    assert found.high == pytest.approx(2 - 0.3162, abs=0.005)


def test_an_interval_holds_the_central_figure_and_leaves_out_what_has_no_odds() -> None:
    # A peak at an end: u is uniform, x = 1 − √(1 − u) from 0 to 1 has its 5th percentile at 0.0253, past the centre, 0.
    inputs = {"x": Range(0, 0, 1), "unknown": Range(0, 0, 1)}
    found = uncertainty.intervals(
        lambda i: {"y": i["x"] + 5 * i["unknown"]}, inputs, draws=100_000, share=0.9, held=["unknown"]
    )["y"]
    assert found.low == 0
    assert found.high == pytest.approx(1 - 0.05**0.5, abs=0.005)


def test_draws_are_the_same_each_time_and_independent_of_one_another() -> None:
    one = uncertainty.draw({"a": Range(0, 1, 2)}, 1000)
    two = uncertainty.draw({"b": Range(0, 1, 2), "a": Range(0, 1, 2)}, 1000)
    assert (one["a"] == two["a"]).all()
    assert abs(np.corrcoef(two["a"], two["b"])[0, 1]) < 0.1


def test_bounds_hold_the_draws() -> None:
    inputs = inputs_of(SPEND, CENTRAL)
    evaluate = partial(model.evaluate, SPEND)
    bounds = uncertainty.bounds(evaluate, inputs, SPEND.depends())
    drawn = evaluate(uncertainty.draw(inputs, 2000))
    for name, values in drawn.items():
        slack = 1e-9 * abs(bounds[name].central)
        assert bounds[name].low - slack <= values.min()
        assert values.max() <= bounds[name].high + slack


def test_nothing_else_moves_an_outcome_than_it_says() -> None:
    inputs = inputs_of(SPEND, CENTRAL)
    evaluate = partial(model.evaluate, SPEND)
    for outcome, depends in SPEND.depends().items():
        moved = {row["input"] for row in uncertainty.tornado(evaluate, inputs, outcome)}
        assert moved <= set(depends), outcome


CENTRED = ("impact.respend_local", "impact.flq_delta", "impact.deadweight", "impact.sector_rate_error")


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from([*SECTIONS, None]), st.integers(1, 10**10)), min_size=1, max_size=6),
    key=st.sampled_from(sorted(inputs_of(SPEND, CENTRAL))),
    wider=st.floats(1, 2),
)
def test_widening_an_input_never_narrows_an_outcome(rows: list[tuple[str | None, int]], key: str, wider: float) -> None:
    spend = preston(rows)
    inputs = inputs_of(spend, CENTRAL)
    old = inputs[key]
    limits = lookups.parameters().get(key)
    least, most = (limits.least, limits.most) if limits else (old.low / 4, old.high * 4)
    if key == model.ERROR:
        least = 0.1  # as an input of the model it is a factor around 1
    new = Range(
        max(old.central - (old.central - old.low) * wider, min(least or 0, old.low)),
        old.central,
        min(old.central + (old.high - old.central) * wider, max(most or 1, old.high)),
    )
    evaluate = partial(model.evaluate, spend)
    before = uncertainty.bounds(evaluate, inputs, SPEND.depends())
    after = uncertainty.bounds(evaluate, {**inputs, key: new}, model.DEPENDS)
    drawn = uncertainty.intervals(evaluate, inputs, draws=2000, share=0.9)
    redrawn = uncertainty.intervals(evaluate, {**inputs, key: new}, draws=2000, share=0.9)
    for name, was in before.items():
        slack = 1e-9 * max(abs(was.central), 1.0)
        assert after[name].low <= was.low + slack
        assert after[name].high >= was.high - slack
        if key not in CENTRED:
            continue  # a wider range on one side takes the draws elsewhere, where the figure itself may be smaller
        narrow = (redrawn[name].high - redrawn[name].low) - (drawn[name].high - drawn[name].low)
        assert narrow >= -0.01 * (drawn[name].high - drawn[name].low) - slack, (name, key)


def test_share_bounds_from_the_unknown() -> None:
    found = uncertainty.share_bounds(
        {"local": 20, "regional": 30, "leaked": 40, "unknown": 10}, {"local": 4, "regional": 1}
    )
    assert found["local"] == {"low": 0.2, "central": 0.2, "high": 0.3, "expected": 0.24}
    assert found["region_including_local"] == {"low": 0.5, "central": 0.5, "high": 0.6, "expected": 0.55}
    assert uncertainty.share_bounds({})["local"]["low"] is None


LONDON = [
    Area("Havering", frozenset({"E09000016"})),
    Area("London", frozenset(f"E090000{n:02d}" for n in range(1, 34))),
]
PLACED = st.sampled_from(["local", "regional", "unknown"])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*SECTIONS, None]), PLACED, st.integers(1, 10**10)
        ),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_a_region_never_supports_less_than_a_place_in_it(rows: list[tuple[str | None, str, int]]) -> None:
    schema = {"sic_section": pl.String, "band": pl.String, "amount_pence": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    bands = {b: sum(p for _, band, p in rows if band == b) for b in ("local", "regional", "unknown")}
    found = []
    for places in (LONDON[:1], LONDON):
        spend = area_spend(bands, frame, places, ["2020-21"])
        found.append(uncertainty.bounds(partial(model.evaluate, spend), inputs_of(spend, CENTRAL), spend.depends()))
    for name, here in found[0].items():
        if name.startswith("output"):
            continue  # a multiplier follows what is bought, which differs between the two
        for end in ("low", "central", "high"):
            assert getattr(found[1][name], end) >= getattr(here, end) * (1 - 1e-9) - 1e-9, name


def test_width_tables_leave_out_what_there_is_none_of() -> None:
    bounds = uncertainty.share_bounds({"local": 20, "regional": 30, "leaked": 40, "unknown": 10}, {"local": 4})
    figure = {
        "label": "Jobs",
        "tornado": [{"input": "x", "input_low": 0, "input_high": 2, "at_low": 5, "at_high": 9}],
    }
    made = uncertainty.width_tables(bounds, {"figures": [figure, {"label": "FTE"}], "waterfall": {}})
    assert set(made) == {"share_bounds", "tornado"}
    assert made["share_bounds"].row(0) == ("local", 0.2, 0.24, 0.3)
    assert made["tornado"].rows() == [("Jobs", "x", 0.0, 2.0, 5.0, 9.0)]


def test_a_credit_among_the_unknown_does_not_take_the_expected_past_the_bounds() -> None:
    found = uncertainty.share_bounds({"local": 50, "regional": 0, "leaked": 40, "unknown": 10}, {"local": 60})
    assert found["local"]["expected"] == found["local"]["high"] == 0.6
