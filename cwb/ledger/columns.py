"""Which column is the amount, the supplier, the date …: headings and values weighed together, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cwb import lookups
from cwb.errors import LedgerError, did_you_mean
from cwb.ledger.amounts import parse_amounts
from cwb.ledger.dates import read_cell
from cwb.ledger.headings import FIELDS, meanings, normalise

_SAMPLE = 400
_POSTCODE = r"(?i)^\s*[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\s*$"
_VAT = r"(?i)^\s*(?:GB)?\s*\d{3}\s?\d{4}\s?\d{2}(?:\s?\d{3})?\s*$"
_COMPANY = r"(?i)^\s*(?:\d{7,8}|(?:SC|NI|OC|SO|OE|IP|RS|FC|BR)\d{6})\s*$"
_FIRM = r"(?i)\b(?:ltd|limited|plc|llp|council|trust|services?|group|company|university|nhs|uk)\b"
_LEAST = 0.25  # below this a heading says nothing


@dataclass(frozen=True)
class Mapping_:
    """Columns chosen: field → column index, with the confidence (0 to 1) and the reason of each in plain words."""

    columns: Mapping[str, int]
    headings: tuple[str | None, ...]
    confidence: Mapping[str, float]
    why: Mapping[str, str]
    vat_basis: str
    source: str

    def heading(self, field: str) -> str:
        """The heading text of a field's column, or its letter where the heading is blank."""
        return label(self.headings, self.columns[field])


@dataclass(frozen=True)
class Evidence:
    """What the values of one column look like: shares of its filled cells, 0 to 1."""

    filled: float
    amount: float
    decimals: float
    date: float
    serial: float
    letters: float
    postcode: float
    vat: float
    company: float
    firm: float
    distinct: float


def column_letter(index: int) -> str:
    """Return the spreadsheet letter of a column: 0 → A, 26 → AA."""
    out = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        out = chr(65 + rest) + out
    return out


def label(headings: Sequence[str | None], index: int) -> str:
    """Return the heading as printed, or "column B" where there is none."""
    text = headings[index] if index < len(headings) else None
    return text if text and text.strip() else f"column {column_letter(index)}"


def evidence(body: pl.DataFrame) -> list[Evidence]:
    """Return what each column's values look like, from at most 400 filled rows spread over the table."""
    filled_rows = body.filter(~pl.all_horizontal(pl.all().is_null()))
    step = max(1, filled_rows.height // _SAMPLE)
    sample = filled_rows.gather_every(step)
    out = []
    for name in sample.columns:
        cells = sample[name].drop_nulls()
        cells = cells.filter(cells.str.strip_chars() != "")
        n = len(cells)
        if not n:
            out.append(Evidence(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
            continue
        distinct = cells.unique()
        readings = {c: read_cell(c) for c in distinct}
        dates = {c for c, r in readings.items() if r is not None and r.kind != "serial"}
        serials = {c for c, r in readings.items() if r is not None and r.kind == "serial"}
        flags = cells.to_frame("x").select(
            letters=pl.col("x").str.contains(r"[A-Za-z]{2,}").mean(),
            decimals=pl.col("x").str.contains(r"\d[.]\d{1,2}\)?\s*-?$|£|\d,\d{3}").mean(),
            postcode=pl.col("x").str.contains(_POSTCODE).mean(),
            vat=pl.col("x").str.contains(_VAT).mean(),
            company=pl.col("x").str.contains(_COMPANY).mean(),
            firm=pl.col("x").str.contains(_FIRM).mean(),
        ).row(0, named=True)
        out.append(
            Evidence(
                filled=n / max(sample.height, 1),
                amount=1 - parse_amounts(cells).null_count() / n,
                date=float(cells.is_in(list(dates)).mean() or 0) if dates else 0.0,
                serial=float(cells.is_in(list(serials)).mean() or 0) if serials else 0.0,
                distinct=len(distinct) / n,
                **{k: float(v or 0) for k, v in flags.items()},
            )
        )
    return out


def _fits(field: str, e: Evidence) -> float:
    """How well values fit a field, 0 to 1; 1 where values cannot speak against it."""
    if field == "amount":
        if e.amount < lookups.number("ledger.amount_share") or e.date > 0.5:
            return 0.0
        return e.amount * (0.35 + 0.65 * min(1.0, e.filled * 1.5))
    if field == "date":
        return max(e.date, 0.9 * e.serial) * (0.35 + 0.65 * min(1.0, e.filled * 1.5))
    if field == "supplier":
        if e.filled and (e.date > 0.5 or e.letters < 0.3):
            return 0.0
        return (0.5 + 0.5 * min(1.0, e.filled * 1.5)) * (0.75 + 0.25 * min(1.0, 3 * e.firm))
    if field == "supplier_postcode":
        return 0.3 + 0.7 * e.postcode
    if field == "vat_number":
        return 1.0 if e.vat > 0.3 or e.filled == 0 else 0.2 + e.vat
    if field == "company_number":
        return 1.0 if e.company > 0.3 or e.filled == 0 else 0.2 + e.company
    if field in ("description", "department", "category", "institution", "family"):
        return 1.0 if e.letters > 0.3 or e.filled == 0 else 0.4
    return 1.0


def _gross_net_vat(body: pl.DataFrame, candidates: list[int]) -> dict[int, str]:
    """Tell net from gross and VAT by arithmetic: where a + b = c in nearly every row, c is gross."""
    if len(candidates) < 3:
        return {}
    head = body.head(2000)
    values = {i: parse_amounts(head[:, i]).to_numpy() for i in candidates[:6]}
    for c in values:
        for a in values:
            for b in values:
                if a == c or b == c or a == b:
                    continue
                with np.errstate(invalid="ignore"):
                    known = ~np.isnan(values[a] + values[b] + values[c])
                    ties = np.abs(values[a] + values[b] - values[c])[known] <= 1
                    if known.sum() < 3 or ties.mean() < 0.95 or not np.nansum(np.abs(values[b][known])) > 0:
                        continue
                    if np.nansum(np.abs(values[a][known])) > np.nansum(np.abs(values[b][known])):
                        return {a: "net", b: "vat", c: "gross"}
    return {}


def choose_columns(body: pl.DataFrame, headings: Sequence[str | None], where: str) -> Mapping_:
    """Return the columns of a table from headings and values.

    Raises:
        LedgerError: no column can be the amount, or none the supplier; the text names the headings found.
    """
    seen = evidence(body)
    names = [normalise(h) for h in headings]
    scores: dict[tuple[str, int], float] = {}
    because: dict[tuple[str, int], str] = {}
    for i, name in enumerate(names):
        found = meanings(name)
        for field in FIELDS:
            said = found.get(field, (0.0, ""))[0]
            rival = found.get("other", (0.0, ""))[0]
            if said < _LEAST or rival > said:
                continue
            fit = _fits(field, seen[i])
            if fit > 0:
                scores[field, i] = said * fit
                because[field, i] = f"the heading '{label(headings, i)}' says so and {_share(field, seen[i])}"
    basis = _settle_amount(body, headings, names, seen, scores, because)
    columns, taken = _assign(scores)
    _guess_from_values(columns, taken, seen, names, scores, because)
    if "amount" not in columns:
        raise _missing("amount", headings, where)
    if "supplier" not in columns:
        raise _missing("supplier", headings, where)
    return Mapping_(
        columns=columns,
        headings=tuple(headings),
        confidence={f: round(min(1.0, scores[f, i]), 3) for f, i in columns.items()},
        why={f: because[f, i] for f, i in columns.items()},
        vat_basis=basis.get(columns["amount"]) or meanings(names[columns["amount"]]).get("amount", (0, "unknown"))[1],
        source="guessed",
    )


def _share(field: str, e: Evidence) -> str:
    shares = {"amount": e.amount, "date": max(e.date, e.serial), "supplier_postcode": e.postcode, "vat_number": e.vat}
    kinds = {"amount": "an amount", "date": "a date", "supplier_postcode": "a postcode", "vat_number": "a VAT number"}
    if field in shares:
        return f"{shares[field]:.0%} of its cells read as {kinds[field]}"
    return f"{e.filled:.0%} of its cells are filled"


def _settle_amount(
    body: pl.DataFrame, headings: Sequence[str | None], names: list[str], seen: list[Evidence],
    scores: dict[tuple[str, int], float], because: dict[tuple[str, int], str],
) -> dict[int, str]:  # fmt: skip
    numeric = [i for i, e in enumerate(seen) if e.amount > 0.9 and e.filled > 0.5 and names[i] and e.date < 0.5]
    by_sum = _gross_net_vat(body, numeric) if sum(("amount", i) in scores for i in numeric) > 1 else {}
    for i, what in by_sum.items():
        if ("amount", i) not in scores:
            continue
        if what == "net":
            scores["amount", i] = max(scores["amount", i], 0.9) + 0.1
            because["amount", i] += "; it adds with VAT to another column, so it is net"
        else:
            scores["amount", i] *= 0.5
    return by_sum


def _assign(scores: Mapping[tuple[str, int], float]) -> tuple[dict[str, int], set[int]]:
    columns: dict[str, int] = {}
    taken: set[int] = set()
    # Best pair first; a tie goes to the leftmost column, where ledgers put what matters.
    for (field, i), _ in sorted(scores.items(), key=lambda item: (-round(item[1], 6), item[0][1])):
        if field not in columns and i not in taken:
            columns[field] = i
            taken.add(i)
    return columns, taken


def _guess_from_values(
    columns: dict[str, int], taken: set[int], seen: list[Evidence], names: list[str],
    scores: dict[tuple[str, int], float], because: dict[tuple[str, int], str],
) -> None:  # fmt: skip
    """Fill the three fields that matter from values alone, where headings are silent; the confidence stays low."""

    def unknown(i: int) -> bool:
        return i not in taken and "other" not in meanings(names[i])

    ranked = {
        "amount": lambda e: e.amount * e.filled * (0.3 + 0.7 * e.decimals) if e.amount > 0.8 and e.date < 0.5 else 0.0,
        "date": lambda e: e.date * e.filled if e.date > 0.8 else 0.0,
        "supplier": lambda e: e.firm * e.filled * (0.5 + 0.5 * e.distinct) if e.letters > 0.6 and e.date < 0.5 else 0.0,
    }
    for field, rank in ranked.items():
        if field in columns:
            continue
        best = max((i for i in range(len(seen)) if unknown(i)), key=lambda i: rank(seen[i]), default=None)
        if best is None or rank(seen[best]) < 0.15:
            continue
        columns[field] = best
        taken.add(best)
        scores[field, best] = 0.5 * rank(seen[best])
        because[field, best] = f"no heading says so; its values look like it ({_share(field, seen[best])})"


def _missing(field: str, headings: Sequence[str | None], where: str) -> LedgerError:
    found = [h.strip() for h in headings if h and h.strip()]
    known = {"amount": ["Amount", "Net Amount", "Spend"], "supplier": ["Supplier", "Vendor", "Payee"]}[field]
    near = next((h for h in found if did_you_mean(h, known, cutoff=75)), None)
    hint = f" Did you mean {near}? Name it with --columns." if near else " Name it with --columns."
    return LedgerError(f"{where}: no {field} column. Found: {', '.join(found)[:300] or 'no headings'}.{hint}")


def override_columns(
    headings: Sequence[str | None], wanted: Mapping[str, str], guessed: Mapping_ | None, where: str, source: str
) -> Mapping_:
    """Return the mapping with a person's choices in place of guesses; an empty heading drops the field.

    Raises:
        LedgerError: a field or heading is unknown, or amount or supplier would be missing.
    """
    by_name = {normalise(h): i for i, h in reversed(list(enumerate(headings))) if h and h.strip()}
    by_print = {(h or "").strip(): i for i, h in reversed(list(enumerate(headings)))}
    columns = dict(guessed.columns) if guessed else {}
    why = dict(guessed.why) if guessed else {}
    confidence = dict(guessed.confidence) if guessed else {}
    chosen: dict[str, int] = {}
    for field, heading in wanted.items():
        if field not in FIELDS:
            raise LedgerError(f"{where}: no field '{field}' to map.{did_you_mean(field, FIELDS)} Known: {', '.join(FIELDS)}.")
        if not heading:
            columns.pop(field, None)
            continue
        index = by_print.get(heading.strip(), by_name.get(normalise(heading)))
        if index is None and heading.startswith("column "):
            index = next((i for i in range(len(headings)) if label(headings, i) == heading), None)
        if index is None:
            found = [h.strip() for h in headings if h and h.strip()]
            raise LedgerError(f"{where}: no column '{heading}' for {field}.{did_you_mean(heading, found)} Found: {', '.join(found)[:300]}.")
        chosen[field] = index
    columns = {f: i for f, i in columns.items() if i not in chosen.values() and f not in chosen} | chosen
    for field in chosen:
        why[field], confidence[field] = f"{source}", 1.0
    for field in ("amount", "supplier"):
        if field not in columns:
            raise _missing(field, headings, where)
    return Mapping_(
        columns=columns,
        headings=tuple(headings),
        confidence={f: confidence[f] for f in columns},
        why={f: why[f] for f in columns},
        vat_basis=meanings(normalise(headings[columns["amount"]])).get("amount", (0, "unknown"))[1],
        source=source,
    )
