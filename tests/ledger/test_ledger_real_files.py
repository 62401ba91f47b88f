"""Every published ledger at hand, read with no mapping given, against sums computed independently (INDEX.csv)."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from cwb.errors import LedgerError
from cwb.ledger import read_ledger

INDEX = Path(__file__).resolve().parents[3] / "shared" / "data" / "ledgers" / "INDEX.csv"


def _index() -> list[dict[str, str]]:
    if not INDEX.exists():
        return []
    with INDEX.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["sum_pence"]]


@pytest.mark.parametrize("said", _index(), ids=lambda row: row["file"])
def test_reads_to_the_penny(said: dict[str, str], shared_data: Path) -> None:
    account = read_ledger([shared_data / "ledgers" / said["file"]]).account
    files: list[dict[str, Any]] = account["files"]
    got = {
        "sum_pence": account["amount_pence"]["payments"],
        "rows_data": account["rows"]["payments"],
        "rows_blank": account["rows"]["blank"],
        "rows_control_total": account["rows"]["control_totals"],
        "rows_unusable": account["rows"]["rejected"],
        "neg_rows": sum(f["negative"]["rows"] for f in files),
        "neg_pence": sum(f["negative"]["amount_pence"] for f in files),
        "redacted_rows": sum(f["redacted_rows"] for f in files),
    }
    assert got == {key: int(said[key] or 0) for key in got}


def test_every_file_of_the_index_is_there(shared_data: Path) -> None:
    assert len(_index()) == 43


def test_a_web_page_saved_as_csv_is_refused(shared_data: Path) -> None:
    with pytest.raises(LedgerError, match="a web page"):
        read_ledger([shared_data / "ledgers" / "not_a_ledger" / "2016-04.csv"])


@pytest.mark.parametrize("said", _index(), ids=lambda row: row["file"])
def test_a_printed_total_of_a_real_file_ties(said: dict[str, str], shared_data: Path) -> None:
    totals = read_ledger([shared_data / "ledgers" / said["file"]]).control_totals
    assert totals["ties"].to_list() == [True] * int(said["rows_control_total"] or 0)
