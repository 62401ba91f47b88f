"""Slides, and a run written again from its folder alone."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import made_up_run as made_up
import openpyxl
import polars as pl
import pytest
from pptx import Presentation
from pptx.util import Emu

from cwb.charts import figures_for_run
from cwb.errors import CwbError
from cwb.report import write_formats
from cwb.report.formats import of_run
from cwb.report.slides import write_slides


@pytest.fixture(scope="module")
def folders(run_folder: Path, compare_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    top = tmp_path_factory.mktemp("formats")
    for name, source, said in (("run", run_folder, made_up.summary()), ("compare", compare_folder, made_up.compare())):
        shutil.copytree(source, top / name)
        json_name = "summary.json" if name == "run" else "compare.json"
        (top / name / json_name).write_text(json.dumps(said), "utf-8")
        write_formats(top / name, ["zip", "pdf", "pptx", "xlsx", "html"])
    return {name: top / name for name in ("run", "compare")}


@pytest.mark.parametrize("name", ["run", "compare"])
def test_a_folder_is_enough_to_write_the_same_page_and_workbook(
    name: str, folders: dict[str, Path], run_folder: Path, compare_folder: Path
) -> None:
    first = run_folder if name == "run" else compare_folder
    for file in ("report.html", "workbook.xlsx"):
        assert (folders[name] / file).read_bytes() == (first / file).read_bytes()
    assert (folders[name] / f"{name}.zip").is_file()


@pytest.mark.parametrize("name", ["run", "compare"])
def test_every_slide_has_a_title_notes_and_an_editable_chart_with_words(name: str, folders: dict[str, Path]) -> None:
    show = Presentation(str(folders[name] / "slides.pptx"))
    charts = 0
    for slide in show.slides:
        assert slide.shapes.title.text_frame.text
        assert slide.notes_slide.notes_text_frame.text
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= Emu(show.slide_width)
            assert shape.top + shape.height <= Emu(show.slide_height)
            if shape.has_chart:
                charts += 1
                assert len(shape._element.nvGraphicFramePr.cNvPr.get("descr")) > 30
    assert charts == {"run": len(figures_for_run(made_up.summary(), made_up.tables())), "compare": 7}[name]


def test_the_slides_numbers_are_the_ledger_s(folders: dict[str, Path], tmp_path: Path) -> None:
    show = Presentation(str(folders["run"] / "slides.pptx"))
    by_title = {s.shapes.title.text_frame.text: s for s in show.slides}
    figures = {f.id: f for f in figures_for_run(made_up.summary(), made_up.tables())}
    for name in ("bands", "sectors", "categories", "months"):
        chart = [x for x in by_title[figures[name].title].shapes if x.has_chart][-1].chart
        total = sum(Decimal(str(v)) for plot in chart.plots for series in plot.series for v in series.values)
        assert round(total * 100) == made_up.TOTAL, name
        book = tmp_path / f"{name}.xlsx"
        book.write_bytes(chart.part.chart_workbook.xlsx_part.blob)
        for row in openpyxl.load_workbook(book).active.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


def test_names_with_marks_reach_the_slides_as_they_are(tmp_path: Path) -> None:
    tables = made_up.tables()
    tables["suppliers"] = tables["suppliers"].with_columns(
        supplier_name=pl.when(pl.col("supplier_type") == "company")
        .then(pl.lit("<b>Smith & Sons</b> = \"A1\"")).otherwise("supplier_name")
    )  # fmt: skip
    show = Presentation(str(write_slides(tmp_path / "s.pptx", of_run(made_up.summary(), tables).deck)))
    categories = {
        str(c) for s in show.slides for x in s.shapes if x.has_chart for plot in x.chart.plots for c in plot.categories
    }
    assert '<b>Smith & Sons</b> = "A1"' in categories


@pytest.mark.parametrize("name", ["run", "compare"])
def test_the_pdf_declares_and_keeps_the_accessibility_standard(name: str, folders: dict[str, Path]) -> None:
    """typst refuses to write a PDF/UA-1 that lacks a title, a language, alternatives or order; here its marks."""
    pdf = (folders[name] / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/Marked true" in pdf
    assert b"(en-GB)" in pdf
    for tag in (b"/Figure", b"/TH", b"/H1", b"/H2", b"/LI"):
        assert tag in pdf, tag


def test_the_same_run_gives_the_same_pdf(folders: dict[str, Path], tmp_path: Path) -> None:
    (again,) = write_formats(folders["compare"], ["pdf"], tmp_path)
    assert again.read_bytes() == (folders["compare"] / "report.pdf").read_bytes()


def test_an_unknown_format_or_folder_is_told_in_one_line(folders: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(CwbError, match=r"no 'pptxx'; there are html, xlsx, pptx, pdf, zip\. Did you mean pptx"):
        write_formats(folders["run"], ["pptxx"])
    with pytest.raises(CwbError, match=r"neither summary\.json nor compare\.json"):
        write_formats(tmp_path, ["html"])
    (tmp_path / "summary.json").write_text("{", "utf-8")
    with pytest.raises(CwbError, match="damaged"):
        write_formats(tmp_path, ["html"])
