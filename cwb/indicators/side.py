"""One run as it is compared, and what an explanation of several holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from cwb.indicators.comparability import period
from cwb.schema import BANDS


@dataclass(frozen=True)
class Side:
    """One run as it is compared: its summary, and its spend and payees where its folder has them.

    `name` stands in place of the period where sides are payers of one period.
    """

    summary: Mapping[str, Any]
    spend: pl.DataFrame | None = None
    payees: pl.DataFrame | None = None
    name: str | None = None

    @property
    def label(self) -> str:
        """Name the side: its years, with its months where it holds few, or "undated"; or its payer."""
        return self.name or period(self.summary)

    @property
    def pence(self) -> dict[str, int]:
        """Pence of the four bands."""
        return {band: int(self.summary["bands"][band]["amount_pence"]) for band in BANDS}


@dataclass(frozen=True)
class Explained:
    """What the parts of a change are: `block` for compare.json, and the small `tables` behind it."""

    block: dict[str, Any]
    tables: dict[str, pl.DataFrame]
