"""LM3, location quotients, deflators, additionality and definitions against their published worked cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from cwb import deflators, lookups
from cwb.errors import CwbError
from cwb.impact import additionality, jobs, lm3, regional

Golden = dict[str, dict[str, Any]]


def test_northumberland_pound(golden: Golden) -> None:
    # nef and Northumberland County Council, 7 March 2005: £1.76 local, 36p not, "almost 400% more".
    case = golden["lm3-northumberland-unit"]
    local = lm3.worth_of_a_pound(case["inputs"]["local_supplier_respend"], local=True)
    other = lm3.worth_of_a_pound(case["inputs"]["nonlocal_supplier_respend"], local=False)
    assert local == pytest.approx(case["expected"]["local"], abs=case["tolerance"]["abs"])
    assert other == pytest.approx(case["expected"]["nonlocal_"], abs=case["tolerance"]["abs"])
    assert 100 * (local / other - 1) == pytest.approx(
        case["expected"]["ratio_minus_1_pct"], abs=case["tolerance"]["pct_abs"]
    )


@pytest.mark.parametrize("name", ["leaky-bucket-80", "leaky-bucket-20"])  # nef, The Money Trail, slides
def test_leaky_bucket(golden: Golden, name: str) -> None:
    case = golden[name]
    initial, rate, expected = case["inputs"]["initial"], case["inputs"]["local_rate"], case["expected"]
    close = case["tolerance"]["abs"]
    assert lm3.rounds(initial, rate, 4) == pytest.approx(expected["rounds"], abs=close)
    assert lm3.all_rounds(initial, rate) == pytest.approx(expected["total_infinite"], abs=close)
    assert lm3.lm3(initial, [initial * rate], [rate]) == pytest.approx(expected["lm3"], abs=close)


def test_regression_gains_quoted_from_northumberland(golden: Golden) -> None:
    # Weak cases: the shift of spend is implied, not stated.
    for name in ("lm3-uk-shift-5.6bn", "lm3-ncc-34m"):
        case = golden[name]
        gain_per_pound = case["inputs"]["local"] - case["inputs"]["nonlocal_"]
        shift = case["inputs"].get("shift_gbp_bn")
        found = shift * gain_per_pound if shift else case["inputs"]["gain_gbp_m"] / gain_per_pound
        assert found == pytest.approx(case["expected"], abs=case["tolerance"]["abs"])


def test_fsb_cles_2013(golden: Golden) -> None:
    # FSB press release 2013 35: £8.7bn, 63p and 40p, £746m; our borrowed rates are those it prints.
    case = golden["fsb-cles-2013"]
    given, expected, close = case["inputs"], case["expected"], case["tolerance"]["abs"]
    sme, large = lookups.number("impact.respend_sme"), lookups.number("impact.respend_large")
    assert (sme, large) == (given["sme_respend"], given["large_respend"])
    total, gain = given["total_local_spend_gbp_bn"], given["sme_minus_large_gain_gbp_m"] / 1000
    spend = np.linalg.solve(np.array([[sme, -large], [1.0, 1.0]]), np.array([gain, total]))
    assert spend == pytest.approx([expected["sme_spend_bn"], expected["large_spend_bn"]], abs=close)
    assert 100 * (sme / large - 1) == pytest.approx(expected["respend_ratio_pct"], abs=case["tolerance"]["pct_abs"])


def test_lm3_without_spend_is_none() -> None:
    assert lm3.lm3(0, [], []) is None


def test_location_quotient_of_farhauer_and_kroell(golden: Golden) -> None:
    # Farhauer & Kröll (2013), as in R package REAT, locq().
    case = golden["slq-farhauer-kroell"]
    n = case["inputs"]
    region = np.array([n["e_ij"], n["e_j"] - n["e_ij"]], dtype=float)
    nation = np.array([n["e_i"], n["e"] - n["e_i"]], dtype=float)
    assert regional.slq(region, nation)[0] == pytest.approx(case["expected"], abs=case["tolerance"]["abs"])


def test_lambda_of_every_district(shared_reference: Path, golden: Golden) -> None:
    # Flegg & Webber 1997; λ by district as published by a modeller, at δ 0.3.
    case = golden["flq-lambda-lad"]
    frame = pl.read_csv(shared_reference / "flq_lambda_by_lad.csv")
    found = regional.flq_lambda(
        frame["employment"].to_numpy(), case["inputs"]["national_employment"], case["inputs"]["delta"]
    )
    published = frame["lambda_published_econstack"].to_numpy()
    assert np.abs(found - published).max() <= case["tolerance"]["abs"] + 1e-9
    by_name = dict(zip(frame["name"].to_list(), found, strict=True))
    for name, value in case["expected"].items():
        assert by_name[name] == pytest.approx(value, abs=case["tolerance"]["abs"])


def test_regression_flq_and_aflq_of_six_sectors(golden: Golden) -> None:
    # A weak case: outputs computed, not published.
    case = golden["flq-aflq-derived-6sector"]
    region, nation = (np.array(case["inputs"][k]) for k in ("region", "nation"))
    quotients = regional.slq(region, nation)
    lam = float(regional.flq_lambda(region.sum(), nation.sum(), case["inputs"]["delta"]))
    close = case["tolerance"]["abs"]
    assert quotients == pytest.approx(np.array(case["expected"]["slq"]), abs=close)
    assert lam == pytest.approx(case["expected"]["lam"], abs=close)
    assert regional.flq(quotients, lam) == pytest.approx(np.array(case["expected"]["flq"]), abs=close)
    assert regional.aflq(quotients, lam) == pytest.approx(np.array(case["expected"]["aflq"]), abs=close)


def test_sellers_are_rows_and_buyers_columns() -> None:
    # A strong seller (2.0) and a weak buyer (0.5): FLQ[0, 1] = λ × 2 ÷ 0.5, capped; its transpose would be λ × 0.25.
    found = regional.flq(np.array([2.0, 0.5]), 0.2)
    assert found[0, 1] == pytest.approx(0.8)
    assert found[1, 0] == pytest.approx(0.05)


def test_deflator_2020_21(golden: Golden) -> None:
    # HM Treasury, March 2026.
    case = golden["deflator-2020-21"]
    found = deflators.factor(case["inputs"]["from_fy"], case["inputs"]["to_fy"])
    assert found == pytest.approx(case["expected"], abs=case["tolerance"]["abs"])


@pytest.mark.parametrize(("year", "says"), [("1995-96", "they cover 2000-01"), ("2016/17", "write it as 2016-17")])
def test_years_without_a_deflator(year: str, says: str) -> None:
    with pytest.raises(CwbError, match=says):
        deflators.index(year)


def test_net_factors(golden: Golden) -> None:
    case = golden["additionality-net-factor"]
    for name, rates in case["inputs"].items():
        found = additionality.net_factor(
            rates["deadweight"], rates["displacement"], rates["leakage"], rates["substitution"]
        )
        assert found == pytest.approx(case["expected"][name], abs=case["tolerance"]["abs"])


def test_regression_the_guides_formula(golden: Golden) -> None:
    # A weak case: the Guide's formula with made-up numbers.
    n = golden["additionality-guide-formula"]["inputs"]
    here = additionality.Rates(n["L"], n["Dp"], n["S"], n["M"])
    anyway = additionality.Rates(n["L_ref"], n["Dp_ref"], n["S_ref"], n["M_ref"])
    found = additionality.net_additional(n["GI"], here, n["GI_ref"], anyway)
    assert found == pytest.approx(golden["additionality-guide-formula"]["expected"], abs=1e-9)


def test_waterfall_runs_from_gross_to_net() -> None:
    steps = additionality.waterfall(1000, deadweight=0.2, displacement=0.25, benefit_leakage=0.1, substitution=0.0)
    assert steps[0] == ("Gross", 1000)
    assert steps[-1][1] == pytest.approx(540)
    assert sum(amount for _, amount in steps[:-1]) == pytest.approx(steps[-1][1])


def test_toms_nt1(golden: Golden) -> None:
    case = golden["toms-nt1-fte"]  # Torbay Council, TOMs dos and don'ts
    n = case["inputs"]
    found = jobs.fte_years(n["full_time"], n["part_time"], n["years"], n["pt_factor"])
    assert found == case["expected"]


def test_regression_jobs_implied_by_preston(golden: Golden) -> None:
    # A weak case: the method is inferred from 1,648 and 4,500 jobs.
    case = golden["preston-jobs-implied"]
    n, expected = case["inputs"], case["expected"]
    close = case["tolerance"]["abs"]
    assert n["local_rise_gbp"] / n["jobs"] == pytest.approx(expected["implied_preston"], abs=close)
    assert jobs.cles_jobs(n["local_rise_gbp"], expected["implied_preston"]) == pytest.approx(n["jobs"], rel=0.002)
    assert n["regional_rise_gbp"] / n["jobs_region"] == pytest.approx(expected["implied_lancashire"], abs=close)


def test_jobs_from_a_suppliers_accounts_stop_at_its_employees() -> None:
    assert jobs.company_jobs(500_000, 2_000_000, 40) == 10
    assert jobs.company_jobs(3_000_000, 2_000_000, 40) == 40
    assert jobs.company_jobs(500_000, 0, 40) is None
