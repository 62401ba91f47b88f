"""What the method pages demonstrate is what happens."""

import doctest
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "docs" / "methods"
HEADINGS = ["What it says", "Formula", "Worked example", "Exclusions", "Caveats", "Source", "Demonstration"]


@pytest.mark.parametrize("page", ["leakage.md", "location.md"])
def test_the_demonstration_runs_as_printed(page: str) -> None:
    text = (PAGES / page).read_text("utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    code = "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(code, {}, page, page, 0)
    said: list[str] = []
    result = doctest.DocTestRunner().run(test, out=said.append)
    assert result.attempted > 3
    assert result.failed == 0, "".join(said)
