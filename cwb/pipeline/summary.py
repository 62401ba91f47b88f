"""What a run says of itself: its place, its bands in pence, its spend by supplier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cwb.errors import RunError
from cwb.places import Place
from cwb.run import Run


def pence_by_band(summary: Mapping[str, Any]) -> dict[str, int]:
    """Return the pence of each band that a summary states."""
    return {band: row["amount_pence"] for band, row in summary["bands"].items()}


def place_block(place: Place) -> dict[str, Any]:
    """Return a place as a summary states it; `place_of` reads it back."""
    codes = {"local": sorted(place.local), "region": sorted(place.region)}
    return {"id": place.id, "name": place.name, "region_name": place.region_name, **codes}


def place_of(run: Run) -> Place:
    """Return the place of a run, as its summary says."""
    told = run.summary["place"]
    return Place(told["id"], told["name"], frozenset(told["local"]), told["region_name"], frozenset(told["region"]))


def spend_of(run: Run) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a run's spend by supplier and its suppliers.

    Raises:
        RunError: the run's folder has neither.
    """
    if run.spend is None or run.payees is None:
        raise RunError("the run's folder has no spend by supplier (spend.parquet); analyse the ledgers again")
    return run.spend, run.payees
