"""Real ledgers compared: two quarters of one trust, two months of another; opportunities against a real register."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from companies_house_file import write_extract

from cwb.coming_home import opportunities
from cwb.indicators.decomposition import PARTS
from cwb.pipeline import LedgerFile, analyse, compare
from cwb.register import build_register
from cwb.schema import BANDS

LEDGERS = {
    "royal-free": ("royal-free-nhs", "ROYF 01-03 - April - June.csv", "ROYF 07-09 - October - December.xlsx", "Camden"),
    "barts": ("barts-nhs", "BART 01 - April.xlsx", "BART 09 - December.xls", "Tower Hamlets"),
}


@pytest.mark.parametrize("name", LEDGERS)
def test_two_periods_of_one_year_are_told_apart(shared_data: Path, name: str) -> None:
    folder, first, last, place = LEDGERS[name]
    paths = [shared_data / "ledgers" / folder / file for file in (first, last)]
    runs = [analyse([LedgerFile(path, "The trust")], place) for path in paths]
    made = compare(runs)
    kinds = {check["kind"] for check in made.compare["comparable"]["checks"]}
    assert "months" in kinds
    assert "years" not in kinds  # it is one year, in different months of it
    for band in BANDS:
        parts = made.compare["parts"]["suppliers"][band]
        assert sum(parts[part]["amount_pence"] for part in PARTS) == made.compare["change"][band]["amount_pence"]
    text = made.compare["paragraph"]
    assert text.count("2020-21") >= 2
    assert "2020-21, £" in text  # each period is named with its months
    assert "different months" in text
    assert "least it can be" in text  # without a register next to nothing has a place
    names = {path.name for path in paths}
    assert {one["file"] for run in runs for one in run.account["files"]} == names


@pytest.mark.slow
def test_opportunities_of_a_real_ledger_tie_and_name_live_local_companies(shared_data: Path, tmp_path: Path) -> None:
    source = write_extract(shared_data / "matching" / "register_real_extract.parquet", tmp_path / "register.csv")
    build_register([source], tmp_path / "index")
    folder, first, _, place = LEDGERS["royal-free"]
    ledger = LedgerFile(shared_data / "ledgers" / folder / first, "The trust")
    run = analyse([ledger], place, register=tmp_path / "index")
    made = opportunities([run], tmp_path / "index", briefs=1)
    out = made.tables["left_out"]
    leaked = run.summary["bands"]["leaked"]["amount_pence"]
    assert made.found["in_opportunities_pence"] + int(out["amount_pence"].sum()) == leaked
    free = made.tables["unused_companies"]
    assert free.height
    live = pl.read_ipc(tmp_path / "index" / "organisations.arrow").filter(
        pl.col("org_id").is_in(free["org_id"].to_list())
    )
    assert set(live["status"]) <= {"Active", "Open", "Registered"}
    assert any("months" in note for note in made.found["notes"])
