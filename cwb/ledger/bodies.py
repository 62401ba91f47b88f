"""Whose ledger it is: from the file's own column where one body prevails, else from its name or folder."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePath

import polars as pl

from cwb import lookups


def institution_of(frame: pl.DataFrame, file: str, folder: str) -> str:
    """Return the body that paid, from columns `institution` or `family` of the rows, else from the file's name."""
    for field in ("institution", "family"):
        if field in frame.columns:
            counts = frame[field].drop_nulls().value_counts(sort=True)
            if counts.height:
                name, rows = counts.row(0)
                if str(name).strip() and rows > lookups.number("ledger.dominant_share") * frame.height:
                    return str(name).strip()
    return body_from_name(file, folder)


@cache
def _common_words() -> frozenset[str]:
    return frozenset(lookups.table("ledger/file_words")["word"])


def body_from_name(file: str, folder: str) -> str:
    """Return the body that a file's name speaks of, or else its folder, months and words like "spend" taken away."""
    path = PurePath(file)
    for text in (re.split(r"\.(?=[A-Za-z]{2,4}$|csv|xls)", path.name)[0], *reversed(path.parts[:-1]), folder):
        words = [w for w in re.split(r"%20|[^A-Za-z&']+", text) if w]
        kept = [w for w in words if w.casefold() not in _common_words()]
        if any(len(w) > 2 for w in kept):
            return " ".join(kept)
    return path.stem
