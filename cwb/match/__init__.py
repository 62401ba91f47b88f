"""Suppliers as printed → organisations on a register, each with its evidence."""

from cwb.match.explain import explain, in_words
from cwb.match.link import match_suppliers
from cwb.match.table import match_csv, match_table

__all__ = ["explain", "in_words", "match_csv", "match_suppliers", "match_table"]
