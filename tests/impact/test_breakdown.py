"""Jobs by sector and by company, full-time equivalents in Scotland, and who is a small firm."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from cwb.impact import Area, breakdown, estimate, uncertainty
from cwb.impact.assumptions import find_set
from cwb.impact.jobs import company_jobs
from cwb.indicators.size import ppn_001_sme

SCHEMA = {"sic_section": pl.String, "band": pl.String, "amount_pence": pl.Int64}
SPEND = pl.DataFrame(
    [("F", "local", 400_000_000), ("N", "local", 100_000_000), (None, "local", 50_000_000), ("C", "leaked", 9_000_000)],
    schema=SCHEMA,
    orient="row",
)
BANDS = {"local": 550_000_000, "regional": 0, "leaked": 9_000_000, "unknown": 0}
GLASGOW = Area("Glasgow", frozenset({"S12000049"}))
PRESTON = Area("Preston", frozenset({"E07000123"}))


def test_sections_sum_to_the_figure_of_direct_jobs() -> None:
    every = breakdown.jobs_by_sector(SPEND, ["2016-17"])
    table = every.filter(pl.col("band") == "local")
    block = estimate(
        bands=BANDS, by_section=SPEND, local=PRESTON, region=PRESTON, financial_years=["2016-17"]
    ).block  # fmt: skip
    direct = next(f for f in block["figures"] if f["id"] == "jobs_direct.local")
    assert table["central"].sum() == pytest.approx(direct["central"])
    assert table["amount_pence"].sum() == 550_000_000
    assert set(table["section_name"]) > {"Construction", "Unknown"}
    assert (table["low"] < table["central"]).all()
    by_band = breakdown.jobs_by_band(every)
    assert by_band["band"].to_list() == ["local", "leaked"]
    assert by_band["central"].to_list() == pytest.approx([direct["central"], every["central"].to_list()[-1]])
    # A sum of ranges that move together is the range of the sum.
    assert by_band.row(0)[2::2] == pytest.approx((direct["low"], direct["high"]))


def test_jobs_from_accounts_row_by_row() -> None:
    suppliers = pl.DataFrame(
        {
            "org_id": ["a", "a", "b", "c", "d", None],
            "band": "local",
            "sic_section": ["F", "F", "N", "F", "F", "F"],
            "amount_pence": [20_000_000, 30_000_000, 9_000_000_000, 1, -5, 500],
        }
    )
    accounts = pl.DataFrame(
        {"org_id": ["a", "b", "c", "d"], "employees": [40, 40, 40, 40], "turnover_gbp": [2e6, 2e6, 0.0, 2e6]}
    )
    found = breakdown.jobs_by_company(suppliers, accounts)
    # One with more spend than turnover keeps its own staff; one without turnover or paid back is left out.
    assert dict(found.select("org_id", "central").iter_rows()) == {"a": company_jobs(500_000, 2e6, 40), "b": 40}
    assert (found["low"] < found["central"]).all()
    assert (found["central"] < found["high"]).all()
    told = breakdown.accounted(found)
    assert told.rows() == [("F", "local", 50_000_000, 10.0, 1), ("N", "local", 9_000_000_000, 40.0, 1)]


def test_jobs_by_accounts_take_the_place_of_the_sectors_average() -> None:
    # £4m of construction, £1m of it with a company of 60 people and £3m turnover: 20 jobs, not the sector's rate.
    told = pl.DataFrame(
        [("F", "local", 100_000_000, 20.0, 1)],
        schema={**SCHEMA, "jobs": pl.Float64, "suppliers": pl.Int64},
        orient="row",
    )
    inputs: dict[str, Any] = {
        "bands": BANDS, "by_section": SPEND, "local": PRESTON, "region": PRESTON, "financial_years": ["2016-17"],
    }  # fmt: skip
    without = {f["id"]: f for f in estimate(**inputs).block["figures"]}
    assert "jobs_company.local" not in without
    found = {f["id"]: f for f in estimate(**inputs, accounted=told).block["figures"]}["jobs_company.local"]
    sector = breakdown.jobs_by_sector(SPEND, ["2016-17"]).row(0, named=True)
    assert (sector["band"], sector["sic_section"]) == ("local", "F")
    expected = without["jobs_direct.local"]["central"] - sector["central"] / 4 + 20
    assert found["central"] == pytest.approx(expected)
    assert "accounts of 1 suppliers with 18% of spend" in found["basis"]
    assert found["low"] < found["central"] < found["high"]


def test_fte_only_in_scotland_and_apart_from_headcount() -> None:
    scotland = estimate(
        bands=BANDS, by_section=SPEND, local=GLASGOW, region=GLASGOW, financial_years=["2019-20"]
    ).block["figures"]  # fmt: skip
    fte = {f["id"]: f for f in scotland if f["kind"].startswith("fte")}
    assert len(fte) == 6
    for figure in fte.values():
        assert "full-time equivalent" in figure["unit"]
        assert "headcount" not in figure["unit"]
    # £4m at 7.938, £1m at 16.095 FTE per £m (Scotland 2019), £0.5m at their mean, at nearly 2019 prices.
    by_hand = 4 * 7.938 + 16.095 + 0.5 * (4 * 7.938 + 16.095) / 5
    assert fte["fte_direct.local"]["central"] == pytest.approx(by_hand, rel=0.01)
    assert fte["fte_type2.local"]["central"] > fte["fte_type1.local"]["central"] > fte["fte_direct.local"]["central"]
    english = estimate(
        bands=BANDS, by_section=SPEND, local=PRESTON, region=PRESTON, financial_years=["2019-20"]
    ).block["figures"]  # fmt: skip
    assert not any(f["kind"].startswith("fte") for f in english)


def test_a_set_shows_its_differences_and_its_waterfall() -> None:
    inputs: dict[str, Any] = {
        "bands": BANDS, "by_section": SPEND, "local": PRESTON, "region": PRESTON, "financial_years": ["2016-17"],
    }  # fmt: skip
    central = estimate(**inputs).block
    cautious = estimate(**inputs, assumptions=find_set("cautious")).block
    generous = estimate(**inputs, assumptions=find_set("generous")).block
    assert central["differences"] == []
    assert {d["id"] for d in cautious["differences"]} >= {"impact.deadweight", "impact.respend_local"}
    steps = cautious["waterfall"]["local"]
    net = next(f for f in cautious["figures"] if f["id"] == "jobs_net.local")
    assert steps[-1] == {"step": "Net", "jobs": pytest.approx(net["central"])}
    assert sum(s["jobs"] for s in steps[:-1]) == pytest.approx(steps[-1]["jobs"])
    for low, middle, high in zip(cautious["figures"], central["figures"], generous["figures"], strict=True):
        assert low["central"] <= middle["central"] + 1e-9
        assert middle["central"] <= high["central"] + 1e-9


def test_regression_sme_by_ppn_001(golden: dict[str, dict[str, Any]]) -> None:
    # A weak case: the rule from PPN 001, cases on its edges made up.
    for case in golden["sme-ppn001"]["inputs"]["cases"]:
        row = pl.DataFrame(
            {"employees": case["employees"], "turnover_gbp": case["turnover"], "balance_sheet_gbp": case["balance"]}
        )
        assert row.select(ppn_001_sme()).item() is case["expected"]


def test_what_review_may_bring() -> None:
    suppliers = pl.DataFrame(
        {
            "amount_pence": [1000, 500, 700, 300],
            "outcome": ["review", "review", "unmatched", "review"],
            "score": [0.8, 0.5, None, 0.9],
            "candidate_band": ["local", "leaked", None, None],
        }
    )
    assert uncertainty.expected_from_review(suppliers) == {"local": 800, "leaked": 250}


def test_jobs_by_the_regions_own_gva_per_job_are_near_the_nations() -> None:
    # £4m of construction in 2016-17, 36.9p of GVA in the £, Lancashire's £60,897 a job in 2021.
    found = breakdown.jobs_by_regional_gva(SPEND, PRESTON.lad_codes, ["2016-17"])
    row = found.row(by_predicate=pl.col("sic_section") == "F", named=True)
    assert row["gva_per_job_gbp"] == pytest.approx(60_897, abs=1)
    price = (85.1002 + 3 * 85.3036) / 4 / 76.0754
    assert row["jobs_by_regional_gva"] == pytest.approx(4e6 * price * 0.36913 / 60_897, rel=1e-3)
    assert found.filter(pl.col("sic_section").is_null())["jobs_by_regional_gva"].to_list() == [None]
    national = breakdown.jobs_by_sector(SPEND, ["2016-17"])
    construction = national.row(by_predicate=pl.col("sic_section") == "F", named=True)
    assert construction["low"] < row["jobs_by_regional_gva"] < construction["high"]
