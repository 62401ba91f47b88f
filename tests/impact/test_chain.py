"""A place's own table in a run's figures: FLQ from jobs by industry, full tables, and thousands of λ at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwb import lookups
from cwb.impact import Area, Regionalised, chain, estimate
from cwb.impact import input_output as io
from cwb.impact.multipliers import location_quotients, regional_model
from cwb.impact.regional import flq_lambda
from cwb.impact.sector_table import SectorTable, compact

PRESTON = Area("Preston", frozenset({"E07000123"}))
BELFAST = Area("Belfast", frozenset({"N09000003"}))
SPEND = pl.DataFrame(
    [("F", "local", 400_000_000), ("N", "local", 100_000_000)],
    schema={"sic_section": pl.String, "band": pl.String, "amount_pence": pl.Int64},
    orient="row",
)
NATION = dict(lookups.table("impact/sector_jobs_uk").select("section", "jobs").iter_rows())


def figures(place: Area = PRESTON, **changes: Any) -> dict[str, dict[str, Any]]:
    inputs: dict[str, Any] = {
        "bands": {"local": 500_000_000, "regional": 0, "leaked": 0, "unknown": 0}, "by_section": SPEND,
        "local": place, "region": place, "financial_years": ["2016-17"],
    }  # fmt: skip
    return {f["id"]: f for f in estimate(**(inputs | changes)).block["figures"]}


def test_a_place_like_the_nation_is_the_place_of_which_only_the_size_is_known() -> None:
    plain = figures()
    for kind in ("flq", "aflq"):
        same = figures(made=Regionalised(quotient=kind, local_jobs={s: j / 300 for s, j in NATION.items()}))
        for key, figure in plain.items():
            if key.endswith(".local"):
                assert same[key]["central"] == pytest.approx(figure["central"], rel=1e-6), key
        assert f"{kind.upper()} by the place's own jobs" in same["jobs_gross.local"]["basis"]
        assert f"{kind.upper()}·A" in same["jobs_supply_chain.local"]["method"]
    assert "all sectors alike" in plain["jobs_gross.local"]["basis"]


def test_the_places_own_industries_move_its_supply_chain_by_the_published_equation() -> None:
    own = {s: j / 300 * {"F": 3, "N": 0.5}.get(s, 1) for s, j in NATION.items()}
    found = figures(made=Regionalised(local_jobs=own))
    table = compact()
    lam = float(flq_lambda(99595, 27633910, 0.3))
    model = regional_model(table, lam, location_quotients(table, own), resident_share=0.7)
    share = np.array([{"F": 0.8, "N": 0.2}.get(s, 0.0) for s in table.sections])
    assert found["output_type1.local"]["central"] == pytest.approx(io.output_multipliers(model.type1) @ share)
    both = io.output_multipliers(model.type2, len(table.industries)) @ share
    assert found["output_type2.local"]["central"] == pytest.approx(both)
    assert found["jobs_supply_chain.local"]["central"] != pytest.approx(figures()["jobs_supply_chain.local"]["central"])


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.floats(0.05, 5), min_size=20, max_size=20).map(np.array),
    st.sampled_from(["flq", "aflq", None]),
    st.floats(0.05, 0.4),
)
def test_thousands_of_lambdas_are_as_good_as_one_by_one(quotients: np.ndarray, kind: Any, low: float) -> None:
    table = compact()
    lams = np.linspace(low, low + 0.12, 1000)
    how = {} if kind is None else {"quotients": quotients, "kind": kind}
    many = chain.Chain(table, lams, **how)
    row, column = table.gva / table.output, table.output / table.output.sum()
    found, bought = many.through(row, column), many.households(row)
    for at in (0, 137, 500, 999):
        one = chain.Chain(table, lams[at : at + 1], **how)
        assert found[at] == pytest.approx(one.through(row, column)[0], rel=1e-4)
        assert bought[at] == pytest.approx(one.households(row)[0], rel=1e-3)


def test_a_full_table_moves_the_run(ons_2023: Any) -> None:
    below, codes = ons_2023.below, ons_2023.codes
    full = SectorTable(
        name="UK 2023, 103 industries", year=2023, industries=tuple(codes), sections=tuple(c[0] for c in codes),
        flows=ons_2023.flows, output=below["TOTAL_OUTPUT"], gva=below["GVA"], pay=below["COE"],
        imports=below["IMPORTS_CIF"], household=np.zeros(len(codes)), source="ons_ioat_2023",
    )  # fmt: skip
    fuller, plain = figures(made=Regionalised(table=full)), figures()
    assert "103 industries" in fuller["gva_type1.local"]["method"]
    assert fuller["jobs_direct.local"]["central"] == pytest.approx(plain["jobs_direct.local"]["central"], rel=0.02)
    assert fuller["gva_type1.local"]["central"] == pytest.approx(plain["gva_type1.local"]["central"], rel=0.1)


def test_a_place_without_an_employment_figure_takes_the_jobs_it_is_given() -> None:
    assert "jobs_gross.local" not in figures(BELFAST)
    found = figures(BELFAST, made=Regionalised(local_jobs={s: j / 130 for s, j in NATION.items()}))
    assert found["jobs_gross.local"]["central"] > found["jobs_direct.local"]["central"]
