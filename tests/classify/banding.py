"""Small frames for tests of classifying: few words in, frames of the schema out."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from cwb.classify import classify, supplier_bands
from cwb.schema import LINKS, PAYMENTS, conform
from cwb.suppliers import distinct_suppliers

# Postcodes of the four cases, seen from Preston in Lancashire.
LOCAL, REGIONAL, LEAKED = "PR1 2RL", "BB11 1AA", "SW1A 0AA"


def payments(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Return schema.PAYMENTS; a row needs only what its test is about."""
    blank = {
        "file": "ledger.csv", "institution": "Council", "supplier_name": "ACME LTD", "amount_pence": 100_00,
        "is_redacted": False,
    }  # fmt: skip
    columns = {name: column.dtype for name, column in PAYMENTS.columns.items()}
    full = [{**blank, "payment_id": f"p{i}", "file_row": i + 2, **row} for i, row in enumerate(rows)]
    return conform(pl.DataFrame(full, schema_overrides=columns, infer_schema_length=None), PAYMENTS)


def links(suppliers: pl.DataFrame, told: dict[str, dict[str, Any]]) -> pl.DataFrame:
    """Return schema.LINKS for suppliers, from printed name to what its link says; the rest are unmatched."""
    blank = {
        "outcome": "unmatched", "supplier_type": "unknown", "method": "none", "evidence": "{}",
        "address_is_evidence": True,
    }  # fmt: skip
    columns = {name: column.dtype for name, column in LINKS.columns.items()}
    rows = [
        {"supplier_id": supplier_id, **blank, **told.get(name, {})}
        for supplier_id, name in suppliers.select("supplier_id", "supplier_name").iter_rows()
    ]
    return conform(pl.DataFrame(rows, schema_overrides=columns, infer_schema_length=None), LINKS)


def matched(postcode: str | None, **more: Any) -> dict[str, Any]:
    """Return a link to a company registered at a postcode."""
    return {
        "outcome": "matched", "supplier_type": "company", "method": "exact_key", "org_id": "GB-COH-01234567",
        "name": "ACME LIMITED", "postcode": postcode, "score": 1.0, **more,
    }  # fmt: skip


class Case:
    """Payments carried through suppliers and links to bands."""

    def __init__(self, rows: Sequence[dict[str, Any]], told: dict[str, dict[str, Any]] | None = None) -> None:
        self.payments = payments(rows)
        self.suppliers, self.owners = distinct_suppliers(self.payments)
        self.links = links(self.suppliers, told or {})

    def overrides(self, told: dict[str, dict[str, Any]]) -> pl.DataFrame:
        """Return decisions by printed name."""
        ids = dict(self.suppliers.select("supplier_name", "supplier_id").iter_rows())
        rows = [{"supplier_id": ids[name], "postcode": None, "band": None, **said} for name, said in told.items()]
        return pl.DataFrame(rows, schema={"supplier_id": pl.String, "postcode": pl.String, "band": pl.String})

    def banded(self, place: Any, **how: Any) -> pl.DataFrame:
        """Return schema.BANDED."""
        return classify(self.payments, self.suppliers, self.owners, self.links, place, **how)

    def by_basis(self, place: Any, **how: Any) -> dict[str, pl.DataFrame]:
        """Return suppliers' bands under every setting."""
        return supplier_bands(self.suppliers, self.links, place, **how)
