"""An officer without a mouse: the whole journey by Tab, Enter, Space and arrows, and every control of every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import review_case as case
from driving import PAGES, go_to, settled
from keys import go_by_keys, pick, press, tab_to, unreached, write
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

READING_MS = 400


def test_every_control_of_every_page_is_reached_by_tab(sample_to_read: Page) -> None:
    missed: list[str] = []
    for name, last in {"Ledgers": "Say how suppliers are found", **PAGES}.items():
        go_to(sample_to_read, name)
        expect(sample_to_read.get_by_role("heading", name=last).first).to_be_visible()
        for shut in sample_to_read.get_by_test_id("stExpander").locator("summary").all()[:2]:
            shut.click()
        settled(sample_to_read)
        missed += [f"{name}: {html}" for html in unreached(sample_to_read)]
    assert missed == []


def next_year(ledger: Path) -> Path:
    """Write a ledger of the year after, which pays ten of the suppliers again."""
    heading, *lines = ledger.read_text("utf-8").replace("/2016", "/2017").splitlines()
    path = ledger.with_name("spend-next.csv")
    path.write_text("\n".join([heading, *lines[:10]]) + "\n")
    return path


def test_the_whole_journey_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    index, ledger = case.register(tmp_path), case.ledger(tmp_path)

    # Ledgers: the button is reached; what the system's own box for files gives is put into the page.
    tab_to(page, page.get_by_test_id("stFileUploader").first.locator("button"))
    page.locator("input[type=file]").first.set_input_files([ledger, next_year(ledger)])
    expect(page.get_by_role("heading", name="Check how each file was read")).to_be_visible()
    expect(page.locator("p.total")).to_have_count(2)
    press(page, page.locator("summary", has_text="Which column is which").first)
    expect(page.get_by_role("combobox", name="Supplier", exact=True)).to_have_value("Supplier")
    expect(page.get_by_text("First rows of the file")).to_be_visible()
    pick(page, "Place", "Preston")
    expect(page.get_by_text("Elsewhere is leaked")).to_be_visible()
    press(page, page.locator("summary", has_text="Add a register"))
    write(page, page.get_by_label("Or the folder of an index already built"), str(index))
    expect(page.get_by_text("Matched with the index in")).to_be_visible()
    press(page, page.get_by_role("button", name="Show where the money goes"))
    expect(page.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    expect(page.locator("dl.tiles")).to_be_visible()

    # Suppliers: by single letters, by the buttons, through a box, and back.
    go_by_keys(page, "Suppliers")
    write(page, page.get_by_label("Your name"), "Asha Patel")
    turn = page.locator(".turn h2")
    expect(turn).to_contain_text(case.name(0))
    settled(page)
    page.wait_for_timeout(READING_MS)
    page.keyboard.press("a")
    expect(turn).to_contain_text(case.name(1))
    page.wait_for_timeout(READING_MS)
    press(page, page.get_by_role("button", name="None of these"))
    expect(turn).to_contain_text(case.name(2))
    settled(page)
    page.wait_for_timeout(READING_MS)
    press(page, page.locator(".st-key-review-individual button"), "Space")
    expect(turn).to_contain_text(case.name(3))
    settled(page)
    press(page, page.get_by_role("button", name="Undo"))
    expect(turn).to_contain_text(case.name(2))
    page.wait_for_timeout(READING_MS)
    press(page, page.get_by_role("button", name="Works at"))
    page.wait_for_timeout(READING_MS)  # a box that opens asks for the cursor until it keeps it
    expect(page.get_by_label("Postcode")).to_be_focused()
    page.keyboard.type(case.AWAY)
    expect(page.get_by_label("Postcode")).to_have_value(case.AWAY)
    page.keyboard.press("Enter")
    expect(turn).to_contain_text(case.name(3))
    expect(page.get_by_role("dialog")).to_have_count(0)
    press(page, page.get_by_role("button", name="Apply 3 decisions"))
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)

    # Where it goes: the year by arrows, a table opened, a number followed to its payments.
    go_by_keys(page, "Where it goes")
    years = page.get_by_role("radiogroup", name="Financial year")
    tab_to(page, years.get_by_role("radio").first)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(years.get_by_role("radio", name="2016-17")).to_be_checked()
    expect(page).to_have_url(re.compile("year=2016-17"))  # the page of that year has begun; tab_to waits for its end
    settled(page)
    press(page, page.get_by_test_id("stExpander").first.locator("summary"))
    press(page, page.get_by_test_id("stExpander").first.get_by_role("link", name="Local"))

    # Payments: search, narrow, turn the page, set aside.
    expect(page.get_by_role("heading", level=1, name="Payments")).to_be_visible()
    expect(page.get_by_role("combobox", name="Band", exact=True)).to_have_value("Local")
    pick(page, "Band", "All bands")
    expect(page.locator("dl.tiles dt").first).to_have_text("16 payments")
    write(page, page.get_by_label("Search"), "joinery")
    expect(page.locator("dl.tiles dt").first).to_have_text("4 payments")
    press(page, page.get_by_role("button", name="Set this choice aside to compare"))
    expect(page.get_by_role("button", name="Put it away")).to_be_visible()
    press(page, page.get_by_role("button", name="Ask for all payments again"))
    expect(page.get_by_role("columnheader", name="Now: all payments")).to_be_visible()
    press(page, page.get_by_role("button", name="Next page"))
    expect(page.get_by_text("Payments 26 to")).to_be_visible()

    # Change and Impact: chosen by arrows, folded parts opened.
    go_by_keys(page, "Change")
    pick(page, "Suppliers", "The 100 largest")
    expect(page.get_by_text("Only the 100 largest suppliers are compared").first).to_be_visible()
    go_by_keys(page, "Impact")
    press(page, page.locator("summary", has_text="Assumptions used"))
    expect(page.locator("table", has_text="each dated, sourced")).to_be_visible()
    press(page, page.locator("summary", has_text="Basis and caveat").first)
    expect(page.locator("details[open]", has_text="Basis and caveat").first).to_be_visible()

    # Export: a report comes.
    go_by_keys(page, "Export")
    with page.expect_download() as downloaded:
        press(page, page.get_by_role("button", name="Report (HTML)"))
    assert "Preston" in downloaded.value.path().read_text("utf-8")
