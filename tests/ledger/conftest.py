"""A store of remembered columns of the tests' own, and a ledger written where a test wants it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ledger_files import Row, write_csv


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CWB_HOME", str(tmp_path / "home"))


@pytest.fixture
def ledger_csv(tmp_path: Path) -> Callable[..., Path]:
    """Write rows as `name` and return the path."""

    def write(rows: Sequence[Row], name: str = "ledger.csv", **options: Any) -> Path:
        return write_csv(tmp_path / name, rows, **options)

    return write
