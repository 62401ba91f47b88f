"""Leontief multipliers against published tables, and against pymrio where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cwb.errors import LookupsError
from cwb.impact import input_output as io

Golden = dict[str, dict[str, Any]]


def test_eurostat_manual_germany_1995(golden: Golden) -> None:
    # Eurostat Manual of Supply, Use and IO Tables (2008), pp. 481, 500-501.
    case = golden["io-eurostat-manual-de1995"]
    given = {k: np.array(v) for k, v in case["inputs"].items() if k != "order"}
    inverse = io.leontief(io.coefficients(given["Z"], given["output"]))
    close = case["tolerance"]["abs"]
    assert io.output_multipliers(inverse) == pytest.approx(np.array(case["expected"]["output_multipliers"]), abs=close)
    gva = io.effects(io.per_output(given["gva"], given["output"]), inverse)
    assert gva == pytest.approx(np.array(case["expected"]["gva_effects"]), abs=close)
    jobs = io.effects(io.per_output(given["employment"], given["output"]), inverse)
    assert jobs == pytest.approx(np.array(case["expected"]["employment_effects_per_unit_output"]), abs=close)


def test_spicosa_netherlands_2006(golden: Golden) -> None:
    # SPICOSA project, Input-Output Multipliers Specification Sheet.
    case = golden["io-spicosa-nl2006"]
    flows, output, pay = (np.array(case["inputs"][k]) for k in ("Z", "output", "coe"))
    inverse = io.leontief(io.coefficients(flows, output))
    close = case["tolerance"]["abs"]
    assert inverse[0] == pytest.approx(np.array(case["expected"]["leontief_row_1"]), abs=close)
    rate = io.per_output(pay, output)
    assert io.effects(rate, inverse) == pytest.approx(np.array(case["expected"]["income_effects"]), abs=close)
    multipliers = io.effect_multipliers(rate, inverse)
    assert multipliers == pytest.approx(np.array(case["expected"]["income_multipliers"]), abs=close)


def test_regression_miller_blair_two_sectors(golden: Golden) -> None:
    # A weak case: recalled from Miller & Blair 2009, s. 2.3.1; arithmetic only.
    case = golden["io-miller-blair-2sector"]
    made = io.coefficients(np.array(case["inputs"]["Z"]), np.array(case["inputs"]["x"]))
    inverse = io.leontief(made)
    close = case["tolerance"]["abs"]
    assert made == pytest.approx(np.array(case["expected"]["A"]), abs=close)
    assert inverse == pytest.approx(np.array(case["expected"]["L"]), abs=close)
    assert io.output_multipliers(inverse) == pytest.approx(np.array(case["expected"]["output_multipliers"]), abs=close)
    demand = np.array(case["inputs"]["new_final_demand"])
    assert inverse @ demand == pytest.approx(np.array(case["expected"]["x_new"]), abs=close)


def test_ons_2023_all_103_columns(ons_2023: Any) -> None:
    # ONS UK Input-Output Analytical Tables 2023, Blue Book 2025, sheets Multipliers and Effects.
    output = ons_2023.below["TOTAL_OUTPUT"]
    inverse = io.leontief(io.coefficients(ons_2023.flows, output))
    printed = ons_2023.multipliers
    assert len(ons_2023.codes) == 103
    assert io.output_multipliers(inverse) == pytest.approx(printed["typeI_output_multiplier"].to_numpy(), abs=1e-6)
    for row, effect in (("GVA", "gva"), ("COE", "coe"), ("IMPORTS_CIF", "import")):
        rate = io.per_output(ons_2023.below[row], output)
        assert io.effects(rate, inverse) == pytest.approx(printed[f"typeI_{effect}_effect"].to_numpy(), abs=1e-6)
        if effect != "import":
            multipliers = io.effect_multipliers(rate, inverse)
            assert multipliers == pytest.approx(printed[f"typeI_{effect}_multiplier"].to_numpy(), abs=1e-6, nan_ok=True)


def test_ons_2023_named_columns(ons_2023: Any, golden: Golden) -> None:
    case = golden["io-ons-uk-2023-ixi"]
    output = ons_2023.below["TOTAL_OUTPUT"]
    inverse = io.leontief(io.coefficients(ons_2023.flows, output))
    found = io.output_multipliers(inverse)
    for code, expected in case["expected"].items():
        at = ons_2023.codes.index(code)
        assert found[at] == pytest.approx(expected["output_multiplier"], abs=case["tolerance"]["abs"])


@pytest.mark.parametrize("kind", ["typeI", "typeII"])
def test_scotland_2019_all_98_columns(scotland_2019: Any, golden: Golden, kind: str) -> None:
    # Scottish Government Supply, Use and Input-Output Tables, 2019, sheets Type I and Type II multipliers.
    case = golden["io-scotland-2019-typeI-II"]
    output, printed = scotland_2019.below["TOTAL_OUTPUT"], scotland_2019.multipliers
    made = io.coefficients(scotland_2019.flows, output)
    if kind == "typeII":
        made = io.closed_to_households(
            made,
            io.per_output(scotland_2019.below["COE"], output),
            scotland_2019.beside["HH_CONSUMPTION"],
            case["inputs"]["total_household_income_gbp_m"],
        )
    inverse = io.leontief(made)
    assert len(scotland_2019.codes) == 98
    found = {
        "output_multiplier": io.output_multipliers(inverse, 98),
        "income_effect": io.effects(io.per_output(scotland_2019.below["COE"], output), inverse),
        "gva_effect": io.effects(io.per_output(scotland_2019.below["GVA"], output), inverse),
        "employment_effect_fte_per_gbp_m": io.effects(printed["direct_fte_per_gbp_m_output"].to_numpy(), inverse),
    }
    for name, values in found.items():
        has_output = output > 0  # Tobacco has none in 2019
        expected = printed[f"{kind}_{name}"].to_numpy()
        # The household income was recovered from the published inverse to the nearest £m, and FTE to six figures.
        assert values[has_output] == pytest.approx(expected[has_output], abs=1e-6, rel=1e-6), name
    for industry, expected_row in case["expected"].items():
        at = printed["industry"].to_list().index(industry)
        for name, values in found.items():
            assert values[at] == pytest.approx(expected_row[f"{kind}_{name}"], abs=case["tolerance"]["abs"])


def test_pymrio_agrees(ons_2023: Any, peer: Callable[[str], Any]) -> None:
    pymrio, pd = peer("pymrio"), peer("pandas")
    output = ons_2023.below["TOTAL_OUTPUT"]
    made = pymrio.calc_A(pd.DataFrame(ons_2023.flows), pd.Series(output))
    theirs = pymrio.calc_L(made).to_numpy()
    ours = io.leontief(io.coefficients(ons_2023.flows, output))
    assert ours == pytest.approx(theirs, abs=1e-9)
    assert io.output_multipliers(ours) == pytest.approx(theirs.sum(axis=0), abs=1e-9)


@pytest.mark.parametrize(
    ("flows", "output", "says"),
    [
        ([[1.0, 2.0], [3.0, 4.0]], [-10.0, 20.0], "output of sector 1 is negative"),
        ([[9.0, 2.0], [3.0, 4.0]], [10.0, 20.0], r"sector 1 buys £1\.200 for each £1"),
        ([[1.0, 2.0]], [10.0, 20.0], "need n by n and n"),
        ([[float("nan"), 2.0], [3.0, 4.0]], [10.0, 20.0], "empty or not a number"),
    ],
)
def test_impossible_tables_are_refused(flows: list[list[float]], output: list[float], says: str) -> None:
    with pytest.raises(LookupsError, match=says):
        io.coefficients(np.array(flows), np.array(output))


def test_an_industry_without_output_buys_nothing_and_has_a_multiplier_of_one() -> None:
    made = io.coefficients(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([4.0, 0.0]))
    assert io.output_multipliers(io.leontief(made))[1] == 1.0
