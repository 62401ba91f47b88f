"""Tables, charts and the workbook: totals tie to the penny, nothing runs, nothing withheld gets out."""

import csv
import hashlib
import json
import re
import shutil
import zipfile
from decimal import Decimal
from pathlib import Path

import made_up_run as made_up
import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from cwb.charts.breakdown import NOT_TOLD
from cwb.errors import CwbError
from cwb.indicators import tables as indicator_tables
from cwb.privacy import INDIVIDUAL, REDACTED, without_raw_cells
from cwb.report import read_tables, write_bundle, write_run_report
from cwb.report.workbook import by_band
from cwb.safety import neutralise
from cwb.schema import BANDS

SHEETS = [
    "Summary", "Bands", "By institution", "Suppliers", "Unknown", "Range", "Sectors", "Categories", "Months",
    "Districts", "Postcode sectors", "Flow", "Months by institution",
    "Jobs and multipliers", "Assumptions", "Method", "Files and totals", "Rejected rows", "Printed totals", "Inputs",
]  # fmt: skip
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", "＠")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _column(sheet: Worksheet, heading: str) -> list[object]:
    headings = [cell.value for cell in sheet[4]]
    return [row[headings.index(heading)].value for row in sheet.iter_rows(min_row=5)]


def _pence(values: list[object]) -> int:
    return sum(round(Decimal(str(v)) * 100) for v in values if isinstance(v, int | float))


# --- what a spreadsheet would run -----------------------------------------------------------------------------------


@given(st.lists(st.text() | st.sampled_from(DANGEROUS).flatmap(lambda lead: st.text().map(lambda t: lead + t))))
def test_no_text_is_left_that_a_spreadsheet_would_run(texts: list[str]) -> None:
    safe = neutralise(pl.DataFrame({"text": texts}, schema={"text": pl.String}))["text"].to_list()
    for before, after in zip(texts, safe, strict=True):
        assert after in (before, f"'{before}")
        assert not after.lstrip(" \x00").startswith(DANGEROUS)


def test_numbers_stay_numbers() -> None:
    frame = pl.DataFrame({"amount": [-1, 2], "text": ["-1", None]})
    assert neutralise(frame).to_dict(as_series=False) == {"amount": [-1, 2], "text": ["'-1", None]}


# --- tables ---------------------------------------------------------------------------------------------------------


def test_every_table_is_written_and_ties_to_the_penny(run_folder: Path) -> None:
    for name, frame in made_up.tables().items():
        rows = _rows(run_folder / "tables" / f"{name}.csv")
        assert len(rows) == frame.height
        if "amount_pence" in frame.columns:
            assert sum(round(Decimal(r["amount_gbp"]) * 100) for r in rows) == frame["amount_pence"].sum()
    for name in ("bands", "suppliers", "sectors", "categories", "months"):
        rows = _rows(run_folder / "tables" / f"{name}.csv")
        assert sum(round(Decimal(r["amount_gbp"]) * 100) for r in rows) == made_up.TOTAL


def test_every_column_written_is_in_the_dictionary_with_its_meaning(run_folder: Path, compare_folder: Path) -> None:
    for folder in (run_folder, compare_folder):
        told = {(r["table"], r["column"]): r["description"] for r in _rows(folder / "tables" / "columns.csv")}
        for path in (folder / "tables").glob("*.csv"):
            if path.stem == "columns":
                continue
            with path.open(encoding="utf-8-sig", newline="") as file:
                for column in next(csv.reader(file)):
                    assert told[path.stem, column], f"{path.stem}.{column}"


def test_a_supplier_named_like_a_formula_is_disarmed(run_folder: Path) -> None:
    names = [r["supplier_name"] for r in _rows(run_folder / "tables" / "suppliers.csv")]
    assert "'=Northern Meals (Catering) Ltd" in names


def test_tables_read_back_are_the_tables_written(run_folder: Path) -> None:
    back = read_tables(run_folder / "tables")
    assert set(back) == set(made_up.tables())
    for name, frame in without_raw_cells(made_up.tables()).items():
        assert back[name].equals(frame), name


def test_the_data_package_tells_each_table_with_its_fields_and_fingerprint(run_folder: Path) -> None:
    package = json.loads((run_folder / "tables" / "datapackage.json").read_text("utf-8"))
    assert {r["path"] for r in package["resources"]} == {p.name for p in (run_folder / "tables").glob("*.csv")}
    for resource in package["resources"]:
        path = run_folder / "tables" / resource["path"]
        assert resource["hash"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        fields = resource["schema"]["fields"]
        rows = _rows(path)
        assert [f["name"] for f in fields] == list(rows[0])
        for row in rows:
            for field in fields:
                assert _fits(row[field["name"]], field["type"]), (path.name, field["name"], row[field["name"]])


def _fits(cell: str, kind: str) -> bool:
    patterns = {
        "number": r"-?\d+(\.\d+)?(e-?\d+)?",
        "integer": r"-?\d+",
        "date": r"\d{4}-\d\d-\d\d",
        "boolean": "true|false",
    }
    return cell == "" or kind == "string" or bool(re.fullmatch(patterns[kind], cell))


# --- the zip --------------------------------------------------------------------------------------------------------


def test_the_zip_has_everything_with_checksums_that_hold(run_folder: Path, tmp_path: Path) -> None:
    out = write_bundle(run_folder, tmp_path / "run.zip")
    with zipfile.ZipFile(out) as bundle:
        assert bundle.testzip() is None
        names = set(bundle.namelist())
        sums = dict(reversed(line.split("  ")) for line in bundle.read("checksums.sha256").decode().splitlines())
        assert names == set(sums) | {"checksums.sha256"}
        assert set(sums) == {p.relative_to(run_folder).as_posix() for p in run_folder.rglob("*") if p.is_file()}
        for name, told in sums.items():
            assert hashlib.sha256(bundle.read(name)).hexdigest() == told
    assert out.read_bytes() == write_bundle(run_folder, tmp_path / "again.zip").read_bytes()


def test_the_zip_is_refused_where_a_name_is_to_be_withheld(run_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    bare = _with_name("redacted", supplier_name="Zebedee Made-Up")["suppliers"]
    bare.write_parquet(folder / "tables" / "suppliers.parquet")
    with pytest.raises(CwbError, match="table suppliers, column supplier_name"):
        write_bundle(folder, tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def test_a_folder_that_is_no_run_cannot_be_bundled(tmp_path: Path) -> None:
    with pytest.raises(CwbError, match="holds no tables"):
        write_bundle(tmp_path, tmp_path / "run.zip")


# --- workbook -------------------------------------------------------------------------------------------------------


def test_the_workbook_has_its_sheets_and_each_ties_out(run_folder: Path) -> None:
    book = openpyxl.load_workbook(run_folder / "workbook.xlsx")
    assert book.sheetnames == SHEETS
    for name in ("Bands", "Suppliers"):
        assert _pence(_column(book[name], "Amount")) == made_up.TOTAL, name
    for name in ("By institution", "Sectors", "Categories", "Months"):
        assert _pence(_column(book[name], "Total")) == made_up.TOTAL, name
    by_name = {"Local": "local", "Rest of region": "regional", "Leaked": "leaked", "Unknown": "unknown"}
    for heading, band in by_name.items():
        assert _pence(_column(book["By institution"], heading)) == made_up.PENCE[band]
    assert _pence(_column(book["Files and totals"], "Paid")) == made_up.TOTAL
    assert {_pence([total]) for total in _column(book["Range"], "Total")} == {made_up.TOTAL}


def test_the_workbook_has_values_only_frozen_headings_and_charts(run_folder: Path) -> None:
    book = openpyxl.load_workbook(run_folder / "workbook.xlsx")
    for sheet in book:
        assert sheet.freeze_panes == "B5", sheet.title
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", f"{sheet.title} {cell.coordinate} is a formula"
                if isinstance(cell.value, str) and cell.value.startswith(DANGEROUS):
                    assert cell.quotePrefix, f"{sheet.title} {cell.coordinate} becomes a formula when edited"
    with_chart = {sheet.title for sheet in book if sheet._charts}
    assert {"Bands", "By institution", "Range", "Sectors", "Categories", "Months", "Jobs and multipliers"} <= with_chart
    assert book["Bands"]["B5"].number_format.startswith("£#,##0.00")


def test_an_estimate_in_the_workbook_has_its_range_and_caveat(run_folder: Path) -> None:
    sheet = openpyxl.load_workbook(run_folder / "workbook.xlsx")["Jobs and multipliers"]
    written = zip(*(_column(sheet, h) for h in ("What", "Low", "Central", "High", "Caveat")), strict=True)
    told = [tuple(figure[k] for k in ("label", "low", "central", "high", "caveat")) for figure in made_up.IMPACT]
    assert sorted(written) == sorted(told)


def test_the_comparison_s_workbook_splits_each_change_exactly(compare_folder: Path) -> None:
    sheet = openpyxl.load_workbook(compare_folder / "workbook.xlsx")["Change"]
    parts = ("Because total spend changed", "Because its share changed", "Amount")
    for volume, rate, change in zip(*(_column(sheet, h) for h in parts), strict=True):
        assert _pence([volume]) + _pence([rate]) == _pence([change])


def test_the_same_run_gives_the_same_files(run_folder: Path, tmp_path: Path) -> None:
    write_run_report(tmp_path / "again", made_up.summary(), made_up.tables())
    for path in run_folder.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "again" / path.relative_to(run_folder)).read_bytes(), path.name


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(BANDS), st.integers(-(10**12), 10**12)),
        min_size=1,
        max_size=30,
    )
)
def test_turning_bands_to_columns_keeps_every_penny(rows: list[tuple[str, str, int]]) -> None:
    frame = pl.DataFrame(rows, schema=["name", "band", "amount_pence"], orient="row")
    wide = by_band(frame, ["name"])
    assert wide["total_pence"].sum() == frame["amount_pence"].sum()
    assert wide["name"].n_unique() == wide.height == frame["name"].n_unique()


# --- charts ---------------------------------------------------------------------------------------------------------


def test_every_chart_comes_as_picture_numbers_and_words(run_folder: Path) -> None:
    stems = {p.stem for p in (run_folder / "charts").iterdir()}
    assert {
        "bands",
        "institutions",
        "suppliers",
        "range",
        "unknowns",
        "sectors",
        "categories",
        "months",
        "bounds",
        "flow",
        "institution_months",
        "map",
        "map_place",
        "map_region",
        "jobs",
        "jobs_region",
        "jobs_tornado",
        "jobs_waterfall",
        "lm3",
    } == stems
    for stem in stems:
        for suffix in (".svg", ".png", ".csv", ".txt"):
            assert (run_folder / "charts" / f"{stem}{suffix}").stat().st_size
    rows = _rows(run_folder / "charts" / "bands.csv")
    assert sum(round(Decimal(r["amount_gbp"]) * 100) for r in rows) == made_up.TOTAL


# --- what is withheld -----------------------------------------------------------------------------------------------


def _few(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Enough tables for a report, quickly."""
    return {name: tables[name] for name in ("bands", "suppliers")}


def _with_name(kind: str, **cells: str) -> dict[str, pl.DataFrame]:
    tables = made_up.tables()
    of_kind = pl.col("supplier_type") == kind
    tables["suppliers"] = tables["suppliers"].with_columns(
        pl.when(of_kind).then(pl.lit(text)).otherwise(pl.col(column)).alias(column) for column, text in cells.items()
    )
    return tables


@pytest.mark.parametrize("kind", ["individual", "redacted"])
@pytest.mark.parametrize("column", ["supplier_name", "matched_name", "matched_postcode", "org_id"])
def test_a_name_that_is_to_be_withheld_stops_the_report(kind: str, column: str, tmp_path: Path) -> None:
    tables = _with_name(kind, **{column: "Zebedee Made-Up"})
    with pytest.raises(CwbError, match=rf"table suppliers, column {column}: 1 row tells") as error:
        write_run_report(tmp_path / "out", made_up.summary(), tables)
    assert "Zebedee" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_names_of_individuals_come_out_only_when_asked_for(tmp_path: Path) -> None:
    shown = _with_name("individual", supplier_name="Zebedee Made-Up")
    summary = made_up.summary() | {"individuals_shown": True}
    write_run_report(tmp_path / "out", summary, _few(shown))
    names = [r["supplier_name"] for r in _rows(tmp_path / "out" / "tables" / "suppliers.csv")]
    assert "Zebedee Made-Up" in names
    hidden = _with_name("redacted", supplier_name="Zebedee Made-Up")
    with pytest.raises(CwbError):
        write_run_report(tmp_path / "out2", summary, hidden)


def test_masked_rows_are_all_that_stands_in_any_file(run_folder: Path) -> None:
    texts = [p.read_text("utf-8-sig") for p in run_folder.rglob("*.csv")] + [
        (run_folder / "report.html").read_text("utf-8")
    ]
    with zipfile.ZipFile(run_folder / "workbook.xlsx") as book:
        texts.append(book.read("xl/sharedStrings.xml").decode())
    for mask in (INDIVIDUAL, REDACTED):
        assert any(mask in text for text in texts)


def test_what_the_tables_print_for_untold_is_never_the_subject_of_a_statement() -> None:
    assert {indicator_tables.NOT_GIVEN, indicator_tables.SECTOR_UNKNOWN} <= set(NOT_TOLD)


def test_a_failed_report_leaves_the_earlier_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run_report(out, made_up.summary(), _few(made_up.tables()))
    before = (out / "report.html").read_bytes()
    with pytest.raises(CwbError):
        write_run_report(out, made_up.summary(), _with_name("redacted", supplier_name="Zebedee"))
    assert (out / "report.html").read_bytes() == before
