"""Every table that passes between stages: its columns, types, units and meaning.

A stage returns `conform(frame, TABLE)`, so that a wrong column or type stops at the stage that made it.
Money is integer pence (Int64), dates are `Date`, codes and identifiers are strings with their leading zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl
from polars.datatypes import DataType, DataTypeClass

PolarsType = DataType | DataTypeClass

OUTCOMES = ("matched", "review", "unmatched")
SUPPLIER_TYPES = (
    "company", "charity", "cic", "cooperative", "public_body", "individual", "redacted", "overseas", "internal",
    "unknown",
)  # fmt: skip
BANDS = ("local", "regional", "leaked", "unknown")
EXCLUDED = "excluded"
BASES = ("override", "ledger_postcode", "trading_site", "registered_office", "none")


@dataclass(frozen=True)
class Column:
    """One column: polars type, meaning with its unit, and whether it may be null."""

    dtype: PolarsType
    description: str
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """A named table and its columns in order; `key` columns identify a row."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]

    @property
    def dtypes(self) -> dict[str, PolarsType]:
        """Column name to polars type, in order."""
        return {name: column.dtype for name, column in self.columns.items()}

    def empty(self) -> pl.DataFrame:
        """Return the table with no rows."""
        return pl.DataFrame(schema=self.dtypes)


def _table(name: str, key: tuple[str, ...], columns: dict[str, Column]) -> Table:
    return Table(name, key, MappingProxyType(columns))


def conform(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return `frame` with exactly the table's columns, in order and type.

    Missing nullable columns come as nulls; other columns are dropped.

    Raises:
        TypeError: a required column is missing or has nulls, or a type cannot be cast without loss.
            This is a fault in a stage, never in a user's file.
    """
    missing = [n for n, c in table.columns.items() if n not in frame.columns and not c.nullable]
    if missing:
        raise TypeError(f"{table.name}: column {', '.join(missing)} is missing")
    columns = [
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(column.dtype).alias(name)
        for name, column in table.columns.items()
    ]
    try:
        out = frame.select(columns)
    except pl.exceptions.InvalidOperationError as error:
        raise TypeError(f"{table.name}: {error}") from error
    holes = [n for n, c in table.columns.items() if not c.nullable and out[n].null_count()]
    if holes:
        raise TypeError(f"{table.name}: nulls in {', '.join(holes)}")
    return out


PAYMENTS = _table(
    "payments",
    ("payment_id",),
    {
        "payment_id": Column(pl.String, "hash of file, sheet and row: the same in each run", False),
        "file": Column(pl.String, "name of the ledger file as given", False),
        "sheet": Column(pl.String, "sheet of a workbook, or member of an archive; null for a plain text file"),
        "file_row": Column(pl.Int64, "row in the file, counted from 1 as a person sees it", False),
        "institution": Column(pl.String, "body that paid", False),
        "financial_year": Column(pl.String, "April to March, as 2016-17; null where there is no date"),
        "payment_date": Column(pl.Date, "date of payment as the ledger states it"),
        "invoice_date": Column(pl.Date, "date of the invoice, where the ledger prints it beside the payment's"),
        "supplier_name": Column(pl.String, "as printed; empty string where the cell is blank", False),
        "supplier_ref": Column(pl.String, "the payer's own number for the supplier"),
        "supplier_postcode": Column(pl.String, "as printed in the ledger"),
        "company_number": Column(pl.String, "as printed"),
        "charity_number": Column(pl.String, "as printed"),
        "vat_number": Column(pl.String, "as printed"),
        "amount_pence": Column(pl.Int64, "pence, net as published; credits negative", False),
        "description": Column(pl.String, "what was bought, as printed"),
        "department": Column(pl.String, "part of the payer, as printed"),
        "category": Column(pl.String, "the payer's own spend category, as printed"),
        "is_redacted": Column(pl.Boolean, "the ledger hides the supplier's name", False),
    },
)

REJECTS = _table(
    "rejects",
    ("file", "sheet", "file_row"),
    {
        "file": Column(pl.String, "name of the ledger file as given", False),
        "sheet": Column(pl.String, "sheet of a workbook, or member of an archive"),
        "file_row": Column(pl.Int64, "row in the file, counted from 1", False),
        "reason": Column(pl.String, "why the row is not a payment, in plain words", False),
        "raw": Column(pl.String, "the row's cells as a JSON list", False),
    },
)

CONTROL_TOTALS = _table(
    "control_totals",
    ("file", "sheet", "file_row"),
    {
        "file": Column(pl.String, "name of the ledger file as given", False),
        "sheet": Column(pl.String, "sheet of a workbook, or member of an archive"),
        "file_row": Column(pl.Int64, "row in the file, counted from 1", False),
        "label": Column(pl.String, "what the row calls itself, if anything"),
        "amount_pence": Column(pl.Int64, "pence the row prints", False),
        "ties": Column(pl.Boolean, "equals the sum of the payments it covers; null where that cannot be told"),
        "reason": Column(pl.String, "how it was recognised", False),
    },
)

SUPPLIERS = _table(
    "suppliers",
    ("supplier_id",),
    {
        "supplier_id": Column(pl.String, "hash of the printed name and identifiers", False),
        "supplier_name": Column(pl.String, "as printed", False),
        "supplier_ref": Column(pl.String, "the payer's own number, where all its rows agree"),
        "supplier_postcode": Column(pl.String, "as printed, the one with most £ in absolute value"),
        "company_number": Column(pl.String, "as printed"),
        "charity_number": Column(pl.String, "as printed"),
        "vat_number": Column(pl.String, "as printed"),
        "category": Column(pl.String, "the spend category with most £, as printed"),
        "is_redacted": Column(pl.Boolean, "the ledger hides the name", False),
        "payments": Column(pl.Int64, "number of payments", False),
        "amount_pence": Column(pl.Int64, "pence, sum of its payments", False),
        "first_payment": Column(pl.Date, "earliest payment date"),
        "last_payment": Column(pl.Date, "latest payment date"),
    },
)

LINKS = _table(
    "links",
    ("supplier_id",),
    {
        "supplier_id": Column(pl.String, "as in suppliers", False),
        "outcome": Column(pl.String, "matched, review or unmatched", False),
        "supplier_type": Column(pl.String, "company, charity, cic, cooperative, public_body, individual, …", False),
        "org_id": Column(pl.String, "org-id.guide identifier; for review, of the best candidate"),
        "name": Column(pl.String, "name on the register"),
        "postcode": Column(pl.String, "registered address on the register"),
        "sic_code": Column(pl.String, "first SIC 2007 code on the register, five digits"),
        "score": Column(pl.Float64, "0 to 1"),
        "method": Column(pl.String, "company_number, exact_key, previous_name, fuzzy, decision, rule:… or none", False),
        "margin": Column(pl.Float64, "score less that of the runner-up, 0 to 1"),
        "evidence": Column(pl.String, "JSON: strings compared, runner-up, agreements and conflicts", False),
        "decided_by": Column(pl.String, "the person who decided, where one did"),
        "address_is_evidence": Column(pl.Boolean, "false where very many companies share the registered address"),
    },
)

BANDED = _table(
    "banded",
    ("payment_id",),
    {
        **PAYMENTS.columns,
        "supplier_id": Column(pl.String, "as in suppliers", False),
        "band": Column(pl.String, "local, regional, leaked, unknown or excluded", False),
        "basis": Column(pl.String, "override, ledger_postcode, trading_site, registered_office or none", False),
        "strength": Column(
            pl.String, "how the postcode was placed: exact, terminated, sector, …: docs/methods/location.md"
        ),
        "lad_code": Column(pl.String, "ONS code of the district it was placed in"),
    },
)
