"""How wide a figure is and why: exact bounds over input ranges, intervals from draws, and what drives the width."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import polars as pl

from cwb.impact.input_output import Array
from cwb.impact.ranges import Range

_SEED = 20_261_101
_TORNADO = ("input_low", "input_high", "at_low", "at_high")
Evaluate = Callable[[Mapping[str, Array]], dict[str, Array]]


@dataclass(frozen=True)
class Interval:
    """Where at least `share` of draws lie, and the central value, and how they were made."""

    low: float
    high: float
    share: float
    draws: int

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"low": self.low, "high": self.high, "share": self.share, "draws": self.draws, "seed": _SEED}


def central(inputs: Mapping[str, Range]) -> dict[str, Array]:
    """Return each input's central value as an array of one."""
    return {k: np.array([r.central]) for k, r in inputs.items()}


def bounds(evaluate: Evaluate, inputs: Mapping[str, Range], depends: Mapping[str, Collection[str]]) -> dict[str, Range]:
    """Return each outcome's central value with its least and greatest over every corner of the inputs it depends on.

    Exact where the outcome is monotone in each input, as all of `model.DEPENDS` are. Widening an input never narrows
    an outcome.
    """
    wide = [k for k, r in inputs.items() if r.low < r.high]
    corners = np.array(list(product((0, 1), repeat=len(wide))), dtype=bool).reshape(-1, len(wide))
    points = {k: np.full(len(corners) + 1, r.central) for k, r in inputs.items()}
    for at, key in enumerate(wide):
        points[key][1:] = np.where(corners[:, at], inputs[key].high, inputs[key].low)
    found = evaluate(points)
    return {
        k: Range(float(v.min()), float(v[0]), float(v.max()))
        for k, v in found.items()
        if k in depends and np.isfinite(v).all()
    }


def triangular(uniform: Array, span: Range) -> Array:
    """q(u): the quantiles of a triangular distribution from low to high with its peak at the central value."""
    if span.low == span.high:
        return np.full_like(uniform, span.central)
    width, rise, fall = span.high - span.low, span.central - span.low, span.high - span.central
    left = span.low + np.sqrt(uniform * width * rise)
    right = span.high - np.sqrt((1 - uniform) * width * fall)
    return np.where(uniform < rise / width, left, right)


def draw(inputs: Mapping[str, Range], draws: int) -> dict[str, Array]:
    """Return `draws` independent values of each input, triangular over its range, the same at every call.

    Each input has its own stream, named by its key: adding one does not change the others.
    """
    return {
        key: triangular(np.random.default_rng([_SEED, *key.encode()]).random(draws), span)
        for key, span in inputs.items()
    }


def intervals(
    evaluate: Evaluate, inputs: Mapping[str, Range], *, draws: int, share: float, held: Collection[str] = ()
) -> dict[str, Interval]:
    """Return the middle `share` of each outcome over `draws` draws of all inputs at once, and its central value.

    `held` stay central: what nothing is known of has bounds and no odds. Where the central value of an input is an end
    of its range, the outcome's may lie beyond the middle of the draws: the interval is taken out to it.
    """
    drawn = {key: Range(one.central, one.central, one.central) if key in held else one for key, one in inputs.items()}
    found, middle = evaluate(draw(drawn, draws)), evaluate(central(inputs))
    tail = (1 - share) / 2
    out = {}
    for name, values in found.items():
        if np.isfinite(values).all():
            low, high = np.quantile(values, [tail, 1 - tail])
            at = float(middle[name][0])
            out[name] = Interval(min(float(low), at), max(float(high), at), share, draws)
    return out


def tornado(evaluate: Evaluate, inputs: Mapping[str, Range], outcome: str) -> list[dict[str, Any]]:
    """Return what moves `outcome` most: each input taken to its low and high with the others central, widest first.

    Each row: input, low and high of the input, and the outcome at each.
    """
    wide = [k for k, r in inputs.items() if r.low < r.high]
    points = {k: np.full(2 * len(wide), r.central) for k, r in inputs.items()}
    for at, key in enumerate(wide):
        points[key][2 * at], points[key][2 * at + 1] = inputs[key].low, inputs[key].high
    found = evaluate(points).get(outcome)
    if found is None:
        return []
    rows = [
        {
            "input": key,
            "input_low": inputs[key].low,
            "input_high": inputs[key].high,
            "at_low": float(found[2 * at]),
            "at_high": float(found[2 * at + 1]),
        }
        for at, key in enumerate(wide)
    ]
    moved = [r for r in rows if r["at_low"] != r["at_high"]]
    return sorted(moved, key=lambda r: -abs(float(r["at_high"]) - float(r["at_low"])))


def expected_from_review(suppliers: pl.DataFrame) -> dict[str, int]:
    """Return pence of unplaced spend expected in each band: Σ amount × match score, for suppliers still in review.

    `suppliers` has amount_pence, outcome, score (0 to 1, taken for a probability) and candidate_band, the band that the
    best candidate's address would give (null where none). Only matches in review count.
    """
    waiting = suppliers.filter((pl.col("outcome") == "review") & pl.col("candidate_band").is_not_null())
    sums = waiting.group_by("candidate_band").agg(pence=(pl.col("amount_pence") * pl.col("score")).sum())
    return {str(band): round(pence) for band, pence in sums.iter_rows()}


def share_bounds(bands: Mapping[str, int], expected_pence: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Return bounds on each band's share of all spend from what is unknown.

    Low: none of the unknown is in the band; high: all of it is. `expected` adds `expected_pence` of the unknown to
    each band (for instance by the probability of each unreviewed match), where it is given, and stays within the
    bounds, which a credit among the unknown could take it past. Shares 0 to 1; null where the total is not above zero.
    """
    total = sum(bands.values())
    unknown = max(bands.get("unknown", 0), 0)
    extra = expected_pence or {}
    members = {"local": ["local"], "regional": ["regional"], "leaked": ["leaked"]}
    members["region_including_local"] = ["local", "regional"]
    out: dict[str, Any] = {}
    for name, parts in members.items():
        found = sum(bands.get(p, 0) for p in parts)
        if total <= 0:
            out[name] = {"low": None, "central": None, "high": None, "expected": None}
            continue
        likely = min(max(found + sum(extra.get(p, 0) for p in parts), found), found + unknown)
        out[name] = {
            "low": found / total,
            "central": found / total,
            "high": (found + unknown) / total,
            "expected": likely / total if expected_pence is not None else None,
        }
    return out


def width_tables(bounds: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Return what is written of widths beside a run, of what there is: `share_bounds`, `tornado` and `gross_to_net`.

    `bounds` is what `share_bounds` gave, `block` the "impact" of summary.json.
    """
    number = pl.Float64
    shares = pl.DataFrame(
        [
            {"band": band, **{f"share_{end}": one[end] for end in ("low", "expected", "high")}}
            for band, one in bounds.items()
        ],
        schema={"band": pl.String, "share_low": number, "share_expected": number, "share_high": number},
    )
    tornado = pl.DataFrame(
        [
            {"figure": figure["label"], "assumption": row["input"], **{k: float(row[k]) for k in _TORNADO}}
            for figure in block.get("figures", [])
            for row in figure.get("tornado", [])
        ],
        schema={"figure": pl.String, "assumption": pl.String, **dict.fromkeys(_TORNADO, number)},
    )
    steps = pl.DataFrame(
        [{"area": area, **step} for area, steps in (block.get("waterfall") or {}).items() for step in steps],
        schema={"area": pl.String, "step": pl.String, "jobs": number},
    )
    made = {"share_bounds": shares, "tornado": tornado, "gross_to_net": steps}
    return {name: frame for name, frame in made.items() if frame.height}
