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
from cwb.impact.input_output import Array, per_output
from cwb.impact.ranges import Range
from cwb.impact.sector_table import SectorTable, jobs_per_gbp_m

CUTS = ("impact.deadweight", "impact.displacement", "impact.benefit_leakage", "impact.substitution")
LAMBDA = ("impact.flq_delta", "impact.national_employment")
HOUSEHOLDS = ("impact.resident_workers", "impact.household_income_per_pay")
ERROR, UNKNOWN_LOCAL, UNKNOWN_RATE = "impact.sector_rate_error", "impact.unknown_local", "unknown_sector_rate"
GVA_SHARE, RESPEND = "impact.gva_share_of_spend", "impact.respend_local"
_DIRECT = (ERROR, UNKNOWN_RATE, UNKNOWN_LOCAL)
_CHAIN = (*_DIRECT, *LAMBDA)
# What each outcome depends on; the rest of the inputs do not move it.
DEPENDS: dict[str, tuple[str, ...]] = {
    "lm3": (RESPEND, UNKNOWN_LOCAL),
    "jobs_cles": (GVA_SHARE, UNKNOWN_LOCAL),
    "jobs_direct": _DIRECT,
    "jobs_supply_chain": _CHAIN,
    "jobs_gross": _CHAIN,
    "jobs_induced": (*_CHAIN, *HOUSEHOLDS),
    "jobs_net": (*_CHAIN, *CUTS),
    "gva_type1": (*LAMBDA, UNKNOWN_LOCAL),
}
NEEDS_EMPLOYMENT = ("jobs_supply_chain", "jobs_gross", "jobs_induced", "jobs_net", "gva_type1")
_QUARTILES = (0.25, 0.75)


@dataclass(frozen=True)
class AreaSpend:
    """What a run spent in one area: £ as paid, and £m by industry of `table` at the table year's prices.

    `total_gbp` is all spend of the run, `parts` what was placed in the area, each part with the GVA per filled job of
    where it lies, and `unknown_gbp` what has no place (it could lie in the first part). `by_industry` and `no_sector`
    (£m) split what was placed, `mix` is given to spend without a sector
    (`mix_of_known`: it is that of the run's own, not of the nation); `price` is what £1 as paid is in the table
    year's prices.
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

    @property
    def found_gbp(self) -> float:
        """What was placed in the area, £."""
        return sum(gbp for gbp, _ in self.parts)

    def depends(self) -> dict[str, tuple[str, ...]]:
        """Return `DEPENDS` with GVA per filled job by the names of the areas it is taken from."""
        keys = tuple(dict.fromkeys(factor.key for _, factor in self.parts))
        return DEPENDS | {"jobs_cles": (*keys, *DEPENDS["jobs_cles"])}

    @cached_property
    def jobs_per_gbp_m(self) -> Array:
        """Headcount per £m of output by industry, at the table year's prices."""
        return jobs_per_gbp_m(self.table.sections, self.table.year)

    def unknown_rate(self) -> Range:
        """Jobs per £m where the sector is unknown: the average over the known mix, from quartile to quartile."""
        average = float(self.mix @ self.jobs_per_gbp_m)
        low, high = (float(np.quantile(self.jobs_per_gbp_m, q)) for q in _QUARTILES)
        return Range(min(low, average), average, max(high, average))

    @cached_property
    def spectrum(self) -> tuple[Array, Array, Array]:
        """Eigenvalues and eigenvectors of A, with their inverse: (I − λA)⁻¹ for any λ without inverting again."""
        values, vectors = np.linalg.eig(self.table.made)
        return values, vectors, np.linalg.inv(vectors)


def _through(spend: AreaSpend, lam: Array, row: Array, column: Array) -> Array:
    """Row (I − λA)⁻¹ column for each λ: V diag(1 ÷ (1 − λμ)) V⁻¹ in place of the inverse."""
    values, vectors, inverse = spend.spectrum
    weights = (row @ vectors) * (inverse @ column)
    return np.asarray((weights / (1 - lam[:, None] * values)).sum(axis=1).real, dtype=np.float64)


def _cles(spend: AreaSpend, maybe: Array, inputs: Mapping[str, Array]) -> Array:
    """Return CLES-style jobs: each part over the GVA per filled job where it lies: a region holds its places."""
    out = np.zeros_like(maybe)
    for at, (gbp, factor) in enumerate(spend.parts):
        paid = gbp + (maybe if at == 0 else 0.0)
        out = out + paid * factor.spend_factor * inputs[GVA_SHARE] / inputs[factor.key]
    return out


def evaluate(spend: AreaSpend, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """Return each outcome of `DEPENDS` for arrays of inputs of one length; those that need employment only with it.

    LM3 (None-like nan where there is no spend), jobs in headcount, `gva_type1` in £m as paid. Equations: `lm3.lm3`,
    `jobs.cles_jobs`, `jobs.direct_jobs`, `jobs.supply_chain_jobs`, `additionality.net_factor`, and for induced jobs the
    household row and column of `input_output.closed_to_households` by the inverse of a partitioned matrix.
    """
    maybe = spend.unknown_gbp * inputs[UNKNOWN_LOCAL]
    here = spend.found_gbp + maybe
    extra = spend.no_sector + maybe * spend.price / 1e6
    per_m = spend.jobs_per_gbp_m
    out = {
        "lm3": 1 + here * (1 + inputs[RESPEND]) / spend.total_gbp if spend.total_gbp > 0 else here * np.nan,
        "jobs_cles": _cles(spend, maybe, inputs),
        "jobs_direct": (jobs.direct_jobs(spend.by_industry, per_m) + extra * inputs[UNKNOWN_RATE]) * inputs[ERROR],
    }
    if spend.employment is None:
        return out
    lam = regional.flq_lambda(spend.employment, inputs[LAMBDA[1]], inputs[LAMBDA[0]])
    table = spend.table

    def effect(row: Array) -> Array:
        known = _through(spend, lam, row, spend.by_industry)
        return known + extra * _through(spend, lam, row, spend.mix)

    whole = effect(per_m)
    direct = float(per_m @ spend.by_industry) + extra * float(per_m @ spend.mix)
    out["jobs_supply_chain"] = (whole - direct) * inputs[ERROR]
    out["jobs_gross"] = out["jobs_direct"] + out["jobs_supply_chain"]
    out["gva_type1"] = effect(per_output(table.gva, table.output)) / spend.price
    pay = per_output(table.pay, table.output)
    bought = np.maximum(table.household, 0.0) / float(table.pay.sum())
    resident, income = (inputs[k] for k in HOUSEHOLDS)
    column = lam / income
    closing = 1 - resident * column * _through(spend, lam, pay, bought)
    out["jobs_induced"] = (
        resident * effect(pay) * column * _through(spend, lam, per_m, bought) / closing * inputs[ERROR]
    )
    out["jobs_net"] = out["jobs_gross"] * additionality.net_factor(*(inputs[k] for k in CUTS))
    return out
