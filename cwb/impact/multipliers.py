"""A place's own multipliers, by sector: a national table regionalised by location quotients, Type I and Type II."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cwb import lookups
from cwb.errors import LookupsError, PlaceError
from cwb.impact import areas, regional
from cwb.impact import input_output as io
from cwb.impact.assumptions import CENTRAL, AssumptionSet
from cwb.impact.chain import Quotient, household_demand, regional_table
from cwb.impact.figures import Area, Impact, caveats
from cwb.impact.input_output import Array
from cwb.impact.ranges import Range, around
from cwb.impact.sector_table import SectorTable, compact, jobs_per_gbp_m

MEASURES = (
    "type1_output", "type1_gva", "type1_pay", "type1_jobs", "type2_output", "type2_gva", "type2_pay", "type2_jobs",
)  # fmt: skip

_INCOME = "impact.household_income_per_pay"


@dataclass(frozen=True)
class Regionalised:
    """A national table (None: the compact one) and how it is made a place's: jobs by section there and in its region.

    Where jobs by section are None, all sectors are alike (SLQ = 1).
    """

    table: SectorTable | None = None
    quotient: Quotient = "flq"
    local_jobs: Mapping[str, float] | None = None
    region_jobs: Mapping[str, float] | None = None


COMPACT = Regionalised()


@dataclass(frozen=True)
class Model:
    """A regional table ready to multiply: Type I and Type II inverses, and GVA, pay and jobs per £ (jobs per £m)."""

    type1: Array
    type2: Array
    gva: Array
    pay: Array
    jobs: Array

    def measures(self) -> dict[str, Array]:
        """Return each of `MEASURES` by industry: £ for £1 of final demand, jobs (headcount) for £1m."""
        size = self.gva.size
        return {
            "type1_output": io.output_multipliers(self.type1),
            "type1_gva": io.effects(self.gva, self.type1),
            "type1_pay": io.effects(self.pay, self.type1),
            "type1_jobs": io.effects(self.jobs, self.type1),
            "type2_output": io.output_multipliers(self.type2, size),
            "type2_gva": io.effects(self.gva, self.type2),
            "type2_pay": io.effects(self.pay, self.type2),
            "type2_jobs": io.effects(self.jobs, self.type2),
        }


def regional_model(
    table: SectorTable,
    lam: float,
    quotients: Array | None,
    *,
    resident_share: float,
    income_per_pay: float | None = None,
    kind: Quotient = "flq",
) -> Model:
    """Regionalise: A_region = Q ∘ A, with Q by FLQ or AFLQ, or λ alone (SLQ = 1) where only total jobs are known.

    Households buy locally min(λ SLQ, 1) of each product, and `resident_share` of pay goes to people of the place.
    Their income is pay × `income_per_pay` (the shipped ratio without one).
    """
    even = np.ones(len(table.industries)) if quotients is None else quotients
    made = regional_table(table, lam, even, kind)
    pay, gva = io.per_output(table.pay, table.output), io.per_output(table.gva, table.output)
    ratio = CENTRAL.get(_INCOME).value if income_per_pay is None else income_per_pay
    bought = household_demand(table, lam, even)
    closed = io.closed_to_households(made, pay * resident_share, bought, float(table.pay.sum()) * ratio)
    return Model(io.leontief(made), io.leontief(closed), gva, pay, jobs_per_gbp_m(table.sections, table.year))


def location_quotients(table: SectorTable, jobs_by_section: Mapping[str, float]) -> Array:
    """Return SLQ by industry of `table` from a place's jobs by SIC section, against the UK's of 2019 (BRES).

    Raises:
        LookupsError: a section is unknown, or there are no jobs.
    """
    nation = lookups.table("impact/sector_jobs_uk")
    sections = nation["section"].to_list()
    unknown = sorted(set(jobs_by_section) - set(table.sections))
    if unknown:
        raise LookupsError(f"employment by section: no section '{unknown[0]}'; sections are {', '.join(sections)}")
    here = np.array([float(jobs_by_section.get(s, 0.0)) for s in sections])
    if here.sum() <= 0 or (here < 0).any():
        raise LookupsError("employment by section: needs jobs above zero, and none below")
    found = dict(zip(sections, regional.slq(here, nation["jobs"].to_numpy().astype(float)), strict=True))
    return np.array([found.get(s, 1.0) for s in table.sections])


def lambda_of(employed: float, assumptions: AssumptionSet = CENTRAL) -> Range:
    """Return λ of a place with so many jobs, with its width over δ and national employment."""
    return around(
        lambda delta, nation: float(regional.flq_lambda(employed, nation, delta)),
        [assumptions.range("impact.flq_delta"), assumptions.range("impact.national_employment")],
    )


def place_lambda(
    lad_codes: frozenset[str],
    assumptions: AssumptionSet = CENTRAL,
    jobs_by_section: Mapping[str, float] | None = None,
) -> Range:
    """Return λ of a place from its employment, or, where none is published, from the jobs by section given.

    Raises:
        PlaceError: a district is unknown, or has no employment figure and no jobs are given.
    """
    employed = areas.employment(lad_codes)
    if employed is None and not jobs_by_section:
        raise PlaceError(
            "no employment figure for the place (Northern Ireland is not in BRES): give its jobs by section (--jobs)"
        )
    return lambda_of(
        sum(jobs_by_section.values()) if employed is None and jobs_by_section else employed or 0, assumptions
    )


def multipliers(
    area: Area,
    *,
    table: SectorTable | None = None,
    jobs_by_section: Mapping[str, float] | None = None,
    kind: Quotient = "flq",
    assumptions: AssumptionSet = CENTRAL,
) -> Impact:
    """Return a place's multipliers by sector, each low, central and high, for `cwb multipliers --place`.

    Without `jobs_by_section` the location quotient of every sector is 1 and A_region = λ·A, and the basis says so.

    Raises:
        PlaceError: a district is unknown or has no employment figure. LookupsError: the jobs by section are not.
    """
    table = table or compact()
    quotients = None if jobs_by_section is None else location_quotients(table, jobs_by_section)
    lam = place_lambda(area.lad_codes, assumptions, jobs_by_section)
    resident, income = assumptions.range("impact.resident_workers"), assumptions.range(_INCOME)
    # The larger households' income beside pay, the less of it is spent on the table's products.
    incomes = {"low": income.high, "central": income.central, "high": income.low}
    at = {
        end: regional_model(
            table, getattr(lam, end), quotients, resident_share=getattr(resident, end), income_per_pay=per_pay,
            kind=kind,
        )
        for end, per_pay in incomes.items()
    }  # fmt: skip
    found = {end: model.measures() for end, model in at.items()}
    names = dict(lookups.table("sic_sections").select("section", "section_name").unique().iter_rows())
    sectors = [
        {
            "industry": industry,
            "section": section,
            "name": names.get(section, section),
            **{
                m: Range(*sorted(float(found[e][m][i]) for e in ("low", "central", "high"))).as_dict() for m in MEASURES
            },
        }
        for i, (industry, section) in enumerate(zip(table.industries, table.sections, strict=True))
    ]
    keys = ["impact.flq_delta", "impact.national_employment", "impact.resident_workers"]
    used = [assumptions.get(k) for k in (*keys, _INCOME)]
    evenly = "all sectors alike (SLQ = 1), so A_region = λ·A" if quotients is None else f"{kind.upper()} by section"
    block = {
        "place": area.name,
        "table": table.name,
        "lambda": lam.as_dict(),
        "basis": f"{evenly}; jobs are filled jobs, headcount, for £1m at {table.year} prices; gross",
        "method": "A_region = Q ∘ A; L = (I − A)⁻¹; Type II adds a household row and column",
        "units": {m: "jobs for £1m" if m.endswith("jobs") else "£ for £1 of final demand" for m in MEASURES},
        "sectors": sectors,
        "sources": [table.source, "flegg_webber_1997", "ons_bres_districts", "ons_ioat_bres_2019", "sg_io_2019"],
        "assumptions": [a.id for a in used],
        "caveat": caveats("input_output"),
    }
    return Impact(block, tuple(used))


def respend_by_section(area: Area, assumptions: AssumptionSet = CENTRAL) -> dict[str, Range]:
    """Equation: rₛ = Σᵢ λ aᵢₛ + (pay ÷ output)ₛ × share of residents: a borrowed re-spend rate for each SIC section.

    What a supplier of the section buys in the place, with the pay of those of its staff who live there; from the
    national table made the place's own, for suppliers that have not replied and whose size is not known.

    Raises:
        PlaceError: a district is unknown or has no employment figure.
    """
    table = compact()
    lam, resident = place_lambda(area.lad_codes, assumptions), assumptions.range("impact.resident_workers")
    bought, pay = table.made.sum(axis=0), io.per_output(table.pay, table.output)
    ends = [getattr(lam, e) * bought + getattr(resident, e) * pay for e in ("low", "central", "high")]
    return {s: Range(*(float(min(e[i], 1.0)) for e in ends)) for i, s in enumerate(table.sections)}


def many_inverses(made: Array, lambdas: Array) -> Array:
    """L = (I − λA)⁻¹ for each λ, stacked (areas by n by n): every district's regionalised inverse in one go."""
    return io.leontief(lambdas[:, None, None] * made)
