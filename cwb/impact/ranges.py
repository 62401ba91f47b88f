"""A figure with its width: low, central, high. Nothing in impact is one bare number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from cwb.lookups import Assumption


@dataclass(frozen=True)
class Range:
    """low ≤ central ≤ high, in one unit."""

    low: float
    central: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.central <= self.high:
            raise ValueError(f"a range needs low ≤ central ≤ high, found {self.low}, {self.central}, {self.high}")

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.central + other.central, self.high + other.high)

    def as_dict(self) -> dict[str, float]:
        """Return low, central and high for JSON, without noise beyond the tenth figure."""
        return {"low": _tidy(self.low), "central": _tidy(self.central), "high": _tidy(self.high)}


def _tidy(number: float) -> float:
    return float(f"{number:.10g}") + 0.0


def exactly(number: float) -> Range:
    """Return a range without width: for what is counted, not estimated."""
    return Range(number, number, number)


def of(assumption: Assumption) -> Range:
    """Return an assumption's range; an end that it does not give is its value."""
    low = assumption.value if assumption.low is None else assumption.low
    high = assumption.value if assumption.high is None else assumption.high
    return Range(low, assumption.value, high)


def around(function: Callable[..., float], inputs: Sequence[Range]) -> Range:
    """Return `function` of the central values, with the least and greatest over every corner of the inputs.

    For a function that is monotone in each input the corners bound it exactly. The number of corners doubles with
    each input that has width, so this is for a handful of inputs; `uncertainty` draws for more.
    """
    ends = [(r.low,) if r.low == r.high else (r.low, r.high) for r in inputs]
    central = function(*(r.central for r in inputs))
    values = [function(*corner) for corner in product(*ends)]
    return Range(min(central, *values), central, max(central, *values))
