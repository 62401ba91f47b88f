"""The LM3 survey of a run: a pack for its largest local suppliers, and their replies read back as a multiplier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from cwb.errors import CwbError
from cwb.impact import Area, AssumptionSet
from cwb.impact.assumptions import find_set
from cwb.impact.multipliers import respend_by_section
from cwb.impact.survey import Payroll, read_replies, survey_lm3, whom_to_ask, write_pack
from cwb.pipeline import place_of, spend_of
from cwb.run import Run


def _local(run: Run) -> pl.DataFrame:
    """Return a run's local suppliers: supplier_id, supplier_name, supplier_type, is_sme, sic_section, amount_pence."""
    spend, payees = spend_of(run)
    paid = spend.group_by("supplier_id").agg(pl.col("amount_pence").sum())
    who = payees.filter(pl.col("band") == "local").select(
        "supplier_id", "supplier_name", "supplier_type", "sic_section", pl.col("^is_sme$")
    )
    return who.join(paid, on="supplier_id", validate="1:1", maintain_order="left")


def asked(run: Run, *, cover: float | None = None) -> pl.DataFrame:
    """Return the suppliers that `pack` would ask, largest first, and `covered`, the share of local spend reached."""
    return whom_to_ask(_local(run), cover)


def pack(run: Run, out: Path, *, cover: float | None = None) -> pl.DataFrame:
    """Write the survey to folder `out`, as CSV and workbook; return the suppliers asked, largest first.

    Args:
        run: the run.
        out: the folder.
        cover: share of local spend that those asked should cover, above 0 and at most 1; by default the shipped share.

    Raises:
        CwbError: the share is out of range, there is no local supplier to ask, or `out` cannot be written.
    """
    chosen = asked(run, cover=cover)
    if chosen.is_empty():
        raise CwbError("no local supplier to ask: no payment was placed in the local area, or all names are withheld")
    write_pack(chosen, place_of(run).name, out)
    return chosen


def answer(
    run: Run, replies: Path, *, payroll: Payroll | None = None, assumptions: str | AssumptionSet = "central"
) -> dict[str, Any]:
    """Return LM3 from the replies to a run's survey: see `impact.survey.survey_lm3`. Silence widens it.

    Raises:
        CwbError: the replies, or the assumptions, are not as they should be; or nothing is local.
    """
    local, place = _local(run), place_of(run)
    chosen = find_set(assumptions) if isinstance(assumptions, str) else assumptions
    given = read_replies(replies, whom_to_ask(local, 1.0))
    spent = sum(row["amount_pence"] for row in run.summary["bands"].values())
    try:
        sections = respend_by_section(Area(place.name, place.local), chosen)
    except CwbError:
        sections = None  # a district without an employment figure: silence then borrows the rate of all
    return survey_lm3(spent, local, given, payroll=payroll, by_section=sections, assumptions=chosen)
