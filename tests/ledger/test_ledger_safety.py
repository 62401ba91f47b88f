"""Files that are no ledgers, broken or meant to harm: one line that says what and what to do, and nothing written."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from ledger_files import HEADINGS, ROWS, SUM, csv_text, write_csv, write_ods, write_xls, write_xlsx

from cwb.errors import CwbError, LedgerError
from cwb.ledger import ingest, read_ledger, write_ledger
from cwb.privacy import mask_names

Write = Callable[..., Path]
TABLE = [HEADINGS, *ROWS]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def _refused(path: Path, match: str) -> None:
    with pytest.raises(LedgerError, match=match) as caught:
        read_ledger([path])
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "match"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b"\n\n  \n", "the file is empty"),
        ("picture.csv", PNG, "a PNG picture"),
        ("page.csv", b"\r\n<!DOCTYPE html>\n<html></html>", "a web page"),
        ("scan.csv", b"%PDF-1.7\n...", "a PDF document"),
        ("noise.csv", bytes(range(256)) * 100, "no headings found"),
        ("words.csv", b"Dear all,\nplease find nothing attached.\n", "no headings found"),
        ("one.csv", b"Supplier\nAlder Ltd\nBirch Ltd\n", "one column"),
        ("rtf.csv", b"{\\rtf1 hello}", "RTF"),
        ("json.csv", b'{"rows": [1, 2, 3], "more": {"a": 1}}', "no supplier column"),
        ("cut.gz", gzip.compress(csv_text(TABLE).encode() * 500)[:-40], "cut short"),
        ("cut.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged or cut short"),
        ("cut.zip", b"PK\x03\x04" + b"\0" * 100, "damaged or cut short"),
    ],
)
def test_what_is_no_ledger_is_refused_in_one_line(tmp_path: Path, name: str, data: bytes, match: str) -> None:
    (tmp_path / name).write_bytes(data)
    _refused(tmp_path / name, match)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    _refused(tmp_path / "gone.csv", "no such file")
    _refused(tmp_path, "not a file")


def test_a_truncated_workbook(tmp_path: Path) -> None:
    for path in (write_xlsx(tmp_path / "a.xlsx", {"S": TABLE}), write_ods(tmp_path / "a.ods", {"S": TABLE})):
        path.write_bytes(path.read_bytes()[:-400])
        _refused(path, "damaged or cut short")
    path = write_xls(tmp_path / "a.xls", {"S": TABLE * 50})
    path.write_bytes(path.read_bytes()[:2000])
    _refused(path, "damaged or cut short")


def test_a_locked_zip(tmp_path: Path) -> None:
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", csv_text(TABLE))
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    _refused(path, "locked with a password")


def test_an_archive_inside_an_archive(tmp_path: Path) -> None:
    inner = gzip.compress(csv_text(TABLE).encode())
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv.gz", inner)
    _refused(tmp_path / "a.zip", "an archive inside an archive")


def test_a_gzip_bomb_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"0" * 150_000_000, 9))
    _refused(tmp_path / "bomb.gz", "unpacks to more than")


def test_a_zip_that_claims_ten_gigabytes_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "claim.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", csv_text(TABLE))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (4_000_000_000).to_bytes(4, "little")
    path.write_bytes(data)
    _refused(path, "claims 4,000 MB")


def test_a_workbook_that_spans_the_whole_grid_is_not_opened(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"S": TABLE})
    with zipfile.ZipFile(path) as old:
        members = {i.filename: old.read(i) for i in old.infolist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    _refused(path, "spans 17,179,869,184 cells")


def test_an_ods_that_repeats_one_cell_by_the_million_is_not_opened(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", {"S": TABLE})
    with zipfile.ZipFile(path) as old:
        members = {i.filename: old.read(i) for i in old.infolist()}
    members["content.xml"] = members["content.xml"].replace(
        b"<table:table-row>", b'<table:table-row table:number-rows-repeated="900000">', 2
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    _refused(path, "by repeating")


def test_xml_entities_are_never_expanded(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"S": TABLE})
    with zipfile.ZipFile(path) as old:
        members = {i.filename: old.read(i) for i in old.infolist()}
    lol = b'<!DOCTYPE x [<!ENTITY a "' + b"ha" * 50 + b'">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)
    ) + b"]>"  # fmt: skip
    text = members["xl/sharedStrings.xml"]
    members["xl/sharedStrings.xml"] = text.replace(b"<sst", lol + b"<sst", 1).replace(b"Doors", b"&j;")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    try:
        longest = read_ledger([path]).payments["description"].str.len_bytes().max()
    except LedgerError:
        return
    assert isinstance(longest, int)
    assert longest < 1000


def test_a_cell_of_50_mb(tmp_path: Path) -> None:
    rows = [*TABLE, ["28/05/2016", "Dogwood Ltd", "x" * 50_000_000, "1.00"]]
    _refused(write_csv(tmp_path / "a.csv", rows), "row 5 has a cell of 50,000,000 bytes")
    small = write_xlsx(tmp_path / "a.xlsx", {"S": TABLE})
    with zipfile.ZipFile(small) as old:
        members = {i.filename: old.read(i) for i in old.infolist()}
    members["xl/sharedStrings.xml"] = members["xl/sharedStrings.xml"].replace(b"Doors", b"D" * 50_000_000)
    with zipfile.ZipFile(tmp_path / "big.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    _refused(tmp_path / "big.xlsx", "holds a cell of more than|claims")


def test_nul_bytes_are_taken_out_and_said(tmp_path: Path) -> None:
    text = csv_text(TABLE).replace("Doors", "Do\0ors")
    (tmp_path / "a.csv").write_text(text, "utf-8")
    read = read_ledger([tmp_path / "a.csv"])
    assert read.payments["description"][0] == "Doors"
    assert "NUL" in read.account["files"][0]["warnings"][0]


def test_member_names_with_path_tricks_are_labels_only(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("../../escaped.csv", csv_text(TABLE))
        archive.writestr("/etc/absolute.csv", csv_text(TABLE))
    before = set(tmp_path.rglob("*"))
    read = read_ledger([folder / "a.zip"])
    assert [f["sheet"] for f in read.account["files"]] == ["escaped.csv", "etc/absolute.csv"]
    assert set(tmp_path.rglob("*")) == before


def test_formulas_are_neutralised_in_csv_and_kept_in_parquet(ledger_csv: Write, tmp_path: Path) -> None:
    rows = [*TABLE, ["28/05/2016", "=1+1", "ok", "1.00"], ["=cmd|' /C calc'!A0", "@SUM(1)", "", "much"]]
    write_ledger(read_ledger([ledger_csv(rows)]), tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "payments.parquet")["supplier_name"].to_list()[-1] == "=1+1"
    assert "\n=" not in (tmp_path / "out" / "rejects.csv").read_text("utf-8")
    total = [*TABLE, ["", "=Total", "", "1530.50"]]
    write_ledger(read_ledger([ledger_csv(total, "total.csv")]), tmp_path / "out2")
    for name in ("rejects.csv", "control_totals.csv"):
        cells = pl.read_csv(tmp_path / "out2" / name, infer_schema=False)
        assert not any(c.startswith("=") for column in cells for c in column.drop_nulls())


def test_write_ledger_writes_the_account_and_every_row(ledger_csv: Write, tmp_path: Path) -> None:
    read = read_ledger([ledger_csv([*TABLE, ["28/05/2016", "Dogwood Ltd", "", "1241,32"]])])
    write_ledger(read, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "ingest.json").read_text("utf-8")) == read.account
    assert pl.read_parquet(tmp_path / "out" / "payments.parquet").equals(read.payments)
    assert (tmp_path / "out" / "rejects.csv").read_text("utf-8").count("\n") == 2


def test_names_that_are_hidden_are_in_no_file_that_is_written(ledger_csv: Write, tmp_path: Path) -> None:
    hidden = ["01/06/2016", "Redacted - Wren Fennimore", "Wren Fennimore's fees", "4.00"]
    rejected = [["02/06/2016", "Wren Fennimore", "", "12,3"], ["03/06/2016", "Redacted: Wren Fennimore", "", "12,4"]]
    person = [["04/06/2016", "Mrs Ada Larkspur", "", "5.00"], ["05/06/2016", "Mrs Ada Larkspur", "", "1,5"]]
    paths = [ledger_csv([*TABLE, hidden, *rejected, *person])]
    write_ledger(read_ledger(paths), tmp_path / "at-once")
    ingest(paths, tmp_path / "out", is_person=lambda names: names.str.contains("^Mrs "))
    for out in ("at-once", "out"):
        written = pl.read_parquet(tmp_path / out / "payments.parquet").write_csv()
        written += "".join(f.read_text("utf-8") for f in (tmp_path / out).iterdir() if f.suffix != ".parquet")
        assert "Fennimore" not in written
        assert "Alder Joinery Ltd" in written
        assert ("Larkspur" in written) == (out == "at-once")


def test_nothing_is_written_when_a_file_is_refused(ledger_csv: Write, tmp_path: Path) -> None:
    (tmp_path / "picture.csv").write_bytes(PNG)
    out = tmp_path / "new" / "out"
    with pytest.raises(LedgerError):
        ingest([ledger_csv(TABLE), tmp_path / "picture.csv"], out)
    assert not out.exists()


def test_ingest_one_file_at_a_time_writes_what_reading_all_at_once_gives(ledger_csv: Write, tmp_path: Path) -> None:
    hidden = [HEADINGS, ["01/06/2016", "Redacted - Wren Fennimore", "", "4.00"]]
    named = [HEADINGS, ["02/07/2016", "Wren Fennimore", "", "5.00"], ["", "", "", "5.00"]]
    paths = [ledger_csv(TABLE, "may.csv"), ledger_csv(hidden, "june.csv"), ledger_csv(named, "july.csv")]
    account = ingest(paths, tmp_path / "streamed")
    read = read_ledger(paths)
    write_ledger(read, tmp_path / "at-once")
    assert account == read.account
    for name in ("rejects.csv", "control_totals.csv", "ingest.json"):
        assert (tmp_path / "streamed" / name).read_bytes() == (tmp_path / "at-once" / name).read_bytes()
    assert pl.read_parquet(tmp_path / "streamed" / "payments.parquet").equals(mask_names(read.payments))
    assert read.payments["is_redacted"].to_list() == [False] * 3 + [True, True]
    assert sorted(p.name for p in (tmp_path / "streamed").iterdir()) == sorted(
        p.name for p in (tmp_path / "at-once").iterdir()
    )


def test_a_folder_that_cannot_be_written(ledger_csv: Write, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(CwbError):
        write_ledger(read_ledger([ledger_csv(TABLE)]), tmp_path / "taken")
    assert SUM == 153050
