"""Makes docs/screenshot.png: the result of the sample, as the README shows it. Run it from the top of a checkout.

python docs/screenshots.py [FOLDER]      with FOLDER, pictures of every page as well, wide and narrow, light and dark
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

TOP = Path(__file__).resolve().parent.parent
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (320, "light"), (1280, "dark"))
READER = "Asha Patel"  # who reviews in the pictures


def main() -> None:
    """Start the app, press "Try the sample", take the pictures, stop the app."""
    more = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    chromium = os.environ.get("CWB_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("needs Chromium: apt-get install chromium, or say where one is in CWB_CHROMIUM")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as scratch:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"],
            cwd=TOP, env={**os.environ, "CWB_WORKSPACE": str(Path(scratch) / "decisions.db")},
        )  # fmt: skip
        try:
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path=chromium)
                _wait(f"http://127.0.0.1:{port}/_stcore/health")
                page = browser.new_page(viewport={"width": 1280, "height": 1000})
                _sample(page, port)
                page.screenshot(path=TOP / "docs" / "screenshot.png")
                if more:
                    more.mkdir(parents=True, exist_ok=True)
                    _every(browser, page.url, port, more)
                browser.close()
        finally:
            server.terminate()
            server.wait(20)


def _wait(url: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310  # the server just started here
            return
        except OSError:
            time.sleep(0.25)
    sys.exit("the app did not start")


def _settle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_timeout(1_000)


def _sample(page: Page, port: int) -> None:
    page.goto(f"http://127.0.0.1:{port}")
    page.get_by_role("button", name="Try the sample").click(timeout=60_000)
    page.get_by_role("heading", name="Every supplier and its evidence").wait_for(timeout=60_000)
    _settle(page)


def _every(browser: Browser, result: str, port: int, out: Path) -> None:
    """Picture every page of the menu, and the first page as a newcomer finds it, whole, in each look."""
    for width, scheme in LOOKS:
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.goto(f"http://127.0.0.1:{port}/?project=new")
        page.get_by_role("button", name="Try the sample").wait_for(timeout=60_000)
        _settle(page)
        _whole(page, out / f"new-{width}-{scheme}.png", width)
        page.goto(result)
        links = page.get_by_test_id("stSidebarNav").get_by_role("link")
        links.first.wait_for(state="attached", timeout=60_000)
        _settle(page)
        for name in links.locator("p").all_text_contents():
            if width < 700:
                page.get_by_test_id("stExpandSidebarButton").click()
            links.and_(page.get_by_role("link", name=name, exact=True)).click()
            page.get_by_role("heading", level=1, name=name).wait_for(timeout=60_000)
            _settle(page)
            if (who := page.get_by_label("Your name")).count():
                who.fill(READER)
                who.press("Enter")
                page.locator(".turn h2").wait_for(timeout=60_000)
                _settle(page)
            if width < 700 and (fold := page.get_by_test_id("stSidebarCollapseButton").get_by_role("button")).count():
                fold.click()
            _whole(page, out / f"{name.lower().replace(' ', '-')}-{width}-{scheme}.png", width)


def _whole(page: Page, path: Path, width: int) -> None:
    height = page.get_by_test_id("stMain").evaluate("m => m.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(height + 20, 12_000)})
    page.wait_for_timeout(400)
    page.screenshot(path=path)
    page.set_viewport_size({"width": width, "height": 900})


if __name__ == "__main__":
    main()
