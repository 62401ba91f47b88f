"""Measures: every indicator of a run, one at a time, with what it rests on; and what the user knows besides."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from cwb import pipeline
from cwb.added import FILES, LOOKUP, read_added
from cwb.indicators.measures import Added
from cwb.pipeline import Run
from cwb.safety import neutralise
from cwb.ui import measure_pages, method, parts, session, where, work
from cwb.ui.measure_pages import Measure
from cwb.ui.session import Result

_ROWS = 20
_WHAT = {
    "accounts": "Turnover, balance sheet, employees, members of organisations",
    "owners": "Parents of organisations",
    "wards": "Wards by postcode, or the ONS list of ward names",
    "deprivation": "Deprivation deciles by postcode, or as published by LSOA",
    "targets": "Your own aims",
    "influence_rules": "Your own rules of what is influenceable",
    "category_crosswalk": "Your own crosswalk from categories to COFOG, CIPFA and ProClass",
    "contracts": "A register of contracts by theme and funding stream",
    "bodies": "All public bodies of the area",
    "figures": "Figures of bodies whose ledgers are not here",
}


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Measures", "Every measure of the spend, one at a time, each with what it says and what it cannot.")
    if result is None:
        parts.empty("No ledger yet", "Add a ledger or try the sample; its measures appear here.", start)
        return
    label = where.choose_run(result, "measures")
    run, key = result.runs[label], f"{result.key}-{label}"
    parts.show(f'<p class="where">{parts.esc(where.about(run.summary))}</p>')
    added = _added(key)
    if added is not None:
        run = _again(key, added[0], result, label, added[1])
    names = {one.title: one for one in measure_pages.MEASURES}
    chosen = st.selectbox("Measure", list(names), key=f"measure-{result.key}", persist_state="session")
    _measure(names[chosen], run, key)
    method.beside(names[chosen].method)


def _measure(one: Measure, run: Run, key: str) -> None:
    found = {name: run.tables[name] for name in one.tables if name in run.tables}
    parts.show(f'<p class="lead">{parts.esc(one.says)}</p>')
    if not any(frame.height for frame in found.values()):
        parts.show(
            f'<h2 class="statement">Not told here</h2><p>{parts.esc(one.needs or "No spend is of this kind.")}</p>'
        )
        return
    statement = one.statement(run)
    if statement:
        parts.show(f'<h2 class="statement">{parts.esc(statement)}</h2>')
    for name, frame in found.items():
        if not frame.height:
            continue
        table = one.tables[name]
        note = "" if frame.height <= _ROWS else f"the first {_ROWS} of {frame.height:,}; all are in the file"
        parts.table(table.prepare(frame).head(_ROWS), table.columns, table.caption, note)
        st.download_button(
            f"{table.caption} (CSV)", partial(_csv, frame), f"{name}.csv", "text/csv",
            key=f"{key}-{name}", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    parts.show(f'<p class="where"><strong>What it cannot say.</strong> {parts.esc(one.caveat)}</p>')
    if one.needs and len(found) < len(one.tables):
        parts.show(f'<p class="where">{parts.esc(one.needs)}</p>')


def _csv(frame: pl.DataFrame) -> str:
    return neutralise(frame).write_csv(include_bom=True)


def _added(key: str) -> tuple[str, Added] | None:
    """Print where files of what the user knows besides go, and return them with a hash of their contents."""
    with st.expander("Add what you know besides: accounts, owners, wards, aims, rules"):
        rows = "".join(
            f"<li><strong>{name}.csv</strong>: {parts.esc(what)}. Columns: {', '.join(FILES[name])}.</li>"
            for name, what in _WHAT.items()
        )
        parts.show(
            "<p>Each is a CSV file with this name. They count on this page until you leave.</p>"
            f'<ul class="plain">{rows}<li><strong>{LOOKUP}</strong>: the National Statistics Postcode Lookup, for '
            "wards and deciles as published.</li></ul>"
        )
        given = st.file_uploader("Files to add", type="csv", accept_multiple_files=True, key="measures-added")
    if not given:
        return None
    digest = hashlib.sha256()
    home = session.folder() / "added"
    home.mkdir(exist_ok=True)
    for old in home.iterdir():
        old.unlink()
    known = {*(f"{name}.csv" for name in FILES), LOOKUP}
    for file in sorted(given, key=lambda f: f.name):
        if file.name not in known:
            st.error(
                f"{parts.plain(file.name)}: is none of {parts.plain(', '.join(sorted(known)))}; rename it",
                icon=":material/error:",
            )
            continue
        (home / file.name).write_bytes(file.getvalue())
        digest.update(file.name.encode() + file.getvalue())
    if not any(home.iterdir()):
        return None
    return digest.hexdigest()[:16], read_added(home)


@st.cache_resource(show_spinner="Working the measures out again", max_entries=8)
def _again(key: str, digest: str, _result: Result, label: str, _added: Added) -> Run:
    return pipeline.with_added(work.full(_result, label), _added)
