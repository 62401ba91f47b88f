"""Settings are taken back the last first, by keyboard too; a new project stays one; any two years are compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from driving import App, at_rest, choose, give, go_to, objections, settled, start
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def three_years(tmp_path: Path) -> Path:
    path = tmp_path / "three.csv"
    rows = [
        f"14/04/{year},Marlpit Roofing Ltd,{amount}.00,PR1 2HE\n14/05/{year},Far Away Ltd,100.00,SW1A 1AA\n"
        for year, amount in ((2014, 50), (2015, 100), (2016, 300))
    ]
    path.write_text("Date,Supplier,Amount,Postcode,Zed\n" + "".join(rows), "utf-8")
    return path


def test_the_last_change_of_settings_is_taken_back_by_keyboard(page: Page, three_years: Path) -> None:
    give(page, three_years)
    choose(page, "Place", "Preston")
    expect(page.get_by_text("Local is Preston", exact=False).last).to_be_visible()
    choose(page, "Place", "Leeds")
    expect(page.get_by_text("Local is Leeds", exact=False).last).to_be_visible()
    undo = page.get_by_role("button", name=re.compile("^Undo: changed choices"))
    settled(page)
    undo.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Place", exact=True)).to_have_value("Preston")
    expect(page.get_by_text("Local is Preston", exact=False).last).to_be_visible()
    settled(page)
    assert objections(page) == []

    page.get_by_text("Which column is which").click()
    choose(page, "What was bought", "Zed")
    undo = page.get_by_role("button", name="Undo: changed how a ledger is read: three.csv")
    undo.click()
    expect(page.get_by_role("combobox", name="What was bought")).to_have_value("Not in this file")
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Undo: removed a ledger: three.csv").click()
    expect(page.get_by_text("6 payments, £750.00")).to_be_visible()


def test_a_new_project_is_still_new_after_a_reload(page: Page, app: App, three_years: Path) -> None:
    give(page, three_years)  # there is a project to fall back to
    page.goto(f"{app.url}/?project=new")
    expect(page.get_by_role("heading", name="New here?")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="New here?")).to_be_visible()
    expect(page.get_by_role("heading", name="Check how each file was read")).to_have_count(0)


def test_any_two_years_are_taken_away(page: Page, three_years: Path, tmp_path: Path) -> None:
    give(page, three_years)
    start(page, "Preston")
    go_to(page, "Export")
    page.get_by_role("radiogroup", name="What to take away").get_by_text("Change between years").click()
    expect(page.get_by_role("combobox", name="To", exact=True)).to_have_value("2016-17")
    choose(page, "To", "2015-16")
    expect(page.get_by_role("heading", name="Change, 2014-15 to 2015-16", exact=True)).to_be_visible()
    at_rest(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Report (HTML)").click()
    assert waiting.value.suggested_filename == "cwb-change-2014-15-to-2015-16-report.html"
    waiting.value.save_as(tmp_path / "change.html")
    said = (tmp_path / "change.html").read_text("utf-8")
    assert re.search(r"<title>How the money moved: [^<]*2014-15 to [^<]*2015-16<", said)
