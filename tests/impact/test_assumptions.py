"""Sets of assumptions: three that ship, a user's own, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cwb import lookups
from cwb.errors import LookupsError
from cwb.impact.assumptions import CENTRAL, differences, find_set, read_set, set_names, set_toml
from cwb.impact.ranges import Range

OWN = """
name = "ours"
[values."impact.respend_local"]
value = 0.5
low = 0.45
high = 0.6
source = "Survey of our suppliers, 2026"
"""


def test_three_sets_ship_and_central_changes_nothing() -> None:
    assert set_names() == ["cautious", "central", "generous"]
    assert differences(find_set("central")).height == 0
    assert differences(CENTRAL).height == 0


@pytest.mark.parametrize("name", ["cautious", "generous"])
def test_shipped_sets_stay_inside_the_published_ranges(name: str) -> None:
    changed = differences(find_set(name))
    assert changed.height > 5
    assert (changed["low"] == changed["shipped_low"]).all()
    assert (changed["high"] == changed["shipped_high"]).all()
    assert changed["value"].is_between(changed["low"], changed["high"]).all()


def test_a_users_own_set_shows_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(OWN, "utf-8")
    chosen = find_set(str(file))
    assert chosen.range("impact.respend_local") == Range(0.45, 0.5, 0.6)
    assert chosen.range("impact.deadweight") == CENTRAL.range("impact.deadweight")
    row = differences(chosen).row(0, named=True)
    assert (row["id"], row["shipped"], row["value"]) == ("impact.respend_local", 0.43, 0.5)
    assert row["source"] == "Survey of our suppliers, 2026"
    assert lookups.number("impact.respend_local") == 0.43


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "x"\n[pick]\n"impact.respend_locl" = "low"', r"no assumption 'impact.respend_locl'. Did you mean imp"),
        ('name = "x"\n[pick]\n"impact.deadweight" = "least"', "low"),
        ('name = "x"\nlabl = "y"', "labl: extra inputs"),
        (OWN.replace("respend_local", "monte_carlo_draws").replace("0.", "1e9 # "), "goes from 100 to 100,000"),
        (OWN.replace("0.6", "inf"), "goes from 0 to 1"),
        (OWN.replace("respend_local", "national_employment"), "goes from 1,000,000 to 100,000,000"),
        (OWN.replace("respend_local", "household_income_per_pay"), "goes from 1 to 10"),
        ("name = ", "(?i)invalid|expected"),
        (OWN.replace("0.45", "0.55"), "low ≤ value ≤ high"),
        (OWN.replace("0.6", "60"), "write 40% as 0.4"),
        (OWN + '[pick]\n"impact.respend_local" = "low"', "both picked and given a value"),
        ('name = "x"\nuntil = 2020-01-01', "holds until 2020-01-01, which is past"),
        (OWN + '[values."impact.respend_local"]\nvalue = 0.4', "(?i)twice|overwrite|declare"),
    ],
)
def test_what_a_set_may_not_say(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(LookupsError, match=says) as caught:
        read_set(file, today=date(2026, 11, 22))
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)


def test_an_unknown_set_suggests_a_near_one() -> None:
    with pytest.raises(LookupsError, match="Did you mean cautious"):
        find_set("cautous")


@pytest.mark.parametrize("name", ["cautious", "central", "generous"])
def test_a_set_written_out_reads_back_the_same(tmp_path: Path, name: str) -> None:
    chosen = find_set(name)
    path = tmp_path / "mine.toml"
    path.write_text(set_toml(chosen), "utf-8")
    back = read_set(path)
    assert (back.name, back.label) == (chosen.name, chosen.label)
    assert set(back.overrides) == set(chosen.overrides)
    assert all(back.range(key) == chosen.range(key) for key in chosen.overrides)
    assert differences(back).drop("source").equals(differences(chosen).drop("source"))
