"""Registers other than Companies House's, each in its publisher's layout, to the common columns of a register.

Every reader takes rows read as text under stripped headers and returns org_id, name, supplier_type, status, postcode,
town, started, ended, `linked` (the same organisation's number at Companies House) and `previous` (further names, one a
line: "also" or the date it was given up, tab, name).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from cwb.register import companies_house

_POSTCODE = r"([A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})\s*$"


@dataclass(frozen=True)
class Layout:
    """A register file: what it is called, the columns it must have, and how its rows become organisations.

    `exact`: no other column may stand in it. `headers`: given where the file itself has none.
    """

    title: str
    columns: tuple[str, ...]
    organisations: Callable[[pl.LazyFrame], pl.LazyFrame]
    number: str
    exact: bool = False
    headers: tuple[str, ...] = ()


def _text(column: str) -> pl.Expr:
    return pl.when(pl.col(column).str.strip_chars() != "").then(pl.col(column).str.strip_chars())


def _number(column: str) -> pl.Expr:
    return _text(column).str.replace(r"\.0$", "")


def _day(column: str) -> pl.Expr:
    head = pl.col(column).str.slice(0, 10)
    ways = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%Y%m%d")
    return pl.coalesce(head.str.strip_chars().str.to_date(way, strict=False) for way in ways)


def _company(column: str) -> pl.Expr:
    number = _text(column).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    whole = pl.when(number.str.contains("^[0-9]{1,8}$")).then(number.str.zfill(8)).otherwise(number)
    return pl.when(whole.str.contains("^[A-Z0-9]{8}$") & (whole != "00000000")).then("GB-COH-" + whole)


def _also(column: str) -> pl.Expr:
    return pl.when(_text(column).is_not_null()).then("also\t" + _text(column))


def _england_and_wales(rows: pl.LazyFrame) -> pl.LazyFrame:
    # A linked charity stands under its parent's number: it is the parent that contracts.
    return rows.filter(pl.col("linked_charity_number").is_in(["0", "0.0"])).select(
        org_id="GB-CHC-" + _number("registered_charity_number"),
        name=_text("charity_name").str.to_uppercase(),
        supplier_type=pl.lit("charity"),
        status=_text("charity_registration_status"),
        postcode=_text("charity_contact_postcode").str.to_uppercase(),
        started=_day("date_of_registration"),
        ended=_day("date_of_removal"),
        linked=_company("charity_company_registration_number"),
    )


def _scotland(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        org_id="GB-SC-" + _number("Charity Number"),
        name=_text("Charity Name").str.to_uppercase(),
        supplier_type=pl.lit("charity"),
        status=_text("Charity Status"),
        postcode=_text("Postcode").str.to_uppercase(),
        started=_day("Registered Date"),
        previous=_also("Known As"),
    )


def _northern_ireland(rows: pl.LazyFrame) -> pl.LazyFrame:
    number = _text("Company number").str.replace_all("[^0-9]", "")
    return rows.filter(pl.col("Sub charity number").fill_null("0").is_in(["0", ""])).select(
        org_id="GB-NIC-" + _number("Reg charity number"),
        name=_text("Charity name").str.to_uppercase(),
        supplier_type=pl.lit("charity"),
        status=_text("Status"),
        postcode=_text("Public address").str.to_uppercase().str.extract(_POSTCODE),
        started=_day("Date registered"),
        linked=pl.when(number.str.len_chars().is_between(1, 6) & (number.str.strip_chars("0") != "")).then(
            "GB-COH-NI" + number.str.zfill(6)
        ),
    )


def _mutuals(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        org_id="GB-MPR-" + _number("Full Registation Number"),
        name=_text("Society Name").str.to_uppercase(),
        supplier_type=pl.lit("cooperative"),
        status=_text("Society Status"),
        postcode=_text("Society Address").str.to_uppercase().str.extract(_POSTCODE),
        started=_day("Registration Date"),
        ended=_day("Deregistration Date"),
    )


def _schools(rows: pl.LazyFrame) -> pl.LazyFrame:
    independent = pl.col("EstablishmentTypeGroup (name)").str.contains("(?i)independent|online provider")
    return rows.select(
        org_id="GB-EDU-" + _number("URN"),
        name=_text("EstablishmentName").str.to_uppercase(),
        supplier_type=pl.when(independent).then(pl.lit("unknown")).otherwise(pl.lit("public_body")),
        status=_text("EstablishmentStatus (name)"),
        postcode=_text("Postcode").str.to_uppercase(),
        town=_text("Town"),
        started=_day("OpenDate"),
        ended=_day("CloseDate"),
    )


def _nhs(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        org_id="GB-NHS-" + _text("Organisation Code"),
        name=_text("Name").str.to_uppercase(),
        supplier_type=pl.lit("public_body"),
        postcode=_text("Postcode").str.to_uppercase(),
        town=_text("Address Line 4"),
        started=_day("Open Date"),
        ended=_day("Close Date"),
    )


_NHS_COLUMNS = (
    "Organisation Code", "Name", "National Grouping", "High Level Health Geography", "Address Line 1",
    "Address Line 2", "Address Line 3", "Address Line 4", "Address Line 5", "Postcode", "Open Date", "Close Date",
    *(f"Column {n}" for n in range(13, 28)),
)  # fmt: skip

LAYOUTS = (
    Layout(
        companies_house.TITLE, companies_house.COLUMNS, companies_house.organisations, "a company number of 8 letters "
        "and digits", exact=True,
    ),
    Layout(
        "Charity register of England and Wales (publicextract.charity)",
        (
            "organisation_number", "registered_charity_number", "linked_charity_number", "charity_name", "charity_type",
            "charity_registration_status", "date_of_registration", "date_of_removal", "charity_contact_postcode",
            "charity_company_registration_number", "charity_is_cio",
        ),
        _england_and_wales, "a charity number",
    ),
    Layout(
        "Scottish Charity Register",
        ("Charity Number", "Charity Name", "Registered Date", "Known As", "Charity Status", "Postcode",
         "Constitutional Form", "Principal Office/Trustees Address"),
        _scotland, "a charity number",
    ),
    Layout(
        "Charity register of Northern Ireland",
        ("Reg charity number", "Sub charity number", "Charity name", "Date registered", "Status", "Public address",
         "Company number"),
        _northern_ireland, "a charity number",
    ),
    Layout(
        "FCA Mutuals Public Register",
        # The publisher's own spelling.
        ("Society Number", "Full Registation Number", "Society Name", "Registered As", "Society Address",
         "Registration Date", "Deregistration Date", "Society Status"),
        _mutuals, "a society number",
    ),
    Layout(
        "Get Information About Schools (edubasealldata)",
        ("URN", "LA (name)", "EstablishmentName", "TypeOfEstablishment (name)", "EstablishmentTypeGroup (name)",
         "EstablishmentStatus (name)", "OpenDate", "CloseDate", "Postcode", "Town"),
        _schools, "a URN",
    ),
    Layout(
        "NHS organisation data (27 columns, no header)", (), _nhs, "an ODS code", headers=_NHS_COLUMNS,
    ),
)  # fmt: skip


def recognise(found: list[str]) -> Layout | None:
    """Return the layout of a file by its first row, or None."""
    for layout in LAYOUTS:
        if (
            layout.columns
            and set(layout.columns) <= set(found)
            and (not layout.exact or len(found) == len(layout.columns))
        ):
            return layout
    headless = LAYOUTS[-1]
    # An ODS code, then a name, then regional codes such as Y56 and QHM.
    if len(found) == len(headless.headers) and len(found[0]) <= 8 and found[0].isalnum() and found[0].isupper():
        return headless
    return None
