"""The history of decisions is whole whatever happens: two at once, a kill, an old schema; SQLite and PostgreSQL."""

import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from cwb.decisions import Decision
from cwb.errors import WorkspaceError
from cwb.workspace import (
    DecidedMeanwhileError,
    Workspace,
    add_history,
    current,
    history,
    open_workspace,
    record,
    since,
    undo,
)

Start = Callable[..., "subprocess.Popen[str]"]

REVIEWER = """
import sys
from cwb.decisions import Decision
from cwb.workspace import open_workspace, record
where, who, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
workspace = open_workspace(where)
for i in range(count):
    decision = Decision(supplier_id=f"s{i}", kind="accept", value="GB-COH-1", who=who)
    record(workspace, [decision])
    print(decision.decision_id)
"""

BATCHES = """
import sys
from cwb.decisions import Decision
from cwb.workspace import open_workspace, record
workspace = open_workspace(sys.argv[1])
batch = 0
while True:
    record(workspace, [Decision(supplier_id=f"s{i}", kind="none", who="Asha", why=str(batch)) for i in range(200)])
    print(batch)
    batch += 1
"""


def _decision(**more: str | None) -> Decision:
    return Decision.model_validate({"supplier_id": "s1", "kind": "none", "who": "Asha", **more})


def _kinds(workspace: Workspace) -> list[str]:
    return current(workspace)["kind"].to_list()


def test_what_is_recorded_is_there_after_opening_again(store: str) -> None:
    made = _decision(kind="choose", value="GB-COH-01234567", supplier_name="Café “Ünïcode” Ltd", why="phoned\nthem")
    record(open_workspace(store), [made])
    assert history(open_workspace(store)).row(0, named=True) == made.model_dump()


def test_the_newest_decision_holds_and_where_stands_beside_who(store: str) -> None:
    workspace = open_workspace(store)
    record(workspace, [_decision(), _decision(kind="operates_at", value="PR1 2RL"), _decision(kind="individual")])
    assert sorted(_kinds(workspace)) == ["individual", "operates_at"]
    assert history(workspace).height == 3


def test_undoing_brings_back_what_held_before_and_an_undoing_can_be_undone(store: str) -> None:
    workspace = open_workspace(store)
    first, second = _decision(kind="accept", value="GB-COH-1"), _decision(kind="none")
    record(workspace, [first, second])
    undoing = undo(workspace, second.decision_id[:10], who="Ben", why="a slip")
    assert _kinds(workspace) == ["accept"]
    with pytest.raises(WorkspaceError, match="is undone already"):
        undo(workspace, second.decision_id, who="Ben")
    undo(workspace, undoing.decision_id, who="Asha")
    assert _kinds(workspace) == ["none"]
    undo(workspace, second.decision_id, who="Asha")
    undo(workspace, first.decision_id, who="Asha")
    assert _kinds(workspace) == []
    assert history(workspace).height == 6


def test_undoing_what_is_not_there_is_told(store: str) -> None:
    workspace = open_workspace(store)
    record(workspace, [_decision(decision_id="aa1"), _decision(decision_id="aa2")])
    with pytest.raises(WorkspaceError, match="no decision begins with 'zz'"):
        undo(workspace, "zz", who="Ben")
    with pytest.raises(WorkspaceError, match="several decisions begin with 'aa'"):
        undo(workspace, "aa", who="Ben")


def test_all_decisions_of_one_go_are_written_or_none(store: str) -> None:
    workspace = open_workspace(store)
    with pytest.raises(WorkspaceError, match="no decision 'missing' to undo"):
        record(workspace, [_decision(), _decision(kind="undo", undoes="missing")])
    assert history(workspace).height == 0


def test_a_decision_made_without_seeing_anothers_is_not_recorded(store: str) -> None:
    here, there = open_workspace(store), open_workspace(store)
    theirs, mine = _decision(who="Ben", kind="individual"), _decision()
    record(there, [theirs])
    with pytest.raises(DecidedMeanwhileError):
        record(here, [mine], seen={"s1": frozenset()})
    assert history(here)["who"].to_list() == ["Ben"]
    record(here, [mine], seen={"s1": frozenset({theirs.decision_id})})
    assert _kinds(here) == ["none"]
    record(there, [_decision(supplier_id="s2", who="Ben")], seen={"s2": frozenset()})


def test_what_came_since_is_all_that_came_and_once(store: str) -> None:
    here, there = open_workspace(store), open_workspace(store)
    assert since(here, 0)[0].height == 0
    record(here, [_decision(), _decision(supplier_id="s2")])
    first, at = since(here, 0)
    assert since(here, at)[0].height == 0
    record(there, [_decision(supplier_id="s3", who="Ben")])
    second, end = since(here, at)
    assert [*first["supplier_id"], *second["supplier_id"]] == ["s1", "s2", "s3"]
    assert end > at
    assert pl.concat([first, second]).equals(history(here))


@pytest.mark.parametrize("statement", ["UPDATE decisions SET who = 'Mallory'", "DELETE FROM decisions"])
def test_the_database_itself_refuses_to_rewrite_history(store: str, statement: str) -> None:
    workspace = open_workspace(store)
    record(workspace, [_decision()])
    with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"), workspace.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert history(workspace)["who"].to_list() == ["Asha"]


def test_histories_of_two_stores_come_together_once(store: str, tmp_path: Path) -> None:
    here, there = open_workspace(store), open_workspace(tmp_path / "other.db")
    old, new = _decision(decided_at="2026-01-01T09:00:00+00:00"), _decision(kind="individual")
    record(here, [new])
    record(there, [old])
    undo(there, old.decision_id, who="Ben")
    brought = [Decision.model_validate(row) for row in history(there).iter_rows(named=True)]
    assert add_history(here, brought) == (2, 0)
    assert add_history(here, brought) == (0, 2)
    assert history(here).height == 3
    # What came later into this store but was decided earlier does not win.
    assert _kinds(here) == ["individual"]


def test_two_reviewers_at_once_lose_nothing(store: str, run_python: Start) -> None:
    # Neither store exists yet: both processes also make its tables.
    running = [run_python(REVIEWER, store, who, "40") for who in ("Asha", "Ben")]
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    kept = history(open_workspace(store))
    assert sorted(kept["decision_id"]) == sorted(line for out, _ in said for line in out.split())
    assert Counter(kept["who"]) == {"Asha": 40, "Ben": 40}
    assert current(open_workspace(store)).height == 40


def test_a_kill_in_mid_write_keeps_every_whole_batch_and_no_part_of_one(store: str, run_python: Start) -> None:
    process = run_python(BATCHES, store)
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(5)]
    process.send_signal(signal.SIGKILL)
    told += process.communicate()[0].split()
    assert process.returncode == -signal.SIGKILL
    workspace = open_workspace(store)
    kept = dict(history(workspace).group_by("why").len().iter_rows())
    assert set(kept.values()) == {200}
    assert set(told) <= set(kept)
    record(workspace, [_decision()])
    assert history(workspace).height == 200 * len(kept) + 1


def _at_version(workspace_url: str, version: str) -> sa.Engine:
    """Make a store as an older cwb did."""
    url = workspace_url.replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(url if "://" in url else f"sqlite:///{url}")
    config = Config()
    config.set_main_option("script_location", "cwb:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    return engine


def test_a_store_of_the_previous_schema_is_brought_up_to_date_with_its_history(store: str) -> None:
    engine = _at_version(store, "0001")
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO decisions (decision_id, supplier_id, supplier_name, kind, value, why, who, decided_at) "
                "VALUES ('d1', 's1', 'ACME', 'accept', 'GB-COH-1', '', 'Asha', '2026-01-01T00:00:00.000000+00:00')"
            )
        )
    engine.dispose()
    workspace = open_workspace(store)
    record(workspace, [_decision(supplier_id="s2")])
    kept = history(workspace)
    assert kept["decision_id"].to_list()[0] == "d1"
    assert kept["snapshot"].to_list() == [None, None]
    with pytest.raises(sa.exc.DBAPIError, match="never changed"), workspace.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM decisions"))


def test_two_processes_may_bring_an_old_store_up_to_date_at_once(store: str, run_python: Start) -> None:
    _at_version(store, "0001").dispose()
    running = [run_python(REVIEWER, store, who, "3") for who in ("Asha", "Ben", "Chi")]
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * 3, said
    assert history(open_workspace(store)).height == 9


def test_a_store_of_a_newer_cwb_is_left_alone(store: str) -> None:
    workspace = open_workspace(store)
    with workspace.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WorkspaceError, match="made by a newer cwb"):
        open_workspace(store)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE books (title TEXT)")
    with pytest.raises(WorkspaceError, match="holds something else"):
        open_workspace(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("books",)]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("/nowhere/at/all/team.db", "unable to open database file"),
        ("mysql://host/name", "not mysql"),
        ("postgresql://u:sesame@127.0.0.1:1/x", "Connection refused"),
        ("://", "not a path or a database URL"),
        ("sqlite://", "not sqlite"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_line_without_a_password(where: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said) as caught:
        open_workspace(where)
    assert "\n" not in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are notes, not a database, and they are long enough to be read as one")
    with pytest.raises(WorkspaceError, match="not a database"):
        open_workspace(path)
    assert path.read_text().startswith("these are notes")


def test_an_empty_store_has_an_empty_history(store: str) -> None:
    workspace = open_workspace(store)
    assert history(workspace).height == 0
    assert current(workspace).height == 0
    assert history(workspace).schema["decided_at"] == pl.String
