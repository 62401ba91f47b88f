"""How far a run has come: what a stage says of its own work, as a part of the whole."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]


def part_of(progress: Progress | None, start: float, end: float) -> Progress:
    """Return a reporter that maps 0 to 1 of one stage to its part of the whole."""
    say = progress or (lambda _what, _share: None)
    return lambda what, share: say(what, start + (end - start) * share)
