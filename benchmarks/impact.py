"""Impact: draws against one plain evaluation, and every district's regionalised inverse against numpy's bare ones.

Run alone: `python -m benchmarks.impact`. Aims: 10,000 draws over a million payments ≤ 50 × one plain evaluation;
361 districts × 104 sectors ≤ 10 s.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter

import numpy as np
import polars as pl

from cwb import lookups
from cwb.impact import CENTRAL, Area, model, uncertainty
from cwb.impact import input_output as io
from cwb.impact.estimate import area_spend, inputs_of
from cwb.impact.multipliers import many_inverses
from cwb.impact.regional import flq, flq_lambda, regional_coefficients

ROWS, DRAWS, SECTORS, DISTRICTS = 1_000_000, 10_000, 104, 361
PRESTON = Area("Preston", frozenset({"E07000123"}))


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return the least of several timings, in seconds."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return min(taken)


def payments() -> pl.DataFrame:
    """Return a million made-up payments with a band and a sector."""
    random = np.random.default_rng(1)
    bands, sections = np.array(["local", "regional", "leaked", "unknown"]), np.array([*"ABCDEFGHIJKLMNOPQRST", None])
    return pl.DataFrame(
        {
            "band": bands[random.integers(0, 4, ROWS)],
            "sic_section": pl.Series(sections[random.integers(0, 21, ROWS)].tolist(), dtype=pl.String),
            "amount_pence": np.round(np.exp(random.normal(11, 1.4, ROWS))).astype(np.int64),
        }
    )


def evaluate_run(paid: pl.DataFrame, draws: int | None) -> dict[str, np.ndarray]:
    """Add up the payments and evaluate every outcome: at the central values, or over draws."""
    sums = paid.group_by("sic_section", "band").agg(pl.col("amount_pence").sum())
    by_band = sums.group_by("band").agg(pl.col("amount_pence").sum())
    bands = dict(zip(by_band["band"].to_list(), by_band["amount_pence"].to_list(), strict=True))
    spend = area_spend(bands, sums, [PRESTON], ["2016-17"])
    inputs = inputs_of(spend, CENTRAL)
    points = uncertainty.central(inputs) if draws is None else uncertainty.draw(inputs, draws)
    return model.evaluate(spend, points)


def districts() -> None:
    """Time the inverses of all districts with λ alone, and with a location quotient a sector."""
    random = np.random.default_rng(2)
    flows = random.random((SECTORS, SECTORS))
    made = io.coefficients(flows, flows.sum(axis=0) / random.uniform(0.3, 0.7, SECTORS))
    known = lookups.table("impact/districts")["employment"].to_numpy()
    employed = np.where(np.isnan(known), np.nanmedian(known), known)
    assert employed.size == DISTRICTS
    lambdas = flq_lambda(employed, CENTRAL.get("impact.national_employment").value, 0.3)
    ready = np.eye(SECTORS) - lambdas[:, None, None] * made
    bare = best(lambda: np.linalg.inv(ready), 3)
    ours = best(lambda: many_inverses(made, lambdas), 3)
    quotients = random.uniform(0.2, 3, (DISTRICTS, SECTORS))

    def by_sector() -> np.ndarray:
        stack = [regional_coefficients(made, flq(q, lam)) for q, lam in zip(quotients, lambdas, strict=True)]
        return io.leontief(np.array(stack))

    full = best(by_sector, 3)
    print(
        f"{DISTRICTS} districts × {SECTORS} sectors, λ alone: {ours:.2f} s, {ours / bare:.2f} × numpy's bare inverses"
    )
    print(
        f"{DISTRICTS} districts × {SECTORS} sectors, FLQ by sector: {full:.2f} s, {full / bare:.2f} × bare (aim ≤ 10 s)"
    )


def main() -> None:
    """Print each measure."""
    paid = payments()
    plain, drawn = best(lambda: evaluate_run(paid, None)), best(lambda: evaluate_run(paid, DRAWS))
    print(f"one plain evaluation of {ROWS:,} payments: {plain * 1000:.0f} ms")
    print(f"{DRAWS:,} draws over them: {drawn * 1000:.0f} ms, {drawn / plain:.1f} × plain (aim ≤ 50)")
    sums = paid.group_by("sic_section", "band").agg(pl.col("amount_pence").sum())
    local = int(sums.filter(pl.col("band") == "local")["amount_pence"].sum())
    spend = area_spend({"local": local}, sums, [PRESTON], ["2016-17"])
    inputs = inputs_of(spend, CENTRAL)
    evaluate = partial(model.evaluate, spend)
    one, many = uncertainty.central(inputs), uncertainty.draw(inputs, DRAWS)
    bare, batch = best(lambda: evaluate(one), 20), best(lambda: evaluate(many))
    print(f"equations alone: once {bare * 1e6:.0f} µs, {DRAWS:,} draws {batch * 1000:.0f} ms, {batch / bare:.0f} ×")
    districts()


if __name__ == "__main__":
    main()
