"""Every page in every state, wide and narrow, light and dark: axe-core objects to nothing, nothing is too wide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import PAGES, App, give, go_to, objections_in_both, settled, too_wide
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture(params=[1280, 320])
def sized(request: pytest.FixtureRequest, browser: Browser, app: App) -> Iterator[Page]:
    with browser.new_context(viewport={"width": request.param, "height": 900}) as context:
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(f"{app.url}/?project=new")
        expect(page.get_by_role("button", name="Try the sample")).to_be_visible()
        yield page


def test_every_page_with_a_result(sized: Page, app: App, kept_sample: str) -> None:
    elsewhere: list[str] = []
    sized.on(
        "request", lambda r: elsewhere.append(r.url) if not r.url.startswith((app.url, "data:", "blob:")) else None
    )
    sized.goto(f"{app.url}/?project=new")  # again, with every request seen
    expect(sized.get_by_role("button", name="Try the sample")).to_be_visible()
    sized.goto(kept_sample)
    expect(sized.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    wrong = []
    for name, last in PAGES.items():
        if name != "Where it goes":
            go_to(sized, name)
        expect(sized.get_by_role("heading", name=last).first).to_be_visible()
        settled(sized)
        expect(sized).to_have_title(f"{name} – cwb")
        first = sized.get_by_test_id("stExpander").locator("summary").first
        if first.count():
            first.click()
        for shut in sized.locator(".cwb details").all()[:2]:
            shut.locator("summary").click()
        wrong += objections_in_both(sized)
        if too_wide(sized):
            wrong.append(f"{name} is wider than the screen")
    assert wrong == []
    assert elsewhere == [], "a page asks something of another machine"


def test_every_page_before_a_result(sized: Page) -> None:
    wrong = objections_in_both(sized)
    for name in PAGES:
        go_to(sized, name)
        settled(sized)
        wrong += objections_in_both(sized)
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
    assert objections_in_both(sized) == []
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
