"""Workbooks with macros and links: the saved values are read, nothing runs, nothing is followed, and it is said."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from ledger_files import HEADINGS, ROWS, SUM, write_ods, write_xls, write_xlsx

from cwb.ledger import read_ledger

TABLE = [HEADINGS, *ROWS]
LINKS = "links to other files: the links are not followed"


def _repack(path: Path, changed: dict[str, bytes], replaced: tuple[str, bytes, bytes] | None = None) -> Path:
    """Write members anew into a workbook, and swap one piece of text of a member."""
    with zipfile.ZipFile(path) as old:
        members = {i.filename: old.read(i) for i in old.infolist()} | changed
    if replaced:
        name, before, after = replaced
        assert before in members[name]
        members[name] = members[name].replace(before, after, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    return path


@pytest.fixture
def visited() -> Iterator[tuple[str, list[str]]]:
    """A web server's address and the paths that were asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_macros_of_xlsm_are_not_run_and_said(tmp_path: Path) -> None:
    path = _repack(write_xlsx(tmp_path / "spend.xlsm", {"May": TABLE}), {"xl/vbaProject.bin": b"Sub Auto_Open()" * 50})
    read = read_ledger([path])
    assert read.account["amount_pence"]["payments"] == SUM
    assert read.account["files"][0]["notes"] == [
        "the workbook has macros: they are not run, and the saved values are read"
    ]


def test_macros_of_xls_are_not_run_and_said(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "spend.xls", {"May": TABLE})
    plain = read_ledger([path])
    assert plain.account["files"][0]["notes"] == []
    # The name of the macros' store, where the directory of such a file has it.
    data = path.read_bytes()
    path.write_bytes(data + b"\0" * 400 + "_VBA_PROJECT".encode("utf-16-le") + b"\0" * 88)
    read = read_ledger([path])
    assert read.account["amount_pence"]["payments"] == SUM
    assert "macros" in read.account["files"][0]["notes"][0]


def test_links_of_xlsx_are_not_followed_and_said(tmp_path: Path, visited: tuple[str, list[str]]) -> None:
    address, asked = visited
    link = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" TargetMode="External" Target="ADDRESS" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/externalLinkPath"/></Relationships>'
    )
    path = write_xlsx(tmp_path / "spend.xlsx", {"May": [HEADINGS, [*ROWS[0][:3], 1250.5], *ROWS[1:]]})
    _repack(
        path,
        {
            "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": link.replace("ADDRESS", f"{address}/rates.xlsx").encode(),
        },
        ("xl/worksheets/sheet1.xml", b"<v>1250.5</v>", b"<f>WEBSERVICE([1]Rates!A1)</f><v>1250.5</v>"),
    )
    read = read_ledger([path])
    assert read.account["amount_pence"]["payments"] == SUM
    assert LINKS in read.account["files"][0]["notes"][0]
    assert asked == []


def test_links_of_ods_are_not_followed_and_said(tmp_path: Path, visited: tuple[str, list[str]]) -> None:
    address, asked = visited
    path = write_ods(tmp_path / "spend.ods", {"May": [HEADINGS, [*ROWS[0][:3], 1250.5], *ROWS[1:]]})
    formula = f"table:formula=\"of:='{address}/rates.ods'#$Rates.A1\" ".encode()
    _repack(path, {}, ("content.xml", b'office:value-type="float"', formula + b'office:value-type="float"'))
    read = read_ledger([path])
    assert read.account["amount_pence"]["payments"] == SUM
    assert LINKS in read.account["files"][0]["notes"][0]
    assert asked == []
