"""The backup that the deployment guide tells: dumped with PostgreSQL's own tools, restored into an empty database."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from postgres import database, server
from required import missing

from cwb import projects
from cwb.decisions import Decision
from cwb.workspace import current, history, open_workspace, record

__all__ = ["database", "server"]
ANN = "ann@one.example"
LEDGER = b"Date,Supplier,Amount\n14/04/2016,Marlpit Roofing Ltd,5.00\n"


def decision(supplier_id: str) -> Decision:
    return Decision(supplier_id=supplier_id, supplier_name="Marlpit Roofing Ltd", kind="none", who=ANN)


def test_a_restored_database_goes_on_where_the_dumped_one_stood(server: str, database: str, tmp_path: Path) -> None:
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        missing("needs pg_dump and pg_restore (apt-get install postgresql-client)")
    before = projects.create(replace(open_workspace(database), person=ANN), "Ours")
    projects.add_ledger(before, "ours.csv", LEDGER)
    record(before, [decision("s1"), decision("s2")])
    projects.add_note(before, "supplier", "s1", "Ask estates", label="Marlpit Roofing Ltd")

    dump, restored = tmp_path / "cwb.dump", server + f"t{uuid4().hex}"
    with psycopg.connect(f"{server}postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {restored.rpartition('/')[2]}")
    for command in (
        ["pg_dump", "--format=custom", f"--file={dump}", database],
        ["pg_restore", "--role=cwb", "--no-owner", "--exit-on-error", f"--dbname={restored}", str(dump)],
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    after = replace(before, engine=open_workspace(restored).engine)
    assert projects.open_project(after) == projects.open_project(before)
    assert history(after).equals(history(before))
    assert projects.audit(after).equals(projects.audit(before))
    assert projects.notes(after) == projects.notes(before)
    (kept,) = projects.ledgers(after)
    projects.write_ledger(after, kept.sha256, tmp_path / "back.csv")
    assert (tmp_path / "back.csv").read_bytes() == LEDGER

    record(after, [decision("s3")])  # numbers go on from where they were
    assert current(after)["supplier_id"].to_list() == ["s1", "s2", "s3"]
    with pytest.raises(sa.exc.DBAPIError), after.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM decisions")
