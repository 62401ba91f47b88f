"""Jobs and multipliers: every estimate a point with its range, never a number alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cwb.charts import theme
from cwb.charts.figure import Figure
from cwb.charts.rows import Interval, intervals, nice_ticks
from cwb.charts.words import amount, money


@dataclass(frozen=True)
class Estimate:
    """One figure of the impact block: low, central and high, and what must be said with it."""

    id: str
    kind: str
    area: str
    label: str
    unit: str
    low: float
    central: float
    high: float
    method: str
    basis: str
    caveat: str
    gross: bool | None
    sources: tuple[str, ...]
    assumptions: tuple[str, ...]
    drawn: tuple[float, float, float] | None = None

    def write(self, value: float) -> str:
        """Write a value of the figure as it is always printed: `1,648`, `£1.28`, `£3.4m`."""
        if self.unit.startswith("£"):
            return f"£{value:.2f}"
        return money(value * 1e8) if self.unit.startswith("million pounds") else _whole(value)

    @property
    def text(self) -> str:
        """The figure with its range, as it is always printed: `1,648 (1,600 to 1,700)`, `£1.28 (£1.22 to £1.40)`."""
        return f"{self.write(self.central)} ({self.write(self.low)} to {self.write(self.high)})"

    @property
    def interval(self) -> str:
        """Where most draws over the assumptions lie, as `1,200 to 1,500 in 90% of draws`; empty where none were made.

        `drawn` has its ends and the share of draws.
        """
        if self.drawn is None:
            return ""
        low, high, share = self.drawn
        return f"{self.write(low)} to {self.write(high)} in {share:.0%} of draws"

    @property
    def is_jobs(self) -> bool:
        """It counts jobs."""
        return self.kind.startswith("jobs")


def _whole(value: float) -> str:
    return amount(round(value)) if abs(value) >= 1 else amount(value)


def estimates(figures: Iterable[Mapping[str, Any]]) -> list[Estimate]:
    """Return the figures of an impact block (or of compare.json's jobs) as frozen values, in their order."""
    return [
        Estimate(
            id=str(f.get("id", f["label"])), kind=str(f.get("kind", "")), area=str(f.get("area", "")),
            label=str(f["label"]), unit=str(f.get("unit", "")), low=float(f["low"]), central=float(f["central"]),
            high=float(f["high"]), method=str(f.get("method", "")), basis=str(f.get("basis", "")),
            caveat=str(f.get("caveat", "")), gross=f.get("gross"), sources=tuple(f.get("sources", ())),
            assumptions=tuple(f.get("assumptions", ())), drawn=_drawn(f.get("interval")),
        )
        for f in figures
    ]  # fmt: skip


def _drawn(interval: Mapping[str, Any] | None) -> tuple[float, float, float] | None:
    return None if not interval else (float(interval["low"]), float(interval["high"]), float(interval["share"]))


def caveats(found: Sequence[Estimate]) -> str:
    """Return every sentence of the caveats once, in order."""
    sentences = [s for e in found for s in re.split(r"(?<=[.])\s+", e.caveat.strip()) if s]
    return " ".join(dict.fromkeys(sentences))


def describe_estimates(found: Sequence[Estimate]) -> str:
    """Return each estimate with its range in words."""
    return f"{'; '.join(f'{e.label}: {e.text}' for e in found)}. {caveats(found)}".strip()


def _frame(found: Sequence[Estimate]) -> pl.DataFrame:
    columns = ("label", "low", "central", "high", "unit", "method")
    return pl.DataFrame([{**{name: getattr(e, name) for name in columns}, "rests_on": e.basis} for e in found])


def _figure(figure_id: str, found: Sequence[Estimate], *, said: str, subtitle: str, note: str) -> Figure:
    pounds = found[0].unit.startswith("£")
    floor = 1.0 if pounds else min(0.0, *(e.low for e in found))
    ticks = nice_ticks(max(e.high for e in found), floor)
    marks = [(t, f"£{t:.2f}" if pounds else amount(t)) for t in ticks]
    rows = [Interval(e.label, e.low, e.central, e.high, e.text) for e in found]
    wide, narrow = (intervals(rows, w, low=ticks[0], high=ticks[-1], ticks=marks) for w in (theme.WIDE, theme.NARROW))
    alt = describe_estimates(found)
    return Figure(figure_id, said, subtitle, note, alt, _frame(found), wide, narrow, caveats(found))


def _jobs_title(first: Estimate, place: str) -> str:
    low, high = _whole(abs(first.low)), _whole(abs(first.high))
    said = f"Between {low} and {high} jobs supported in {place}"
    if first.high < 0:
        said = f"Between {high} and {low} fewer jobs supported in {place}"
    elif first.low < 0:
        said = f"Jobs supported in {place}: {_whole(first.low)} to {_whole(first.high)}"
    return said if len(said.split()) <= 10 else said.replace(place, "the area")


def impact_figures(
    found: Sequence[Estimate], note: str, *, local: str, region: str, of: str = "this spend"
) -> list[Figure]:
    """Return the pictures of jobs, one for the local area and one for its region, and of local multipliers.

    `of` says what they rest on; `local` and `region` name the places.
    """
    out = []
    for area, figure_id, place in (("local", "jobs", local), ("region_including_local", "jobs_region", region)):
        jobs = [e for e in found if e.is_jobs and e.area == area]
        if jobs:
            subtitle = f"Jobs that {of} may support: central estimate, low and high, by method"
            out.append(_figure(figure_id, jobs, said=_jobs_title(jobs[0], place), subtitle=subtitle, note=note))
    multipliers = [e for e in found if e.kind == "lm3"]
    if multipliers:
        first = multipliers[0]
        # LM3 counts the £1 itself, which may leave at once: what stays is what is above it.
        said = f"Each £1 brings £{first.low - 1:.2f} to £{first.high - 1:.2f} more spending in {local}"
        subtitle = f"LM3: {first.unit}; central estimate, low and high"
        out.append(_figure("lm3", multipliers, said=said, subtitle=subtitle, note=note))
    return out
