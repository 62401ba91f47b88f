"""The spend of one side ready to be compared: payees that are one in all sides, and sums that are made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from cwb.indicators.payees import one_wording, same_payees
from cwb.indicators.side import Side
from cwb.schema import BANDS

KEEP = ("supplier_name", "supplier_type", "org_id", "outcome", "basis", "lad_code", "sic_section")


@dataclass(frozen=True)
class Spent:
    """Spend and payees of one side; a payee is a number that is the same in all sides made together.

    `spend` is `spend.SPEND`; `payees` is `spend.PAYEES` with `payee`.
    """

    spend: pl.DataFrame
    payees: pl.DataFrame
    _sums: dict[str, pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Every row of the four bands with its payee, and the `number` of its supplier in `payees`.

        Text is held as categories, which group several times as fast.
        """
        known = self.payees.lazy().with_row_index("number").select(
            "supplier_id", "number", "payee", pl.col("band", "sic_section").cast(pl.Categorical)
        )  # fmt: skip
        wording = self.spend.lazy().select("category").unique().with_columns(one_wording().alias("one"))
        return (
            self.spend.lazy()
            .select(pl.col("institution").cast(pl.Categorical), "category", "supplier_id", "amount_pence", "payments")
            .join(wording, on="category", how="left", validate="m:1", nulls_equal=True)
            .join(known, on="supplier_id", how="inner", validate="m:1")
            .filter(pl.col("band").cast(pl.String).is_in(BANDS))
            .select("number", "payee", "band", "institution", "sic_section", "amount_pence", "payments",
                    category=pl.col("one").cast(pl.Categorical))
            .collect()
        )  # fmt: skip

    @cached_property
    def by_payer(self) -> pl.DataFrame:
        """Pence and payments by payee, band and institution (a category)."""
        sums = self.rows.group_by("payee", "band", "institution").agg(pl.col("amount_pence", "payments").sum())
        return sums.with_columns(pl.col("band").cast(pl.String))

    @cached_property
    def by_payee(self) -> pl.DataFrame:
        """Pence and payments by payee and band."""
        sums = self.rows.group_by("payee", "band").agg(pl.col("amount_pence", "payments").sum())
        return sums.with_columns(pl.col("band").cast(pl.String))

    def by(self, column: str) -> pl.DataFrame:
        """Pence by band and category, sic_section or institution."""
        if column not in self._sums:
            sums = self.rows.group_by(column, "band").agg(pl.col("amount_pence").sum())
            self._sums[column] = sums.with_columns(pl.col(column, "band").cast(pl.String))
        return self._sums[column]

    def by_payer_and(self, column: str) -> pl.DataFrame:
        """Pence by institution, band and category or sic_section."""
        sums = self.rows.group_by("institution", column, "band").agg(pl.col("amount_pence").sum())
        return sums.with_columns(pl.col("institution", column, "band").cast(pl.String))

    @cached_property
    def who(self) -> pl.DataFrame:
        """One row a payee with `KEEP` and its main category, as of the supplier and category with most £."""
        size = pl.col("amount_pence").abs().sum().alias("weight")
        main = (
            self.rows.group_by("number", "payee").agg(size)
            .join(self.payees.with_row_index("number").drop("payee"), on="number", validate="1:1")
            .sort("weight", "supplier_id", descending=[True, False])
            .unique("payee", keep="first", maintain_order=True)
            .select("payee", *KEEP)
        )  # fmt: skip
        bought = (
            self.rows.filter(pl.col("category").is_not_null()).group_by("payee", "category").agg(size)
            .with_columns(pl.col("category").cast(pl.String))
            .sort("weight", "category", descending=[True, False])
            .unique("payee", keep="first", maintain_order=True)
            .select("payee", "category")
        )  # fmt: skip
        return main.join(bought, on="payee", how="left", validate="1:1")


def spent(sides: Sequence[Side]) -> list[Spent] | None:
    """Return the spend of each side with payees that are the same in all; None where a side has only aggregates."""
    frames = [(side.spend, side.payees) for side in sides if side.spend is not None and side.payees is not None]
    if len(frames) < len(sides):
        return None
    known = same_payees([payees for _, payees in frames])
    every = pl.concat([frame.select("payee") for frame in known]).unique().sort("payee")
    numbers = every.with_row_index("_number")
    numbered = [
        frame.join(numbers, on="payee", how="left", validate="m:1", maintain_order="left")
        .with_columns(payee="_number")
        .drop("_number")
        for frame in known
    ]
    return [Spent(spend, payees) for (spend, _), payees in zip(frames, numbered, strict=True)]
