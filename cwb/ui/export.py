"""Export: what the command line would write, to take away: report, workbook, tables, charts, or all in one zip.

Files are written when first asked for, into the session's own folder, by the same functions as `cwb analyse`.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from cwb import pipeline
from cwb.charts import Figure
from cwb.pipeline import Comparison, Run
from cwb.ui import parts, session, work
from cwb.ui.session import Result

_CHANGE = "Change between years"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LOCK = threading.Lock()  # one writing at a time: printing charts takes all the machine has


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Export", "Take it away: the files that the command line writes, ready to publish.")
    if result is None:
        parts.empty("Nothing to export yet", "Add a ledger or try the sample first.", start)
        return
    home = session.folder() / "exports" / _stamp(result)
    if any(run.settings is not None and run.settings.show_individuals for run in result.runs.values()):
        st.warning(
            "These files show the names of individuals. Check that you may publish them.", icon=":material/warning:"
        )
    files = home / "files"
    labels = [*result.runs, *([_CHANGE] if result.comparison is not None else [])]
    label = labels[0]
    if len(labels) > 1:
        label = st.segmented_control(
            "What to take away", labels, default=result.first, required=True, key=f"export-{result.key}"
        )  # fmt: skip
    if label in result.runs:
        run = result.runs[label]
        _part(label, run, files / _folder(label), work.figures(result, label).values(), result.key)
    elif result.comparison is not None:
        _part(label, result.comparison, files / "compare", work.change_figures(result).values(), _stamp(result))
    if len(labels) > 1:
        st.header("All of it", anchor=False)
        _offer(
            "All (zip)", "All years and the change between them, in a folder each.", partial(_all, result, home),
            file=f"cwb-{_slug(result.name)}.zip", mime="application/zip", key="all",
        )  # fmt: skip


def _stamp(result: Result) -> str:
    if result.comparison is None:
        return result.key
    sides = result.comparison.compare
    return "-".join([result.key, *sides["from"]["years"], *sides["to"]["years"]])


def _folder(label: str) -> str:
    return "all-years" if label == work.ALL_YEARS else label


def _slug(text: str) -> str:
    kept = "".join(c if c.isalnum() else " " for c in text.lower())
    return "-".join(kept.split())[:60] or "export"


def _part(label: str, what: Run | Comparison, out: Path, figures: Iterable[Figure], key: str) -> None:
    """Print the downloads of one run or of the change."""
    st.header(parts.plain(label), anchor=False)
    parts.show(
        '<p class="where">The first download takes a few seconds: every chart is printed at 300 dots an inch.</p>'
    )
    offered = (
        ("Report (HTML)", "report.html", "text/html", "One page to read, print or publish: charts, method, caveats."),
        ("Workbook (XLSX)", "workbook.xlsx", _XLSX, "Every table, with native charts, for Excel."),
        ("Tables (zip)", "tables.zip", "application/zip", "Every table as CSV, with a dictionary of columns."),
        ("Everything (zip)", "everything.zip", "application/zip", "The above, each chart, the summary, each payment."),
    )
    for name, file, mime, said in offered:
        _offer(
            name, said, partial(_bytes, what, out, file),
            file=f"cwb-{out.name}-{file}", mime=mime, key=f"{out.name}-{file}",
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


def _written(what: Run | Comparison, out: Path) -> Path:
    """Write the files of a run or of the change, once, and return where. Runs outside the page's thread."""
    with _LOCK:
        if not out.is_dir():
            if isinstance(what, Run):
                pipeline.write_run(what, out)
            else:
                pipeline.write_comparison(what, out)
    return out


def _bytes(what: Run | Comparison, out: Path, file: str) -> bytes:
    _written(what, out)
    if not file.endswith(".zip"):
        return (out / file).read_bytes()
    return _zip(out / "tables" if file == "tables.zip" else out, out.parent.with_name(f"{out.name}-{file}"))


def _zip(folder: Path, archive: Path) -> bytes:
    with _LOCK:
        if not archive.exists():
            shutil.make_archive(str(archive.with_suffix("")), "zip", folder)
    return archive.read_bytes()


def _all(result: Result, home: Path) -> bytes:
    for label, run in result.runs.items():
        _written(run, home / "files" / _folder(label))
    if result.comparison is not None:
        _written(result.comparison, home / "files" / "compare")
    return _zip(home / "files", home / "everything.zip")
