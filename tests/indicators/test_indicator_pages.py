"""Each measure has its page: fixed headings, and a demonstration whose printed output is what it prints."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

METHODS = Path(__file__).resolve().parents[2] / "docs" / "methods"
HEADINGS = [
    "What it says", "Formula", "Worked example", "Exclusions", "Caveats", "Source", "Demonstration",
]  # fmt: skip
PAGES = (
    "boundaries", "change_explained", "classification", "comparability", "concentration", "coverage", "fragmentation",
    "influence", "opportunities", "owner", "payment_days", "place_detail", "sector", "size", "social", "statutory",
    "tail", "targets", "together", "top_n",
)  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_headings_and_its_demonstration_holds(name: str) -> None:
    text = (METHODS / f"{name}.md").read_text("utf-8")
    assert re.findall(r"^## (.+)$", text, re.M) == HEADINGS
    code, printed = re.search(r"```python\n(.+?)```\n```text\n(.*?)```", text, re.S).groups()
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, f"{name}.md", "exec"), {})
    assert out.getvalue() == printed
