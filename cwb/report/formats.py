"""A finished run or comparison in the formats people ask for, from its folder alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cwb.charts import Figure, figures_for_compare, figures_for_run
from cwb.charts.about import about
from cwb.charts.change import WITH_LOCAL, names_of
from cwb.charts.spend import band_name
from cwb.errors import CwbError, RunError, did_you_mean
from cwb.files import staged_file
from cwb.privacy import without_raw_cells
from cwb.report import change_story, story
from cwb.report.bundle import write_bundle
from cwb.report.document import Document, compare_document, run_document, write_document
from cwb.report.page import compare_page, run_page
from cwb.report.sheets import compare_sheets, run_sheets
from cwb.report.slides import Deck, write_slides
from cwb.report.tables import read_tables
from cwb.report.workbook import Book, write_workbook
from cwb.safety import check_withheld
from cwb.schema import BANDS

FORMATS = ("html", "xlsx", "pptx", "pdf", "zip")


@dataclass(frozen=True)
class Told:
    """A run or a comparison, ready to be written in any format."""

    said: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]
    figures: Sequence[Figure]
    is_run: bool

    @property
    def html(self) -> str:
        """The page."""
        page = run_page if self.is_run else compare_page
        return page(self.said, self.tables, self.figures)

    @property
    def book(self) -> Book:
        """The workbook."""
        sheets, title = (
            (run_sheets, story.run_title) if self.is_run else (compare_sheets, change_story.title)
        )  # fmt: skip
        return Book(title(self.said), story.created(self.said), sheets(self.said, self.tables))

    @property
    def document(self) -> Document:
        """The report on paper."""
        document = run_document if self.is_run else compare_document
        return document(self.said, self.tables, self.figures)

    @property
    def deck(self) -> Deck:
        """The slides."""
        if self.is_run:
            who = about(self.said)
            return Deck(
                story.run_title(self.said), story.headline(self.said), story.found(self.said, self.tables),
                story.run_tiles(self.said), self.figures, {b: band_name(b, who) for b in (*BANDS, WITH_LOCAL)},
                story.notes(self.said), story.method(self.said)[-1:], story.created(self.said),
            )  # fmt: skip
        title = change_story.title(self.said)
        headline = self.figures[0].title if self.figures else title
        return Deck(
            title, headline, change_story.moved(self.said, self.tables), change_story.tiles(self.said, self.tables),
            self.figures, names_of(self.said), story.notes(self.said),
            change_story.method(self.said)[:1], story.created(self.said),
        )  # fmt: skip


def of_run(
    summary: Mapping[str, Any],
    tables: Mapping[str, pl.DataFrame],
    withheld: Collection[str] = (),
    figures: Sequence[Figure] | None = None,
) -> Told:
    """Return a run ready to be written, whatever the format: what is to be withheld is checked here.

    Args:
        summary: as summary.json.
        tables: the small tables of the run.
        withheld: the names, as printed, that no cell may be; without them, masks alone can be checked.
        figures: its pictures, where they have been made; without them they are made here.

    Raises:
        CwbError: a name that is to be withheld is in a table.
    """
    shown = bool(summary.get("individuals_shown"))
    tables = tables if shown else without_raw_cells(tables)
    check_withheld(tables, individuals_shown=shown, names=withheld)
    drawn = figures_for_run(summary, tables) if figures is None else figures
    return Told(summary, tables, drawn, is_run=True)


def of_comparison(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Told:
    """Return a comparison ready to be written; see `of_run`."""
    check_withheld(tables)
    return Told(compare, tables, figures_for_compare(compare, tables), is_run=False)


def read_told(folder: Path) -> Told:
    """Return what the folder of a run or of a comparison holds.

    Raises:
        RunError: the folder is neither, or is damaged.
    """
    folder = Path(folder)
    for name, ready in (("summary.json", of_run), ("compare.json", of_comparison)):
        path = folder / name
        if path.is_file():
            try:
                said = json.loads(path.read_text("utf-8"))
            except ValueError:
                raise RunError(f"{path}: is damaged; make the run again") from None
            return ready(said, read_tables(folder / "tables"))
    raise RunError(f"{folder}: holds neither summary.json nor compare.json; is it the folder of a run?")


def write_formats(folder: Path, formats: Sequence[str], out: Path | None = None) -> list[Path]:
    """Write a run or comparison again from its folder: report.html, workbook.xlsx, slides.pptx, report.pdf, <name>.zip.

    Args:
        folder: as `cwb analyse` or `cwb compare` made it.
        formats: of `FORMATS`.
        out: folder to write to; without it, `folder` itself.

    Raises:
        CwbError: a format is not known, the folder is not a run's, a name is to be withheld, `out` cannot be written.
    """
    for name in formats:
        if name not in FORMATS:
            raise CwbError(f"--format: no '{name}'; there are {', '.join(FORMATS)}.{did_you_mean(name, FORMATS)}")
    told = read_told(folder)
    target = Path(out or folder)
    written = []
    # The zip comes last, so that it holds what was just written into the folder.
    for name in sorted(formats, key=FORMATS.index):
        if name == "zip":
            shown = bool(told.said.get("individuals_shown"))
            written.append(write_bundle(folder, target / f"{Path(folder).resolve().name}.zip", individuals_shown=shown))
            continue
        path = (
            target / {"html": "report.html", "xlsx": "workbook.xlsx", "pptx": "slides.pptx", "pdf": "report.pdf"}[name]
        )
        with staged_file(path) as scratch:
            if name == "html":
                scratch.write_text(told.html, "utf-8")
            elif name == "xlsx":
                write_workbook(scratch, told.book)
            elif name == "pdf":
                write_document(scratch, told.document)
            else:
                write_slides(scratch, told.deck)
        written.append(path)
    return written
