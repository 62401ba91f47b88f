"""What the values of a column look like, whatever its heading says."""

from __future__ import annotations

from dataclasses import dataclass, fields

import polars as pl

from cwb.ledger.amounts import parse_amount
from cwb.ledger.dates import read_cell

_SAMPLE = 400
_PATTERNS = {
    "digits": r"\d",
    "letters": r"[A-Za-z]{2,}",
    "decimals": r"\d[.]\d{1,2}\)?\s*-?$|£|\d,\d{3}",
    "postcode": r"(?i)^\s*[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\s*$",
    "vat": r"(?i)^\s*(?:GB)?\s*\d{3}\s?\d{4}\s?\d{2}(?:\s?\d{3})?\s*$",
    "company": r"(?i)^\s*(?:\d{7,8}|(?:SC|NI|OC|SO|OE|IP|RS|FC|BR)\d{6})\s*$",
    "period": r"^\s*(?:19|20)\d{2}[-/ ]?(?:0[1-9]|1[0-6])\s*$",
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
    period: float  # 201604: a month of the calendar, or the fourth of a financial year


_NOTHING = Evidence(*(0.0 for _ in fields(Evidence)))


def evidence(body: pl.DataFrame) -> list[Evidence]:
    """Return what each column looks like, from at most 400 filled rows drawn over the whole table, always the same."""
    rows = body.filter(pl.any_horizontal(pl.all().str.strip_chars().fill_null("") != ""))
    sample = rows.sample(min(_SAMPLE, rows.height), seed=1)
    used = [c for c in sample.columns if sample[c].null_count() < sample.height]
    if not used:
        return [_NOTHING] * body.width
    shares = sample.select(share.alias(f"{name}:{kind}") for name in used for kind, share in _shares(name).items()).row(
        0, named=True
    )  # one pass for all columns: a pass each costs more than the work
    looks = {
        name: _look(sample[name], sample.height, {kind: float(shares[f"{name}:{kind}"] or 0) for kind in _PATTERNS})
        for name in used
    }
    return [looks.get(name, _NOTHING) for name in sample.columns]


def _shares(name: str) -> dict[str, pl.Expr]:
    filled = pl.col(name).filter(pl.col(name).str.strip_chars() != "")
    return {kind: filled.str.contains(pattern).mean() for kind, pattern in _PATTERNS.items()}


def _look(cells: pl.Series, rows: int, shares: dict[str, float]) -> Evidence:
    cells = cells.filter(cells.str.strip_chars() != "")
    n = len(cells)
    if not n:
        return _NOTHING
    counts = dict(cells.rename("x").value_counts().iter_rows())
    digits = shares.pop("digits")
    amount = date = serial = 0
    for cell, count in counts.items() if digits else ():
        reading = read_cell(cell)
        amount += count * (parse_amount(cell)[0] is not None)
        date += count * (reading is not None and reading.kind != "serial")
        serial += count * (reading is not None and reading.kind == "serial")
    return Evidence(
        filled=n / max(rows, 1), amount=amount / n, date=date / n, serial=serial / n, distinct=len(counts) / n, **shares
    )
