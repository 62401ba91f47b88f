"""Jobs supported by spend: CLES-style, by sector, in the supply chain, by company. Headcount and FTE never mix.

All jobs are job-years: spend of a year supports so many filled jobs for one year. All are gross unless named net.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import lookups

Vector = npt.NDArray[np.float64]
HEADCOUNT = "filled jobs for a year, headcount at workplaces"
FTE = "full-time equivalent jobs for a year, at workplaces"
UK_JOBS_YEAR = 2019


def cles_jobs(spend_gbp: float, gva_per_job_gbp: float, gva_share_of_spend: float = 1.0) -> float:
    """Equation: jobs = spend × GVA in £1 of spend ÷ GVA per filled job (CLES for Preston, with a share of 1).

    With `gva_share_of_spend` at 1 every £ of spend counts as a £ of GVA, which overstates jobs. Headcount, gross.
    """
    return spend_gbp * gva_share_of_spend / gva_per_job_gbp


def direct_jobs(spend_gbp_m: Vector, jobs_per_gbp_m: Vector) -> float:
    """Equation: jobs = Σ over sectors of spend (£m) × jobs per £m of output (ONS input-output tables with BRES).

    Both vectors are by sector in one order; spend is in the prices of the factor's year. Gross.
    """
    return float(spend_gbp_m @ jobs_per_gbp_m)


def supply_chain_jobs(spend_gbp_m: Vector, jobs_per_gbp_m: Vector, inverse: Vector) -> float:
    """Equation: jobs = e (L − I) f: those of suppliers' suppliers, without the direct ones (Miller & Blair 2009).

    e is jobs per £m of output by sector, L the Leontief inverse of the area, f spend by sector in £m. Gross.
    """
    effects = jobs_per_gbp_m @ inverse
    return float((effects - jobs_per_gbp_m) @ spend_gbp_m)


def company_jobs(spend_gbp: float, turnover_gbp: float, employees: float) -> float | None:
    """Equation: jobs = employees × spend ÷ turnover, from the supplier's own accounts.

    None where turnover is not above zero. Capped at its employees: a buyer cannot support more jobs than the
    company has. Headcount, gross.
    """
    if turnover_gbp <= 0:
        return None
    return employees * min(spend_gbp / turnover_gbp, 1.0)


def fte_years(full_time: float, part_time: float, years: float, part_time_factor: float = 0.5) -> float:
    """FTE-years = (full-time + part-time × factor) × years (National TOMs, NT1)."""
    return (full_time + part_time * part_time_factor) * years


@cache
def uk_jobs_per_gbp_m() -> dict[str, float]:
    """Return UK jobs (headcount) per £m of output at 2019 prices by SIC section (ONS IOAT 2019 with BRES 2019)."""
    frame = lookups.table("impact/sector_jobs_uk")
    rates = frame.select("section", rate=pl.col("jobs") / pl.col("output_gbp_m"))
    return dict(zip(rates["section"].to_list(), rates["rate"].to_list(), strict=True))


@cache
def uk_average_jobs_per_gbp_m() -> float:
    """Return UK jobs (headcount) per £m of output over all sections, 2019."""
    frame = lookups.table("impact/sector_jobs_uk")
    return float(frame["jobs"].sum()) / float(frame["output_gbp_m"].sum())


@cache
def scotland_fte_per_gbp_m() -> pl.DataFrame:
    """Return FTE per £m of output in Scotland by section, 2019: section, direct, type1, type2 (Scottish Government)."""
    return lookups.table("impact/sector_jobs_scotland").select(
        "section",
        direct=pl.col("direct_fte") / pl.col("output_gbp_m"),
        type1="type1_fte_per_gbp_m",
        type2="type2_fte_per_gbp_m",
    )
