"""What the law asks for, as far as a ledger can tell it; each view says what it cannot know.

England: the local area for reserving below-threshold contracts. PPN 001: spend with SMEs and VCSEs. The Transparency
Code: the ledger as it is to be published. Scotland: the figures behind a community wealth building action plan.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import polars as pl

from cwb import lookups
from cwb.indicators.shares import share
from cwb.privacy import mask_names

CANNOT_KNOW = (
    "Local is by a supplier's substantive operations. A ledger and a register give addresses: check each supplier "
    "before a contract is reserved."
)


@cache
def _areas() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Return the county or borough of each English district, and the districts of each county or borough."""
    table = lookups.table("districts").filter(pl.col("nation") == "England")
    area = pl.coalesce("county_code", "lad_code")
    of = dict(table.select("lad_code", area.alias("area")).iter_rows())
    whole: dict[str, set[str]] = {}
    for lad, code in of.items():
        whole.setdefault(code, set()).add(lad)
    return of, {code: frozenset(lads) for code, lads in whole.items()}


def own_area(districts: Collection[str]) -> frozenset[str]:
    """Return the districts of the counties, unitary districts or London boroughs that hold some districts (England)."""
    of, whole = _areas()
    return frozenset().union(*(whole[of[lad]] for lad in districts if lad in of))


def bordering_area(districts: Collection[str]) -> frozenset[str]:
    """Return the districts of `own_area` and of every English county or borough that borders it on land."""
    of, whole = _areas()
    own = own_area(districts)
    pairs = lookups.table("indicators/bordering").rows()
    beside = {b for a, b in pairs if a in own} | {a for a, b in pairs if b in own}
    return own.union(*(whole[of[lad]] for lad in beside if lad in of))


def reservation(rows: pl.DataFrame, districts: Collection[str]) -> pl.DataFrame:
    """Return area, what_is_local, districts, amount_pence, share, suppliers, small_pence, small_share, cannot_know.

    small is spend with suppliers paid less than `indicators.small_contract` in a year by a payer: the spend that
    below-threshold contracts may stand behind. `rows` has lad_code, payee, institution, financial_year, amount_pence.
    Empty where no district is in England.
    """
    limit = round(lookups.number("indicators.small_contract") * 100)
    yearly = pl.col("amount_pence").sum().over("institution", "financial_year", "payee")
    sized = rows.with_columns(_small=yearly < limit)
    total, small_total = (int(f["amount_pence"].sum()) for f in (sized, sized.filter(pl.col("_small"))))
    words = dict(lookups.table("indicators/local_areas").select("kind", "what_is_local").iter_rows())
    out = []
    for kind, area in (("own", own_area(districts)), ("bordering", bordering_area(districts))):
        if not area:
            continue
        inside = sized.filter(pl.col("lad_code").is_in(sorted(area)))
        small = int(inside.filter(pl.col("_small"))["amount_pence"].sum())
        amount = int(inside["amount_pence"].sum())
        out.append(
            (kind, words[kind], len(area), amount, share(amount, total), inside["payee"].n_unique(), small,
             share(small, small_total), CANNOT_KNOW)
        )  # fmt: skip
    schema = {
        "area": pl.String, "what_is_local": pl.String, "districts": pl.Int64, "amount_pence": pl.Int64,
        "share": pl.Float64, "suppliers": pl.Int64, "small_pence": pl.Int64, "small_share": pl.Float64,
        "cannot_know": pl.String,
    }  # fmt: skip
    return pl.DataFrame(out, schema=schema, orient="row")


def sme_vcse_return(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a PPN 001-shaped return: institution, financial_year, total_pence, and £ and share for SMEs and VCSEs.

    `rows` has is_sme (null where untold), is_vcse, size_evidence, amount_pence. unknown_pence is spend with companies
    whose size no accounts tell; by_accounts_pence is SME spend that rests on figures and not on a filing category.
    Direct spend only: what suppliers pass to smaller ones no ledger tells.
    """
    amount = pl.col("amount_pence")
    sme = pl.col("is_sme").fill_null(value=False)
    company = pl.col("size") != "not a company"
    sums = rows.group_by("institution", "financial_year").agg(
        total_pence=amount.sum(),
        sme_pence=amount.filter(sme).sum(),
        by_accounts_pence=amount.filter(sme, pl.col("size_evidence") == "accounts").sum(),
        vcse_pence=amount.filter(pl.col("is_vcse").fill_null(value=False)).sum(),
        unknown_pence=amount.filter(company, pl.col("is_sme").is_null()).sum(),
    )
    shares = [
        pl.when(pl.col("total_pence") > 0).then(pl.col(f"{name}_pence") / pl.col("total_pence")).alias(f"{name}_share")
        for name in ("sme", "vcse", "unknown")
    ]
    return sums.with_columns(shares).sort("institution", "financial_year", nulls_last=True)


def transparency_export(typed: pl.DataFrame, *, threshold_gbp: int | None = None) -> pl.DataFrame:
    """Return the payer's own ledger as the Transparency Code asks: one row a payment over the threshold, oldest first.

    Columns: organisation, date, department, beneficiary (people and redactions masked), purpose, amount_gbp (as the
    ledger prints it; the Code asks net of recoverable VAT), merchant_category, file, file_row. Money is a decimal in £.

    Args:
        typed: schema.BANDED with supplier_type; names may be masked already.
        threshold_gbp: payments above it count; the Code's own without one.
    """
    least = threshold_gbp if threshold_gbp is not None else code_threshold()
    over = mask_names(typed).filter(pl.col("amount_pence").abs() > least * 100)
    withheld = pl.col("is_redacted") | pl.col("supplier_type").is_in(["individual", "redacted"]).fill_null(value=False)
    return over.sort("payment_date", "payment_id", nulls_last=True).select(
        organisation="institution", date="payment_date", department="department", beneficiary="supplier_name",
        # A description can name whom the ledger hides.
        purpose=pl.when(~withheld).then("description"),
        amount_gbp=(pl.col("amount_pence").cast(pl.Decimal(38, 2)) / 100).cast(pl.Decimal(38, 2)),
        merchant_category="category", file="file", file_row="file_row",
    )  # fmt: skip


def code_threshold() -> int:
    """Return the £ above which the Transparency Code asks for every payment."""
    table = lookups.table("indicators/publication_thresholds").filter(pl.col("source") == "transparency_code_2015")
    return int(table["threshold_gbp"][0])


WHAT_VIEWS_CANNOT_KNOW = {
    "reservation": CANNOT_KNOW,
    "sme_vcse_return": (
        "Direct spend only: what suppliers pass on to smaller ones no ledger tells. Companies whose size no accounts "
        "tell are in unknown; groups are not seen."
    ),
    "transparency": (
        "Amounts are as the ledger prints them: the Code asks for them net of recoverable VAT. Names of people are "
        "withheld; whether another payment should be is for the body to judge."
    ),
    "action_plan": "Workforce, land and finance are not in a ledger: the body fills them in. Local is by address.",
}


def action_plan(rows: pl.DataFrame) -> pl.DataFrame:
    """Return pillar, measure, amount_pence, share, from_ledger, cannot_know: a Scottish action plan's five pillars.

    Spending and inclusive ownership are filled from the ledger; workforce, land and finance are not in one, and are
    listed so that the plan has a place for them. `rows` has band, is_vcse, is_cooperative, is_sme, amount_pence.
    """
    total = int(rows["amount_pence"].sum())

    def row(pillar: str, measure: str, chosen: pl.Expr, caveat: str) -> tuple[object, ...]:
        pence = int(rows.filter(chosen.fill_null(value=False))["amount_pence"].sum())
        return pillar, measure, pence, share(pence, total), True, caveat

    def none(pillar: str, measure: str) -> tuple[object, ...]:
        return pillar, measure, None, None, False, "Not in a ledger: to be filled by the body."

    band = pl.col("band")
    out = [
        row("Spending", "Spent with suppliers in the area", band == "local", "By address, not by where work is done."),
        row("Spending", "Spent in the region, the area included", band.is_in(["local", "regional"]), "As above."),
        row("Spending", "Leaves the region", band == "leaked", "As above."),
        row("Spending", "Could not be placed", band == "unknown", "May be local."),
        row("Spending", "Spent with SMEs", pl.col("is_sme"), "Only those whose accounts tell; groups are not seen."),
        row("Inclusive ownership", "Spent with charities, social enterprises and co-operatives", pl.col("is_vcse"),
            "The least there is: suppliers of unknown type are not counted."),
        row("Inclusive ownership", "Spent with co-operatives and mutuals", pl.col("is_cooperative"), "As above."),
        none("Workforce", "Staff who live in the area and are paid the real living wage"),
        none("Land and property", "Land and property in community ownership or use"),
        none("Finance", "Pensions and reserves invested in the area"),
    ]  # fmt: skip
    schema = {
        "pillar": pl.String, "measure": pl.String, "amount_pence": pl.Int64, "share": pl.Float64,
        "from_ledger": pl.Boolean, "cannot_know": pl.String,
    }  # fmt: skip
    return pl.DataFrame(out, schema=schema, orient="row")
