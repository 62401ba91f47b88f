"""The one look of every picture: colours, letters and sizes.

The four bands differ in lightness as well as in hue, for eyes that mix up colours and for black-and-white printers;
tests measure it. A band is also always told by its place in the order and by its name or number.
"""

from __future__ import annotations

from typing import Any

from cwb.schema import BANDS

# The last two stand in for Arial where a Linux machine lacks it: what else it would take is a sixth wider.
FONT = "Arial, Helvetica, 'Liberation Sans', Arimo, 'DejaVu Sans Condensed', 'Noto Sans', sans-serif"
INK = "#17212B"
SOFT_INK = "#4C5A67"
GRID = "#DFE4E8"
PAPER = "#FFFFFF"
ACCENT = "#0B4A6F"

BAND_COLOURS = {"local": "#0B4A6F", "regional": "#5AAAD2", "leaked": "#D5692A", "unknown": "#BBC1C6"}
BAND_INK = {"local": "#FFFFFF", "regional": INK, "leaked": INK, "unknown": INK}
BAND_NAMES = {"local": "Local", "regional": "Rest of region", "leaked": "Leaked", "unknown": "Unknown"}
# Leaks and gaps have an outline of their own: grey on white is faint.
BAND_EDGE = {"local": "#0B4A6F", "regional": "#3C86A8", "leaked": "#A94C14", "unknown": "#7A838B"}
assert tuple(BAND_COLOURS) == BANDS

# From little to much: one hue, lighter to darker, so that it also reads in black and white.
LAND, WATER = "#E9EDF0", "#FFFFFF"
SCALE = ("#EEF5F9", "#C3DEEC", "#8FC1DC", "#4E97BD", "#1F6A93")

WIDE = 680
NARROW = 300
TEXT = 13
SMALL = 12

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": PAPER,
    "padding": 0,
    "view": {"stroke": None},
    "axis": {
        "labelFont": FONT, "labelFontSize": SMALL, "labelColor": SOFT_INK, "titleFont": FONT, "titleFontSize": SMALL,
        "titleColor": SOFT_INK, "titleFontWeight": "normal", "domain": False, "ticks": False, "gridColor": GRID,
        "labelPadding": 6,
    },
    "text": {"font": FONT, "fontSize": TEXT, "fill": INK},
}  # fmt: skip
