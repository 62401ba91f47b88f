"""The impact block: every figure has a range, basis, method, sources and caveat; Preston's jobs come out."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from cwb import lookups
from cwb.errors import CwbError
from cwb.impact import Area, Impact, estimate, estimate_change

PRESTON = Area("Preston", frozenset({"E07000123"}))
LANCASHIRE = Area(
    "Lancashire", frozenset({"E06000008", "E06000009", *(f"E07000{n}" for n in range(117, 129))})
)  # with Blackburn with Darwen and Blackpool


def spend(*rows: tuple[str | None, str, int]) -> pl.DataFrame:
    schema = {"sic_section": pl.String, "band": pl.String, "amount_pence": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def run(**changes: Any) -> Impact:
    inputs: dict[str, Any] = {
        "bands": {"local": 11_230_000_000, "regional": 37_640_000_000, "leaked": 12_800_000_000, "unknown": 500},
        "by_section": spend(
            ("F", "local", 5_000_000_000), ("N", "local", 6_000_000_000), (None, "local", 230_000_000),
            ("Q", "regional", 37_640_000_000), ("C", "leaked", 12_800_000_000), (None, "unknown", 500),
        ),
        "local": PRESTON, "region": LANCASHIRE, "financial_years": ["2016-17"],
    }  # fmt: skip
    return estimate(**{**inputs, **changes})


def figures(impact: Impact) -> dict[str, dict[str, Any]]:
    return {f["id"]: f for f in impact.block["figures"]}


def test_prestons_published_jobs_on_the_increases() -> None:
    # Preston City Council, CCIN case studies 2020: 1,648 and 4,500; ONS GVA per filled job, Lancashire 2015, £44,727.
    published = {r["measure"]: r["value"] for r in lookups.table("published/preston").iter_rows(named=True)}
    found = estimate_change(
        {"local": 7_430_000_000, "regional": 12_540_000_000},
        local=PRESTON, region=LANCASHIRE, years_from=["2012-13"], years_to=["2016-17"],
    ).block  # fmt: skip
    assert found["local"]["central"] == pytest.approx(published["jobs_local"], rel=0.02)
    assert found["region_including_local"]["central"] == pytest.approx(
        published["jobs_region_including_local"], rel=0.02
    )
    assert "Lancashire, 2015: £44,727" in found["local"]["method"]
    assert found["local"]["nested_in"] == "region_including_local"
    assert "never added" in found["local"]["caveat"]


def test_every_figure_is_complete_and_sourced() -> None:
    impact = run()
    known = {a.id for a in impact.assumptions}
    assert len(impact.block["figures"]) == 22
    for figure in impact.block["figures"]:
        assert figure["low"] <= figure["central"] <= figure["high"]
        assert figure["low"] < figure["high"], "a figure without width"
        assert figure["unit"]
        assert figure["basis"]
        assert figure["method"]
        assert figure["caveat"]
        assert set(figure["sources"]) <= set(lookups.sources())
        assert set(figure["assumptions"]) <= known
    assert json.loads(json.dumps(impact.block)) == impact.block


def test_headcount_and_fte_are_never_under_one_name() -> None:
    for figure in run().block["figures"]:
        if figure["kind"].startswith("jobs"):
            assert "headcount" in figure["unit"]
            assert "full-time" not in figure["unit"]


def test_the_region_holds_at_least_what_the_place_does() -> None:
    found = figures(run())
    for kind in (
        "lm3",
        "jobs_cles",
        "jobs_direct",
        "jobs_supply_chain",
        "jobs_gross",
        "jobs_induced",
        "jobs_net",
        "gva_type1",
    ):
        assert found[f"{kind}.region_including_local"]["central"] >= found[f"{kind}.local"]["central"]


def test_a_dear_capital_region_does_not_lose_jobs_to_a_borough_in_it() -> None:
    # A filled job makes £59,000 in outer east London and £82,000 in London: each part is divided by its own.
    bands = {"local": 10_000_000_00, "regional": 1_000_000_00, "leaked": 0, "unknown": 0}
    havering = Area("Havering", frozenset({"E09000016"}))
    london = Area("London", frozenset(f"E090000{n:02d}" for n in range(1, 34)))
    found = figures(run(bands=bands, local=havering, region=london, financial_years=["2020-21"]))
    local, region = found["jobs_cles.local"], found["jobs_cles.region_including_local"]
    assert region["central"] == pytest.approx(local["central"] + 1_000_000 / 82_333.91)
    assert "Outer London - East and North East, 2020" in region["method"]
    assert "elsewhere ÷ ONS GVA per filled job, London, 2020" in region["method"]


def test_a_few_known_sectors_do_not_speak_for_the_rest() -> None:
    few = run(by_section=spend(("D", "local", 100_000_000), (None, "local", 11_130_000_000)))
    assert "average of the UK" in figures(few)["jobs_direct.local"]["basis"]
    many = run(by_section=spend(("D", "local", 9_000_000_000), (None, "local", 2_230_000_000)))
    assert "average of the known" in figures(many)["jobs_direct.local"]["basis"]


def test_money_passed_on_to_public_bodies_is_noted() -> None:
    impact = run(public_body_pence={"local": 10_000_000_000, "leaked": 5})
    assert any(
        "£100.0m of the £488.7m placed in Lancashire was paid to public bodies" in n for n in impact.block["notes"]
    )


def test_nothing_placed_is_said() -> None:
    impact = run(
        bands={"local": 0, "regional": 0, "leaked": 0, "unknown": 500}, by_section=spend(("F", "unknown", 500))
    )
    assert any("No payment has a place" in note for note in impact.block["notes"])
    assert figures(impact)["jobs_direct.local"]["central"] == 0


def test_lm3_by_hand() -> None:
    # £100 spent, £40 local, of which 43p in the £ is spent again: (100 + 40 + 17.20) / 100.
    impact = run(bands={"local": 4000, "regional": 0, "leaked": 6000, "unknown": 0})
    assert figures(impact)["lm3.local"]["central"] == pytest.approx(1.572)


def test_unknown_spend_widens_the_high_end_only() -> None:
    without = figures(run(bands={"local": 4000, "regional": 0, "leaked": 6000, "unknown": 0}))["lm3.local"]
    with_ = figures(run(bands={"local": 4000, "regional": 0, "leaked": 3000, "unknown": 3000}))["lm3.local"]
    assert (with_["low"], with_["central"]) == (without["low"], without["central"])
    assert with_["high"] == pytest.approx(1 + 0.7 + 0.7 * 0.76)


def test_no_spend_gives_no_multiplier_and_says_so() -> None:
    impact = run(bands={"local": 0, "regional": 0, "leaked": 0, "unknown": 0}, by_section=spend())
    assert "lm3.local" not in figures(impact)
    assert any("No LM3 for Preston" in note for note in impact.block["notes"])


def test_a_place_without_employment_figures_says_what_is_left_out() -> None:
    belfast = Area("Belfast", frozenset({"N09000003"}))
    impact = run(local=belfast, region=belfast)
    assert "jobs_gross.local" not in figures(impact)
    assert any("No employment figure for Belfast" in note for note in impact.block["notes"])


def test_years_are_checked() -> None:
    with pytest.raises(CwbError, match="write it as 2016-17"):
        run(financial_years=["2016"])
    assert run(financial_years=[]).block["figures"] == []


def test_stray_dates_do_not_set_the_period() -> None:
    plain = figures(run(financial_years=["2016-17"]))
    stray = run(financial_years={"2001-02": 1000, "2016-17": 99_000, "1899-00": 10})
    assert figures(stray)["jobs_gross.local"] == plain["jobs_gross.local"]
    assert "set aside: 1899-00, 2001-02" in stray.block["notes"][0]
    assert run(financial_years=["1899-00"]).block["figures"] == []


def test_a_fall_in_spend_gives_negative_jobs_in_order() -> None:
    found = estimate_change(
        {"local": -1_000_000_00, "regional": 0},
        local=PRESTON, region=LANCASHIRE, years_from=["2012-13"], years_to=["2016-17"],
    ).block["local"]  # fmt: skip
    assert found["low"] < found["central"] < found["high"] < 0


def test_the_tornado_of_the_change_names_its_leading_assumption() -> None:
    found = estimate_change(
        {"local": 7_430_000_000, "regional": 12_540_000_000},
        local=PRESTON, region=LANCASHIRE, years_from=["2012-13"], years_to=["2016-17"],
    )  # fmt: skip
    rows = found.block["local"]["tornado"]
    assert [r["input"] for r in rows] == ["impact.gva_share_of_spend", "gva_per_job.TLD4.2015"]
    assert {a.id for a in found.assumptions} == {*(r["input"] for r in rows), "impact.unknown_local"}
