"""What the app does for people who cannot use a mouse, a wide screen or colour, and what it cannot do yet."""

from __future__ import annotations

from cwb.ui import parts

_DOES = (
    "Every page works by keyboard alone: Tab and Shift+Tab to move, Enter or Space to press, arrow keys inside a list.",
    "Among years and other choices in a row, arrow keys move and Space chooses.",
    "The focused control has a dark ring on every ground.",
    "Every chart has a text alternative made from its own numbers, and its numbers as a table under it.",
    "A band is always named; colour only helps.",
    "Text has at least 4.5 to 1 contrast; edges of controls at least 3 to 1.",
    "Pages fit 320 pixels of width and 200% zoom; only wide tables scroll sideways, by keyboard too.",
    "Motion stops where your system asks for less of it.",
    "Each page has its own title, and headings in order.",
)


def page() -> None:
    """Print the page."""
    parts.heading("Accessibility", "What works for everyone, what does not yet, and how to get the same another way.")
    parts.show(
        f'<h2>What this app does</h2><ul class="plain">{"".join(f"<li>{parts.esc(t)}</li>" for t in _DOES)}</ul>'
    )
    cannot = "".join(f"<li><strong>{parts.esc(t)}</strong> {parts.esc(way)}</li>" for t, way in LIMITS)
    parts.show(
        "<h2>What Streamlit, the framework beneath, cannot do yet</h2>"
        f'<ul class="plain">{cannot}</ul>'
        "<h2>Another way to everything here</h2><p>The command line does all that the app does, and the report is one "
        "plain HTML page that works with any screen reader: see the Export page.</p>"
        "<h2>How it was tested</h2><p>Each page, in headless Chromium at 1280 and 320 pixels, light and dark, with "
        "axe-core 4 against WCAG 2.2 A and AA, also with boxes and lists open and with mistakes made; at 200% zoom, in "
        "text of twice the size, in text spaced as WCAG lets readers set it, and with less motion asked for. The whole "
        "work by keyboard alone, from a ledger to a report, and every control of every page by Tab. It has not been "
        "tested by people with disabilities or with every screen reader.</p>"
    )


LIMITS: tuple[tuple[str, str], ...] = (
    ("After a page change, focus stays on the link in the menu.", "The first Tab stop skips to the main content."),
    (
        "On a narrow window of a desktop browser the menu stays open after a choice.",
        "Close it with the arrows at its top; phones close it themselves.",
    ),
    (
        "An open list stands outside the page's landmarks, and an open calendar has one of its own.",
        "Both are announced as they open; a date can be typed without the calendar.",
    ),
    ("A typed date counts only once its box is left.", "Press Tab until the next box has the focus."),
    ("The box that files are dropped on is marked as decoration, yet has a name.", "The Upload button in it works."),
    ("Changes further down a page are not announced by screen readers.", "Errors and warnings are."),
    ("The pages need JavaScript.", "The command line and the report do not."),
)
