"""Text from a ledger is printed as it stands, and a result is known by everything that made it."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path

import pytest

from cwb.projects import Choices, KeptLedger
from cwb.ui import parts, work

ADDED = KeptLedger("a.csv", "0" * 64, 10)
CHOICES = Choices(place="Preston")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("*bold* _it_ `code`", r"\*bold\* \_it\_ \`code\`"),
        ("[link](x) :red[y] $1$", r"\[link\]\(x\) \:red\[y\] \$1\$"),
        ("two\nlines", "two lines"),
        ("Smith & Söns, £5", r"Smith \& Söns, £5"),
    ],
)
def test_markdown_in_a_ledger_is_not_obeyed(text: str, printed: str) -> None:
    assert parts.plain(text) == printed


@pytest.mark.parametrize(
    ("kind", "value", "printed"),
    [
        ("text", "<script>", "&lt;script&gt;"),
        ("text", None, "–"),
        ("money", 123456, "£1,234.56"),
        ("money", -5, "−£0.05"),
        ("change", 100, "+£1.00"),
        ("share", None, "–"),
        ("share", 0.182, "18.2%"),
        ("count", 1234, "1,234"),
    ],
)
def test_values_are_written_one_way(kind: str, value: object, printed: str) -> None:
    assert parts.KINDS[kind](value) == printed


@pytest.mark.parametrize(
    "other",
    [
        (replace(ADDED, sha256="1" * 64), CHOICES),
        (replace(ADDED, name="b.csv"), CHOICES),
        (replace(ADDED, institution="A body"), CHOICES),
        (replace(ADDED, sheet="April"), CHOICES),
        (replace(ADDED, columns={"amount": "Gross"}), CHOICES),
        (replace(ADDED, financial_year="2016-17"), CHOICES),
        (ADDED, CHOICES.model_copy(update={"place": "Havering"})),
        (ADDED, CHOICES.model_copy(update={"own_place": 'name = "Ours"'})),
        (ADDED, CHOICES.model_copy(update={"register_folder": "r"})),
        (ADDED, CHOICES.model_copy(update={"undated_year": "2016-17"})),
        (ADDED, CHOICES.model_copy(update={"basis": "registered_office"})),
        (ADDED, CHOICES.model_copy(update={"show_individuals": True})),
    ],
)
def test_a_result_is_not_taken_for_another(other: tuple[KeptLedger, Choices]) -> None:
    assert work.key_of([other[0]], other[1]) != work.key_of([ADDED], CHOICES)
    assert work.key_of([other[0]], other[1]) == work.key_of([other[0]], other[1])


def test_a_band_is_told_by_its_name() -> None:
    assert "Rest of region" in parts.band_html("regional")
    assert parts.band_html("<b>") == "&lt;b&gt;"


def test_pages_do_no_sums() -> None:
    """Figures come from the pipeline: no page aggregates a frame."""
    for path in Path(inspect.getfile(parts)).parent.glob("*.py"):
        source = path.read_text("utf-8")
        assert not [word for word in (".sum()", ".mean()", ".group_by(", ".agg(") if word in source], path.name
