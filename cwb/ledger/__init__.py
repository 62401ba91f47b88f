"""Ledger files of any layout → payments, rejects and control totals, to the penny, with an account of every row."""

from cwb.ledger.given import LedgerFile
from cwb.ledger.mappings import fingerprint, load_column_map, remember_columns, remembered_columns
from cwb.ledger.output import held_together, ingest, write_ledger
from cwb.ledger.reader import Ledger, SheetPreview, preview, read_ledger
from cwb.ledger.supplier_cells import clean_suppliers

__all__ = [
    "Ledger",
    "LedgerFile",
    "SheetPreview",
    "clean_suppliers",
    "fingerprint",
    "held_together",
    "ingest",
    "load_column_map",
    "preview",
    "read_ledger",
    "remember_columns",
    "remembered_columns",
    "write_ledger",
]
