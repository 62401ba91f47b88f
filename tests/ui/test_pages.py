"""Every page, in every state, wide and narrow: nothing that axe-core objects to, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import App, give, objections, settled, too_wide
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PAGES = {
    "Where it goes": "Every supplier and its evidence", "Payments": "Side by side", "Change": "Jobs on the change",
    "Together": "Share your sums, not your ledger",
    "What could come home": "All of it", "Measures": "A place is known for",
    "Statutory views": "Scotland: figures for a community wealth building action plan",
    "Impact": "Each figure and what it rests on", "Assumptions": "Change one", "Scenarios": "Side by side",
    "Export": "All of it", "Projects": "The sample", "This project": "Delete everything",
    "Accessibility": "How it was tested",
}  # fmt: skip


def go(page: Page, name: str) -> None:
    """Go to a page by the menu, opening it where a narrow screen hides it."""
    menu = page.get_by_test_id("stExpandSidebarButton")
    narrow = page.viewport_size is not None and page.viewport_size["width"] < 700
    if narrow and menu.is_visible():
        menu.click()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    if narrow:
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        expect(page.get_by_test_id("stSidebarNav")).not_to_be_in_viewport()


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def sized(request: pytest.FixtureRequest, browser: Browser, app: App) -> Iterator[Page]:
    width, scheme = request.param
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(f"{app.url}/?project=new")
        expect(page.get_by_role("button", name="Try the sample")).to_be_visible()
        yield page


def test_every_page_with_a_result(sized: Page, app: App) -> None:
    elsewhere: list[str] = []
    sized.on(
        "request", lambda r: elsewhere.append(r.url) if not r.url.startswith((app.url, "data:", "blob:")) else None
    )
    sized.goto(f"{app.url}/?project=new")  # again, with every request seen
    sized.get_by_role("button", name="Try the sample").click()
    expect(sized.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    wrong = []
    for name, last in PAGES.items():
        if name != "Where it goes":
            go(sized, name)
        expect(sized.get_by_role("heading", name=last).first).to_be_visible()
        settled(sized)
        expect(sized).to_have_title(f"{name} – cwb")
        first = sized.get_by_test_id("stExpander").locator("summary").first
        if first.count():
            first.click()
        for shut in sized.locator(".cwb details").all()[:2]:
            shut.locator("summary").click()
        wrong += objections(sized)
        if too_wide(sized):
            wrong.append(f"{name} is wider than the screen")
    assert wrong == []
    assert elsewhere == [], "a page asks something of another machine"


def test_every_page_before_a_result(sized: Page) -> None:
    wrong = objections(sized)
    for name in PAGES:
        go(sized, name)
        settled(sized)
        wrong += objections(sized)
    assert wrong == []


def test_ledgers_being_checked(sized: Page, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("Date,Supplier,Amount\n14/04/2016,A very long name " + "of a supplier " * 12 + ",5.00\n", "utf-8")
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    give(sized, good, bad)
    expect(sized.get_by_text("1 payment, £5.00")).to_be_visible()
    for box in sized.get_by_test_id("stExpander").locator("summary").all():
        if box.locator("xpath=..").get_attribute("open") is None:
            box.click()
    settled(sized)
    assert objections(sized) == []
    assert not too_wide(sized)


def test_the_whole_start_by_keyboard(page: Page) -> None:
    button = page.get_by_role("button", name="Try the sample")
    for _ in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("e => e === document.activeElement"):
            break
    expect(button).to_be_focused()
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
