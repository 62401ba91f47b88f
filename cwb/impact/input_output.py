"""Leontief input–output: coefficients, inverse, multipliers and effects, Type I and Type II.

Rows sell, columns buy. One function an equation
(Miller & Blair, Input-Output Analysis, 2nd ed. 2009, chapters 2 and 6).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cwb.errors import LookupsError

Array = npt.NDArray[np.float64]


def coefficients(flows: Array, output: Array) -> Array:
    """A = Z x̂⁻¹: what £1 of each column's output buys from each row. A column without output buys nothing.

    `flows` is Z (n by n, £), `output` is x (n, £).

    Raises:
        LookupsError: shapes differ, output is negative, or a column buys £1 or more for each £1 of output.
    """
    if flows.ndim != 2 or flows.shape[0] != flows.shape[1] or output.shape != (flows.shape[0],):
        raise LookupsError(f"input-output table: flows are {flows.shape}, output {output.shape}; need n by n and n")
    if not (np.isfinite(flows).all() and np.isfinite(output).all()):
        raise LookupsError("input-output table: a cell is empty or not a number")
    if (output < 0).any():
        raise LookupsError(f"input-output table: output of sector {int(np.argmin(output)) + 1} is negative")
    made = np.divide(flows, output, out=np.zeros_like(flows, dtype=np.float64), where=output > 0)
    check_coefficients(made)
    return made


def check_coefficients(made: Array) -> None:
    """Refuse a matrix with no economic meaning: a column sum of 1 or more means output worth less than its inputs."""
    sums = made.sum(axis=0)
    if (sums >= 1).any():
        worst = int(np.argmax(sums))
        raise LookupsError(
            f"input-output table: sector {worst + 1} buys £{sums[worst]:.3f} for each £1 of output; "
            "are rows and columns swapped, or is the output another year's?"
        )


def leontief(made: Array) -> Array:
    """L = (I − A)⁻¹: the output of every row that £1 of final demand for each column needs."""
    size = made.shape[-1]
    return np.asarray(np.linalg.inv(np.eye(size) - made), dtype=np.float64)


def output_multipliers(inverse: Array, sectors: int | None = None) -> Array:
    """Equation: m = column sums of L over the industries; `sectors` leaves out a closing household row."""
    return np.asarray(inverse[..., :sectors, :sectors].sum(axis=-2))


def effects(per_output: Array, inverse: Array) -> Array:
    """Equation: effect = (v ÷ x) L: GVA, pay, imports or jobs for £1 of final demand.

    `per_output` is v ÷ x by industry. With a Type II inverse the household column is left out.
    """
    size = per_output.shape[-1]
    return np.asarray(per_output @ inverse[..., :size, :size])


def effect_multipliers(per_output: Array, inverse: Array) -> Array:
    """Equation: multiplier = effect ÷ (v ÷ x): the whole effect for each £ or job of the industry's own.

    It is nan where the industry has none.
    """
    whole = effects(per_output, inverse)
    return np.divide(whole, per_output, out=np.full_like(whole, np.nan), where=per_output != 0)


def per_output(amounts: Array, output: Array) -> Array:
    """Equation: v ÷ x, GVA, pay or jobs for £1 of output; 0 where there is no output."""
    return np.divide(amounts, output, out=np.zeros_like(amounts, dtype=np.float64), where=output > 0)


def closed_to_households(made: Array, pay_per_output: Array, household_demand: Array, household_income: float) -> Array:
    """B = [[A, c ÷ income], [pay ÷ x, 0]]: A with a household row and column (Scottish Government, Type II).

    The household column is consumption by product divided by *total household income*, not by pay.

    Raises:
        LookupsError: consumption reaches household income.
    """
    size = made.shape[0]
    closed = np.zeros((size + 1, size + 1))
    closed[:size, :size] = made
    closed[:size, size] = household_demand / household_income
    closed[size, :size] = pay_per_output
    if closed[:, size].sum() >= 1:
        raise LookupsError("input-output table: households spend all of their income or more")
    return closed
