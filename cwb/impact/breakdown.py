"""Jobs looked at closer: by supplier's sector, from suppliers' own accounts, and the definition of a small firm."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np
import polars as pl

from cwb import lookups
from cwb.deflators import calendar_index, index
from cwb.errors import LookupsError
from cwb.impact import jobs
from cwb.impact.areas import UK, itl_of
from cwb.impact.assumptions import CENTRAL, AssumptionSet
from cwb.impact.ranges import Range, around, exactly
from cwb.impact.sector_table import compact, jobs_per_gbp_m, mix, spend_by_sector

_RANGE = ("low", "central", "high")


def jobs_by_section(
    by_section: pl.DataFrame,
    bands: Sequence[str],
    financial_years: Sequence[str],
    assumptions: AssumptionSet = CENTRAL,
) -> pl.DataFrame:
    """Return direct jobs by supplier's SIC section for the spend in `bands`: headcount, gross, most first.

    `by_section` has sic_section (null where unknown), band, amount_pence. Columns: sic_section (null for unknown),
    section_name, amount_pence, low, central, high. The central values sum to the figure `jobs_direct`.

    Raises:
        CwbError: a year has no deflator.
    """
    table = compact()
    per_m = jobs_per_gbp_m(table.sections, table.year)
    known, unknown = spend_by_sector(table, by_section.filter(pl.col("band").is_in(list(bands))))
    price = calendar_index(table.year) * len(financial_years) / sum(index(y) for y in financial_years)
    error = assumptions.range("impact.sector_rate_error")
    slip = Range(error.central / error.high, error.central, error.central * error.high)
    names = dict(lookups.table("sic_sections").select("section", "section_name").unique().iter_rows())
    average = float(mix(table, by_section) @ per_m)
    low, high = (float(np.quantile(per_m, q)) for q in (0.25, 0.75))
    rates = [exactly(float(rate)) for rate in per_m] + [Range(min(low, average), average, max(high, average))]
    rows = []
    for section, gbp_m, rate in zip([*table.sections, None], [*known, unknown], rates, strict=True):
        found = around(lambda r, s, spend=gbp_m: float(spend * price * r * s), [rate, slip])
        named = "Unknown" if section is None else names.get(section, section)
        rows.append((section, named, round(gbp_m * 1e8), *(getattr(found, end) for end in _RANGE)))
    schema = {"sic_section": pl.String, "section_name": pl.String, "amount_pence": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema | dict.fromkeys(_RANGE, pl.Float64), orient="row")
    return frame.filter(pl.col("amount_pence") != 0).sort("central", descending=True)


def jobs_by_regional_gva(
    by_section: pl.DataFrame, bands: Sequence[str], lad_codes: Collection[str], financial_years: Sequence[str]
) -> pl.DataFrame:
    """Equation: jobs = Σ spend × (GVA ÷ output of the section, UK 2023) ÷ (GVA per job of section and region, 2021).

    A check on `jobs_by_section` with the region's own output per job. Columns: sic_section, amount_pence,
    gva_per_job_gbp (2021 prices), jobs (headcount, gross, direct; null where the sector or the region's
    figure is not known).

    Raises:
        PlaceError: a district is unknown. CwbError: a year has no deflator.
    """
    table = compact()
    code = itl_of(lad_codes)
    region = lookups.table("impact/gva_jobs_by_section").filter(pl.col("itl_code") == ("GB" if code == UK else code))
    per_job = region.filter((pl.col("jobs") > 0) & (pl.col("gva_gbp_m") > 0)).select(
        "section", gva_per_job_gbp=pl.col("gva_gbp_m") * 1e6 / pl.col("jobs")
    )
    content = pl.DataFrame({"section": table.sections, "gva_share": table.gva / table.output})
    price = calendar_index(2021) * len(financial_years) / sum(index(y) for y in financial_years)
    spend = (
        by_section.filter(pl.col("band").is_in(list(bands)))
        .group_by("sic_section")
        .agg(pl.col("amount_pence").sum())
        .join(content, left_on="sic_section", right_on="section", how="left")
        .join(per_job, left_on="sic_section", right_on="section", how="left")
    )
    jobs_there = pl.col("amount_pence") / 100 * price * pl.col("gva_share") / pl.col("gva_per_job_gbp")
    return spend.select("sic_section", "amount_pence", "gva_per_job_gbp", jobs=jobs_there).sort(
        "amount_pence", descending=True
    )


def jobs_by_company(suppliers: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Return jobs at suppliers whose accounts give employees and turnover, one row each; see `jobs.company_jobs`.

    `suppliers` has supplier_id and amount_pence; `accounts` has supplier_id, employees and turnover_gbp, one row a
    supplier. `jobs` is headcount, null where turnover is not above zero or spend is below zero; its sum covers only the
    suppliers listed.
    """
    joined = suppliers.join(accounts, on="supplier_id", how="inner", validate="1:1")
    share = (pl.col("amount_pence") / 100 / pl.col("turnover_gbp")).clip(upper_bound=1.0)
    usable = (pl.col("turnover_gbp") > 0) & (pl.col("amount_pence") >= 0)
    return joined.with_columns(jobs=pl.when(usable).then(pl.col("employees") * share))


def scottish_fte(
    by_section: pl.DataFrame,
    bands: Sequence[str],
    financial_years: Sequence[str],
    assumptions: AssumptionSet = CENTRAL,
) -> dict[str, Range]:
    """Return full-time equivalents on spend in `bands` by Scottish factors of 2019: direct, type1 and type2.

    Type I and II reach all of Scotland, not the place. FTE are never added to headcounts.

    Raises:
        CwbError: a year has no deflator.
    """
    rates = jobs.scotland_fte_per_gbp_m()
    price = calendar_index(2019) * len(financial_years) / sum(index(y) for y in financial_years)
    inside = by_section.filter(pl.col("band").is_in(list(bands)))
    total = float(inside["amount_pence"].sum()) / 1e8
    sums = inside.group_by("sic_section").agg(pl.col("amount_pence").sum())
    known = rates.join(sums, left_on="section", right_on="sic_section", how="left").with_columns(
        gbp_m=pl.col("amount_pence").fill_null(0) / 1e8
    )
    placed = float(known["gbp_m"].sum())
    output = lookups.table("impact/sector_jobs_scotland")["output_gbp_m"].to_numpy()
    weights = known["gbp_m"].to_numpy() if placed > 0 else output
    error = assumptions.range("impact.sector_rate_error")
    slip = Range(error.central / error.high, error.central, error.central * error.high)
    out = {}
    for kind in ("direct", "type1", "type2"):
        rate = known[kind].to_numpy()
        spread = float(weights @ rate / weights.sum()) * (total - placed)
        value = (float(known["gbp_m"].to_numpy() @ rate) + spread) * price
        out[kind] = around(lambda s, v=value: v * s, [slip])
    return out


def is_sme(employees: float, turnover_gbp: float, balance_sheet_gbp: float, on: date | None = None) -> bool:
    """SME (PPN 001): fewer than 250 employees, and turnover up to £44m or balance sheet up to £38m.

    Raises:
        LookupsError: no limits hold on the day.
    """
    limits = lookups.table("impact/size_thresholds").filter(pl.col("regime") == "procurement")
    if on is not None:
        limits = limits.filter(
            (pl.col("valid_from") <= on) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= on))
        )
    if limits.height == 0:
        raise LookupsError(f"impact/size_thresholds: no procurement limits hold on {on}")
    row = limits.sort("valid_from").row(-1, named=True)
    small = turnover_gbp <= row["turnover_gbp"] or balance_sheet_gbp <= row["balance_sheet_gbp"]
    return bool(employees < row["employees_below"] and small)
