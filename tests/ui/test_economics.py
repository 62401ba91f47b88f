"""Assumptions and scenarios in a real browser: changed, kept, side by side, and every answer quick."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path

import polars as pl
import pytest
from driving import go_to, objections, settled, too_wide
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "scenarios.toml"


def test_an_assumption_is_changed_shown_and_taken_away(sample: Page, tmp_path: Path) -> None:
    go_to(sample, "Assumptions")
    expect(sample.get_by_text("Nothing differs from the shipped central set")).to_be_visible()
    jobs = sample.get_by_role("row", name=re.compile("Jobs supported in Preston, CLES-style")).first
    before = jobs.locator("td").first.inner_text()
    sample.get_by_role("spinbutton", name="Central").fill("5")  # above its high end
    sample.get_by_role("button", name="Use these values").click()
    expect(sample.get_by_role("alert")).to_contain_text("low ≤ central ≤ high")
    sample.get_by_role("spinbutton", name="Central").fill("0.15")
    sample.get_by_role("textbox", name="Source, or why").fill("Our own evaluation")
    sample.get_by_role("button", name="Use these values").click()
    own = sample.get_by_role("region", name="Differs from the shipped set: 1")
    expect(own.get_by_text("Our own evaluation")).to_be_visible()
    sample.get_by_role("radiogroup", name="Set").get_by_text("Cautious: each rate").click()
    expect(sample.get_by_role("region", name="Differs from the shipped set")).to_be_visible()
    expect(jobs.locator("td").first).not_to_have_text(before)
    assert objections(sample) == []
    with sample.expect_download() as waiting:
        sample.get_by_role("button", name="Download this set").click()
    waiting.value.save_as(tmp_path / "set.toml")
    kept = tomllib.loads((tmp_path / "set.toml").read_text("utf-8"))
    assert kept["name"] == "cautious"
    assert all(one["low"] <= one["value"] <= one["high"] for one in kept["values"].values())
    go_to(sample, "Impact")
    expect(sample.get_by_role("row", name=re.compile("CLES-style")).first).to_be_visible()


def test_scenarios_answer_at_once_and_stand_side_by_side(sample: Page) -> None:
    go_to(sample, "Scenarios")
    expect(sample.get_by_text("Jobs, net, illustrative")).to_be_visible()
    settled(sample)
    slider = sample.get_by_role("slider", name="Share of it that moves, %")
    first = sample.locator("dl.tiles dd.big").first
    for _ in range(2):  # the first answer also warms what is read once
        was = first.inner_text()
        start = time.perf_counter()
        slider.press("ArrowRight")
        expect(first).not_to_have_text(was)
        took = time.perf_counter() - start
    assert took < 3.0, "two busy cores allowed for: the page itself aims at half a second"
    sample.get_by_role("textbox", name="Name", exact=True).fill("A little comes home")
    sample.get_by_role("button", name="Keep it for comparing").click()
    expect(sample.get_by_role("columnheader", name="A little comes home")).to_be_visible()
    sample.locator("input[type=file]").last.set_input_files(str(EXAMPLE))
    sample.get_by_role("button", name="Add them").click()
    expect(sample.get_by_role("columnheader", name="A tenth of all that leaks comes home")).to_be_visible()
    settled(sample)
    assert objections(sample) == []
    for question, shown in (
        ("Buy together at home", "Jobs, net, illustrative"),
        ("Compare two bids", "Break-even premium"),
        ("Pay sooner", "In suppliers' hands sooner"),
    ):
        sample.get_by_role("radio", name=question).click()
        expect(sample.locator("dl.tiles").get_by_text(shown)).to_be_visible()
        if question.startswith("Buy"):
            expect(sample.get_by_role("region", name="Room for a new supplier or co-operative")).to_be_visible()
        settled(sample)
        assert objections(sample) == []
        assert not too_wide(sample)


def test_suppliers_are_asked_and_their_rate_used(sample: Page, tmp_path: Path) -> None:
    go_to(sample, "Impact")
    expect(sample.get_by_text(re.compile("suppliers to ask"))).to_be_visible()
    sample.get_by_text("Method: LM3").click()
    expect(sample.get_by_text("LM3 = (R1 + R2 + R3) ÷ R1")).to_be_visible()
    with sample.expect_download() as waiting:
        sample.get_by_role("button", name="The form (CSV)").click()
    waiting.value.save_as(tmp_path / "form.csv")
    form = pl.read_csv(tmp_path / "form.csv", infer_schema=False)
    answers = ["60"] * 5 + [None] * (form.height - 5)
    form.with_columns(suppliers_here_per_100=pl.Series(answers, dtype=pl.String)).write_csv(tmp_path / "replies.csv")
    sample.locator("input[type=file]").last.set_input_files(str(tmp_path / "replies.csv"))
    replies = sample.get_by_role("region", name="The replies")
    expect(replies.get_by_text(re.compile("^5 of"))).to_be_visible()
    settled(sample)
    assert objections(sample) == []
    sample.get_by_role("button", name="Use this re-spend in every figure").click()
    changed = sample.get_by_role("region", name="What differs from the assumptions that ship with cwb")
    expect(changed.get_by_text(re.compile("Survey of local suppliers: 5 of"))).to_be_visible()
    assert not too_wide(sample)
