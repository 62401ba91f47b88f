"""What the law asks for: local reservation, SME and VCSE return, Transparency Code, Scottish action plan."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from cwb.indicators import statutory
from cwb.pipeline import Run
from cwb.safety import neutralise
from cwb.ui import method, parts, where, work
from cwb.ui.parts import Col
from cwb.ui.session import Result

_NAMES = {"reservation": "Local area", "sme_vcse_return": "SME and VCSE return", "action_plan": "Action plan"}
_CANNOT = statutory.WHAT_VIEWS_CANNOT_KNOW


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Statutory views", "What the law asks for, as far as a ledger can tell it; each says what it cannot.")
    if result is None:
        parts.empty("No ledger yet", "Add a ledger or try the sample; the views appear here.", start)
        return
    label = where.choose_run(result, "statutory")
    run, key = result.runs[label], f"{result.key}-{label}"
    parts.show(f'<p class="where">{parts.esc(where.about(run.summary))}</p>')
    _reservation(run, key)
    _return(run, key)
    _transparency(result, label, key)
    _plan(run, key)
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
        frame,
        [Col("institution", "Institution"), Col("financial_year", "Year", "year"),
         Col("total_pence", "All, £", "money"),
         Col("sme_pence", "SMEs, £", "money"), Col("sme_share", "SMEs", "share"),
         Col("by_accounts_pence", "by figures, £", "money"), Col("vcse_pence", "VCSEs, £", "money"),
         Col("vcse_share", "VCSEs", "share"), Col("unknown_share", "Size unknown", "share")],
        "SME and VCSE return", "shares of all spend; the rest is large, not a company, or of unknown size",
    )  # fmt: skip
    _after("sme_vcse_return", frame, key)


def _transparency(result: Result, label: str, key: str) -> None:
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
        lambda: _csv(_published(result, label, int(least))), "transparency.csv", "text/csv",
        key=f"transparency-{key}-{int(least)}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    parts.show(f'<p class="where"><strong>What it cannot know.</strong> {parts.esc(_CANNOT["transparency"])}</p>')


def _published(result: Result, label: str, threshold_gbp: int) -> pl.DataFrame:
    rows = work.rows(result)
    if label in result.runs[label].summary["years"]:
        rows = rows.filter(pl.col("financial_year") == label)
    kinds = work.links(result).lazy().select("supplier_id", "supplier_type")
    typed = rows.join(kinds, on="supplier_id", how="left", validate="m:1", maintain_order="left").collect()
    return statutory.transparency_export(typed, threshold_gbp=threshold_gbp)


def _plan(run: Run, key: str) -> None:
    st.header("Scotland: figures for a community wealth building action plan", anchor=False)
    frame = run.tables["action_plan"]
    parts.table(
        frame,
        [Col("measure", "Measure"), Col("pillar", "Pillar"), Col("amount_pence", "£", "money"),
         Col("share", "Of all £", "share"), Col("cannot_know", "What it cannot know")],
        "Action plan", "measures without a figure are not in a ledger: the body fills them in",
    )  # fmt: skip
    _after("action_plan", frame, key)


def _after(name: str, frame: pl.DataFrame, key: str) -> None:
    """Print what a view cannot know, and the button that hands it over."""
    parts.show(f'<p class="where"><strong>What it cannot know.</strong> {parts.esc(_CANNOT[name])}</p>')
    st.download_button(
        f"{_NAMES[name]} (CSV)", lambda: _csv(frame), f"{name}.csv", "text/csv",
        key=f"{name}-{key}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def _csv(frame: pl.DataFrame) -> str:
    return neutralise(frame).write_csv(include_bom=True)
