"""Small ledgers in words: rows of supplier, band, category and pence to the frames of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from cwb.indicators.comparability import profile
from cwb.indicators.leakage import summarise
from cwb.indicators.spend import payee_table, spend_table
from cwb.indicators.tables import bands_by_institution
from cwb.run import Run
from cwb.schema import BANDED, BANDS, LINKS, PAYMENTS, conform
from cwb.suppliers import distinct_suppliers

# A postcode stands for a band only so that one name in two bands is two suppliers, as it would be in a ledger.
POSTCODES = {"local": "PR1 2RL", "regional": "BB11 1AA", "leaked": "SW1A 0AA", "unknown": None}
DISTRICTS = {"local": "E07000123", "regional": "E07000117", "leaked": "E09000033", "unknown": None}


@dataclass(frozen=True)
class Frames:
    """The frames of the stages behind a run."""

    banded: pl.DataFrame
    suppliers: pl.DataFrame
    links: pl.DataFrame
    placed: pl.DataFrame


def banded(
    rows: Sequence[tuple[str, str, str | None, int]], *, institution: str = "Council", year: str | None = "2020-21",
    day: date | None = date(2020, 5, 1), individuals: Sequence[str] = (), sic: dict[str, str] | None = None,
) -> Frames:  # fmt: skip
    """Return the frames of a ledger of rows of supplier, band, category and pence."""
    full = [
        {
            "payment_id": f"{institution}{year}{i}", "file": "ledger.csv", "file_row": i + 2,
            "institution": institution, "financial_year": year, "payment_date": day, "supplier_name": name,
            "supplier_postcode": POSTCODES[band], "category": category, "amount_pence": pence, "is_redacted": False,
            "band": band,
        }
        for i, (name, band, category, pence) in enumerate(rows)
    ]  # fmt: skip
    types = {**{n: c.dtype for n, c in PAYMENTS.columns.items()}, "band": pl.String()}
    told = pl.DataFrame(full, schema=types)
    payments = conform(told, PAYMENTS)
    suppliers, owners = distinct_suppliers(payments)
    bands = told.select("payment_id", "band").join(owners, on="payment_id").unique("supplier_id")
    place = pl.col("band").replace_strict(DISTRICTS, return_dtype=pl.String)
    placed = suppliers.select("supplier_id").join(
        bands.select("supplier_id", "band", basis=pl.lit("ledger_postcode"), lad_code=place), on="supplier_id",
        maintain_order="left", how="left",
    )  # fmt: skip
    kind = pl.when(pl.col("supplier_name").is_in(list(individuals))).then(pl.lit("individual"))
    links = conform(
        suppliers.select(
            "supplier_id", outcome=pl.lit("unmatched"), supplier_type=kind.otherwise(pl.lit("company")),
            method=pl.lit("none"), evidence=pl.lit("{}"), address_is_evidence=pl.lit(value=True),
            sic_code=pl.col("supplier_name").replace_strict(sic or {}, default=None, return_dtype=pl.String),
        ), LINKS,
    )  # fmt: skip
    if sic:
        links = links.with_columns(
            outcome=pl.when(pl.col("sic_code").is_not_null()).then(pl.lit("matched")).otherwise("outcome"),
            org_id=pl.when(pl.col("sic_code").is_not_null()).then(pl.lit("GB-COH-") + pl.col("supplier_id")),
        )
    full_banded = payments.join(owners, on="payment_id").join(
        placed.select("supplier_id", "band", "basis", "lad_code"), on="supplier_id", how="left"
    )
    return Frames(conform(full_banded, BANDED), suppliers, links, placed)


def run_frames(frames: Frames) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the spend and the payees that a run keeps."""
    return spend_table(frames.banded), payee_table(frames.suppliers, frames.links, frames.placed)


PLACE = {
    "id": "preston", "name": "Preston", "region_name": "Lancashire", "local": ["E07000123"],
    "region": ["E07000117", "E07000123"],
}  # fmt: skip


def run_of(ledgers: Mapping[tuple[str, str], Sequence[tuple[str, str, str | None, int]]]) -> Run:
    """Return a run, as its folder keeps it, of the rows of some payers and years."""
    day = {year: date(int(year[:4]), 5, 1) for _, year in ledgers}
    parts = [
        banded(rows, institution=payer, year=year, day=day[year]).banded for (payer, year), rows in ledgers.items()
    ]
    payments = conform(pl.concat(parts), PAYMENTS)
    suppliers, owners = distinct_suppliers(payments)
    told = payments.join(owners, on="payment_id").join(
        pl.concat(parts).select("payment_id", "band", "basis", "lad_code"), on="payment_id", how="left"
    )
    placed = told.unique("supplier_id").select("supplier_id", "band", "basis", "lad_code")
    links = conform(
        suppliers.select(
            "supplier_id", outcome=pl.lit("unmatched"), supplier_type=pl.lit("company"), method=pl.lit("none"),
            evidence=pl.lit("{}"), address_is_evidence=pl.lit(value=True),
        ), LINKS,
    )  # fmt: skip
    frame = conform(told, BANDED)
    grid = bands_by_institution(frame).pivot("band", index=["institution", "financial_year"], values="amount_pence")
    summary = {
        "institutions": sorted({payer for payer, _ in ledgers}), "years": sorted({year for _, year in ledgers}),
        "basis": "best_evidence", "place": PLACE, **summarise(frame, suppliers, links, {}),
        "by_institution": [
            {"institution": r["institution"], "financial_year": r["financial_year"], "bands": {b: r[b] for b in BANDS}}
            for r in grid.iter_rows(named=True)
        ],
        "profile": profile(frame, {}),
        "provenance": {"register": None, "postcodes": "2026", "version": "0.1", "created": "", "inputs": []},
    }  # fmt: skip
    return Run(summary, {}, spend_table(frame), payee_table(suppliers, links, placed))
