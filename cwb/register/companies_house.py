"""Companies House's free company data product: the official 55 columns, strictly, to a register's common columns."""

from __future__ import annotations

import numpy as np
import polars as pl

from cwb import lookups, names

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
    number = pl.col("CompanyNumber").str.strip_chars().str.to_uppercase()
    sic = pl.col("SICCode.SicText_1").str.slice(0, 5).str.strip_chars()
    # One text of all ten, most of them empty, is far quicker to make than ten that are told apart.
    earlier = pl.concat_str(
        [
            part
            for n in PREVIOUS_NAMES
            for part in (f"PreviousName_{n}.CONDATE", pl.lit("\t"), f"PreviousName_{n}.CompanyName", pl.lit("\n"))
        ],
        ignore_nulls=True,
    )
    held = rows.select(
        org_id="GB-COH-" + number,
        name=pl.col("CompanyName").str.replace_many(["\r", "\n", "\t"], [" ", " ", " "]).str.strip_chars(),
        supplier_type="CompanyCategory",
        status=_filled("CompanyStatus"),
        postcode=pl.col("RegAddress.PostCode").str.strip_chars().str.to_uppercase(),
        town=_filled("RegAddress.PostTown"),
        sic_code=pl.when(sic.cast(pl.Int32, strict=False).is_not_null()).then(sic.str.zfill(5)),
        accounts_category=_filled("Accounts.AccountCategory"),
        started=_date(pl.col("IncorporationDate")),
        ended=_date(pl.col("DissolutionDate")),
        previous=earlier.str.strip_chars_end("\t\n"),
    )
    # Few kinds and many rows: once all are read, each kind is looked up once.
    return held.map_batches(_typed, projection_pushdown=False)


def _typed(held: pl.DataFrame) -> pl.DataFrame:
    """Return organisations with their type in the place of the category: by the letters of the number, else by that."""
    types = lookups.table("match/organisation_types")
    by_prefix, by_category = (types.filter(pl.col("field") == field) for field in ("prefix", "category"))
    code, categories = names.coded(held["supplier_type"].fill_null(""))
    said = categories.str.to_lowercase().replace_strict(
        by_category["value"], by_category["supplier_type"], default="company"
    )
    letters = held["org_id"].str.slice(len("GB-COH-"), 2)
    lettered = (letters > "9").arg_true()
    known = letters.gather(lettered).replace_strict(
        by_prefix["value"], pl.int_range(by_prefix.height, eager=True) + len(said), default=None
    )
    place = code.astype(np.int64)
    place[lettered.filter(known.is_not_null()).to_numpy()] = known.drop_nulls().to_numpy()
    return held.with_columns(supplier_type=pl.concat([said, by_prefix["supplier_type"]]).gather(place))
