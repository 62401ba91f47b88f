"""The command line as a person meets it: good runs, and one helpful line for bad input with nothing written."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from companies_house_file import write_extract

LEDGER = """Date,Supplier,Postcode,Amount
03/04/2016,Brightwater Catering Ltd,PR1 2HE,"1,200.00"
11/05/2016,Hollin Lane Joinery,BB1 7DY,300.50
12/05/2016,Hollin Lane Joinery,BB1 7DY,-100.50
19/06/2016,Farway Software plc,EC1A 1BB,600.00
21/06/2016,REDACTED PERSONAL DATA,,50.00
"""


def cwb(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cwb.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=env)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.csv"
    path.write_text(LEDGER, "utf-8")
    return path


def test_analyse_places_every_pound(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = cwb("analyse", ledger, "--place", "Preston", "--institution", "Made-up Council", "--out", out)
    assert done.returncode == 0, done.stderr
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    pence = {band: row["amount_pence"] for band, row in summary["bands"].items()}
    # £1,200 in Preston; £300.50 less a credit of £100.50 in Blackburn; £600 in London; £50 redacted.
    assert pence == {"local": 120000, "regional": 20000, "leaked": 60000, "unknown": 5000}
    assert summary["amount_pence"]["payments"] == 205000
    assert summary["years"] == ["2016-17"]
    assert summary["institutions"] == ["Made-up Council"]
    assert {"report.html", "workbook.xlsx", "tables", "charts", "ingest.json"} <= {p.name for p in out.iterdir()}
    assert list((out / "charts").glob("*.svg"))
    assert list((out / "charts").glob("*.png"))


def test_json_on_stdout_is_the_summary(ledger: Path, tmp_path: Path) -> None:
    done = cwb("analyse", ledger, "--place", "Preston", "--out", tmp_path / "run", "--json")
    assert json.loads(done.stdout) == json.loads((tmp_path / "run" / "summary.json").read_text("utf-8"))


def test_compare_splits_the_change(ledger: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.csv"
    later.write_text(LEDGER.replace("/2016", "/2017").replace('"1,200.00"', '"2,400.00"'), "utf-8")
    for path, out in ((ledger, "one"), (later, "two")):
        assert cwb("analyse", path, "--place", "Preston", "--out", tmp_path / out).returncode == 0
    done = cwb("compare", tmp_path / "one", tmp_path / "two", "--out", tmp_path / "change")
    assert done.returncode == 0, done.stderr
    compare = json.loads((tmp_path / "change" / "compare.json").read_text("utf-8"))
    local = compare["change"]["local"]
    assert local["amount_pence"] == 120000
    # volume = (3,250 − 2,050) × 1,200/2,050 = £702.44; the rest is rate
    assert (local["volume_pence"], local["rate_pence"]) == (70244, 49756)


def test_ingest_accounts_for_every_row(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "read"
    assert cwb("ingest", ledger, "--out", out).returncode == 0
    account = json.loads((out / "ingest.json").read_text("utf-8"))
    rows = account["rows"]
    assert rows["read"] == rows["payments"] + rows["control_totals"] + rows["blank"] + rows["rejected"]
    assert account["amount_pence"]["payments"] == 205000
    assert account["files"][0]["negative"] == {"rows": 1, "amount_pence": -10050}
    assert account["files"][0]["redacted_rows"] == 1


def test_columns_given_once_are_used_for_the_next_file(tmp_path: Path) -> None:
    header = "Date,Supplier,On behalf of,Amount,Settled\n"
    april, may = tmp_path / "april.csv", tmp_path / "may.csv"
    april.write_text(
        header + "03/04/2016,Card plc,Joinery Ltd,10.00,11.00\n04/04/2016,Bank plc,Paving Ltd,20.00,22.00\n"
    )
    may.write_text(header + "03/05/2016,Card plc,Joinery Ltd,30.00,33.00\n04/05/2016,Bank plc,Paving Ltd,40.00,44.00\n")
    columns = tmp_path / "columns.toml"
    columns.write_text('supplier = "On behalf of"\namount = "Settled"\n')
    environment = {**os.environ, "CWB_HOME": str(tmp_path / "home")}
    assert cwb("ingest", april, "--columns", columns, "--out", tmp_path / "a", env=environment).returncode == 0
    assert cwb("ingest", may, "--out", tmp_path / "m", env=environment).returncode == 0
    for folder, pence in (("a", 3300), ("m", 7700)):
        account = json.loads((tmp_path / folder / "ingest.json").read_text("utf-8"))
        assert account["amount_pence"]["payments"] == pence
        assert account["files"][0]["columns"]["supplier"] == "On behalf of"


def test_decisions_win_and_can_be_undone(ledger: Path, tmp_path: Path) -> None:
    store, run, sheet = tmp_path / "decisions.db", tmp_path / "run", tmp_path / "sheet.csv"
    place = ("--place", "Preston", "--workspace", store)
    assert cwb("analyse", ledger, *place, "--out", run).returncode == 0
    assert cwb("review", "export", run, "--workspace", store, "--out", sheet, "--all").returncode == 0
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["supplier_name"] == "Farway Software plc":
            row.update(decision="operates_at", value="PR1 2HE", why="rang them")
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    told = cwb("review", "import", sheet, "--workspace", store, "--run", run, "--who", "A. Reviewer")
    assert told.returncode == 0, told.stderr
    assert cwb("analyse", ledger, *place, "--out", run).returncode == 0
    assert _local(run) == 120000 + 60000
    log = json.loads(cwb("review", "log", "--workspace", store, "--json").stdout)
    assert [row["who"] for row in log] == ["A. Reviewer"]
    undone = cwb("review", "undo", log[0]["decision"], "--workspace", store, "--who", "A. Reviewer")
    assert undone.returncode == 0, undone.stderr
    assert cwb("analyse", ledger, *place, "--out", run).returncode == 0
    assert _local(run) == 120000


def _local(run: Path) -> int:
    return json.loads((run / "summary.json").read_text("utf-8"))["bands"]["local"]["amount_pence"]


def _bad_inputs(folder: Path) -> dict[str, tuple[str | Path, str]]:
    (folder / "empty.csv").write_bytes(b"")
    (folder / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64))
    (folder / "page.csv").write_text("<!DOCTYPE html><html><body>Not found</body></html>", "utf-8")
    book = openpyxl.Workbook()
    for row in csv.reader(LEDGER.splitlines()):
        book.worksheets[0].append(row)
    book.save(folder / "whole.xlsx")
    whole = (folder / "whole.xlsx").read_bytes()
    (folder / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    return {
        "empty": (folder / "empty.csv", "empty"),
        "picture": (folder / "picture.csv", "PNG"),
        "web page": (folder / "page.csv", "web page"),
        "missing": (folder / "nowhere.csv", "no such file"),
        "cut short": (folder / "cut.xlsx", "damaged"),
    }


def _is_one_line(stderr: str) -> bool:
    return stderr.startswith("cwb: ") and stderr.count("\n") == 1 and "Traceback" not in stderr


@pytest.mark.parametrize("case", ["empty", "picture", "web page", "missing", "cut short"])
@pytest.mark.parametrize("verb", [("ingest",), ("analyse", "--place", "Preston")])
def test_a_file_that_is_no_ledger_is_refused_in_one_line(case: str, verb: tuple[str, ...], tmp_path: Path) -> None:
    path, says = _bad_inputs(tmp_path)[case]
    done = cwb(verb[0], path, *verb[1:], "--out", tmp_path / "out")
    assert done.returncode == 2
    assert _is_one_line(done.stderr), done.stderr
    assert says in done.stderr
    assert Path(path).name in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--place", "Prestn"), "Did you mean Preston"),
        (("--place", "Preston", "--register", "."), "is not a register index"),
        (("--place", "Preston", "--basis", "registered-office"), "registered_office"),
        (("--place", "nowhere.toml"), "no such file"),
        ((), "--place"),
    ],
)
def test_a_bad_option_is_refused_in_one_line(options: tuple[str, ...], says: str, ledger: Path, tmp_path: Path) -> None:
    done = cwb("analyse", ledger, *options, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert _is_one_line(done.stderr), done.stderr
    assert says in done.stderr
    assert not (tmp_path / "out").exists()


def test_compare_refuses_what_is_no_run(tmp_path: Path) -> None:
    done = cwb("compare", tmp_path, tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert _is_one_line(done.stderr)
    assert "cwb analyse" in done.stderr


def test_out_that_is_a_file_is_refused(ledger: Path) -> None:
    done = cwb("analyse", ledger, "--place", "Preston", "--out", ledger)
    assert done.returncode == 2
    assert _is_one_line(done.stderr)
    assert ledger.read_text("utf-8") == LEDGER


def test_real_ledger_with_a_real_register(shared_data: Path, tmp_path: Path) -> None:
    """A hospital trust's ledger ties to the independently computed sum; its suppliers are found on the register."""
    source = write_extract(shared_data / "matching" / "register_real_extract.parquet", tmp_path / "register.csv")
    assert cwb("register", "build", source, "--out", tmp_path / "index").returncode == 0
    ledger = shared_data / "ledgers" / "bhrut-nhs" / "BHR_Merged.xlsx"
    out = tmp_path / "run"
    done = cwb("analyse", ledger, "--place", "Havering", "--register", tmp_path / "index", "--out", out)
    assert done.returncode == 0, done.stderr
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    with (shared_data / "ledgers" / "INDEX.csv").open(encoding="utf-8") as file:
        known = next(row for row in csv.DictReader(file) if row["file"] == "bhrut-nhs/BHR_Merged.xlsx")
    assert sum(row["amount_pence"] for row in summary["bands"].values()) == int(known["sum_pence"])
    assert summary["matching"]["matched"] >= 20
    assert "<h1" in (out / "report.html").read_text("utf-8")
