"""Reports: tables, charts, a workbook and one self-contained page, written all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cwb.charts import Figure, figures_for_compare, figures_for_run
from cwb.files import staged
from cwb.report import story
from cwb.report.bundle import write_bundle
from cwb.report.charts import write_charts
from cwb.report.page import compare_page, run_page
from cwb.report.sheets import compare_sheets, run_sheets
from cwb.report.tables import read_tables, write_tables
from cwb.report.workbook import Book, write_workbook
from cwb.safety import check_withheld

__all__ = ["read_tables", "write_bundle", "write_charts", "write_compare_report", "write_run_report", "write_tables"]


def write_run_report(out: Path, summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Path]:
    """Write a run's `tables/`, `charts/`, `workbook.xlsx` and `report.html` into `out`; return the paths.

    Args:
        out: a folder; what it has under these names is replaced, all or nothing.
        summary: as summary.json; its `individuals_shown` says that the user asked for the names of individuals.
        tables: the small tables of the run.

    Raises:
        CwbError: a name that was to be withheld is still in a table, or `out` cannot be written to.
    """
    check_withheld(tables, individuals_shown=bool(summary.get("individuals_shown")))
    figures = figures_for_run(summary, tables)
    html = run_page(summary, tables, figures)
    book = Book(story.run_title(summary), story.created(summary), run_sheets(summary, tables))
    return _write(out, tables, figures, book, html)


def write_compare_report(out: Path, compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Path]:
    """Write a comparison's `tables/`, `charts/`, `workbook.xlsx` and `report.html`; see `write_run_report`."""
    check_withheld(tables)
    figures = figures_for_compare(compare, tables)
    html = compare_page(compare, tables, figures)
    book = Book(story.change_title(compare), story.created(compare), compare_sheets(compare, tables))
    return _write(out, tables, figures, book, html)


def _write(
    out: Path, tables: Mapping[str, pl.DataFrame], figures: Sequence[Figure], book: Book, html: str
) -> list[Path]:
    with staged(out) as scratch:
        paths = write_tables(scratch / "tables", tables, title=book.title) + write_charts(scratch / "charts", figures)
        paths.append(write_workbook(scratch / "workbook.xlsx", book))
        page = scratch / "report.html"
        page.write_text(html, "utf-8")
        relative = [path.relative_to(scratch) for path in [*paths, page]]
    return [Path(out) / path for path in relative]
