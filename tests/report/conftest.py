"""The made-up run and comparison, written once."""

from pathlib import Path

import made_up_run as made_up
import pytest

from cwb.report import write_compare_report, write_run_report


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reports") / "run"
    write_run_report(out, made_up.summary(), made_up.tables())
    return out


@pytest.fixture(scope="session")
def compare_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reports") / "compare"
    write_compare_report(out, made_up.compare(), made_up.compare_tables())
    return out
