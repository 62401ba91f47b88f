"""Who and what is behind a change: suppliers that came, went, grew, shrank or moved, and shifts of what is bought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cwb.indicators.decomposition import mix, supplier_moves, supplier_parts
from cwb.indicators.explain import money
from cwb.indicators.payees import supplier_ids
from cwb.indicators.side import Explained
from cwb.indicators.spend import WITHHELD
from cwb.indicators.spent import Spent
from cwb.schema import BANDS

LISTED = 3  # suppliers named in the paragraph


def why(first: Spent, last: Spent) -> Explained:
    """Return who and what is behind the change: parts by supplier, category, sector and payer, each with its table."""
    moves = supplier_moves(first.by_payee, last.by_payee)
    told = named(moves, first.who, last.who).join(
        _ids(first, last), on="payee", how="left", validate="m:1", maintain_order="left"
    ).drop("payee")  # fmt: skip
    parts = supplier_parts(moves)
    tables = {"supplier_parts": parts, "change_by_supplier": told}
    mixes = {}
    names = {"category": "change_by_category", "sic_section": "change_by_sector", "institution": "mix_by_institution"}
    for by, name in names.items():
        shifted = mix(first.by(by), last.by(by), by)
        tables[name] = shifted
        mixes[by] = {
            "members": shifted[by].n_unique(),
            **{
                band: shifted.filter(pl.col("band") == band)
                .select(pl.col("mix_pence", "within_pence", "mix_points", "within_points").sum())
                .row(0, named=True)
                for band in BANDS
            },
        }
        if shifted["mix_pence"].null_count():
            for band in BANDS:
                mixes[by][band] = dict.fromkeys(("mix_pence", "within_pence", "mix_points", "within_points"))
    block = {
        "suppliers": {
            band: {
                row["part"]: {"amount_pence": row["amount_pence"], "payees": row["payees"]}
                for row in parts.filter(pl.col("band") == band).iter_rows(named=True)
            }
            for band in BANDS
        },
        "mix": mixes,
        "moved": told.filter(pl.col("event") == "moved").head(50).to_dicts(),
        "reclassified": _reclassified(told),
    }
    return Explained(block, tables)


def _ids(first: Spent, last: Spent) -> pl.DataFrame:
    """Return payee and supplier_ids; payees whose names are withheld are very many, and have none."""
    every = pl.concat([side.payees.select("supplier_id", "payee", "band", "supplier_type") for side in (first, last)])
    told = every.filter(pl.col("band").is_in(BANDS), ~pl.col("supplier_type").is_in(WITHHELD))
    return told.group_by("payee").agg(supplier_ids())


def named(moves: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return `supplier_moves` with the names of the payees, what changed about each, and why it moved."""
    joined = moves.join(before, on="payee", how="left", validate="m:1", maintain_order="left").join(
        after, on="payee", how="left", validate="m:1", suffix="_after", maintain_order="left"
    )
    both = pl.col("from_band").is_not_null() & pl.col("to_band").is_not_null()
    why = (
        pl.when(pl.col("event") != "moved").then(pl.lit(None, dtype=pl.String))
        .when(pl.coalesce("supplier_type_after", "supplier_type").is_in(WITHHELD))
        .then(pl.lit("names withheld: the mix of people paid changed"))
        .when(pl.col("outcome") != pl.col("outcome_after"))
        .then(pl.format("match corrected: {} then {}", "outcome", "outcome_after"))
        .when(pl.col("org_id").fill_null("") != pl.col("org_id_after").fill_null(""))
        .then(pl.lit("match corrected: to another organisation"))
        .when(pl.col("basis") != pl.col("basis_after"))
        .then(pl.format("placed by {} then {}", pl.col("basis").str.replace_all("_", " "),
                        pl.col("basis_after").str.replace_all("_", " ")))
        .when(pl.col("lad_code").fill_null("") != pl.col("lad_code_after").fill_null(""))
        .then(pl.lit("new address"))
        .otherwise(pl.lit("paid through other addresses"))
    )  # fmt: skip
    other = pl.col("category") != pl.col("category_after")
    return joined.select(
        *by, "payee",
        pl.coalesce("supplier_name_after", "supplier_name").alias("supplier_name"),
        pl.coalesce("supplier_type_after", "supplier_type").alias("supplier_type"),
        pl.coalesce("org_id_after", "org_id").alias("org_id"),
        "event", "from_band", "to_band", "from_pence", "to_pence", "amount_pence",
        why.alias("why"),
        pl.col("category").alias("from_category"), pl.col("category_after").alias("to_category"),
        (both & other).fill_null(value=False).alias("is_reclassified"),
    )  # fmt: skip


def _reclassified(told: pl.DataFrame) -> dict[str, int]:
    chosen = told.filter(pl.col("is_reclassified"))
    return {"payees": chosen.height, "to_pence": int(chosen["to_pence"].sum())}


def biggest(told: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the suppliers behind the largest changes of local spend, with what each did in words."""
    of_local = told.filter(
        (pl.col("from_band") == "local") | (pl.col("to_band") == "local"), ~pl.col("supplier_type").is_in(WITHHELD)
    )
    moved = pl.col("event") == "moved"
    size = pl.when(moved).then(pl.max_horizontal("from_pence", "to_pence")).otherwise(pl.col("amount_pence").abs())
    top = of_local.filter(size > 0).sort(size, "supplier_name", descending=[True, False]).head(LISTED)
    return [{"name": row["supplier_name"], "what": _what(row)} for row in top.iter_rows(named=True)]


def _what(row: Mapping[str, Any]) -> str:
    if row["event"] == "moved":
        where = {"local": "local", "regional": "the rest of the region", "leaked": "outside", "unknown": "not placed"}
        return (
            f"{money(row['to_pence'])}, from {where[row['from_band']]} to {where[row['to_band']]}: {row['why']}"
        )  # fmt: skip
    verbs = {"entered": "new", "left": "no longer paid", "grown": "up", "shrunk": "down"}
    return f"{verbs[row['event']]}, {money(row['amount_pence'])}"
