"""What tests do with a page: go to another, give ledgers, choose, start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Streamlit's own: its upload box is marked as decoration and has a name.
_STREAMLITS = {("presentation-role-conflict", "stFileUploaderDropzone")}


@dataclass(frozen=True)
class App:
    """Where the app is served, and the folder it keeps its sessions' files in."""

    url: str
    scratch: Path


def go_to(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def give(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").first.set_input_files([str(file) for file in files])
    expect(page.get_by_role("heading", name="Check how each file was read")).to_be_visible()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.keyboard.type(option)
    page.get_by_role("option", name=option, exact=True).first.click()


def start(page: Page, place: str) -> None:
    choose(page, "Place", place)
    expect(page.get_by_text("Elsewhere is leaked")).to_be_visible()
    page.get_by_role("button", name="Show where the money goes").click()
    expect(page.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    expect(page.locator("dl.tiles")).to_be_visible()


def objections(page: Page) -> list[str]:
    found = Axe().run(page, options=_RULES).response["violations"]
    return [
        f"{page.url}: {rule['id']}: {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
        if not any(rule["id"] == known and where in node["html"] for known, where in _STREAMLITS)
    ]


def too_wide(page: Page) -> bool:
    """Say whether the page stays wider than the screen once it has had time to lay itself out."""
    try:
        page.wait_for_function(
            "(m => m && m.scrollWidth <= m.clientWidth)(document.querySelector('[data-testid=stMain]'))", timeout=5_000
        )
    except TimeoutError:
        return True
    return False


def settled(page: Page) -> None:
    """Wait until Streamlit has run the page to its end."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_have_count(1)
