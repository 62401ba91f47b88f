"""The method pages: every one has the fixed headings and reads; those behind a figure are found by its kind."""

from __future__ import annotations

import pytest

from cwb.errors import LookupsError
from cwb.impact.words import WORDS
from cwb.methods import HEADINGS, method_names, method_page, pages_of, pages_of_change, pages_of_run


@pytest.mark.parametrize("name", method_names())
def test_every_page_reads(name: str) -> None:
    page = method_page(name)
    assert [heading for heading, _ in page.html] == list(HEADINGS)
    assert all(text for _, text in page.plain)
    assert "<a " not in "".join(html for _, html in page.html)
    assert "](" not in "".join(text for _, text in page.plain)


@pytest.mark.parametrize("kind", [*WORDS, "fte_direct", "fte_type2"])
def test_every_kind_of_figure_has_its_page_and_the_one_on_ranges(kind: str) -> None:
    names = [page.name for page in pages_of([kind])]
    assert len(names) > 1
    assert names[-1] == "uncertainty"


def test_a_report_gathers_each_page_once() -> None:
    names = [page.name for page in pages_of_run(["lm3", "jobs_cles", "jobs_net", "gva_type1"])]
    assert names == ["leakage", "location", "lm3", "jobs", "input_output", "additionality", "uncertainty"]
    assert [page.name for page in pages_of_change([])] == ["change", "change_explained", "comparability"]


def test_no_such_page() -> None:
    with pytest.raises(LookupsError, match="no such method page"):
        method_page("astrology")
