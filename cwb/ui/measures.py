"""Measures: every indicator of a run, one at a time, with what it rests on; and what the user knows besides."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from cwb import projects
from cwb.added import FILES, LOOKUP
from cwb.drill import NONE, Question, wordings
from cwb.errors import CwbError
from cwb.pipeline import Run
from cwb.projects import KeptLedger
from cwb.schema import BANDS
from cwb.ui import added_files, measure_pages, method, parts, session, undo, where
from cwb.ui.measure_pages import Measure, Shown
from cwb.ui.parts import Col
from cwb.ui.session import Result

_ROWS = 20
_SPENT = "\n".join(BANDS)
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
    label, run, asks = where.begun(result, "measures")
    key = f"{result.key}-{label}"
    _added()
    undo.offer()
    names = {one.title: one for one in measure_pages.MEASURES}
    chosen = st.selectbox("Measure", list(names), key="measure", persist_state="session")
    _measure(names[chosen], run, key, asks)
    method.beside(names[chosen].method)


def _measure(one: Measure, run: Run, key: str, asks: Question) -> None:
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
        parts.table(*_led(table, frame.head(_ROWS), run, asks), table.caption, note)
        st.download_button(
            f"{table.caption} (CSV)", partial(parts.csv, frame), f"{name}.csv", "text/csv",
            key=f"{key}-{name}", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    parts.show(f'<p class="where"><strong>What it cannot say.</strong> {parts.esc(one.caveat)}</p>')
    if one.needs and len(found) < len(one.tables):
        parts.show(f'<p class="where">{parts.esc(one.needs)}</p>')


def _led(table: Shown, frame: pl.DataFrame, run: Run, asks: Question) -> tuple[pl.DataFrame, Sequence[Col]]:
    """Return a table and its columns, its £ leading to the payments behind them where these can be asked for."""
    if not table.asked:
        return table.prepare(frame), table.columns
    printed = wordings([run.spend]) if run.spend is not None and "theme" in table.asked else {}

    def ask(row: dict[str, Any]) -> Question | None:
        told = {part: _asked(column, row[column], printed) for column, part in table.asked.items()}
        if "supplier" in told:
            return parts.ask_suppliers(row["supplier_ids"], asks.but(band=_SPENT).but(**{**told, "supplier": ""}))
        return asks.but(**({} if "category" in told else {"band": _SPENT}) | told) if all(told.values()) else None

    columns = [replace(col, kind="link") if col.name == "amount_pence" else col for col in table.columns]
    return table.prepare(parts.linked(frame, "amount_pence", ask, of=table.columns[0].name)), columns


def _asked(column: str, value: str | None, printed: Mapping[str, str]) -> str:
    if column == "theme":
        return printed.get(str(value), "")
    return _SPENT if value == "all" else value or NONE


def _added() -> None:
    """Print where files of what the user knows besides go, and those that are here."""
    with st.expander("Add what you know besides: accounts, owners, wards, aims, rules"):
        rows = "".join(
            f"<li><strong>{name}.csv</strong>: {parts.esc(what)}. Columns: {', '.join(FILES[name])}.</li>"
            for name, what in _WHAT.items()
        )
        parts.show(
            "<p>Each is a CSV file with this name, kept in the project as ledgers are. They count on every page and in "
            "what is exported.</p>"
            f'<ul class="plain">{rows}<li><strong>{LOOKUP}</strong>: the National Statistics Postcode Lookup, for '
            "wards and deciles as published.</li></ul>"
        )
        if session.may("reviewer"):
            _upload()
    if kept := projects.added_files(session.within()):
        _listed(kept)


def _upload() -> None:
    count = st.session_state.setdefault("measures-uploads", 0)
    given = st.file_uploader("Files to add", type="csv", accept_multiple_files=True, key=f"measures-added-{count}")
    known = {*(f"{name}.csv" for name in FILES), LOOKUP}
    for text in st.session_state.pop("measures-said", []):
        st.error(parts.plain(text), icon=":material/error:")
    if not given:
        return
    wrong = [f"{f.name}: is none of {', '.join(sorted(known))}; rename it" for f in given if f.name not in known]
    good = [file for file in given if file.name in known]
    try:
        _try({file.name: file.getvalue() for file in good})  # refused before they are kept
        for file in good:
            projects.add_file(session.within(), file.name, file.getbuffer())
    except CwbError as error:
        wrong.append(str(error))
    st.session_state["measures-said"], st.session_state["measures-uploads"] = wrong, count + 1
    st.rerun()


def _try(files: Mapping[str, bytes]) -> None:
    """Read new files beside those that are kept.

    Raises:
        CwbError: one cannot be used; it is named as the person knows it.
    """
    if not files:
        return
    with tempfile.TemporaryDirectory(dir=session.folder()) as scratch:
        home = Path(scratch)
        added_files.copy_to(home)
        for name, content in files.items():
            (home / name).write_bytes(content)
        added_files.read_in(home)


def _listed(kept: Sequence[KeptLedger]) -> None:
    """Print the files that are here, each with a way to take it out again."""
    with st.container(horizontal=True, vertical_alignment="center"):
        parts.show('<p class="where">Added and counted:</p>')
        for one in kept:
            st.button(
                f"Remove {parts.plain(one.name)}", key=f"added-{one.sha256[:8]}", icon=":material/close:",
                type="tertiary", disabled=not session.may("reviewer"), on_click=_remove, args=(one.sha256,),
            )  # fmt: skip


def _remove(sha256: str) -> None:
    with parts.clear_errors():
        projects.remove_ledger(session.within(), sha256)
