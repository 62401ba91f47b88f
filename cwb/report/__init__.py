"""Reports: tables, charts, a workbook, slides and one self-contained page, written all or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cwb.charts import Figure
from cwb.files import staged
from cwb.report.bundle import write_bundle
from cwb.report.charts import write_charts
from cwb.report.formats import FORMATS, Told, of_comparison, of_run, write_formats
from cwb.report.tables import read_tables, write_tables
from cwb.report.workbook import write_workbook

__all__ = [
    "FORMATS", "read_tables", "write_bundle", "write_charts", "write_compare_report", "write_formats",
    "write_run_report", "write_tables",
]  # fmt: skip


def write_run_report(
    out: Path,
    summary: Mapping[str, Any],
    tables: Mapping[str, pl.DataFrame],
    withheld: Collection[str] = (),
    figures: Sequence[Figure] | None = None,
) -> list[Path]:
    """Write a run's `tables/`, `charts/`, `workbook.xlsx` and `report.html` into `out`; return the paths.

    Args:
        out: a folder; what it has under these names is replaced, all or nothing.
        summary: as summary.json; its `individuals_shown` says that the user asked for the names of individuals.
        tables: the small tables of the run.
        withheld: names, as printed, that no cell of any file may be.
        figures: the run's pictures, where they have been made.

    Raises:
        CwbError: a name that was to be withheld is still in a table, or `out` cannot be written to.
    """
    return _write(out, of_run(summary, tables, withheld, figures))


def write_compare_report(out: Path, compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Path]:
    """Write a comparison's `tables/`, `charts/`, `workbook.xlsx` and `report.html`; see `write_run_report`."""
    return _write(out, of_comparison(compare, tables))


def _write(out: Path, told: Told) -> list[Path]:
    book = told.book
    with staged(out) as scratch:
        paths = write_tables(scratch / "tables", told.tables, title=book.title)
        paths += write_charts(scratch / "charts", told.figures)
        paths.append(write_workbook(scratch / "workbook.xlsx", book))
        page = scratch / "report.html"
        page.write_text(told.html, "utf-8")
        relative = [path.relative_to(scratch) for path in [*paths, page]]
    return [Path(out) / path for path in relative]
