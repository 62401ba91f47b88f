"""Why a supplier was given its organisation, and why not the next: what each piece of evidence added, and in words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl

from cwb import lookups

_LEAST = 0.005  # points, in log-odds; less changes nothing that anybody reads
_START = "constant"


def contributions(pairs: pl.DataFrame) -> pl.Series:
    """Return for each row of features the list of {feature, points} that are not nothing, weightiest first.

    Points are weight × feature, in log-odds; their sum is the row's utility.
    """
    weights = lookups.table("match/weights")
    points = pairs.select(weights["feature"].to_list()).to_numpy() * weights["weight"].to_numpy()
    row, column = np.nonzero(np.abs(points) >= _LEAST)
    told = pl.DataFrame(
        {"row": row, "feature": weights["feature"].gather(column), "points": points[row, column].round(3)}
    ).sort("row", pl.col("points").abs(), descending=[False, True], maintain_order=True)
    listed = told.group_by("row", maintain_order=True).agg(pl.struct("feature", "points").alias("told"))
    every = pl.DataFrame({"row": np.arange(pairs.height)})
    return every.join(listed, on="row", how="left", maintain_order="left", validate="1:1")["told"]


def explain(evidence: str | None, *, candidate: int = 0) -> list[tuple[str, float]]:
    """Return what spoke for (above 0) and against a candidate, in words and log-odds: a waterfall's steps in order.

    The first step is where every candidate starts. A probability of 0.5 is a sum of 0 where there is no rival.

    Args:
        evidence: the JSON of a link, as `match_suppliers` gives it.
        candidate: 0 for the one chosen, 1 for the runner-up; others are not kept.

    Returns:
        Empty where there is no such candidate.
    """
    told = json.loads(evidence or "{}").get("points") or []
    if candidate >= len(told) or not told[candidate]:
        return []
    words = dict(lookups.table("match/weights").select("feature", "reason").iter_rows())
    steps = sorted(told[candidate], key=lambda step: (step["feature"] != _START, -abs(step["points"])))
    return [(words.get(step["feature"], step["feature"]), step["points"]) for step in steps]


def in_words(evidence: str | None) -> str:
    """Return a plain paragraph: why this organisation, and why not the next."""
    held: dict[str, Any] = json.loads(evidence or "{}")
    listed = held.get("candidates") or []
    if not listed:
        return _unsought(held)
    first = listed[0]
    said = [f"“{held.get('printed')}” is compared with {first['name']} ({first['org_id']})."]
    if held.get("number_agrees"):
        said.append("The ledger itself prints this organisation's number.")
    if held.get("compared") and held["compared"] != first["name"]:
        said.append(f"It goes by the name {held['compared']} there.")
    mine = explain(evidence)[1:]
    for_it, against = [s for s in mine if s[1] > 0][:4], [s for s in mine if s[1] < 0][:3]
    said += [f"For it: {_listed(for_it)}."] if for_it else ["Little speaks for it."]
    said += [f"Against it: {_listed(against)}."] if against else []
    said.append(f"That makes it right with a probability of {first['probability']:.0%}.")
    if len(listed) < 2:
        return " ".join([*said, "Nothing else on the register comes near."])
    next_one = listed[1]
    said.append(f"The next is {next_one['name']} ({next_one['org_id']}), at {next_one['probability']:.0%}:")
    gaps = _behind(dict(mine), dict(explain(evidence, candidate=1)[1:]))
    return " ".join(
        [*said, f"it falls behind in: {_listed(gaps)}." if gaps else "nothing compared tells the two apart."]
    )


def _unsought(held: dict[str, Any]) -> str:
    rules = {"redacted": "The ledger hides the name, so it is not looked up.",
             "pays_itself": "The payer and the payee are the same body, so it is not looked up."}  # fmt: skip
    said = rules.get(held.get("rule") or "")
    return said or "No organisation on the register shares enough with this name."


def _behind(mine: dict[str, float], its: dict[str, float]) -> list[tuple[str, float]]:
    """Return the evidence in which the next falls behind the first by most, with by how much."""
    gaps = [(words, its.get(words, 0.0) - mine.get(words, 0.0)) for words in dict.fromkeys([*mine, *its])]
    return sorted((gap for gap in gaps if gap[1] <= -0.05), key=lambda gap: gap[1])[:3]


def _listed(steps: list[tuple[str, float]]) -> str:
    return "; ".join(f"{words} ({points:+.1f})".replace("-", "−") for words, points in steps)
