"""Local Multiplier 3: three rounds of spending, from the New Economics Foundation's The Money Trail."""

from __future__ import annotations

from collections.abc import Sequence


def lm3(spend: float, local: Sequence[float], respend: Sequence[float]) -> float | None:
    """LM3 = (R1 + R2 + R3) ÷ R1, with R2 = Σ localᵢ and R3 = Σ localᵢ × rᵢ (nef, The Money Trail, 2002).

    `spend` is round one (£), `local` the parts of it paid to suppliers and staff in the area (£), `respend` the share
    of each that they spend again in the area (0 to 1). None where there is no spend to divide by.
    """
    if spend <= 0:
        return None
    round_two = sum(local)
    round_three = sum(amount * rate for amount, rate in zip(local, respend, strict=True))
    return (spend + round_two + round_three) / spend


def rounds(spend: float, rate: float, count: int) -> list[float]:
    """roundₙ = spend × rateⁿ⁻¹: the leaky bucket (nef, The Money Trail)."""
    return [spend * rate**n for n in range(count)]


def all_rounds(spend: float, rate: float) -> float:
    """Equation: total = spend ÷ (1 − rate): the rounds without end, for a rate below 1 (nef, The Money Trail)."""
    if not 0 <= rate < 1:
        raise ValueError(f"a rate of re-spend lies from 0 to below 1, found {rate}")
    return spend / (1 - rate)


def worth_of_a_pound(respend: float, *, local: bool) -> float:
    """Equation: worth = 1 + r with a local supplier, r with one from outside (nef and Northumberland, 2005)."""
    return (1.0 if local else 0.0) + respend
