"""Which column is the amount, the supplier, the date …: headings and values weighed together, with the reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import polars as pl

from cwb import lookups
from cwb.errors import LedgerError, did_you_mean
from cwb.ledger.amounts import parse_amounts
from cwb.ledger.evidence import Evidence, evidence
from cwb.ledger.headings import FIELDS, meanings, nearest_meanings, normalise

NEEDED = ("amount", "supplier")
_FIRMS = 0.3  # share of descriptions with words such as Ltd, above which they name suppliers
_AS_GOOD = 0.02  # two columns that score so alike are told apart by their place only
_DOUBTFUL = 0.55  # the confidence then: below that at which a person is asked to check
_LEAST = 0.25  # a heading that says less says nothing
_Pair = tuple[str, int]
_DEBIT = re.compile(r"\b(?:debits?|dr|paid out|payments? out|out)\b")


@dataclass(frozen=True)
class ColumnChoice:
    """Columns chosen: field → column index, with the confidence (0 to 1) and the reason of each in plain words."""

    columns: Mapping[str, int]
    headings: tuple[str | None, ...]
    confidence: Mapping[str, float]
    why: Mapping[str, str]
    vat_basis: str
    source: str

    def heading(self, field: str) -> str:
        """Return the heading text of a field's column, or its letter where the heading is blank."""
        return label(self.headings, self.columns[field])


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
    return " ".join(text.split()) if text and text.strip() else f"column {column_letter(index)}"


def _full(e: Evidence) -> float:
    """A column filled in two rows of three is as good as full."""
    return min(1.0, e.filled * 1.5)


def _fits_amount(e: Evidence) -> float:
    if e.amount < lookups.number("ledger.amount_share") or e.date > 0.5:
        return 0.0
    return e.amount * (0.35 + 0.65 * _full(e))


def _fits_supplier(e: Evidence) -> float:
    if e.filled and (e.date > 0.5 or e.letters < 0.3):
        return 0.0
    return (0.5 + 0.5 * _full(e)) * (0.75 + 0.25 * min(1.0, 3 * e.firm))


def _fits_words(e: Evidence) -> float:
    return 1.0 if e.letters > 0.3 or e.filled == 0 else 0.4


def _fits_date(e: Evidence) -> float:
    return max(e.date, 0.9 * e.serial) * (0.35 + 0.65 * _full(e))


# How well values fit a field, 0 to 1; fields not named here take any values.
_FITS: dict[str, Callable[[Evidence], float]] = {
    "amount": _fits_amount,
    "supplier": _fits_supplier,
    "credit": lambda e: 1.0 if e.amount >= lookups.number("ledger.amount_share") or e.filled == 0 else 0.0,
    "date": _fits_date,
    "invoice_date": _fits_date,
    "supplier_postcode": lambda e: 0.3 + 0.7 * e.postcode,
    "vat_number": lambda e: 1.0 if e.vat > 0.3 or e.filled == 0 else 0.2 + e.vat,
    "company_number": lambda e: 1.0 if e.company > 0.3 or e.filled == 0 else 0.2 + e.company,
    "description": _fits_words,
    "department": _fits_words,
    "category": _fits_words,
    "institution": _fits_words,
    "family": _fits_words,
}


def _gross_net_vat(body: pl.DataFrame, candidates: list[int]) -> dict[int, str]:
    """Tell net from gross and VAT by arithmetic: where a + b = c in nearly every row, c is gross."""
    values = {i: parse_amounts(body[:, i].head(2000)).cast(pl.Float64).to_numpy() for i in candidates[:6]}
    for (a, va), (b, vb), (c, vc) in permutations(values.items(), 3):
        known = ~np.isnan(va + vb + vc)
        if known.sum() < 3:
            continue
        size_a, size_b = np.abs(va[known]).sum(), np.abs(vb[known]).sum()
        ties = np.abs(va + vb - vc)[known] <= 1
        if size_a > size_b > 0 and ties.mean() >= 0.95:
            return {a: "net", b: "vat", c: "gross"}
    return {}


class _Scores:
    """How surely each column is each field, and why."""

    def __init__(self, body: pl.DataFrame, headings: Sequence[str | None]) -> None:
        self.headings = headings
        self.names = [normalise(h) for h in headings]
        self.seen = evidence(body)
        self.score: dict[_Pair, float] = {}
        self.why: dict[_Pair, str] = {}
        for i, name in enumerate(self.names):
            found = nearest_meanings(name)
            rival = found.get("other", (0.0, ""))[0]
            for field in FIELDS:
                said = found.get(field, (0.0, ""))[0]
                fit = _FITS[field](self.seen[i]) if field in _FITS else 1.0
                if said >= _LEAST and said >= rival and fit > 0:
                    self.score[field, i] = said * fit
                    self.why[field, i] = f"the heading '{label(headings, i)}' says so and {_share(field, self.seen[i])}"

    def settle_amount(self, body: pl.DataFrame) -> dict[int, str]:
        """Weigh net over gross where arithmetic tells them apart; return column → net, vat or gross."""
        numeric = [
            i for i, e in enumerate(self.seen) if e.amount > 0.9 and e.filled > 0.5 and self.names[i] and e.date < 0.5
        ]
        if len(numeric) < 3 or sum(("amount", i) in self.score for i in numeric) < 2:
            return {}
        told = _gross_net_vat(body, numeric)
        for i, what in told.items():
            if ("amount", i) not in self.score:
                continue
            if what == "net":
                self.score["amount", i] = max(self.score["amount", i], 0.9) + 0.1
                self.why["amount", i] += "; it adds with VAT to another column, so it is net"
            else:
                self.score["amount", i] *= 0.5
        return told

    def assign(self) -> dict[str, int]:
        """Return field → column, best pair first; a tie goes to the leftmost, where ledgers put what matters."""
        columns: dict[str, int] = {}
        for (field, i), _ in sorted(self.score.items(), key=lambda item: (-round(item[1], 6), item[0][1])):
            if field not in columns and i not in columns.values():
                columns[field] = i
        return columns

    def doubt_rivals(self, body: pl.DataFrame, amount: int) -> None:
        """Lower the confidence where another column with other figures could be the amount just as well."""
        score = self.score["amount", amount]
        for (field, i), other in self.score.items():
            if field == "amount" and i != amount and other > score - _AS_GOOD:
                figures = [parse_amounts(body[:, k].head(2000)) for k in (amount, i)]
                if not figures[0].equals(figures[1]):
                    self.score[field, amount] = min(score, _DOUBTFUL)
                    self.why[field, amount] += f"; '{label(self.headings, i)}' could be it as well"

    def guess(self, columns: dict[str, int]) -> None:
        """Fill the three fields that matter from values alone, where headings are silent; the confidence stays low."""
        for field, rank in _RANKS.items():
            if field in columns:
                continue
            taken = set(columns.values())
            if (
                field == "supplier"
                and (body := columns.get("institution")) is not None
                and self.seen[body].distinct > 0.2
            ):
                taken.discard(body)  # many bodies and no supplier: they are the bodies paid
            told = columns.get("description")
            if field == "supplier" and told is not None and self.seen[told].firm > _FIRMS:
                taken.discard(told)  # some systems name the supplier in the description and nowhere else
            open_ = [i for i in range(len(self.seen)) if i not in taken and "other" not in meanings(self.names[i])]
            best = max(open_, key=lambda i: rank(self.seen[i]), default=None)
            if best is None or rank(self.seen[best]) < 0.15:
                continue
            columns[field] = best
            for other in ("institution", "description"):
                if columns.get(other) == best:
                    del columns[other]
            self.score[field, best] = 0.5 * rank(self.seen[best])
            share = _share(field, self.seen[best])
            self.why[field, best] = f"no heading says so; its values look like it ({share})"


_RANKS: dict[str, Callable[[Evidence], float]] = {
    "amount": lambda e: e.amount * e.filled * (0.3 + 0.7 * e.decimals) if e.amount > 0.8 and e.date < 0.5 else 0.0,
    "date": lambda e: e.date * e.filled if e.date > 0.8 and e.period < 0.5 else 0.0,
    "supplier": lambda e: e.firm * e.filled * (0.5 + 0.5 * e.distinct) if e.letters > 0.6 and e.date < 0.5 else 0.0,
}


def choose_columns(body: pl.DataFrame, headings: Sequence[str | None], where: str) -> ColumnChoice:
    """Return the columns of a table from headings and values.

    Raises:
        LedgerError: no column can be the amount, or none the supplier; the text names the headings found.
    """
    scores = _Scores(body, headings)
    told = scores.settle_amount(body)
    columns = scores.assign()
    scores.guess(columns)
    if "credit" in columns and not _has_debits(columns, headings):
        del columns["credit"]
    elif "credit" in columns:
        scores.score["amount", columns["amount"]] += 0.3
        scores.why["amount", columns["amount"]] += f"; less '{label(headings, columns['credit'])}'"
    for field in NEEDED:
        if field not in columns:
            raise _missing(field, headings, where)
    amount = columns["amount"]
    if not told:
        scores.doubt_rivals(body, amount)
    return ColumnChoice(
        columns=columns,
        headings=tuple(headings),
        confidence={f: round(min(1.0, scores.score[f, i]), 3) for f, i in columns.items()},
        why={f: scores.why[f, i] for f, i in columns.items()},
        vat_basis=told.get(amount) or _basis(headings, amount),
        source="guessed",
    )


def _has_debits(columns: Mapping[str, int], headings: Sequence[str | None]) -> bool:
    """Whether the amounts are debits; beside signed amounts, a column of credits repeats some of them."""
    return "amount" in columns and bool(_DEBIT.search(normalise(headings[columns["amount"]])))


def _basis(headings: Sequence[str | None], amount: int) -> str:
    return meanings(normalise(headings[amount])).get("amount", (0.0, "unknown"))[1]


def _share(field: str, e: Evidence) -> str:
    shares = {"amount": e.amount, "date": max(e.date, e.serial), "supplier_postcode": e.postcode, "vat_number": e.vat}
    kinds = {"amount": "an amount", "date": "a date", "supplier_postcode": "a postcode", "vat_number": "a VAT number"}
    if field in shares:
        return f"{shares[field]:.0%} of its cells read as {kinds[field]}"
    return f"{e.filled:.0%} of its cells are filled"


def _printed(headings: Sequence[str | None]) -> list[str]:
    return [" ".join(h.split()) for h in headings if h and h.strip()]


def _missing(field: str, headings: Sequence[str | None], where: str) -> LedgerError:
    found = _printed(headings)
    known = {"amount": ["Amount", "Net Amount", "Spend"], "supplier": ["Supplier", "Vendor", "Payee"]}[field]
    near = next((h for h in found if did_you_mean(h, known, cutoff=75)), None)
    hint = f" Did you mean {near}? Name it with --columns." if near else " Name it with --columns."
    return LedgerError(f"{where}: no {field} column. Found: {', '.join(found)[:300] or 'no headings'}.{hint}")


def _find(headings: Sequence[str | None], wanted: str) -> int | None:
    exact = {label(headings, i).strip(): i for i in reversed(range(len(headings)))}
    loose = {normalise(h): i for i, h in reversed(list(enumerate(headings))) if h and h.strip()}
    return exact.get(" ".join(wanted.split()), loose.get(normalise(wanted)))


def override_columns(
    headings: Sequence[str | None], wanted: Mapping[str, str], guessed: ColumnChoice | None, where: str, source: str
) -> ColumnChoice:
    """Return the choice with a person's columns in place of guesses; an empty heading drops the field.

    Raises:
        LedgerError: a field or heading is unknown, or amount or supplier would be missing.
    """
    chosen: dict[str, int] = {}
    for field, heading in wanted.items():
        if field not in FIELDS:
            near = did_you_mean(field, FIELDS)
            raise LedgerError(f"{where}: no field '{field}' to map.{near} Known: {', '.join(FIELDS)}.")
        index = _find(headings, heading) if heading else None
        if heading and index is None:
            found = _printed(headings)
            near = did_you_mean(heading, found)
            raise LedgerError(f"{where}: no column '{heading}' for {field}.{near} Found: {', '.join(found)[:300]}.")
        if index is not None:
            chosen[field] = index
    kept = dict(guessed.columns) if guessed else {}
    columns = {f: i for f, i in kept.items() if f not in wanted and i not in chosen.values()} | chosen
    if "credit" not in wanted and not _has_debits(columns, headings):
        columns.pop("credit", None)
    for field in NEEDED:
        if field not in columns:
            raise _missing(field, headings, where)
    return ColumnChoice(
        columns=columns,
        headings=tuple(headings),
        confidence={f: 1.0 if f in chosen or not guessed else guessed.confidence[f] for f in columns},
        why={f: source if f in chosen or not guessed else guessed.why[f] for f in columns},
        vat_basis=_basis(headings, columns["amount"]),
        source=source,
    )
