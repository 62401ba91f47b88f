"""What benchmarks of the app share: timing what a person waits for, and the steps that the tests take too."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "ui"))

from chromium import chromium_path
from driving import choose, go_to, serving, settled

__all__ = ["READING_MS", "choose", "chromium_path", "go", "reviewed", "serving", "settled", "timed"]

READING_MS = 400  # a key that comes before a supplier can be seen is not taken


def timed(what: str, do: Callable[[], object], limit: float | None = None) -> float:
    begin = time.perf_counter()
    do()
    took = time.perf_counter() - begin
    told = "" if limit is None else f"   limit {limit:g} s: {'holds' if took <= limit else 'MISSED'}"
    print(f"{what:<58} {took:8.3f} s{told}", flush=True)
    return took


def go(page: Page, name: str) -> None:
    go_to(page, name)
    settled(page)


def reviewed(page: Page, count: int) -> list[float]:
    """Decide about suppliers by one key each, after a moment's reading; return the seconds to the next, each time."""
    took = []
    for _ in range(count):
        page.wait_for_timeout(READING_MS)
        before = page.locator(".turn h2").inner_text()
        begin = time.perf_counter()
        page.keyboard.press("n")
        page.wait_for_function(
            "before => document.querySelector('.turn h2')?.innerText !== before", arg=before, polling=5
        )
        took.append(time.perf_counter() - begin)
    return took
