"""Export: report, workbook, slides, tables and charts to take away, one by one or all in one zip.

Files are made when first asked for, into the session's own folder, by the functions behind the command line.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from cwb import pipeline
from cwb.charts import Figure
from cwb.files import staged_file
from cwb.pipeline import Comparison, Run
from cwb.report import write_bundle, write_tables
from cwb.report.document import write_document
from cwb.report.formats import of_comparison, of_run
from cwb.report.slides import write_slides
from cwb.report.workbook import write_workbook
from cwb.run import names_withheld
from cwb.ui import parts, session, work
from cwb.ui.session import Result

_CHANGE = "Change between years"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_OFFERED = (
    ("Report (HTML)", "report.html", "text/html", "One page to read, print or publish: charts, method, caveats."),
    ("Report (PDF)", "report.pdf", "application/pdf", "The same on paper, tagged for screen readers."),
    ("Workbook (XLSX)", "workbook.xlsx", _XLSX, "Every table, with native charts, for Excel."),
    ("Slides (PPTX)", "slides.pptx", _PPTX, "Native charts to edit, with speaker's notes, for PowerPoint."),
    ("Tables (zip)", "tables.zip", "application/zip", "Every table as CSV, with a dictionary of columns."),
    (
        "Everything (zip)",
        "everything.zip",
        "application/zip",
        "As the command line writes it, charts and payments too.",
    ),
)
Whole = Callable[[], Run | Comparison]
_LOCK = threading.Lock()  # one writing at a time: printing charts takes all the machine has


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Export", "Take it away: reports, workbook, slides, tables and charts, ready to publish.")
    if result is None:
        parts.empty("Nothing to export yet", "Add a ledger or try the sample first.", start)
        return
    if any(run.settings is not None and run.settings.show_individuals for run in result.runs.values()):
        st.warning(
            "These files show the names of individuals. Check that you may publish them.", icon=":material/warning:"
        )
    labels = [*result.runs, *([_CHANGE] if result.comparison is not None else [])]
    label = labels[0]
    if len(labels) > 1:
        label = st.segmented_control(
            "What to take away", labels, default=result.first, required=True, key=f"export-{result.key}"
        )  # fmt: skip
    if result.comparison is not None:
        result = replace(result, comparison=_change(result, is_asked=label == _CHANGE))
    result = _noted(result)
    said = json.dumps([run.summary.get("notes") for run in result.runs.values()])
    home = session.folder() / "exports" / f"{_stamp(result)}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"
    if label in result.runs:
        run = result.runs[label]
        figures = tuple(work.figures(result, label).values())
        _part(label, run, home, figures, whole=partial(_full, result, label), key=result.key)
    elif result.comparison is not None:
        change = result.comparison
        drawn = tuple(work.change_figures(result, change).values())
        sides = [", ".join(change.compare[side]["years"]) for side in ("from", "to")]
        # Told by name too: a file of other years than those chosen is not taken for it.
        _part(f"Change, {sides[0]} to {sides[1]}", change, home, drawn, whole=lambda: change, key=_stamp(result))
    if len(labels) > 1:
        st.header("All of it", anchor=False)
        _offer(
            "All (zip)", "All years and the change between them, in a folder each.", partial(_all, result, home),
            file=f"cwb-{_slug(result.name)}.zip", mime="application/zip", key="all",
        )  # fmt: skip


def _change(result: Result, *, is_asked: bool) -> Comparison:
    """Return the change between the two years that are chosen, the first and the last without a choice.

    The choice is printed where the change is what is to be taken away.
    """
    known = work.years(result)
    kept = st.session_state.get(f"export-years-{result.key}", (known[0], known[-1]))
    if is_asked and len(known) > 2:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            first = st.selectbox("From", known[:-1], index=known.index(kept[0]), key=f"export-from-{result.key}")
            later = known[known.index(first) + 1 :]
            at = later.index(kept[1]) if kept[1] in later else len(later) - 1
            last = st.selectbox("To", later, index=at, key=f"export-to-{result.key}-{first}")
        kept = st.session_state[f"export-years-{result.key}"] = (first, last)
    return work.change_between(result, *kept)


def _noted(result: Result) -> Result:
    """Return the result with what people pinned to its suppliers and figures, which every report prints."""
    told = [f"{one.label}: {' '.join(one.text.split())} ({one.who}, {one.at[:10]})" for one in session.notes()]
    if not told:
        return result
    runs = {
        label: replace(run, summary={**run.summary, "notes": [*(run.summary.get("notes") or []), *told]})
        for label, run in result.runs.items()
    }
    change = result.comparison
    if change is not None:
        change = replace(change, compare={**change.compare, "notes": [*(change.compare.get("notes") or []), *told]})
    return replace(result, runs=runs, comparison=change)


def _full(result: Result, label: str) -> Run:
    """Return one run of the result with its rows, its notes too."""
    return replace(work.full(result, label), summary=result.runs[label].summary)


def _stamp(result: Result) -> str:
    if result.comparison is None:
        return result.key
    sides = result.comparison.compare
    return "-".join([result.key, *sides["from"]["years"], *sides["to"]["years"]])


def _folder(label: str) -> str:
    return "change" if label == _CHANGE else _slug(label)


def _slug(text: str) -> str:
    kept = "".join(c if c.isalnum() else " " for c in text.lower())
    return "-".join(kept.split())[:60] or "export"


def _part(label: str, what: Run | Comparison, home: Path, figures: Sequence[Figure], *, whole: Whole, key: str) -> None:
    """Print the downloads of one run or of the change; `whole` gives it with its rows."""
    st.header(parts.plain(label), anchor=False)
    for name, file, mime, said in _OFFERED:
        _offer(
            name, said, partial(_bytes, what, whole, home / _folder(label), file, figures),
            file=f"cwb-{_folder(label)}-{file}", mime=mime, key=f"{_folder(label)}-{file}",
        )  # fmt: skip
    with st.expander(f"Charts, one by one: {parts.plain(label)}"):
        for figure in figures:
            parts.show(f"<p><strong>{parts.esc(figure.title)}</strong></p>")
            with st.container(horizontal=True):
                parts.downloads(figure, f"export-{key}-{label}")


def _offer(name: str, said: str, make: Callable[[], bytes], *, file: str, mime: str, key: str) -> None:
    """Print a button that makes and hands over a file, and beside it what the file is."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            name, make, file, mime, key=f"offer-{key}", on_click="ignore", icon=":material/download:", width=190
        )  # fmt: skip
        parts.show(f'<p class="where">{parts.esc(said)}</p>')


# --- making files: this runs in threads of its own, without a page ---------------------------------------------------


def _bytes(what: Run | Comparison, whole: Whole, home: Path, file: str, figures: Sequence[Figure]) -> bytes:
    """Return a file of a run or of the change, made once."""
    path = home / file
    with _LOCK:
        if not path.is_file():
            home.mkdir(parents=True, exist_ok=True)
            with staged_file(path) as scratch:
                _make(what, whole, file, scratch, figures)
    return path.read_bytes()


def _make(what: Run | Comparison, whole: Whole, file: str, out: Path, figures: Sequence[Figure]) -> None:
    if isinstance(what, Run):
        told = of_run(what.summary, what.tables, names_withheld(what), figures)
    else:
        told = of_comparison(what.compare, what.tables)
    if file == "report.html":
        out.write_text(told.html, "utf-8")
    elif file == "report.pdf":
        write_document(out, told.document)
    elif file == "workbook.xlsx":
        write_workbook(out, told.book)
    elif file == "slides.pptx":
        write_slides(out, told.deck)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "files"
            if file == "tables.zip":
                write_tables(folder, told.tables, title=told.book.title)
                shutil.move(shutil.make_archive(str(Path(scratch) / "all"), "zip", folder), out)
            else:
                _write(whole(), folder, figures)
                write_bundle(folder, out, individuals_shown=bool(told.said.get("individuals_shown")))


def _write(what: Run | Comparison, folder: Path, figures: Sequence[Figure] | None = None) -> None:
    if isinstance(what, Run):
        pipeline.write_run(what, folder, figures)
    else:
        pipeline.write_comparison(what, folder)


def _all(result: Result, home: Path) -> bytes:
    """Return a zip of a folder for each year and one for the change, made once."""
    path = home / "all.zip"
    with _LOCK:
        if not path.is_file():
            with staged_file(path) as out, tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch) / "files"
                for label in result.runs:
                    _write(_full(result, label), folder / _folder(label))
                if result.comparison is not None:
                    _write(result.comparison, folder / _folder(_CHANGE))
                shutil.move(shutil.make_archive(str(Path(scratch) / "all"), "zip", folder), out)
    return path.read_bytes()
