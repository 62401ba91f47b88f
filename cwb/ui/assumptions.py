"""Assumptions: which set the estimates rest on, each number open to change, and what differs from the shipped ones."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import streamlit as st

from cwb import lookups
from cwb.charts.impact import estimates
from cwb.errors import LookupsError
from cwb.impact.assumptions import CENTRAL, AssumptionSet, differences, find_set, read_set, set_names, set_toml
from cwb.impact.ranges import of
from cwb.indicators.tables import assumptions as assumption_table
from cwb.lookups import Assumption
from cwb.ui import method, parts, session, undo, where, work
from cwb.ui.parts import Col
from cwb.ui.session import Result

_OWN = "own"


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Assumptions", "Every number behind jobs and multipliers that is not in your ledger: change any.")
    if result is None:
        parts.empty("No ledger yet", "Add a ledger or try the sample; its assumptions appear here.", start)
        return
    chosen = current(result)
    _choose(result, chosen)
    _differences(chosen)
    _effect(result)
    _edit(result, chosen)
    _table(chosen)
    method.beside("uncertainty")


def current(result: Result) -> AssumptionSet:
    """Return the set that the result rests on."""
    settings = result.runs[result.first].settings
    return settings.assumptions if settings is not None else CENTRAL


def _use(result: Result, chosen: AssumptionSet) -> None:
    work.assumed(result, chosen)
    st.rerun()


def _choose(result: Result, chosen: AssumptionSet) -> None:
    """Print the choice of a shipped set, and ways to take the set away and bring one."""
    names = sorted(set_names(), key=["cautious", "central", "generous"].index)
    labels = {name: find_set(name).label for name in names}
    if chosen.name not in labels:
        labels[chosen.name] = chosen.label
    picked = st.radio(
        "Set", list(labels), index=list(labels).index(chosen.name), format_func=lambda name: parts.plain(labels[name]),
        key=f"set-{result.key}-{session.turn()}",
    )  # fmt: skip
    if picked != chosen.name:
        _use(result, find_set(picked))
    with st.container(horizontal=True):
        st.download_button(
            "Download this set (TOML)", set_toml(chosen), f"assumptions-{chosen.name}.toml", "application/toml",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    undo.offer()
    given = st.file_uploader("Use a set of your own (TOML)", type=["toml"], key="assumption-file")
    if given is not None and st.button("Use this file", icon=":material/upload_file:"):
        own = _read(given.getvalue(), given.name)
        # A file named like a shipped set is still the person's own.
        name = f"{own.name} ({_OWN})" if own.name in set_names() else own.name
        _use(result, AssumptionSet(name, own.label, own.why, own.overrides))


def _differences(chosen: AssumptionSet) -> None:
    frame = differences(chosen)
    if frame.is_empty():
        parts.show('<p class="lead">Nothing differs from the shipped central set.</p>')
        return
    parts.table(
        frame,
        [Col("label", "Assumption"), Col("shipped_low", "Shipped, low", "number"), Col("shipped", "Shipped", "number"),
         Col("shipped_high", "Shipped, high", "number"), Col("low", "Low", "number"), Col("value", "Here", "number"),
         Col("high", "High", "number"), Col("unit", "Unit"), Col("source", "Source")],
        f"Differs from the shipped set: {frame.height}", "printed in every report made with this set",
    )  # fmt: skip


def _effect(result: Result) -> None:
    """Print what the local figures are under this set."""
    label = where.choose_run(result, "assumptions")
    found = [e for e in estimates((result.runs[label].summary["impact"] or {}).get("figures", [])) if e.area == "local"]
    if found:
        rows = [[parts.esc(e.label), parts.esc(e.text), parts.esc(e.unit)] for e in found]
        parts.print_table(
            ["Figure", "Central (low to high)", "Unit"], rows, "What follows", label, numeric=[False, True, False]
        )


def _edit(result: Result, chosen: AssumptionSet) -> None:
    """Print a form for one assumption: low, central, high, and why."""
    st.header("Change one", anchor=False)
    known = sorted(k for k in lookups.parameters() if k.startswith("impact."))
    labels = {key: chosen.get(key).label for key in known}
    key = st.selectbox("Assumption", known, format_func=lambda k: labels[k], key="assumption-key")
    one = chosen.get(key)
    span = of(one)
    parts.show(f'<p class="where">{parts.esc(one.unit)}. {parts.esc(_rests_on(one))}</p>')
    with st.form(f"change-{result.key}-{key}"):
        columns = st.columns(3)
        low, value, high = (
            column.number_input(name, value=float(number), format="%.6g", step=None)
            for column, name, number in zip(
                columns, ("Low", "Central", "High"), (span.low, span.central, span.high), strict=True
            )
        )
        why = st.text_input("Source, or why", max_chars=300)
        if st.form_submit_button("Use these values", icon=":material/check:"):
            _use(result, changed(chosen, key, (low, value, high), why))
    if key in chosen.overrides and st.button("Back to the shipped value", icon=":material/undo:"):
        kept = {k: v for k, v in chosen.overrides.items() if k != key}
        _use(result, AssumptionSet(_OWN, "Your own", chosen.why, MappingProxyType(kept)) if kept else CENTRAL)


def changed(chosen: AssumptionSet, key: str, numbers: tuple[float, float, float], why: str) -> AssumptionSet:
    """Return the set with one value of the person's own, checked as a file of theirs would be.

    Raises:
        LookupsError: the numbers are out of order or out of range.
    """
    said = why.strip() or "The user's own value"
    low, value, high = numbers
    if not low <= value <= high:
        raise LookupsError(f"{key}: needs low ≤ central ≤ high, found {low:g}, {value:g}, {high:g}")
    own = chosen.get(key).model_copy(
        update={"value": value, "low": low, "high": high, "source": said, "locator": ""}
    )  # fmt: skip
    made = AssumptionSet(_OWN, "Your own", chosen.why, MappingProxyType({**chosen.overrides, key: own}))
    return _read(set_toml(made).encode(), "Your values")


def _read(data: bytes, name: str) -> AssumptionSet:
    """Read a set from what a person gave; an error names it as they know it, not where its copy is.

    Raises:
        LookupsError: it is not a set of assumptions.
    """
    path = session.folder() / "assumptions.toml"
    path.write_bytes(data)
    try:
        return read_set(path)
    except LookupsError as error:
        raise LookupsError(str(error).replace(str(path), name)) from None


def _rests_on(one: Assumption) -> str:
    told = assumption_table([one]).row(0, named=True)
    kind = {"judgement": "A judgement", "own": "Your own"}.get(one.kind, "Published")
    return f"{kind}: {told['source']}. {one.caveat}".strip()


def _table(chosen: AssumptionSet) -> None:
    known = [chosen.get(k) for k in sorted(lookups.parameters()) if k.startswith("impact.")]
    with st.expander(f"All {len(known)} assumptions of this set"):
        parts.table(
            assumption_table(known),
            [Col("label", "Assumption"), Col("low", "Low", "number"), Col("value", "Central", "number"),
             Col("high", "High", "number"), Col("unit", "Unit"), Col("kind", "Kind"), Col("source", "Source"),
             Col("locator", "Where in it")],
            "Assumptions", "with their ranges and who published them",
        )  # fmt: skip
