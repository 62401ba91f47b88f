"""Which region's GVA per job, and of which year: by rule, for every district."""

from __future__ import annotations

import pytest

from cwb import lookups
from cwb.errors import PlaceError
from cwb.impact.areas import employment, gva_per_job, itl_of


def test_every_current_district_has_its_region() -> None:
    ours = lookups.table("impact/districts")
    assert set(ours["lad_code"]) == set(lookups.table("districts")["lad_code"])
    known = set(lookups.table("impact/gva_per_job")["itl_code"])
    assert set(ours["itl2_code"]) <= known
    english = ours.filter(ours["employment"].is_null())["lad_code"].to_list()
    assert all(code.startswith("N") for code in english)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["E07000123"], "TLD4"),  # Preston: Lancashire
        (["E08000003", "E08000006"], "TLD3"),  # Manchester and Salford: Greater Manchester
        (["E08000003", "E07000123"], "TLD"),  # Manchester and Preston: the North West
        (["E08000003", "W06000015"], "UKX"),  # Manchester and Cardiff: the UK
        (["N09000003"], "TLN0"),
        (["S12000049"], "TLM8"),
    ],
)
def test_the_smallest_region_that_holds_the_place(codes: list[str], expected: str) -> None:
    assert itl_of(codes) == expected


@pytest.mark.parametrize(
    ("codes", "years", "year", "gbp"),
    [
        (["E07000123"], ["2012-13", "2016-17"], 2015, 44_727),  # the middle is 2014: 2013 and 2015 are as near
        (["E07000123"], ["2016-17"], 2016, 46_386.31),
        (["E08000003"], ["2012-13", "2016-17"], 2013, 45_384.06),
        (["E07000123"], ["2024-25"], 2021, 48_963.26),
    ],
)
def test_the_nearest_published_year(codes: list[str], years: list[str], year: int, gbp: float) -> None:
    # ONS, Subregional productivity, June 2023, tables A3 and B3, smoothed.
    found = gva_per_job(codes, years)
    assert (found.year, found.gbp.central) == (year, gbp)
    assert found.gbp.low <= found.gbp.central <= found.gbp.high


def test_spend_is_put_into_the_years_prices_only_outside_the_period() -> None:
    assert gva_per_job(["E07000123"], ["2012-13", "2016-17"]).spend_factor == 1
    # 2021 is a quarter of 2020-21 and three of 2021-22: (85.1002 + 3 × 85.3036) / 4, over 100 for 2024-25.
    assert gva_per_job(["E07000123"], ["2024-25"]).spend_factor == pytest.approx(0.8525275)


def test_employment_and_what_is_not_a_district() -> None:
    assert employment(["E07000123"]) == 99_595
    assert employment(["E07000123", "N09000003"]) is None
    with pytest.raises(PlaceError, match="no current UK district E07000026"):
        itl_of(["E07000123", "E07000026"])  # Allerdale, abolished in 2023
    with pytest.raises(PlaceError, match="the place names none"):
        employment([])
