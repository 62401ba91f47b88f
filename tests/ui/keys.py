"""The keyboard alone: from control to control as Tab goes, and which controls Tab does not reach."""

from __future__ import annotations

from driving import at_rest
from playwright.sync_api import Locator, Page, expect

_SHOWS_FOCUS = """() => {
  const here = document.activeElement.getBoundingClientRect();
  if (here.bottom <= 0 || here.top >= innerHeight) return false;
  for (let e = document.activeElement, up = 0; e && up < 4; e = e.parentElement, up++) {
    const s = getComputedStyle(e);
    if (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) return true;
  }
  return false;
}"""
_CONTROLS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled)"""
# A calendar opens as a date has the focus, and closes after it: what counts is there before.
_WATCH = f"""() => {{
  window.before = ({_CONTROLS})();
  window.reached = new Set();
  document.addEventListener("focusin", e => window.reached.add(e.target), true);
  return window.before.length;
}}"""
# One stop serves a group of radio buttons; arrows go on from there. The arrow keys do what a number's buttons do, and
# a list opens from the box beside its arrow.
_MISSED = """() => window.before
  .filter(e => !window.reached.has(e))
  .filter(e => !(e.closest("[role=radiogroup]") && [...e.closest("[role=radiogroup]").querySelectorAll("*")]
    .some(one => window.reached.has(one))))
  .filter(e => e.tabIndex >= 0 || e.matches("a, button, summary, [role=button]"))
  .filter(e => !e.closest("[data-testid=stNumberInputContainer], [data-testid=stSelectbox]"))
  .map(e => e.outerHTML.slice(0, 200))"""


def tab_to(page: Page, target: Locator, *, most: int = 400) -> None:
    """Press Tab until a control has the focus, and see that it is on screen and shows it."""
    at_rest(page)
    expect(target).to_be_visible()
    for _ in range(most):
        if target.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
    page.wait_for_function(_SHOWS_FOCUS)


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Tab to a control and press a key on it."""
    tab_to(page, target)
    page.keyboard.press(key)


def write(page: Page, target: Locator, text: str, *, end: str = "Enter") -> None:
    """Tab to a box, replace what it holds, and end with a key."""
    tab_to(page, target)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)
    page.keyboard.press(end)


def pick(page: Page, label: str, option: str) -> None:
    """Tab to a list, type the beginning of an option and take it."""
    box = page.get_by_role("combobox", name=label, exact=True)
    tab_to(page, box)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(option)
    expect(page.get_by_role("option", name=option, exact=True).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(box).to_have_value(option)


def go_by_keys(page: Page, name: str) -> None:
    """Go to a page through the menu."""
    press(page, page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True))
    expect(page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()


def unreached(page: Page) -> list[str]:
    """Tab through the whole page, and return the controls that never had the focus."""
    for _ in range(page.evaluate(_WATCH) + 20):
        page.keyboard.press("Tab")
    missed: list[str] = page.evaluate(_MISSED)
    return missed
