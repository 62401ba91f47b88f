"""What a run's spend supports: the "impact" block of summary.json and the "jobs" block of compare.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from cwb.deflators import SOURCE as DEFLATORS
from cwb.deflators import calendar_index, has_index, index
from cwb.impact import additionality, areas, jobs, model, sector_table, uncertainty
from cwb.impact.areas import GvaPerJob
from cwb.impact.assumptions import CENTRAL, AssumptionSet, differences
from cwb.impact.breakdown import scottish_fte
from cwb.impact.figures import LOCAL, MEMBERS, REGION, Area, Impact, Work, figure
from cwb.impact.multipliers import COMPACT, Regionalised, lambda_of, location_quotients
from cwb.impact.ranges import Range
from cwb.impact.sector_table import SectorTable
from cwb.impact.words import KINDS, METHODS, SOURCES, WORDS
from cwb.schema import BANDS


def area_spend(
    bands: Mapping[str, int],
    by_section: pl.DataFrame,
    places: Sequence[Area],
    years: Sequence[str],
    made: Regionalised = COMPACT,
    *,
    chosen: AssumptionSet = CENTRAL,
    accounted: pl.DataFrame | None = None,
) -> model.AreaSpend:
    """Return what `model.evaluate` needs of the first of `places` (the place) or of both (region including local).

    Spend without a sector is given the mix of all the run's known sectors, so that a region never has fewer jobs than
    a place in it.
    """
    table = made.table or sector_table.compact()
    area = LOCAL if len(places) == 1 else REGION
    mix, of_known = sector_table.known_mix(table, by_section, chosen.get("impact.known_mix_cover").value)
    inside = by_section.filter(pl.col("band").is_in(MEMBERS[area]))
    known, no_sector = sector_table.spend_by_sector(table, inside)
    price = calendar_index(table.year) * len(years) / sum(index(y) for y in years)
    there = made.local_jobs if area == LOCAL else made.region_jobs
    counted = areas.employment(places[-1].lad_codes)
    return model.AreaSpend(
        table=table,
        total_gbp=sum(bands.get(b, 0) for b in BANDS) / 100,
        parts=_parts([bands.get(b, 0) for b in MEMBERS[area]], places, years),
        unknown_gbp=max(bands.get("unknown", 0), 0) / 100,
        by_industry=known * price,
        no_sector=no_sector * price,
        mix=mix,
        mix_of_known=of_known,
        price=price,
        employment=round(sum(there.values())) if counted is None and there else counted,
        quotients=None if there is None else location_quotients(table, there),
        quotient=made.quotient,
        accounted=_accounted(table, accounted, area, price),
    )


def _accounted(table: SectorTable, frame: pl.DataFrame | None, area: str, price: float) -> model.Accounted | None:
    """Return spend in an area with suppliers whose accounts are known (`breakdown.accounted`); None without any."""
    inside = None if frame is None else frame.filter(pl.col("band").is_in(MEMBERS[area]))
    if inside is None or inside.is_empty():
        return None
    known, no_sector = sector_table.spend_by_sector(table, inside)
    sums = inside.select(pl.col("suppliers").sum(), pl.col("jobs").sum()).row(0)
    return model.Accounted(known * price, no_sector * price, int(sums[0]), float(sums[1]))


def _parts(pence: Sequence[int], places: Sequence[Area], years: Sequence[str]) -> tuple[tuple[float, GvaPerJob], ...]:
    return tuple((p / 100, areas.gva_per_job(q.lad_codes, years)) for p, q in zip(pence, places, strict=True))


def inputs_of(spend: model.AreaSpend, chosen: AssumptionSet) -> dict[str, Range]:
    """Return the range of every input of `model.evaluate`, by its key."""
    error = chosen.range(model.ERROR)
    keys = {k for keys in model.DEPENDS.values() for k in keys if k.startswith("impact.")}
    return {
        **{k: chosen.range(k) for k in sorted(keys)},
        model.ERROR: Range(error.central / error.high, error.central, error.central * error.high),
        model.UNKNOWN_RATE: spend.unknown_rate(),
        **{factor.key: factor.gbp for _, factor in spend.parts},
    }


def _basis(kind: str, spend: model.AreaSpend, lam: Range | None, chosen: AssumptionSet) -> str:
    words = WORDS[kind][2]
    if kind == "lm3" and chosen.get(model.RESPEND).kind == "own":
        words = f"ledger spend; re-spend: {chosen.get(model.RESPEND).source}"
    if words not in ("sectors", "accounts", "chain"):
        gross = "" if kind == "lm3" else "gross, direct, workplace jobs; "
        return f"{gross}{words}; spend of unknown place counted at the high end only"
    whole = float(spend.by_industry.sum()) + spend.no_sector
    share = f"{spend.no_sector / whole:.0%} of spend" if whole else "all of it"
    of = "of the known" if spend.mix_of_known else "of the UK"
    jobs_of = "workplace jobs, " if kind.startswith("jobs") else ""
    basis = f"{jobs_of}{spend.table.year} prices; sector unknown for {share}, taken at the average {of}"
    if spend.accounted is not None and words == "accounts":
        told = spend.accounted
        part = (float(told.by_industry.sum()) + told.no_sector) / whole if whole else 0.0
        basis = f"accounts of {told.suppliers:,} suppliers with {part:.0%} of spend; {basis}"
    if words == "chain" and lam is not None:
        alike = "all sectors alike" if spend.quotients is None else f"{spend.quotient.upper()} by the place's own jobs"
        basis += f"; λ {lam.central:.3f} ({lam.low:.3f} to {lam.high:.3f}), {alike}"
    return f"net, illustrative rates; {basis}" if kind == "jobs_net" else f"gross; {basis}"


def _method(kind: str, spend: model.AreaSpend) -> str:
    labels = list(dict.fromkeys(factor.label for _, factor in spend.parts))
    quotient = "λ" if spend.quotients is None else spend.quotient.upper()
    told = METHODS.get(kind, f"spend ÷ {'; elsewhere ÷ '.join(labels)}")
    return told.format(table=f"{quotient}·A, A of {spend.table.name}")


def _sources(kind: str, spend: model.AreaSpend) -> tuple[str, ...]:
    deflated = kind == "jobs_cles" and any(factor.spend_factor != 1 for _, factor in spend.parts)
    told = [*SOURCES[kind], *([DEFLATORS] if deflated else []), spend.table.source]
    uses_table = WORDS[kind][2] == "chain" and kind not in ("lm3", "jobs_cles")
    return tuple(dict.fromkeys(told if uses_table else told[:-1]))


def _figures(work: Work, area: str, place: Area, spend: model.AreaSpend) -> list[dict[str, Any]]:
    inputs = inputs_of(spend, work.chosen)
    draws, share = int(work.chosen.get("impact.monte_carlo_draws").value), work.chosen.get("impact.interval").value
    evaluate = partial(model.evaluate, spend)
    depends = spend.depends()
    found = uncertainty.bounds(evaluate, inputs, depends)
    middle = uncertainty.intervals(evaluate, inputs, draws=draws, share=share, held=[model.UNKNOWN_LOCAL])
    lam = None if spend.employment is None else lambda_of(spend.employment, work.chosen)
    out = []
    for kind, value in found.items():
        if kind == "lm3" and spend.found_gbp < 0:
            continue
        label, unit, _ = WORDS[kind]
        entry = figure(
            kind, area, label.format(place=place.name), value, unit=unit, method=_method(kind, spend),
            basis=_basis(kind, spend, lam, work.chosen), sources=_sources(kind, spend),
            assumptions=[work.note(k, spend) for k in depends[kind]],
            kinds=KINDS.get(kind, ["jobs", "input_output"]),
            gross=None if kind in ("lm3", "output_type1", "output_type2") else kind != "jobs_net",
        )  # fmt: skip
        entry["interval"] = middle[kind].as_dict()
        entry["tornado"] = uncertainty.tornado(evaluate, inputs, kind)
        out.append(entry)
    if not any(f["kind"] == "lm3" for f in out):
        work.notes.append(f"No LM3 for {place.name}: the ledger's total or its spend there is not above zero.")
    if spend.employment is None:
        work.notes.append(f"No employment figure for {place.name}: supply-chain, gross and net jobs are left out.")
    return out


def _work(chosen: AssumptionSet, *sides: Sequence[str] | Mapping[str, int]) -> Work:
    """Settle the financial years: those with a deflator and, where pence are given, more than a trifle of them."""
    least = chosen.get("impact.year_cover").value
    work = Work(chosen, [])
    for side in sides:
        weights = dict(side) if isinstance(side, Mapping) else dict.fromkeys(side, 1)
        total = sum(abs(pence) for pence in weights.values())
        kept = {year for year, pence in weights.items() if total and abs(pence) >= least * total}
        priced = {year for year in kept if has_index(year)}
        aside = sorted(set(weights) - priced)
        if aside:
            work.notes.append(
                f"Prices are those of {', '.join(sorted(priced)) or 'no year'}; set aside: {', '.join(aside)}."
            )
        work.years = sorted({*work.years, *priced})
    return work


def _waterfall(gross: float, chosen: AssumptionSet) -> list[dict[str, Any]]:
    cuts = {key.removeprefix("impact."): chosen.get(key).value for key in model.CUTS}
    return [{"step": name, "jobs": moved or 0.0} for name, moved in additionality.waterfall(gross, **cuts)]


def _fte(work: Work, by_section: pl.DataFrame, area: str, place: Area) -> list[dict[str, Any]]:
    """Full-time equivalents for a place in Scotland, by the Scottish Government's own factors."""
    if not all(code.startswith("S") for code in place.lad_codes):
        return []
    found = scottish_fte(by_section, MEMBERS[area], work.years, work.chosen)
    work.range(model.ERROR)
    labels = {
        "direct": ("at suppliers in {place}", "Σ spend × FTE per £m of output"),
        "type1": ("at suppliers in {place} and in supply chains in all of Scotland", "Type I effects"),
        "type2": ("as before, with what their pay buys in all of Scotland", "Type II effects"),
    }
    return [
        figure(
            f"fte_{kind}", area, f"Full-time equivalents {labels[kind][0].format(place=place.name)}", value,
            unit=jobs.FTE, basis="gross; 2019 prices; never added to headcounts",
            method=f"{labels[kind][1]}, Scotland 2019, by section", sources=["sg_io_2019", DEFLATORS],
            assumptions=[model.ERROR], kinds=["jobs", "input_output"],
        )
        for kind, value in found.items()
    ]  # fmt: skip


def estimate(
    *,
    bands: Mapping[str, int],
    by_section: pl.DataFrame,
    local: Area,
    region: Area,
    financial_years: Sequence[str] | Mapping[str, int],
    assumptions: AssumptionSet = CENTRAL,
    public_body_pence: Mapping[str, int] | None = None,
    made: Regionalised = COMPACT,
    accounted: pl.DataFrame | None = None,
) -> Impact:
    """Return what a run's spend supports, for summary.json's "impact" and "assumptions".

    Args:
        bands: pence in each of the four bands.
        by_section: `sic_section` (null where unknown), `band`, `amount_pence`; its sums by band are those of `bands`.
        local: the place.
        region: the region, with the place in it.
        financial_years: the years of the payments, as "2016-17", each with its pence where known: then years with a
            trifle of the spend are set aside, so that stray dates do not set the period.
        assumptions: the set to use.
        public_body_pence: by band, the part paid to public bodies, where it is known: it is noted, for much of it is
            money passed on and not bought with.
        made: the national table, and how it is made the place's own.
        accounted: spend with suppliers whose accounts are known (`breakdown.accounted`).

    Returns:
        The block and the assumptions used. The block has "set"; "differences" (of the set from the shipped one);
        "years" whose prices hold;
        "figures" [{id, kind, area, label, low, central, high, unit, basis, method, gross, nested_in, sources,
        assumptions, caveat, and where drawn interval and tornado}]; "waterfall" {area: [{step, jobs}]} from gross to
        net at the central rates; and "notes". Local figures are nested in the region's, never to be added to them.

    Raises:
        PlaceError: a district is unknown. CwbError: a year is not written as a financial year.
    """
    work = _work(assumptions, financial_years)
    figures: list[dict[str, Any]] = []
    if not work.years:
        nothing = {"set": assumptions.name, "differences": [], "years": [], "figures": [], "waterfall": {}}
        return Impact({**nothing, "notes": [*work.notes, "No financial year to price: no impact."]}, ())
    for area, places in ((LOCAL, [local]), (REGION, [local, region])):
        spend = area_spend(
            bands, by_section, places, work.years, made, chosen=assumptions, accounted=accounted
        )  # fmt: skip
        if made.local_jobs is not None and spend.quotients is None:
            work.notes.append(f"The jobs by industry do not cover {places[-1].name}: there all sectors are alike.")
        figures.extend(_figures(work, area, places[-1], spend))
        figures.extend(_fte(work, by_section, area, places[-1]))
    if not any(bands.get(b, 0) for b in BANDS if b != "unknown"):
        work.notes.append("No payment has a place: the middle of every figure is nothing, and only its bounds speak.")
    passed_on = sum((public_body_pence or {}).get(b, 0) for b in MEMBERS[REGION])
    if passed_on > 0:
        inside = sum(bands.get(b, 0) for b in MEMBERS[REGION])
        work.notes.append(
            f"£{passed_on / 1e8:,.1f}m of the £{inside / 1e8:,.1f}m placed in {region.name} was paid to public bodies: "
            "much of it is money passed on, and the jobs it pays for are theirs."
        )
    work.notes.append("Local figures lie inside the region's: never add the two.")
    block = {
        "set": assumptions.name,
        "differences": differences(assumptions).to_dicts(),
        "years": work.years,
        "figures": figures,
        "waterfall": {f["area"]: _waterfall(f["central"], assumptions) for f in figures if f["kind"] == "jobs_gross"},
        "notes": list(dict.fromkeys(work.notes)),
    }
    return Impact(block, tuple(work.seen.values()))


def estimate_change(
    change_pence: Mapping[str, int],
    *,
    local: Area,
    region: Area,
    years_from: Sequence[str] | Mapping[str, int],
    years_to: Sequence[str] | Mapping[str, int],
    assumptions: AssumptionSet = CENTRAL,
) -> Impact:
    """Return CLES-style jobs on the change in spend, for compare.json's "jobs".

    `change_pence` maps local and regional (or region_including_local) to the change in pence between the years.

    Returns:
        {"local": {"method", "low", "central", "high", …}, "region_including_local": {…}}: gross; local is nested in
        the region's.

    Raises:
        PlaceError: a district is unknown. CwbError: a year is not written as a financial year.
    """
    work = _work(assumptions, years_from, years_to)
    if not work.years:
        return Impact({}, ())
    rest = change_pence.get(REGION, change_pence["local"] + change_pence.get("regional", 0)) - change_pence["local"]
    table = sector_table.compact()
    nothing = np.zeros(len(table.industries))
    block = {}
    for area, places in ((LOCAL, [local]), (REGION, [local, region])):
        place = places[-1]
        pence = [change_pence["local"], rest][: len(places)]
        change = model.AreaSpend(
            table=table, total_gbp=0.0, parts=_parts(pence, places, work.years), unknown_gbp=0.0,
            by_industry=nothing, no_sector=0.0, mix=nothing, mix_of_known=False, price=1.0, employment=None,
        )  # fmt: skip
        found = next(f for f in _figures(work, area, place, change) if f["kind"] == "jobs_cles")
        found["label"] = f"Jobs on the change in spend in {place.name}, CLES-style"
        found["method"] = found["method"].replace("spend ÷", "change in spend ÷", 1)
        found["basis"] = "gross, direct, workplace jobs; £1 of spend taken for £1 of GVA"
        block[area] = found
    used = {key for f in block.values() for key in f["assumptions"]}
    return Impact(block, tuple(a for key, a in work.seen.items() if key in used))
