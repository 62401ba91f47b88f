"""Leakage: how much of the spend is local, regional, leaked or unknown, and how sure that is.

See docs/methods/leakage.md for the formulas. Shares are of the signed total of the four bands; where that total is zero
or negative a share means nothing, and is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cwb.schema import BANDS, EXCLUDED, OUTCOMES

REGION = "region_including_local"


def share(part: int, total: int) -> float | None:
    """Return part / total, or None where the total is not above zero."""
    return part / total if total > 0 else None


def band_sums(banded: pl.DataFrame) -> pl.DataFrame:
    """Return band, amount_pence, payments, suppliers for the four bands, in order, and `excluded` where there is any.

    `banded` has one row a payment, or one a supplier with its `payments`; band, supplier_id, amount_pence.
    """
    payments = pl.col("payments").sum() if "payments" in banded.columns else pl.len()
    sums = banded.group_by("band").agg(
        pl.col("amount_pence").sum(), payments.cast(pl.Int64).alias("payments"),
        pl.col("supplier_id").n_unique().cast(pl.Int64).alias("suppliers"),
    )  # fmt: skip
    every = pl.DataFrame({"band": [*BANDS, *([EXCLUDED] if EXCLUDED in sums["band"] else [])]})
    return every.join(sums, on="band", how="left", validate="1:1", maintain_order="left").fill_null(0)


def bands(sums: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Return band to amount_pence, share (0 to 1, or None), payments and suppliers, from `band_sums`."""
    total = _total(sums)
    return {
        row["band"]: {
            "amount_pence": row["amount_pence"],
            "share": share(row["amount_pence"], total),
            "payments": row["payments"],
            "suppliers": row["suppliers"],
        }
        for row in sums.filter(pl.col("band").is_in(BANDS)).iter_rows(named=True)
    }


def summarise(
    banded: pl.DataFrame, suppliers: pl.DataFrame, links: pl.DataFrame, by_basis: Mapping[str, pl.DataFrame]
) -> dict[str, Any]:
    """Return the blocks of summary.json that say where the money went.

    Args:
        banded: schema.BANDED.
        suppliers: schema.SUPPLIERS.
        links: schema.LINKS.
        by_basis: setting of what counts as a supplier's place to suppliers with supplier_id, band, amount_pence.

    Returns:
        bands; region_including_local (local and regional together); excluded (what is not spend with a supplier);
        coverage; matching; range (setting to band to share); notes (what a reader must know, in plain words).
    """
    sums = band_sums(banded)
    total = _total(sums)
    by_band = bands(sums)
    inside = [by_band[band] for band in ("local", "regional")]
    region_pence = sum(band["amount_pence"] for band in inside)
    return {
        "bands": by_band,
        REGION: {
            "amount_pence": region_pence,
            "share": share(region_pence, total),
            "payments": sum(band["payments"] for band in inside),
            "suppliers": sum(band["suppliers"] for band in inside),
        },
        EXCLUDED: _excluded(sums),
        "coverage": coverage(sums),
        "matching": matching(suppliers, links),
        "range": {
            basis: {band: row["share"] for band, row in bands(band_sums(frame)).items()}
            for basis, frame in by_basis.items()
        },
        "notes": _notes(sums),
    }


def coverage(sums: pl.DataFrame) -> dict[str, float | None]:
    """Return which share of £ and of suppliers has a place: all four bands less unknown, over all four bands."""
    spent = sums.filter(pl.col("band").is_in(BANDS))
    placed = spent.filter(pl.col("band") != "unknown")
    return {
        "by_amount": share(int(placed["amount_pence"].sum()), _total(sums)),
        "by_suppliers": share(int(placed["suppliers"].sum()), int(spent["suppliers"].sum())),
    }


def matching(suppliers: pl.DataFrame, links: pl.DataFrame) -> dict[str, Any]:
    """Return how many suppliers, and how much of the spend, each outcome of matching has; and suppliers by type.

    A supplier without a link counts as unmatched and of unknown type.
    """
    all_of_them = suppliers.select("supplier_id", "amount_pence").join(
        links.select("supplier_id", "outcome", "supplier_type"), on="supplier_id", how="left", validate="1:1"
    )
    told = all_of_them.with_columns(
        pl.col("outcome").fill_null("unmatched"), pl.col("supplier_type").fill_null("unknown")
    )
    sums = {
        outcome: (suppliers_of, pence)
        for outcome, suppliers_of, pence in told.group_by("outcome")
        .agg(pl.len(), pl.col("amount_pence").sum())
        .iter_rows()
    }
    kinds = told.group_by("supplier_type").len().sort("len", "supplier_type", descending=[True, False])
    return {
        **{outcome: sums.get(outcome, (0, 0))[0] for outcome in OUTCOMES},
        "amount_pence": {outcome: sums.get(outcome, (0, 0))[1] for outcome in OUTCOMES},
        "by_type": dict(kinds.iter_rows()),
    }


def _total(sums: pl.DataFrame) -> int:
    return int(sums.filter(pl.col("band").is_in(BANDS))["amount_pence"].sum())


def _excluded(sums: pl.DataFrame) -> dict[str, int]:
    left_out = sums.filter(pl.col("band") == EXCLUDED)
    return {name: int(left_out[name].sum()) for name in ("amount_pence", "payments", "suppliers")}


def _notes(sums: pl.DataFrame) -> list[str]:
    total = _total(sums)
    notes = []
    if total <= 0:
        notes.append(f"The payments sum to £{total / 100:,.2f}: shares of a total that is not above zero say nothing.")
    else:
        negative = sums.filter((pl.col("amount_pence") < 0) & pl.col("band").is_in(BANDS))["band"].to_list()
        notes += [f"Credits outweigh payments in the band '{band}': its share is below zero." for band in negative]
    largest = sums.filter(pl.col("band").is_in(BANDS)).sort("amount_pence", descending=True)["band"][0]
    if total > 0 and largest == "unknown":
        notes.append("No band is as large as unknown: every other share is a lower bound, not an estimate.")
    return notes
