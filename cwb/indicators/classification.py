"""Spend by what it is for (COFOG, CIPFA) and what is bought (ProClass), by crosswalk; unknown stays unknown.

Every figure says where it comes from: the ledger, the body's own estimate, or a share of population; a table of bodies
says who gave figures and who did not (Total Place, Counting Cumbria).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cwb import lookups
from cwb.errors import RunError, did_you_mean
from cwb.indicators.spend import name_keys

SCHEMES = ("cofog", "cipfa", "proclass")
UNKNOWN = "Unknown"
PROVENANCE = ("ledger", "body's estimate", "population proxy")


def with_classes(rows: pl.DataFrame, crosswalk: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return `rows` with cofog, cipfa and proclass by the first row of the crosswalk that fits the category; else null.

    Args:
        rows: category (null where the ledger gives none); other columns stay.
        crosswalk: like lookups/indicators/category_crosswalk, which is taken where none is given.
    """
    table = (lookups.table("indicators/category_crosswalk") if crosswalk is None else crosswalk).sort("order")
    told = table.rows(named=True)
    distinct = rows.select("category").unique().drop_nulls()
    fits = [pl.col("category").str.contains(f"(?i){row['pattern']}") for row in told]
    # One row decides all three, so that a category is never for one thing and bought as another by two rows.
    which = pl.coalesce(pl.when(fit).then(pl.lit(row["order"])) for fit, row in zip(fits, told, strict=True))
    decided = distinct.with_columns(order=which).join(
        table.select("order", *SCHEMES), on="order", how="left", validate="m:1"
    )
    filled = decided.select("category", *(pl.when(pl.col(s) != "").then(s).alias(s) for s in SCHEMES))
    return rows.join(filled, on="category", how="left", validate="m:1", maintain_order="left")


def classes(rows: pl.DataFrame, scheme: str) -> pl.DataFrame:
    """Return class, name, amount_pence, share, local_share, suppliers: spend by one scheme, biggest first, and unknown.

    `rows` is what `with_classes` returns, with payee, band, amount_pence.
    """
    names = dict(lookups.table("indicators/cofog").iter_rows()) if scheme == "cofog" else {}
    total = int(rows["amount_pence"].sum())
    amount = pl.col("amount_pence")
    sums = rows.group_by(pl.col(scheme).fill_null(UNKNOWN).alias("class")).agg(
        amount.sum(), local=amount.filter(pl.col("band") == "local").sum(),
        suppliers=pl.col("payee").n_unique().cast(pl.Int64),
    )  # fmt: skip
    part = amount / total if total > 0 else pl.lit(None, dtype=pl.Float64)
    return sums.select(
        "class", pl.col("class").replace(names).alias("name"), "amount_pence", part.alias("share"),
        pl.when(amount > 0).then(pl.col("local") / amount).alias("local_share"), "suppliers",
    ).sort("amount_pence", "class", descending=[True, False])  # fmt: skip


def count_public_spend(figures: pl.DataFrame, bodies: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return public spend of an area by class and provenance, and which bodies gave figures (Counting Cumbria).

    Args:
        figures: body, cofog (null for unknown), provenance (one of PROVENANCE), amount_pence, received_from (the body
            whose money it first was, null where it is its own).
        bodies: all that spend in the area, those without figures too.

    Returns:
        cofog, provenance, amount_pence, net of what another of the bodies first paid; and body, obtained, provenance,
        amount_pence, transfers_pence.

    Raises:
        RunError: a provenance is none of the three.
    """
    wrong = sorted(set(figures["provenance"].drop_nulls().to_list()) - set(PROVENANCE))
    if wrong or figures["provenance"].null_count():
        said = wrong[0] if wrong else "(empty)"
        raise RunError(f"provenance '{said}' is none of {', '.join(PROVENANCE)}.{did_you_mean(said, PROVENANCE)}")
    twice = pl.col("received_from").is_in(list(bodies)) & (pl.col("received_from") != pl.col("body"))
    marked = figures.with_columns(_twice=twice.fill_null(value=False))
    net = (
        marked.filter(~pl.col("_twice"))
        .group_by(pl.col("cofog").fill_null(UNKNOWN), "provenance")
        .agg(pl.col("amount_pence").sum())
        .sort("cofog", "provenance")
    )
    sums = marked.group_by("body").agg(
        provenance=pl.col("provenance").unique().sort().str.join("; "), amount_pence=pl.col("amount_pence").sum(),
        transfers_pence=pl.col("amount_pence").filter(pl.col("_twice")).sum(),
    )  # fmt: skip
    who = pl.DataFrame({"body": list(bodies)}, schema={"body": pl.String}).join(
        sums, on="body", how="left", validate="1:1", maintain_order="left"
    )
    return net, who.with_columns(obtained=pl.col("provenance").is_not_null()).select(
        "body", "obtained", "provenance", "amount_pence", "transfers_pence"
    )


def public_spend(
    rows: pl.DataFrame, figures: pl.DataFrame | None, bodies: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `count_public_spend` of ledgers and of other bodies' figures together.

    Args:
        rows: institution, supplier_name, cofog, amount_pence, of ledgers; payments to another body whose ledger is
            here, or that gave figures, are left out, since that body spends the money again.
        figures: body, cofog, provenance, amount_gbp, received_from, where others gave figures.
        bodies: body, all that spend in the area; those with a ledger or figures are added.

    Raises:
        RunError: a provenance is not known, or a body has both a ledger and figures.
    """
    payers = sorted(rows["institution"].unique().to_list())
    given = [] if figures is None else sorted(figures["body"].unique().to_list())
    both = sorted(set(payers) & set(given))
    if both:
        raise RunError(f"{both[0]} has a ledger here and figures too; leave one of them out, or it counts twice")
    known = name_keys(pl.Series([*payers, *given], dtype=pl.String))[0].drop_nulls().to_list()
    passed_on = name_keys(rows["supplier_name"])[0].is_in(known)
    spent = rows.filter(~passed_on.fill_null(value=False)).group_by("institution", "cofog").agg(
        pl.col("amount_pence").sum()
    )  # fmt: skip
    of_ledgers = spent.select(
        body="institution", cofog="cofog", provenance=pl.lit("ledger"), amount_pence="amount_pence",
        received_from=pl.lit(None, dtype=pl.String),
    )  # fmt: skip
    parts = [of_ledgers]
    if figures is not None:
        pence = (pl.col("amount_gbp") * 100).round().cast(pl.Int64)
        parts.append(figures.select("body", "cofog", "provenance", pence.alias("amount_pence"), "received_from"))
    everyone = sorted({*payers, *given, *([] if bodies is None else bodies["body"].to_list())})
    return count_public_spend(pl.concat(parts), everyone)
