"""What the values of a column look like, whatever its heading says."""

from __future__ import annotations

from dataclasses import dataclass, fields

import polars as pl

from cwb.ledger.amounts import parse_amounts
from cwb.ledger.dates import read_cell

_SAMPLE = 400
_PATTERNS = {
    "letters": r"[A-Za-z]{2,}",
    "decimals": r"\d[.]\d{1,2}\)?\s*-?$|£|\d,\d{3}",
    "postcode": r"(?i)^\s*[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\s*$",
    "vat": r"(?i)^\s*(?:GB)?\s*\d{3}\s?\d{4}\s?\d{2}(?:\s?\d{3})?\s*$",
    "company": r"(?i)^\s*(?:\d{7,8}|(?:SC|NI|OC|SO|OE|IP|RS|FC|BR)\d{6})\s*$",
    "firm": r"(?i)\b(?:ltd|limited|plc|llp|council|trust|services?|group|company|university|nhs|uk)\b",
}


@dataclass(frozen=True)
class Evidence:
    """Shares, 0 to 1: `filled` of all rows, the others of the filled cells; `distinct` counts different values."""

    filled: float
    amount: float
    date: float
    serial: float
    distinct: float
    letters: float
    decimals: float
    postcode: float
    vat: float
    company: float
    firm: float


_NOTHING = Evidence(*(0.0 for _ in fields(Evidence)))


def evidence(body: pl.DataFrame) -> list[Evidence]:
    """Return what each column looks like, from at most 400 filled rows drawn over the whole table, always the same."""
    rows = body.filter(~pl.all_horizontal(pl.all().is_null()))
    sample = rows.sample(min(_SAMPLE, rows.height), seed=1)
    return [_look(sample[name], sample.height) for name in sample.columns]


def _look(cells: pl.Series, rows: int) -> Evidence:
    cells = cells.drop_nulls().rename("x")
    cells = cells.filter(cells.str.strip_chars() != "")
    n = len(cells)
    if not n:
        return _NOTHING
    counts = dict(cells.value_counts().iter_rows())
    date = serial = 0
    for cell, count in counts.items():
        reading = read_cell(cell)
        if reading is not None:
            serial, date = (serial + count, date) if reading.kind == "serial" else (serial, date + count)
    shares = cells.to_frame().select(pl.col("x").str.contains(p).mean().alias(k) for k, p in _PATTERNS.items())
    return Evidence(
        filled=n / max(rows, 1),
        amount=1 - parse_amounts(cells).null_count() / n,
        date=date / n,
        serial=serial / n,
        distinct=len(counts) / n,
        **{k: float(v or 0) for k, v in shares.row(0, named=True).items()},
    )
