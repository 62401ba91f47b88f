"""Ledger files of any layout → payments, rejects and control totals, to the penny, with an account of every row."""

from cwb.ledger.output import write_ledger
from cwb.ledger.reader import Ledger, SheetPreview, preview, read_ledger

__all__ = ["Ledger", "SheetPreview", "preview", "read_ledger", "write_ledger"]
