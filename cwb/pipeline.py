"""From ledgers to a run: the only module that knows the order of the stages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

import cwb
from cwb import lookups
from cwb.errors import RunError
from cwb.files import sha256

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class LedgerFile:
    """A ledger and what its file does not say: who paid, the year of undated payments, and its columns.

    `columns` (field to header) and `sheet` hold for this file and come before those given to `analyse` for all.
    """

    path: Path
    institution: str | None = None
    financial_year: str | None = None
    columns: Mapping[str, str] | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Run:
    """One analysis: `summary` as summary.json, the small `tables` shown and exported, and the frames behind them."""

    summary: dict[str, Any]
    tables: dict[str, pl.DataFrame]
    banded: pl.DataFrame
    suppliers: pl.DataFrame
    links: pl.DataFrame
    account: dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """The change between two runs: `compare` as compare.json, and the small `tables` behind it."""

    compare: dict[str, Any]
    tables: dict[str, pl.DataFrame]


def analyse(
    ledgers: Sequence[LedgerFile],
    place: str,
    *,
    register: Path | None = None,
    basis: str = "best_evidence",
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    show_individuals: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Read ledgers, match their suppliers, place every pound, and estimate what it supports.

    Args:
        ledgers: the files, each with what it does not say itself.
        place: a name from `cwb places`, or the path of a TOML file.
        register: folder of an index; without one, places come from the ledger's own postcodes.
        basis: what counts as a supplier's place; see docs/methods/location.md.
        columns: field to header, where the guess is wrong.
        sheet: read only this sheet of a workbook.
        show_individuals: print names of individuals (redactions stay hidden).
        progress: called with what is being done and how much is, 0 to 1.

    Returns:
        The run. The pence of its four bands and of `excluded` sum to those of the payments exactly.

    Raises:
        CwbError: an input cannot be used; nothing has been written.
    """
    raise NotImplementedError


def split_years(run: Run) -> list[Run]:
    """Return one run for each financial year in `run`, earliest first, from the same matches."""
    raise NotImplementedError


def compare(runs: Sequence[Run]) -> Comparison:
    """Return the change from the first to the last of two runs."""
    raise NotImplementedError


def write_run(run: Run, out: Path) -> None:
    """Write summary.json, ingest.json, tables, charts, workbook, report and payments to `out`, all or nothing."""
    raise NotImplementedError


def read_run(folder: Path) -> Run:
    """Read a run back from the folder `write_run` made."""
    raise NotImplementedError


def write_comparison(comparison: Comparison, out: Path) -> None:
    """Write compare.json, tables, charts, workbook and report to `out`, all or nothing."""
    raise NotImplementedError


def demo(out: Path, *, progress: Progress | None = None) -> pl.DataFrame:
    """Analyse the sample's two years and compare them; return Preston's published figures beside ours as text."""
    raise NotImplementedError
