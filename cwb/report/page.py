"""The report page: one HTML file with everything in it, that reads on paper, on a telephone and by ear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cwb.charts import Figure, body_svg
from cwb.charts.about import about
from cwb.charts.change import names_of
from cwb.charts.impact import caveats, estimates
from cwb.charts.spend import band_name
from cwb.charts.words import percent
from cwb.methods import pages_of_change, pages_of_run
from cwb.report import change_story, story
from cwb.report.grids import (
    Grid,
    assumptions_grid,
    differences_grid,
    estimate_grid,
    evidence,
    files_grid,
    grid,
    jobs_by_sector_grid,
    row_grid,
    table_grid,
    warnings,
)
from cwb.schema import BANDS


@dataclass(frozen=True)
class Drawn:
    """A figure ready to print: two pictures, one for narrow columns, and its table."""

    figure: Figure
    wide: Markup
    narrow: Markup
    table: Grid


@cache
def _templates() -> Environment:
    loader = PackageLoader("cwb.report", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def drawn(figure: Figure, names: Mapping[str, str]) -> Drawn:
    """Return a figure ready to print."""
    # The SVG comes from vl-convert, which escapes every text in it.
    wide, narrow = (Markup(body_svg(figure, narrow=n)) for n in (False, True))  # noqa: S704
    return Drawn(figure, wide, narrow, grid(figure.data, f"Numbers behind “{figure.title}”", names))


def run_page(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], figures: Sequence[Figure]) -> str:
    """Return the HTML report of a run: self-contained, no scripts, nothing fetched."""
    who = about(summary)
    names = {band: band_name(band, who) for band in BANDS}
    by_id = {f.id: drawn(f, names) for f in figures}
    impact = story.impact_estimates(summary)
    return _templates().get_template("run.html").render(
        title=story.run_title(summary), headline=story.headline(summary), found=story.found(summary, tables),
        notes=story.notes(summary), who=who, tiles=story.run_tiles(summary), figures=by_id,
        bands=grid(tables["bands"], "The four bands", names),
        evidence=evidence(tables["suppliers"], names) if "suppliers" in tables else [],
        supplier_count=tables["suppliers"].height if "suppliers" in tables else 0,
        matching=summary["matching"], coverage=summary["coverage"], percent=percent,
        unknowns=table_grid(tables, "unknowns", "Why spend could not be placed"),
        impact=estimate_grid(impact, "Jobs and multipliers, each with its range") if impact else None,
        by_sector=jobs_by_sector_grid(tables, names), annex=pages_of_run(e.kind for e in impact),
        changed=differences_grid(tables),
        caveats=caveats(impact), impact_notes=[str(n) for n in (summary.get("impact") or {}).get("notes", [])],
        method=story.method(summary), assumptions=assumptions_grid(tables), account=story.row_account(summary),
        files=files_grid(tables), warnings=warnings(tables),
        totals=row_grid(tables, "control_totals", "Totals printed in the files", ["label", "amount_pence", "ties"]),
        rejects=row_grid(tables, "rejects", "Rows that could not be read as a payment", ["reason"]),
        provenance=story.provenance(summary), inputs=grid(story.inputs(summary), "Files and fingerprints", most=500),
    )  # fmt: skip


def _payers(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return institution, band, amount, share of payers beside each other, the most local first."""
    frame = tables["bands_by_institution"]
    local = pl.col("share").filter(pl.col("band") == "local").first().over("institution")
    ordered = frame.sort(local, "institution", descending=[True, False], nulls_last=True, maintain_order=True)
    return ordered.select("institution", "band", "amount_pence", "share")


def compare_page(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], figures: Sequence[Figure]) -> str:
    """Return the HTML report of a comparison."""
    names = names_of(compare)
    by_id = {f.id: drawn(f, names) for f in figures}
    jobs = estimates((compare.get("jobs") or {}).values())
    shares = ["band", "from_pence", "share_from", "to_pence", "share_to", "share_points"]
    parts = ["band", "amount_pence", "volume_pence", "rate_pence"]
    by = tables.get("change_by_institution")
    payers = compare.get("kind") == "payers"
    return _templates().get_template("compare.html").render(
        title=change_story.title(compare), headline=figures[0].title if figures else change_story.title(compare),
        in_words=compare.get("paragraph", ""), payers=payers, notes=story.notes(compare),
        moved=change_story.moved(compare, tables), tiles=change_story.tiles(compare, tables), figures=by_id,
        span=change_story.span(compare),
        differences=change_story.differences(compare),
        shares=grid(_payers(tables), "Share of spend by institution", names)
        if payers
        else grid(tables["change"].select(shares), "Share of spend before and after", names),
        parts=None if payers else grid(tables["change"].select(parts), "Change in £ and its two parts", names),
        institutions=grid(by.select("institution", *shares), "Change by institution", names, 500)
        if by is not None and by.height else None,
        impact=estimate_grid(jobs, "Jobs on the change in spend, with their range") if jobs else None,
        annex=pages_of_change(e.kind for e in jobs), changed=differences_grid(tables),
        caveats=caveats(jobs), method=change_story.method(compare), assumptions=assumptions_grid(tables),
        provenance=story.provenance(compare), inputs=grid(story.inputs(compare), "Files and fingerprints", most=500),
    )  # fmt: skip
