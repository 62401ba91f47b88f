"""What every figure of a run says of itself: the place, the years, the source and the coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cwb.charts.words import listed, money, percent


@dataclass(frozen=True)
class About:
    """Names for titles and subtitles, and the source line beneath each picture."""

    local: str
    region: str
    years: str
    institutions: str
    total_pence: int
    note: str


def years_of(summary: Mapping[str, Any]) -> str:
    """Return the years of a run as `2016-17` or `2012-13 to 2016-17`; empty where no payment is dated."""
    years = sorted(str(year) for year in summary.get("years") or [])
    return "" if not years else years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def place_names(summary: Mapping[str, Any]) -> tuple[str, str]:
    """Return the names of the local area and of its region."""
    place = summary["place"]
    if isinstance(place, str):
        return place, "the region"
    return str(place["name"]), str(place.get("region_name") or "the region")


def about(summary: Mapping[str, Any]) -> About:
    """Return the names and the source line of a run, from its summary."""
    local, region = place_names(summary)
    years = years_of(summary)
    institutions = [str(name) for name in summary.get("institutions") or []]
    bodies = listed(institutions) if len(institutions) <= 2 else f"{len(institutions)} institutions"
    total = int(summary["amount_pence"]["payments"])
    payments = int(summary["rows"]["payments"])
    coverage = summary["coverage"]
    papers = "ledger" if len(institutions) == 1 else "ledgers"
    note = (
        f"Source: {papers} of {bodies or 'the payer'}{', ' + years if years else ''}; "
        f"{payments:,} payments, {money(total)}. Location found for {percent(coverage['by_amount'])} of £ and "
        f"{percent(coverage['by_suppliers'])} of suppliers. Made with cwb."
    )
    return About(local, region, years, bodies, total, note)
