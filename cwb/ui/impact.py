"""Impact: what the spend supports, every figure with its range, its basis and its caveat."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from cwb.charts import words
from cwb.charts.impact import Estimate, caveats, estimates
from cwb.drill import NONE, Question
from cwb.methods import pages_of
from cwb.pipeline import Run
from cwb.report.grids import differences_grid
from cwb.ui import drill, method, parts, survey, where, work
from cwb.ui.parts import Col
from cwb.ui.session import Result

_OURS = ("jobs", "lm3")  # how the ids of the impact pictures start
_BANDS = {"local": "local", "region_including_local": "local\nregional"}
_METHODS = {  # the method pages that stand beneath a picture
    "jobs": ("jobs",), "jobs_tornado": ("uncertainty",), "jobs_waterfall": ("additionality",), "lm3": ("lm3",),
}  # fmt: skip


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Impact", "What the spend supports locally: estimates, each with its range and what it rests on.")
    if result is None:
        parts.empty("No ledger yet", "Add a ledger or try the sample; the estimates appear here.", start)
        return
    label, run, asks = where.begun(result, "impact")
    figures = work.figures(result, label)
    found = estimates((run.summary["impact"] or {}).get("figures", []))
    if not found:
        parts.show(
            '<h2 class="statement">Nothing to estimate from</h2><p class="lead">Estimates need payments placed in the '
            "local area. Add a register on the Ledgers page, or check the place chosen there.</p>"
        )
    with parts.contents():
        shown: set[str] = set()
        for figure in figures.values():
            if figure.id.startswith(_OURS):
                parts.picture(figure, f"{result.key}-{label}")
                pages = [name for name in _METHODS.get(figure.id, ()) if name not in shown]
                method.beside(*pages)
                shown.update(pages)
                st.space("small")
        if found:
            _estimates(found, run.summary, asks)
            method.beside(*(page.name for page in pages_of(e.kind for e in found) if page.name not in shown))
        _by_sector(run, asks)
        _changed(run)
        _assumptions(run)
        survey.section(result, label)


def _estimates(found: list[Estimate], summary: dict[str, Any], asks: Question) -> None:
    parts.part("Each figure and what it rests on")
    parts.show(f'<div class="note"><p><strong>Read with care.</strong> {parts.esc(caveats(found))}</p></div>')
    place = summary["place"]
    names = {"local": place["name"], "region_including_local": f"{place['region_name']}, {place['name']} included"}
    for area in dict.fromkeys(e.area for e in found):
        _area(words.sentence(names.get(area, area)), [e for e in found if e.area == area])
        _rests_on(area, names.get(area, area), summary, asks)


def _area(name: str, found: list[Estimate]) -> None:
    """Print the estimates for one area: each with its range, unit, method, and its basis and caveat a key away."""
    rows = [[parts.esc(e.label), _value(e), parts.esc(e.unit), _method(e)] for e in found]
    parts.print_table(
        ["Figure", "Estimate", "Unit", "Method"], rows, f"Estimates: {name}", "central, with low to high beneath",
        numeric=[False, True, False, False],
    )  # fmt: skip


def _rests_on(area: str, name: str, summary: dict[str, Any], asks: Question) -> None:
    """Print the spend that an area's estimates are made from, leading to its payments."""
    if area not in _BANDS:
        return
    spent = summary["bands"][area] if area in summary["bands"] else summary[area]
    said = f"{words.exact_money(spent['amount_pence'])} paid to suppliers in {name}"
    led = drill.link(parts.esc(said), asks.but(band=_BANDS[area]))
    parts.show(f'<p class="where">These rest on {led}.</p>')


def _value(e: Estimate) -> str:
    central, _, spread = e.text.partition(" (")
    drawn = f'<span class="soft">{parts.esc(e.interval)}</span>' if e.interval else ""
    return f'{parts.esc(central)}<span class="soft">{parts.esc(spread.rstrip(")"))}</span>{drawn}'


def _method(e: Estimate) -> str:
    return (
        f'{parts.esc(e.method)}<details><summary>Basis and caveat<span class="vh"> of '
        f"{parts.esc(e.label)}</span></summary><p>{parts.esc(words.sentence(e.basis))}.</p>"
        f"<p>{parts.esc(e.caveat)}</p></details>"
    )


def _by_sector(run: Run, asks: Question) -> None:
    """Print direct jobs by band and sector, each with its range."""
    frame = run.tables.get("jobs_by_sector")
    if frame is None or frame.is_empty():
        return
    inside = frame.filter(pl.col("band").is_in(["local", "regional"]))
    rows = [
        [
            parts.band_html(row["band"]), parts.esc(row["section_name"]),
            drill.link(
                words.exact_money(row["amount_pence"]), asks.but(band=row["band"], sector=row["sic_section"] or NONE),
                of=row["section_name"],
            ),
            f"{words.amount(round(row['central']))}<span class=\"soft\">{words.amount(round(row['low']))} to "
            f"{words.amount(round(row['high']))}</span>",
        ]
        for row in inside.iter_rows(named=True)
    ]  # fmt: skip
    with st.expander(f"Jobs at suppliers by sector: {inside.height} lines"):
        parts.print_table(
            ["Band", "Sector", "Paid", "Jobs, gross"], rows, "Jobs at suppliers, by band and sector",
            "headcount; central, with low to high beneath; bands are exclusive", numeric=[False, False, True, True],
        )  # fmt: skip


def _changed(run: Run) -> None:
    """Print what differs from the shipped assumptions, as every report does."""
    grid = differences_grid(run.tables)
    if grid is not None:
        rows = [[parts.esc(cell) for cell in row] for row in grid.rows]
        parts.print_table([name for name, _ in grid.headings], rows, grid.caption, numeric=[False] * 4)


def _assumptions(run: Run) -> None:
    frame = run.tables["assumptions"]
    if frame.is_empty():
        return
    with st.expander(f"Assumptions used: {frame.height}"):
        parts.table(
            frame,
            [Col("label", "Assumption"), Col("value", "Value", "number"), Col("low", "Low", "number"),
             Col("high", "High", "number"), Col("unit", "Unit"), Col("kind", "Kind"), Col("source", "Source"),
             Col("locator", "Where in it"), Col("caveat", "Caveat")],
            "Assumptions", "each dated, sourced and open to question",
        )  # fmt: skip
