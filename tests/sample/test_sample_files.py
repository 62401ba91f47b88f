"""The committed sample is what its generator makes, its names are nobody's, and its sums are the published ones."""

import csv
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from cwb.places import locate
from cwb.shipped import sample_dir

SAMPLE = sample_dir()
MADE_BY_HAND = {"README.md", "generate.py", "draw_postcodes.py", "postcodes.csv"}
ZIPPED = {".xlsx", ".ods"}


def _generate(out: Path) -> Path:
    subprocess.run([sys.executable, "-B", str(SAMPLE / "generate.py"), "--out", str(out)], check=True)
    return out


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _generate(tmp_path_factory.mktemp("made"))


def _names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")}


def _members(path: Path) -> list[tuple[str, tuple[int, ...], bytes]]:
    with zipfile.ZipFile(path) as box:
        return [(entry.filename, entry.date_time, box.read(entry)) for entry in box.infolist()]


def test_the_committed_files_are_those_the_generator_makes(made: Path) -> None:
    assert _names(made) == _names(SAMPLE) - MADE_BY_HAND
    for path in made.iterdir():
        kept = SAMPLE / path.name
        # Another zlib may compress the same members to other bytes.
        same = _members(path) == _members(kept) if path.suffix in ZIPPED else path.read_bytes() == kept.read_bytes()
        assert same, f"data/sample/{path.name} is not what generate.py makes: run make sample"


def test_two_runs_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    again = _generate(tmp_path / "again")
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {p.name: p.read_bytes() for p in made.iterdir()}


def test_the_sample_is_modest() -> None:
    assert sum((SAMPLE / name).stat().st_size for name in _names(SAMPLE)) < 6_000_000


def test_manifest_names_twelve_ledgers_in_six_formats() -> None:
    manifest = tomllib.loads((SAMPLE / "sample.toml").read_text("utf-8"))
    ledgers = manifest["ledger"]
    assert len(ledgers) == 12
    assert len({e["format"] for e in ledgers}) == 6
    assert Counter(e["institution"] for e in ledgers) == dict.fromkeys({e["institution"] for e in ledgers}, 2)
    assert {e["financial_year"] for e in ledgers} == {"2012-13", "2016-17"}
    assert all((SAMPLE / e["file"]).is_file() for e in ledgers)
    assert (SAMPLE / manifest["register"]).is_file()


def _truth() -> pl.DataFrame:
    raw = pl.read_csv(SAMPLE / "truth.csv", infer_schema=False)
    return raw.with_columns(pl.col("payments", "amount_pence").cast(pl.Int64))


# Published for Preston's six anchor institutions: £m and per cent (Preston City Council; CLES).
@pytest.mark.parametrize(
    ("year", "total", "local", "local_pct", "region_pct", "leaked", "leaked_pct"),
    [("2012-13", 746, 37, 5, 39, 457, 61), ("2016-17", 616, 112, 18.2, 79.2, 128, 20.8)],
)
def test_true_bands_come_to_what_was_published(
    year: str, total: float, local: float, local_pct: float, region_pct: float, leaked: float, leaked_pct: float
) -> None:
    truth = _truth().filter(pl.col("financial_year") == year)
    bands = dict(truth.group_by("band").agg(pl.col("amount_pence").sum()).iter_rows())
    all_of_it = sum(bands.values())
    million = {band: pence / 100_000_000 for band, pence in bands.items()}
    assert all_of_it / 100_000_000 == pytest.approx(total, abs=1)
    assert million["local"] == pytest.approx(local, abs=1)
    assert million["leaked"] == pytest.approx(leaked, abs=1)
    assert 100 * bands["local"] / all_of_it == pytest.approx(local_pct, abs=0.1)
    assert 100 * bands["leaked"] / all_of_it == pytest.approx(leaked_pct, abs=0.1)
    assert 100 * (bands["local"] + bands["regional"]) / all_of_it == pytest.approx(region_pct, abs=0.1)


def test_postcodes_are_real_and_lie_where_the_sample_says() -> None:
    drawn = pl.read_csv(SAMPLE / "postcodes.csv", infer_schema=False)
    found = locate(drawn["postcode"])
    wrong = drawn.with_columns(found=found["lad_code"]).filter(pl.col("found").ne_missing(pl.col("lad_code")))
    assert wrong.is_empty(), wrong


def _register() -> list[dict[str, str]]:
    with (SAMPLE / "register.csv").open(encoding="utf-8", newline="") as file:
        return [{k.strip(): v for k, v in row.items()} for row in csv.DictReader(file)]


def test_register_has_the_official_columns_and_its_traps() -> None:
    rows = _register()
    assert len(rows) == 2_000
    assert len(rows[0]) == 55
    numbers = [r["CompanyNumber"] for r in rows]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"9\d{7}|(OC|SC|NI)9\d{5}|RS09\d{4}", n) for n in numbers)
    crowded = Counter(r["RegAddress.PostCode"] for r in rows).most_common(2)
    assert crowded[0][1] >= 450
    assert crowded[1][1] < 20
    assert {"Active", "Dissolved", "Liquidation"} <= {r["CompanyStatus"] for r in rows}
    assert sum(bool(r["PreviousName_1.CompanyName"]) for r in rows) > 30
    forms = Counter(re.sub(r" (LIMITED|LTD|LLP|PLC)$", "", r["CompanyName"]) for r in rows)
    assert sum(n > 1 for n in forms.values()) >= 20
    assert all(re.match(r"\d{5} - ", r["SICCode.SicText_1"]) for r in rows)


def _plain(name: str) -> str:
    return " ".join(re.sub(r"\b(limited|ltd|llp|plc|cic)\b|[^a-z0-9 ]", " ", name.casefold()).split())


def test_nobody_in_the_sample_is_real(shared_data: Path) -> None:
    """No organisation of the sample bears the name of one on the real extract or in the real ledgers' names."""
    register = pl.read_parquet(shared_data / "matching/register_real_extract.parquet")
    real = {n for column in register.columns if "CompanyName" in column for n in register[column].drop_nulls()}
    for file, column in (("suppliers_labelled_dev", "supplier_name"), ("real_names_distractors", "distractor_name")):
        real |= set(pl.read_csv(shared_data / f"matching/{file}.csv", infer_schema=False)[column].drop_nulls())
    ours = {r["CompanyName"] for r in _register()} | {
        r[f"PreviousName_{n}.CompanyName"] for r in _register() for n in range(1, 4)
    }
    truth = _truth().filter(pl.col("supplier_type") != "redacted")
    ours |= set(truth["true_name"]) | set(truth["supplier"]) | set(truth["institution"])
    shared = {_plain(n) for n in real} & {_plain(n) for n in ours if n}
    assert not shared
