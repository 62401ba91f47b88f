"""What could come home: leaked spend by line of business, ranked by £ and by how feasible it is to place it locally.

Feasibility is the mean of four parts, each 0 to 1 and printed: choice (live local companies of the SIC groups that
leak ÷ the number that is choice enough), way in (local companies already paid ÷ the number that shows the way), reach
(share of the leaked £ with suppliers paid less than the threshold for full procurement) and proof (share of what is
placed in that line that is already local). The order is by prize × feasibility, where prize = influenceable leaked £
a year × the share that comes home.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from cwb import lookups
from cwb.indicators.influence import known_spend, with_influence
from cwb.indicators.payees import same_payees, supplier_ids
from cwb.indicators.side import Side
from cwb.indicators.spend import WITHHELD
from cwb.lookups import Assumption
from cwb.schema import BANDS

LIVE = ("Active", "Open", "Registered", "Live but Receiver Manager on at least one charge")
NO_CODE = ("99999",)
# A company under these codes says what it is for tax or group reasons, not what it could supply.
CATCH_ALL = ("74990", "82990", "96090", "70100", "64209", "64202", "64203", "68320", "98000", "98100", "98200")
PARTS = ("choice", "way_in", "reach", "proof")
USED = ("comes_home", "live_companies", "already_suppliers", "small_contract")


def assumptions() -> list[Assumption]:
    """Return the numbers the ranking rests on, each with its range and source."""
    return [lookups.assumption(f"indicators.{name}", None) for name in USED]


def bought(sides: Sequence[Side], rules: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the spend of some runs with a payee that is one in all, its SIC division, and what is influenceable.

    `rules` are the user's own of what is influenceable, in place of the lookup.

    Columns: institution, financial_year, category, payee, supplier_name, supplier_type, org_id, band, sic_code,
    sic_section, division, is_influenceable, influence_reason, amount_pence, payments.
    """
    kept = [(side.spend, side.payees) for side in sides if side.spend is not None and side.payees is not None]
    known = same_payees([payees for _, payees in kept])
    columns = (
        "payee", "supplier_name", "supplier_type", "org_id", "matched_name", "outcome", "band", "sic_code",
        "sic_section", "lad_code",
    )  # fmt: skip
    parts = [known_spend(spend, payees, *columns) for (spend, _), payees in zip(kept, known, strict=True)]
    rows = with_influence(pl.concat(parts).filter(pl.col("band").is_in(BANDS)), rules)
    division = pl.when(pl.col("sic_section").is_not_null()).then(pl.col("sic_code").str.head(2))
    return rows.with_columns(division=division)


def local_companies(organisations: pl.DataFrame, districts: Sequence[str]) -> pl.DataFrame:
    """Return live companies of some districts that say what they do: org_id, name, supplier_type, postcode, lad_code,
    sic_code, division, started, is_catch_all.

    Args:
        organisations: org_id, name, supplier_type, status, postcode, sic_code, started, address_is_evidence, lad_code.
        districts: ONS codes of the local area.

    A company at an address that very many share is left out, since it need not be there; so is a public body.
    """
    code = pl.col("sic_code")
    return (
        organisations.filter(
            pl.col("lad_code").is_in(list(districts)),
            pl.col("status").is_in(LIVE),
            pl.col("address_is_evidence"),
            pl.col("supplier_type") != "public_body",
            code.is_not_null() & ~code.is_in(NO_CODE),
        )
        .with_columns(division=code.str.head(2), is_catch_all=code.is_in(CATCH_ALL))
        .select(
            "org_id", "name", "supplier_type", "postcode", "lad_code", "sic_code", "division", "started",
            "is_catch_all",
        )
        .sort("org_id")
    )  # fmt: skip


def opportunities(rows: pl.DataFrame, companies: pl.DataFrame, *, on: date | None = None) -> pl.DataFrame:
    """Return one row a line of business with leaked spend, in order of prize × feasibility.

    Args:
        rows: what `bought` returns.
        companies: what `local_companies` returns.
        on: day whose procurement threshold holds; the latest without one.

    Returns:
        rank, division, division_name, sic_section, leaked_pence (influenceable, all years),
        leaked_a_year_pence, not_influenceable_pence, institutions,
        institutions_named, suppliers_leaked, largest_pence, largest_share, middle_pence (median a supplier and year),
        small_share, local_pence, regional_pence, local_share, live_companies, live_unused, already_suppliers, choice,
        way_in, reach, proof, feasibility, prize_low_pence, prize_pence, prize_high_pence, rank_by_amount,
        rank_by_feasibility, and main_categories (of the payers, in words). Spend whose supplier has no known sector is
        in no row: see `left_out`.
    """
    in_line = rows.filter(pl.col("division").is_not_null())
    leaked = in_line.filter(pl.col("band") == "leaked")
    can = leaked.filter(pl.col("is_influenceable"), ~pl.col("supplier_type").is_in(WITHHELD))
    sizes = can.group_by("division", "institution", "financial_year", "payee").agg(pl.col("amount_pence").sum())
    limit = round(lookups.assumption("indicators.small_contract", on).value * 100)
    of_size = sizes.filter(pl.col("amount_pence") > 0).group_by("division").agg(
        small=pl.col("amount_pence").filter(pl.col("amount_pence") < limit).sum(),
        above=pl.col("amount_pence").sum(),
        middle_pence=pl.col("amount_pence").median().round().cast(pl.Int64),
        largest_pence=pl.col("amount_pence").max(),
    )  # fmt: skip
    who = can.group_by("division").agg(
        pl.col("sic_section").first(),
        leaked_pence=pl.col("amount_pence").sum(),
        institutions=pl.col("institution").n_unique().cast(pl.Int64),
        institutions_named=pl.col("institution").unique().sort().str.join("; "),
        suppliers_leaked=pl.col("payee").n_unique().cast(pl.Int64),
    )
    here = in_line.filter(pl.col("is_influenceable")).group_by("division").agg(
        local_pence=pl.col("amount_pence").filter(pl.col("band") == "local").sum(),
        regional_pence=pl.col("amount_pence").filter(pl.col("band") == "regional").sum(),
        placed=pl.col("amount_pence").filter(pl.col("band") != "unknown").sum(),
    )  # fmt: skip
    paid = rows.filter(pl.col("band") == "local")
    live = _alike(rows, companies).group_by("division").agg(
        live_companies=pl.len().cast(pl.Int64),
        live_unused=(~pl.col("org_id").is_in(paid["org_id"].drop_nulls().unique().to_list())).sum().cast(pl.Int64),
    )  # fmt: skip
    already = paid.group_by("division").agg(already_suppliers=pl.col("payee").n_unique().cast(pl.Int64))
    state = leaked.filter(~pl.col("is_influenceable")).group_by("division").agg(
        not_influenceable_pence=pl.col("amount_pence").sum()
    )  # fmt: skip
    out = who.filter(pl.col("leaked_pence") > 0)
    for one in (of_size, here, live, already, state, lookups.table("indicators/sic_divisions"), _categories(can)):
        out = out.join(one, on="division", how="left", validate="1:1")
    counts = [
        "local_pence", "regional_pence", "placed", "live_companies", "live_unused", "already_suppliers", "small",
        "above", "not_influenceable_pence",
    ]  # fmt: skip
    out = out.with_columns(pl.col(counts).fill_null(0))
    years = max(rows["financial_year"].n_unique(), 1)
    return _ranked(
        _judged(out.with_columns(leaked_a_year_pence=(pl.col("leaked_pence") / years).round().cast(pl.Int64)))
    )


def _judged(out: pl.DataFrame) -> pl.DataFrame:
    enough, known = (lookups.number(f"indicators.{n}") for n in ("live_companies", "already_suppliers"))
    home = lookups.assumption("indicators.comes_home")
    low, high = home.low or home.value, home.high or home.value
    return out.with_columns(
        largest_share=pl.col("largest_pence") / pl.col("leaked_pence"),
        small_share=pl.when(pl.col("above") > 0).then(pl.col("small") / pl.col("above")),
        local_share=pl.when(pl.col("placed") > 0).then(pl.col("local_pence") / pl.col("placed")),
        choice=(pl.col("live_companies") / enough).clip(0, 1),
        way_in=(pl.col("already_suppliers") / known).clip(0, 1),
        prize_low_pence=(pl.col("leaked_a_year_pence") * low).round().cast(pl.Int64),
        prize_pence=(pl.col("leaked_a_year_pence") * home.value).round().cast(pl.Int64),
        prize_high_pence=(pl.col("leaked_a_year_pence") * high).round().cast(pl.Int64),
    ).with_columns(
        reach=pl.col("small_share").fill_null(0).clip(0, 1), proof=pl.col("local_share").fill_null(0).clip(0, 1)
    ).with_columns(feasibility=pl.mean_horizontal(PARTS))  # fmt: skip


def _ranked(out: pl.DataFrame) -> pl.DataFrame:
    worth = pl.col("prize_pence") * pl.col("feasibility")
    ordered = out.with_columns(
        rank_by_amount=pl.col("leaked_pence").rank("min", descending=True).cast(pl.Int64),
        rank_by_feasibility=pl.col("feasibility").rank("min", descending=True).cast(pl.Int64),
    ).sort(worth, "division", descending=[True, False])
    return ordered.with_row_index("rank", offset=1).select(
        pl.col("rank").cast(pl.Int64), "division", "division_name", "sic_section", "leaked_pence",
        "leaked_a_year_pence",
        "not_influenceable_pence", "institutions", "institutions_named", "suppliers_leaked", "largest_pence",
        "largest_share", "middle_pence", "small_share", "local_pence", "regional_pence", "local_share",
        "live_companies", "live_unused", "already_suppliers", *PARTS, "feasibility", "prize_low_pence", "prize_pence",
        "prize_high_pence", "rank_by_amount", "rank_by_feasibility", "main_categories",
    )  # fmt: skip


def _categories(can: pl.DataFrame) -> pl.DataFrame:
    """Return the payers' categories that most of a line's leaked £ is under, in words."""
    key = pl.col("category").str.to_lowercase().str.strip_chars()
    sums = (
        can.filter(pl.col("category").is_not_null())
        .group_by("division", key.alias("_key"))
        .agg(pl.col("amount_pence").sum(), pl.col("category").mode().sort(descending=True).first())
        .filter(pl.col("amount_pence") > 0)
        .sort("amount_pence", "category", descending=[True, False])
    )
    return sums.group_by("division").agg(main_categories=pl.col("category").head(4).str.join("; "))


def left_out(rows: pl.DataFrame) -> pl.DataFrame:
    """Return reason, suppliers, amount_pence: leaked spend that is in no opportunity, and why; biggest first."""
    leaked = rows.filter(pl.col("band") == "leaked")
    reason = (
        pl.when(~pl.col("is_influenceable")).then(pl.format("Not influenceable: {}", "influence_reason"))
        .when(pl.col("division").is_null() & pl.col("org_id").is_null())
        .then(pl.lit("No register entry matched, so its line of business is not known"))
        .when(pl.col("division").is_null()).then(pl.lit("The register gives no line of business"))
    )  # fmt: skip
    return (
        leaked.with_columns(reason=reason)
        .filter(pl.col("reason").is_not_null())
        .group_by("reason")
        .agg(suppliers=pl.col("payee").n_unique().cast(pl.Int64), amount_pence=pl.col("amount_pence").sum())
        .sort("amount_pence", "reason", descending=[True, False])
    )


def leaked_categories(rows: pl.DataFrame) -> pl.DataFrame:
    """Return category, institutions, suppliers_leaked, leaked_pence, local_pence, local_share: leaked first, biggest £.

    One category is one printed wording, case and spaces aside; only influenceable spend counts.
    """
    can = rows.filter(pl.col("is_influenceable"), pl.col("category").is_not_null())
    key = pl.col("category").str.strip_chars().str.replace_all(r"\s+", " ").str.to_lowercase()
    leaked, local = (pl.col("band") == band for band in ("leaked", "local"))
    sums = can.group_by(key.alias("_key")).agg(
        pl.col("category").mode().sort().first(),
        institutions=pl.col("institution").filter(leaked).n_unique().cast(pl.Int64),
        suppliers_leaked=pl.col("payee").filter(leaked).n_unique().cast(pl.Int64),
        leaked_pence=pl.col("amount_pence").filter(leaked).sum(),
        local_pence=pl.col("amount_pence").filter(local).sum(),
        placed=pl.col("amount_pence").filter(pl.col("band") != "unknown").sum(),
    )
    share = pl.when(pl.col("placed") > 0).then(pl.col("local_pence") / pl.col("placed"))
    return (
        sums.filter(pl.col("leaked_pence") > 0)
        .with_columns(local_share=share)
        .sort("leaked_pence", "category", descending=[True, False])
        .drop("_key", "placed")
    )


def _alike(rows: pl.DataFrame, companies: pl.DataFrame) -> pl.DataFrame:
    """Return the companies whose SIC group (three digits) is one that money leaks in, with its `leaked` pence.

    `is_same_class`: money leaks in the very class (four digits) too.

    A division is too wide to say who could supply what: makers of jewellery and of implants share one.
    """
    leaked = rows.filter(pl.col("band") == "leaked", pl.col("is_influenceable"), pl.col("division").is_not_null())
    leaks = (
        leaked.group_by(group=pl.col("sic_code").str.head(3))
        .agg(leaked=pl.col("amount_pence").sum())
        .filter(pl.col("leaked") > 0)
    )
    able = companies.filter(~pl.col("is_catch_all")).with_columns(group=pl.col("sic_code").str.head(3))
    classes = leaked.select(pl.col("sic_code").str.head(4)).to_series().unique().to_list()
    same = pl.col("sic_code").str.head(4).is_in(classes).alias("is_same_class")
    found = able.join(leaks, on="group", how="inner", validate="m:1", maintain_order="left")
    return found.drop("group").with_columns(same)


def leaked_suppliers(rows: pl.DataFrame) -> pl.DataFrame:
    """Return who is paid away, by line of business.

    Columns: division, supplier_name, supplier_type, org_id, institutions, amount_pence, supplier_ids.
    """
    can = rows.filter(
        pl.col("band") == "leaked", pl.col("is_influenceable"), pl.col("division").is_not_null(),
        ~pl.col("supplier_type").is_in(WITHHELD),
    )  # fmt: skip
    return (
        can.group_by("division", "payee")
        .agg(
            pl.col("supplier_name", "supplier_type", "org_id").first(),
            institutions=pl.col("institution").unique().sort().str.join("; "),
            amount_pence=pl.col("amount_pence").sum(),
            supplier_ids=supplier_ids(),
        )
        .sort("division", "amount_pence", "supplier_name", descending=[False, True, False])
        .drop("payee")
    )


def unused(rows: pl.DataFrame, companies: pl.DataFrame, divisions: Sequence[str]) -> pl.DataFrame:
    """Return live local companies in some lines that none of the payers has paid.

    `local_companies` of the SIC groups that money leaks in. In each line those of the very class (four digits) that
    leaks first, then those of the largest leak, the oldest first.
    """
    paid = rows["org_id"].drop_nulls().unique().to_list()
    able = _alike(rows, companies).filter(pl.col("division").is_in(list(divisions)), ~pl.col("org_id").is_in(paid))
    order = ["division", "is_same_class", "leaked", "started", "org_id"]
    ordered = able.sort(order, descending=[False, True, True, False, False], nulls_last=True)
    return ordered.drop("leaked", "is_catch_all")
