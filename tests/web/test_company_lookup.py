"""Companies House's service, served on loopback with faults: complete or resumable, and the key in no output."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from companies_house import ABSENT, page, parent, person, profile, serve
from faulty_server import (
    KEY,
    Act,
    FaultyServer,
    answers,
    broken_json,
    cut_short,
    drips,
    hangs_up,
    needs_key,
    status,
)
from pydantic import SecretStr

from cwb.companies import companies
from cwb.errors import WebError
from cwb.register.api import Access, access, enrich
from cwb.web import Patience


def _links(*numbers: str) -> pl.DataFrame:
    return pl.DataFrame({"org_id": [f"GB-COH-{n}" for n in numbers]})


def _numbers(count: int) -> list[str]:
    return [f"{n:08}" for n in range(1, count + 1)]


@pytest.fixture
def ask(server: FaultyServer, patience: Patience, tmp_path: Path):
    """Look companies up at the server."""

    def run(links: pl.DataFrame, key: str = KEY) -> pl.DataFrame:
        return enrich(links, access=Access(SecretStr(key), server.url), patience=patience, folder=tmp_path / "kept")

    return run


def test_what_is_told_of_a_company(server: FaultyServer, ask) -> None:
    serve(
        server, "00000001",
        controllers=answers(page(person("Scotland"), parent("Ireland"), parent("France", ceased_on="2020-01-01"))),
        officers=answers(page(person("England"), person("U.K."), person("Spain", resigned_on="2019-05-06"))),
    )  # fmt: skip
    gone = profile(
        "SC000002", company_status="dissolved", date_of_cessation="2015-06-30",
        accounts={"last_accounts": {"type": "null"}},
    )  # fmt: skip
    serve(server, "SC000002", needs_key(answers(gone)))
    server.acts["/company/00000003"] = [needs_key(ABSENT)]
    found = ask(pl.DataFrame({"org_id": ["GB-COH-00000001", "GB-CHC-123", None, "GB-COH-SC000002", "GB-COH-00000003"]}))
    assert found["org_id"].to_list() == ["GB-COH-00000001", "GB-COH-SC000002", "GB-COH-00000003"]
    one, two, three = found.to_dicts()
    assert one["answer"] == two["answer"] == "found"
    assert (one["status"], one["started"], one["ended"]) == ("active", date(2001, 2, 3), None)
    assert (one["accounts_type"], one["accounts_to"]) == ("small", date(2025, 3, 31))
    # Scotland is of the United Kingdom; the French parent ceased; "U.K." and England are one country.
    assert (one["controllers"], one["controller_country"]) == (2, "Ireland; United Kingdom")
    assert (one["officers"], one["officer_country"], one["all_read"]) == (2, "United Kingdom", True)
    assert (two["status"], two["ended"], two["accounts_type"]) == ("dissolved", date(2015, 6, 30), None)
    assert (two["controllers"], two["controller_country"]) == (0, None)
    assert three["answer"] == "not on the register"
    assert three["status"] is None


def test_no_name_of_a_person_is_kept(server: FaultyServer, ask, tmp_path: Path) -> None:
    serve(server, "00000001", controllers=answers(page(person("Wales"))))
    ask(_links("00000001"))
    kept = (tmp_path / "kept" / "00000001.json").read_text("utf-8")
    assert "PRIVATE" not in kept
    assert "1970" not in kept
    assert KEY not in kept


def test_long_lists_are_read_page_by_page_as_far_as_told(server: FaultyServer, ask) -> None:
    def officers(h) -> None:
        start, total = int(h.path.split("start_index=")[1]), 120 if "00000001" in h.path else 5000
        answers(page(*[person("England")] * min(50, total - start), total=total))(h)  # fewer a page than was asked for

    for number in ("00000001", "00000002"):
        serve(server, number, officers=officers)
    some, many = ask(_links("00000001", "00000002")).to_dicts()
    assert (some["officers"], some["all_read"]) == (120, True)
    assert (many["officers"], many["all_read"]) == (500, False)  # ten pages


FAULTS: dict[str, Act] = {
    "429 with Retry-After": status(429, Retry_After="1"),
    "429 without": status(429),
    "500": status(500),
    "slow drip": drips(),
    "broken JSON": broken_json,
    "cut short": cut_short,
    "line dropped": hangs_up,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_middle_and_the_batch_is_complete(fault: str, server: FaultyServer, ask) -> None:
    for number in _numbers(3):
        serve(server, number, *([FAULTS[fault]] if number == "00000002" else []))
    assert ask(_links(*_numbers(3)))["answer"].to_list() == ["found"] * 3


@pytest.mark.parametrize("act", [status(500), broken_json, drips(), cut_short, answers([1]), answers({"items": 3})])
def test_one_company_that_cannot_be_read_does_not_stop_the_others(act: Act, server: FaultyServer, ask) -> None:
    for number in _numbers(3):
        serve(server, number)
    server.acts["/company/00000002"] = [act]
    assert ask(_links(*_numbers(3)))["answer"].to_list() == ["found", "not read", "found"]
    serve(server, "00000002")
    server.asked.clear()
    assert ask(_links(*_numbers(3)))["answer"].to_list() == ["found"] * 3
    assert {path.split("/")[2] for path in server.paths()} == {"00000002"}


def test_an_answer_about_another_company_is_not_taken(server: FaultyServer, ask) -> None:
    serve(server, "00000001")
    server.acts["/company/00000001"] = [needs_key(answers(profile("00000009")))]
    assert ask(_links("00000001"))["answer"].to_list() == ["not read"]


STOPS: dict[str, tuple[Act, str]] = {
    "limit passed": (status(429), "allows no more requests"),
    "asked to come back": (status(429, Retry_After="900"), "asks to wait 15 minutes"),
    "line down": (hangs_up, "cannot be reached, or drops the line"),
    "key withdrawn": (status(401), "does not accept the key"),
    "another service": (status(404), "is not Companies House's service"),
}


@pytest.mark.parametrize("case", STOPS)
def test_a_batch_that_stops_goes_on_where_it_was(case: str, server: FaultyServer, ask) -> None:
    act, says = STOPS[case]
    for number in _numbers(5):
        serve(server, number)
    server.acts["/company/00000003"] = [act]
    with pytest.raises(WebError, match=r"2 of 5 companies are kept, and the same command goes on") as raised:
        ask(_links(*_numbers(5)))
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    serve(server, "00000003")
    server.asked.clear()
    assert ask(_links(*_numbers(5)))["answer"].to_list() == ["found"] * 5
    assert {path.split("/")[2] for path in server.paths()} == set(_numbers(5)[2:])


def test_a_service_that_is_broken_for_all_stops_the_batch(server: FaultyServer, ask) -> None:
    for number in _numbers(9):
        server.acts[f"/company/{number}"] = [status(500)]
    with pytest.raises(WebError, match="0 of 9 companies are kept"):
        ask(_links(*_numbers(9)))
    assert {path.split("/")[2] for path in server.paths()} == set(_numbers(3))


def test_without_leave_nobody_is_asked(server: FaultyServer, ask, tmp_path: Path) -> None:
    serve(server, "00000001")
    ask(_links("00000001"))
    server.asked.clear()
    found = enrich(_links("00000001", "00000002"), folder=tmp_path / "kept")
    assert found["answer"].to_list() == ["found", "not asked"]
    assert not server.asked


def test_an_old_or_damaged_answer_is_asked_for_again(server: FaultyServer, ask, tmp_path: Path) -> None:
    for number in _numbers(3):
        serve(server, number)
    ask(_links(*_numbers(3)))
    old, damaged = tmp_path / "kept" / "00000001.json", tmp_path / "kept" / "00000002.json"
    long_ago = (datetime.now(UTC).date() - timedelta(days=400)).isoformat()
    old.write_text(json.dumps(json.loads(old.read_text("utf-8")) | {"retrieved": long_ago}), "utf-8")
    damaged.write_text('{"layo', "utf-8")
    server.asked.clear()
    assert enrich(_links("00000001"), folder=tmp_path / "kept")["retrieved"].to_list() == [date.fromisoformat(long_ago)]
    assert ask(_links(*_numbers(3)))["answer"].to_list() == ["found"] * 3
    assert {path.split("/")[2] for path in server.paths()} == {"00000001", "00000002"}


def test_the_key_comes_from_the_environment_or_the_file_of_secrets(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CWB_HOME", str(tmp_path))
    with pytest.raises(WebError, match="no key for Companies House"):
        access()
    (tmp_path / "secrets.toml").write_text(f'companies_house_key = "{KEY}"\n', "utf-8")
    assert access().key.get_secret_value() == KEY
    monkeypatch.setenv("CWB_COMPANIES_HOUSE_KEY", "other-key")
    assert access().key.get_secret_value() == "other-key"
    assert "other-key" not in f"{access()!r} {access()}"


@pytest.mark.parametrize("key", ["two words", "with:colon", "é", "line\nbreak", "“quoted”"])
def test_a_key_that_is_none_is_refused_unseen(key: str, monkeypatch) -> None:
    monkeypatch.setenv("CWB_COMPANIES_HOUSE_KEY", key)
    with pytest.raises(WebError) as raised:
        access()
    assert key not in str(raised.value)


def test_a_broken_file_of_secrets_is_not_quoted(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CWB_HOME", str(tmp_path))
    (tmp_path / "secrets.toml").write_text(f"companies_house_key = {KEY}\n", "utf-8")
    with pytest.raises(WebError, match=r"secrets\.toml") as raised:
        access()
    assert KEY not in f"{raised.value} {raised.value.__cause__}"


def test_the_key_does_not_travel_unprotected(monkeypatch) -> None:
    monkeypatch.setenv("CWB_COMPANIES_HOUSE_KEY", KEY)
    monkeypatch.setenv("CWB_COMPANIES_HOUSE_URL", "http://api.example.org")
    with pytest.raises(WebError, match="unprotected"):
        access()


KILLED = """
import sys
from dataclasses import replace
from pathlib import Path
import polars as pl
from pydantic import SecretStr
from cwb.register.api import Access, enrich
from cwb.web import Patience

links = pl.DataFrame({"org_id": [f"GB-COH-{n:08}" for n in range(1, 41)]})
enrich(links, access=Access(SecretStr(sys.argv[2]), sys.argv[1]), folder=Path(sys.argv[3]))
"""


def test_killed_in_the_middle_it_goes_on(server: FaultyServer, ask, tmp_path: Path) -> None:
    def slowly(act: Act) -> Act:
        def later(h) -> None:
            time.sleep(0.02)
            act(h)

        return later

    numbers = _numbers(40)
    for number in numbers:
        serve(server, number)
        server.acts[f"/company/{number}"] = [slowly(needs_key(answers(profile(number))))]
    kept = tmp_path / "kept"
    running = subprocess.Popen([sys.executable, "-c", KILLED, server.url, KEY, str(kept)])
    until = time.monotonic() + 60
    while len(list(kept.glob("0*.json"))) < 5 and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    before = {path.stem for path in kept.glob("0*.json")}
    assert 5 <= len(before) < 40
    server.asked.clear()
    assert ask(_links(*numbers))["answer"].to_list() == ["found"] * 40
    assert {path.split("/")[2] for path in server.paths()} == set(numbers) - before


def test_the_biggest_companies_of_a_run() -> None:
    suppliers = pl.DataFrame(
        {
            "supplier_id": list("abcdefg"),
            "supplier_name": ["A", "A ltd", "Gone", "Person", "Odd", "Council", "Doubt"],
            "company_number": [None, None, "1234", "00000007", "n/a", None, None],
            "amount_pence": [500, 700, 900, 9999, 8888, 7777, 6666],
            "last_payment": [date(2020, 1, 1), date(2021, 1, 1), None, None, None, None, None],
        }
    )
    links = pl.DataFrame(
        {
            "supplier_id": list("abcdefg"),
            "outcome": ["matched", "matched", "unmatched", "unmatched", "unmatched", "matched", "review"],
            "org_id": ["GB-COH-00000001", "GB-COH-00000001", None, None, None, "GB-LAE-X", "GB-COH-00000008"],
            "supplier_type": ["company", "company", "unknown", "individual", "unknown", "public_body", "unknown"],
        }
    )
    # The two names of one company are one; a printed number will do where nothing matched; what is in review will not.
    assert companies(suppliers, links).to_dicts() == [
        {
            "org_id": "GB-COH-00000001",
            "supplier_names": "A | A ltd",
            "amount_pence": 1200,
            "last_payment": date(2021, 1, 1),
        },
        {"org_id": "GB-COH-00001234", "supplier_names": "Gone", "amount_pence": 900, "last_payment": None},
    ]
