"""Influenceable spend: what the buyer could place elsewhere, without taxes, transfers and statutory payments."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cwb import lookups
from cwb.indicators.shares import share
from cwb.schema import BANDS

COLUMNS = {"supplier_type": "supplier_type", "category": "category", "name": "supplier_name"}
PURCHASE = "a purchase"


def known_spend(spend: pl.DataFrame, payees: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return the spend of a run with what is known of each supplier: rows of `spend.SPEND` and these columns."""
    wanted = columns or tuple(c for c in payees.columns if c != "supplier_id")
    return spend.join(
        payees.select("supplier_id", *wanted), on="supplier_id", how="left", validate="m:1", maintain_order="left"
    )


def with_influence(rows: pl.DataFrame, rules: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return `rows` with is_influenceable and influence_reason, by the first rule that applies to each.

    Args:
        rows: supplier_type, category and supplier_name; other columns stay.
        rules: like lookups/indicators/influence_rules, which is taken where none are given.
    """
    table = (lookups.table("indicators/influence_rules") if rules is None else rules).sort("order")
    told = table.select("field", "pattern", "is_influenceable", "reason").rows(named=True)
    columns = [c for c in COLUMNS.values() if c in rows.columns]
    distinct = rows.select(columns).unique()
    fits: list[tuple[pl.Expr, bool, str]] = [
        (pl.col(COLUMNS[r["field"]]).str.contains(f"(?i){r['pattern']}").fill_null(value=False),
         r["is_influenceable"], r["reason"])
        for r in told if COLUMNS[r["field"]] in columns
    ]  # fmt: skip
    answer = pl.coalesce(*(pl.when(fit).then(pl.lit(value)) for fit, value, _ in fits), pl.lit(value=True))
    reason = pl.coalesce(*(pl.when(fit).then(pl.lit(why)) for fit, _, why in fits), pl.lit(PURCHASE))
    decided = distinct.with_columns(is_influenceable=answer, influence_reason=reason)
    return rows.join(decided, on=columns, how="left", validate="m:1", nulls_equal=True, maintain_order="left")


def influence(rows: pl.DataFrame) -> pl.DataFrame:
    """Return influence_reason, is_influenceable, amount_pence, share, suppliers: what is left out and why.

    `rows` is what `with_influence` returns, with amount_pence and payee.
    """
    sums = rows.group_by("influence_reason", "is_influenceable").agg(
        pl.col("amount_pence").sum(), suppliers=pl.col("payee").n_unique().cast(pl.Int64)
    )
    total = int(sums["amount_pence"].sum())
    part = pl.col("amount_pence") / total if total > 0 else pl.lit(None, dtype=pl.Float64)
    return sums.with_columns(share=part).sort("amount_pence", "influence_reason", descending=[True, False])


def bands_of(rows: pl.DataFrame, *, influenceable: bool = False) -> dict[str, int]:
    """Return pence by band of all spend, or of what is influenceable only."""
    chosen = rows.filter(pl.col("is_influenceable")) if influenceable else rows
    sums = dict(chosen.group_by("band").agg(pl.col("amount_pence").sum()).iter_rows())
    return {band: int(sums.get(band, 0)) for band in BANDS}


def shares(bands: dict[str, int], names: Sequence[str] = BANDS) -> dict[str, float | None]:
    """Return the share of each band in the sum of all."""
    total = sum(bands.values())
    return {name: share(bands[name], total) for name in names}
