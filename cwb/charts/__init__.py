"""Pictures: small frames in, figures out, each with its statement, source line, table and text alternative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cwb.charts import breakdown, change, spend
from cwb.charts.about import about
from cwb.charts.concentration import concentration
from cwb.charts.figure import Figure, body_svg, render_png, render_svg, svg_to_png
from cwb.charts.flow import flow
from cwb.charts.impact import Estimate, estimates, impact_figures
from cwb.charts.maps import map_figures
from cwb.charts.theme import BAND_COLOURS, BAND_NAMES
from cwb.charts.trend import sparklines
from cwb.charts.width import bounds, width_figures

__all__ = [
    "BAND_COLOURS",
    "BAND_NAMES",
    "Estimate",
    "Figure",
    "body_svg",
    "estimates",
    "figures_for_compare",
    "figures_for_run",
    "render_png",
    "render_svg",
    "svg_to_png",
]


def figures_for_run(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Figure]:
    """Return the pictures of a run, of those its tables allow, in the order a reader wants them.

    A run whose payments net to nothing or less has no shares and gets no pictures.
    """
    said = about(summary)
    if said.total_pence <= 0:
        return []
    out: list[Figure | None] = [spend.bands(tables["bands"], said)]
    if _has(tables, "bands_by_institution") and (
        tables["bands_by_institution"].select("institution", "financial_year").n_unique() > 1
    ):
        out.append(spend.institutions(tables["bands_by_institution"], said))
    out += [flow(tables["flow"], said)] if _has(tables, "flow") else []
    out += map_figures(summary, tables, said)
    if _has(tables, "suppliers"):
        out += [breakdown.suppliers(tables["suppliers"], said), concentration(tables["suppliers"], said)]
    if _has(tables, "range_by_basis"):
        out.append(spend.location_range(tables["range_by_basis"], str(summary["basis"]), said))
    found_bounds = bounds(summary, said)
    if found_bounds is not None:
        out.append(found_bounds)
    if _has(tables, "unknowns"):
        out.append(breakdown.unknowns(tables["unknowns"], said))
    if _has(tables, "sectors"):
        out.append(breakdown.groups(tables["sectors"], "section_name", "sector", "sectors", said))
    if _has(tables, "categories") and tables["categories"]["category"].n_unique() > 1:
        out.append(breakdown.groups(tables["categories"], "category", "category", "categories", said))
    if _has(tables, "months") and tables["months"]["month"].drop_nulls().n_unique() > 1:
        out.append(breakdown.months(tables["months"], said))
    by = "institution" if len(summary.get("institutions") or []) > 1 else "category"
    if _has(tables, f"months_by_{by}"):
        out.append(sparklines(tables[f"months_by_{by}"], by, said))
    found = estimates((summary.get("impact") or {}).get("figures", []))
    out += impact_figures(found, said.note, local=said.local, region=said.region)
    return [figure for figure in out if figure is not None] + width_figures(summary, said)


def figures_for_compare(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Figure]:
    """Return the pictures of a comparison of two runs."""
    return change.figures(compare, tables)


def _has(tables: Mapping[str, pl.DataFrame], name: str) -> bool:
    return name in tables and tables[name].height > 0
