"""A share is told with how far what is unknown could take it."""

from __future__ import annotations

import pytest

from cwb.charts.words import at_most
from cwb.impact.uncertainty import share_bounds


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ({"local": 20, "leaked": 70, "unknown": 10}, "up to 30.0% with the unknown"),
        ({"local": 20, "leaked": 80, "unknown": 0}, ""),
        ({"local": 20_000, "leaked": 80_000, "unknown": 1}, ""),  # less than a printed tenth
        ({}, ""),
    ],
)
def test_a_share_says_how_far_the_unknown_could_take_it(bands: dict[str, int], said: str) -> None:
    assert at_most(share_bounds(bands)["local"]) == said
    assert not at_most(None)
