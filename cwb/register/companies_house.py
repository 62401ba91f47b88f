"""Companies House's free company data product: the official 55 columns, strictly, to a register's common columns."""

from __future__ import annotations

import polars as pl

from cwb import lookups

TITLE = "Companies House free company data"
PREVIOUS_NAMES = range(1, 11)
COLUMNS = (
    "CompanyName", "CompanyNumber", "RegAddress.CareOf", "RegAddress.POBox", "RegAddress.AddressLine1",
    "RegAddress.AddressLine2", "RegAddress.PostTown", "RegAddress.County", "RegAddress.Country",
    "RegAddress.PostCode", "CompanyCategory", "CompanyStatus", "CountryOfOrigin", "DissolutionDate",
    "IncorporationDate", "Accounts.AccountRefDay", "Accounts.AccountRefMonth", "Accounts.NextDueDate",
    "Accounts.LastMadeUpDate", "Accounts.AccountCategory", "Returns.NextDueDate", "Returns.LastMadeUpDate",
    "Mortgages.NumMortCharges", "Mortgages.NumMortOutstanding", "Mortgages.NumMortPartSatisfied",
    "Mortgages.NumMortSatisfied", "SICCode.SicText_1", "SICCode.SicText_2", "SICCode.SicText_3", "SICCode.SicText_4",
    "LimitedPartnerships.NumGenPartners", "LimitedPartnerships.NumLimPartners", "URI",
    *(f"PreviousName_{n}.{part}" for n in PREVIOUS_NAMES for part in ("CONDATE", "CompanyName")),
    "ConfStmtNextDueDate", "ConfStmtLastMadeUpDate",
)  # fmt: skip


def _date(text: pl.Expr) -> pl.Expr:
    return text.str.to_date("%d/%m/%Y", strict=False)


def _filled(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(pl.col(column))


def organisations(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the common columns of a register for rows in the official layout, all read as text.

    `previous` packs the earlier names as lines of date, tab, name; the date is when that name was given up.
    """
    types = lookups.table("match/organisation_types")
    by_prefix = types.filter(pl.col("field") == "prefix")
    by_category = types.filter(pl.col("field") == "category")
    number = pl.col("CompanyNumber").str.strip_chars().str.to_uppercase()
    held = pl.coalesce(
        number.str.slice(0, 2).replace_strict(by_prefix["value"], by_prefix["supplier_type"], default=None),
        pl.col("CompanyCategory").str.to_lowercase().replace_strict(
            by_category["value"], by_category["supplier_type"], default=None
        ),
        pl.lit("company"),
    )  # fmt: skip
    sic = pl.col("SICCode.SicText_1").str.slice(0, 5).str.strip_chars()
    earlier = pl.concat_str(
        [
            pl.when(pl.col(f"PreviousName_{n}.CompanyName").fill_null("") != "").then(
                pl.col(f"PreviousName_{n}.CONDATE").fill_null("") + "\t" + pl.col(f"PreviousName_{n}.CompanyName")
            )
            for n in PREVIOUS_NAMES
        ],
        separator="\n", ignore_nulls=True,
    )  # fmt: skip
    return rows.select(
        org_id="GB-COH-" + number,
        name=pl.col("CompanyName").str.replace_many(["\r", "\n", "\t"], [" ", " ", " "]).str.strip_chars(),
        supplier_type=held,
        status=_filled("CompanyStatus"),
        postcode=pl.col("RegAddress.PostCode").str.strip_chars().str.to_uppercase(),
        town=_filled("RegAddress.PostTown"),
        sic_code=pl.when(sic.cast(pl.Int32, strict=False).is_not_null()).then(sic.str.zfill(5)),
        accounts_category=_filled("Accounts.AccountCategory"),
        started=_date(pl.col("IncorporationDate")),
        ended=_date(pl.col("DissolutionDate")),
        previous=earlier,
    )
