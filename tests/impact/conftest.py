"""Published worked cases and tables, read from the folder of reference data."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from required import missing

Array = npt.NDArray[np.float64]


@pytest.fixture(scope="session")
def peer() -> Callable[[str], Any]:
    """Import independent code to check against: a test without it is skipped, or fails where all is required."""

    def found(name: str) -> Any:
        try:
            return importlib.import_module(name)
        except ImportError:
            missing(f"the cross-check needs the development package {name.split('.', maxsplit=1)[0]}")

    return found


@pytest.fixture(scope="session")
def golden(shared_reference: Path) -> dict[str, dict[str, Any]]:
    """Return each worked case by its id: inputs, expected, tolerance, source."""
    return {case["id"]: case for case in json.loads((shared_reference / "golden.json").read_text("utf-8"))}


@dataclass(frozen=True)
class Published:
    """A published table: flows, rows below them, columns beside them, and the multipliers printed with it."""

    codes: list[str]
    flows: Array
    below: dict[str, Array]
    beside: dict[str, Array]
    multipliers: pl.DataFrame


def _published(flows: Path, multipliers: Path, code: str) -> Published:
    printed = pl.read_csv(multipliers, schema_overrides={code: pl.String})
    codes = printed[code].to_list()
    sheet = pl.read_csv(flows, infer_schema=False)
    label = sheet.columns[0]
    numbers = sheet.select(label, pl.exclude(label).cast(pl.Float64))
    inside = numbers.filter(pl.col(label).is_in(codes))
    assert inside[label].to_list() == codes
    below = numbers.filter(~pl.col(label).is_in(codes))
    beside = [c for c in numbers.columns[1:] if c not in codes]
    return Published(
        codes=codes,
        flows=inside.select(codes).to_numpy(),
        below={row[label]: np.array([row[c] for c in codes]) for row in below.iter_rows(named=True)},
        beside={c: inside[c].to_numpy() for c in beside},
        multipliers=printed,
    )


@pytest.fixture(scope="session")
def ons_2023(shared_reference: Path) -> Published:
    """ONS IOAT 2023 industry by industry: the 103 industries with multipliers (without L68A)."""
    return _published(
        shared_reference / "ons_ioat_2023_ixi_flows.csv",
        shared_reference / "ons_ioat_2023_ixi_multipliers.csv",
        "sic_code",
    )


@pytest.fixture(scope="session")
def scotland_2019(shared_reference: Path) -> Published:
    """Scottish Government input-output tables 2019: 98 industries."""
    return _published(
        shared_reference / "scotland_io_2019_ixi_flows.csv",
        shared_reference / "scotland_io_2019_multipliers.csv",
        "sic",
    )
