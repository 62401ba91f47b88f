"""Tables that a finance system saves as HTML, or as the XML of older spreadsheets, under the name .xls."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from ledger_files import HEADINGS, ROWS, SUM, Row

from cwb.errors import LedgerError
from cwb.ledger import read_ledger


def _rows(rows: list[Row], tag: str = "td") -> str:
    return "".join("<tr>" + "".join(f"<{tag}>{escape(c)}</{tag}>" for c in row) + "</tr>\n" for row in rows)


TABLE = f"<table border=1><thead>{_rows([HEADINGS], 'th')}</thead><tbody>{_rows(list(ROWS))}</tbody></table>"
LAYOUT = "<table><tr><td>Home</td><td>News</td></tr><tr><td>Contact</td><td>About</td></tr></table>"
XML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="May 2016"><Table>'
    '<Row><Cell ss:MergeAcross="3"><Data ss:Type="String">Spend over 500</Data></Cell></Row>'
    + "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{escape(c)}</Data></Cell>' for c in row) + "</Row>"
        for row in [HEADINGS, *ROWS]
    )
    + '<Row><Cell/><Cell ss:Index="2"><Data ss:Type="String">Total</Data></Cell>'
    '<Cell ss:Index="4"><Data ss:Type="Number">1530.5</Data></Cell></Row></Table></Worksheet></Workbook>'
)


@pytest.mark.parametrize(
    "page",
    [
        TABLE,
        f"<html><head><meta charset=utf-8><style>td {{ color: red }}</style></head><body>{TABLE}</body></html>",
        f"<!DOCTYPE html>\n<html><body><!-- report <table> -->{LAYOUT}<div>{TABLE}</div></body></html>",
        f"<html><body><table><tr><td>{TABLE}</td></tr></table></body></html>",
        TABLE.replace("</td>", "").replace("</tr>", "").replace("</th>", ""),
        TABLE.replace("<td>", "<TD class='x' nowrap>").replace("Alder Joinery", "Alder&nbsp;<b>Joinery</b>"),
        f"<html><body><script>document.write('<table><tr><td>Total</td></tr></table>')</script>{TABLE}</body></html>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_table_saved_as_a_spreadsheet(tmp_path: Path, page: str, encoding: str) -> None:
    path = tmp_path / "spend.xls"
    path.write_bytes(page.encode(encoding))
    read = read_ledger([path])
    assert read.account["amount_pence"]["payments"] == SUM
    assert read.account["rows"]["read"] == len(ROWS)
    assert read.payments["supplier_name"][0] == "Alder Joinery Ltd"
    assert read.account["files"][0]["format"] == "html"


def test_the_xml_of_older_spreadsheets(tmp_path: Path) -> None:
    (tmp_path / "spend.xls").write_text(XML, "utf-8")
    read = read_ledger([tmp_path / "spend.xls"])
    assert read.account["amount_pence"] == {"payments": SUM, "control_totals": SUM}
    assert read.control_totals["ties"].to_list() == [True]
    assert read.account["files"][0]["sheet"] == "May 2016"


@pytest.mark.parametrize(
    "page",
    [
        f"<!DOCTYPE html><html><body><h1>Page not found</h1>{LAYOUT}</body></html>",
        "<html><body><table><tr><th>Supplier</th><th>Amount</th></tr></table></body></html>",
        "<html><body><p>Supplier, Date, Amount</p></body></html>",
        "<?xml version='1.0'?><rss><channel><title>Payments</title></channel></rss>",
        f"<html><script>{TABLE}</script></html>",
        f"<html><!-- {TABLE}",
    ],
)
def test_a_page_without_a_ledger_is_refused(tmp_path: Path, page: str) -> None:
    (tmp_path / "spend.xls").write_text(page, "utf-8")
    with pytest.raises(LedgerError, match=r"spend\.xls: a web page or XML, not a ledger"):
        read_ledger([tmp_path / "spend.xls"])


@pytest.mark.parametrize(
    "page",
    [
        "<table>" * 100_000,
        "<!--" * 300_000,
        "<table><tr>" + "<td colspan=99999>" * 3000,
        "<table><tr>" + "<td " * 300_000,
    ],
)
def test_a_page_meant_to_harm_is_refused(tmp_path: Path, page: str) -> None:
    (tmp_path / "spend.xls").write_text(page, "utf-8")
    with pytest.raises(LedgerError, match=r"a web page|columns, which no ledger has"):
        read_ledger([tmp_path / "spend.xls"])
