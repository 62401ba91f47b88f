"""Runs the pipeline for a page, showing what is being done, and keeps what it gave in the session."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from cwb import charts, demo, pipeline, postcodes
from cwb.charts import Figure
from cwb.impact.assumptions import AssumptionSet, set_toml
from cwb.pipeline import Comparison, LedgerFile, Run
from cwb.register import build_register
from cwb.ui import review_store, session
from cwb.ui.session import Added, Result

ALL_YEARS = "All years"
BASES = {
    "best_evidence": "The best evidence there is (recommended)",
    "ledger_address": "Only the address in the ledger",
    "registered_office": "Only the registered office",
    "any_address": "Any address it has: local if one is local",
}
_KEPT = 3  # results a session keeps, so that going back to earlier settings is instant


@dataclass(frozen=True)
class Settings:
    """What a person chose for an analysis."""

    place: str
    register: Path | None = None
    undated_year: str | None = None
    workspace: str = ""
    basis: str = "best_evidence"
    show_individuals: bool = False


def key_of(ledgers: Sequence[Added], settings: Settings) -> str:
    """Return a short name for exactly these contents read in exactly this way."""
    said = [[a.sha256, a.name, a.institution, a.sheet, dict(a.columns)] for a in ledgers]
    chosen = [settings.place, str(settings.register), settings.undated_year, settings.basis, settings.show_individuals]
    return hashlib.sha256(json.dumps([said, chosen], sort_keys=True).encode()).hexdigest()[:16]


class _Bar:
    """A progress bar that a pipeline reports to."""

    def __init__(self, start: float, end: float) -> None:
        self._bar = st.progress(start, text="Starting")
        self._start, self._span = start, end - start

    def __call__(self, what: str, share: float) -> None:
        self._bar.progress(min(1.0, self._start + self._span * max(0.0, min(1.0, share))), text=what)

    def part(self, start: float, end: float) -> None:
        self._start, self._span = start, end - start

    def done(self) -> None:
        self._bar.empty()


def analyse(ledgers: Sequence[LedgerFile], settings: Settings, *, key: str, name: str, newest_first: bool) -> Result:
    """Analyse ledgers under a progress bar, year by year as well where there are several, and keep the result.

    Args:
        ledgers: what the pipeline reads.
        settings: what was chosen.
        key: name of the result; an earlier result of this session with the same key is used again.
        name: what the reader calls this result.
        newest_first: show the newest year first, not all years together.

    Raises:
        CwbError: an input cannot be used.
    """
    kept: dict[str, Result] = st.session_state.setdefault("results", {})
    if key not in kept:
        bar = _Bar(0.0, 0.85)
        try:
            kept[key] = _made(ledgers, settings, bar, key=key, name=name, newest_first=newest_first)
        finally:
            bar.done()
        for old in list(kept)[:-_KEPT]:
            del kept[old]
    if kept[key].applied != review_store.standing_ids(kept[key].workspace):
        return decided(kept[key])
    st.session_state["result"] = kept[key]
    return kept[key]


def uploads(settings: Settings) -> Result:
    """Analyse the ledgers of this session; see `analyse`."""
    added = list(session.ledgers().values())
    name = added[0].name if len(added) == 1 else f"{len(added)} ledgers"
    given = [one.as_ledger(settings.undated_year) for one in added]
    settings = replace(settings, workspace=review_store.where())
    return analyse(given, settings, key=key_of(added, settings), name=name, newest_first=False)


def sample() -> Result:
    """Analyse the sample that travels with cwb; see `analyse`."""
    ledgers, place, register = demo.sample()
    index = session.folder() / "sample-register"
    if not index.is_dir():
        build_register([register], index)
    # What is tried out on made-up suppliers does not go among real decisions.
    settings = Settings(place, index, workspace=str(session.folder() / "sample-decisions.db"))
    return analyse(ledgers, settings, key="sample", name="The sample", newest_first=True)


def _made(
    ledgers: Sequence[LedgerFile], settings: Settings, bar: _Bar, *, key: str, name: str, newest_first: bool
) -> Result:
    bar("Opening the postcode directory: ten seconds the first time on a machine, then at once", 0.0)
    postcodes.directory()
    applied = review_store.standing_ids(settings.workspace)
    run = pipeline.analyse(
        ledgers, settings.place, register=settings.register, basis=settings.basis, workspace=settings.workspace,
        show_individuals=settings.show_individuals, progress=bar,
    )  # fmt: skip
    if len(run.summary["years"]) > 1:
        bar.part(0.85, 0.95)
        bar("Setting the years side by side", 0.0)
    result = _by_year(run, key=key, name=name, newest_first=newest_first)
    bar("Drawing the pictures", 1.0)
    return replace(result, register=settings.register, workspace=settings.workspace, applied=applied)


def _by_year(run: Run, *, key: str, name: str, newest_first: bool) -> Result:
    years = run.summary["years"]
    if len(years) < 2:
        return Result(key, name, {(years[0] if years else ALL_YEARS): run}, years[0] if years else ALL_YEARS)
    parts = {part.summary["years"][0]: part for part in pipeline.split_years(run) if part.summary["years"]}
    change = pipeline.compare([parts[years[0]], parts[years[-1]]])
    return Result(key, name, {ALL_YEARS: run, **parts}, years[-1] if newest_first else ALL_YEARS, change)


def decided(result: Result) -> Result:
    """Return the result as people's decisions make it now, from the same read, and keep it.

    Raises:
        CwbError: the store of decisions or the register cannot be opened.
    """
    applied = review_store.standing_ids(result.workspace)
    whole = result.runs.get(ALL_YEARS) or result.runs[result.first]
    with st.spinner("Applying decisions"):
        run = pipeline.with_decisions(whole, result.workspace, register=result.register)
    return _again(result, run, applied)


def assumed(result: Result, chosen: AssumptionSet) -> Result:
    """Return the result with its economics under another set of assumptions, and keep it."""
    whole = result.runs.get(ALL_YEARS) or result.runs[result.first]
    with st.spinner("Working out jobs and multipliers"):
        return _again(result, pipeline.with_assumptions(whole, chosen), result.applied)


def _again(result: Result, run: Run, applied: frozenset[str]) -> Result:
    """Return and keep the result with `run`, which decisions or assumptions made anew, in place of its own."""
    key = result.key.partition("@")[0]
    said = "".join(sorted(applied))
    if run.settings is not None and run.settings.assumptions.overrides:
        said += set_toml(run.settings.assumptions)
    # Pictures and widgets go by the result's key, so new decisions or assumptions make a new one.
    mark = hashlib.sha256(said.encode()).hexdigest()[:8]
    made = _by_year(
        run, key=f"{key}@{mark}", name=result.name, newest_first=result.first != ALL_YEARS and len(result.runs) > 1
    )
    now = replace(made, register=result.register, workspace=result.workspace, applied=applied)
    st.session_state["results"][key] = st.session_state["result"] = now
    return now


def compare(result: Result, earlier: str, later: str) -> Result:
    """Return the result with the change between two of its years, and keep it."""
    changed = replace(result, comparison=pipeline.compare([result.runs[earlier], result.runs[later]]))
    st.session_state["results"][result.key] = st.session_state["result"] = changed
    return changed


@st.cache_resource(scope="session", show_spinner=False, max_entries=24)
def _run_figures(key: str, label: str, _run: Run) -> dict[str, Figure]:
    return {f.id: f for f in charts.figures_for_run(_run.summary, _run.tables)}


@st.cache_resource(scope="session", show_spinner=False, max_entries=8)
def _change_figures(key: str, years: tuple[str, ...], _comparison: Comparison) -> dict[str, Figure]:
    return {f.id: f for f in charts.figures_for_compare(_comparison.compare, _comparison.tables)}


def figures(result: Result, label: str) -> dict[str, Figure]:
    """Return the pictures of one run of a result by id, made once a session."""
    return _run_figures(result.key, label, result.runs[label])


def change_figures(result: Result) -> dict[str, Figure]:
    """Return the pictures of the change between years by id, made once a session; none without a comparison."""
    if result.comparison is None:
        return {}
    sides = result.comparison.compare
    return _change_figures(result.key, (*sides["from"]["years"], *sides["to"]["years"]), result.comparison)
