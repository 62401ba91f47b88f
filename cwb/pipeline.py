"""From ledgers to a run: the only module that knows the order of the stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import polars as pl

import cwb
from cwb import data, postcodes
from cwb.added import read_added
from cwb.classify import BASIS_SETTINGS, band_payments, supplier_bands
from cwb.decisions import apply_decisions, overrides
from cwb.errors import CwbError, RunError, did_you_mean
from cwb.files import sha256, staged_file
from cwb.impact import CENTRAL, Area, AssumptionSet, Impact, estimate, estimate_change, multipliers, uncertainty
from cwb.impact.assumptions import find_set
from cwb.impact.io_workbooks import read_workbook
from cwb.impact.multipliers import read_employment
from cwb.impact.scenarios import SPEND_COLUMNS, Setting, read_scenarios, run_scenarios
from cwb.indicators import change, comparability, leakage, tables
from cwb.indicators.boundaries import align, today
from cwb.indicators.comparison import Side, explain
from cwb.indicators.measures import NOTHING, known_rows, measures
from cwb.indicators.payees import same_payees
from cwb.indicators.spend import payee_table, spend_table
from cwb.indicators.together import doubled, together
from cwb.ledger import Ledger, clean_suppliers, read_ledger
from cwb.match import match_suppliers, match_table
from cwb.places import Place, find_place, locate, own_areas
from cwb.register import Register, open_register
from cwb.run import Comparison, Evidence, Run, Settings, read_run, write_comparison, write_run
from cwb.safety import neutralise
from cwb.schema import BANDS
from cwb.suppliers import distinct_suppliers
from cwb.workspace import current, open_workspace

__all__ = [
    "Comparison",
    "LedgerFile",
    "Run",
    "analyse",
    "compare",
    "impact",
    "match_list",
    "place_multipliers",
    "place_of",
    "pooled",
    "read_run",
    "scenarios",
    "setting_of",
    "spend_of",
    "split_years",
    "with_assumptions",
    "with_decisions",
    "write_comparison",
    "write_list",
    "write_run",
]  # fmt: skip

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


def _part(progress: Progress | None, start: float, end: float) -> Progress:
    """Return a reporter that maps 0 to 1 of one stage to its part of the whole."""
    say = progress or (lambda _what, _share: None)
    return lambda what, share: say(what, start + (end - start) * share)


def analyse(
    ledgers: Sequence[LedgerFile],
    place: str,
    *,
    register: Path | None = None,
    basis: str = "best_evidence",
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    workspace: str | None = None,
    assumptions: str = CENTRAL.name,
    added: Path | None = None,
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
        workspace: path or database URL of the store of people's decisions, which win over any match.
        assumptions: a shipped set's name, or the path of a user's TOML file.
        added: folder of what the user knows besides: accounts, owners, wards, deprivation, targets (see `cwb.added`).
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
    chosen = find_set(assumptions)
    besides = read_added(added) if added else NOTHING
    decisions = current(open_workspace(workspace)) if workspace else None
    read = _read(ledgers, columns, sheet, _part(progress, 0.0, 0.5))
    evidence = _evidence(read, index, area, decisions, _part(progress, 0.5, 0.9))
    settings = Settings(
        area, basis, show_individuals, tuple((one.path.name, sha256(one.path)) for one in ledgers),
        index.info.as_dict() if index else None, chosen, besides,
    )  # fmt: skip
    _part(progress, 0.9, 1.0)("Adding up", 0.0)
    return _run(evidence, settings)


def _read(ledgers: Sequence[LedgerFile], columns: Mapping[str, str] | None, sheet: str | None, say: Progress) -> Ledger:
    """Read the files, those that are told the same in one go, so that they are checked against each other."""
    told = [(one.institution, one.financial_year, one.columns or columns, one.sheet or sheet) for one in ledgers]
    groups = [
        (key, [one.path for one, _ in pairs])
        for key, pairs in groupby(zip(ledgers, told, strict=True), key=lambda pair: pair[1])
    ]
    parts, done = [], 0
    for (institution, year, mapping, sheet_name), paths in groups:
        parts.append(
            read_ledger(
                paths, columns=mapping, sheet=sheet_name, institution=institution, financial_year=year,
                progress=_part(say, done / len(ledgers), (done + len(paths)) / len(ledgers)),
            )
        )  # fmt: skip
        done += len(paths)
    return parts[0] if len(parts) == 1 else _together(parts)


def _together(parts: Sequence[Ledger]) -> Ledger:
    accounts = [part.account for part in parts]
    totals = {
        block: {name: sum(account[block][name] for account in accounts) for name in accounts[0][block]}
        for block in ("rows", "amount_pence")
    }
    return Ledger(
        payments=pl.concat([part.payments for part in parts]),
        rejects=pl.concat([part.rejects for part in parts]),
        control_totals=pl.concat([part.control_totals for part in parts]),
        account={
            **{block: [one for account in accounts for one in account[block]] for block in ("files", "warnings")},
            **totals,
            "in_two_files": {
                name: sum(account["in_two_files"][name] for account in accounts) for name in accounts[0]["in_two_files"]
            },
        },
    )


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
    matched = match_suppliers(suppliers.with_columns(named), index, payers=payers, progress=_part(say, 0.1, 0.7))
    say("Placing suppliers", 0.7)
    links, by_basis = _decided(suppliers, matched, index, area, decisions)
    return Evidence(
        read.payments, payment_suppliers, suppliers, links, matched, by_basis, read.rejects, read.control_totals,
        read.account, _facts(links, index),
    )  # fmt: skip


def _facts(links: pl.DataFrame, index: Register | None) -> pl.DataFrame:
    """Return org_id and accounts_category of the organisations matched; empty where no register tells them."""
    wanted = {"org_id": pl.String, "accounts_category": pl.String}
    if index is None or "accounts_category" not in index.organisations.columns:
        return pl.DataFrame(schema=wanted)
    found = links.filter(pl.col("outcome") == "matched")["org_id"].drop_nulls().unique()
    return index.organisations.select(wanted.keys()).filter(pl.col("org_id").is_in(found.to_list()))


def _decided(
    suppliers: pl.DataFrame, matched: pl.DataFrame, index: Register | None, area: Place, decisions: pl.DataFrame | None
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Return links with people's decisions in place of what matching found, and the suppliers' bands by basis."""
    links, told = matched, None
    if decisions is not None:
        links = apply_decisions(matched, decisions, index.organisations if index else None)
        told = overrides(decisions)
    return links, supplier_bands(suppliers, links, area, overrides=told, areas=own_areas(links, area))


def with_decisions(run: Run, workspace: str, *, register: Path | None = None) -> Run:
    """Return a run as people's decisions now make it, from the same read and the same matches.

    Args:
        run: one that `analyse` gave, not one read back from a folder.
        workspace: path or database URL of the store of decisions.
        register: folder of the index the run was matched with, for what it says of organisations that people chose.

    Raises:
        CwbError: the store or the index cannot be opened.
    """
    kept, settings = run.evidence, run.settings
    if kept is None or settings is None:
        raise RunError("a run read back from its folder keeps no matches to decide about; analyse the ledgers again")
    index = open_register(register) if register else None
    decisions = current(open_workspace(workspace))
    links, by_basis = _decided(kept.suppliers, kept.matched, index, settings.place, decisions)
    return _run(replace(kept, links=links, by_basis=by_basis), settings)


def with_assumptions(run: Run, assumptions: AssumptionSet) -> Run:
    """Return a run with its economics under another set of assumptions; what was paid, and where, stays as it is.

    Args:
        run: one that `analyse` gave, not one read back from a folder.
        assumptions: the set, which every report of the run then names with its differences from the shipped one.
    """
    if run.evidence is None or run.settings is None:
        raise RunError("a run read back from its folder keeps its assumptions; analyse the ledgers again")
    return _run(run.evidence, replace(run.settings, assumptions=assumptions))


def _run(evidence: Evidence, settings: Settings) -> Run:
    banded = band_payments(evidence.payments, evidence.payment_suppliers, evidence.by_basis[settings.basis])
    small = tables.run_tables(
        banded, evidence.suppliers, evidence.links, evidence.by_basis, basis=settings.basis, place=settings.place,
        show_individuals=settings.show_individuals,
    )  # fmt: skip
    found = leakage.summarise(banded, evidence.suppliers, evidence.links, evidence.by_basis)
    years = sorted(banded["financial_year"].drop_nulls().unique().to_list())
    spend = spend_table(banded)
    payees = payee_table(evidence.suppliers, evidence.links, evidence.by_basis[settings.basis])
    supports = _supports(_pence(found), spend, payees, settings.place, settings.assumptions)
    account = evidence.account
    summary = {
        "institutions": sorted(banded["institution"].unique().to_list()),
        "years": years,
        "place": _place(settings.place),
        "basis": settings.basis,
        "rows": account["rows"],
        "amount_pence": account["amount_pence"],
        **found,
        "bounds": uncertainty.share_bounds(
            _pence(found), uncertainty.expected_from_review(_candidates(banded, evidence, settings.place))
        ),
        "by_institution": _by_institution(small["bands_by_institution"]),
        "profile": comparability.profile(banded, _amount_headings(account)),
        "impact": supports.block,
        "assumptions": [one.model_dump() for one in supports.assumptions],
        "warnings": [
            *(f"{file['file']}: {warning}" for file in account["files"] for warning in file["warnings"]),
            *account.get("warnings", ()),
        ],
        "individuals_shown": settings.show_individuals,
        "provenance": {
            "inputs": [{"file": name, "sha256": digest} for name, digest in settings.inputs],
            "register": settings.register,
            "postcodes": postcodes.edition(),
            "decisions": evidence.links["decided_by"].drop_nulls().len(),
            "version": cwb.__version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    }
    small |= {
        "files": tables.files(account),
        "rejects": evidence.rejects,
        "control_totals": evidence.control_totals,
        "assumptions": tables.assumptions(supports.assumptions),
        **uncertainty.width_tables(summary["bounds"], supports.block),
    }
    if len(summary["institutions"]) > 1:
        group = together([Side(summary, spend, payees)])
        summary["together"] = group.block
        small |= group.tables
    summary["indicators"], more = _measures(evidence, settings, banded, spend, payees)
    small |= more
    return Run(summary, small, spend, payees, banded, evidence, settings)


def _measures(
    evidence: Evidence, settings: Settings, banded: pl.DataFrame, spend: pl.DataFrame, payees: pl.DataFrame
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Return the "indicators" block and its tables."""
    facts = evidence.facts if evidence.facts is not None else _facts(evidence.links, None)
    rows = known_rows(spend, payees, facts, settings.added)
    if settings.added.wards is not None or settings.added.deprivation is not None:
        rows = rows.join(_addresses(evidence, payees), on="supplier_id", how="left", validate="m:1")
    return measures(rows, banded, same_payees([payees])[0], _place(settings.place), settings.added)


def _candidates(banded: pl.DataFrame, evidence: Evidence, place: Place) -> pl.DataFrame:
    """Return the unplaced spend of each supplier in review with the score and band of its best candidate."""
    unplaced = banded.filter(pl.col("band") == "unknown").group_by("supplier_id").agg(pl.col("amount_pence").sum())
    waiting = evidence.links.filter(pl.col("outcome") == "review").join(
        unplaced, on="supplier_id", validate="1:1", maintain_order="left"
    )
    # An office that very many companies share says nothing of where one of them works.
    usable = pl.when(pl.col("address_is_evidence").fill_null(value=True)).then("postcode")
    lads = locate(waiting.select(usable.alias("postcode"))["postcode"])["lad_code"]
    lad = pl.col("lad_code")
    band = (
        pl.when(lad.is_in(sorted(place.local))).then(pl.lit("local"))
        .when(lad.is_in(sorted(place.region))).then(pl.lit("regional"))
        .when(lad.is_not_null()).then(pl.lit("leaked"))
    )  # fmt: skip
    return waiting.with_columns(lads).select("amount_pence", "outcome", "score", candidate_band=band)


def _addresses(evidence: Evidence, payees: pl.DataFrame) -> pl.DataFrame:
    """Return supplier_id and the postcode that its band rests on, which never leaves the run."""
    printed = evidence.suppliers.select("supplier_id", "supplier_postcode")
    registered = evidence.links.select("supplier_id", "postcode")
    chosen = pl.when(pl.col("basis") == "ledger_postcode").then("supplier_postcode").otherwise("postcode")
    joined = payees.select("supplier_id", "basis").join(printed, on="supplier_id", how="left", validate="1:1")
    joined = joined.join(registered, on="supplier_id", how="left", validate="1:1")
    return joined.select("supplier_id", postcode=postcodes.normalise(chosen))


def _amount_headings(account: Mapping[str, Any]) -> dict[str, str]:
    return {file["file"]: file["columns"].get("amount", "") for file in account["files"]}


def _areas(place: Place) -> tuple[Area, Area]:
    return Area(place.name, place.local), Area(place.region_name, place.region)


def _supports(
    bands: Mapping[str, int], spend: pl.DataFrame, payees: pl.DataFrame, place: Place, assumptions: AssumptionSet
) -> Impact:
    told = payees.select("supplier_id", "band", "sic_section", "supplier_type")
    placed = spend.join(told, on="supplier_id", how="left", validate="m:1")
    pence = pl.col("amount_pence").sum()
    dated = placed.filter(pl.col("financial_year").is_not_null()).group_by("financial_year").agg(pence)
    public = placed.filter(pl.col("supplier_type") == "public_body").group_by("band").agg(pence)
    local, region = _areas(place)
    return estimate(
        bands=bands, by_section=placed.group_by("sic_section", "band").agg(pence).sort("sic_section", "band"),
        local=local, region=region, financial_years=dict(dated.sort("financial_year").iter_rows()),
        assumptions=assumptions, public_body_pence=dict(public.iter_rows()),
    )  # fmt: skip


def impact(run: Run, assumptions: str) -> Impact:
    """Return what a run's spend supports under another set of assumptions: a shipped one's name or a TOML file's path.

    Raises:
        CwbError: there is no such set, or the run's folder has no spend by supplier.
    """
    spend, payees = spend_of(run)
    return _supports(_pence(run.summary), spend, payees, place_of(run), find_set(assumptions))


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


def place_multipliers(
    place: str,
    *,
    jobs: Path | None = None,
    workbook: Path | None = None,
    quotient: str = "flq",
    assumptions: str = CENTRAL.name,
) -> Impact:
    """Return a place's input-output multipliers by sector; see docs/methods/input_output.md.

    Args:
        place: a name from `cwb places`, or the path of a TOML file.
        jobs: CSV of the place's jobs by SIC section, or an id of `cwb data list`; without one all sectors are alike.
        workbook: a full input-output table as its publisher issues it, or such an id; else the compact one that ships.
        quotient: how the national table is made the place's: flq or aflq.
        assumptions: a shipped set's name, or the path of a user's TOML file.

    Raises:
        CwbError: an input cannot be used.
    """
    if quotient not in ("flq", "aflq"):
        raise CwbError(f"--quotient {quotient}: there are flq and aflq")
    area = _areas(find_place(place))[0]
    full = data.find(workbook) if workbook else None
    return multipliers(
        area,
        table=read_workbook(full, source=full.name) if full else None,
        jobs_by_section=read_employment(data.find(jobs), area.lad_codes) if jobs else None,
        kind="aflq" if quotient == "aflq" else "flq", assumptions=find_set(assumptions),
    )  # fmt: skip


def write_list(frame: pl.DataFrame, out: Path) -> None:
    """Write a table as CSV to `out`, with no cell that a spreadsheet would run.

    Raises:
        CwbError: `out` cannot be written.
    """
    with staged_file(out) as scratch:
        neutralise(frame).write_csv(scratch)


def scenarios(run: Run, path: Path, *, assumptions: str = CENTRAL.name) -> list[dict[str, Any]]:
    """Return what each scenario of a TOML file makes of a run; see docs/methods/scenarios.md.

    Raises:
        CwbError: the file, or the set of assumptions, is not as it should be.
    """
    return run_scenarios(read_scenarios(path), setting_of(run, find_set(assumptions)))


def setting_of(run: Run, assumptions: AssumptionSet) -> Setting:
    """Return what scenarios need of a run: its spend by supplier, its place and region, and its years.

    Raises:
        RunError: the run's folder has no spend by supplier.
    """
    spend, payees = spend_of(run)
    local, region = _areas(place_of(run))
    told = payees.select("supplier_id", "supplier_name", "band", "sic_section")
    placed = spend.join(told, on="supplier_id", how="left", validate="m:1").select(SPEND_COLUMNS)
    return Setting(placed, local, region, tuple(run.summary["years"]), assumptions)


def _place(place: Place) -> dict[str, Any]:
    codes = {"local": sorted(place.local), "region": sorted(place.region)}
    return {"id": place.id, "name": place.name, "region_name": place.region_name, **codes}


def _by_institution(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return institution, financial_year and pence by band, so that a summary alone can be compared."""
    wide = frame.pivot("band", index=["institution", "financial_year"], values="amount_pence")
    who = ("institution", "financial_year")
    return [
        {**{name: row[name] for name in who}, "bands": {band: row[band] for band in BANDS}}
        for row in wide.iter_rows(named=True)
    ]


def split_years(run: Run) -> list[Run]:
    """Return one run for each financial year in `run`, earliest first, from the same matches.

    Rows set aside while reading, and payments without a date, stay with the whole run.
    """
    whole, settings = run.evidence, run.settings
    if whole is None or settings is None:
        raise RunError("a run read back from its folder cannot be split by year; analyse the ledgers again")
    return [_run(_of_year(whole, year), settings) for year in run.summary["years"]]


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


def compare(runs: Sequence[Run], *, boundaries: str = "today", rank_unlike: bool = False) -> Comparison:
    """Return the change from the first to the last of two or more runs, explained, and the series between them.

    Args:
        runs: the earliest first.
        boundaries: where districts were merged or recoded between runs, put all on "today"'s or on the "earlier".
        rank_unlike: rank payers even where their ledgers are unlike.

    Raises:
        RunError: there are not two runs, or they are of different places.
    """
    if len(runs) < 2:
        raise RunError(f"compare needs two runs or more, the earliest first; found {len(runs)}")
    sides, recast = align([Side(run.summary, run.spend, run.payees) for run in runs], on=boundaries)
    before, after = sides[0].summary, sides[-1].summary
    moved = change.change_of_bands(_pence(before), _pence(after))
    place = after["place"]
    jobs = estimate_change(
        dict(moved.select("band", "amount_pence").iter_rows()),
        local=Area(place["name"], today(place["local"])),
        region=Area(place["region_name"], today(place["region"])),
        years_from=before["years"], years_to=after["years"],
    )  # fmt: skip
    checks = [*recast, *comparability.checks(before, after), *doubled(before, after)]
    differences = [check.text for check in checks]
    why = explain(sides, [check.text for check in checks if check.kind != "register"])
    unlike = comparability.unlikeness([side.summary for side in sides])
    ranked = (
        None if unlike and not rank_unlike else comparability.ranking([side.summary for side in sides], unlike=True)
    )
    shown = ("years", "institutions", "bands", "region_including_local", "basis", "coverage", "provenance")
    result = {
        "from": {name: before[name] for name in shown},
        "to": {name: after[name] for name in shown},
        "place": place,
        **change.change_blocks(moved),
        **why.block,
        "jobs": jobs.block,
        "assumptions": [one.model_dump() for one in jobs.assumptions],
        "comparable": {
            "ok": not differences, "differences": differences, "checks": [check.as_dict() for check in checks],
            "steps": _step_checks(sides) if len(sides) > 2 else [],
        },
        "ranking": {"refused": unlike if ranked is None else [], "rows": None if ranked is None else ranked.to_dicts()},
    }  # fmt: skip
    small = {
        "change": moved,
        "change_by_institution": change.change_by_institution(_long(before), _long(after)),
        **why.tables,
        "assumptions": tables.assumptions(jobs.assumptions),
    }
    if ranked is not None:
        small["ranking"] = ranked
    return Comparison(result, small)


def _step_checks(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """Return what makes each run of a series unlike the one before it."""
    return [
        {
            "from": a.label,
            "to": b.label,
            "checks": [
                one.as_dict() for one in (*comparability.checks(a.summary, b.summary), *doubled(a.summary, b.summary))
            ],
        }
        for a, b in pairwise(sides)
    ]


def pooled(runs: Sequence[Run]) -> Comparison:
    """Return several anchors' runs of one place as one: transfers between them netted off, common suppliers joined.

    Raises:
        RunError: a run's folder has no spend by supplier, or they are of different places.
    """
    sides, notes = align([Side(run.summary, run.spend, run.payees) for run in runs])
    without = [side.label for side in sides if side.spend is None]
    if without:
        raise RunError(f"the run of {without[0]} has no spend by supplier, so transfers cannot be netted off")
    group = together(sides)
    unlike = comparability.unlikeness([side.summary for side in sides])
    differences = [*(note.text for note in notes), *unlike]
    return Comparison({**group.block, "comparable": {"ok": not differences, "differences": differences}}, group.tables)


def _pence(summary: Mapping[str, Any]) -> dict[str, int]:
    return {band: row["amount_pence"] for band, row in summary["bands"].items()}


def _long(summary: Mapping[str, Any]) -> pl.DataFrame:
    rows = [
        (one["institution"], band, pence) for one in summary["by_institution"] for band, pence in one["bands"].items()
    ]
    schema = {"institution": pl.String, "band": pl.String, "amount_pence": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def match_list(path: Path, register: Path, out: Path) -> pl.DataFrame:
    """Match a CSV with a column `supplier` to a register; write and return one row out per row in, in the same order.

    Raises:
        CwbError: the file cannot be read, has no such column, or `out` cannot be written.
    """
    index = open_register(register)
    try:
        suppliers = pl.read_csv(path, infer_schema=False)
    except OSError as error:
        raise CwbError(f"{path}: cannot be read ({error.strerror or 'no such file'})") from None
    except pl.exceptions.PolarsError as error:
        raise CwbError(f"{path}: is not a CSV in UTF-8 ({str(error).splitlines()[0]})") from None
    try:
        links = match_table(suppliers, index)
    except CwbError as error:
        raise CwbError(f"{path}: {error}") from None
    write_list(links, out)
    return links
