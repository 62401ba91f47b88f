"""How each institution publishes: six file formats with the disorder of real ones."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from random import Random

import xlsxwriter
import xlwt
from odf import meta
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from maker.institutions import Institution
from maker.spending import Payment

Cell = str | int | float | date | None
STAMP = datetime(2017, 6, 1, 9, 0, 0)
_ZIP_STAMP = (2017, 6, 1, 9, 0, 0)


def pounds(pence: int) -> str:
    """Return pence as pounds with two decimals, as 1234.56 or -1234.56."""
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def grouped(pence: int) -> str:
    """Return pence as pounds with thousands separated, without a sign."""
    return f"{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def _text(
    path: Path, rows: Iterable[Sequence[str]], *, encoding: str, delimiter: str = ",", newline: str = "\r\n"
) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=newline).writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))


def _restamp(data: bytes, path: Path) -> None:
    """Write a zip container again with fixed times, so that the same rows give the same bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            plain = zipfile.ZipInfo(entry.filename, _ZIP_STAMP)
            plain.compress_type = entry.compress_type
            plain.external_attr = 0o644 << 16
            new.writestr(plain, old.read(entry))


def _quarter(day: date) -> int:
    return (day.month - 4) % 12 // 3 + 1


def _with_quarters(
    lines: list[Payment], row: Callable[[Payment], list[Cell]], total: Callable[[str, int], list[Cell]]
) -> Iterator[list[Cell]]:
    """Yield rows with a sub-total and an empty row after each quarter."""
    for quarter, group in groupby(lines, key=lambda x: _quarter(x.day)):
        paid = list(group)
        yield from map(row, paid)
        yield total(f"Sub-total Q{quarter}", sum(x.pence for x in paid))
        yield []


def city(path: Path, institution: Institution, year: str, lines: list[Payment]) -> None:
    """CSV in UTF-8. The later year carries a byte order mark and VAT and gross beside the net amount."""
    early, rng = year == YEAR_ONE, Random(path.name)
    head = [
        "Payment Date",
        "Transaction No",
        "Supplier ID",
        "Supplier Name",
        "Supplier Postcode",
        "Net Amount",
        "Service Area",
        "Expense Type",
        "Narrative",
    ]
    if not early:
        head = [
            "Body Name",
            "Date Paid",
            "Ref",
            "Beneficiary Name",
            "Post Code",
            "Amount excl VAT (£)",
            "VAT (£)",
            "Amount incl VAT (£)",
            "Directorate",
            "Merchant Category",
            "Purpose",
        ]
    rows = [head]
    for x in lines:
        p = x.printed
        if early:
            rows.append(
                [
                    f"{x.day:%d/%m/%Y}",
                    x.reference,
                    x.supplier_ref,
                    p.name,
                    p.postcode,
                    pounds(x.pence),
                    x.department,
                    x.category,
                    x.description,
                ]
            )
        else:
            vat = x.pence // 5 if p.payee.is_company else 0
            rows.append(
                [
                    institution.name,
                    f"{x.day:%d-%b-%Y}",
                    x.reference,
                    p.name.upper() if rng.random() < 0.1 else p.name,
                    p.postcode,
                    pounds(x.pence),
                    pounds(vat),
                    pounds(x.pence + vat),
                    x.department,
                    x.category,
                    x.description,
                ]
            )
    if early:
        rows += [[""] * 9, ["", "", "", "Grand Total", "", pounds(sum(x.pence for x in lines)), "", "", ""]]
    _text(path, rows, encoding="utf-8" if early else "utf-8-sig", newline="\n")


def county(path: Path, institution: Institution, year: str, lines: list[Payment]) -> None:
    """CSV in the Windows code page, with rows above the header, pound signs and empty rows. Names in capitals."""
    early, rng = year == YEAR_ONE, Random(path.name)
    width = 8
    head = ["Directorate", "Cost Type", "Vendor", "Vendor Postcode", "Doc. No.", "Paid", " Amount (£) ", "Details"]
    if not early:
        head = [
            "Paid",
            "Directorate",
            "Vendor Name",
            "Vendor Post Code",
            "Net Amount £",
            "Doc. No.",
            "Cost Type",
            "Details",
        ]
    rows: list[list[str]] = [
        [institution.name + " – payments to suppliers over £500", *[""] * (width - 1)],
        [f"Financial year {year[:4]}/{year[5:]}", *[""] * (width - 1)],
        [""] * width,
        head,
    ]
    for month, group in groupby(lines, key=lambda x: x.day.month):
        for x in group:
            p, name = x.printed, x.printed.name.upper()
            sign = "-" if x.pence < 0 else ""
            amount = f"(£{grouped(x.pence)})" if sign and early else f"{sign}£{grouped(x.pence)}"
            name += "  " if rng.random() < 0.03 else ""
            if early:
                rows.append(
                    [
                        x.department,
                        x.category.upper(),
                        name,
                        p.postcode,
                        x.reference,
                        f"{x.day:%d-%b-%y}",
                        f" {amount} ",
                        x.description,
                    ]
                )
            else:
                rows.append(
                    [
                        f"{x.day:%d/%m/%Y}",
                        x.department,
                        name,
                        p.postcode,
                        amount,
                        x.reference,
                        x.category.upper(),
                        x.description,
                    ]
                )
        if month % 3 == 0:
            rows.append([""] * width)
    total = f"£{grouped(sum(x.pence for x in lines))}"
    rows.append(["TOTAL", "", "", "", "", "", total, ""] if early else ["", "", "Total", "", total, "", "", ""])
    _text(path, rows, encoding="cp1252")


def police(path: Path, institution: Institution, year: str, lines: list[Payment]) -> None:
    """Text with semicolons; the earlier year puts the minus of a credit behind the figure."""
    early = year == YEAR_ONE
    rows = [
        [
            "Force",
            "Pay date",
            "Supplier",
            "Company Reg No",
            "Account description",
            "Business area",
            "Invoice",
            "Amount GBP",
        ]
    ]
    for x in lines:
        p = x.printed
        amount = (f"{grouped(x.pence)}-" if x.pence < 0 else grouped(x.pence)) if early else pounds(x.pence)
        rows.append(
            [
                institution.name,
                f"{x.day:%Y-%m-%d}",
                p.name,
                p.number,
                f"{x.category}: {x.description}",
                x.department,
                x.reference,
                amount,
            ]
        )
    if early:
        rows.append(["", "", "", "", "", "", "Sum:", grouped(sum(x.pence for x in lines))])
    _text(path, rows, encoding="utf-8", delimiter=";")


def college(path: Path, institution: Institution, year: str, lines: list[Payment]) -> None:
    """XLSX with a sheet a month (later: a quarter), each with a title, a total, and a sheet of notes. Names only."""
    early = year == YEAR_ONE
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": f"{institution.name} expenditure {year}", "created": STAMP})
    day, money, bold = (
        book.add_format({"num_format": "dd/mm/yyyy"}),
        book.add_format({"num_format": "#,##0.00"}),
        book.add_format({"bold": True}),
    )
    notes = book.add_worksheet("Notes")
    notes.write_column(
        0,
        0,
        [
            f"{institution.name}",
            f"Expenditure with suppliers, {year}",
            "Amounts exclude recoverable VAT.",
            "Individuals are not named.",
        ],
    )
    head = ["Date", "Supplier", "Dept", "Spend Category", "Description", "Our Ref", "Amount"]
    for name, group in groupby(lines, key=lambda x: f"{x.day:%b %Y}" if early else f"Quarter {_quarter(x.day)}"):
        sheet, paid = book.add_worksheet(name), list(group)
        sheet.write(0, 0, f"{institution.name}: {name}", bold)
        top = 2
        sheet.write_row(top, 0, head if early else [h.upper() for h in head], bold)
        for at, x in enumerate(paid, start=top + 1):
            sheet.write_datetime(at, 0, x.day, day)
            sheet.write_row(at, 1, [x.printed.name, x.department, x.category, x.description, x.reference])
            sheet.write_number(at, 6, x.pence / 100, money)
        sheet.write(top + 1 + len(paid), 0, "Total", bold)
        sheet.write_number(top + 1 + len(paid), 6, sum(x.pence for x in paid) / 100, money)
    book.close()
    _restamp(buffer.getvalue(), path)


def housing(path: Path, institution: Institution, year: str, lines: list[Payment]) -> None:
    """XLS: sub-totals by quarter and empty rows; the later year ends in a total without a label."""
    early = year == YEAR_ONE
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Spend")
    day, money = xlwt.easyxf(num_format_str="DD/MM/YYYY"), xlwt.easyxf(num_format_str="#,##0.00")
    rows: list[list[Cell]] = [[institution.name], ["Spend report", None, "Printed 1 June 2017"]] if early else []
    rows.append(
        ["Posting date", "Creditor", "Creditor name", "Creditor postcode", "Budget heading", "Narrative", "Value £"]
    )

    def row(x: Payment) -> list[Cell]:
        p = x.printed
        return [
            x.day,
            int(x.supplier_ref),
            p.name,
            p.postcode or None,
            f"{x.department} - {x.category}",
            x.description,
            x.pence / 100,
        ]

    def total(label: str, pence: int) -> list[Cell]:
        return [label, None, None, None, None, None, pence / 100]

    everything = sum(x.pence for x in lines)
    if early:
        rows += [*_with_quarters(lines, row, total), total("Grand total", everything)]
    else:
        rows += [*map(row, lines), [None] * 6 + [everything / 100]]
    for r, cells in enumerate(rows):
        for c, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write(r, c, cell, day)
            elif isinstance(cell, float):
                sheet.write(r, c, cell, money)
            elif cell is not None:
                sheet.write(r, c, cell)
    book.save(str(path))


def hospital(path: Path, institution: Institution, year: str, lines: list[Payment]) -> None:
    """ODS: dates (in the earlier year as words), currency, VAT numbers, names in capitals, an empty first column."""
    early = year == YEAR_ONE
    book = OpenDocumentSpreadsheet()
    table = Table(name=f"Spend {year}")
    book.spreadsheet.addElement(table)

    def add(cells: Sequence[Cell]) -> None:
        row = TableRow()
        for cell in cells:
            if cell is None or cell == "":
                row.addElement(TableCell())
                continue
            if isinstance(cell, date):
                made = TableCell(valuetype="date", datevalue=cell.isoformat())
                text = f"{cell:%d/%m/%Y}"
            elif isinstance(cell, float):
                made, text = TableCell(valuetype="currency", currency="GBP", value=f"{cell:.2f}"), f"£{cell:,.2f}"
            else:
                made, text = TableCell(valuetype="string"), str(cell)
            made.addElement(P(text=text))
            row.addElement(made)
        table.addElement(row)

    if not early:
        add(["", f"Expenditure report {year}"])
        add([])
    add(
        [
            "",
            "Department Family",
            "Entity",
            "Date",
            "Expense Type",
            "Expense Area",
            "Supplier",
            "Transaction Number",
            "Amount",
            "Supplier Postcode",
            "VAT Registration Number",
        ]
    )
    for x in lines:
        p = x.printed
        add(
            [
                "",
                "Department of Health",
                institution.name,
                f"{x.day:%d %B %Y}" if early else x.day,
                x.category,
                x.department,
                p.name.upper(),
                x.reference,
                x.pence / 100,
                p.postcode,
                p.vat,
            ]
        )
    add([])
    add(["", "Total", "", "", "", "", "", "", sum(x.pence for x in lines) / 100])
    buffer = io.BytesIO()
    book.meta.addElement(meta.CreationDate(text=STAMP.isoformat()))
    book.save(buffer)
    _restamp(_plain_generator(buffer.getvalue()), path)


def _plain_generator(data: bytes) -> bytes:
    """Name the producing program without its version, which would change the bytes with the next release."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "meta.xml":
                content = re.sub(rb"(<meta:generator>)[^<]*", rb"\1cwb sample", content)
            new.writestr(entry, content)
    return out.getvalue()


YEAR_ONE = "2012-13"
Writer = Callable[[Path, Institution, str, list[Payment]], None]
WRITERS: dict[str, tuple[str, Writer]] = {
    "city": ("csv", city), "county": ("csv", county), "police": ("txt", police),
    "college": ("xlsx", college), "housing": ("xls", housing), "hospital": ("ods", hospital),
}  # fmt: skip
FORMATS = {
    "city": "CSV, UTF-8", "county": "CSV, Windows-1252 with rows above the header", "police": "text with semicolons",
    "college": "XLSX, several sheets", "housing": "XLS", "hospital": "ODS",
}  # fmt: skip
