"""One Chromium for all tests of a process that need one: a second engine cannot run beside the first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from required import missing

PATIENCE_MS = 60_000  # two busy cores


def chromium_path() -> str:
    """Return where a Chromium is, or nothing."""
    known = map(shutil.which, ("chromium", "chromium-browser"))
    return os.environ.get("CWB_CHROMIUM") or next(filter(None, known), "")


@pytest.fixture(scope="session")
def chromium() -> str:
    if not (found := chromium_path()):
        missing("needs Chromium: apt-get install chromium, or say where one is in CWB_CHROMIUM")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium)
        yield started
        started.close()
