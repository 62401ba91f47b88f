"""What a run's spend supports: the "impact" block of summary.json and the "jobs" block of compare.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from cwb import lookups
from cwb.deflators import SOURCE as DEFLATORS
from cwb.deflators import calendar_index, index
from cwb.impact import additionality, areas, input_output, jobs, regional, sector_table
from cwb.impact.areas import GvaPerJob
from cwb.impact.assumptions import CENTRAL, AssumptionSet
from cwb.impact.lm3 import lm3
from cwb.impact.ranges import Range, around
from cwb.lookups import Assumption
from cwb.schema import BANDS

LOCAL, REGION = "local", "region_including_local"
_MEMBERS = {LOCAL: ("local",), REGION: ("local", "regional")}
_UNKNOWN_QUARTILES = (0.25, 0.75)


@dataclass(frozen=True)
class Area:
    """A place or its region as impact needs it: a name and its districts' ONS codes."""

    name: str
    lad_codes: frozenset[str]


@dataclass(frozen=True)
class Impact:
    """The block for summary.json or compare.json, and every assumption it used, each once."""

    block: dict[str, Any]
    assumptions: tuple[Assumption, ...]


@dataclass
class _Work:
    """What is being estimated for which years, the assumptions used so far in order, and notes for the reader."""

    chosen: AssumptionSet
    years: list[str]
    notes: list[str] = field(default_factory=list)
    seen: dict[str, Assumption] = field(default_factory=dict)

    def range(self, key: str) -> Range:
        self.seen[key] = self.chosen.get(key)
        return self.chosen.range(key)

    def published(self, factor: GvaPerJob) -> str:
        """Note the GVA per filled job that was chosen as an assumption of its own; return its id."""
        key = f"gva_per_job.{factor.itl_code}.{factor.year}"
        self.seen[key] = Assumption(
            id=key, label=f"GVA per filled job, {factor.itl_name}, {factor.year}", value=factor.gbp.central,
            low=factor.gbp.low, high=factor.gbp.high, unit="£ a filled job a year, current prices", kind="published",
            source=factor.source, locator="table of GVA per filled job, smoothed",
            caveat=f"Year: {areas.YEAR_RULE}. Area: {areas.AREA_RULE}.",
        )  # fmt: skip
        return key


def caveats(*kinds: str) -> str:
    """Return the sentences of lookups/impact/caveats.csv that apply to these kinds of figure, in the table's order."""
    rows = lookups.table("impact/caveats").filter(pl.col("applies_to").is_in([*kinds, "all"]))
    return " ".join(rows["text"].to_list())


def _figure(
    key: str, area: str, label: str, value: Range, *, unit: str, basis: str, method: str, sources: Sequence[str],
    assumptions: Sequence[str], kinds: Sequence[str], gross: bool | None = True,
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": f"{key}.{area}",
        "kind": key,
        "area": area,
        "label": label,
        **value.as_dict(),
        "unit": unit,
        "basis": basis,
        "method": method,
        "gross": gross,
        "nested_in": REGION if area == LOCAL else None,
        "sources": list(sources),
        "assumptions": list(assumptions),
        "caveat": caveats(*kinds),
    }


def cles_range(spend_gbp: float, factor: GvaPerJob, gva_share: Range) -> Range:
    """Return CLES-style jobs on `spend_gbp` (or on a change in it, which may be negative), with its width."""
    return around(
        lambda per_job, share: jobs.cles_jobs(spend_gbp * factor.spend_factor, per_job, share), [factor.gbp, gva_share]
    )


def _cles(work: _Work, area: str, place: Area, spend_gbp: float) -> dict[str, Any]:
    factor = areas.gva_per_job(place.lad_codes, work.years)
    value = cles_range(spend_gbp, factor, work.range("impact.gva_share_of_spend"))
    return _figure(
        "jobs_cles", area, f"Jobs supported in {place.name}, CLES-style", value, unit=jobs.HEADCOUNT,
        basis="gross, direct, workplace jobs; £1 of spend taken for £1 of GVA",
        method=f"spend ÷ {factor.label}",
        sources=[factor.source, "preston_council", *([DEFLATORS] if factor.spend_factor != 1 else [])],
        assumptions=[work.published(factor), "impact.gva_share_of_spend"], kinds=["jobs", "jobs_cles"],
    )  # fmt: skip


def _lm3(work: _Work, area: str, place: Area, bands: Mapping[str, int]) -> dict[str, Any] | None:
    total = sum(bands.get(b, 0) for b in BANDS)
    found = sum(bands.get(b, 0) for b in _MEMBERS[area])
    unknown = max(bands.get("unknown", 0), 0)
    if total <= 0 or found < 0:
        return None
    local = Range(found, found, min(found + unknown, max(total, found)))
    value = around(lambda pence, rate: lm3(total, [pence], [rate]) or 0.0, [local, work.range("impact.respend_local")])
    return _figure(
        "lm3", area, f"LM3, {place.name}", value, unit="£ in the place for each £1 spent, over three rounds",
        basis="ledger spend; re-spend borrowed from other places; unknown spend counted local at the high end only",
        method="(R1 + R2 + R3) ÷ R1", sources=["nef_lm3_2005", "cles_manchester_2017"],
        assumptions=["impact.respend_local"], kinds=["lm3"], gross=None,
    )  # fmt: skip


def local_lambda(delta: Range, national: Range, employment: int) -> Range:
    """Return λ of an area with its width over δ and national employment."""
    return around(lambda exponent, jobs_there: float(regional.flq_lambda(employment, jobs_there, exponent)),
                  [delta, national])  # fmt: skip


def _sector_jobs(work: _Work, area: str, place: Area, spend: pl.DataFrame) -> list[dict[str, Any]]:
    table = sector_table.compact()
    known, unknown = sector_table.spend_by_sector(table, spend)
    price = calendar_index(table.year) * len(work.years) / sum(index(y) for y in work.years)
    known, unknown = known * price, unknown * price
    per_m = sector_table.jobs_per_gbp_m(table.sections, table.year)
    mix = known / known.sum() if known.sum() > 0 and (known >= 0).all() else table.output / table.output.sum()
    low_rate, high_rate = (float(np.quantile(per_m, q)) for q in _UNKNOWN_QUARTILES)
    average = float(mix @ per_m)
    rate_unknown = Range(min(low_rate, average), average, max(high_rate, average))
    error = work.range("impact.sector_rate_error")
    error = Range(1 / error.high, 1.0, error.high)
    direct = around(lambda rate, slip: (jobs.direct_jobs(known, per_m) + unknown * rate) * slip, [rate_unknown, error])
    share = unknown / (known.sum() + unknown) if known.sum() + unknown else 0.0
    basis = f"gross, workplace jobs, {table.year} prices; sector unknown for {share:.0%} of spend, taken at the average"
    common: dict[str, Any] = {"unit": jobs.HEADCOUNT, "kinds": ["jobs", "input_output"]}
    sources = ["ons_ioat_bres_2019", DEFLATORS]
    figures = [
        _figure(
            "jobs_direct",
            area,
            f"Jobs at suppliers in {place.name}, by sector",
            direct,
            basis=basis,
            method="Σ spend × jobs per £m of output of the supplier's section",
            sources=sources,
            assumptions=["impact.sector_rate_error"],
            **common,
        )
    ]
    employed = areas.employment(place.lad_codes)
    if employed is None:
        work.notes.append(f"No employment figure for {place.name}: supply-chain, gross and net jobs are left out.")
        return figures
    lam = local_lambda(work.range("impact.flq_delta"), work.range("impact.national_employment"), employed)
    spread = known + unknown * mix
    chain = around(
        lambda size, slip: jobs.supply_chain_jobs(spread, per_m, input_output.leontief(size * table.made)) * slip,
        [lam, error],
    )
    leontief_basis = f"{basis}; λ {lam.central:.3f} ({lam.low:.3f} to {lam.high:.3f}), all sectors alike"
    keys = ["impact.sector_rate_error", "impact.flq_delta", "impact.national_employment"]
    sources = [*sources, "ons_ioat_2023", "flegg_webber_1997", "ons_bres_districts"]
    gross = direct + chain
    cuts = ["deadweight", "displacement", "benefit_leakage", "substitution"]
    factors = [work.range(f"impact.{c}") for c in cuts]
    net = around(lambda all_jobs, *rates: all_jobs * additionality.net_factor(*rates), [gross, *factors])
    return [
        *figures,
        _figure("jobs_supply_chain", area, f"Jobs in the supply chain within {place.name}", chain, sources=sources,
                basis=leontief_basis, method="e (L − I) f, L of λ·A (Type I)", assumptions=keys, **common),
        _figure("jobs_gross", area, f"Jobs, direct and supply chain, within {place.name}", gross, sources=sources,
                basis=leontief_basis, method="direct + supply chain", assumptions=keys, **common),
        _figure("jobs_net", area, f"Net additional jobs within {place.name}, illustrative", net, gross=False,
                basis="net; rates are illustrative, enter your own", sources=[*sources, "ep_additionality_2008"],
                method="gross × (1 − deadweight)(1 − displacement)(1 − benefit leakage)(1 − substitution)",
                assumptions=[*keys, *(f"impact.{c}" for c in cuts)], **common),
    ]  # fmt: skip


def estimate(
    *,
    bands: Mapping[str, int],
    by_section: pl.DataFrame,
    local: Area,
    region: Area,
    financial_years: Sequence[str],
    assumptions: AssumptionSet = CENTRAL,
) -> Impact:
    """Return what a run's spend supports, for summary.json's "impact" and "assumptions".

    Args:
        bands: pence in each of the four bands.
        by_section: `sic_section` (null where unknown), `band`, `amount_pence`; its sums by band are those of `bands`.
        local: the place.
        region: the region, with the place in it.
        financial_years: the years of the payments, as "2016-17"; at least one.
        assumptions: the set to use.

    Returns:
        A block {"set", "figures": [{id, kind, area, label, low, central, high, unit, basis, method, gross, nested_in,
        sources, assumptions, caveat}], "notes"} and the assumptions work. Local figures are nested in the region's
        and never to be added to them.

    Raises:
        PlaceError: a district is unknown. CwbError: a year has no deflator.
    """
    work = _Work(assumptions, sorted(set(financial_years)))
    figures: list[dict[str, Any]] = []
    if not work.years:
        return Impact({"set": assumptions.name, "figures": [], "notes": ["No financial year: no impact."]}, ())
    for area, place in ((LOCAL, local), (REGION, region)):
        multiplier = _lm3(work, area, place, bands)
        if multiplier is None:
            work.notes.append(f"No LM3 for {place.name}: the ledger's total or its spend there is not above zero.")
        else:
            figures.append(multiplier)
        spend_gbp = sum(bands.get(b, 0) for b in _MEMBERS[area]) / 100
        figures.append(_cles(work, area, place, spend_gbp))
        inside = by_section.filter(pl.col("band").is_in(_MEMBERS[area]))
        figures.extend(_sector_jobs(work, area, place, inside))
    work.notes.append("Local figures lie inside the region's: never add the two.")
    block = {"set": assumptions.name, "figures": figures, "notes": list(dict.fromkeys(work.notes))}
    return Impact(block, tuple(work.seen.values()))


def estimate_change(
    change_pence: Mapping[str, int],
    *,
    local: Area,
    region: Area,
    years_from: Sequence[str],
    years_to: Sequence[str],
    assumptions: AssumptionSet = CENTRAL,
) -> Impact:
    """Return CLES-style jobs on the change in spend, for compare.json's "jobs".

    `change_pence` maps local and regional (or region_including_local) to the change in pence between the years.

    Returns:
        {"local": {"method", "low", "central", "high", …}, "region_including_local": {…}}: gross; local is nested in
        the region's.

    Raises:
        PlaceError: a district is unknown. CwbError: a year is not a financial year or has no deflator.
    """
    work = _Work(assumptions, sorted({*years_from, *years_to}))
    if not work.years:
        return Impact({}, ())
    spend = {
        LOCAL: change_pence["local"],
        REGION: change_pence.get(REGION, change_pence["local"] + change_pence.get("regional", 0)),
    }
    block = {area: _cles(work, area, place, spend[area] / 100) for area, place in ((LOCAL, local), (REGION, region))}
    for area, place in ((LOCAL, local), (REGION, region)):
        block[area]["label"] = f"Jobs on the change in spend in {place.name}, CLES-style"
        block[area]["method"] = block[area]["method"].replace("spend ÷", "change in spend ÷", 1)
    return Impact(block, tuple(work.seen.values()))
