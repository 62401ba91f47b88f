"""Numbers as people read them out: £, shares, and short statements made from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_FRACTIONS = (
    (1 / 10, "a tenth"), (1 / 5, "a fifth"), (1 / 4, "a quarter"), (1 / 3, "a third"), (2 / 5, "two fifths"),
    (1 / 2, "half"), (3 / 5, "three fifths"), (2 / 3, "two thirds"), (3 / 4, "three quarters"),
    (4 / 5, "four fifths"), (9 / 10, "nine tenths"),
)  # fmt: skip
_SAME = 0.005  # a share this near a fraction is called by it
_NEAR = 0.015  # and this near, "just over" or "just under" it
_NARROW = " .,:;!'’|()[]iljtfrI-–·"
MINUS = "−"


def money(pence: int | float) -> str:
    """Return £ for reading: `£1.2bn`, `£37m`, `£4.5m`, `£412,000`, `£950`."""
    pounds = abs(pence) / 100
    if pounds >= 999_500_000:
        text = f"£{pounds / 1e9:,.2f}bn"
    elif pounds >= 9_950_000:
        text = f"£{pounds / 1e6:,.0f}m"
    elif pounds >= 999_500:
        text = f"£{pounds / 1e6:,.1f}m"
    elif pounds >= 9_950:
        text = f"£{round(pounds, -3):,.0f}"
    else:
        text = f"£{pounds:,.0f}"
    return MINUS + text if pence < 0 and text.strip("£0.,") else text


def exact_money(pence: int) -> str:
    """Return £ to the penny: `£1,234.56`."""
    pounds, rest = divmod(abs(pence), 100)
    return f"{MINUS if pence < 0 else ''}£{pounds:,}.{rest:02d}"


def percent(share: float | None) -> str:
    """Return a share as `18.2%`; a null one is `not known`; nearly none and nearly all are told as such."""
    if share is None:
        return "not known"
    if 0 < share < 0.0005:
        return "under 0.1%"
    if 0.9995 <= share < 1:
        return "over 99.9%"
    return f"{share:.1%}".replace("-", MINUS)


def points(share_points: float | None) -> str:
    """Return a change of share, in percentage points (0 to 100), with its sign: `+13.2 points`."""
    if share_points is None:
        return "not known"
    text = f"{share_points:+.1f}"
    return f"{'0.0' if text in ('+0.0', '-0.0') else text.replace('-', MINUS)} points"


def change(pence: int) -> str:
    """Return a change in £ with its sign: `+£75m`, `−£329m`."""
    return ("+" if pence > 0 else "") + money(pence)


def amount(value: float) -> str:
    """Return a plain number: no decimals from 100 up, two below 10, thousands separated."""
    size = abs(value)
    decimals = 0 if size >= 100 or float(value).is_integer() else 1 if size >= 10 else 2
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def fraction(share: float) -> str:
    """Return a share in the plainest true words: `half`, `just over three fifths`, `18%`, `under 1%`."""
    if share < 0.01:
        return "almost none" if share < 0.0005 else "under 1%"
    if share > 0.9995:
        return "all"
    near, words = min(_FRACTIONS, key=lambda known: abs(known[0] - share))
    gap = share - near
    if abs(gap) <= _SAME:
        return words
    if abs(gap) <= _NEAR:
        return f"just {'over' if gap > 0 else 'under'} {words}"
    return f"{share:.0%}"


def sentence(text: str) -> str:
    """Return text with its first letter a capital."""
    return text[:1].upper() + text[1:]


def title(text: str, otherwise: str, limit: int = 10) -> str:
    """Return the statement, or the shorter one where long names take it past `limit` words."""
    return sentence(text if len(text.split()) <= limit else otherwise)


def listed(parts: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def text_px(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a text is, in pixels, in the widest letters of theme.FONT.

    They are a bit wider than Arial's; capitals are wide, spaces and points narrow.
    """
    return (
        (1.1 if bold else 1.0)
        * size
        * sum(0.73 if c.isupper() or c in "&%£÷+=" else 0.32 if c in _NARROW else 0.59 for c in text)
    )


def wrapped(text: str, width_px: float, font_px: float, most: int = 2, *, bold: bool = False) -> list[str]:
    """Return text in at most `most` lines that fit a width, the last ending in … where words are left over."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_px(longer, font_px, bold=bold) <= width_px or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] += "…"
    for i, line in enumerate(kept):
        while text_px(kept[i], font_px, bold=bold) > width_px and len(kept[i]) > 2:
            kept[i] = f"{kept[i].rstrip('…')[:-1].rstrip()}…"
        if i == len(kept) - 1 and kept[i] != line and " " in kept[i]:
            kept[i] = f"{kept[i].rsplit(' ', 1)[0].rstrip(',;')}…"
    return kept


def at_most(bounds: Mapping[str, Any] | None) -> str:
    """Say how far what is unknown could take a share, from its bounds in summary.json; empty where it could not."""
    if not bounds or bounds.get("high") is None or percent(bounds["low"]) == percent(bounds["high"]):
        return ""
    return f"up to {percent(bounds['high'])} with the unknown"
