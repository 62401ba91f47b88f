"""Change in where the money goes between two years, split into volume and rate.

volume = (total₁ − total₀) × share₀; rate = (share₁ − share₀) × total₁; volume + rate = amount₁ − amount₀.
The volume term is weighted by the *base* year's share: what would have changed had only the total moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cwb.deflators import in_prices_of
from cwb.errors import RunError
from cwb.schema import BANDS

REGION = "region_including_local"
ROWS = (*BANDS, REGION)
WEIGHTING = "volume at the base year's share, rate at the later year's total"
CHANGE_COLUMNS: dict[str, pl.DataType] = {
    "band": pl.String(),
    "from_pence": pl.Int64(),
    "to_pence": pl.Int64(),
    "amount_pence": pl.Int64(),
    "share_from": pl.Float64(),
    "share_to": pl.Float64(),
    "share_points": pl.Float64(),
    "volume_pence": pl.Int64(),
    "rate_pence": pl.Int64(),
}


def _share_out(pence: int, weights: list[int]) -> list[int]:
    """Split whole pence by weights, exactly: floors first, then a penny each to the largest remainders."""
    total = sum(weights)
    parts = [pence * w // total for w in weights]
    remainders = [pence * w - p * total for w, p in zip(weights, parts, strict=True)]
    by_remainder = sorted(range(len(weights)), key=lambda i: -remainders[i])
    for i in by_remainder[: pence - sum(parts)]:
        parts[i] += 1
    return parts


def _share(amount: int, total: int) -> float | None:
    return amount / total if total > 0 else None


def change_of_bands(before: Mapping[str, int], after: Mapping[str, int]) -> pl.DataFrame:
    """Return the change of each band between two sets of bands, as the `change` table.

    `before` and `after` map band to pence; a band that is missing is 0. Shares are of all four bands.
    volume_pence + rate_pence = amount_pence exactly; volumes are rounded to whole pence so that the four bands'
    sum to the change of the total, and region_including_local is local + regional. Shares and their change in
    percentage points (0 to 100) are null where a total is zero or negative; volume and rate where the base total is.
    """
    old = [int(before.get(band, 0)) for band in BANDS]
    new = [int(after.get(band, 0)) for band in BANDS]
    total_from, total_to = sum(old), sum(new)
    volumes = _share_out(total_to - total_from, old) if total_from > 0 else None
    rows = []
    for name in ROWS:
        members = [BANDS.index(b) for b in (("local", "regional") if name == REGION else (name,))]
        from_pence, to_pence = sum(old[i] for i in members), sum(new[i] for i in members)
        share_from, share_to = _share(from_pence, total_from), _share(to_pence, total_to)
        volume = None if volumes is None else sum(volumes[i] for i in members)
        rows.append(
            {
                "band": name,
                "from_pence": from_pence,
                "to_pence": to_pence,
                "amount_pence": to_pence - from_pence,
                "share_from": share_from,
                "share_to": share_to,
                "share_points": None if share_from is None or share_to is None else 100 * (share_to - share_from),
                "volume_pence": volume,
                "rate_pence": None if volume is None else to_pence - from_pence - volume,
            }
        )
    return pl.DataFrame(rows, schema=CHANGE_COLUMNS)


def _pence_by_band(frame: pl.DataFrame) -> dict[str, int]:
    sums = frame.group_by("band").agg(pl.col("amount_pence").sum())
    return dict(zip(sums["band"].to_list(), sums["amount_pence"].to_list(), strict=True))


def change_by_institution(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return the change of each band in each institution, `institution` first, in order of name.

    `before` and `after` are `bands_by_institution` tables (institution, band, amount_pence); an institution in one
    only has zero in the other.
    """
    names = sorted(set(before["institution"].to_list()) | set(after["institution"].to_list()))
    parts = [
        change_of_bands(
            _pence_by_band(before.filter(pl.col("institution") == name)),
            _pence_by_band(after.filter(pl.col("institution") == name)),
        ).insert_column(0, pl.Series("institution", [name] * len(ROWS)))
        for name in names
    ]
    schema: dict[str, pl.DataType] = {"institution": pl.String(), **CHANGE_COLUMNS}
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def change_in_prices_of(before: pl.DataFrame, after: pl.DataFrame, financial_year: str) -> pl.DataFrame:
    """Return the change of each band in real terms, in the prices of `financial_year` (HM Treasury GDP deflators).

    `before` and `after` have financial_year, band and amount_pence (as `bands_by_institution`).

    Raises:
        CwbError: a year has no deflator, or (RunError) rows have no year and so no prices.
    """
    for side, frame in (("earlier", before), ("later", after)):
        undated = frame["financial_year"].null_count()
        if undated:
            raise RunError(f"the {side} run has {undated} rows without a year: their prices are not known")
    return change_of_bands(
        _pence_by_band(in_prices_of(before, financial_year)), _pence_by_band(in_prices_of(after, financial_year))
    )


def change_blocks(table: pl.DataFrame) -> dict[str, Any]:
    """Return compare.json's "change" (the four bands) and "region_including_local" from a `change` table."""
    keys = ("from_pence", "to_pence", "amount_pence", "share_points", "volume_pence", "rate_pence")
    rows = {row["band"]: {k: row[k] for k in keys} for row in table.iter_rows(named=True)}
    return {"change": {band: rows[band] for band in BANDS}, REGION: rows[REGION], "weighting": WEIGHTING}


def per_cent_change(before: float, after: float) -> float | None:
    """100 × (after − before) ÷ before: a relative change, never to be confused with percentage points."""
    return 100 * (after - before) / before if before else None
