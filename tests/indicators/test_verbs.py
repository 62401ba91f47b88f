"""The command line of comparing, pooling, sharing, statutory views and opportunities, from runs on disk."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from cwb.demo import sample
from cwb.pipeline import analyse, write_run
from cwb.register import build_register
from cwb.shipped import sample_dir


def cwb(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cwb.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two payers in each of two years, payer by payer, and the sample's register."""
    folder = tmp_path_factory.mktemp("verbs")
    ledgers, place, register = sample()
    build_register([register], folder / "register")
    for one in ledgers:
        if "city" in one.path.name or "college" in one.path.name:
            run = analyse([one], place, register=folder / "register")
            write_run(run, folder / f"{'city' if 'city' in one.path.name else 'college'}-{one.financial_year}")
    return folder


def runs(home: Path) -> list[Path]:
    return sorted(path for path in home.iterdir() if path.name[:4] in ("city", "coll"))


def test_payers_and_years_apart_make_one_change(home: Path, tmp_path: Path) -> None:
    done = cwb("compare", *reversed(runs(home)), "--top", "30", "--out", tmp_path / "change")
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "change" / "compare.json").read_text("utf-8"))
    assert (told["from"]["years"], told["to"]["years"]) == (["2012-13"], ["2016-17"])
    assert len(told["payers"]) == 2
    assert "30 largest suppliers" in told["notes"][0]
    names = openpyxl.load_workbook(tmp_path / "change" / "workbook.xlsx", read_only=True).sheetnames
    assert {"Each payer", "Why, by supplier", "Suppliers", "Why, by category"} <= set(names)
    assert told["paragraph"] in " ".join(done.stderr.split())


def test_sums_alone_can_be_shared_and_pooled(home: Path, tmp_path: Path) -> None:
    assert cwb("share", home / "college-2016-17", "--out", tmp_path / "sums").returncode == 0
    assert [path.name for path in (tmp_path / "sums").iterdir()] == ["summary.json"]
    text = (tmp_path / "sums" / "summary.json").read_text("utf-8").casefold()
    with (sample_dir() / "truth.csv").open(encoding="utf-8") as file:
        assert not [row["supplier"] for row in csv.DictReader(file) if row["supplier"].casefold() in text]
    done = cwb("together", home / "city-2016-17", tmp_path / "sums", "--out", tmp_path / "together")
    assert done.returncode == 0, done.stderr
    assert "shared sums alone" in done.stderr
    assert openpyxl.load_workbook(tmp_path / "together" / "workbook.xlsx", read_only=True).sheetnames[1:]
    told = json.loads((tmp_path / "together" / "together.json").read_text("utf-8"))
    assert told["means"]["local"]["weighted_share"] != told["means"]["local"]["unweighted_share"]
    apart = cwb("compare", home / "city-2016-17", tmp_path / "sums", "--out", tmp_path / "beside", "--json")
    assert json.loads(apart.stdout)["kind"] == "payers"


def test_statutory_views_are_written_with_what_they_cannot_know(home: Path, tmp_path: Path) -> None:
    done = cwb("statutory", home / "city-2016-17", "--out", tmp_path / "views", "--threshold", "25000")
    assert done.returncode == 0, done.stderr
    for name in ("transparency", "reservation", "sme_vcse_return", "action_plan"):
        assert f"{name}: " in done.stderr
    with (tmp_path / "views" / "transparency.csv").open(encoding="utf-8-sig") as file:
        published = list(csv.DictReader(file))
    assert published
    assert all(abs(float(row["amount_gbp"])) > 25_000 for row in published)
    with (sample_dir() / "truth.csv").open(encoding="utf-8") as file:
        people = {row["supplier"] for row in csv.DictReader(file) if row["supplier_type"] == "individual"}
    assert not people & {row["beneficiary"] for row in published}


def test_opportunities_as_json_and_files(home: Path, tmp_path: Path) -> None:
    rules = tmp_path / "known"
    rules.mkdir()
    (rules / "influence_rules.csv").write_text(
        "order,field,pattern,is_influenceable,reason\n1,name,.,no,all of it is let\n", "utf-8"
    )
    paths = [home / "city-2012-13", home / "college-2012-13"]
    done = cwb("opportunities", *paths, "--register", home / "register", "--out", tmp_path / "home", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "home" / "opportunities.json").read_text("utf-8"))
    assert told["opportunities"][0]["prize_low_pence"] < told["opportunities"][0]["prize_high_pence"]
    names = openpyxl.load_workbook(tmp_path / "home" / "workbook.xlsx", read_only=True).sheetnames
    assert {"Opportunities", "Local, not used", "Left out", "Assumptions"} <= set(names)
    none = cwb(
        "opportunities", *paths, "--register", home / "register", "--added", rules, "--out", tmp_path / "none", "--json"
    )
    assert json.loads(none.stdout)["opportunities"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("compare", "{home}/city-2016-17", "--out", "{out}"), "two runs or more, or one of several years or payers"),
        (("compare", "{home}/nothing", "{home}/city-2016-17", "--out", "{out}"), "holds no summary.json"),
        (
            ("compare", "{home}/city-2012-13", "{home}/city-2016-17", "--top", "0", "--out", "{out}"),
            "one or more; found 0",
        ),
        (("together", "{sums}", "--out", "{out}"), "no run has its spend by supplier"),
        (("statutory", "{sums}", "--out", "{out}"), "keeps no payments"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    home: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    assert cwb("share", home / "college-2016-17", "--out", tmp_path / "sums").returncode == 0
    filled = [one.format(home=home, out=tmp_path / "out", sums=tmp_path / "sums") for one in arguments]
    done = cwb(*filled)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
