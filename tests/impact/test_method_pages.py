"""The method pages of impact and change: fixed headings, and demonstrations that give what they print."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

METHODS = Path(__file__).resolve().parents[2] / "docs" / "methods"
PAGES = ["additionality", "change", "input_output", "jobs", "lm3", "scenarios", "uncertainty"]
HEADINGS = ["What it says", "Formula", "Worked example", "Exclusions", "Caveats", "Source", "Demonstration"]


@pytest.mark.parametrize("page", PAGES)
def test_headings_and_demonstration(page: str) -> None:
    path = METHODS / f"{page}.md"
    text = path.read_text("utf-8")
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == HEADINGS
    found = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert found.attempted > 0
    assert found.failed == 0
