"""What a run's spend supports: impact, multipliers of a place, scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from cwb import data
from cwb.errors import CwbError
from cwb.impact import CENTRAL, Area, AssumptionSet, Impact, estimate, multipliers
from cwb.impact.assumptions import find_set
from cwb.impact.io_workbooks import read_workbook
from cwb.impact.multipliers import read_employment
from cwb.impact.scenarios import SPEND_COLUMNS, Setting, read_scenarios, run_scenarios
from cwb.pipeline.summary import pence_by_band, place_of, spend_of
from cwb.places import Place, find_place
from cwb.run import Run


def _areas(place: Place) -> tuple[Area, Area]:
    return Area(place.name, place.local), Area(place.region_name, place.region)


def supports(
    bands: Mapping[str, int], spend: pl.DataFrame, payees: pl.DataFrame, place: Place, assumptions: AssumptionSet
) -> Impact:
    """Return what spend supports, from its pence by band, by supplier and year, and who the suppliers are."""
    told = payees.select("supplier_id", "band", "sic_section", "supplier_type")
    placed = spend.join(told, on="supplier_id", how="left", validate="m:1")
    pence = pl.col("amount_pence").sum()
    dated = placed.filter(pl.col("financial_year").is_not_null()).group_by("financial_year").agg(pence)
    public = placed.filter(pl.col("supplier_type") == "public_body").group_by("band").agg(pence)
    local, region = _areas(place)
    return estimate(
        bands=bands, by_section=placed.group_by("sic_section", "band").agg(pence).sort("sic_section", "band"),
        local=local, region=region, financial_years=dict(dated.sort("financial_year").iter_rows()),
        assumptions=assumptions, public_body_pence=dict(public.iter_rows()),
    )  # fmt: skip


def impact(run: Run, assumptions: str) -> Impact:
    """Return what a run's spend supports under another set of assumptions: a shipped one's name or a TOML file's path.

    Raises:
        CwbError: there is no such set, or the run's folder has no spend by supplier.
    """
    spend, payees = spend_of(run)
    return supports(pence_by_band(run.summary), spend, payees, place_of(run), find_set(assumptions))


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
    if quotient not in ("flq", "aflq"):
        raise CwbError(f"--quotient {quotient}: there are flq and aflq")
    area = _areas(find_place(place))[0]
    full = data.find(workbook) if workbook else None
    return multipliers(
        area,
        table=read_workbook(full, source=full.name) if full else None,
        jobs_by_section=read_employment(data.find(jobs), area.lad_codes) if jobs else None,
        kind="aflq" if quotient == "aflq" else "flq", assumptions=find_set(assumptions),
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
