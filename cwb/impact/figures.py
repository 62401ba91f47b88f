"""The shape of a figure of impact: a range with its unit, basis, method, sources, assumptions and caveat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import polars as pl

from cwb import lookups
from cwb.impact import areas
from cwb.impact.areas import GvaPerJob
from cwb.impact.assumptions import AssumptionSet
from cwb.impact.model import UNKNOWN_RATE, AreaSpend
from cwb.impact.ranges import Range
from cwb.lookups import Assumption

LOCAL, REGION = "local", "region_including_local"
MEMBERS = {LOCAL: ("local",), REGION: ("local", "regional")}


@dataclass(frozen=True)
class Area:
    """A place or its region as impact needs it: a name and its districts' ONS codes."""

    name: str
    lad_codes: frozenset[str]


@dataclass(frozen=True)
class Impact:
    """The block for summary.json or compare.json, every assumption it used, each once, and tables beside it."""

    block: dict[str, Any]
    assumptions: tuple[Assumption, ...]
    tables: Mapping[str, pl.DataFrame] = field(default_factory=lambda: MappingProxyType({}))


@dataclass
class Work:
    """What is being estimated for which years, the assumptions used so far in order, and notes for the reader."""

    chosen: AssumptionSet
    years: list[str]
    notes: list[str] = field(default_factory=list)
    seen: dict[str, Assumption] = field(default_factory=dict)

    def range(self, key: str) -> Range:
        self.seen[key] = self.chosen.get(key)
        return self.chosen.range(key)

    def published(self, factor: GvaPerJob) -> str:
        """Note the GVA per filled job that was chosen as an assumption of its own; return its id."""
        self.seen[factor.key] = Assumption(
            id=factor.key, label=f"GVA per filled job, {factor.itl_name}, {factor.year}", value=factor.gbp.central,
            low=factor.gbp.low, high=factor.gbp.high, unit="£ a filled job a year, current prices", kind="published",
            source=factor.source, locator="table of GVA per filled job, smoothed",
            caveat=f"Year: {areas.YEAR_RULE}. Area: {areas.AREA_RULE}.",
        )  # fmt: skip
        return factor.key

    def note(self, key: str, spend: AreaSpend) -> str:
        """Note the assumption behind an input of `model.evaluate`; return the id it is listed under."""
        factor = next((f for _, f in spend.parts if f.key == key), None)
        if factor is not None:
            return self.published(factor)
        if key == UNKNOWN_RATE:
            rate = spend.unknown_rate()
            self.seen[key] = Assumption(
                id=key, label="Jobs per £m where a supplier's sector is unknown", value=rate.central, low=rate.low,
                high=rate.high, unit=f"filled jobs per £m, {spend.table.year} prices", kind="judgement",
                source="ons_ioat_bres_2019", locator="average over the known sectors; quartiles of the sections",
                caveat="Follows the mix of all the run's suppliers whose sector is known.",
            )  # fmt: skip
            return key
        self.range(key)
        return key


def caveats(*kinds: str) -> str:
    """Return the sentences of lookups/impact/caveats.csv that apply to these kinds of figure, in the table's order."""
    rows = lookups.table("impact/caveats").filter(pl.col("applies_to").is_in([*kinds, "all"]))
    return " ".join(rows["text"].to_list())


def figure(
    key: str, area: str, label: str, value: Range, *, unit: str, basis: str, method: str, sources: Sequence[str],
    assumptions: Sequence[str], kinds: Sequence[str], gross: bool | None = True,
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": f"{key}.{area}",
        "kind": key,
        "area": area,
        "label": label,
        **value.as_dict(),
        "unit": unit,
        "basis": basis,
        "method": method,
        "gross": gross,
        "nested_in": REGION if area == LOCAL else None,
        "sources": list(sources),
        "assumptions": list(assumptions),
        "caveat": caveats(*kinds),
    }
