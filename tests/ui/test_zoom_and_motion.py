"""Pages at 200% zoom, in text of twice the size or set wider, and for who asks for less motion."""

from __future__ import annotations

import pytest
from driving import PAGES, go_to, open_list, settled, too_wide
from playwright.sync_api import Browser, Page, ViewportSize, expect

pytestmark = pytest.mark.browser

WIDE, HALF = ViewportSize(width=1280, height=1024), ViewportSize(width=640, height=512)  # the same window at 200%

# What is cut off: text whose box is smaller than it and hides the rest, unless it is there for screen readers alone, is
# a box to type in, or says itself that more follows. Tables and code scroll in boxes of their own.
_CUT_OFF = """() => [...document.querySelectorAll("[data-testid=stMain] *, [data-testid=stSidebar] *")].filter(e => {
  if (!e.checkVisibility({visibilityProperty: true}) || e.matches("input, textarea, svg *")) return false;
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  if (!own || e.closest(".vh, table.raw, [data-testid=stFileUploaderDropzoneInput]")) return false;
  for (let box = e; box && box.matches("[data-testid=stMain] *, [data-testid=stSidebar] *"); box = box.parentElement) {
    const s = getComputedStyle(box);
    if (box.clientWidth <= 1 || box.clientHeight <= 1) return false;
    const hides = v => v === "hidden" || v === "clip";
    if (box !== e && !(hides(s.overflowX) || hides(s.overflowY))) continue;
    if (hides(s.overflowX) && box.scrollWidth > box.clientWidth + 2) return true;
    if (hides(s.overflowY) && box.scrollHeight > box.clientHeight + 2) return true;
    if (s.position === "fixed") break;
  }
  return false;
}).map(e => e.outerHTML.slice(0, 160))"""
# The spacing that a reader may set (WCAG 2.2, 1.4.12); text that a page's own style sets tighter is set so too.
_SPACED = "* { letter-spacing: .12em !important; word-spacing: .16em !important; line-height: 1.5 !important; }"
_MOVES = """() => [...document.querySelectorAll("*")].flatMap(e => [null, "::before", "::after"].map(part => {
  const s = getComputedStyle(e, part);
  const ms = time => parseFloat(time) * (time.trim().endsWith("ms") ? 1 : 1000);
  const longest = times => Math.max(...times.split(",").map(ms));
  const endless = s.animationIterationCount.includes("infinite") || longest(s.animationDuration) > 1;
  if (!(s.animationName !== "none" && endless) && longest(s.transitionDuration) <= 1 && s.scrollBehavior !== "smooth")
    return null;
  return `${e.tagName} ${e.dataset.testid || e.className} ${part} ${s.animationName} ${s.transitionDuration}`;
})).filter(Boolean)"""


@pytest.fixture(scope="module")
def wrong(browser: Browser, kept_sample: str) -> dict[str, list[str]]:
    """Go once through every page, and return what is wrong on it by what was asked: zoom, text, spacing, motion."""
    found: dict[str, list[str]] = {"zoom": [], "text": [], "spacing": [], "motion": []}

    def fits(page: Page, asked: str, name: str) -> None:
        if too_wide(page):
            found[asked].append(f"{name} is wider than the screen")
        cut: list[str] = []
        for _ in range(60):  # Streamlit takes a moment to fit another width, on a busy machine many
            cut = page.evaluate(_CUT_OFF)
            if not cut:
                break
            page.wait_for_timeout(300)
        found[asked] += [f"{name}: {html}" for html in cut]

    with browser.new_context(viewport=WIDE, device_scale_factor=2, reduced_motion="reduce") as context:
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(kept_sample)
        expect(page.locator("dl.tiles")).to_be_visible()
        for name, last in {**PAGES, "Ledgers": "Say how suppliers are found"}.items():
            go_to(page, name)
            expect(page.get_by_role("heading", name=last).first).to_be_visible()
            settled(page)
            found["motion"] += [f"{name}: {said}" for said in page.evaluate(_MOVES)]
            before = page.evaluate("getComputedStyle(document.documentElement).fontSize")
            page.evaluate("size => document.documentElement.style.fontSize = size", f"{2 * float(before[:-2])}px")
            fits(page, "text", name)
            page.evaluate("document.documentElement.style.fontSize = ''")
            spaced = page.add_style_tag(content=_SPACED)
            fits(page, "spacing", name)
            spaced.evaluate("tag => tag.remove()")
            page.set_viewport_size(HALF)
            fits(page, "zoom", name)
            page.set_viewport_size(WIDE)
        found["motion"] += [f"a list open: {said}" for said in opened(page)]
    return found


def opened(page: Page) -> list[str]:
    """Open a list, which stands outside the page's own element, and return what moves in it."""
    open_list(page, "Place")
    said: list[str] = page.evaluate(_MOVES)
    return said


def test_nothing_is_cut_off_and_nothing_scrolls_both_ways_at_200_percent(wrong: dict[str, list[str]]) -> None:
    assert wrong["zoom"] == []


def test_nor_in_text_of_twice_the_size(wrong: dict[str, list[str]]) -> None:
    assert wrong["text"] == []


def test_nor_in_text_that_a_reader_sets_wider(wrong: dict[str, list[str]]) -> None:
    assert wrong["spacing"] == []


def test_motion_stops_where_less_of_it_is_asked_for(wrong: dict[str, list[str]]) -> None:
    assert wrong["motion"] == []
