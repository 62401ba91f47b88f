"""Jobs looked at closer: by supplier's sector, from suppliers' own accounts, and the definition of a small firm."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from cwb import lookups
from cwb.deflators import calendar_index, index
from cwb.impact import jobs
from cwb.impact.areas import UK, itl_of
from cwb.impact.assumptions import CENTRAL, AssumptionSet
from cwb.impact.ranges import Range, around, exactly
from cwb.impact.sector_table import compact, jobs_per_gbp_m, known_mix, spend_by_sector
from cwb.schema import BANDS

_RANGE = ("low", "central", "high")


def jobs_by_sector(
    by_section: pl.DataFrame, financial_years: Sequence[str], assumptions: AssumptionSet = CENTRAL
) -> pl.DataFrame:
    """Return direct jobs by band and supplier's SIC section: headcount at workplaces, gross, most first in each band.

    `by_section` has sic_section (null where unknown), band, amount_pence. Columns: band, sic_section (null for
    unknown), section_name, amount_pence, low, central, high. The central values of a band sum to the figure
    `jobs_direct`; bands are exclusive, so theirs may be added. The ranges move together, so they add up as well.

    Raises:
        CwbError: a year has no deflator.
    """
    table = compact()
    per_m = jobs_per_gbp_m(table.sections, table.year)
    price = calendar_index(table.year) * len(financial_years) / sum(index(y) for y in financial_years)
    error = assumptions.range("impact.sector_rate_error")
    slip = Range(error.central / error.high, error.central, error.central * error.high)
    mix, _ = known_mix(table, by_section, assumptions.get("impact.known_mix_cover").value)
    average = float(mix @ per_m)
    low, high = (float(np.quantile(per_m, q)) for q in (0.25, 0.75))
    rates = [exactly(float(rate)) for rate in per_m] + [Range(min(low, average), average, max(high, average))]
    names = dict(lookups.table("sic_sections").select("section", "section_name").unique().iter_rows())
    rows = []
    for band in BANDS:
        known, unknown = spend_by_sector(table, by_section.filter(pl.col("band") == band))
        for section, gbp_m, rate in zip([*table.sections, None], [*known, unknown], rates, strict=True):
            found = around(lambda r, s, spend=gbp_m: float(spend * price * r * s), [rate, slip])
            named = "Unknown" if section is None else names.get(section, section)
            rows.append((band, section, named, round(gbp_m * 1e8), *(getattr(found, end) for end in _RANGE)))
    schema = {"band": pl.String, "sic_section": pl.String, "section_name": pl.String, "amount_pence": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema | dict.fromkeys(_RANGE, pl.Float64), orient="row")
    order = pl.col("band").replace_strict(BANDS, range(len(BANDS)), return_dtype=pl.Int8)
    return frame.filter(pl.col("amount_pence") != 0).sort(order, "central", descending=[False, True])


def jobs_by_band(by_sector: pl.DataFrame) -> pl.DataFrame:
    """Return `jobs_by_sector` summed to bands: band, amount_pence, low, central, high."""
    return by_sector.group_by("band", maintain_order=True).agg(
        pl.col("amount_pence").sum(), *(pl.col(end).sum() for end in _RANGE)
    )


def jobs_by_regional_gva(
    by_section: pl.DataFrame, lad_codes: Collection[str], financial_years: Sequence[str]
) -> pl.DataFrame:
    """Equation: jobs = spend × (GVA ÷ output of the section, UK 2023) ÷ (GVA per job of section and region, 2021).

    A check on `jobs_by_sector` with the region's own output per job, by band and section. Columns: band, sic_section,
    gva_per_job_gbp (2021 prices), jobs_by_regional_gva (headcount, gross, direct; null where the sector or the
    region's figure is not known, and outside the region).

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
        by_section.filter(pl.col("band").is_in(["local", "regional"]))
        .group_by("band", "sic_section")
        .agg(pl.col("amount_pence").sum())
        .join(content, left_on="sic_section", right_on="section", how="left")
        .join(per_job, left_on="sic_section", right_on="section", how="left")
    )
    jobs_there = pl.col("amount_pence") / 100 * price * pl.col("gva_share") / pl.col("gva_per_job_gbp")
    return spend.select("band", "sic_section", "gva_per_job_gbp", jobs_by_regional_gva=jobs_there).sort(
        "band", "sic_section"
    )


def jobs_by_company(
    suppliers: pl.DataFrame, accounts: pl.DataFrame, assumptions: AssumptionSet = CENTRAL
) -> pl.DataFrame:
    """Return jobs at suppliers whose accounts give employees and turnover, one row a company and band; most first.

    `suppliers` has org_id, band, sic_section and amount_pence (several rows a company are added); `accounts` has
    org_id, employees and turnover_gbp, one row a company. Columns: org_id, band, sic_section, amount_pence,
    employees, turnover_gbp, low, central, high (headcount; `jobs.company_jobs`, never more than the employees). A
    company without turnover, or paid less than nothing, is left out.
    """
    error = assumptions.range("impact.company_rate_error")
    told = accounts.select("org_id", pl.col("employees", "turnover_gbp").cast(pl.Float64)).filter(
        (pl.col("turnover_gbp") > 0) & (pl.col("employees") >= 0)
    )
    paid = (
        suppliers.filter(pl.col("org_id").is_not_null())
        .group_by("org_id", "band", "sic_section")
        .agg(pl.col("amount_pence").sum())
        .filter(pl.col("amount_pence") > 0)
        .join(told, on="org_id", how="inner", validate="m:1")
    )
    central = pl.col("employees") * _taken()
    return paid.with_columns(
        low=central * (error.central / error.high), central=central * error.central,
        high=central * (error.central * error.high),
    ).sort("central", "org_id", "band", descending=[True, False, False])  # fmt: skip


def accounted(by_company: pl.DataFrame) -> pl.DataFrame:
    """Return `jobs_by_company` as `estimate` takes it: sic_section, band, amount_pence, jobs, suppliers."""
    return (
        by_company.with_columns(_jobs=pl.col("employees") * _taken())
        .group_by("sic_section", "band")
        .agg(pl.col("amount_pence").sum(), jobs=pl.col("_jobs").sum(), suppliers=pl.col("org_id").n_unique())
        .sort("sic_section", "band")
    )


def _taken() -> pl.Expr:
    """Share of a company's turnover that the spend is, at most all of it."""
    return (pl.col("amount_pence") / 100 / pl.col("turnover_gbp")).clip(upper_bound=1.0)


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
