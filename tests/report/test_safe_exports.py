"""Nothing withheld leaves and nothing runs, whatever the format."""

import io
import zipfile
from pathlib import Path

import made_up_run as made_up
import openpyxl
import polars as pl
import pytest

from cwb.errors import CwbError
from cwb.privacy import INDIVIDUAL, REDACTED, withheld_names
from cwb.report import write_bundle, write_run_report
from cwb.report.document import write_document
from cwb.report.formats import of_run
from cwb.report.slides import write_slides
from cwb.safety import check_withheld

WHO = "Zebedee  Made-Up"


def _leaking(table: str, column: str) -> dict[str, pl.DataFrame]:
    """Tables in which a name stands where no type of supplier says that it is one."""
    tables = made_up.tables()
    tables[table] = pl.DataFrame({column: ["zebedee made-up", "Someone Else Ltd"], "amount_pence": [1, 2]})
    return tables


@pytest.mark.parametrize(
    ("table", "column"), [("exposure", "group_name"), ("common_suppliers", "supplier_name"), ("anything", "who")]
)
def test_a_withheld_name_in_any_table_stops_every_format(table: str, column: str, tmp_path: Path) -> None:
    tables = _leaking(table, column)
    with pytest.raises(CwbError) as error:
        of_run(made_up.summary(), tables, [WHO])
    assert f"table {table}, column {column}: 1 row tells" in str(error.value)
    assert "ebedee" not in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(CwbError):
        write_run_report(tmp_path / "out", made_up.summary(), tables, [WHO])
    assert not (tmp_path / "out").exists()


def test_a_category_called_like_a_payee_does_not_stop_a_report() -> None:
    check_withheld({"categories": pl.DataFrame({"category": ["Foster care"]})}, names=["Foster Care"])


def test_names_that_an_organisation_has_too_and_marks_are_no_secret() -> None:
    suppliers = pl.DataFrame(
        {
            "supplier_id": list("abcde"),
            "supplier_name": ["A Person", "REDACTED", "J Smith", "J Smith", INDIVIDUAL],
            "is_redacted": [False, True, False, False, False],
        }
    )
    kinds = ["individual", "redacted", "individual", "company", "individual"]
    links = pl.DataFrame({"supplier_id": list("abcde"), "supplier_type": kinds})
    assert withheld_names(suppliers, links) == {"A Person"}
    assert withheld_names(suppliers, links, show_individuals=True) == frozenset()


def test_raw_cells_of_rejected_rows_stay_in(tmp_path: Path) -> None:
    tables = made_up.tables()
    tables["rejects"] = tables["rejects"].with_columns(raw=pl.lit('["A Person","n/a"]'))
    write_run_report(tmp_path / "out", made_up.summary(), tables)
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file() and path.suffix in (".csv", ".html", ".txt", ".svg", ".json", ".parquet"):
            assert b"A Person" not in path.read_bytes(), path.name
    with zipfile.ZipFile(tmp_path / "out" / "workbook.xlsx") as book:
        assert b"A Person" not in book.read("xl/sharedStrings.xml")


# --- formulas ---------------------------------------------------------------------------------------------------------

EVIL = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "=HYPERLINK(\"http://x\",\"y\")")  # fmt: skip


def _evil() -> dict[str, pl.DataFrame]:
    """Every free text of the run that a ledger could bring is an attack."""
    tables = made_up.tables()
    for name, column in (
        ("suppliers", "supplier_name"), ("categories", "category"), ("flow", "institution"), ("flow", "proclass"),
        ("bands_by_institution", "institution"), ("months_by_institution", "institution"), ("unknowns", "reason"),
        ("files", "file"), ("control_totals", "label"), ("rejects", "reason"), ("districts", "lad_name"),
    ):  # fmt: skip
        frame = tables[name]
        keep = frame[column].is_in([INDIVIDUAL, REDACTED]).to_list()
        told = frame[column].to_list()
        number = {value: i for i, value in enumerate(dict.fromkeys(told))}
        cells = [
            v if kept or v is None else EVIL[number[v] % len(EVIL)] + f" {number[v]}"
            for v, kept in zip(told, keep, strict=True)
        ]
        tables[name] = frame.with_columns(pl.Series(column, cells, dtype=pl.String))
    return tables


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("attacked") / "run"
    write_run_report(out, made_up.summary(), _evil())
    told = of_run(made_up.summary(), _evil())
    write_slides(out / "slides.pptx", told.deck)
    write_document(out / "report.pdf", told.document)
    return out


def _no_formula(book: openpyxl.Workbook) -> int:
    seen = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", f"{sheet.title} {cell.coordinate}"
                assert cell.hyperlink is None
                if isinstance(cell.value, str) and cell.value.lstrip()[:1] in tuple("=+-@"):
                    seen += 1
                    assert cell.quotePrefix, f"{sheet.title} {cell.coordinate}"
    return seen


def test_no_cell_of_the_workbook_runs(attacked: Path) -> None:
    assert _no_formula(openpyxl.load_workbook(attacked / "workbook.xlsx")) > 20


def test_no_cell_behind_a_slide_s_chart_runs(attacked: Path) -> None:
    with zipfile.ZipFile(attacked / "slides.pptx") as deck:
        books = [name for name in deck.namelist() if name.endswith(".xlsx")]
        assert len(books) > 10
        seen = sum(_no_formula(openpyxl.load_workbook(io.BytesIO(deck.read(name)))) for name in books)
    assert seen > 5


def test_no_cell_of_any_csv_runs(attacked: Path) -> None:
    for path in attacked.rglob("*.csv"):
        frame = pl.read_csv(path, infer_schema=False)
        for column in frame.columns:
            bare = frame.filter(pl.col(column).str.contains(r"^[\s\x00]*[=+@]|^\t"))
            assert bare.is_empty(), f"{path.name} {column}"


def test_no_mark_of_a_name_is_read_as_html(attacked: Path) -> None:
    tables = _evil()
    tables["suppliers"] = tables["suppliers"].with_columns(
        supplier_name=pl.when(pl.col("supplier_type") == "company").then(pl.lit("<script>alert(1)</script>"))
        .otherwise("supplier_name")
    )  # fmt: skip
    assert "<script" not in of_run(made_up.summary(), tables).html


# --- the zip ----------------------------------------------------------------------------------------------------------


def test_only_what_cwb_made_leaves_in_the_zip(attacked: Path, tmp_path: Path) -> None:
    (attacked / "ledger with names.csv").write_text("Supplier\nA Person\n", "utf-8")
    (attacked / "charts" / "notes.docx").write_bytes(b"A Person")
    with zipfile.ZipFile(write_bundle(attacked, tmp_path / "out.zip")) as bundle:
        names = set(bundle.namelist())
    assert {"report.pdf", "slides.pptx", "workbook.xlsx", "report.html", "tables/bands.csv"} <= names
    assert not {name for name in names if "ledger" in name or name.endswith(".docx")}


@pytest.mark.parametrize("where", ["tables/suppliers.csv", "payees.parquet", "links.parquet"])
def test_a_name_put_back_into_any_file_stops_the_zip(where: str, run_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    write_run_report(folder, made_up.summary(), made_up.tables())
    if where.endswith(".csv"):
        path = folder / where
        path.write_text(path.read_text("utf-8-sig").replace(REDACTED, "A Person"), "utf-8-sig")
    else:
        cells = {
            "supplier_id": ["a"],
            "supplier_type": ["redacted"],
            "name" if "links" in where else "supplier_name": ["A Person"],
        }
        pl.DataFrame(cells).write_parquet(folder / where)
    with pytest.raises(CwbError, match="who an individual or a redacted payee is; nothing was written"):
        write_bundle(folder, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()
