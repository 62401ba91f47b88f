"""A result kept on disk is the same when it is opened again, with all that it was asked for."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_run import summary, tables

from cwb.errors import RunError
from cwb.impact import COMPACT, Regionalised
from cwb.impact.assumptions import CENTRAL
from cwb.impact.sector_table import compact
from cwb.kept_runs import keep_run, open_run
from cwb.pipeline import place_of
from cwb.run import Run, Settings


def run_with(made: Regionalised) -> Run:
    run = Run(summary(), tables())
    settings = Settings(place_of(run), "best_evidence", False, (("a.csv", "00"),), None, CENTRAL, regionalised=made)
    return replace(run, settings=settings)


def plain(value: Any) -> Any:
    """Return a frozen value as one that compares by content."""
    if value is None or isinstance(value, str | int | float | tuple | dict):
        return value
    if isinstance(value, np.ndarray):
        return value.tolist()
    return {one.name: plain(getattr(value, one.name)) for one in fields(value)}


@pytest.mark.parametrize(
    "made",
    [
        COMPACT,
        Regionalised(quotient="aflq", local_jobs={"C": 1200.0, "F": 0.1}, region_jobs={"C": 9000.0, "F": 7.0}),
        Regionalised(table=replace(compact(), name="The user's own"), local_jobs={"C": 1.0}),
    ],
    ids=["the compact table", "jobs of the place", "a table of the user's"],
)
def test_how_multipliers_were_made_is_kept(made: Regionalised, tmp_path: Path) -> None:
    keep_run(run_with(made), tmp_path / "run")
    opened = open_run(tmp_path / "run")
    assert opened.settings is not None
    assert plain(opened.settings.regionalised) == plain(made)
    assert opened.settings.inputs == (("a.csv", "00"),)
    assert opened.summary == summary()


def test_a_damaged_result_says_what_to_do(tmp_path: Path) -> None:
    keep_run(run_with(COMPACT), tmp_path / "run")
    (tmp_path / "run" / "settings.json").write_text("{", "utf-8")
    with pytest.raises(RunError, match="analyse the ledgers again"):
        open_run(tmp_path / "run")
