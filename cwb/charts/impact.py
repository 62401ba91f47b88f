"""Jobs and multipliers: every estimate a point with its range, never a number alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cwb.charts import theme
from cwb.charts.figure import Figure
from cwb.charts.rows import Interval, intervals, nice_ticks
from cwb.charts.words import amount, listed, sentence

_INHERITED = ("method", "basis", "caveat", "unit", "sources", "source", "group")


@dataclass(frozen=True)
class Estimate:
    """One figure of the impact block: low, central and high, and what must be said with it."""

    id: str
    label: str
    unit: str
    low: float
    central: float
    high: float
    method: str = ""
    basis: str = ""
    caveat: str = ""
    sources: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The figure with its range, as it is always printed."""
        return f"{amount(self.central)} ({amount(self.low)} to {amount(self.high)})"


def _sources(said: Mapping[str, Any]) -> tuple[str, ...]:
    raw = said.get("sources") or said.get("source") or ()
    return (raw,) if isinstance(raw, str) else tuple(str(s) for s in raw)


def _walk(node: Any, path: tuple[str, ...], said: Mapping[str, Any]) -> Iterator[Estimate]:
    if isinstance(node, Mapping):
        said = {**said, **{k: node[k] for k in _INHERITED if k in node}}
        if all(isinstance(node.get(k), int | float) for k in ("low", "central", "high")):
            name = str(node.get("id") or "_".join(path))
            yield Estimate(
                id=name, label=str(node.get("label") or sentence(" ".join(path).replace("_", " "))),
                unit=str(said.get("unit") or ("jobs" if "jobs" in name else "")), low=float(node["low"]),
                central=float(node["central"]), high=float(node["high"]), method=str(said.get("method") or ""),
                basis=str(said.get("basis") or ""), caveat=str(said.get("caveat") or ""), sources=_sources(said),
            )  # fmt: skip
            return
        for key, child in node.items():
            yield from _walk(child, (*path, str(key)), said)
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child, path, said)


def estimates(impact: Mapping[str, Any]) -> list[Estimate]:
    """Return every figure of an impact block, in order, wherever in it a low, central and high stand together."""
    return list(_walk(impact, (), {}))


def describe_estimates(found: Sequence[Estimate]) -> str:
    """Return each estimate with its range in words."""
    return f"{'. '.join(f'{e.label}: {e.text} {e.unit}'.strip() for e in found)}."


def _frame(found: Sequence[Estimate]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"label": e.label, "low": e.low, "central": e.central, "high": e.high, "unit": e.unit, "method": e.method}
            for e in found
        ]
    )


def _figure(found: Sequence[Estimate], figure_id: str, *, said: str, subtitle: str, note: str, low: float) -> Figure:
    ticks = nice_ticks(max(e.high for e in found), low)
    marks = [(t, amount(t)) for t in ticks]
    rows = [Interval(e.label, e.low, e.central, e.high, e.text) for e in found]
    wide, narrow = (intervals(rows, w, low=ticks[0], high=ticks[-1], ticks=marks) for w in (theme.WIDE, theme.NARROW))
    caveats = " ".join(dict.fromkeys(e.caveat for e in found if e.caveat))
    line = f"{caveats} {note}".strip()
    return Figure(figure_id, said, subtitle, line, describe_estimates(found), _frame(found), wide, narrow)


def is_jobs(estimate: Estimate) -> bool:
    """Say whether an estimate counts jobs."""
    return "job" in estimate.unit.lower() and "per" not in estimate.unit.lower().split()


def is_lm3(estimate: Estimate) -> bool:
    """Say whether an estimate is a local multiplier."""
    return "lm3" in f"{estimate.id} {estimate.method}".lower()


def impact_figures(impact: Mapping[str, Any], note: str, of: str = "the spend") -> list[Figure]:
    """Return the pictures of jobs and of local multipliers, of those the block has; `of` says what they rest on."""
    found = estimates(impact)
    jobs, lm3 = [e for e in found if is_jobs(e)], [e for e in found if is_lm3(e) and not is_jobs(e)]
    out = []
    if jobs:
        low = min(e.low for e in jobs)
        first = jobs[0]
        said = f"{first.label}: {amount(round(first.low))} to {amount(round(first.high))} jobs"
        if len(said.split()) > 10:
            said = f"Jobs estimates range from {amount(round(first.low))} to {amount(round(first.high))}"
        ways = listed(list(dict.fromkeys(e.method for e in jobs if e.method)))
        subtitle = f"Jobs that {of} may support, central estimate with low and high" + (
            f"; methods: {ways}" if ways else ""
        )
        out.append(_figure(jobs, "jobs", said=said, subtitle=subtitle, note=note, low=min(0.0, low)))
    if lm3:
        first = lm3[0]
        said = f"Each £1 is worth £{first.low:.2f} to £{first.high:.2f} locally"
        subtitle = "LM3 local multiplier, central estimate with low and high"
        out.append(_figure(lm3, "lm3", said=said, subtitle=subtitle, note=note, low=1.0))
    return out
