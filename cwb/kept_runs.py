"""Results kept on disk, so that a project opens where it was left: derived data, made again where it is gone.

Frames are Arrow files without compression: reading one back costs what its bytes cost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from cwb.drill import Rows, drill_rows
from cwb.errors import RunError
from cwb.files import staged
from cwb.impact.assumptions import find_set, read_set, set_names, set_toml
from cwb.impact.multipliers import Regionalised
from cwb.impact.sector_table import SectorTable
from cwb.indicators.measures import NOTHING, Added
from cwb.indicators.targets import Target
from cwb.pipeline import Comparison, Run, place_of
from cwb.run import Evidence, Settings
from cwb.schema import BANDED, PAYMENTS

_SUMMARY, _SETTINGS, _ACCOUNT, _COMPARE = "summary.json", "settings.json", "account.json", "compare.json"
_ASSUMPTIONS, _TABLE = "assumptions.toml", "input_output.json"
_ROWS = "rows.arrow"
_DRILL = "drill.arrow"
_ORDER = "order.json"
_FRAMES = ("suppliers", "links", "matched", "rejects", "control_totals", "facts")
_ADDED = (
    "accounts", "owners", "wards", "deprivation", "influence_rules", "category_crosswalk", "contracts", "bodies",
    "figures",
)  # fmt: skip


def keep_run(run: Run, folder: Path) -> None:
    """Keep a run in a folder, all or nothing; its rows and evidence too, where it has them.

    Raises:
        CwbError: the folder cannot be written.
    """
    with staged(folder) as home:
        _write(home / _SUMMARY, run.summary)
        _keep_frames(home / "tables", run.tables)
        for name, frame in (("spend", run.spend), ("payees", run.payees)):
            if frame is not None:
                _keep_frame(frame, home / f"{name}.arrow")
        if run.settings is not None:
            _keep_settings(run.settings, home)
        if run.evidence is not None and run.banded is not None:
            kept = run.evidence
            _write(home / _ACCOUNT, kept.account)
            _keep_frame(run.banded, home / _ROWS)
            shown = run.settings is not None and run.settings.show_individuals
            drilled = drill_rows(run.banded, kept.links, run.payees, shown=shown)
            _keep_frame(drilled.codes, home / _DRILL)
            _keep_frames(home / "words", {name: words.to_frame() for name, words in drilled.words.items()})
            frames = {name: getattr(kept, name) for name in _FRAMES}
            _keep_frames(home / "evidence", {name: frame for name, frame in frames.items() if frame is not None})
            _keep_frames(home / "by_basis", kept.by_basis)


def keep_comparison(comparison: Comparison, folder: Path) -> None:
    """Keep the change between two runs in a folder, all or nothing."""
    with staged(folder) as home:
        _write(home / _COMPARE, comparison.compare)
        _keep_frames(home / "tables", comparison.tables)


def open_run(folder: Path, *, whole: bool = False) -> Run:
    """Return a run that was kept: what is shown of it, or with `whole` its rows and evidence too.

    Raises:
        RunError: the folder holds none, or it is damaged.
    """
    summary = _read(folder / _SUMMARY)
    run = Run(summary, _frames(folder / "tables"), _frame(folder / "spend.arrow"), _frame(folder / "payees.arrow"))
    settings = _settings(folder, run)
    if not whole or settings is None:
        return Run(run.summary, run.tables, run.spend, run.payees, settings=settings)
    banded = _frame(folder / _ROWS)
    if banded is None:
        raise RunError(f"{folder}: does not hold its rows; analyse the ledgers again")
    return Run(run.summary, run.tables, run.spend, run.payees, banded, _evidence(folder, banded), settings)


def open_comparison(folder: Path) -> Comparison | None:
    """Return the change that was kept in a folder; None where there is none."""
    if not (folder / _COMPARE).is_file():
        return None
    return Comparison(_read(folder / _COMPARE), _frames(folder / "tables"))


def for_review(folder: Path) -> Run:
    """Return a kept run with its suppliers and matches but none of its payments, which reviewing does not need.

    It cannot be worked on further: `open_run(folder, whole=True)` can.
    """
    run = open_run(folder)
    return Run(run.summary, run.tables, evidence=_evidence(folder, BANDED.empty()), settings=run.settings)


def rows(folder: Path) -> Rows:
    """Return the payments of a kept run as they may be shown; see `cwb.drill`."""
    codes = _frame(folder / _DRILL)
    if codes is None:
        raise RunError(f"{folder}: does not hold its rows; analyse the ledgers again")
    return Rows(codes, {name: frame.to_series() for name, frame in _frames(folder / "words").items()})


def banded(folder: Path) -> pl.LazyFrame:
    """Return the payments of a kept run with their bands, as schema.BANDED, scanned where they lie."""
    return pl.scan_ipc(folder / _ROWS)


def links(folder: Path) -> pl.DataFrame:
    """Return the links of a kept run, as schema.LINKS."""
    found = _frame(folder / "evidence" / "links.arrow")
    if found is None:
        raise RunError(f"{folder}: does not hold its links; analyse the ledgers again")
    return found


def is_kept(folder: Path) -> bool:
    """Say whether a folder holds a run."""
    return (folder / _SUMMARY).is_file()


def _evidence(folder: Path, banded: pl.DataFrame) -> Evidence:
    found = _frames(folder / "evidence")
    return Evidence(
        banded.select(list(PAYMENTS.columns)), banded.select("payment_id", "supplier_id"), found["suppliers"],
        found["links"], found["matched"], _frames(folder / "by_basis"), found["rejects"], found["control_totals"],
        _read(folder / _ACCOUNT), found.get("facts"),
    )  # fmt: skip


def _keep_settings(settings: Settings, home: Path) -> None:
    is_shipped = settings.assumptions.name in set_names() and settings.assumptions == find_set(
        settings.assumptions.name
    )
    if not is_shipped:
        (home / _ASSUMPTIONS).write_text(set_toml(settings.assumptions), "utf-8")
    added = {name: getattr(settings.added, name) for name in _ADDED}
    _keep_frames(home / "added", {name: frame for name, frame in added.items() if frame is not None})
    targets, made = settings.added.targets, settings.regionalised
    if made.table is not None:
        arrays = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in _fields(made.table).items()}
        _write(home / _TABLE, arrays)
    said = {
        "basis": settings.basis, "show_individuals": settings.show_individuals, "inputs": settings.inputs,
        "register": settings.register, "assumptions": settings.assumptions.name if is_shipped else None,
        "targets": None if targets is None else [asdict(one) for one in targets],
        "regionalised": {name: value for name, value in _fields(made).items() if name != "table"},
    }  # fmt: skip
    _write(home / _SETTINGS, said)


def _settings(folder: Path, run: Run) -> Settings | None:
    if not (folder / _SETTINGS).is_file():
        return None
    said = _read(folder / _SETTINGS)
    chosen = find_set(said["assumptions"]) if said["assumptions"] else read_set(folder / _ASSUMPTIONS)
    added = NOTHING
    if (folder / "added").is_dir() or said["targets"] is not None:
        frames = _frames(folder / "added")
        targets = None if said["targets"] is None else [Target(**one) for one in said["targets"]]
        added = Added(**{name: frames.get(name) for name in _ADDED}, targets=targets)
    inputs = tuple((name, digest) for name, digest in said["inputs"])
    made = Regionalised(table=_sector_table(folder / _TABLE), **said["regionalised"])
    return Settings(
        place_of(run), said["basis"], said["show_individuals"], inputs, said["register"], chosen, added, made
    )


def _sector_table(path: Path) -> SectorTable | None:
    if not path.is_file():
        return None
    told = _read(path)
    numbers = {k: np.array(v) for k, v in told.items() if isinstance(v, list) and k not in ("industries", "sections")}
    words = {k: tuple(told[k]) for k in ("industries", "sections")}
    return SectorTable(**{**told, **numbers, **words})


def _fields(value: Any) -> dict[str, Any]:
    """Return a frozen value's fields as they are."""
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _keep_frames(home: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    if not frames:
        return
    home.mkdir(parents=True, exist_ok=True)
    _write(home / _ORDER, list(frames))
    for name, frame in frames.items():
        _keep_frame(frame, home / f"{name}.arrow")


def _keep_frame(frame: pl.DataFrame, path: Path) -> None:
    frame.write_ipc(path, compression="uncompressed")


def _frames(home: Path) -> dict[str, pl.DataFrame]:
    if not home.is_dir():
        return {}
    return {name: pl.read_ipc(home / f"{name}.arrow") for name in _read(home / _ORDER)}


def _frame(path: Path) -> pl.DataFrame | None:
    return pl.read_ipc(path) if path.is_file() else None


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise RunError(f"{path}: is damaged or gone; analyse the ledgers again") from None
