"""The order of the stages: read, match, place, band, add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from cwb.added import read_added
from cwb.classify import BASIS_SETTINGS, supplier_bands
from cwb.decisions import apply_decisions, overrides
from cwb.errors import CwbError, RunError, did_you_mean
from cwb.files import sha256
from cwb.impact import CENTRAL, AssumptionSet, Regionalised
from cwb.impact.assumptions import find_set
from cwb.indicators.measures import NOTHING, Added
from cwb.ledger import Ledger, LedgerFile, clean_suppliers, read_ledger
from cwb.match import match_suppliers
from cwb.pipeline.assemble import assemble, facts_of
from cwb.pipeline.economics import regionalised
from cwb.pipeline.progress import Progress, part_of
from cwb.places import Place, find_place, own_areas
from cwb.register import Register, open_register
from cwb.run import Evidence, Run, Settings
from cwb.suppliers import distinct_suppliers
from cwb.workspace import Workspace, current


def analyse(
    ledgers: Sequence[LedgerFile],
    place: str,
    *,
    register: Path | None = None,
    basis: str = "best_evidence",
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    workspace: str | Workspace | None = None,
    assumptions: str | AssumptionSet = CENTRAL.name,
    added: Path | Added | None = None,
    jobs: Path | None = None,
    workbook: Path | None = None,
    quotient: str = "flq",
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
        workspace: path or database URL of the store of people's decisions, or the store open; they win over any match.
        assumptions: a shipped set's name, the path of a user's TOML file, or the set itself.
        added: folder of what the user knows besides: accounts, owners, wards, deprivation, targets (see `cwb.added`);
            or what `read_added` made of it.
        jobs: the place's jobs by SIC section, for its multipliers; see `economics.regionalised`.
        workbook: a full input-output table in place of the compact one that ships.
        quotient: how the table is made the place's where its jobs are given: flq or aflq.
        show_individuals: print names of individuals (redactions stay hidden).
        progress: called with what is being done and how much is, 0 to 1.

    Returns:
        The run. The pence of its four bands and of `excluded` sum to those of the payments exactly.

    Raises:
        CwbError: an input cannot be used; nothing has been written.
    """
    if basis not in BASIS_SETTINGS:
        known = ", ".join(BASIS_SETTINGS)
        raise CwbError(f"--basis {basis}: no such basis; there are {known}.{did_you_mean(basis, BASIS_SETTINGS)}")
    area = find_place(place)
    index = open_register(register) if register else None
    chosen = find_set(assumptions) if isinstance(assumptions, str) else assumptions
    besides = read_added(added) if isinstance(added, Path) else added or NOTHING
    made = regionalised(area, jobs=jobs, workbook=workbook, quotient=quotient)
    decisions = current(workspace) if workspace else None
    read = read_ledger(ledgers, columns=columns, sheet=sheet, progress=part_of(progress, 0.0, 0.5))
    evidence = _evidence(read, index, area, decisions, part_of(progress, 0.5, 0.9))
    settings = Settings(
        area, basis, show_individuals, tuple((one.path.name, sha256(one.path)) for one in ledgers),
        index.info.as_dict() if index else None, chosen, besides, made,
    )  # fmt: skip
    part_of(progress, 0.9, 1.0)("Adding up", 0.0)
    return assemble(evidence, settings)


def _evidence(
    read: Ledger, index: Register | None, area: Place, decisions: pl.DataFrame | None, say: Progress
) -> Evidence:
    say("Finding distinct suppliers", 0.0)
    suppliers, payment_suppliers = distinct_suppliers(read.payments)
    # A code or a remark in the cell is no part of the name that a register holds.
    named = clean_suppliers(suppliers["supplier_name"])["name"].fill_null("").alias("supplier_name")
    payers = (
        read.payments.select("payment_id", "institution")
        .join(payment_suppliers, on="payment_id", validate="1:1")
        .select("supplier_id", "institution")
        .unique(maintain_order=True)
    )
    matched = match_suppliers(suppliers.with_columns(named), index, payers=payers, progress=part_of(say, 0.1, 0.7))
    say("Placing suppliers", 0.7)
    links, by_basis = _decided(suppliers, matched, index, area, decisions)
    return Evidence(
        read.payments, payment_suppliers, suppliers, links, matched, by_basis, read.rejects, read.control_totals,
        read.account, facts_of(links, index),
    )  # fmt: skip


def _decided(
    suppliers: pl.DataFrame, matched: pl.DataFrame, index: Register | None, area: Place, decisions: pl.DataFrame | None
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Return links with people's decisions in place of what matching found, and the suppliers' bands by basis."""
    links, told = matched, None
    if decisions is not None:
        links = apply_decisions(matched, decisions, index.organisations if index else None)
        told = overrides(decisions)
    return links, supplier_bands(suppliers, links, area, overrides=told, areas=own_areas(links, area))


def with_decisions(run: Run, workspace: str | Workspace, *, register: Path | None = None) -> Run:
    """Return a run as people's decisions now make it, from the same read and the same matches.

    Args:
        run: one that `analyse` gave, not one read back from a folder.
        workspace: path or database URL of the store of decisions, or the store open.
        register: folder of the index the run was matched with, for what it says of organisations that people chose.

    Raises:
        CwbError: the store or the index cannot be opened.
    """
    kept, settings = run.evidence, run.settings
    if kept is None or settings is None:
        raise RunError("a run read back from its folder keeps no matches to decide about; analyse the ledgers again")
    index = open_register(register) if register else None
    decisions = current(workspace)
    links, by_basis = _decided(kept.suppliers, kept.matched, index, settings.place, decisions)
    return assemble(replace(kept, links=links, by_basis=by_basis), settings)


def with_assumptions(run: Run, assumptions: AssumptionSet, *, made: Regionalised | None = None) -> Run:
    """Return a run with its economics under another set of assumptions; what was paid, and where, stays as it is.

    Args:
        run: one that `analyse` gave, not one read back from a folder.
        assumptions: the set, which every report of the run then names with its differences from the shipped one.
        made: another national table, or another way to make it the place's; as the run has it without one.
    """
    if run.evidence is None or run.settings is None:
        raise RunError("a run read back from its folder keeps its assumptions; analyse the ledgers again")
    settings = replace(run.settings, assumptions=assumptions, regionalised=made or run.settings.regionalised)
    return assemble(run.evidence, settings)


def with_added(run: Run, added: Added) -> Run:
    """Return a run with what a user knows besides: accounts, owners, wards, targets, rules; the rest stays as it is.

    Args:
        run: one that `analyse` gave, not one read back from a folder.
        added: what `cwb.added.read_added` returns, or `measures.NOTHING` to take it away.
    """
    if run.evidence is None or run.settings is None:
        raise RunError("a run read back from its folder keeps what was added to it; analyse the ledgers again")
    return assemble(run.evidence, replace(run.settings, added=added))


def split_years(run: Run) -> list[Run]:
    """Return one run for each financial year in `run`, earliest first, from the same matches.

    Rows set aside while reading, and payments without a date, stay with the whole run.
    """
    whole, settings = run.evidence, run.settings
    if whole is None or settings is None:
        raise RunError("a run read back from its folder cannot be split by year; analyse the ledgers again")
    return [assemble(_of_year(whole, year), settings) for year in run.summary["years"]]


def of_year(run: Run, year: str, *, shown: Run) -> Run:
    """Return one year of `run` with its rows and evidence; `shown` is that year's run, as `split_years` gave it."""
    if run.evidence is None or run.banded is None:
        raise RunError("a run read back from its folder cannot be split by year; analyse the ledgers again")
    banded = run.banded.filter(pl.col("financial_year") == year)
    return replace(shown, banded=banded, evidence=_of_year(run.evidence, year), settings=run.settings)


def _of_year(whole: Evidence, year: str) -> Evidence:
    chosen = whole.payments["financial_year"] == year
    payments = whole.payments.filter(chosen)
    owners = whole.payment_suppliers.filter(chosen)
    sums = (
        payments.select("payment_id", "amount_pence", "payment_date")
        .join(owners, on="payment_id", validate="1:1")
        .group_by("supplier_id")
        .agg(
            pl.len().cast(pl.Int64).alias("payments"), pl.col("amount_pence").sum(),
            first_payment=pl.col("payment_date").min(), last_payment=pl.col("payment_date").max(),
        )
    )  # fmt: skip

    def of_these(frame: pl.DataFrame) -> pl.DataFrame:
        mine = frame.drop([c for c in sums.columns[1:] if c in frame.columns])
        joined = mine.join(sums, on="supplier_id", validate="1:1", maintain_order="left")
        return joined.select(frame.columns)

    def links_of_these(links: pl.DataFrame) -> pl.DataFrame:
        return links.join(sums.select("supplier_id"), on="supplier_id")

    counted = {"payments": payments.height, "read": payments.height, "control_totals": 0, "blank": 0, "rejected": 0}
    account = {
        "files": [],
        "rows": {name: counted[name] for name in whole.account["rows"]},
        "amount_pence": {
            name: int(payments["amount_pence"].sum()) if name == "payments" else 0
            for name in whole.account["amount_pence"]
        },
    }
    return Evidence(
        payments, owners, of_these(whole.suppliers), links_of_these(whole.links), links_of_these(whole.matched),
        {basis: of_these(frame) for basis, frame in whole.by_basis.items()},
        whole.rejects.clear(), whole.control_totals.clear(), account, whole.facts,
    )  # fmt: skip
