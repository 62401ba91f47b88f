"""What the law asks for: local reservation, SME and VCSE return, Transparency Code, Scottish action plan."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from cwb.drill import NONE, Question
from cwb.indicators import statutory
from cwb.pipeline import Run
from cwb.schema import BANDS
from cwb.ui import method, parts, where, work
from cwb.ui.parts import Col
from cwb.ui.session import Result

_NAMES = {"reservation": "Local area", "sme_vcse_return": "SME and VCSE return", "action_plan": "Action plan"}
_SPENT = "\n".join(BANDS)
_BANDS_OF = {  # measures of the action plan that are the payments of some bands
    "Spent with suppliers in the area": "local",
    "Spent in the region, the area included": "local\nregional",
    "Leaves the region": "leaked",
    "Could not be placed": "unknown",
}
_CANNOT = statutory.WHAT_VIEWS_CANNOT_KNOW


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Statutory views", "What the law asks for, as far as a ledger can tell it; each says what it cannot.")
    if result is None:
        parts.empty("No ledger yet", "Add a ledger or try the sample; the views appear here.", start)
        return
    label, run, asks = where.begun(result, "statutory")
    key = f"{result.key}-{label}"
    _reservation(run, key)
    _return(run, key)
    _transparency(result, asks, key)
    _plan(run, key, asks)
    method.beside("statutory")


def _reservation(run: Run, key: str) -> None:
    st.header("England: the local area for reserved contracts", anchor=False)
    frame = run.tables["reservation"]
    if frame.is_empty():
        parts.show('<p class="lead">None of the place\'s districts is in England: other rules hold there.</p>')
        return
    parts.table(
        frame,
        [Col("what_is_local", "The area may be"), Col("districts", "Districts", "count"),
         Col("amount_pence", "Spent there, £", "money"), Col("share", "Of all £", "share"),
         Col("suppliers", "Suppliers", "count"), Col("small_pence", "With small suppliers, £", "money"),
         Col("small_share", "Of small suppliers", "share")],
        "Local area for below-threshold contracts",
        "small: paid less in a year than the threshold for full procurement",
    )  # fmt: skip
    _after("reservation", frame, key)


def _return(run: Run, key: str) -> None:
    st.header("PPN 001: spend with SMEs and VCSEs", anchor=False)
    frame = run.tables["sme_vcse_return"]
    parts.table(
        parts.linked(
            frame,
            "total_pence",
            lambda row: Question(institution=row["institution"], year=row["financial_year"] or NONE, band=_SPENT),
            of="institution",
        ),
        [Col("institution", "Institution"), Col("financial_year", "Year", "year"),
         Col("total_pence", "All, £", "link"),
         Col("sme_pence", "SMEs, £", "money"), Col("sme_share", "SMEs", "share"),
         Col("by_accounts_pence", "by figures, £", "money"), Col("vcse_pence", "VCSEs, £", "money"),
         Col("vcse_share", "VCSEs", "share"), Col("unknown_share", "Size unknown", "share")],
        "SME and VCSE return", "shares of all spend; the rest is large, not a company, or of unknown size",
    )  # fmt: skip
    _after("sme_vcse_return", frame, key)


def _transparency(result: Result, asks: Question, key: str) -> None:
    st.header("Transparency Code: your own ledger, ready to publish", anchor=False)
    least = st.number_input(
        "Payments above, £", min_value=0, value=statutory.code_threshold(), step=100, key=f"over-{key}"
    )
    parts.show(
        "<p>One row a payment: organisation, date, department, beneficiary, purpose, amount, category. Names of people "
        "and of hidden payees are withheld, and so are descriptions beside them.</p>"
    )
    st.download_button(
        f"Payments above £{int(least):,} to publish (CSV)",
        lambda: parts.csv(_published(result, asks.year, int(least))), "transparency.csv", "text/csv",
        key=f"transparency-{key}-{int(least)}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    parts.show(f'<p class="where"><strong>What it cannot know.</strong> {parts.esc(_CANNOT["transparency"])}</p>')


def _published(result: Result, year: str, threshold_gbp: int) -> pl.DataFrame:
    rows = work.rows(result)
    if year:
        rows = rows.filter(pl.col("financial_year") == year)
    kinds = work.links(result).lazy().select("supplier_id", "supplier_type")
    typed = rows.join(kinds, on="supplier_id", how="left", validate="m:1", maintain_order="left").collect()
    return statutory.transparency_export(typed, threshold_gbp=threshold_gbp)


def _plan(run: Run, key: str, asks: Question) -> None:
    st.header("Scotland: figures for a community wealth building action plan", anchor=False)
    frame = run.tables["action_plan"]
    parts.table(
        parts.linked(
            frame, "amount_pence",
            lambda row: asks.but(band=_BANDS_OF[row["measure"]]) if row["measure"] in _BANDS_OF else None,
            of="measure",
        ),
        [Col("measure", "Measure"), Col("pillar", "Pillar"), Col("amount_pence", "£", "link"),
         Col("share", "Of all £", "share"), Col("cannot_know", "What it cannot know")],
        "Action plan", "measures without a figure are not in a ledger: the body fills them in",
    )  # fmt: skip
    _after("action_plan", frame, key)


def _after(name: str, frame: pl.DataFrame, key: str) -> None:
    """Print what a view cannot know, and the button that hands it over."""
    parts.show(f'<p class="where"><strong>What it cannot know.</strong> {parts.esc(_CANNOT[name])}</p>')
    st.download_button(
        f"{_NAMES[name]} (CSV)", lambda: parts.csv(frame), f"{name}.csv", "text/csv",
        key=f"{name}-{key}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
