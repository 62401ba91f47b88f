"""What could come home: runs and a register in, ranked opportunities out, each with its prize and a brief.

Like `pipeline`, it joins stages and is imported by none: what leaks (indicators), who is local (register, places), and
what spend supports (impact).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from cwb import lookups
from cwb.briefs import Opportunities, brief, write_opportunities
from cwb.errors import RunError
from cwb.impact import CENTRAL, Area
from cwb.impact.figures import caveats
from cwb.impact.scenarios import SPEND_COLUMNS, Setting, Shift, shift
from cwb.indicators import comparability, tables
from cwb.indicators import opportunities as lines
from cwb.indicators.boundaries import align, today
from cwb.indicators.measures import NOTHING, Added
from cwb.indicators.side import Side
from cwb.places import locate
from cwb.register import open_register
from cwb.run import Run

__all__ = ["Opportunities", "opportunities", "write_opportunities"]

Progress = Callable[[str, float], None]


def opportunities(
    runs: Sequence[Run],
    register: Path,
    *,
    on: date | None = None,
    briefs: int = 20,
    added: Added = NOTHING,
    progress: Progress | None = None,
) -> Opportunities:
    """Return what leaked spend could come home, by line of business, with the local companies that could supply it.

    Args:
        runs: one or more of one place: several years, several payers, or both.
        register: folder of an index.
        on: day whose procurement threshold holds; the latest without one.
        briefs: how many lines get a brief and an estimate of jobs, from the first.
        added: what the user knows besides, of which the rules of what is influenceable count here.
        progress: called with what is being done and how much is, 0 to 1.

    Raises:
        CwbError: the register cannot be used, or the runs are of different places or have no spend by supplier.
    """
    say = progress or (lambda _what, _share: None)
    sides, notes = align([Side(run.summary, run.spend, run.payees) for run in runs])
    if any(side.spend is None for side in sides):
        raise RunError(
            "a run's folder has no spend by supplier, so what leaks cannot be told; analyse its ledgers again"
        )
    say("Finding local companies", 0.1)
    index = open_register(register)
    place = sides[-1].summary["place"]
    companies = lines.local_companies(_placed(index.organisations), sorted(today(place["local"])))
    say("Ranking what leaks", 0.6)
    rows = lines.bought(sides, added.influence_rules)
    ranked = lines.opportunities(rows, companies, on=on)
    paid_away = lines.leaked_suppliers(rows)
    free = lines.unused(rows, companies, ranked["division"].to_list())
    used = [*lines.assumptions(), lookups.assumption("indicators.cooperative_members")]
    asked = _Asked(place, sorted({year for side in sides for year in side.summary["years"]}))
    payers = sorted({name for side in sides for name in side.summary["institutions"]})
    say("Sizing the prize", 0.7)
    told = []
    partial = _partial(sides)
    period = "in the months held" if partial else "a year"
    for row in ranked.iter_rows(named=True):
        one = {**row, **_supports(row, asked), "brief": None} if row["rank"] <= briefs else {**row, "brief": None}
        if row["rank"] <= briefs:
            in_line = pl.col("division") == row["division"]
            one["brief"] = brief(
                {**one, "period": period}, paid_away.filter(in_line), free.filter(in_line), place["name"], payers
            )
        told.append(one)
    unlike = comparability.unlikeness([side.summary for side in sides])
    found = {
        "place": place,
        "institutions": payers,
        "years": asked.years,
        "local_companies": companies.height,
        "leaked_pence": int(rows.filter(pl.col("band") == "leaked")["amount_pence"].sum()),
        "in_opportunities_pence": int(ranked["leaked_pence"].sum()),
        "opportunities": told,
        "register": index.info.as_dict(),
        "notes": [*(note.text for note in notes), *unlike, *partial],
        "assumptions": [one.model_dump() for one in used],
    }
    small = {
        "opportunities": ranked,
        "leaked_categories": lines.leaked_categories(rows),
        "leaked_suppliers": paid_away,
        "unused_companies": free,
        "left_out": lines.left_out(rows),
        "assumptions": tables.assumptions(used),
    }
    return Opportunities(found, small)


def _partial(sides: Sequence[Side]) -> list[str]:
    """Say where ledgers hold fewer months than a year, since sums a year are of the months they hold."""
    held: dict[tuple[str, str], set[str]] = {}
    for side in sides:
        for one in side.summary.get("profile", ()):
            if one["months"]:
                held.setdefault((one["institution"], one["financial_year"] or "undated"), set()).update(one["months"])
    short = [
        f"{payer}, {year}: {len(months)} of 12 months"
        for (payer, year), months in held.items()
        if len(months) < len(comparability.MONTHS)
    ]
    return [f"Sums a year are of the months held only ({'; '.join(short)})."] if short else []


def _placed(organisations: pl.DataFrame) -> pl.DataFrame:
    """Return the organisations of a register with the district of each postcode, each distinct one located once."""
    distinct = organisations.select("postcode").drop_nulls().unique()
    located = distinct.with_columns(locate(distinct["postcode"])["lad_code"])
    return organisations.join(located, on="postcode", how="left", validate="m:1", maintain_order="left")


@dataclass(frozen=True)
class _Asked:
    place: Mapping[str, Any]
    years: list[str]


def _supports(row: Mapping[str, Any], asked: _Asked) -> dict[str, Any]:
    """Return what a prize supports: jobs, what £1 moved keeps in the place, and the spend a job rests on."""
    local = Area(asked.place["name"], today(asked.place["local"]))
    region = Area(asked.place["region_name"], today(asked.place["region"]))
    kept, other = (CENTRAL.range(f"impact.respend_{name}") for name in ("local", "nonlocal"))
    out: dict[str, Any] = {
        "supports": {},
        "worth_per_pound": {
            "low": 1 + kept.low - other.high, "central": 1 + kept.central - other.central,
            "high": 1 + kept.high - other.low,
        },
        "spend_per_job_pence": None,
        "cooperative_members": int(lookups.number("indicators.cooperative_members")),
        "caveat": caveats("scenario", "jobs", "lm3"),
    }  # fmt: skip
    if not asked.years or row["prize_pence"] <= 0:
        return out
    spend = pl.DataFrame(
        [("", "", "", row["sic_section"], "leaked", row["prize_pence"])], orient="row",
        schema={**dict.fromkeys(SPEND_COLUMNS, pl.String), "amount_pence": pl.Int64},
    )  # fmt: skip
    moved = shift(Shift(kind="shift", name="prize", share=1), Setting(spend, local, region, tuple(asked.years)))
    ends = {end: row[f"prize_{end}_pence"] / row["prize_pence"] for end in ("low", "high")}
    for kind, value in moved["supported"].items():
        out["supports"][kind] = {
            "low": value["low"] * ends["low"],
            "central": value["central"],
            "high": value["high"] * ends["high"],
        }
    direct = moved["supported"]["jobs_direct"]
    out["spend_per_job_pence"] = {
        end: row["prize_pence"] / direct[other]
        for end, other in (("low", "high"), ("central", "central"), ("high", "low"))
        if direct[other] > 0
    }
    return out
