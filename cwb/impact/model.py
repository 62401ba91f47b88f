"""Every outcome of impact as one vectorised function of its inputs, so that ranges, draws and tornado agree.

Inputs are arrays of any one length: a single number for the central value, the corners for bounds, draws for intervals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cwb.impact import additionality, jobs, regional
from cwb.impact.areas import GvaPerJob
from cwb.impact.chain import Chain, Quotient
from cwb.impact.input_output import Array, per_output
from cwb.impact.ranges import Range
from cwb.impact.sector_table import SectorTable, jobs_per_gbp_m

CUTS = ("impact.deadweight", "impact.displacement", "impact.benefit_leakage", "impact.substitution")
LAMBDA = ("impact.flq_delta", "impact.national_employment")
HOUSEHOLDS = ("impact.resident_workers", "impact.household_income_per_pay")
COMPANY_ERROR = "impact.company_rate_error"
ERROR, UNKNOWN_LOCAL, UNKNOWN_RATE = "impact.sector_rate_error", "impact.unknown_local", "unknown_sector_rate"
GVA_SHARE, RESPEND = "impact.gva_share_of_spend", "impact.respend_local"
_DIRECT = (ERROR, UNKNOWN_RATE, UNKNOWN_LOCAL)
_CHAIN = (*_DIRECT, *LAMBDA)
# What each outcome depends on; the rest of the inputs do not move it.
DEPENDS: dict[str, tuple[str, ...]] = {
    "lm3": (RESPEND, UNKNOWN_LOCAL),
    "jobs_cles": (GVA_SHARE, UNKNOWN_LOCAL),
    "jobs_direct": _DIRECT,
    "jobs_company": (COMPANY_ERROR, *_DIRECT),
    "jobs_supply_chain": _CHAIN,
    "jobs_gross": _CHAIN,
    "jobs_induced": (*_CHAIN, *HOUSEHOLDS),
    "jobs_net": (*_CHAIN, *CUTS),
    "gva_type1": (*LAMBDA, UNKNOWN_LOCAL),
    "pay_type1": (*LAMBDA, UNKNOWN_LOCAL),
    "output_type1": (*LAMBDA, UNKNOWN_LOCAL),
    "output_type2": (*LAMBDA, UNKNOWN_LOCAL, *HOUSEHOLDS),
}
_QUARTILES = (0.25, 0.75)


@dataclass(frozen=True)
class Accounted:
    """Spend with suppliers whose accounts are known, in the place: £m by industry and without one, suppliers, jobs."""

    by_industry: Array
    no_sector: float
    suppliers: int
    jobs: float


@dataclass(frozen=True)
class AreaSpend:
    """What a run spent in one area: £ as paid, and £m by industry of `table` at the table year's prices.

    `total_gbp` is all spend of the run, `parts` what was placed in the area, each part with the GVA per filled job of
    where it lies, and `unknown_gbp` what has no place (it could lie in the first part). `by_industry` and `no_sector`
    (£m) split what was placed, `mix` is given to spend without a sector
    (`mix_of_known`: it is that of the run's own, not of the nation); `price` is what £1 as paid is in the table
    year's prices. `quotients` by industry make the table the place's own, as `quotient` says; None: λ alone.
    `accounted` is the part of the spend with suppliers whose accounts give employees and turnover.
    """

    table: SectorTable
    total_gbp: float
    parts: tuple[tuple[float, GvaPerJob], ...]
    unknown_gbp: float
    by_industry: Array
    no_sector: float
    mix: Array
    mix_of_known: bool
    price: float
    employment: int | None
    quotients: Array | None = None
    quotient: Quotient = "flq"
    accounted: Accounted | None = None

    @property
    def found_gbp(self) -> float:
        """What was placed in the area, £."""
        return sum(gbp for gbp, _ in self.parts)

    def depends(self) -> dict[str, tuple[str, ...]]:
        """Return `DEPENDS` with GVA per filled job by the names of the areas it is taken from."""
        keys = tuple(dict.fromkeys(factor.key for _, factor in self.parts))
        without = () if self.accounted else ("jobs_company",)
        return {k: v for k, v in DEPENDS.items() if k not in without} | {"jobs_cles": (*keys, *DEPENDS["jobs_cles"])}

    @cached_property
    def jobs_per_gbp_m(self) -> Array:
        """Headcount per £m of output by industry, at the table year's prices."""
        return jobs_per_gbp_m(self.table.sections, self.table.year)

    def unknown_rate(self) -> Range:
        """Jobs per £m where the sector is unknown: the average over the known mix, from quartile to quartile."""
        average = float(self.mix @ self.jobs_per_gbp_m)
        low, high = (float(np.quantile(self.jobs_per_gbp_m, q)) for q in _QUARTILES)
        return Range(min(low, average), average, max(high, average))


def _cles(spend: AreaSpend, maybe: Array, inputs: Mapping[str, Array]) -> Array:
    """Return CLES-style jobs: each part over the GVA per filled job where it lies: a region holds its places."""
    out = np.zeros_like(maybe)
    for at, (gbp, factor) in enumerate(spend.parts):
        paid = gbp + (maybe if at == 0 else 0.0)
        out = out + paid * factor.spend_factor * inputs[GVA_SHARE] / inputs[factor.key]
    return out


def evaluate(spend: AreaSpend, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """Return each outcome of `DEPENDS` for arrays of inputs of one length; those that need employment only with it.

    LM3 (nan where there is no spend), jobs in headcount, `gva_type1` and `pay_type1` in £m as paid, and output for £1
    spent. Equations: `lm3.lm3`, `jobs.cles_jobs`, `jobs.direct_jobs`, `jobs.company_jobs`, `jobs.supply_chain_jobs`,
    `additionality.net_factor`, and for induced jobs the household row and column of
    `input_output.closed_to_households` by the inverse of a partitioned matrix.
    """
    maybe = spend.unknown_gbp * inputs[UNKNOWN_LOCAL]
    here = spend.found_gbp + maybe
    extra = spend.no_sector + maybe * spend.price / 1e6
    per_m = spend.jobs_per_gbp_m
    by_sector = jobs.direct_jobs(spend.by_industry, per_m) + extra * inputs[UNKNOWN_RATE]
    out = {
        "lm3": 1 + here * (1 + inputs[RESPEND]) / spend.total_gbp if spend.total_gbp > 0 else here * np.nan,
        "jobs_cles": _cles(spend, maybe, inputs),
        "jobs_direct": by_sector * inputs[ERROR],
    }
    if spend.accounted is not None:
        told = spend.accounted
        known = jobs.direct_jobs(told.by_industry, per_m) + told.no_sector * inputs[UNKNOWN_RATE]
        out["jobs_company"] = told.jobs * inputs[COMPANY_ERROR] + (by_sector - known) * inputs[ERROR]
    return out if spend.employment is None else out | _chained(spend, extra, out["jobs_direct"], inputs)


def _chained(spend: AreaSpend, extra: Array, direct_jobs: Array, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """Return what runs through supply chains in the place; `extra` is spend without a sector, £m."""
    table, per_m = spend.table, spend.jobs_per_gbp_m
    lam = regional.flq_lambda(float(spend.employment or 0), inputs[LAMBDA[1]], inputs[LAMBDA[0]])
    chain = Chain(table, lam, spend.quotients, spend.quotient)

    def effect(row: Array) -> Array:
        return chain.through(row, spend.by_industry) + extra * chain.through(row, spend.mix)

    direct = float(per_m @ spend.by_industry) + extra * float(per_m @ spend.mix)
    pay, gva = per_output(table.pay, table.output), per_output(table.gva, table.output)
    every = np.ones(len(table.industries))
    resident, income = (inputs[k] for k in HOUSEHOLDS)
    # Of each £ of residents' income, what is bought in the place, as a share of the nation's demand (£m).
    spent_again = resident / (income * float(table.pay.sum()))
    wages = effect(pay)
    again = wages * spent_again / (1 - spent_again * chain.households(pay))
    out = {"jobs_supply_chain": (effect(per_m) - direct) * inputs[ERROR]}
    out["jobs_gross"] = direct_jobs + out["jobs_supply_chain"]
    out["jobs_induced"] = again * chain.households(per_m) * inputs[ERROR]
    out["jobs_net"] = out["jobs_gross"] * additionality.net_factor(*(inputs[k] for k in CUTS))
    out["gva_type1"] = effect(gva) / spend.price
    out["pay_type1"] = wages / spend.price
    demand = float(spend.by_industry.sum()) + extra
    if (demand > 0).all():
        out["output_type1"] = effect(every) / demand
        out["output_type2"] = out["output_type1"] + again * chain.households(every) / demand
    return out
