"""A running app and a browser for the tests that need them; each stops what it started."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import App
from playwright.sync_api import Browser, Page, expect, sync_playwright
from postgres import database, server

__all__ = ["database", "server"]

TOP = Path(__file__).resolve().parents[2]
PATIENCE_MS = 60_000  # two busy cores


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("CWB_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser"))), ""
    )
    if found:
        return found
    reason = "needs Chromium: apt-get install chromium, or say where one is in CWB_CHROMIUM"
    if os.environ.get("CWB_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def app(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    scratch = tmp_path_factory.mktemp("app")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (scratch / "log").open("wb")
    server = subprocess.Popen(
        [
            sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port),
            "--server.headless", "true", "--server.disconnectedSessionTTL", "2",
        ],
        cwd=TOP, stdout=log, stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": str(scratch), "CWB_WORKSPACE": str(scratch / "decisions.db")},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
                break
            except OSError:
                assert server.poll() is None, (scratch / "log").read_text()
                time.sleep(0.25)
        yield App(url, scratch)
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, app: App) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True) as context:
        context.set_default_timeout(PATIENCE_MS)
        made = context.new_page()
        made.goto(f"{app.url}/?project=new")
        expect(made.get_by_role("heading", name="Add ledgers")).to_be_visible()
        yield made
