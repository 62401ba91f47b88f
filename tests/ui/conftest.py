"""A running app, and pages of it, for the tests that need them; each stops what it started."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import PATIENCE_MS
from driving import App, serving
from playwright.sync_api import Browser, Page, expect
from postgres import database, server

__all__ = ["database", "server"]


@pytest.fixture(scope="session")
def app(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serving(tmp_path_factory.mktemp("app"), STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="2") as started:
        yield started


@pytest.fixture
def page(browser: Browser, app: App) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True) as context:
        context.set_default_timeout(PATIENCE_MS)
        made = context.new_page()
        made.goto(f"{app.url}/?project=new")
        expect(made.get_by_role("heading", name="Add ledgers")).to_be_visible()
        yield made


def _analysed(page: Page) -> Page:
    page.get_by_role("button", name="Try the sample").click()
    expect(page.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    expect(page.locator("dl.tiles")).to_be_visible()
    return page


@pytest.fixture
def sample(page: Page) -> Page:
    """Give a page with the sample analysed, in a project of its own."""
    return _analysed(page)


@pytest.fixture(scope="session")
def kept_sample(browser: Browser, app: App) -> str:
    """Give the address of a project with the sample analysed, for all tests that change nothing in it."""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        made = context.new_page()
        made.goto(f"{app.url}/?project=new")
        return _analysed(made).url


@pytest.fixture
def sample_to_read(browser: Browser, kept_sample: str) -> Iterator[Page]:
    """Give a page of the project that no test changes."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True) as context:
        context.set_default_timeout(PATIENCE_MS)
        opened = context.new_page()
        opened.goto(kept_sample)
        expect(opened.locator("dl.tiles")).to_be_visible()
        yield opened
