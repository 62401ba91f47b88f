"""What a place's own supply chains carry, for many λ at once: the national table regionalised and inverted.

A_region = Q(λ) ∘ A, Q by FLQ or AFLQ from the place's quotients, or λ alone (all quotients 1) where only its total jobs
are known. The inverse is exact at each λ asked for while they are few (bounds, tornado); of thousands of draws, at as
many λ spread evenly over them, and what is wanted of it is interpolated: it bends so little there that the error is
below a millionth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from cwb.impact import input_output as io
from cwb.impact import regional
from cwb.impact.input_output import Array
from cwb.impact.sector_table import SectorTable

Quotient = Literal["flq", "aflq"]
_NODES = 65


def regional_table(table: SectorTable, lam: float, quotients: Array, kind: Quotient) -> Array:
    """A_region = Q ∘ A: the national coefficients times the share of each bought in the place."""
    share = regional.aflq(quotients, lam) if kind == "aflq" else regional.flq(quotients, lam)
    return regional.regional_coefficients(table.made, share)


def household_demand(table: SectorTable, lam: float, quotients: Array) -> Array:
    """Equation: min(λ SLQ, 1) × households' demand for the product (£m): what they buy of it in the place."""
    return np.asarray(np.minimum(lam * quotients, 1.0) * np.maximum(table.household, 0.0))


@dataclass(frozen=True)
class Chain:
    """A place's table at each λ of `lam`; `quotients` by industry, None where all are taken to be 1."""

    table: SectorTable
    lam: Array
    quotients: Array | None = None
    kind: Quotient = "flq"

    @cached_property
    def _even(self) -> Array:
        return np.ones(len(self.table.industries)) if self.quotients is None else self.quotients

    @cached_property
    def _nodes(self) -> Array:
        found = np.unique(self.lam)
        return found if found.size <= _NODES else np.linspace(found[0], found[-1], _NODES)

    @cached_property
    def _inverses(self) -> Array:
        if self.quotients is None:
            return io.leontief(self._nodes[:, None, None] * self.table.made)
        return io.leontief(np.stack([regional_table(self.table, x, self._even, self.kind) for x in self._nodes]))

    @cached_property
    def _bought(self) -> Array:
        return np.stack([household_demand(self.table, x, self._even) for x in self._nodes])

    def through(self, row: Array, column: Array) -> Array:
        """Return row L column for each λ: the effect (`row` by unit of output) of final demand `column`."""
        return np.asarray(np.interp(self.lam, self._nodes, (row @ self._inverses) @ column))

    def households(self, row: Array) -> Array:
        """Return row L h for each λ, h what households buy in the place of the nation's household demand (£m)."""
        return np.asarray(np.interp(self.lam, self._nodes, ((row @ self._inverses) * self._bought).sum(axis=1)))
