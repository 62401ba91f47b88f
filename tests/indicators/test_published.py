"""Published results from rows: Manchester, North Ayrshire, South and East Ayrshire, deflated Preston."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_ledgers import banded, run_frames

from cwb.deflators import factor
from cwb.indicators.change import change_of_bands, per_cent_change
from cwb.indicators.comparison import in_real_terms
from cwb.indicators.concentration import concentration
from cwb.indicators.leakage import summarise
from cwb.indicators.side import Side

MILLION = 100_000_000  # pence in £1m


@pytest.fixture(scope="module")
def golden(shared_reference: Path) -> dict[str, dict[str, Any]]:
    return {case["id"]: case for case in json.loads((shared_reference / "golden.json").read_text("utf-8"))}


def bands(rows: list[tuple[str, str, str | None, int]]) -> dict[str, int]:
    """Sum rows by band through the run's own measure of leakage."""
    frames = banded(rows)
    told = summarise(frames.banded, frames.suppliers, frames.links, {})["bands"]
    return {band: one["amount_pence"] for band, one in told.items()}


def ledger(total_m: float, local_m: float, suppliers: int = 40) -> list[tuple[str, str, str | None, int]]:
    """A ledger of that much in all and locally, over some suppliers, to the penny."""
    rows = []
    for band, pence in (("local", round(local_m * MILLION)), ("leaked", round((total_m - local_m) * MILLION))):
        each = pence // suppliers
        rows += [
            (f"{band.title()} Supplier {i} Ltd", band, "General", each + (pence - each * suppliers if i == 0 else 0))
            for i in range(suppliers)
        ]
    return rows


@pytest.mark.parametrize(("case", "published_m"), [("manchester-rise-2018-19", 138), ("manchester-rise-2017-18", 123)])
def test_manchester_rises(golden: dict[str, dict[str, Any]], case: str, published_m: float) -> None:
    # CLES: top 300 suppliers, 2008/09 against the year.
    given = golden[case]["inputs"]
    sides = [
        bands(ledger(given[f"{side}_total"], given[f"{side}_total"] * given[f"{side}_pct"] / 100))
        for side in ("base", "latest")
    ]
    local = change_of_bands(*sides).row(0, named=True)
    assert local["amount_pence"] / MILLION == pytest.approx(golden[case]["expected"], abs=0.05)
    assert local["amount_pence"] / MILLION == pytest.approx(published_m, abs=golden[case]["tolerance"]["abs"])
    assert local["share_points"] == pytest.approx(given["latest_pct"] - given["base_pct"], abs=1e-6)


def test_manchester_2016_17_does_not_come_to_what_was_published(golden: dict[str, dict[str, Any]]) -> None:
    # The published inputs give £135.6m, the published rise is £132m: kept as a known mismatch, never tuned to.
    given = golden["manchester-rise-2016-17"]["inputs"]
    base = bands(ledger(given["base_total"], given["base_total"] * given["base_pct"] / 100))
    latest = bands(ledger(given["latest_total"], given["latest_total"] * given["latest_pct"] / 100))
    rise = change_of_bands(base, latest).row(0, named=True)["amount_pence"] / MILLION
    assert rise == pytest.approx(golden["manchester-rise-2016-17"]["expected"], abs=0.1)
    assert abs(rise - 132) > 3


def test_north_ayrshire_2022_23(golden: dict[str, dict[str, Any]]) -> None:
    # Ardrossan Herald, November 2023: 26%, £6.5m more, the top 16 of 926 local suppliers 60%.
    case = golden["north-ayrshire-2022-23"]
    given, expected, tolerance = case["inputs"], case["expected"], case["tolerance"]
    top = round(given["top16_local"] * MILLION)
    rest = round((given["local"] - given["top16_local"]) * MILLION)
    rows = [(f"Top {i} Ltd", "local", None, top // 16 + (top % 16 if i == 0 else 0)) for i in range(16)]
    rows += [(f"Small {i} Ltd", "local", None, rest // 910 + (rest % 910 if i == 0 else 0)) for i in range(910)]
    rows += [("Elsewhere Ltd", "leaked", None, round((given["total"] - given["local"]) * MILLION))]
    now = bands(rows)
    before = bands(ledger(given["total"], given["previous_local"]))
    local = change_of_bands(before, now).row(0, named=True)
    assert 100 * local["share_to"] == pytest.approx(expected["local_pct"], abs=tolerance["pct_abs"])
    assert local["amount_pence"] / MILLION == pytest.approx(expected["change_gbp_m"], abs=tolerance["abs"])
    spend, payees = run_frames(banded(rows))
    known = spend.join(payees, on="supplier_id").with_columns(payee="supplier_id")
    share = concentration(known, [16]).row(by_predicate=pl.col("band") == "local", named=True)
    assert share["suppliers"] == 926
    assert 100 * share["top_16_share"] == pytest.approx(expected["top16_pct"], abs=tolerance["pct_abs"])


@pytest.mark.parametrize(
    ("total", "local", "published"), [(257.5, 70.26, 27.29), (834, 71, 8.5)], ids=["south-ayrshire", "ayrshire-anchors"]
)
def test_ayrshire_shares(total: float, local: float, published: float) -> None:
    # Cumnock Chronicle 2024; Ardrossan Herald, November 2023.
    sums = bands(ledger(total, local))
    assert 100 * sums["local"] / sum(sums.values()) == pytest.approx(published, abs=0.06)


def test_east_ayrshire_grew_by_less_than_seven_per_cent() -> None:
    # £54.5m to £58.1m: 6.6% on the rounded figures, published 6.65.
    assert per_cent_change(54.5, 58.1) == pytest.approx(6.65, abs=0.06)


def _side(total_m: float, local_m: float, year: str) -> Side:
    sums = {**bands(ledger(total_m, local_m)), "regional": 0, "unknown": 0}
    return Side(
        {
            "years": [year],
            "institutions": ["Six anchors"],
            "bands": {band: {"amount_pence": pence, "share": None} for band, pence in sums.items()},
            "by_institution": [{"institution": "Six anchors", "financial_year": year, "bands": sums}],
        }
    )


def test_preston_in_real_terms(golden: dict[str, dict[str, Any]]) -> None:
    # £746m in 2012-13, £616m in 2016-17: 17.4% down in money, 22.3% at 2016-17 prices (HM Treasury deflators).
    case = golden["deflator-preston-real"]
    first, last = _side(746, 38, "2012-13"), _side(616, 112.3, "2016-17")
    assert per_cent_change(746, 616) == pytest.approx(case["expected"]["nominal_change_pct"], abs=0.15)
    real = in_real_terms(first, last)
    assert real["year"] == "2016-17"
    assert real["per_cent"] == pytest.approx(case["expected"]["real_change_pct"], abs=case["tolerance"]["abs"])
    assert 746 * factor("2012-13", "2016-17") == pytest.approx(case["expected"]["base_real"], abs=0.15)
    nominal = change_of_bands(first.pence, last.pence)
    for row, told in zip(real["bands"], nominal.iter_rows(named=True), strict=True):
        assert row["price_pence"] + row["volume_pence"] + row["rate_pence"] == told["amount_pence"]


def test_a_period_without_a_year_has_no_prices() -> None:
    undated = Side({**_side(1, 1, "2016-17").summary, "years": []})
    told = in_real_terms(undated, _side(1, 1, "2016-17"))
    assert told["bands"] is None
    assert "no financial year" in told["why"]
