"""From agreements to a probability: a conditional logit over a supplier's candidates and "none of these".

P(i) = exp(s_i) / (1 + Σ_j exp(s_j)),  s_i = Σ_k weight_k · feature_k(i)

so that a rival that fits as well takes its share, and none of these is always a choice (McFadden 1974). The weights
are rows of `lookups/match/weights.csv`, fitted by `benchmarks/match_fit.py` on labelled suppliers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import lookups

F64 = npt.NDArray[np.float64]


def utility(features: pl.DataFrame, only: Sequence[str] | None = None) -> F64:
    """Return Σ weight · feature for each row, over `only` these features where given.

    A feature without a weight, or the reverse, is a fault in the lookups.
    """
    weights = lookups.table("match/weights")
    if only is not None:
        weights = weights.filter(pl.col("feature").is_in(list(only)))
    used = features.select(weights["feature"].to_list()).to_numpy()
    return np.asarray(used @ weights["weight"].to_numpy(), dtype=np.float64)


def probability(group: npt.NDArray[np.int64], score: F64) -> F64:
    """Return each candidate's share within its group (sorted), "none of these" having a utility of 0."""
    if not len(score):
        return score
    begins = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    sizes = np.diff(np.concatenate([begins, [len(group)]]))
    top = np.repeat(np.maximum(np.maximum.reduceat(score, begins), 0.0), sizes)
    mass = np.exp(score - top)
    total = np.repeat(np.add.reduceat(mass, begins), sizes) + np.exp(-top)
    return np.asarray(mass / total)
