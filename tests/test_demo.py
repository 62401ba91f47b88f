"""The sample end to end: Preston's published figures, the totals that must tie, the names that must not appear."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from cwb.demo import demo
from cwb.schema import BANDS
from cwb.shipped import sample_dir


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    out = tmp_path_factory.mktemp("demo")
    return out, demo(out)


def _summary(out: Path, year: str) -> dict:
    return json.loads((out / year / "summary.json").read_text("utf-8"))


def test_every_published_figure_is_met_within_rounding(made: tuple[Path, pl.DataFrame]) -> None:
    """Preston City Council and CLES, 2012/13 and 2016/17: lookups/published/preston.csv cites each figure."""
    _, figures = made
    assert figures.height == 14
    assert figures.filter(~pl.col("within")).rows() == []


@pytest.mark.parametrize("year", ["2012-13", "2016-17"])
def test_bands_tie_to_the_rows_of_the_ledgers(made: tuple[Path, pl.DataFrame], year: str) -> None:
    out, _ = made
    summary = _summary(out, year)
    with (sample_dir() / "truth.csv").open(encoding="utf-8") as file:
        truth = [row for row in csv.DictReader(file) if row["financial_year"] == year]
    written = sum(int(row["amount_pence"]) for row in truth)
    assert summary["amount_pence"]["payments"] == written
    assert sum(summary["bands"][band]["amount_pence"] for band in BANDS) == written
    assert pl.read_parquet(out / year / "payments.parquet")["amount_pence"].sum() == written
    rows = summary["rows"]
    assert rows["read"] == rows["payments"] + rows["control_totals"] + rows["blank"] + rows["rejected"]


def test_the_change_divides_exactly_into_volume_and_rate(made: tuple[Path, pl.DataFrame]) -> None:
    out, _ = made
    compare = json.loads((out / "compare" / "compare.json").read_text("utf-8"))
    for row in compare["change"].values():
        assert row["volume_pence"] + row["rate_pence"] == row["amount_pence"]
    assert compare["comparable"]["ok"]


def test_no_name_of_an_individual_is_in_any_file(made: tuple[Path, pl.DataFrame]) -> None:
    out, _ = made
    with (sample_dir() / "truth.csv").open(encoding="utf-8") as file:
        people = {row["supplier"] for row in csv.DictReader(file) if row["supplier_type"] == "individual"}
    assert len(people) >= 5
    checked = 0
    for path in out.rglob("*"):
        if path.suffix in {".json", ".csv", ".html", ".svg", ".txt"}:
            text = path.read_text("utf-8").casefold()
            checked += 1
            assert [name for name in people if name.casefold() in text] == [], path.name
    assert checked > 40
    payments = pl.concat(pl.read_parquet(path) for path in out.glob("*/payments.parquet"))
    assert payments.filter(pl.col("supplier_name").str.to_lowercase().is_in([p.casefold() for p in people])).height == 0
