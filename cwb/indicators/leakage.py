"""Leakage: how much of the spend is local, regional, leaked or unknown, and how sure that is.

See docs/methods/leakage.md for the formulas. Shares are of the signed total of the four bands; where that total is zero
or negative a share means nothing, and is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cwb.indicators.coverage import coverage, matching, total_pence
from cwb.indicators.shares import share
from cwb.schema import BANDS, EXCLUDED

REGION = "region_including_local"


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
    total = total_pence(sums)
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
    total = total_pence(sums)
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


def _excluded(sums: pl.DataFrame) -> dict[str, int]:
    left_out = sums.filter(pl.col("band") == EXCLUDED)
    return {name: int(left_out[name].sum()) for name in ("amount_pence", "payments", "suppliers")}


def _notes(sums: pl.DataFrame) -> list[str]:
    total = total_pence(sums)
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
