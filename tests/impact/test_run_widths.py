"""A run tells how sure its shares are: bounds from what is unknown, and what matches under review would make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cwb.pipeline import LedgerFile, analyse

# Deepdale (PR1) is in Preston; the others print no postcode and no register is given: their place is unknown.
_LEDGER = """Date,Supplier,Amount,Postcode
01/04/2016,Deepdale Joinery Ltd,600.00,PR1 2HE
03/06/2016,Salford Cloud Services Ltd,300.00,M50 2EQ
05/08/2016,Nowhere Known Ltd,100.00,
"""


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    ledger = tmp_path_factory.mktemp("ledger") / "ledger.csv"
    ledger.write_text(_LEDGER, "utf-8")
    run = analyse([LedgerFile(Path(ledger))], "preston")
    assert set(run.tables) >= {"share_bounds", "tornado", "gross_to_net"}
    return run.summary


def test_each_share_is_bounded_by_what_is_unknown(summary: dict[str, dict[str, dict[str, float]]]) -> None:
    # £600 local of £1,000, £100 unknown and none of it under review.
    assert summary["bounds"]["local"] == {"low": 0.6, "central": 0.6, "high": 0.7, "expected": 0.6}
    assert summary["bounds"]["leaked"] == {"low": 0.3, "central": 0.3, "high": 0.4, "expected": 0.3}
