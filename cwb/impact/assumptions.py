"""Sets of assumptions: the shipped central one, cautious and generous ones, and a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from cwb import lookups
from cwb.impact.ranges import Range, of
from cwb.lookups import Assumption


@dataclass(frozen=True)
class AssumptionSet:
    """A named set: the shipped parameters with `overrides` by id."""

    name: str
    label: str
    why: str = ""
    overrides: Mapping[str, Assumption] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, key: str, on: date | None = None) -> Assumption:
        """Return the assumption in force: the set's own, else the shipped one on the day."""
        return self.overrides.get(key) or lookups.assumption(key, on)

    def range(self, key: str, on: date | None = None) -> Range:
        """Return its low, central and high."""
        return of(self.get(key, on))


CENTRAL = AssumptionSet("central", "As published or judged, in the middle of each range")
