"""The report as a tagged PDF (PDF/UA-1), set by typst without a network or the machine's own fonts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import fontpkg_arimo
import polars as pl
import typst

from cwb.charts import Figure, body_svg, svg_to_png
from cwb.charts.about import about
from cwb.charts.change import names_of
from cwb.charts.impact import caveats, estimates
from cwb.charts.spend import band_name
from cwb.methods import MethodPage, pages_of_change, pages_of_run
from cwb.report import change_story, story
from cwb.report.grids import (
    Grid,
    assumptions_grid,
    differences_grid,
    estimate_grid,
    evidence,
    files_grid,
    grid,
    jobs_by_sector_grid,
    row_grid,
    table_grid,
    warnings,
)
from cwb.schema import BANDS

_SPEND = (
    "bands", "institutions", "flow", "sectors", "categories", "months", "institution_months", "category_months",
)  # fmt: skip
_IMPACT = (
    "jobs", "jobs_tornado", "jobs_region", "jobs_waterfall", "jobs_net_tornado", "lm3", "lm3_tornado",
)  # fmt: skip
_WIDEST = 5  # a column of long text gets at most this many times the room of a short one


@dataclass(frozen=True)
class Part:
    """A section: heading, paragraphs, findings, named steps, pictures and tables, in that order."""

    heading: str
    paragraphs: Sequence[str] = ()
    found: Sequence[str] = ()
    steps: Sequence[tuple[str, str]] = ()
    figures: Sequence[Figure] = ()
    grids: Sequence[Grid] = ()


@dataclass(frozen=True)
class Document:
    """A report: its title, the one statement, the sentence under it, and its parts."""

    title: str
    headline: str
    lead: str
    parts: Sequence[Part]
    created: datetime


def _grid(grid: Grid) -> dict[str, Any]:
    longest = [max([len(h), *(len(row[i]) for row in grid.rows)]) for i, (h, _) in enumerate(grid.headings)]
    return {
        "caption": grid.caption, "rest": grid.rest, "headings": [h for h, _ in grid.headings],
        "numeric": [n for _, n in grid.headings], "rows": [list(row) for row in grid.rows],
        "widths": [min(_WIDEST, max(1.0, n / 9)) for n in longest],
    }  # fmt: skip


def _figure(figure: Figure, scratch: Path) -> Mapping[str, str]:
    name = f"{figure.id}.png"
    # A PNG looks the same wherever it is set; an SVG's letters would be typst's.
    (scratch / name).write_bytes(svg_to_png(body_svg(figure)))
    note = f"{figure.caveat} {figure.note}".strip()
    return {"title": figure.title, "subtitle": figure.subtitle, "note": note, "alt": figure.alt, "file": name}


def write_document(path: Path, document: Document) -> Path:
    """Write the document as PDF/UA-1; typst itself refuses one that breaks the standard."""
    day = document.created
    with tempfile.TemporaryDirectory(prefix="cwb-") as name:
        scratch = Path(name)
        parts = [
            {
                "heading": part.heading, "paragraphs": list(part.paragraphs), "found": list(part.found),
                "steps": [list(step) for step in part.steps], "grids": [_grid(g) for g in part.grids if g.rows],
                "figures": [_figure(f, scratch) for f in part.figures],
            }
            for part in document.parts
        ]  # fmt: skip
        told = {
            "title": document.title, "headline": document.headline, "lead": document.lead, "parts": parts,
            "created": {"year": day.year, "month": day.month, "day": day.day},
        }  # fmt: skip
        (scratch / "told.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        template = files("cwb.report").joinpath("templates/report.typ").read_text("utf-8")
        (scratch / "report.typ").write_text(template, "utf-8")
        pdf: bytes = typst.compile(
            scratch / "report.typ", format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True,
            font_paths=[Path(fontpkg_arimo.ROOT) / "files"],
        )  # fmt: skip
    path.write_bytes(pdf)
    return path


def run_document(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], figures: Sequence[Figure]) -> Document:
    """Return a run's report on paper."""
    who = about(summary)
    names = {band: band_name(band, who) for band in BANDS}
    found, impact = story.found(summary, tables), story.impact_estimates(summary)
    by_id = {f.id: f for f in figures}

    def pictures(*ids: str) -> list[Figure]:
        return [by_id[i] for i in ids if i in by_id]

    told = evidence(tables["suppliers"], names) if "suppliers" in tables else []
    columns = (("Supplier", False), ("Paid", True), ("Where", False), ("Evidence", False))
    proof = Grid(f"The {len(told)} biggest suppliers", columns, tuple((s.name, s.amount, s.band, s.said) for s in told))
    totals = row_grid(tables, "control_totals", "Totals printed in the files", ["label", "amount_pence", "ties"])
    rejects = row_grid(tables, "rejects", "Rows that could not be read as a payment", ["reason"])
    parts = [
        Part("What we found", found=found[1:], paragraphs=story.notes(summary)),
        Part("Where the money went", figures=pictures(*_SPEND), grids=[grid(tables["bands"], "The four bands", names)]),
        Part("Where on the map", figures=pictures("map", "map_region", "map_place")),
        Part("The biggest suppliers, and why each is where it is", figures=pictures("suppliers", "concentration"),
             grids=[proof]),
        Part("What is not known", figures=pictures("unknowns"),
             grids=_there(table_grid(tables, "unknowns", "Why spend could not be placed"))),
        Part("How sure we are", figures=pictures("range", "bounds")),
        Part("Jobs and multipliers", [caveats(impact)], figures=pictures(*_IMPACT),
             grids=[estimate_grid(impact, "Jobs and multipliers, each with its range"),
                    *_there(jobs_by_sector_grid(tables, names))]),
        Part("How it was worked out", steps=story.method(summary)),
        Part("Assumptions", grids=_there(differences_grid(tables), assumptions_grid(tables))),
        Part("The files, and what became of every row", [story.row_account(summary)], steps=warnings(tables),
             grids=_there(files_grid(tables), totals, rejects)),
        Part("Made with and from", steps=list(story.provenance(summary).items()),
             grids=[grid(story.inputs(summary), "Files and fingerprints", most=500)]),
        *_annex(pages_of_run(e.kind for e in impact)),
    ]  # fmt: skip
    return Document(story.run_title(summary), story.headline(summary), found[0], _filled(parts), story.created(summary))


def compare_document(
    compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], figures: Sequence[Figure]
) -> Document:
    """Return a comparison's report on paper."""
    names, moved = names_of(compare), change_story.moved(compare, tables)
    jobs = estimates((compare.get("jobs") or {}).values())
    unlike = change_story.differences(compare)
    shares = ["band", "from_pence", "share_from", "to_pence", "share_to", "share_points"]
    parts = ["band", "amount_pence", "volume_pence", "rate_pence"]
    title = change_story.title(compare)
    sections = [
        Part("Not like for like", found=unlike),
        Part("How they differ" if compare.get("kind") == "payers" else "What changed", story.notes(compare), moved[1:]),
        Part("In words, to read out", [str(compare["paragraph"])] if compare.get("paragraph") else []),
        Part("Pictures", figures=figures),
        Part("Numbers", grids=[
            grid(tables["change"].select(shares), "Share of spend before and after", names),
            grid(tables["change"].select(parts), "Change in £ and its two parts", names),
            estimate_grid(jobs, "Jobs on the change in spend, with their range"),
        ]),
        Part("How it was worked out", steps=change_story.method(compare)),
        Part("Assumptions", grids=_there(differences_grid(tables), assumptions_grid(tables))),
        Part("Made with and from", steps=list(story.provenance(compare).items()),
             grids=[grid(story.inputs(compare), "Files and fingerprints", most=500)]),
        *_annex(pages_of_change(e.kind for e in jobs)),
    ]  # fmt: skip
    headline = figures[0].title if figures else title
    return Document(title, headline, moved[0], _filled(sections), story.created(compare))


def _annex(pages: Sequence[MethodPage]) -> list[Part]:
    """Return the method pages; their demonstrations are on the HTML page and in the documentation."""
    return [Part(f"Annex: {page.title}", steps=page.plain) for page in pages]


def _there(*grids: Grid | None) -> list[Grid]:
    return [g for g in grids if g is not None]


def _filled(parts: Sequence[Part]) -> list[Part]:
    """Leave out parts with nothing to say."""
    return [
        p for p in parts
        if p.found or p.steps or p.figures or any(p.paragraphs) or any(g.rows for g in p.grids)
    ]  # fmt: skip
