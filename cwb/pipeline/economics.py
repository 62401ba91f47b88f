"""What a run's spend supports: impact, multipliers of a place, scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from cwb import data, lookups
from cwb.errors import CwbError
from cwb.impact import CENTRAL, COMPACT, Area, AssumptionSet, Impact, Regionalised, estimate, multipliers
from cwb.impact.assumptions import differences, find_set
from cwb.impact.breakdown import accounted, jobs_by_band, jobs_by_company, jobs_by_regional_gva, jobs_by_sector
from cwb.impact.employment import read_employment, region_employment
from cwb.impact.io_workbooks import is_scottish, read_workbook
from cwb.impact.scenarios import SPEND_COLUMNS, Setting, read_scenarios, run_scenarios
from cwb.pipeline.summary import pence_by_band, place_of, spend_of
from cwb.places import Place, find_place
from cwb.run import Run


def _areas(place: Place) -> tuple[Area, Area]:
    return Area(place.name, place.local), Area(place.region_name, place.region)


def supports(
    bands: Mapping[str, int],
    spend: pl.DataFrame,
    payees: pl.DataFrame,
    place: Place,
    assumptions: AssumptionSet,
    *,
    regionalised: Regionalised = COMPACT,
    accounts: pl.DataFrame | None = None,
) -> Impact:
    """Return what spend supports, from its pence by band, by supplier and year, and who the suppliers are.

    Tables: jobs_by_band, jobs_by_sector and, where `accounts` are given, jobs_by_company; and where the assumptions
    are not the shipped ones, assumption_differences.
    """
    told = payees.select("supplier_id", "org_id", "band", "sic_section", "supplier_type")
    placed = spend.join(told, on="supplier_id", how="left", validate="m:1")
    pence = pl.col("amount_pence").sum()
    dated = placed.filter(pl.col("financial_year").is_not_null()).group_by("financial_year").agg(pence)
    public = placed.filter(pl.col("supplier_type") == "public_body").group_by("band").agg(pence)
    local, region = _areas(place)
    by_section = placed.group_by("sic_section", "band").agg(pence).sort("sic_section", "band")
    companies = None if accounts is None else jobs_by_company(placed, accounts, assumptions)
    found = estimate(
        bands=bands, by_section=by_section, local=local, region=region,
        financial_years=dict(dated.sort("financial_year").iter_rows()), assumptions=assumptions,
        public_body_pence=dict(public.iter_rows()), made=regionalised,
        accounted=None if companies is None else accounted(companies),
    )  # fmt: skip
    tables = {}
    if found.block["years"]:
        sectors = jobs_by_sector(by_section, found.block["years"], assumptions)
        check = jobs_by_regional_gva(by_section, region.lad_codes, found.block["years"])
        tables = {
            "jobs_by_band": jobs_by_band(sectors),
            "jobs_by_sector": sectors.join(
                check, on=["band", "sic_section"], how="left", nulls_equal=True, validate="1:1", maintain_order="left"
            ),
        }
    if companies is not None:
        tables["jobs_by_company"] = companies
    return replace(found, tables=tables | changed_tables(assumptions))


def changed_tables(assumptions: AssumptionSet) -> dict[str, pl.DataFrame]:
    """Return the table of how a set differs from the shipped one, for every report; none where it does not."""
    frame = differences(assumptions)
    if frame.is_empty():
        return {}
    known = lookups.sources()
    titles = {key: f"{known[key].title}, {known[key].publisher}" for key in frame["source"].unique() if key in known}
    return {"assumption_differences": frame.with_columns(pl.col("source").replace(titles))}


def regionalised(
    place: Place, *, jobs: Path | None = None, workbook: Path | None = None, quotient: str = "flq"
) -> Regionalised:
    """Return how the national table is made a place's and its region's.

    Args:
        place: the place.
        jobs: CSV of jobs by SIC section, or an id of `cwb data list`; where it tells districts apart, and has all of
            the region's, the region gets its own quotients. Without one all sectors are alike.
        workbook: a full input-output table as its publisher issues it, or such an id; else the compact one that ships.
        quotient: flq or aflq.

    Raises:
        CwbError: an input cannot be used.
    """
    if quotient not in ("flq", "aflq"):
        raise CwbError(f"--quotient {quotient}: there are flq and aflq")
    full = data.find(workbook) if workbook else None
    file = data.find(jobs) if jobs else None
    return Regionalised(
        table=read_workbook(full, source=_source_of(workbook, full)) if full else None,
        quotient="aflq" if quotient == "aflq" else "flq",
        local_jobs=read_employment(file, place.local) if file else None,
        region_jobs=region_employment(file, place.region) if file else None,
    )


def _source_of(wanted: Path | None, found: Path) -> str:
    """Return the id of the publication a workbook is, where it was added as such; else the input-output tables' own."""
    known = data.data_sets()
    if str(wanted) in known:
        return known[str(wanted)].source
    return "sg_io_2019" if is_scottish(found) else "ons_ioat_2023"


def impact(
    run: Run,
    assumptions: str,
    *,
    jobs: Path | None = None,
    workbook: Path | None = None,
    quotient: str = "flq",
) -> Impact:
    """Return what a run's spend supports under another set of assumptions, or by another table.

    Args:
        run: the run.
        assumptions: a shipped set's name, or the path of a user's TOML file.
        jobs: the place's jobs by SIC section; see `regionalised`.
        workbook: a full input-output table; see `regionalised`.
        quotient: flq or aflq.

    Raises:
        CwbError: an input cannot be used, or the run's folder has no spend by supplier.
    """
    spend, payees = spend_of(run)
    place = place_of(run)
    made = regionalised(place, jobs=jobs, workbook=workbook, quotient=quotient)
    return supports(pence_by_band(run.summary), spend, payees, place, find_set(assumptions), regionalised=made)


def place_multipliers(
    place: str,
    *,
    jobs: Path | None = None,
    workbook: Path | None = None,
    quotient: str = "flq",
    assumptions: str = CENTRAL.name,
) -> Impact:
    """Return a place's input-output multipliers by sector; see docs/methods/input_output.md.

    Args:
        place: a name from `cwb places`, or the path of a TOML file.
        jobs: CSV of the place's jobs by SIC section, or an id of `cwb data list`; without one all sectors are alike.
        workbook: a full input-output table as its publisher issues it, or such an id; else the compact one that ships.
        quotient: how the national table is made the place's: flq or aflq.
        assumptions: a shipped set's name, or the path of a user's TOML file.

    Raises:
        CwbError: an input cannot be used.
    """
    area = find_place(place)
    made = regionalised(area, jobs=jobs, workbook=workbook, quotient=quotient)
    return multipliers(
        _areas(area)[0], table=made.table, jobs_by_section=made.local_jobs, kind=made.quotient,
        assumptions=find_set(assumptions),
    )  # fmt: skip


def scenarios(run: Run, path: Path, *, assumptions: str = CENTRAL.name) -> list[dict[str, Any]]:
    """Return what each scenario of a TOML file makes of a run; see docs/methods/scenarios.md.

    Raises:
        CwbError: the file, or the set of assumptions, is not as it should be.
    """
    return run_scenarios(read_scenarios(path), setting_of(run, find_set(assumptions)))


def setting_of(run: Run, assumptions: AssumptionSet) -> Setting:
    """Return what scenarios need of a run: its spend by supplier, its place and region, and its years.

    Raises:
        RunError: the run's folder has no spend by supplier.
    """
    spend, payees = spend_of(run)
    local, region = _areas(place_of(run))
    told = payees.select("supplier_id", "supplier_name", "band", "sic_section")
    placed = spend.join(told, on="supplier_id", how="left", validate="m:1").select(SPEND_COLUMNS)
    return Setting(placed, local, region, tuple(run.summary["years"]), assumptions)
