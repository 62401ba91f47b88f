"""What only shows across files: one payment in two of them, a payee hidden in one and named in another, months gone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from cwb import lookups
from cwb.ledger.entries import pounds, rows_of
from cwb.ledger.redaction import joined_names, plain

_MONTH_NAMES = "%B %Y"


class AcrossFiles:
    """Collects a little from each part as it goes by: hashes, month counts and hidden payees, never the rows."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._keys: list[pl.DataFrame] = []
        self._months: list[pl.DataFrame] = []
        self._names: list[pl.Series] = []
        self._refs: list[pl.DataFrame] = []

    def add(self, part: int, payments: pl.DataFrame, keys: pl.Series) -> None:
        """Take note of one part's payments; `keys` has a hash a payment."""
        if payments.is_empty():
            return
        self._keys.append(
            pl.DataFrame({"key": keys, "pence": payments["amount_pence"]})
            .filter(payments["payment_date"].is_not_null())
            .with_columns(pl.lit(part, dtype=pl.Int32).alias("part"))
        )
        self._months.append(
            payments.group_by("institution", month=pl.col("payment_date").dt.truncate("1mo")).agg(rows=pl.len())
        )
        if payments["is_redacted"].any():
            hidden = payments.filter("is_redacted")
            self._names.append(joined_names(hidden["supplier_name"]))
            self._refs.append(hidden.select("institution", "supplier_ref").drop_nulls().unique())

    @property
    def hidden_names(self) -> pl.Series:
        """Names, in plain words, that stood beside a redaction label somewhere in the set."""
        return pl.concat(self._names).unique() if self._names else pl.Series([], dtype=pl.String)

    def hidden(self, payments: pl.LazyFrame) -> pl.Expr | None:
        """Return which payments are to a payee that the set hides elsewhere, or None where there is none such.

        By the name beside a redaction label, or by the payer's own number where it has one name only besides the label.
        """
        names = self.hidden_names
        tests = [plain(pl.col("supplier_name")).is_in(names.implode())] if len(names) else []
        refs = pl.concat(self._refs).unique() if self._refs else None
        if refs is not None and refs.height:
            named = (
                payments.filter(~pl.col("is_redacted"))
                .join(refs.lazy(), on=["institution", "supplier_ref"], how="semi")
                .group_by("institution", "supplier_ref")
                .agg(names=plain(pl.col("supplier_name")).n_unique())
                .filter(pl.col("names") == 1)
                .collect()
            )
            both = pl.concat_str("institution", "supplier_ref", separator="\x1f")
            if named.height:
                tests.append(both.is_in(named.select(both)["institution"].implode()).fill_null(False))
        return pl.any_horizontal(tests) if tests else None

    def repeats(self) -> dict[str, int]:
        """Return rows and pence of payments that an earlier file or sheet has: same day, payee, sum and number."""
        if len(self._keys) < 2:
            return {"rows": 0, "amount_pence": 0}
        all_keys = pl.concat(self._keys)
        later = all_keys.filter(pl.col("part") > pl.col("part").min().over("key"))
        return {"rows": later.height, "amount_pence": int(later["pence"].sum())}

    def warnings(self) -> list[str]:
        """Return what a person should act on: payments twice, months missing, rows fallen against the year before."""
        out = []
        twice = self.repeats()
        if twice["rows"]:
            out.append(
                f"{rows_of(twice['rows'])}, {pounds(twice['amount_pence'])} in all, are in an earlier file or sheet "
                "too: counted, not dropped; leave one of the files out"
            )
        if not self._months:
            return out
        months = pl.concat(self._months).group_by("institution", "month").agg(pl.col("rows").sum()).drop_nulls()
        for (body,), one in months.sort("institution", "month").group_by("institution", maintain_order=True):
            out.extend(_month_warnings(str(body), one))
        return out


def _month_warnings(body: str, months: pl.DataFrame) -> list[str]:
    median = float(np.median(months["rows"]))
    present = months.filter(pl.col("rows") >= lookups.number("ledger.present_month") * median)
    out: list[str] = []
    if present.is_empty():
        return out
    span = present.select(pl.date_range(pl.col("month").min(), pl.col("month").max(), "1mo"))["month"]
    missing = span.filter(~span.is_in(months["month"].implode()))
    if 0 < len(missing) <= len(span) // 2 and present.height > 2:
        names = ", ".join(day.strftime(_MONTH_NAMES) for day in missing[:6])
        more = f" and {len(missing) - 6} more" if len(missing) > 6 else ""
        out.append(f"{body}: no payments in {names}{more}: is a file missing?")
    years = _by_year(present)
    for earlier, later in pairwise(years):
        if later["year"] == earlier["year"] + 1 and later["months"] >= earlier["months"]:
            fallen = 1 - later["rows"] / earlier["rows"]
            if fallen >= lookups.number("ledger.fallen_rows"):
                out.append(
                    f"{body}: {later['rows']:,} rows in {_year(later['year'])} after {earlier['rows']:,} the year "
                    "before: is the file whole?"
                )
    return out


def _year(first: int) -> str:
    return f"{first}-{(first + 1) % 100:02d}"


def _by_year(months: pl.DataFrame) -> Sequence[dict[str, Any]]:
    first = pl.col("month").dt.year() - (pl.col("month").dt.month() < 4).cast(pl.Int32)
    years = months.group_by(year=first).agg(rows=pl.col("rows").sum(), months=pl.len()).sort("year")
    return years.to_dicts()
