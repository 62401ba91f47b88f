"""A national table made a place's own, by Flegg's location quotients."""

from __future__ import annotations

import numpy as np

from cwb.impact.input_output import Array


def slq(region: Array, nation: Array) -> Array:
    """SLQᵢ = (REᵢ ÷ RE) ÷ (NEᵢ ÷ NE): a sector's share of jobs here over its share in the nation.

    Vectors of jobs by sector, in one order; 0 where the nation has none.
    """
    here, there = region / region.sum(), nation / nation.sum()
    return np.asarray(np.divide(here, there, out=np.zeros_like(here), where=there > 0), dtype=np.float64)


def flq_lambda(regional_jobs: Array | float, national_jobs: Array | float, delta: Array | float) -> Array:
    """λ = [log₂(1 + RE ÷ NE)]^δ, at most 1: how much of what it needs an area of this size finds in itself.

    (Flegg & Webber 1997.) `regional_jobs` may be one number or one an area.
    """
    ratio = np.minimum(np.asarray(regional_jobs, dtype=np.float64) / national_jobs, 1.0)
    return np.asarray(np.log2(1 + ratio) ** delta)


def flq(quotients: Array, lam: float) -> Array:
    """FLQᵢⱼ = λ × SLQᵢ ÷ SLQⱼ (i sells, j buys), on the diagonal λ × SLQᵢ, at most 1 (Flegg & Webber 1997).

    A sector that the area lacks sells nothing; a buyer that it lacks is given its seller's own quotient.
    """
    sellers = np.broadcast_to(quotients[:, None], (quotients.size, quotients.size))
    buyers = np.broadcast_to(quotients[None, :], sellers.shape)
    cross = np.divide(sellers, buyers, out=np.array(sellers, dtype=np.float64), where=buyers > 0)
    np.fill_diagonal(cross, quotients)
    return np.asarray(np.minimum(lam * cross, 1.0))


def aflq(quotients: Array, lam: float) -> Array:
    """AFLQᵢⱼ = FLQᵢⱼ × log₂(1 + SLQⱼ) where SLQⱼ > 1, at most 1 (Flegg & Webber 2000): specialised buyers find more."""
    special = np.log2(1 + np.maximum(quotients, 1.0))
    return np.asarray(np.minimum(flq(quotients, lam) * special[None, :], 1.0))


def regional_coefficients(national: Array, quotients: Array) -> Array:
    """A_region = Q ∘ A: each national coefficient times the share of it bought in the area (Q from 0 to 1)."""
    return np.asarray(national * quotients)
