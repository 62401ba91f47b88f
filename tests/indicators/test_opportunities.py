"""What could come home: the sample end to end, ranking worked by hand, and what must never be in it."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from small_ledgers import banded, run_frames

from cwb.coming_home import opportunities, write_opportunities
from cwb.demo import sample
from cwb.errors import RunError
from cwb.indicators import opportunities as lines
from cwb.indicators.side import Side
from cwb.pipeline import Run, analyse
from cwb.register import build_register
from cwb.report import write_tables
from cwb.shipped import sample_dir

BUILDERS, CARE = "41202", "87100"


def company(number: int, code: str, **more: object) -> dict[str, object]:
    return {
        "org_id": f"GB-COH-{number:08}", "name": f"Company {number} Ltd", "supplier_type": "company",
        "status": "Active", "postcode": "PR1 2RL", "sic_code": code, "started": date(2010, 1, 1),
        "address_is_evidence": True, "lad_code": "E07000123", **more,
    }  # fmt: skip


def rows() -> pl.DataFrame:
    frames = banded(
        [
            ("Far Builders Ltd", "leaked", "Works", 400_000_00), ("Far Builders Ltd", "leaked", "Works", 100_000_00),
            ("Away Building Ltd", "leaked", "Works", 100_000_00), ("Near Builders Ltd", "local", "Works", 200_000_00),
            ("Far Care Ltd", "leaked", "Care", 900_000_00), ("Taxman Ltd", "leaked", "Business rates", 50_000_00),
            ("Jo Bloggs", "leaked", "Care", 30_000_00), ("No Register Ltd", "leaked", "Care", 5_000_00),
        ],
        individuals=["Jo Bloggs"],
        sic={
            "Far Builders Ltd": BUILDERS, "Away Building Ltd": BUILDERS, "Near Builders Ltd": BUILDERS,
            "Far Care Ltd": CARE, "Taxman Ltd": BUILDERS, "Jo Bloggs": CARE,
        },
    )  # fmt: skip
    return lines.bought([Side({}, *run_frames(frames))])


def test_a_ranking_worked_by_hand() -> None:
    companies = pl.DataFrame([company(n, BUILDERS) for n in range(5)])
    local = lines.local_companies(companies, ["E07000123"])
    found = {row["division"]: row for row in lines.opportunities(rows(), local, on=date(2026, 2, 1)).to_dicts()}
    build, care = found["41"], found["87"]
    assert build["leaked_pence"] == 600_000_00  # without the rates
    assert build["not_influenceable_pence"] == 50_000_00
    assert build["prize_pence"] == 60_000_00  # a tenth
    assert (build["prize_low_pence"], build["prize_high_pence"]) == (30_000_00, 150_000_00)
    # choice 5 of 10, way in 1 of 3, reach 100 of 600 below £207,720, proof 200 of 800 local
    assert [build[part] for part in lines.PARTS] == pytest.approx([0.5, 1 / 3, 1 / 6, 0.25])
    assert build["feasibility"] == pytest.approx((0.5 + 1 / 3 + 1 / 6 + 0.25) / 4)
    assert care["feasibility"] == 0.0
    assert (build["rank"], care["rank"]) == (1, 2)
    assert (build["rank_by_amount"], care["rank_by_amount"]) == (2, 1)


def test_every_leaked_penny_is_in_a_line_or_left_out_with_a_reason() -> None:
    local = lines.local_companies(pl.DataFrame([company(1, BUILDERS)]), ["E07000123"])
    all_rows = rows()
    in_lines = lines.opportunities(all_rows, local)["leaked_pence"].sum()
    out = lines.left_out(all_rows)
    assert in_lines + out["amount_pence"].sum() == all_rows.filter(pl.col("band") == "leaked")["amount_pence"].sum()
    assert out["reason"].null_count() == 0


def test_companies_that_cannot_supply_are_not_counted() -> None:
    frame = pl.DataFrame(
        [
            company(1, BUILDERS), company(2, BUILDERS, status="Liquidation"),
            company(3, BUILDERS, lad_code="E07000117"), company(4, BUILDERS, address_is_evidence=False),
            company(5, "99999"), company(6, BUILDERS, supplier_type="public_body"), company(7, "41100"),
            company(8, "43210"),
        ]
    )  # fmt: skip
    local = lines.local_companies(frame, ["E07000123"])
    assert local["org_id"].to_list() == ["GB-COH-00000001", "GB-COH-00000007", "GB-COH-00000008"]
    found = lines.opportunities(rows(), local).row(by_predicate=pl.col("division") == "41", named=True)
    assert found["live_companies"] == 1  # developers are of another group of the same division


def test_people_are_in_no_table() -> None:
    frame = rows()
    tables = [
        lines.leaked_suppliers(frame), lines.leaked_categories(frame), lines.left_out(frame),
        lines.opportunities(frame, lines.local_companies(pl.DataFrame([company(1, CARE)]), ["E07000123"])),
    ]  # fmt: skip
    assert all("Bloggs" not in table.write_csv() for table in tables)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run, Path]:
    folder = tmp_path_factory.mktemp("coming-home")
    ledgers, place, register = sample()
    build_register([register], folder / "register")
    run = analyse([one for one in ledgers if one.financial_year == "2012-13"], place, register=folder / "register")
    out = folder / "out"
    write_opportunities(opportunities([run], folder / "register", briefs=3), out)
    return out, run, folder / "register"


def test_the_sample_end_to_end(made: tuple[Path, Run, Path]) -> None:
    out, run, _ = made
    told = json.loads((out / "opportunities.json").read_text("utf-8"))
    assert told["leaked_pence"] == run.summary["bands"]["leaked"]["amount_pence"]
    left = pl.read_csv(out / "tables" / "left_out.csv")
    pounds = next(c for c in left.columns if c.startswith("amount"))
    pence = round(sum(left[pounds].to_list()) * (1 if pounds.endswith("pence") else 100))
    assert told["in_opportunities_pence"] + pence == told["leaked_pence"]
    assert len(list((out / "briefs").glob("*.html"))) == 3
    first = told["opportunities"][0]
    supports = first["supports"]["jobs_direct"]
    assert supports["low"] < supports["central"] < supports["high"]
    assert first["spend_per_job_pence"]["low"] < first["spend_per_job_pence"]["high"]
    # Shift £1 from a supplier outside to one inside: 1 + 0.43 − 0.36.
    assert first["worth_per_pound"]["central"] == pytest.approx(1.07)


def test_no_name_of_an_individual_is_in_any_file(made: tuple[Path, Run, Path]) -> None:
    out, _, _ = made
    with (sample_dir() / "truth.csv").open(encoding="utf-8") as file:
        people = {row["supplier"].casefold() for row in csv.DictReader(file) if row["supplier_type"] == "individual"}
    for path in out.rglob("*"):
        if path.suffix in {".json", ".csv", ".html"}:
            text = path.read_text("utf-8").casefold()
            assert [name for name in people if name in text] == [], path.name


def test_aggregates_alone_are_refused_in_one_line(made: tuple[Path, Run, Path]) -> None:
    _, run, register = made
    with pytest.raises(RunError, match="no spend by supplier"):
        opportunities([Run(run.summary, {})], register)


def test_every_column_that_leaves_says_what_it_means(made: tuple[Path, Run, Path], tmp_path: Path) -> None:
    out, run, _ = made
    write_tables(tmp_path, run.tables)
    for package in (tmp_path / "datapackage.json", out / "tables" / "datapackage.json"):
        resources = json.loads(package.read_text("utf-8"))["resources"]
        bare = {
            (one["name"], field["name"])
            for one in resources
            for field in one["schema"]["fields"]
            if not field.get("description")
        }
        assert not bare
