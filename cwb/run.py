"""A finished analysis and a comparison of two: their values, and how they are kept in folders."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from cwb import report
from cwb.charts import Figure
from cwb.errors import RunError
from cwb.files import staged
from cwb.impact import COMPACT, AssumptionSet, Regionalised
from cwb.indicators import statutory
from cwb.indicators.measures import NOTHING, Added
from cwb.places import Place
from cwb.privacy import mask_names, withheld_names
from cwb.report.sheets import measure_sheets
from cwb.report.workbook import Book, write_workbook
from cwb.safety import check_withheld, neutralise

SUMMARY, COMPARE = "summary.json", "compare.json"
SUPPLIERS_FILE, LINKS_FILE = "suppliers.parquet", "links.parquet"


@dataclass(frozen=True)
class Settings:
    """What a run was asked for, and what it was made from."""

    place: Place
    basis: str
    show_individuals: bool
    inputs: tuple[tuple[str, str], ...]
    register: dict[str, Any] | None
    assumptions: AssumptionSet
    added: Added = NOTHING
    regionalised: Regionalised = COMPACT


@dataclass(frozen=True)
class Evidence:
    """The frames of the stages behind a run. `by_basis` maps each setting to its suppliers' bands.

    `matched` are the links as matching left them, before people's decisions, so that these can be applied again.
    `facts` has what the register says of the organisations matched, beside their links: org_id, accounts_category.
    """

    payments: pl.DataFrame
    payment_suppliers: pl.DataFrame
    suppliers: pl.DataFrame
    links: pl.DataFrame
    matched: pl.DataFrame
    by_basis: dict[str, pl.DataFrame]
    rejects: pl.DataFrame
    control_totals: pl.DataFrame
    account: dict[str, Any]
    facts: pl.DataFrame | None = None


@dataclass(frozen=True)
class Run:
    """One analysis: `summary` as summary.json, and the small `tables` that are shown and exported.

    `spend` and `payees` hold the spend by supplier that comparing needs (indicators/spend.py); they are None where a
    folder has only the summary. `banded` has every payment with its band; it, `evidence` and `settings` are None in a
    run read back from a folder.
    """

    summary: dict[str, Any]
    tables: dict[str, pl.DataFrame]
    spend: pl.DataFrame | None = None
    payees: pl.DataFrame | None = None
    banded: pl.DataFrame | None = None
    evidence: Evidence | None = None
    settings: Settings | None = None

    @property
    def account(self) -> dict[str, Any]:
        """What was read, file by file, as ingest.json; empty in a run read back from a folder."""
        return self.evidence.account if self.evidence else {"files": []}


@dataclass(frozen=True)
class Comparison:
    """The change between two runs: `compare` as compare.json, and the small `tables` behind it."""

    compare: dict[str, Any]
    tables: dict[str, pl.DataFrame]


def write_run(run: Run, out: Path, figures: Sequence[Figure] | None = None) -> None:
    """Write summary.json, ingest.json, tables, charts, workbook, report and payments to `out`, all or nothing.

    `figures` are the run's pictures, where they have been made.

    Raises:
        CwbError: `out` cannot be written, or a name that is to be withheld would be.
    """
    with staged(out) as folder:
        _write_json(folder / SUMMARY, run.summary)
        _write_json(folder / "ingest.json", run.account)
        if run.banded is not None and run.evidence is not None:
            shown = run.settings is not None and run.settings.show_individuals
            kinds = run.evidence.links.select("supplier_id", "supplier_type")
            typed = run.banded.join(kinds, on="supplier_id", how="left", validate="m:1", maintain_order="left")
            mask_names(typed, shown).write_parquet(folder / "payments.parquet")
            _write_review(run.evidence, folder, shown)
        for name, frame in (("spend", run.spend), ("payees", run.payees)):
            if frame is not None:
                frame.write_parquet(folder / f"{name}.parquet")
        report.write_run_report(folder, run.summary, run.tables, names_withheld(run), figures)


def names_withheld(run: Run) -> frozenset[str]:
    """Return the names, as printed, that no file of a run may show; none where the run was read back from a folder."""
    if run.evidence is None:
        return frozenset()
    shown = run.settings is not None and run.settings.show_individuals
    return withheld_names(run.evidence.suppliers, run.evidence.links, shown)


def _write_review(evidence: Evidence, folder: Path, shown: bool) -> None:
    """Keep what reviewing needs, suppliers and links, without the names that are withheld."""
    kinds = evidence.links.select("supplier_id", "supplier_type")
    typed = evidence.suppliers.join(kinds, on="supplier_id", how="left", validate="1:1", maintain_order="left")
    mask_names(typed, shown).drop("supplier_type").write_parquet(folder / SUPPLIERS_FILE)
    withheld = pl.col("supplier_type").is_in(["redacted"] if shown else ["individual", "redacted"])
    # The evidence quotes the name as printed, and what it was matched to leads to one.
    evidence.links.with_columns(
        pl.when(withheld).then(pl.lit("{}")).otherwise("evidence").alias("evidence"),
        *(pl.when(~withheld).then(c).alias(c) for c in ("org_id", "name", "postcode")),
    ).write_parquet(folder / LINKS_FILE)


def read_review(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read back the suppliers and links of a run, as schema.SUPPLIERS and schema.LINKS, names withheld as written.

    Raises:
        RunError: the folder is not one of a run.
    """
    frames = [_kept(Path(folder) / name) for name in (SUPPLIERS_FILE, LINKS_FILE)]
    if frames[0] is None or frames[1] is None:
        raise RunError(f"{folder}: holds no {SUPPLIERS_FILE}; make a run with: cwb analyse … --out {folder}")
    return frames[0], frames[1]


def read_run(folder: Path) -> Run:
    """Read back the summary of a run, and its spend by supplier, from the folder that `write_run` made.

    Raises:
        RunError: the folder is not one.
    """
    path = Path(folder) / SUMMARY
    try:
        summary = json.loads(path.read_text("utf-8"))
    except OSError:
        raise RunError(f"{folder}: holds no {SUMMARY}; make a run with: cwb analyse … --out {folder}") from None
    except ValueError:
        raise RunError(f"{path}: is damaged; analyse the ledgers again") from None
    if not isinstance(summary, dict) or not {"bands", "by_institution", "place", "provenance"} <= set(summary):
        raise RunError(f"{path}: is not the summary of a run by this version of cwb; analyse the ledgers again")
    return Run(summary, {}, spend=_kept(Path(folder) / "spend.parquet"), payees=_kept(Path(folder) / "payees.parquet"))


def _kept(path: Path) -> pl.DataFrame | None:
    """Read one of the frames of a run; None where the folder holds only the aggregates, as when a payer shared them."""
    try:
        return pl.read_parquet(path)
    except FileNotFoundError:
        return None
    except (OSError, pl.exceptions.PolarsError):
        raise RunError(f"{path}: is damaged; analyse the ledgers again") from None


def write_comparison(comparison: Comparison, out: Path) -> None:
    """Write compare.json, tables, charts, workbook and report to `out`, all or nothing."""
    with staged(out) as folder:
        _write_json(folder / COMPARE, comparison.compare)
        report.write_compare_report(folder, comparison.compare, comparison.tables)


def write_pooled(group: Comparison, out: Path) -> None:
    """Write together.json, its tables and a workbook to `out`, all or nothing."""
    with staged(out) as folder:
        _write_json(folder / "together.json", group.compare)
        report.write_tables(folder / "tables", group.tables)
        write_book(folder / "workbook.xlsx", f"{len(group.compare['members'])} payers together", group.tables)


def write_book(path: Path, title: str, tables: Mapping[str, pl.DataFrame]) -> None:
    """Write those of some tables that have a sheet of their own as a workbook.

    Raises:
        CwbError: a name that is to be withheld would be written.
    """
    check_withheld(tables)
    created = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    write_workbook(path, Book(title, created, measure_sheets(tables)))


_SHARED = (
    "institutions", "years", "place", "basis", "bands", "region_including_local", "excluded", "coverage", "range",
    "by_institution", "profile", "together",
)  # fmt: skip


def write_shared(run: Run, out: Path) -> None:
    """Write a run's sums alone, for another body to compare with or to add to a group's: no supplier, no payment.

    The folder holds one summary.json, which `cwb compare` and `cwb together` take as they take a run.
    """
    with staged(out) as folder:
        _write_json(folder / SUMMARY, shared_summary(run))


def shared_summary(run: Run) -> dict[str, Any]:
    """Return what of a run's summary can be shared: sums, and what the ledger is like; no supplier, payment or file."""
    told = {name: run.summary[name] for name in _SHARED if name in run.summary}
    kept = {k: v for k, v in run.summary["provenance"].items() if k != "inputs"}
    return {**told, "provenance": {**kept, "inputs": []}, "shared": "sums alone"}


def write_statutory(folder: Path, out: Path, *, threshold_gbp: int | None = None) -> list[str]:
    """Write what the law asks for from a run's folder: CSV files and a workbook; return what each cannot know.

    transparency.csv has every payment above the threshold (the Transparency Code's own without one).

    Raises:
        RunError: the folder is not one of a run, or keeps no payments.
    """
    read_run(folder)
    payments = _kept(Path(folder) / "payments.parquet")
    if payments is None:
        raise RunError(f"{folder}: keeps no payments; analyse the ledgers again")
    views = {"transparency": statutory.transparency_export(payments, threshold_gbp=threshold_gbp)}
    for name in ("reservation", "sme_vcse_return", "action_plan"):
        frame = _kept(Path(folder) / "tables" / f"{name}.parquet")
        if frame is not None:
            views[name] = frame
    notes = statutory.WHAT_VIEWS_CANNOT_KNOW
    views["cannot_know"] = pl.DataFrame([{"view": name, "what_it_cannot_know": notes[name]} for name in views])
    with staged(out) as made:
        for name, frame in views.items():
            neutralise(frame).write_csv(made / f"{name}.csv", include_bom=True)
        write_book(made / "workbook.xlsx", "What the law asks for", views)
    return [f"{name}: {notes[name]}" for name in views if name in notes]


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
