"""Input–output tables as one frozen value, and the compact one that ships: 20 SIC sections, UK 2023 (ONS)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import polars as pl

from cwb import lookups
from cwb.deflators import calendar_index
from cwb.impact import input_output as io
from cwb.impact.input_output import Array
from cwb.impact.jobs import UK_JOBS_YEAR, uk_average_jobs_per_gbp_m, uk_jobs_per_gbp_m


@dataclass(frozen=True)
class SectorTable:
    """An industry-by-industry table, £m: flows (rows sell), and by industry output, GVA, pay, imports, household use.

    `sections` gives the SIC 2007 section of each industry.
    """

    name: str
    year: int
    industries: tuple[str, ...]
    sections: tuple[str, ...]
    flows: Array
    output: Array
    gva: Array
    pay: Array
    imports: Array
    household: Array
    source: str

    @cached_property
    def made(self) -> Array:
        """A = Z x̂⁻¹ of the nation."""
        return io.coefficients(self.flows, self.output)


@cache
def compact() -> SectorTable:
    """Return the table shipped with cwb: ONS 2023, 103 industries (L68A left out) summed to 20 sections."""
    totals = lookups.table("impact/sector_totals").sort("section")
    sections = tuple(totals["section"].to_list())
    wide = lookups.table("impact/sector_flows").pivot(on="buyer", index="seller", values="flow_gbp_m").sort("seller")
    return SectorTable(
        name="UK 2023, 20 sections", year=2023, industries=sections, sections=sections,
        flows=wide.select(sections).to_numpy(), output=totals["output_gbp_m"].to_numpy(),
        gva=totals["gva_gbp_m"].to_numpy(), pay=totals["pay_gbp_m"].to_numpy(),
        imports=totals["imports_gbp_m"].to_numpy(), household=totals["household_gbp_m"].to_numpy(),
        source="ons_ioat_2023",
    )  # fmt: skip


def jobs_per_gbp_m(sections: tuple[str, ...], price_year: int) -> Array:
    """Return UK jobs (headcount) per £m of output by section at the prices of a calendar year.

    The 2019 ratio is deflated, so output per job is held at its real level of 2019. A section without a figure
    (T) takes the average of all.
    """
    price = calendar_index(UK_JOBS_YEAR) / calendar_index(price_year)
    rates = uk_jobs_per_gbp_m()
    return np.array([rates.get(s, uk_average_jobs_per_gbp_m()) * price for s in sections])


def known_mix(table: SectorTable, by_section: pl.DataFrame, cover: float | None = None) -> tuple[Array, bool]:
    """Return the shares by industry given to spend without a sector (credits apart), and whether the run's own.

    They are those of the spend whose sector is known, where that covers `cover` of the whole (without one, the shipped
    `impact.known_mix_cover`), else those of the nation's output.
    """
    least = lookups.number("impact.known_mix_cover") if cover is None else cover
    known, unknown = spend_by_sector(table, by_section.filter(pl.col("amount_pence") > 0))
    enough = known.sum() > 0 and known.sum() >= least * (known.sum() + unknown)
    return np.asarray(known / known.sum() if enough else table.output / table.output.sum()), bool(enough)


def spend_by_sector(table: SectorTable, by_section: pl.DataFrame) -> tuple[Array, float]:
    """Return spend (£m) by the table's industries, and spend (£m) whose section is unknown or not in the table.

    `by_section` has sic_section and amount_pence. A section that the table splits is spread over its industries
    by their output.
    """
    known = by_section.filter(pl.col("sic_section").is_in(list(table.sections)))
    sums = known.group_by("sic_section").agg(pl.col("amount_pence").sum())
    pence = dict(zip(sums["sic_section"].to_list(), sums["amount_pence"].to_list(), strict=True))
    out = np.zeros(len(table.industries))
    labels = np.array(table.sections)
    for section, amount in pence.items():
        members = labels == section
        weights = table.output[members]
        out[members] = amount / 1e8 * weights / weights.sum()
    unknown = int(by_section["amount_pence"].sum()) - sum(pence.values())
    return out, unknown / 1e8
