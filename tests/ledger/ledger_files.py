"""Made-up ledgers written in every format."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import odf.opendocument
import odf.table
import odf.text
import xlsxwriter
import xlwt

Row = Sequence[Any]

HEADINGS = ["Date", "Supplier", "Description", "Amount"]
ROWS: list[Row] = [
    ["04/05/2016", "Alder Joinery Ltd", "Doors", "1,250.50"],
    ["19/05/2016", "Birch Catering PLC", "Lunches", "-20.00"],
    ["27/05/2016", "Cedar Coaches", "School run", "£300"],
]
SUM = 125050 - 2000 + 30000


def csv_text(rows: Sequence[Row], delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def write_csv(
    path: Path, rows: Sequence[Row], *, encoding: str = "utf-8", delimiter: str = ",", end: str = "\n"
) -> Path:
    path.write_bytes(csv_text(rows, delimiter, end).encode(encoding))
    return path


def write_xlsx(path: Path, sheets: dict[str, Sequence[Row]], *, epoch_1904: bool = False) -> Path:
    book = xlsxwriter.Workbook(path, {"date_1904": epoch_1904})
    dated = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(i, j, datetime(cell.year, cell.month, cell.day), dated)
                elif isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                elif cell is not None:
                    sheet.write(i, j, cell)
    book.close()
    return path


def write_xls(path: Path, sheets: dict[str, Sequence[Row]]) -> Path:
    book = xlwt.Workbook()
    dated = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write(i, j, cell, dated)
                elif cell is not None:
                    sheet.write(i, j, cell)
    book.save(str(path))
    return path


def write_ods(path: Path, sheets: dict[str, Sequence[Row]]) -> Path:
    book = odf.opendocument.OpenDocumentSpreadsheet()
    for name, rows in sheets.items():
        table = odf.table.Table(name=name)
        for row in rows:
            line = odf.table.TableRow()
            for cell in row:
                if isinstance(cell, date):
                    box = odf.table.TableCell(valuetype="date", datevalue=cell.isoformat())
                elif isinstance(cell, int | float):
                    box = odf.table.TableCell(valuetype="float", value=cell)
                elif cell is None or cell == "":
                    box = odf.table.TableCell()
                else:
                    box = odf.table.TableCell(valuetype="string")
                if cell is not None and cell != "":
                    box.addElement(odf.text.P(text=str(cell)))
                line.addElement(box)
            table.addElement(line)
        book.spreadsheet.addElement(table)
    book.save(str(path))
    return path
