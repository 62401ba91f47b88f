"""What only shows across files: one payment in two of them, a payee hidden in one and named in another, months gone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cwb import lookups
from cwb.ledger.entries import pounds, rows_of
from cwb.ledger.redaction import joined_names, plain

_MONTH_NAMES = "%B %Y"


class AcrossFiles:
    """Collects a little from each part as it goes by: hashes, month counts and hidden payees, never the rows."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._keys: list[pl.DataFrame] = []
        self._parts: list[int] = []
        self._days: list[pl.DataFrame] = []
        self._names: set[str] = set()
        self._refs: list[pl.DataFrame] = []
        self._repeats: dict[str, int] | None = None

    def add(self, part: int, payments: pl.DataFrame, keys: pl.Series) -> None:
        """Take note of one part's payments; `keys` has a hash a payment."""
        if payments.is_empty():
            return
        days = payments["payment_date"]
        dated = pl.DataFrame({"key": keys, "pence": payments["amount_pence"]})
        dated = dated.filter(days.is_not_null()) if days.null_count() else dated
        self._keys.append(dated)
        self._parts.append(part)
        self._days.append(
            days.value_counts(name="rows").with_columns(pl.lit(payments["institution"][0]).alias("institution"))
        )
        if payments["is_redacted"].any():
            hidden = payments.filter("is_redacted")
            self._names |= joined_names(hidden["supplier_name"])
            self._refs.append(hidden.select("institution", "supplier_ref").drop_nulls().unique())

    def hidden(self, payments: pl.LazyFrame) -> pl.Expr | None:
        """Return which payments are to a payee that the set hides elsewhere, or None where there is none such.

        By the name beside a redaction label, or by the payer's own number where it has one name only besides the label.
        """
        tests = [plain(pl.col("supplier_name")).is_in(sorted(self._names))] if self._names else []
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

    @property
    def hidden_names(self) -> frozenset[str]:
        """Return the names, in plain words, that stand beside a redaction label."""
        return frozenset(self._names)

    def repeats(self) -> dict[str, int]:
        """Return rows and pence of payments that an earlier file or sheet has: same day, payee, sum and number."""
        if len(self._keys) < 2:
            return {"rows": 0, "amount_pence": 0}
        if self._repeats is None:
            keys = np.concatenate([k["key"].to_numpy() for k in self._keys])
            keys.sort()
            seen_again = np.unique(keys[1:][keys[1:] == keys[:-1]])
            del keys
            self._repeats = _later(self._keys, self._parts, seen_again)
        return self._repeats

    def warnings(self) -> list[str]:
        """Return what a person should act on: payments twice, months missing, rows fallen against the year before."""
        out = []
        twice = self.repeats()
        if twice["rows"]:
            out.append(
                f"{rows_of(twice['rows'])}, {pounds(twice['amount_pence'])} in all, are in an earlier file or sheet "
                "too: counted, not dropped; leave one of the files out"
            )
        if not self._days:
            return out
        days = pl.concat(self._days).drop_nulls()
        months = days.group_by("institution", month=pl.col("payment_date").dt.month_start()).agg(pl.col("rows").sum())
        for (body,), one in months.sort("institution", "month").group_by("institution", maintain_order=True):
            out.extend(_month_warnings(str(body), one))
        return out


def _later(parts: list[pl.DataFrame], numbers: list[int], candidates: NDArray[np.uint64]) -> dict[str, int]:
    """Count, among the keys that occur more than once, those of a part after the first that has them."""
    if not candidates.size:
        return {"rows": 0, "amount_pence": 0}
    wanted = pl.Series(candidates).implode()
    found = pl.concat(
        [
            part.filter(pl.col("key").is_in(wanted)).with_columns(pl.lit(number).alias("part"))
            for part, number in zip(parts, numbers, strict=True)
        ]
    )
    later = found.filter(pl.col("part") > pl.col("part").min().over("key"))
    return {"rows": later.height, "amount_pence": int(later["pence"].sum())}


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
