"""Gross to net: what would not have happened anyway (English Partnerships, Additionality Guide, 3rd ed. 2008)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from cwb.impact.input_output import Array

Number = TypeVar("Number", float, Array)


@dataclass(frozen=True)
class Rates:
    """Shares from 0 to 1. `benefit_leakage` is benefit to people from outside, not spend that leaks."""

    benefit_leakage: float
    displacement: float
    substitution: float
    multiplier: float = 1.0


def net_additional(gross: float, rates: Rates, reference: float = 0.0, reference_rates: Rates | None = None) -> float:
    """AI = [GI(1−L)(1−Dp)(1−S)M] − [GI*(1−L*)(1−Dp*)(1−S*)M*], starred what would have happened anyway (the Guide)."""
    anyway = reference_rates or rates
    return retained(gross, rates) - retained(reference, anyway)


def retained(gross: float, rates: Rates) -> float:
    """GI(1−L)(1−Dp)(1−S)M: one bracket of the Guide's formula."""
    kept = (1 - rates.benefit_leakage) * (1 - rates.displacement) * (1 - rates.substitution)
    return gross * kept * rates.multiplier


def net_factor(deadweight: Number, displacement: Number, benefit_leakage: Number, substitution: Number) -> Number:
    """(1−deadweight)(1−displacement)(1−benefit leakage)(1−substitution): the Guide with the reference case a share."""
    return (1 - deadweight) * (1 - displacement) * (1 - benefit_leakage) * (1 - substitution)


def waterfall(
    gross: float, *, deadweight: float, displacement: float, benefit_leakage: float, substitution: float
) -> list[tuple[str, float]]:
    """Return the steps from gross to net, in the Guide's order: each a name and a signed amount; the last is net.

    The steps sum to net: gross − deadweight − leakage − displacement − substitution = net.
    """
    steps = [("Gross", gross)]
    left = gross
    for name, share in (
        ("Deadweight", deadweight),
        ("Benefit leakage", benefit_leakage),
        ("Displacement", displacement),
        ("Substitution", substitution),
    ):
        steps.append((name, -left * share))
        left *= 1 - share
    return [*steps, ("Net", left)]
