"""A run from its evidence: the summary and the tables that every report prints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

import cwb
from cwb import postcodes
from cwb.classify import band_payments
from cwb.impact import uncertainty
from cwb.indicators import comparability, leakage, tables
from cwb.indicators.measures import known_rows, measures
from cwb.indicators.payees import same_payees
from cwb.indicators.side import Side
from cwb.indicators.size import with_size
from cwb.indicators.spend import payee_table, spend_table
from cwb.indicators.together import together
from cwb.pipeline.economics import supports
from cwb.pipeline.summary import pence_by_band, place_block
from cwb.places import Place, locate
from cwb.register import Register
from cwb.run import Evidence, Run, Settings
from cwb.schema import BANDS


def assemble(evidence: Evidence, settings: Settings) -> Run:
    """Return the run that evidence and settings make; nothing is read or matched again."""
    banded = band_payments(evidence.payments, evidence.payment_suppliers, evidence.by_basis[settings.basis])
    small = tables.run_tables(
        banded, evidence.suppliers, evidence.links, evidence.by_basis, basis=settings.basis, place=settings.place,
        show_individuals=settings.show_individuals,
    )  # fmt: skip
    found = leakage.summarise(banded, evidence.suppliers, evidence.links, evidence.by_basis)
    years = sorted(banded["financial_year"].drop_nulls().unique().to_list())
    spend = spend_table(banded)
    facts = evidence.facts if evidence.facts is not None else facts_of(evidence.links, None)
    payees = payee_table(evidence.suppliers, evidence.links, evidence.by_basis[settings.basis])
    payees = payees.with_columns(_sized(payees, facts, settings.added.accounts))
    supported = supports(
        pence_by_band(found), spend, payees, settings.place, settings.assumptions, regionalised=settings.regionalised,
        accounts=settings.added.accounts,
    )  # fmt: skip
    account = evidence.account
    summary = {
        "institutions": sorted(banded["institution"].unique().to_list()),
        "years": years,
        "place": place_block(settings.place),
        "basis": settings.basis,
        "rows": account["rows"],
        "amount_pence": account["amount_pence"],
        **found,
        "bounds": uncertainty.share_bounds(
            pence_by_band(found), uncertainty.expected_from_review(_candidates(banded, evidence, settings.place))
        ),
        "by_institution": _by_institution(small["bands_by_institution"]),
        "profile": comparability.profile(banded, _amount_headings(account)),
        "impact": supported.block,
        "assumptions": [one.model_dump() for one in supported.assumptions],
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
        "assumptions": tables.assumptions(supported.assumptions),
        **supported.tables,
        **uncertainty.width_tables(summary["bounds"], supported.block),
    }
    if len(summary["institutions"]) > 1:
        group = together([Side(summary, spend, payees)])
        summary["together"] = group.block
        small |= group.tables
    summary["indicators"], more = _measures(evidence, settings, banded, spend, payees)
    small |= more
    return Run(summary, small, spend, payees, banded, evidence, settings)


def _sized(payees: pl.DataFrame, facts: pl.DataFrame, accounts: pl.DataFrame | None) -> pl.Series:
    """Return is_sme of each payee, null where nothing tells: for rates borrowed by size."""
    known = payees.select("supplier_type", "org_id").join(
        facts.select("org_id", "accounts_category"), on="org_id", how="left", validate="m:1", maintain_order="left"
    )
    return with_size(known, accounts=accounts)["is_sme"]


def _measures(
    evidence: Evidence, settings: Settings, banded: pl.DataFrame, spend: pl.DataFrame, payees: pl.DataFrame
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Return the "indicators" block and its tables."""
    facts = evidence.facts if evidence.facts is not None else facts_of(evidence.links, None)
    rows = known_rows(spend, payees, facts, settings.added)
    rows = rows.join(_addresses(evidence, payees), on="supplier_id", how="left", validate="m:1")
    return measures(rows, banded, same_payees([payees])[0], place_block(settings.place), settings.added)


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
    """Return supplier_id and the postcode that its band rests on, of which no more than the sector leaves the run."""
    printed = evidence.suppliers.select("supplier_id", "supplier_postcode")
    registered = evidence.links.select("supplier_id", "postcode")
    chosen = (
        pl.when(pl.col("basis") == "ledger_postcode").then("supplier_postcode")
        .when(pl.col("basis").is_in(["registered_office", "trading_site"])).then("postcode")
    )  # fmt: skip
    joined = payees.select("supplier_id", "basis").join(printed, on="supplier_id", how="left", validate="1:1")
    joined = joined.join(registered, on="supplier_id", how="left", validate="1:1")
    return joined.select("supplier_id", postcode=postcodes.normalise(chosen))


def _amount_headings(account: Mapping[str, Any]) -> dict[str, str]:
    return {file["file"]: file["columns"].get("amount", "") for file in account["files"]}


def _by_institution(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return institution, financial_year and pence by band, so that a summary alone can be compared."""
    wide = frame.pivot("band", index=["institution", "financial_year"], values="amount_pence")
    who = ("institution", "financial_year")
    return [
        {**{name: row[name] for name in who}, "bands": {band: row[band] for band in BANDS}}
        for row in wide.iter_rows(named=True)
    ]


def facts_of(links: pl.DataFrame, index: Register | None) -> pl.DataFrame:
    """Return org_id and accounts_category of the organisations matched; empty where no register tells them."""
    wanted = {"org_id": pl.String, "accounts_category": pl.String}
    if index is None or "accounts_category" not in index.organisations.columns:
        return pl.DataFrame(schema=wanted)
    found = links.filter(pl.col("outcome") == "matched")["org_id"].drop_nulls().unique()
    return index.organisations.select(wanted.keys()).filter(pl.col("org_id").is_in(found.to_list()))
