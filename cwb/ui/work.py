"""Runs the pipeline for a page, showing what is being done, and keeps what it gave in the project."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

import cwb
from cwb import charts, demo, kept_runs, pipeline, postcodes, projects
from cwb.charts import Figure
from cwb.drill import Rows
from cwb.errors import CwbError, RunError
from cwb.files import staged_file
from cwb.impact.assumptions import CENTRAL, AssumptionSet, find_set, read_set, set_names, set_toml
from cwb.pipeline import Comparison, Run
from cwb.projects import Choices, KeptLedger
from cwb.register import build_register
from cwb.run import Settings
from cwb.ui import added_files, parts, registers, review_store, session
from cwb.ui.session import Result

ALL_YEARS = "All years"
BASES = {
    "best_evidence": "The best evidence there is (recommended)",
    "ledger_address": "Only the address in the ledger",
    "registered_office": "Only the registered office",
    "any_address": "Any address it has: local if one is local",
}
SAMPLE = "The sample"
_SAMPLE_REGISTER = "The sample's register (made up)"
_KEPT = 4  # results of a project on disk: going back to earlier choices is instant
_ABOUT, _CHANGE = "result.json", "change"


# --- the result that stands -------------------------------------------------------------------------------------------


def result() -> Result | None:
    """Return the result that stands in the project at hand; made again from its ledgers where this server lost it.

    Raises:
        CwbError: it is gone, and cannot be made again.
    """
    project = session.project()
    if project is None or project.run_key is None:
        return None
    folder = _home() / project.run_key
    try:
        found = _opened(str(folder), cwb.__version__)
    except RunError:
        if not project.may("reviewer"):
            raise
        return analyse()
    return _beside(found) if project.may("reviewer") else found


@st.cache_resource(show_spinner="Opening the project", max_entries=16, ttl="12h")
def _opened(folder: str, version: str) -> Result:
    """Open a kept result, once for all sessions; which of them may see it is asked of the store at every run."""
    home = Path(folder)
    about = _about(home)
    if about.get("version") != version:
        raise RunError(f"{home}: was made by another version of cwb; analyse the ledgers again")
    runs = {label: kept_runs.open_run(home / str(at)) for at, label in enumerate(about["labels"])}
    register = Path(about["register"]) if about["register"] else None
    return Result(
        home.name, about["name"], runs, about["first"], home, kept_runs.open_comparison(home / _CHANGE), register,
        frozenset(about["applied"]), about.get("added", ""),
    )  # fmt: skip


def _about(home: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads((home / _ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        raise RunError(f"{home}: holds no result; analyse the ledgers again") from None
    return said


def _home() -> Path:
    """Return where the results of the project at hand are kept on this server."""
    within = session.within()
    return review_store.results_folder(within) / str(within.project)


def drill_rows(found: Result) -> Rows:
    """Return every payment of a result as it may be shown, to be asked by `cwb.drill`."""
    return _rows(str(found.folder))


def rows(found: Result) -> pl.LazyFrame:
    """Return every payment of a result with its band, as schema.BANDED, scanned where it lies."""
    return kept_runs.banded(found.folder / "0")


def links(found: Result) -> pl.DataFrame:
    """Return the links of a result, as schema.LINKS."""
    return kept_runs.links(found.folder / "0")


@st.cache_resource(show_spinner=False, max_entries=4, ttl="2h")
def _rows(folder: str) -> Rows:
    return kept_runs.rows(Path(folder) / "0")


def for_review(found: Result) -> Run:
    """Return all years of a result with suppliers and matches, without payments."""
    return kept_runs.for_review(found.folder / "0")


def full(found: Result, label: str) -> Run:
    """Return one run of a result with its rows and its evidence, as exporting all of it needs."""
    whole = kept_runs.open_run(found.folder / "0", whole=True)
    return whole if label == next(iter(found.runs)) else pipeline.of_year(whole, label, shown=found.runs[label])


# --- analysing --------------------------------------------------------------------------------------------------------


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


def key_of(ledgers: Sequence[KeptLedger], choices: Choices) -> str:
    """Return a short name for exactly these contents read and analysed in exactly this way, decisions aside."""
    said = [
        [a.sha256, a.name, a.institution, a.sheet, sorted(a.columns.items()), a.financial_year] for a in ledgers
    ]  # fmt: skip
    chosen = choices.model_dump(exclude={"scenarios", "assumptions"}) | {"index": registers.edition(choices)}
    return hashlib.sha256(json.dumps([said, chosen], sort_keys=True).encode()).hexdigest()[:16]


def is_current(found: Result) -> bool:
    """Say whether a result was made from the project's ledgers and choices as they are now."""
    return found.key.partition("-")[0] == key_of(list(session.ledgers().values()), session.choices())


def analyse(*, newest_first: bool = False) -> Result:
    """Analyse the project's ledgers under a progress bar, year by year where there are several, and keep the result.

    Raises:
        CwbError: an input cannot be used; what stood before still stands.
    """
    ledgers, choices = list(session.ledgers().values()), session.choices()
    if not ledgers:
        raise CwbError("the project has no ledger; add one on the Ledgers page")
    within = session.within()
    base = key_of(ledgers, choices)
    applied = review_store.standing_ids(within)
    added = added_files.standing()
    folder = _home() / _key(base, applied, added, choices)
    if not _is_kept(folder):
        bar = _Bar(0.0, 0.8)
        try:
            bar("Opening the postcode directory: ten seconds the first time on a machine, then at once", 0.0)
            postcodes.directory()
            given = [session.ledger_file(one, choices.undated_year or None) for one in ledgers]
            register = registers.of(choices)
            run = pipeline.analyse(
                given, place_of(choices), register=register, basis=choices.basis, workspace=within,
                assumptions=assumptions_of(choices), added=added_files.read(added),
                show_individuals=choices.show_individuals, progress=bar,
            )  # fmt: skip
            bar.part(0.8, 1.0)
            bar("Setting the years side by side", 0.2)
            _keep(run, folder, _Made(register, applied, added, newest_first))
        finally:
            bar.done()
    return _adopt(folder)


def decided(found: Result) -> Result:
    """Return the result as people's decisions make it now, from the same read, and keep it.

    Raises:
        CwbError: the store of decisions or the register cannot be opened.
    """
    within = session.within()
    applied = review_store.standing_ids(within)
    folder = _home() / _key(found.key.partition("-")[0], applied, found.added, session.choices())
    if not _is_kept(folder):
        with st.spinner("Applying decisions"):
            whole = kept_runs.open_run(found.folder / "0", whole=True)
            run = pipeline.with_decisions(whole, within, register=found.register)
            _keep(run, folder, replace(_made(found), applied=applied))
    return _adopt(folder)


def assumed(found: Result, chosen: AssumptionSet) -> Result:
    """Return the result with its economics under another set of assumptions, and keep it and the set."""
    is_shipped = chosen.name in set_names() and chosen == find_set(chosen.name)
    said = chosen.name if is_shipped else set_toml(chosen)
    choices = projects.choose(session.within(), assumptions="" if said == CENTRAL.name else said)
    folder = _home() / _key(found.key.partition("-")[0], found.applied, found.added, choices)
    if not _is_kept(folder):
        with st.spinner("Working out jobs and multipliers"):
            whole = kept_runs.open_run(found.folder / "0", whole=True)
            run = pipeline.with_assumptions(whole, chosen)
            _keep(run, folder, _made(found))
    return _adopt(folder)


def _beside(found: Result) -> Result:
    """Return the result with the files that are beside the project's ledgers now counted, and keep it."""
    added = added_files.standing()
    if found.added == added:
        return found
    try:
        says = added_files.read(added)
    except CwbError as error:
        # The page goes on with what stood: on Measures the files can be put right.
        said = f"The files added on Measures cannot be counted: {error} Figures are as they were before."
        st.error(parts.plain(said), icon=":material/error:")
        return found
    folder = _home() / _key(found.key.partition("-")[0], found.applied, added, session.choices())
    if not _is_kept(folder):
        with st.spinner("Counting what was added"):
            whole = kept_runs.open_run(found.folder / "0", whole=True)
            run = pipeline.with_added(whole, says)
            _keep(run, folder, replace(_made(found), added=added))
    return _adopt(folder)


def sample() -> Result:
    """Make a project of the sample that travels with cwb, and analyse it."""
    ledgers, place, register = demo.sample()
    if not registers.has(_SAMPLE_REGISTER):
        build_register([register], registers.shelf() / _SAMPLE_REGISTER)
    session.leave()
    within = session.begin(SAMPLE)
    for one in ledgers:
        kept = projects.add_ledger(within, one.path.name, one.path.read_bytes())
        projects.read_as(within, replace(kept, institution=one.institution, financial_year=one.financial_year))
    projects.choose(within, place=place, register_name=_SAMPLE_REGISTER)
    session.refresh()
    return analyse(newest_first=True)


def place_of(choices: Choices) -> str:
    """Return the place as the pipeline takes it: a name, or the path of the project's own file."""
    if not choices.own_place:
        return choices.place
    path = session.folder() / "place.toml"
    path.write_text(choices.own_place, "utf-8")
    return str(path)


def assumptions_of(choices: Choices) -> AssumptionSet:
    """Return the set that a project rests on."""
    if not choices.assumptions:
        return CENTRAL
    if choices.assumptions in set_names():
        return find_set(choices.assumptions)
    path = session.folder() / "assumptions.toml"
    path.write_text(choices.assumptions, "utf-8")
    return read_set(path)


@dataclass(frozen=True)
class _Made:
    """What a result was made with beside ledgers and choices: see `session.Result`."""

    register: Path | None
    applied: frozenset[str]
    added: str
    newest_first: bool


def _made(found: Result) -> _Made:
    return _Made(found.register, found.applied, found.added, found.first != ALL_YEARS and len(found.runs) > 1)


def _key(base: str, applied: frozenset[str], added: str, choices: Choices) -> str:
    """Return a result's key: pictures and widgets go by it, so new decisions, files or assumptions make a new one."""
    said = "".join(sorted(applied)) + added + choices.assumptions + cwb.__version__
    return f"{base}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def _is_kept(folder: Path) -> bool:
    try:
        return bool(_about(folder).get("version") == cwb.__version__)
    except RunError:
        return False


def _keep(run: Run, folder: Path, made: _Made) -> None:
    years = run.summary["years"]
    runs, first, change = {years[0] if years else ALL_YEARS: run}, years[0] if years else ALL_YEARS, None
    if len(years) > 1:
        parts = {part.summary["years"][0]: part for part in pipeline.split_years(run) if part.summary["years"]}
        change = pipeline.compare([parts[years[0]], parts[years[-1]]])
        runs, first = {ALL_YEARS: run, **parts}, years[-1] if made.newest_first else ALL_YEARS
    for at, one in enumerate(runs.values()):
        shown = one if at == 0 else Run(one.summary, one.tables, one.spend, one.payees, settings=_light(one.settings))
        kept_runs.keep_run(shown, folder / str(at))
    if change is not None:
        kept_runs.keep_comparison(change, folder / _CHANGE)
    project = session.project()
    about = {
        "version": cwb.__version__, "labels": list(runs), "first": first, "applied": sorted(made.applied),
        "added": made.added, "register": str(made.register) if made.register else None,
        "name": project.name if project else "",
    }  # fmt: skip
    with staged_file(folder / _ABOUT) as scratch:  # last, so that a result without it is none
        scratch.write_text(json.dumps(about), "utf-8")
    older = sorted((p for p in folder.parent.iterdir() if p != folder), key=lambda p: p.stat().st_mtime)
    for old in older[: -(_KEPT - 1)]:
        shutil.rmtree(old, ignore_errors=True)


def _light(settings: Settings | None) -> Settings | None:
    """Return a year's settings without every postcode's ward and decile, which those of all years have."""
    if settings is None:
        return None
    return replace(settings, added=replace(settings.added, wards=None, deprivation=None))


def _adopt(folder: Path) -> Result:
    found = _opened(str(folder), cwb.__version__)
    project = session.project()
    if project is None or project.run_key != found.key:
        projects.adopt_run(session.within(), found.key, found.runs[next(iter(found.runs))].summary)
    session.refresh()
    return found


def forget_results() -> None:
    """Delete what this server keeps of the project at hand."""
    shutil.rmtree(_home(), ignore_errors=True)


# --- pictures and pairs, made once for all sessions -------------------------------------------------------------------


@st.cache_resource(show_spinner=False, max_entries=64)
def _run_figures(key: str, label: str, _run: Run) -> dict[str, Figure]:
    return {f.id: f for f in charts.figures_for_run(_run.summary, _run.tables)}


@st.cache_resource(show_spinner=False, max_entries=32)
def _change_figures(key: str, years: tuple[str, ...], _comparison: Comparison) -> dict[str, Figure]:
    return {f.id: f for f in charts.figures_for_compare(_comparison.compare, _comparison.tables)}


def figures(found: Result, label: str) -> dict[str, Figure]:
    """Return the pictures of one run of a result by id."""
    return _run_figures(found.key, label, found.runs[label])


def change_figures(found: Result, change: Comparison) -> dict[str, Figure]:
    """Return the pictures of a change between years by id."""
    sides = change.compare
    return _change_figures(found.key, (*sides["from"]["years"], *sides["to"]["years"]), change)


def years(found: Result) -> list[str]:
    """Return the years of a result that were analysed each alone, in order."""
    return [label for label in found.runs if label != ALL_YEARS]


def change_between(found: Result, first: str, last: str) -> Comparison:
    """Return the change from one year of a result to a later one."""
    known = years(found)
    if found.comparison is not None and (first, last) == (known[0], known[-1]):
        return found.comparison
    return _between(found.key, first, last, found)


@st.cache_resource(show_spinner="Setting the years side by side", max_entries=16)
def _between(key: str, first: str, last: str, _found: Result) -> Comparison:
    return pipeline.compare([_found.runs[first], _found.runs[last]])
