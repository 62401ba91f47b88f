"""A PostgreSQL server of the tests' own, on the loopback, stopped at the end; each test gets a database of its own."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from required import missing


def _programs() -> Path | None:
    found = shutil.which("pg_ctl")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def _as_owner() -> list[str]:
    """Return how to run a server's program: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    names = {user.pw_name for user in pwd.getpwall()}
    return ["runuser", "-u", "postgres" if "postgres" in names else "nobody", "--"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server; give the URL of its databases up to the name."""
    programs = _programs()
    if programs is None:
        missing("needs PostgreSQL's binaries (apt-get install postgresql)")
    # The server's user must reach its folder, which pytest's own folders do not allow.
    folder = Path("/tmp") / f"cwb-test-pg-{uuid4().hex[:8]}"
    folder.mkdir(mode=0o755)
    owner = _as_owner()
    if owner:
        shutil.chown(folder, user=owner[2])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"

    def run(*words: str) -> None:
        done = subprocess.run(
            [*owner, *words], check=False, cwd="/", capture_output=True, text=True, timeout=120
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        run(str(programs / "initdb"), "-D", str(data), "-U", "cwb", "-A", "trust", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
        run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://cwb@127.0.0.1:{port}/"
        finally:
            # pg_ctl stops the server of this data folder, by the id it wrote there.
            run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: str) -> str:
    """Make a fresh database; give its URL."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(f"{server}postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server + name
