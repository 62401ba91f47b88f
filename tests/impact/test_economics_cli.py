"""The survey and the example scenarios from the command line: out, filled in, and back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from cwb import lookups

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "scenarios.toml"
_LEDGER = """Date,Body,Supplier,Amount,Postcode
01/04/2016,Council,Deepdale Joinery Ltd,6000.10,PR1 2HE
02/04/2016,Council,Fulwood Foods Ltd,3000.00,PR2 8DW
03/04/2016,Council,Ashton Print Ltd,1000.00,PR2 2YP
03/06/2016,Council,Salford Cloud Services Ltd,30000.00,M50 2EQ
"""


def cwb(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cwb.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("survey")
    (folder / "ledger.csv").write_text(_LEDGER, "utf-8")
    done = cwb("analyse", folder / "ledger.csv", "--place", "preston", "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    return folder / "run"


def test_a_survey_goes_out_is_filled_in_and_narrows_the_range(run: Path, tmp_path: Path) -> None:
    packed = cwb("survey", "pack", run, "--share", "0.8", "--out", tmp_path / "pack")
    assert packed.returncode == 0, packed.stderr
    assert "2 suppliers to ask, 90.0% of local spend" in packed.stderr
    form = pl.read_csv(tmp_path / "pack" / "lm3-survey.csv", infer_schema=False)
    assert form["paid_gbp"].to_list() == ["6000.1", "3000.0"]
    silent = json.loads(cwb("survey", "read", run, tmp_path / "pack" / "lm3-survey.xlsx", "--json").stdout)
    form.with_columns(staff_living_here_per_100=pl.Series(["50", "40"])).write_csv(tmp_path / "replies.csv")
    told = json.loads(cwb("survey", "read", run, tmp_path / "replies.csv", "--json").stdout)
    assert told["response"] == {"suppliers": 2, "of_suppliers": 3, "by_amount": pytest.approx(9000.1 / 10000.1)}
    assert told["high"] - told["low"] < silent["high"] - silent["low"]
    # (40,000.10 + 10,000.10 + 6,000.10 × 0.5 + 3,000 × 0.4 + 1,000 × borrowed) ÷ 40,000.10
    borrowed = (told["central"] * 40_000.10 - 40_000.10 - 10_000.10 - 3000.05 - 1200) / 1000
    assert 0.25 <= borrowed <= 0.76


def test_a_surveyed_rate_is_used_in_every_figure_and_its_source_printed(run: Path, tmp_path: Path) -> None:
    cwb("survey", "pack", run, "--share", "1", "--out", tmp_path / "pack")
    form = pl.read_csv(tmp_path / "pack" / "lm3-survey.csv", infer_schema=False)
    form.with_columns(suppliers_here_per_100=pl.Series(["50", "40", "30"])).write_csv(tmp_path / "replies.csv")
    done = cwb("survey", "read", run, tmp_path / "replies.csv", "--set", tmp_path / "ours.toml")
    assert done.returncode == 0, done.stderr
    shown = cwb("impact", run, "--assumptions", tmp_path / "ours.toml", "--json")
    block = json.loads(shown.stdout)
    assert block["differences"][0]["source"].startswith("Survey of local suppliers: 3 of 3 replied, 100% of local")
    lm3 = next(f for f in block["figures"] if f["id"] == "lm3.local")
    # (40,000.10 + 10,000.10 + 3,000.05 + 1,200 + 300) ÷ 40,000.10: no silence, so no width but what is unknown, none.
    assert lm3["central"] == pytest.approx(54_500.25 / 40_000.10)
    assert "re-spend: Survey of local suppliers: 3 of 3 replied" in lm3["basis"]
    words = cwb("impact", run, "--assumptions", tmp_path / "ours.toml").stderr
    assert "local suppliers: 0.45 (0.45 to 0.45) here, 0.43 (0.25 to 0.76) shipped" in words


def test_a_runs_figures_by_the_places_own_industries(run: Path, tmp_path: Path) -> None:
    jobs = tmp_path / "jobs.csv"
    nation = lookups.table("impact/sector_jobs_uk")
    rows = [f"{s},{j // (30 if s == 'C' else 300)}" for s, j in nation.select("section", "jobs").iter_rows()]
    jobs.write_text("section,jobs\n" + "\n".join(rows), "utf-8")
    plain = json.loads(cwb("impact", run, "--json").stdout)
    own = json.loads(cwb("impact", run, "--jobs", jobs, "--quotient", "aflq", "--json").stdout)
    at = {f["id"]: f for f in plain["figures"]}
    found = {f["id"]: f for f in own["figures"]}
    assert "AFLQ by the place's own jobs" in found["jobs_gross.local"]["basis"]
    assert found["jobs_supply_chain.local"]["central"] != at["jobs_supply_chain.local"]["central"]
    assert found["jobs_direct.local"] == at["jobs_direct.local"]
    assert any("do not cover Lancashire" in note for note in own["notes"])
    wrong = cwb("impact", run, "--quotient", "slq")
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("pack", "--share", "80", "--out", "x"), "write 80% as 0.8"),
        (("read", "missing.csv"), "missing.csv: cannot be read as replies"),
        (("read", "missing.csv", "--payroll", "5"), "--payroll and --local-staff go together"),
    ],
)
def test_a_wrong_survey_is_refused_in_one_line(run: Path, arguments: tuple[str, ...], says: str) -> None:
    verb, *rest = arguments
    done = cwb("survey", verb, run, *rest)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_scenarios_are_shown_and_exported(run: Path, tmp_path: Path) -> None:
    questions = EXAMPLE.read_text("utf-8").split("[[scenario]]")
    file = tmp_path / "mine.toml"
    file.write_text("[[scenario]]".join([*questions[:2], *questions[4:]]), "utf-8")  # no register here: no sectors
    done = cwb("scenario", run, file, "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    table = pl.read_csv(tmp_path / "out.csv")
    moved = table.filter(measure="moved").row(0, named=True)
    assert moved["central"] == 3000.0  # a tenth of £30,000 leaked
    jobs = table.filter(pl.col("unit") == "jobs in Preston")
    assert jobs.height
    assert (jobs["low"] < jobs["high"]).all()
    assert "not that suppliers exist" in done.stderr
