"""Which rows below the headings are payments, printed totals, blank, or cannot be used, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from cwb import lookups
from cwb.ledger.amounts import many_decimals, parse_amount, parse_amounts, refusal
from cwb.ledger.columns import Mapping_
from cwb.ledger.dates import ParsedDates, parse_dates
from cwb.ledger.headings import normalise, row_score

_PAYMENT, _BLANK, _TOTAL, _REJECT = 0, 1, 2, 3
_HEADING_SCORE = 1.5


@dataclass(frozen=True)
class Rows:
    """Rows of one table sorted into kinds; indexes count from the first row below the headings.

    `payments` and `blank` are boolean masks over the rows. `totals` are (index, label, pence, ties, reason);
    `rejects` are (index, reason). `amounts` has pence for every row that prints an amount.
    """

    payments: pl.Series
    blank: int
    totals: list[tuple[int, str | None, int, bool | None, str]]
    rejects: list[tuple[int, str]]
    amounts: pl.Series
    dates: ParsedDates | None


@cache
def _total_label() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{w})" for w in lookups.table("ledger/total_labels")["wording"]))


def _words(cell: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", cell.casefold()).strip()


def is_total_label(cell: str) -> bool:
    """Return whether a cell is nothing but the label of a total."""
    return bool(_total_label().fullmatch(_words(cell)))


def _filled(cells: pl.DataFrame) -> pl.Series:
    return cells.select(
        pl.sum_horizontal(pl.all().is_not_null() & (pl.all().str.strip_chars() != "")).cast(pl.Int32).alias("n")
    )["n"]


def heading_rows(cells: pl.DataFrame, candidates: pl.Series) -> list[int]:
    """Return which of the candidate rows (a boolean mask) look like headings of a further table."""
    at = candidates.arg_true()
    if at.is_empty():
        return []
    words = cells[at].select(pl.concat_str(pl.all(), separator="|", ignore_nulls=True).alias("x"))["x"]
    wordy = at.filter(~words.str.contains(r"\d{3,}") & words.str.contains(r"[A-Za-z][^|]*\|+[^|]*[A-Za-z]"))
    return [int(i) for i in wordy.head(3000) if row_score(cells.row(int(i))) >= _HEADING_SCORE]


def sort_rows(cells: pl.DataFrame, mapping: Mapping_, *, epoch_1904: bool = False) -> Rows:
    """Sort the rows below a table's headings; every row goes to exactly one kind.

    A row is a payment when it prints an amount and is not recognised as a total. It is a total by its label, or because
    it prints an amount and nothing else, or by arithmetic: sparse, undated and equal to the sum of the rows above.
    """
    amount_cells = cells[:, mapping.columns["amount"]]
    amounts = parse_amounts(amount_cells)
    supplier = cells[:, mapping.columns["supplier"]]
    no_supplier = supplier.is_null() | (supplier.str.strip_chars() == "").fill_null(True)
    dates = None
    undated = pl.Series([True]).new_from_index(0, cells.height)
    if "date" in mapping.columns:
        dates = parse_dates(cells[:, mapping.columns["date"]], epoch_1904=epoch_1904)
        undated = dates.values.is_null()
    total_word = supplier.str.contains(r"(?i)\btotals?\b").fill_null(False)
    suspect = amounts.is_null() | no_supplier | total_word | (undated if dates is not None else False)
    kinds = np.zeros(cells.height, dtype=np.int8)
    reasons: dict[int, str] = {}
    labels: dict[int, str | None] = {}
    at = suspect.arg_true()
    if len(at):
        sure = cells.filter(~suspect)
        typical = float(np.median(_filled(sure.head(2000)).to_numpy())) if sure.height else 0.0
        subset = cells[at]
        filled = _filled(subset).to_numpy()
        if not typical:
            typical = float(np.median(filled[filled > 0])) if (filled > 0).any() else 0.0
        last_sure = int((~suspect).arg_true().max() or -1) if sure.height else -1
        indexes = at.to_numpy()
        pence = amounts[at]
        has_amount = pence.is_not_null().to_numpy()
        kinds[indexes[filled == 0]] = _BLANK
        sparse = filled <= max(2.0, typical * 0.5)
        totalish = _any_total(subset).to_numpy() | total_word[at].to_numpy()
        look = (filled > 0) & (~has_amount | sparse | totalish)
        undated_np, no_supplier_np = undated.to_numpy(), no_supplier.to_numpy()
        for j in np.flatnonzero(look):
            i = int(indexes[j])
            row = subset.row(int(j))
            if not has_amount[j]:
                kinds[i], reasons[i] = _REJECT, _why_rejected(row, mapping)
                continue
            verdict = _total_reason(
                row, mapping, undated=bool(undated_np[i]), no_supplier=bool(no_supplier_np[i]),
                dated_file=dates is not None and sure.height > 0, sparse=bool(sparse[j]),
                below=i > last_sure >= 0, filled=int(filled[j]), typical=typical,
            )  # fmt: skip
            if verdict == "":
                continue
            if int(pence[int(j)]) == 0 and filled[j] == 1:
                kinds[i] = _BLANK  # a formula left in a row of padding
                continue
            kinds[i], reasons[i], labels[i] = _TOTAL, verdict, _label(row, mapping)
    payments = pl.Series(kinds == _PAYMENT)
    _by_arithmetic(cells, kinds, reasons, labels, amounts, no_supplier, undated, mapping)
    payments = pl.Series(kinds == _PAYMENT)
    totals = _ties(kinds, reasons, labels, amounts, many_decimals(amount_cells))
    rejects = [(int(i), reasons[int(i)]) for i in np.flatnonzero(kinds == _REJECT)]
    return Rows(payments, int((kinds == _BLANK).sum()), totals, rejects, amounts, dates)


def _any_total(cells: pl.DataFrame) -> pl.Series:
    words = [pl.col(c).str.contains(r"(?i)total|^\s*sum\b|forward|^\s*count\b") for c in cells.columns]
    return cells.select(pl.any_horizontal(w.fill_null(False) for w in words).alias("x"))["x"]


def _why_rejected(row: Sequence[str | None], mapping: Mapping_) -> str:
    if [normalise(c) for c in row if c and c.strip()] == [normalise(h) for h in mapping.headings if h and h.strip()]:
        return "headings printed again"
    amount = row[mapping.columns["amount"]]
    if amount and amount.strip():
        return refusal(amount)
    texts = [c for c in row if c and c.strip()]
    if any(is_total_label(c) for c in texts):
        return "a total with nothing in the amount column"
    if len(texts) == 1:
        return "a section heading or note: one cell and no amount"
    return "no amount"


def _label(row: Sequence[str | None], mapping: Mapping_) -> str | None:
    cells = [c.strip() for i, c in enumerate(row) if c and c.strip() and i != mapping.columns["amount"]]
    return next((c for c in cells if re.search(r"[A-Za-z]", c)), None)


def _total_reason(
    row: Sequence[str | None], mapping: Mapping_, *, undated: bool, no_supplier: bool, dated_file: bool,
    sparse: bool, below: bool, filled: int, typical: float,
) -> str:  # fmt: skip
    """Return why a row with an amount is a printed total, or an empty string where it is a payment."""
    others = [c for i, c in enumerate(row) if c and c.strip() and i != mapping.columns["amount"]]
    supplier = row[mapping.columns["supplier"]] or ""
    lettered = [c for c in others if re.search(r"[A-Za-z]", c)]
    fewer = filled < typical or typical <= 2
    if any(is_total_label(c) for c in others) and undated and (no_supplier or is_total_label(supplier) or sparse) and fewer:
        return "its label says it is a total"
    if undated and sparse and fewer and any(re.search(r"(?i)\S\s+(?:sub ?)?totals?\s*:?$", c.strip()) for c in lettered):
        return "its label says it is a subtotal"
    if not no_supplier or not undated:
        if dated_file and undated and sparse and below and filled <= 3 and fewer and typical > 4:
            return "a reconciliation line below the last payment"
        return ""
    if not others or (not lettered and all(parse_amount(c)[0] is not None for c in others)):
        return "an amount and nothing else"
    if sparse and below and len(lettered) <= 1 and fewer:
        return "a reconciliation line below the last payment"
    return ""


def _by_arithmetic(
    cells: pl.DataFrame, kinds: np.ndarray, reasons: dict[int, str], labels: dict[int, str | None], amounts: pl.Series,  # type: ignore[type-arg]
    no_supplier: pl.Series, undated: pl.Series, mapping: Mapping_,
) -> None:  # fmt: skip
    """Set aside unnamed, undated rows whose amount equals the sum of at least two payments above."""
    doubtful = (no_supplier & undated & amounts.is_not_null()).to_numpy() & (kinds == _PAYMENT)
    if not doubtful.any():
        return
    pence = np.where(kinds == _PAYMENT, amounts.fill_null(0).to_numpy(), 0)
    running = np.cumsum(pence)
    start = 0
    for i in np.flatnonzero(doubtful):
        before = running[i] - pence[i]
        since = before - (running[start - 1] if start else 0)
        if i - start >= 2 and amounts[int(i)] != 0 and int(amounts[int(i)]) in (int(before), int(since)):
            kinds[i], reasons[int(i)] = _TOTAL, "it equals the sum of the rows above"
            labels[int(i)] = _label(cells.row(int(i)), mapping)
            running[i:] -= pence[i]
            pence[i] = 0
            start = int(i) + 1


def _ties(
    kinds: np.ndarray, reasons: dict[int, str], labels: dict[int, str | None], amounts: pl.Series, fine_rows: int  # type: ignore[type-arg]
) -> list[tuple[int, str | None, int, bool | None, str]]:
    at = np.flatnonzero(kinds == _TOTAL)
    if not at.size:
        return []
    tolerance = lookups.number("ledger.tie_tolerance") + fine_rows / 2
    pence = np.where(kinds == _PAYMENT, amounts.fill_null(0).to_numpy(), 0)
    running = np.cumsum(pence)
    bounds = [0]
    out: list[tuple[int, str | None, int, bool | None, str]] = []
    for i in at:
        printed = int(amounts[int(i)])
        above = int(running[i])
        starts = np.array(bounds[-200:])
        ties: bool | None = bool((np.abs(above - starts - printed) <= tolerance).any())
        after = int(running[-1]) - above
        if not ties and abs(after - printed) <= tolerance and after:
            ties = True  # a total printed above the rows it covers
        if not ties and reasons[int(i)].startswith("a reconciliation"):
            ties = None
        out.append((int(i), labels[int(i)], printed, ties, reasons[int(i)]))
        if above != bounds[-1]:
            bounds.append(above)
    return out
