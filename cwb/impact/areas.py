"""What official statistics say of a place: its ITL region, GVA per filled job, and employment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from cwb import lookups
from cwb.deflators import calendar_index, index, start_year
from cwb.errors import PlaceError
from cwb.impact.ranges import Range

UK = "UKX"
YEAR_RULE = (
    "the published year nearest to the middle of the financial years, the later of two equally near; "
    "where it lies outside them, spend is put into that year's prices first"
)
AREA_RULE = "the ITL2 region that holds the place; where it spans several, their ITL1 region; beyond that the UK"


@dataclass(frozen=True)
class GvaPerJob:
    """GVA per filled job (£ a job a year, current prices) chosen for a place and a period."""

    itl_code: str
    itl_name: str
    year: int
    gbp: Range
    spend_factor: float
    source: str = "ons_itl_productivity_2023"

    @property
    def key(self) -> str:
        """Return the id it is listed under among the assumptions."""
        return f"gva_per_job.{self.itl_code}.{self.year}"

    @property
    def label(self) -> str:
        """Name the figure as a reader would look it up."""
        return f"ONS GVA per filled job, {self.itl_name}, {self.year}: £{self.gbp.central:,.0f}"


def itl_of(lad_codes: Collection[str]) -> str:
    """Return the ITL code of a place: ITL2 where one holds all its districts, else ITL1, else the UK.

    Raises:
        PlaceError: there are no districts, or one is not a current UK district.
    """
    districts = lookups.table("impact/districts")
    known = districts.filter(pl.col("lad_code").is_in(list(lad_codes)))
    missing = sorted(set(lad_codes) - set(known["lad_code"].to_list()))
    if missing or not lad_codes:
        raise PlaceError(f"no current UK district {', '.join(missing) or '(the place names none)'}")
    itl2 = set(known["itl2_code"].to_list())
    if len(itl2) == 1:
        return str(itl2.pop())
    itl1 = {code[:3] for code in itl2}
    return itl1.pop() if len(itl1) == 1 else UK


def _nearest_year(years: list[int], middle: float) -> int:
    return min(years, key=lambda y: (abs(y - middle), -y))


def gva_per_job(lad_codes: Collection[str], financial_years: Collection[str]) -> GvaPerJob:
    """Return ONS GVA per filled job for a place and the financial years its spend falls in.

    Area and year follow `AREA_RULE` and `YEAR_RULE` (a financial year's middle, 1 October, is taken for its first
    calendar year). The width covers the years published within the period and the wider ITL1 region's figure.
    `spend_factor` puts spend into the figure's prices; it is 1 where the year lies within the period.

    Raises:
        PlaceError: a district is unknown. CwbError: a year is not a financial year, or has no deflator.
    """
    starts = sorted(start_year(y) for y in financial_years)
    if not starts:
        raise PlaceError("no financial year to choose GVA per job for; give the run a year")
    first, last = starts[0], starts[-1]
    middle = (first + last) / 2
    code = itl_of(lad_codes)
    published = lookups.table("impact/gva_per_job")
    own = published.filter(pl.col("itl_code") == code)
    year = _nearest_year(own["year"].to_list(), middle)
    chosen = own.row(by_predicate=pl.col("year") == year, named=True)
    wider = published.filter(pl.col("itl_code") == (code[:3] if code != UK else UK))
    alternatives = [
        *own.filter(pl.col("year").is_between(first, last))["gva_per_job_gbp"].to_list(),
        *wider.filter(pl.col("year") == _nearest_year(wider["year"].to_list(), middle))["gva_per_job_gbp"].to_list(),
        chosen["gva_per_job_gbp"],
    ]
    within = first <= year <= last
    prices = [index(y) for y in financial_years]
    return GvaPerJob(
        itl_code=code,
        itl_name=chosen["itl_name"],
        year=year,
        gbp=Range(min(alternatives), chosen["gva_per_job_gbp"], max(alternatives)),
        spend_factor=1.0 if within else calendar_index(year) * len(prices) / sum(prices),
    )


def employment(lad_codes: Collection[str]) -> int | None:
    """Return jobs at workplaces in a place (BRES, headcount), or None where a district has no figure.

    Raises:
        PlaceError: a district is unknown.
    """
    itl_of(lad_codes)
    found = lookups.table("impact/districts").filter(pl.col("lad_code").is_in(list(lad_codes)))
    return None if found["employment"].null_count() else int(found["employment"].sum())
