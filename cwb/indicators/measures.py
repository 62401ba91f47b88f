"""Every measure of one run, from its spend by supplier: the "indicators" block of summary.json and its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cwb.indicators import (
    classification,
    concentration,
    flow,
    fragmentation,
    influence,
    owner,
    payment_days,
    place_detail,
    sector,
    size,
    social,
    statutory,
    tail,
    targets,
    top_n,
)
from cwb.indicators.payees import same_payees
from cwb.indicators.shares import share
from cwb.schema import BANDS


@dataclass(frozen=True)
class Added:
    """What a user has added to the ledgers and the register; None where nothing was.

    `accounts`: org_id, turnover_gbp, balance_sheet_gbp, employees. `owners`: org_id, parent_id, parent_name,
    parent_lad_code. `wards`: postcode, ward_code, ward_name. `deprivation`: postcode, decile. `targets`: the body's
    own aims; without, nothing is held against any (`targets.newcastle` is an example to start from).
    `influence_rules` and `category_crosswalk`: in place of the lookups of those names. `contracts`: theme, contract,
    supplier, funding_stream, amount_gbp. `bodies`: body, all that spend in the area; `figures`: body, cofog,
    provenance, amount_gbp, received_from, of those whose ledgers are not here.
    """

    accounts: pl.DataFrame | None = None
    owners: pl.DataFrame | None = None
    wards: pl.DataFrame | None = None
    deprivation: pl.DataFrame | None = None
    targets: Sequence[targets.Target] | None = None
    influence_rules: pl.DataFrame | None = None
    category_crosswalk: pl.DataFrame | None = None
    contracts: pl.DataFrame | None = None
    bodies: pl.DataFrame | None = None
    figures: pl.DataFrame | None = None


NOTHING = Added()


def known_rows(spend: pl.DataFrame, payees: pl.DataFrame, facts: pl.DataFrame, added: Added = NOTHING) -> pl.DataFrame:
    """Return spend with everything known of each supplier and line: payee, band, influence, classes, size, type.

    Args:
        spend: `spend.SPEND`.
        payees: `spend.PAYEES`.
        facts: org_id and accounts_category, of the register; may be empty.
        added: what the user has added.
    """
    rows = influence.known_spend(spend, same_payees([payees])[0])
    rows = rows.join(
        facts.select("org_id", "accounts_category"), on="org_id", how="left", validate="m:1", maintain_order="left"
    )
    rows = size.with_size(rows, accounts=added.accounts)
    rows = influence.with_influence(social.with_social(rows), added.influence_rules)
    return classification.with_classes(rows, added.category_crosswalk)


def measures(
    rows: pl.DataFrame, banded: pl.DataFrame, payees: pl.DataFrame, place: Mapping[str, Any], added: Added = NOTHING
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Return the block and the tables of a run's indicators.

    Args:
        rows: what `known_rows` returns.
        banded: schema.BANDED.
        payees: supplier_id and payee, and postcode where wards or deprivation are added.
        place: "local" and "region", districts' codes, as in summary.json.
        added: what the user has added.

    Returns:
        block: influenceable, top_n, concentration, sizes, social, tail, owners, districts, classification, targets,
        statutory, each the figures a reader asks for first. tables: one or more for each, all rows.
    """
    local, region = sorted(place["local"]), sorted(place["region"])
    rows = owner.with_owner(rows, added.owners, local, region)
    tables = {
        "influence": influence.influence(rows),
        "top_n": top_n.top_suppliers(rows),
        "concentration": concentration.concentration(rows),
        "exposure": concentration.exposure(rows, added.owners).head(100),
        "sizes": size.sizes(rows),
        "social": social.social(rows),
        "cooperatives": social.cooperatives(rows, added.accounts if _has(added.accounts, "members") else None),
        "tail": tail.tail(rows),
        "owners": owner.owned(rows),
        "districts": place_detail.by_district(rows),
        "flow": flow.flow(rows),
        "sector_leakage": sector.sector_leakage(rows),
        "fragmentation": fragmentation.fragmentation(banded, payees),
        **{f"by_{scheme}": classification.classes(rows, scheme) for scheme in classification.SCHEMES},
        "reservation": statutory.reservation(rows, local),
        "sme_vcse_return": statutory.sme_vcse_return(rows),
        "action_plan": statutory.action_plan(rows),
    }
    if added.targets is not None:
        tables["targets"] = targets.against(rows, added.targets)
    if added.contracts is not None:
        tables["fragmentation_contracts"] = fragmentation.of_contracts(added.contracts)
    if added.bodies is not None or added.figures is not None:
        tables["public_spend"], tables["bodies"] = classification.public_spend(rows, added.figures, added.bodies)
    if added.accounts is not None:
        tables["dependent"] = concentration.dependent(rows, added.accounts)
    if banded["invoice_date"].null_count() < banded.height:
        tables["payment_days"] = payment_days.payment_days(banded)
    if "postcode" in rows.columns:
        tables["place_sectors"] = place_detail.by_sector(rows)
        if added.wards is not None:
            tables["wards"] = place_detail.by_ward(rows, added.wards)
        if added.deprivation is not None:
            tables["deprivation"] = place_detail.by_deprivation(rows, added.deprivation)
    return _block(rows, tables), tables


def _has(frame: pl.DataFrame | None, column: str) -> bool:
    return frame is not None and column in frame.columns


def _block(rows: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    total = int(rows["amount_pence"].sum())
    can = influence.bands_of(rows, influenceable=True)
    by_kind = tables["social"].group_by("kind", maintain_order=True).agg(pl.col("amount_pence").sum())
    by_size = tables["sizes"].group_by("size", maintain_order=True).agg(pl.col("amount_pence").sum())
    return {
        "influenceable": {
            "amount_pence": sum(can.values()),
            "share": share(sum(can.values()), total),
            "bands": {b: {"amount_pence": can[b], "share": part} for b, part in influence.shares(can).items()},
        },
        "top_n": tables["top_n"].to_dicts(),
        "concentration": {row.pop("band"): row for row in tables["concentration"].to_dicts()},
        "sizes": {name: {"amount_pence": p, "share": share(p, total)} for name, p in by_size.iter_rows()},
        "social": {name: {"amount_pence": p, "share": share(p, total)} for name, p in by_kind.iter_rows()},
        "tail": {row.pop("part"): row for row in tables["tail"].to_dicts()},
        "owners": {
            band: {row["owned"]: row["share"] for row in tables["owners"].to_dicts() if row["band"] == band}
            for band in BANDS
        },
        "classification": {
            scheme: {"unknown_share": _unknown(tables[f"by_{scheme}"])} for scheme in classification.SCHEMES
        },
        "targets": tables["targets"].to_dicts() if "targets" in tables else [],
        "statutory": {
            "reservation": tables["reservation"].to_dicts(),
            "sme_vcse_return": tables["sme_vcse_return"].to_dicts(),
        },
    }


def _unknown(table: pl.DataFrame) -> float | None:
    found = table.filter(pl.col("class") == classification.UNKNOWN)["share"].to_list()
    return found[0] if found else 0.0
