"""What a run's spend supports: the "impact" block of summary.json and the "jobs" block of compare.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from cwb.deflators import SOURCE as DEFLATORS
from cwb.deflators import calendar_index, index
from cwb.impact import areas, jobs, model, sector_table, uncertainty
from cwb.impact.assumptions import CENTRAL, AssumptionSet
from cwb.impact.figures import LOCAL, MEMBERS, REGION, Area, Impact, Work, figure
from cwb.impact.multipliers import place_lambda
from cwb.impact.ranges import Range
from cwb.schema import BANDS

# Figures in the order they are read: what they are called, and what is said of each.
_WORDS: dict[str, tuple[str, str, str]] = {
    "lm3": (
        "LM3, {place}",
        "£ in the place for each £1 spent, over three rounds",
        "ledger spend; re-spend borrowed from other places",
    ),
    "jobs_cles": ("Jobs supported in {place}, CLES-style", jobs.HEADCOUNT, "£1 of spend taken for £1 of GVA"),
    "jobs_direct": ("Jobs at suppliers in {place}, by sector", jobs.HEADCOUNT, "sectors"),
    "jobs_supply_chain": ("Jobs in the supply chain within {place}", jobs.HEADCOUNT, "chain"),
    "jobs_gross": ("Jobs, direct and supply chain, within {place}", jobs.HEADCOUNT, "chain"),
    "jobs_induced": ("Jobs that the pay of those supports within {place}", jobs.HEADCOUNT, "chain"),
    "jobs_net": ("Net additional jobs within {place}, illustrative", jobs.HEADCOUNT, "chain"),
    "gva_type1": ("GVA, direct and supply chain, within {place}", "million pounds of GVA, in the prices paid", "chain"),
}
_METHODS = {
    "lm3": "(R1 + R2 + R3) ÷ R1",
    "jobs_direct": "Σ spend × jobs per £m of output of the supplier's section",
    "jobs_supply_chain": "e (L − I) f, L of λ·A (Type I)",
    "jobs_gross": "direct + supply chain",
    "jobs_induced": "Type II less Type I, households closed with λ of their spending and residents' share of pay",
    "jobs_net": "gross × (1 − deadweight)(1 − displacement)(1 − benefit leakage)(1 − substitution)",
    "gva_type1": "(v ÷ x) L f, L of λ·A (Type I)",
}
_CHAIN_SOURCES = ("ons_ioat_bres_2019", "ons_ioat_2023", "flegg_webber_1997", "ons_bres_districts", DEFLATORS)
_SOURCES: dict[str, tuple[str, ...]] = {
    "lm3": ("nef_lm3_2005", "cles_manchester_2017"),
    "jobs_cles": ("ons_itl_productivity_2023", "preston_council"),
    "jobs_direct": ("ons_ioat_bres_2019", DEFLATORS),
    "jobs_supply_chain": _CHAIN_SOURCES,
    "jobs_gross": _CHAIN_SOURCES,
    "jobs_induced": (*_CHAIN_SOURCES, "sg_io_2019"),
    "jobs_net": (*_CHAIN_SOURCES, "ep_additionality_2008"),
    "gva_type1": _CHAIN_SOURCES,
}
_KINDS = {"lm3": ["lm3"], "jobs_cles": ["jobs", "jobs_cles"], "gva_type1": ["input_output"]}


def area_spend(
    bands: Mapping[str, int], by_section: pl.DataFrame, area: str, place: Area, years: Sequence[str]
) -> model.AreaSpend:
    """Return what `model.evaluate` needs of one area ("local" or "region_including_local"); see `estimate`."""
    table = sector_table.compact()
    inside = by_section.filter(pl.col("band").is_in(MEMBERS[area]))
    known, no_sector = sector_table.spend_by_sector(table, inside)
    price = calendar_index(table.year) * len(years) / sum(index(y) for y in years)
    return model.AreaSpend(
        table=table,
        total_gbp=sum(bands.get(b, 0) for b in BANDS) / 100,
        found_gbp=sum(bands.get(b, 0) for b in MEMBERS[area]) / 100,
        unknown_gbp=max(bands.get("unknown", 0), 0) / 100,
        by_industry=known * price,
        no_sector=no_sector * price,
        price=price,
        gva_per_job=areas.gva_per_job(place.lad_codes, years),
        employment=areas.employment(place.lad_codes),
    )


def inputs_of(spend: model.AreaSpend, chosen: AssumptionSet) -> dict[str, Range]:
    """Return the range of every input of `model.evaluate`, by its key."""
    error = chosen.range(model.ERROR)
    keys = {k for keys in model.DEPENDS.values() for k in keys if k.startswith("impact.")}
    return {
        **{k: chosen.range(k) for k in sorted(keys)},
        model.ERROR: Range(1 / error.high, 1.0, error.high),
        model.UNKNOWN_RATE: spend.unknown_rate(),
        model.GVA_PER_JOB: spend.gva_per_job.gbp,
    }


def _basis(kind: str, spend: model.AreaSpend, lam: Range | None) -> str:
    words = _WORDS[kind][2]
    if words not in ("sectors", "chain"):
        gross = "" if kind == "lm3" else "gross, direct, workplace jobs; "
        return f"{gross}{words}; spend of unknown place counted at the high end only"
    whole = float(spend.by_industry.sum()) + spend.no_sector
    share = spend.no_sector / whole if whole else 0.0
    basis = f"workplace jobs, {spend.table.year} prices; sector unknown for {share:.0%} of spend, taken at the average"
    if words == "chain" and lam is not None:
        basis += f"; λ {lam.central:.3f} ({lam.low:.3f} to {lam.high:.3f}), all sectors alike"
    return f"net, illustrative rates; {basis}" if kind == "jobs_net" else f"gross; {basis}"


def _sources(kind: str, spend: model.AreaSpend) -> tuple[str, ...]:
    deflated = kind == "jobs_cles" and spend.gva_per_job.spend_factor != 1
    return (*_SOURCES[kind], DEFLATORS) if deflated else _SOURCES[kind]


def _figures(work: Work, area: str, place: Area, spend: model.AreaSpend) -> list[dict[str, Any]]:
    inputs = inputs_of(spend, work.chosen)
    draws, share = int(work.chosen.get("impact.monte_carlo_draws").value), work.chosen.get("impact.interval").value
    evaluate = partial(model.evaluate, spend)
    found = uncertainty.bounds(evaluate, inputs, model.DEPENDS)
    middle = uncertainty.intervals(evaluate, inputs, draws=draws, share=share)
    lam = place_lambda(place.lad_codes, work.chosen) if spend.employment is not None else None
    out = []
    for kind, value in found.items():
        if kind == "lm3" and spend.found_gbp < 0:
            continue
        label, unit, _ = _WORDS[kind]
        listed = {k: work.note(k, area, spend) for k in model.DEPENDS[kind]}
        method = _METHODS.get(kind, f"spend ÷ {spend.gva_per_job.label}")
        entry = figure(
            kind, area, label.format(place=place.name), value, unit=unit, method=method,
            basis=_basis(kind, spend, lam), sources=_sources(kind, spend),
            assumptions=[listed[k] for k in model.DEPENDS[kind]],
            kinds=_KINDS.get(kind, ["jobs", "input_output"]), gross=None if kind == "lm3" else kind != "jobs_net",
        )  # fmt: skip
        entry["interval"] = middle[kind].as_dict()
        moved = uncertainty.tornado(evaluate, inputs, kind)
        entry["tornado"] = [{**row, "input": listed[row["input"]]} for row in moved]
        out.append(entry)
    if not any(f["kind"] == "lm3" for f in out):
        work.notes.append(f"No LM3 for {place.name}: the ledger's total or its spend there is not above zero.")
    if spend.employment is None:
        work.notes.append(f"No employment figure for {place.name}: supply-chain, gross and net jobs are left out.")
    return out


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
        sources, assumptions, caveat, interval, tornado}], "notes"} and the assumptions used. Local figures are nested
        in the region's and never to be added to them.

    Raises:
        PlaceError: a district is unknown. CwbError: a year has no deflator.
    """
    work = Work(assumptions, sorted(set(financial_years)))
    figures: list[dict[str, Any]] = []
    if not work.years:
        return Impact({"set": assumptions.name, "figures": [], "notes": ["No financial year: no impact."]}, ())
    for area, place in ((LOCAL, local), (REGION, region)):
        figures.extend(_figures(work, area, place, area_spend(bands, by_section, area, place, work.years)))
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
    work = Work(assumptions, sorted({*years_from, *years_to}))
    if not work.years:
        return Impact({}, ())
    spend = {
        LOCAL: change_pence["local"],
        REGION: change_pence.get(REGION, change_pence["local"] + change_pence.get("regional", 0)),
    }
    table = sector_table.compact()
    block = {}
    for area, place in ((LOCAL, local), (REGION, region)):
        change = model.AreaSpend(
            table=table, total_gbp=0.0, found_gbp=spend[area] / 100, unknown_gbp=0.0,
            by_industry=np.zeros(len(table.industries)), no_sector=0.0, price=1.0, employment=None,
            gva_per_job=areas.gva_per_job(place.lad_codes, work.years),
        )  # fmt: skip
        found = next(f for f in _figures(work, area, place, change) if f["kind"] == "jobs_cles")
        found["label"] = f"Jobs on the change in spend in {place.name}, CLES-style"
        found["method"] = found["method"].replace("spend ÷", "change in spend ÷", 1)
        found["basis"] = "gross, direct, workplace jobs; £1 of spend taken for £1 of GVA"
        block[area] = found
    used = {key for f in block.values() for key in f["assumptions"]}
    return Impact(block, tuple(a for key, a in work.seen.items() if key in used))
