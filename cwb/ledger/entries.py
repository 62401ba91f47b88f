"""The account of one table: what was read, what it comes to, and what a person should look at."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

import polars as pl

from cwb import lookups
from cwb.ledger.columns import ColumnChoice
from cwb.ledger.mappings import fingerprint
from cwb.ledger.raw import RawTable
from cwb.ledger.rows import Rows

_SHEET_LIMITS = (65_536, 1_048_576)


def entry(
    raw: RawTable,
    rows: Rows,
    choice: ColumnChoice,
    *,
    cells: pl.DataFrame,
    payments: pl.DataFrame,
    totals: pl.DataFrame,
    keys: pl.Series,
    offset: int,
    padding: int,
) -> dict[str, Any]:
    """Return a table's entry of ingest.json.

    Args:
        raw: where it came from.
        rows: how its rows were sorted.
        choice: its columns.
        cells: the raw rows of its payments.
        payments: the payments read from them.
        totals: its printed totals.
        keys: a hash of each payment's day, payee, amount and number.
        offset: number of rows above its first row, which is the number of its heading row.
        padding: rows of formatted but empty cells at the end, seen but not read.
    """
    pence = pl.col("amount_pence")
    sums = payments.select(
        total=pence.sum(),
        negative=pence.filter(pence < 0).sum(),
        negatives=(pence < 0).sum(),
        redacted=pl.col("is_redacted").sum(),
        first=pl.col("payment_date").min(),
        last=pl.col("payment_date").max(),
        undated=pl.col("payment_date").null_count(),
    ).row(0, named=True)
    repeated = _repeated(cells, payments["amount_pence"], keys)
    blank = rows.blank + padding
    return {
        "file": raw.file,
        "format": raw.format,
        "encoding": raw.encoding,
        "delimiter": raw.delimiter,
        "sheet": raw.sheet,
        "header_row": offset or None,
        "columns": {f: choice.heading(f) for f in choice.columns},
        "rows": {
            "read": payments.height + totals.height + blank + len(rows.rejects),
            "payments": payments.height,
            "control_totals": totals.height,
            "blank": blank,
            "rejected": len(rows.rejects),
        },
        "amount_pence": {"payments": int(sums["total"]), "control_totals": int(totals["amount_pence"].sum())},
        "negative": {"rows": int(sums["negatives"]), "amount_pence": int(sums["negative"])},
        "redacted_rows": int(sums["redacted"]),
        "dates": {"from": _iso(sums["first"]), "to": _iso(sums["last"]), "undated_rows": int(sums["undated"])},
        "vat_basis": choice.vat_basis,
        "rejected": _reasons(rows),
        "duplicates": {"rows": len(repeated), "amount_pence": int(repeated.sum())},
        "confidence": min(choice.confidence.get(f, 1.0) for f in ("amount", "supplier", "date")),
        "why": dict(choice.why),
        "mapping": choice.source,
        "fingerprint": fingerprint(choice.headings),
        "notes": [*raw.notes, *rows.notes, *_notes(totals)],
        "warnings": [
            *raw.warnings,
            *_column_warnings(choice),
            *_date_warnings(rows, choice, cells),
            *_row_warnings(raw, rows, totals, offset),
            *_nameless(payments, rows),
            *([_repeats(repeated)] if len(repeated) else []),
        ],
    }


def unread(raw: RawTable, why: str) -> dict[str, Any]:
    """Return the entry of a sheet beside the ledger's own, such as notes or a pivot: listed, never silent."""
    return {
        "file": raw.file,
        "format": raw.format,
        "encoding": raw.encoding,
        "delimiter": raw.delimiter,
        "sheet": raw.sheet,
        "header_row": None,
        "columns": {},
        "rows": {"read": 0, "payments": 0, "control_totals": 0, "blank": 0, "rejected": 0},
        "amount_pence": {"payments": 0, "control_totals": 0},
        "negative": {"rows": 0, "amount_pence": 0},
        "redacted_rows": 0,
        "dates": {"from": None, "to": None, "undated_rows": 0},
        "vat_basis": "unknown",
        "rejected": {},
        "duplicates": {"rows": 0, "amount_pence": 0},
        "confidence": 0.0,
        "why": {},
        "mapping": "none",
        "fingerprint": "",
        "notes": list(raw.notes),
        "warnings": [f"not read as a ledger: {why}"],
    }


def _iso(day: object) -> str | None:
    return day.isoformat() if isinstance(day, date) else None


def pounds(pence: int) -> str:
    """Return pence as pounds for a person: -£1,234.56."""
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def rows_of(count: int) -> str:
    """Return "1 row" or "1,234 rows"."""
    return "1 row" if count == 1 else f"{count:,} rows"


def _repeated(cells: pl.DataFrame, pence: pl.Series, keys: pl.Series) -> pl.Series:
    """Return the pence of rows that repeat another in every cell; only rows with one key can."""
    alike = keys.is_duplicated()
    if not alike.any():
        return pence.head(0)
    return pence.filter(alike).filter(~cells.filter(alike).hash_rows(seed=3).is_first_distinct())


def _nameless(payments: pl.DataFrame, rows: Rows) -> list[str]:
    if not rows.nameless:
        return []
    blank = payments["amount_pence"].filter(payments["supplier_name"].str.strip_chars() == "")
    if blank.is_empty():
        return []
    verb = "has" if len(blank) == 1 else "have"
    return [f"{rows_of(len(blank))} {verb} no supplier, {pounds(int(blank.sum()))} in all: counted as unknown"]


def _plain_reason(reason: str) -> str:
    """Return a reason without the cell that it is about, so that like ones are counted together."""
    return re.sub(r"'.*?'", "…", reason)


def _reasons(rows: Rows) -> dict[str, int]:
    """Return rows by reason why they are no payments, the commonest first."""
    return dict(Counter(_plain_reason(reason) for _, reason in rows.rejects).most_common())


def _repeats(repeated: pl.Series) -> str:
    verb = "repeats" if len(repeated) == 1 else "repeat"
    total = pounds(int(repeated.sum()))
    return f"{rows_of(len(repeated))} {verb} another row exactly, {total} in all: counted, not dropped"


def _notes(totals: pl.DataFrame) -> list[str]:
    if totals.is_empty():
        return []
    tied = totals.filter(pl.col("ties"))
    return [
        f"row {row['file_row']} prints a total of {pounds(row['amount_pence'])}: it ties with the payments it covers"
        for row in tied.head(20).iter_rows(named=True)
    ]


def _column_warnings(choice: ColumnChoice) -> list[str]:
    unsure = lookups.number("ledger.sure_mapping")
    out = [
        f"the {field} column is a guess ('{choice.heading(field)}': {choice.why[field]}): check it"
        for field in ("amount", "supplier", "date")
        if field in choice.columns and choice.confidence[field] < unsure
    ]
    if "date" not in choice.columns:
        out.append("no date column: payments have no date, and their year must be given")
    heading = choice.heading("amount")
    if choice.vat_basis == "gross":
        out.append(f"amounts include VAT ('{heading}')")
    if re.search(r"£?\s*'?000|\bthousand|\(£k\)|£m\b", heading, re.IGNORECASE):
        out.append(f"the heading '{heading}' may mean thousands or millions: amounts are taken as printed")
    return out


def _date_warnings(rows: Rows, choice: ColumnChoice, cells: pl.DataFrame) -> list[str]:
    if rows.dates is None:
        return []
    out = list(rows.dates.notes)
    if rows.dates.refused:
        printed = cells[:, choice.columns["date"]]
        refused = printed.filter(printed.is_in(list(rows.dates.refused)))
        if len(refused):
            examples = ", ".join(f"'{c.strip()[:20]}'" for c in refused.unique().sort().head(3))
            verb = "has a date that is" if len(refused) == 1 else "have dates that are"
            out.append(f"{rows_of(len(refused))} {verb} refused ({examples}): kept without a date")
    return out


def _row_warnings(raw: RawTable, rows: Rows, totals: pl.DataFrame, offset: int) -> list[str]:
    out: list[str] = []
    loose = totals.filter(~pl.col("ties"))
    if loose.height:
        first = loose.row(0, named=True)
        out.append(
            f"{'a printed total does' if loose.height == 1 else f'{loose.height} printed totals do'} not tie with the "
            f"payments: row {first['file_row']} prints {pounds(first['amount_pence'])}"
        )
    reasons = Counter(_plain_reason(reason) for _, reason in rows.rejects if "amount '" in reason)
    first_of = {_plain_reason(reason): (i, reason) for i, reason in reversed(rows.rejects)}
    for kind, count in reasons.items():
        index, reason = first_of[kind]
        out.append(f"{rows_of(count)} refused: {reason} (row {offset + 1 + index})")
    if raw.cells.height in _SHEET_LIMITS:
        out.append(
            f"the sheet is full at {raw.cells.height:,} rows: rows beyond may have been cut off when it was saved"
        )
    return out
