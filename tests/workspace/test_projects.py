"""A project's things are its members' own, whatever a page shows; what is erased is gone; what is kept survives."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from cwb import projects
from cwb.decisions import Decision
from cwb.errors import CwbError, WorkspaceError
from cwb.workspace import NotAllowedError, Workspace, current, history, open_workspace, record, since, undo

ANN, BOB, CAT = "ann@one.example", "bob@two.example", "cat@one.example"
DATA = b"Date,Supplier,Amount\n14/04/2016,Marlpit Roofing Ltd,5.00\n"


@pytest.fixture
def ann(store: str) -> Workspace:
    """Ann, within a project of hers that has a ledger, a decision and a note."""
    within = projects.create(replace(open_workspace(store), person=ANN), "Ours")
    projects.add_ledger(within, "ours.csv", DATA)
    record(within, [decision()])
    projects.add_note(within, "supplier", "s1", "Ask estates", label="Marlpit Roofing Ltd")
    return within


def decision(who: str = ANN, supplier_id: str = "s1") -> Decision:
    return Decision(supplier_id=supplier_id, supplier_name="Marlpit Roofing Ltd", kind="none", who=who)


def as_(workspace: Workspace, person: str) -> Workspace:
    return replace(workspace, person=person)


def last(workspace: Workspace) -> int:
    """Return the last change of Ann's, whoever asks: what a page of a moment ago still shows."""
    change = projects.last_change(as_(workspace, ANN))
    assert change is not None
    return change.sequence


READS: dict[str, Callable[[Workspace], object]] = {
    "open": projects.open_project, "ledgers": projects.ledgers, "notes": projects.notes, "runs": projects.runs,
    "audit": projects.audit, "members": projects.members, "history": history, "current": current,
    "since": lambda w: since(w, 0), "note_down": lambda w: projects.note_down(w, "took away"),
    "page": lambda w: projects.note_page(w, "where"), "last_change": projects.last_change,
    "added_files": projects.added_files,
}  # fmt: skip
WORKS: dict[str, Callable[[Workspace], object]] = {
    "add_ledger": lambda w: projects.add_ledger(w, "more.csv", b"x"),
    "remove_ledger": lambda w: projects.remove_ledger(w, hashlib.sha256(DATA).hexdigest()),
    "read_as": lambda w: projects.read_as(w, projects.KeptLedger("ours.csv", hashlib.sha256(DATA).hexdigest(), 1)),
    "decide": lambda w: record(w, [decision(str(w.person))]),
    "note": lambda w: projects.add_note(w, "figure", "bands", "So", label="Bands"),
    "choose": lambda w: projects.choose(w, place="Preston"),
    "add_file": lambda w: projects.add_file(w, "targets.csv", b"name\n"),
    "take_back": lambda w: projects.take_back(w, last(w)),
    "adopt": lambda w: projects.adopt_run(w, "k", {}),
}  # fmt: skip
OWNS: dict[str, Callable[[Workspace], object]] = {
    "rename": lambda w: projects.rename(w, "Mine now"), "give": lambda w: projects.give_role(w, CAT, "owner"),
    "take": lambda w: projects.take_role(w, ANN), "retain": lambda w: projects.retain(w, 1), "erase": projects.erase,
}  # fmt: skip


@pytest.mark.parametrize("what", [*READS, *WORKS, *OWNS])
def test_a_stranger_is_refused_everything(ann: Workspace, what: str) -> None:
    with pytest.raises(NotAllowedError, match="no such project"):
        (READS | WORKS | OWNS)[what](as_(ann, BOB))
    assert projects.listing(as_(ann, BOB)) == []
    assert [one.name for one in projects.ledgers(ann)] == ["ours.csv"]


@pytest.mark.parametrize("role", ["viewer", "reviewer"])
def test_a_role_allows_what_it_says_and_no_more(ann: Workspace, role: str) -> None:
    projects.give_role(ann, CAT, role)
    cat = as_(ann, CAT)
    for do in READS.values():
        do(cat)
    for name, do in (WORKS | OWNS).items():
        if role == "reviewer" and name in WORKS:
            do(cat)
            continue
        with pytest.raises(NotAllowedError, match=f"yours is {role}"):
            do(cat)


def test_a_decision_is_made_in_nobody_elses_name(ann: Workspace) -> None:
    with pytest.raises(NotAllowedError, match="never in another's"):
        record(ann, [decision(who=BOB)])
    made = decision()
    record(ann, [made])
    with pytest.raises(NotAllowedError):
        undo(ann, made.decision_id, who=BOB)


def test_someone_signed_in_decides_nothing_outside_a_project(store: str) -> None:
    with pytest.raises(NotAllowedError):
        record(replace(open_workspace(store), person=ANN), [decision()])


def test_two_projects_do_not_see_each_others_decisions(ann: Workspace) -> None:
    other = projects.create(replace(ann, project=None), "Another")
    assert current(other).height == 0
    assert since(other, 0)[0].height == 0
    theirs = history(ann)["decision_id"][0]
    with pytest.raises(WorkspaceError, match="no decision"):
        undo(other, theirs, who=ANN)
    outside = Decision(supplier_id="s9", kind="none", who="the command line")
    record(replace(ann, project=None, person=None), [outside])
    assert "s9" in current(other)["supplier_id"]
    assert "s9" in current(ann)["supplier_id"]


def test_ledgers_come_back_whole(ann: Workspace, tmp_path: Path) -> None:
    data = bytes(range(256)) * 80_000  # more than one part
    kept = projects.add_ledger(ann, "../../big.csv", data)
    assert kept.name == "big.csv"
    projects.write_ledger(ann, kept.sha256, tmp_path / "big.csv")
    assert (tmp_path / "big.csv").read_bytes() == data
    with pytest.raises(CwbError, match="already here"):
        projects.add_ledger(ann, "again.csv", data)
    projects.remove_ledger(ann, kept.sha256)
    assert [one.name for one in projects.ledgers(ann)] == ["ours.csv"]
    projects.restore_ledger(ann, kept.sha256)
    assert [one.name for one in projects.ledgers(ann)] == ["ours.csv", "big.csv"]


def test_an_account_of_an_earlier_reading_is_not_kept(ann: Workspace) -> None:
    before = projects.ledgers(ann)[0]
    projects.read_as(ann, replace(before, institution="Ribblebank"))
    projects.keep_account(ann, before, {"rows": 1})
    assert projects.ledgers(ann)[0].account is None
    projects.keep_account(ann, projects.ledgers(ann)[0], {"rows": 1})
    assert projects.ledgers(ann)[0].account == {"rows": 1}


def test_what_is_erased_is_gone_and_the_rest_stays(ann: Workspace, store: str) -> None:
    other = projects.create(replace(ann, project=None), "Another")
    record(other, [decision(supplier_id="s2")])
    projects.erase(ann)
    assert [one.name for one in projects.listing(ann)] == ["Another"]
    assert current(other)["supplier_id"].to_list() == ["s2"]
    with ann.engine.begin() as connection:
        for table in ("ledgers", "ledger_parts", "notes", "runs", "members", "decisions", "audit"):
            left = sa.text(f"SELECT count(*) FROM {table} WHERE project_id = :p")
            assert connection.execute(left, {"p": ann.project}).scalar() == 0, table
    if "://" not in store:
        assert b"ours.csv" not in Path(store).read_bytes()


@pytest.mark.parametrize("table", ["decisions", "audit"])
def test_history_cannot_be_changed_or_deleted_while_its_project_is_there(ann: Workspace, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET who = 'x'"):
        with pytest.raises(sa.exc.DBAPIError), ann.engine.begin() as connection:
            connection.execute(sa.text(statement))
    assert history(ann).height == 1


def test_a_project_keeps_an_owner(ann: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="needs an owner"):
        projects.take_role(ann, ANN)
    with pytest.raises(WorkspaceError, match="needs an owner"):
        projects.give_role(ann, ANN, "viewer")
    projects.give_role(ann, CAT, "owner")
    projects.take_role(ann, ANN)
    assert projects.members(as_(ann, CAT)) == [(CAT, "owner")]


def test_a_project_past_its_keeping_is_erased(ann: Workspace) -> None:
    projects.retain(ann, 30)
    assert projects.erase_old(ann) == []
    with ann.engine.begin() as connection:
        long_ago = (datetime.now(UTC) - timedelta(days=31)).isoformat(timespec="microseconds")
        connection.execute(sa.text("UPDATE projects SET used_at = :t"), {"t": long_ago})
    assert projects.erase_old(ann) == [ann.project]
    assert projects.listing(ann) == []


def test_notes_are_taken_away_and_had_back(ann: Workspace) -> None:
    note = projects.notes(ann, "supplier", "s1")[0]
    assert (note.text, note.who) == ("Ask estates", ANN)
    projects.remove_note(ann, note.note_id)
    assert projects.notes(ann) == []
    projects.restore_note(ann, note.note_id)
    assert projects.notes(ann) == [note]
    with pytest.raises(WorkspaceError, match="needs some text"):
        projects.add_note(ann, "figure", "bands", "  ", label="Bands")


def test_changes_of_settings_are_taken_back_the_last_first(ann: Workspace) -> None:
    ledger = projects.ledgers(ann)[0]
    projects.choose(ann, place="Preston")
    projects.choose(ann, place="", own_place="mine")
    projects.read_as(ann, replace(ledger, institution="Ribblebank", columns={"amount": "Net"}))
    projects.remove_ledger(ann, ledger.sha256)

    projects.take_back(ann, last(ann))
    assert projects.ledgers(ann)[0].institution == "Ribblebank"
    projects.take_back(ann, last(ann))
    assert projects.ledgers(ann) == [ledger]
    projects.take_back(ann, last(ann))
    choices = projects.open_project(ann).choices
    assert (choices.place, choices.own_place) == ("Preston", "")
    projects.take_back(ann, last(ann))
    assert projects.open_project(ann).choices.place == ""
    projects.take_back(ann, last(ann))  # the ledger that the project began with
    assert projects.ledgers(ann) == []
    assert projects.last_change(ann) is None
    said = projects.audit(ann).filter(pl.col("what") == "took back")["detail"].to_list()
    assert said[0] == "added a ledger: ours.csv"
    assert len(said) == 5


def test_what_changed_meanwhile_is_not_taken_back_unseen(ann: Workspace) -> None:
    seen = last(ann)
    projects.give_role(ann, CAT, "reviewer")
    projects.choose(as_(ann, CAT), basis="any_address")
    with pytest.raises(WorkspaceError, match="something else was changed"):
        projects.take_back(ann, seen)
    change = projects.last_change(ann)
    assert change is not None
    assert (change.who, change.detail) == (CAT, "basis")


def test_files_beside_ledgers_are_kept_apart_and_replaced_by_name(ann: Workspace, tmp_path: Path) -> None:
    projects.add_file(ann, "targets.csv", b"old")
    projects.add_file(ann, "owners.csv", b"owners")
    projects.add_file(ann, "targets.csv", b"new")
    assert [one.name for one in projects.added_files(ann)] == ["owners.csv", "targets.csv"]
    assert [one.name for one in projects.ledgers(ann)] == ["ours.csv"]
    assert projects.ledgers(ann, removed=True) == []
    for _ in ("new", "old"):
        projects.take_back(ann, last(ann))
    assert [one.size for one in projects.added_files(ann)] == [len(b"old"), len(b"owners")]
    new = projects.add_file(ann, "targets.csv", b"new")
    projects.write_ledger(ann, new.sha256, tmp_path / "targets.csv")
    assert (tmp_path / "targets.csv").read_bytes() == b"new"
    projects.remove_ledger(ann, new.sha256)
    assert [one.name for one in projects.added_files(ann)] == ["owners.csv"]
    projects.take_back(ann, last(ann))
    assert [one.name for one in projects.added_files(ann)] == ["owners.csv", "targets.csv"]


_ADDING = """
import sys
from dataclasses import replace
from cwb import projects
from cwb.workspace import open_workspace
within = projects.create(open_workspace(sys.argv[1]), "Ours")
for at in range(1000):
    projects.add_ledger(within, f"{at}.csv", str(at).encode() * 2_000_000)
    print(at, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(store: str, run_python: Callable[..., object], tmp_path: Path) -> None:
    child = run_python(_ADDING, store)
    seen = [int(child.stdout.readline()) for _ in range(3)]
    time.sleep(0.02)
    child.kill()  # in the middle of the next one
    child.wait()
    seen += [int(line) for line in child.stdout.read().split()]
    held = open_workspace(store)
    within = projects.within(held, projects.listing(held)[0].project_id)
    kept = projects.ledgers(within)
    assert [one.name for one in kept][: len(seen)] == [f"{at}.csv" for at in seen]
    for one in kept:  # what is there at all is whole
        projects.write_ledger(within, one.sha256, tmp_path / one.name)
