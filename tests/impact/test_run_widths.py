"""A run tells how sure its shares are: bounds from what is unknown, and what matches under review would make of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cwb.impact.assumptions import find_set
from cwb.pipeline import LedgerFile, Run, analyse, with_assumptions

# Deepdale (PR1) is in Preston; the others print no postcode and no register is given: their place is unknown.
_LEDGER = """Date,Supplier,Amount,Postcode
01/04/2016,Deepdale Joinery Ltd,600.00,PR1 2HE
03/06/2016,Salford Cloud Services Ltd,300.00,M50 2EQ
05/08/2016,Nowhere Known Ltd,100.00,
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    ledger = tmp_path_factory.mktemp("ledger") / "ledger.csv"
    ledger.write_text(_LEDGER, "utf-8")
    return analyse([LedgerFile(Path(ledger))], "preston")


def test_each_share_is_bounded_by_what_is_unknown(run: Run) -> None:
    summary = run.summary
    # £600 local of £1,000, £100 unknown and none of it under review.
    assert summary["bounds"]["local"] == {"low": 0.6, "central": 0.6, "high": 0.7, "expected": 0.6}
    assert summary["bounds"]["leaked"] == {"low": 0.3, "central": 0.3, "high": 0.4, "expected": 0.3}
    assert set(run.tables) >= {"share_bounds", "tornado", "gross_to_net"}


def test_other_assumptions_move_the_estimates_and_nothing_else(run: Run) -> None:
    cautious = with_assumptions(run, find_set("cautious"))
    assert cautious.summary["bands"] == run.summary["bands"]
    assert cautious.summary["impact"]["set"] == "cautious"
    assert cautious.summary["impact"]["differences"]
    before, after = (
        {f["id"]: f["central"] for f in one.summary["impact"]["figures"] if f["kind"].startswith("jobs")}
        for one in (run, cautious)
    )
    assert before.keys() == after.keys()
    assert all(after[key] <= before[key] for key in before)
    assert after != before


def test_a_users_own_value_is_printed_with_their_source(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'name = "ours"\n[values."impact.deadweight"]\nvalue = 0.3\nlow = 0.2\nhigh = 0.4\nsource = "Our evaluation"\n',
        "utf-8",
    )
    ours = with_assumptions(run, find_set(str(own)))
    row = ours.tables["assumptions"].row(by_predicate=pl.col("id") == "impact.deadweight", named=True)
    assert (row["value"], row["source"], row["kind"]) == (0.3, "Our evaluation", "own")
    assert [one["id"] for one in ours.summary["impact"]["differences"]] == ["impact.deadweight"]
