"""A place's multipliers: the nation at λ = 1, never less than 1, never less for a larger area, Type II over Type I."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwb import lookups
from cwb.errors import LookupsError, PlaceError
from cwb.impact import Area, multipliers
from cwb.impact import input_output as io
from cwb.impact.employment import read_employment
from cwb.impact.multipliers import (
    MEASURES,
    location_quotients,
    many_inverses,
    regional_model,
)
from cwb.impact.regional import flq_lambda
from cwb.impact.sector_table import compact

PRESTON = Area("Preston", frozenset({"E07000123"}))
MANCHESTER = Area("Manchester", frozenset({"E08000003"}))
SECTORS = len(compact().industries)
quotients = st.lists(st.floats(0.05, 5), min_size=SECTORS, max_size=SECTORS).map(np.array)


def test_the_compact_table_follows_ons_2023(ons_2023: Any) -> None:
    table = compact()
    assert table.output.sum() == pytest.approx(ons_2023.below["TOTAL_OUTPUT"].sum(), abs=1)
    assert table.gva.sum() == pytest.approx(ons_2023.below["GVA"].sum(), abs=1)
    assert table.flows.sum() == pytest.approx(ons_2023.flows.sum(), abs=1)
    # Summed to sections the multipliers stay near the published ones: section F is one industry there and here.
    built = io.output_multipliers(io.leontief(table.made))[table.industries.index("F")]
    published = ons_2023.multipliers["typeI_output_multiplier"][ons_2023.codes.index("F41, F42  & F43")]
    assert built == pytest.approx(published, rel=0.02)


def test_at_lambda_one_and_even_quotients_the_place_is_the_nation() -> None:
    table = compact()
    model = regional_model(table, 1.0, np.ones(SECTORS), resident_share=1.0)
    assert model.type1 == pytest.approx(io.leontief(table.made))


def test_prestons_lambda() -> None:
    block = multipliers(PRESTON).block
    assert block["lambda"]["central"] == pytest.approx(0.206, abs=0.0005)
    assert "SLQ = 1" in block["basis"]
    assert len(block["sectors"]) == SECTORS


@settings(max_examples=50, deadline=None)
@given(
    q=quotients,
    size=st.floats(0.01, 0.95),
    more=st.floats(1, 1.05),
    kind=st.sampled_from(["flq", "aflq"]),
    resident=st.floats(0, 1),
)
def test_multipliers_over_random_places(q: np.ndarray, size: float, more: float, kind: Any, resident: float) -> None:
    table = compact()
    small = regional_model(table, size, q, resident_share=resident, kind=kind).measures()
    large = regional_model(table, min(size * more, 1.0), q, resident_share=resident, kind=kind).measures()
    assert (small["type1_output"] >= 1 - 1e-12).all()
    for measure in ("output", "gva", "jobs"):
        assert (small[f"type2_{measure}"] >= small[f"type1_{measure}"] - 1e-12).all()
    for name in MEASURES:
        assert (large[name] >= small[name] - 1e-9).all(), name
    national = io.output_multipliers(io.leontief(table.made))
    assert (small["type1_output"] <= national + 1e-9).all()


@given(st.floats(1, 3e7), st.floats(1, 3e7), st.floats(0.05, 1))
def test_lambda_lies_between_0_and_1_and_grows_with_the_area(one: float, other: float, delta: float) -> None:
    small, large = sorted((one, other))
    found = flq_lambda(np.array([small, large]), 2.7e7, delta)
    assert 0 < found[0] <= found[1] <= 1


def test_every_figure_has_its_width_and_larger_places_keep_more() -> None:
    preston, manchester = multipliers(PRESTON).block, multipliers(MANCHESTER).block
    for here, there in zip(preston["sectors"], manchester["sectors"], strict=True):
        for measure in MEASURES:
            assert here[measure]["low"] <= here[measure]["central"] <= here[measure]["high"]
            assert there[measure]["central"] >= here[measure]["central"]


def test_employment_by_section_makes_quotients(tmp_path: Path) -> None:
    nation = lookups.table("impact/sector_jobs_uk")
    file = tmp_path / "bres.csv"
    lines = [f"{s},{j // 100}" for s, j in zip(nation["section"], nation["jobs"], strict=True)]
    file.write_text("section,jobs\n" + "\n".join(lines), "utf-8")
    found = location_quotients(compact(), read_employment(file))
    assert found == pytest.approx(np.ones(SECTORS), abs=1e-3)
    divisions = tmp_path / "nomis.csv"
    divisions.write_text('Industry,Count\n"41 : Construction of buildings","1,000"\n86 : Health,500\n', "utf-8")
    assert read_employment(divisions) == {"F": 1000.0, "Q": 500.0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("place,people\nF,3\n", "needs a column section"),
        ("section,jobs\nZ,3\n", "'Z' is not a SIC section"),
        ("section,jobs\nF,many\n", "jobs of 'F' are 'many'"),
    ],
)
def test_employment_files_that_are_not(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "bres.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(LookupsError, match=says):
        read_employment(file)


def test_no_place_without_employment() -> None:
    with pytest.raises(PlaceError, match="no employment figure"):
        multipliers(Area("Belfast", frozenset({"N09000003"})))


def test_many_inverses_are_each_their_own() -> None:
    lambdas = np.array([0.1, 0.4, 1.0])
    found = many_inverses(compact().made, lambdas)
    for one, lam in zip(found, lambdas, strict=True):
        assert one == pytest.approx(io.leontief(lam * compact().made))
