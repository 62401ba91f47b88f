"""`cwb data` and `cwb register lookup` as a person meets them, and the key in nothing that they leave or say."""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from companies_house import ABSENT, profile, serve
from faulty_server import KEY, FaultyServer, answers, broken_json, file_of, needs_key, status
from test_data_store import io_file, jobs_file, register_file

from cwb.cli import main
from cwb.run import LINKS_FILE, SUPPLIERS_FILE
from cwb.schema import LINKS, SUPPLIERS, conform

Verb = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cwb(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Verb:
    """Run the command line here; return its exit code, stdout and stderr."""
    monkeypatch.setenv("CWB_CACHE", str(tmp_path / "cache"))
    capsys.readouterr()

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cwb", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            main()
        said = capsys.readouterr()
        return int(done.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's suppliers and links: a company that matched, one that is dissolved, one unheard of, and a person."""
    supplier = {"is_redacted": False, "payments": 1, "first_payment": date(2016, 5, 1)}
    rows = [("a", "Brightwater Ltd", None, 90_000), ("b", "=Gone Ltd", "2", 50_000), ("c", "Odd", "3", 40_000)]
    suppliers = pl.DataFrame(
        [
            {"supplier_id": i, "supplier_name": n, "company_number": c, "amount_pence": p, **supplier,
             "last_payment": date(2017, 1, 9)}
            for i, n, c, p in [*rows, ("d", "Individual (name withheld)", None, 99_999)]
        ]
    )  # fmt: skip
    link = {"outcome": "unmatched", "supplier_type": "unknown", "method": "none", "evidence": "{}"}
    links = pl.DataFrame(
        [
            {"supplier_id": "a", **link, "outcome": "matched", "supplier_type": "company", "org_id": "GB-COH-00000001"},
            {"supplier_id": "b", **link, "org_id": None},
            {"supplier_id": "c", **link, "org_id": None},
            {"supplier_id": "d", **link, "supplier_type": "individual", "org_id": None},
        ]
    )
    folder = tmp_path / "run"
    folder.mkdir()
    conform(suppliers, SUPPLIERS).write_parquet(folder / SUPPLIERS_FILE)
    conform(links, LINKS).write_parquet(folder / LINKS_FILE)
    return folder


@pytest.fixture
def service(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> FaultyServer:
    monkeypatch.setenv("CWB_COMPANIES_HOUSE_KEY", KEY)
    monkeypatch.setenv("CWB_COMPANIES_HOUSE_URL", server.url)
    serve(server, "00000001")
    gone = profile("00000002", company_status="dissolved", date_of_cessation="2015-06-30")
    serve(server, "00000002", needs_key(answers(gone)))
    server.acts["/company/00000003"] = [needs_key(ABSENT)]
    return server


def _nowhere(secret: str, folder: Path, *said: str) -> bool:
    return not any(secret in text for text in said) and not any(
        secret.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )


def test_lookup_asks_only_when_told_to(cwb: Verb, run: Path, service: FaultyServer) -> None:
    code, _, err = cwb("register", "lookup", run)
    assert code == 0
    assert "3 not asked" in err
    assert "--online" in err
    assert not service.asked


def test_lookup_needs_a_key(cwb: Verb, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = cwb("register", "lookup", run, "--online")
    assert code == 2
    assert err.startswith("cwb: no key for Companies House")
    assert err.count("\n") == 1
    assert not (run / "companies.csv").exists()


def test_lookup_through_faults(cwb: Verb, run: Path, service: FaultyServer, tmp_path: Path) -> None:
    faults = [status(429, Retry_After="1"), status(500), broken_json]
    for number, fault in zip(("00000001", "00000002", "00000003"), faults, strict=True):
        service.acts[f"/company/{number}"].insert(0, fault)
    code, out, err = cwb("register", "lookup", run, "--online", "--top", "3")
    assert code == 0, err
    assert "2 found, 1 not on the register" in err
    found = pl.read_csv(run / "companies.csv").to_dicts()
    assert [row["org_id"][-1] for row in found] == ["1", "2", "3"]
    assert [row["status"] for row in found] == ["active", "dissolved", None]
    assert [row["paid_after_end"] for row in found] == [None, True, None]
    assert [row["amount_gbp"] for row in found] == [900.0, 500.0, 400.0]
    assert found[1]["supplier_names"] == "'=Gone Ltd"  # nothing that a spreadsheet would run
    assert _nowhere(KEY, tmp_path, out, err)


def test_lookup_takes_the_biggest(cwb: Verb, run: Path, service: FaultyServer) -> None:
    cwb("register", "lookup", run, "--online", "--top", "1")
    assert {path.split("/")[2] for path in service.paths()} == {"00000001"}


def test_lookup_with_a_wrong_key(
    cwb: Verb, run: Path, service: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CWB_COMPANIES_HOUSE_KEY", "wr0ng-k3y")
    code, out, err = cwb("register", "lookup", run, "--online")
    assert code == 2
    assert err.startswith("cwb: 127.0.0.1: does not accept the key")
    assert err.count("\n") == 1
    assert _nowhere("wr0ng-k3y", tmp_path, out, err)
    assert not (run / "companies.csv").exists()


def test_data_from_add_to_use(cwb: Verb, tmp_path: Path) -> None:
    assert cwb("data", "add", "ons_io", io_file(tmp_path))[0] == 0
    assert cwb("data", "add", "bres", jobs_file(tmp_path, "E07000123"))[0] == 0  # Preston
    listed = {one["id"]: one for one in json.loads(cwb("data", "list", "--json")[1])}
    assert listed["ons_io"]["here"]["holds"] == "5 industries, 2023"
    assert listed["mutuals"]["here"] is None
    assert listed["mutuals"]["publisher"] == "Financial Conduct Authority"
    by_id = cwb("multipliers", "--place", "Preston", "--table", "ons_io", "--jobs", "bres", "--json")
    assert by_id[0] == 0, by_id[2]
    by_path = cwb(
        "multipliers", "--place", "Preston", "--table", tmp_path / "iot.xlsx", "--jobs", tmp_path / "jobs.csv", "--json"
    )
    assert by_id[1] == by_path[1]
    assert [one["industry"] for one in json.loads(by_id[1])["sectors"]] == ["A01", "C10", "F41", "G46", "Q86"]


def test_jobs_of_another_place_are_refused(cwb: Verb, tmp_path: Path) -> None:
    cwb("data", "add", "bres", jobs_file(tmp_path, "E07000123"))
    code, _, err = cwb("multipliers", "--place", "Havering", "--jobs", "bres")
    assert code == 2
    assert "it is for another place" in err


def test_jobs_of_many_places_count_only_the_place(cwb: Verb, tmp_path: Path) -> None:
    own = cwb("multipliers", "--place", "Preston", "--jobs", jobs_file(tmp_path, "E07000123"), "--json")[1]
    many = jobs_file(tmp_path, "E07000123", "E09000016", name="many.csv")
    assert cwb("multipliers", "--place", "Preston", "--jobs", many, "--json")[1] == own


def test_a_register_is_built_from_the_store(cwb: Verb, tmp_path: Path) -> None:
    cwb("data", "add", "companies_house", register_file(tmp_path))
    assert cwb("register", "build", "companies_house", "--out", tmp_path / "by_id")[0] == 0
    code, _, err = cwb("register", "build", "mutuals", "--out", tmp_path / "none")
    assert code == 2
    assert "cwb data fetch mutuals" in err
    assert not (tmp_path / "none").exists()


def test_fetch_by_address(cwb: Verb, server: FaultyServer, tmp_path: Path) -> None:
    server.acts["/x/iot.xlsx"] = [status(503), file_of(io_file(tmp_path).read_bytes())]
    code, _, err = cwb("data", "fetch", "ons_io", "--url", f"{server.url}/x/iot.xlsx")
    assert code == 0
    assert "5 industries, 2023" in err
    code, _, err = cwb("data", "fetch", "ons_io", "--url", f"{server.url}/nowhere.xlsx")
    assert code == 2
    assert err.startswith("cwb: 127.0.0.1: does not have that at this address (404); look at https://www.ons.gov.uk")
    assert err.count("\n") == 1
