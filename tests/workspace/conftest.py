"""Stores of each kind, and processes of their own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from postgres import database, server

__all__ = ["database", "server"]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name a store that does not exist yet, of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "team.db")
    return str(request.getfixturevalue("database"))


@pytest.fixture
def run_python() -> Callable[..., subprocess.Popen[str]]:
    """Start Python code in a process of its own, with arguments."""

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-u", "-c", code, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return start
