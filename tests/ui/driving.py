"""What tests and benchmarks do with the app: start it, then go to pages, give ledgers, choose, look for faults."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # to list what passes too takes three times as long
}
# Streamlit's own, told on the accessibility page: its upload box is marked as decoration and has a name; an open list
# stands outside the page's landmarks, and an open calendar has a landmark of its own.
_STREAMLITS = {
    ("presentation-role-conflict", "stFileUploaderDropzone"), ("region", 'role="listbox"'),
    ("landmark-banner-is-top-level", "<header"), ("landmark-no-duplicate-banner", "<header"),
    ("landmark-unique", "<header"),
}  # fmt: skip


# Every page that shows a result, or tells of the project, and the last heading on it with the sample analysed.
PAGES = {
    "Where it goes": "Every supplier and its evidence", "Payments": "Side by side", "Change": "Jobs on the change",
    "Together": "Share your sums, not your ledger",
    "What could come home": "All of it", "Measures": "A place is known for",
    "Statutory views": "Scotland: figures for a community wealth building action plan",
    "Impact": "Each figure and what it rests on", "Assumptions": "Change one", "Scenarios": "Side by side",
    "Export": "All of it", "Projects": "The sample", "This project": "Delete everything",
    "Accessibility": "How it was tested",
}  # fmt: skip
TOP = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class App:
    """Where the app is served, the folder it keeps its sessions' files in, and the process that serves it."""

    url: str
    scratch: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(
    scratch: Path, *, store: str = "", port: int = 0, sign_in: Path | None = None, **settings: str
) -> Iterator[App]:
    """Serve the app by its command until the end of the block.

    Args:
        scratch: its folder for files in passing, and for its log.
        store: the workspace; without it, one of its own in `scratch`.
        port: where it listens; without it, one that is free.
        sign_in: the file that names an identity provider.
        **settings: added to its environment.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["app", "--headless", "--port", str(port), "--workspace", store or str(scratch / "decisions.db")]
    if sign_in is not None:
        command += ["--sign-in", str(sign_in)]
    own = {"CWB_HOME": str(scratch / "home"), **os.environ, "TMPDIR": str(scratch), **settings}
    with (scratch / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from cwb.cli import main; main()", *command], cwd=TOP, stdout=log,
            stderr=subprocess.STDOUT, env=own, start_new_session=True,
        )  # fmt: skip
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
                    break
                except OSError:
                    assert process.poll() is None, (scratch / "log").read_text()
                    time.sleep(0.25)
            yield App(url, scratch, process)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def go_to(page: Page, name: str) -> None:
    """Go to a page by the menu, opening it where a narrow screen hides it."""
    menu = page.get_by_test_id("stExpandSidebarButton")
    narrow = page.viewport_size is not None and page.viewport_size["width"] < 700
    if narrow and menu.is_visible():
        menu.click()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()
    if narrow:
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        expect(page.get_by_test_id("stSidebarNav")).not_to_be_in_viewport()


def give(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").first.set_input_files([str(file) for file in files])
    expect(page.get_by_role("heading", name="Check how each file was read")).to_be_visible()


def open_list(page: Page, label: str) -> None:
    """Open a list of choices, once more where the page was drawn again under the press and closed it."""
    box = page.get_by_role("combobox", name=label, exact=True)
    for _ in range(5):
        at_rest(page)
        if box.get_attribute("aria-expanded") != "true":
            box.click()
        try:
            expect(page.get_by_role("option").first).to_be_visible(timeout=8_000)
        except AssertionError:
            continue
        return
    raise AssertionError(f"the list {label} did not open")


def choose(page: Page, label: str, option: str) -> None:
    open_list(page, label)
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


def objections_in_both(page: Page) -> list[str]:
    """Return what axe-core objects to in light and in dark, and leave the page in light."""
    found: list[str] = []
    for scheme, ground in (("dark", "rgb(18, 24, 30)"), ("light", "rgb(255, 255, 255)")):
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
        found += [f"{scheme}: {said}" for said in objections(page)]
    return found


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


def at_rest(page: Page) -> None:
    """Wait also for what unfolds: it would carry a control off the screen after it was found."""
    settled(page)
    page.wait_for_function(
        "() => document.getAnimations().every(a => a.playState !== 'running'"
        " || a.effect.getTiming().iterations === Infinity)"
    )
