"""Change between payers, Together, What could come home, Measures and Statutory views, as a person uses them."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest
from driving import at_rest, choose, go_to, objections, settled
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_payers_of_one_year_are_a_difference_and_not_a_change(sample: Page) -> None:
    go_to(sample, "Change")
    expect(sample.locator("p.said-out")).to_contain_text("percentage points")
    expect(sample.get_by_role("heading", name="Each institution, in words")).to_be_visible()
    sample.get_by_role("radiogroup", name="Compare").get_by_text("Institutions of one year").click()
    expect(sample.locator("p.said-out")).to_contain_text("(unweighted)")
    expect(sample.get_by_role("heading", name="The difference, to the penny")).to_be_visible()
    expect(sample.get_by_role("heading", name="Jobs on the change")).to_have_count(0)
    choose(sample, "Suppliers", "The 300 largest, as CLES does")
    expect(sample.get_by_text("Only the 300 largest suppliers are compared")).to_be_visible()
    assert objections(sample) == []


def test_sums_of_another_body_join_without_its_ledger(sample: Page, tmp_path: Path) -> None:
    go_to(sample, "Together")
    expect(sample.get_by_text("6 institutions", exact=True)).to_be_visible()
    with sample.expect_download() as waiting:
        sample.get_by_role("button", name="Sums to share (JSON)").click()
    waiting.value.save_as(tmp_path / "summary.json")
    sums = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    payers = [one["institution"] for one in sums["by_institution"]]
    text = json.dumps(sums)
    for payer in payers:
        text = text.replace(payer, f"{payer} of Otherton")
    (tmp_path / "summary.json").write_text(text, "utf-8")
    sample.get_by_text("Add the sums of another body, without its ledger").click()
    sample.locator("input[type=file]").first.set_input_files(str(tmp_path / "summary.json"))
    expect(sample.get_by_text("12 institutions", exact=True)).to_be_visible()
    expect(sample.get_by_text("shared sums alone").first).to_be_visible()
    (tmp_path / "other.json").write_text("[]", "utf-8")
    sample.locator("input[type=file]").first.set_input_files(str(tmp_path / "other.json"))
    expect(sample.get_by_role("alert").filter(has_text="is not a file of shared sums")).to_be_visible()


def test_an_opportunity_is_read_and_taken_away(sample: Page, tmp_path: Path) -> None:
    go_to(sample, "What could come home")
    expect(sample.get_by_role("heading", name="One opportunity on a page")).to_be_visible()
    choose(sample, "Line of business", "Civil engineering")
    expect(sample.get_by_role("heading", name=re.compile("Civil engineering: .* could come home"))).to_be_visible()
    with sample.expect_download() as waiting:
        sample.get_by_role("button", name="Brief (HTML)").click()
    waiting.value.save_as(tmp_path / "brief.html")
    assert "A co-operative instead" in (tmp_path / "brief.html").read_text("utf-8")
    with sample.expect_download() as waiting:
        sample.get_by_role("button", name="Opportunities (zip)").click()
    assert waiting.value.suggested_filename == "opportunities.zip"


def test_aims_added_by_the_user_are_held_against_what_is(sample: Page, tmp_path: Path) -> None:
    go_to(sample, "Measures")
    expect(sample.get_by_role("heading", name=re.compile("A place is known for"))).to_be_visible()
    choose(sample, "Measure", "Aims against actuals")
    expect(sample.get_by_role("heading", name="Not told here")).to_be_visible()
    (tmp_path / "targets.csv").write_text(
        "name,measure,of,aim\nA tenth here,local,total,0.1\nAll,local,total,1\n", "utf-8"
    )
    sample.get_by_text("Add what you know besides").click()
    sample.locator("input[type=file]").first.set_input_files(str(tmp_path / "targets.csv"))
    expect(sample.get_by_role("heading", name="1 of 2 aims is met")).to_be_visible()
    sample.reload()  # kept in the project, not in the session
    choose(sample, "Measure", "Aims against actuals")
    expect(sample.get_by_role("heading", name="1 of 2 aims is met")).to_be_visible()
    assert aims_exported(sample) == ["A tenth here", "All"]
    go_to(sample, "Measures")
    choose(sample, "Measure", "Aims against actuals")
    sample.get_by_role("button", name="Remove targets.csv").click()
    expect(sample.get_by_role("heading", name="Not told here")).to_be_visible()
    sample.get_by_role("button", name="Undo: removed a file: targets.csv").click()
    expect(sample.get_by_role("heading", name="1 of 2 aims is met")).to_be_visible()
    for name in ("Concentration", "Tail spend", "Influenceable spend", "What it is for and what is bought"):
        choose(sample, "Measure", name)
        expect(sample.get_by_text("What it cannot say.")).to_be_visible()
        settled(sample)
    assert objections(sample) == []


def test_a_file_taken_away_that_another_needs_is_told_and_locks_nothing(sample: Page, tmp_path: Path) -> None:
    (tmp_path / "nspl.csv").write_text("pcds,ward,lsoa21\nPR1 2RL,E05000001,E01000001\n", "utf-8")
    (tmp_path / "wards.csv").write_text("WD25CD,WD25NM\nE05000001,Town Centre\n", "utf-8")
    go_to(sample, "Measures")
    sample.get_by_text("Add what you know besides").click()
    given = [str(tmp_path / name) for name in ("nspl.csv", "wards.csv")]
    sample.locator("input[type=file]").first.set_input_files(given)
    expect(sample.get_by_text("Added and counted:")).to_be_visible()  # the box for files has a Remove of its own
    at_rest(sample)
    sample.get_by_role("button", name="Remove nspl.csv").click()
    told = sample.get_by_role("alert").filter(has_text="wards.csv: no column postcode")
    expect(told).to_be_visible()
    assert str(tmp_path) not in told.inner_text()
    assert "/added/" not in told.inner_text()
    go_to(sample, "Where it goes")
    expect(sample.locator("dl.tiles")).to_be_visible()
    expect(told).to_be_visible()
    go_to(sample, "Measures")
    sample.get_by_role("button", name="Remove wards.csv").click()
    expect(told).to_have_count(0)
    expect(sample.get_by_role("combobox", name="Measure", exact=True)).to_be_visible()


def aims_exported(page: Page) -> list[str]:
    """Return the aims in the tables that the page Export hands over."""
    go_to(page, "Export")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Tables (zip)").first.click()
    with zipfile.ZipFile(waiting.value.path()) as tables:
        [name] = [name for name in tables.namelist() if name.endswith("targets.csv")]
        return pl.read_csv(tables.read(name))["name"].to_list()


def test_the_ledger_to_publish_keeps_to_the_threshold(sample: Page, tmp_path: Path) -> None:
    go_to(sample, "Statutory views")
    sample.get_by_role("spinbutton", name="Payments above, £").fill("25000")
    sample.get_by_role("spinbutton", name="Payments above, £").press("Enter")
    settled(sample)
    with sample.expect_download() as waiting:
        sample.get_by_role("button", name="Payments above £25,000 to publish (CSV)").click()
    waiting.value.save_as(tmp_path / "transparency.csv")
    with (tmp_path / "transparency.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert all(abs(float(row["amount_gbp"])) > 25_000 for row in rows)
