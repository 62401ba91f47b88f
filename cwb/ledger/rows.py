"""Which rows below the headings are payments, printed totals, blank, or cannot be used, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cwb import lookups
from cwb.ledger.amounts import many_decimals, parse_amount, parse_amounts, refusal
from cwb.ledger.columns import ColumnChoice
from cwb.ledger.dates import ParsedDates, parse_dates
from cwb.ledger.headings import normalise, row_score

PAYMENT, BLANK, TOTAL, REJECT = 0, 1, 2, 3
_HEADING_SCORE = 1.5
_LETTERS = re.compile(r"[A-Za-z]")
_SUBTOTAL = re.compile(r"(?i)\S\s+(?:sub[ -]?)?totals?\s*:?$")


@dataclass(frozen=True)
class Rows:
    """Rows of one table sorted into kinds; indexes count from the first row below the headings.

    `payments` is a mask over the rows, or None where every row is one. `totals` are (index, label, pence, ties,
    reason), `rejects` are (index, reason). `amounts` has pence for every row that prints an amount. `nameless` says
    whether any row has no supplier.
    """

    payments: pl.Series | None
    blank: int
    totals: list[tuple[int, str | None, int, bool | None, str]]
    rejects: list[tuple[int, str]]
    amounts: pl.Series
    dates: ParsedDates | None
    notes: tuple[str, ...] = ()
    nameless: bool = False


@dataclass
class _Kinds:
    """The verdicts while they are being reached."""

    kind: NDArray[np.int8]
    reason: dict[int, str]
    label: dict[int, str | None]

    def set(self, i: int, kind: int, reason: str, label: str | None = None) -> None:
        self.kind[i], self.reason[i], self.label[i] = kind, reason, label


@dataclass(frozen=True)
class _Look:
    """What is known of one doubtful row that prints an amount."""

    undated: bool
    no_supplier: bool
    sparse: bool  # fills at most half the cells that payments fill
    fewer: bool  # fills fewer than payments do
    below: bool  # stands below the last plain payment
    apart: bool  # with another row between
    dated_file: bool


@cache
def _labels(kind: str) -> re.Pattern[str]:
    wordings = lookups.table("ledger/total_labels").filter(pl.col("kind") == kind)["wording"]
    return re.compile("|".join(f"(?:{w})" for w in wordings))


def _is_label(cell: str, kind: str) -> bool:
    return bool(_labels(kind).fullmatch(re.sub(r"[^a-z0-9]+", " ", cell.casefold()).strip()))


def is_total_label(cell: str) -> bool:
    """Return whether a cell is nothing but the label of a total of money."""
    return _is_label(cell, "total") and not is_count_label(cell)


def is_count_label(cell: str) -> bool:
    """Return whether a cell is nothing but the label of a number of rows, whose figure is no money."""
    return _is_label(cell, "count")


def sort_rows(cells: pl.DataFrame, choice: ColumnChoice, *, epoch_1904: bool = False) -> Rows:
    """Sort the rows below a table's headings; every row goes to exactly one kind.

    A row is a payment when it prints an amount and is not recognised as a total. It is a total by its label, or because
    it prints an amount and nothing else, or by arithmetic: unnamed, undated and equal to the sum of the rows above.
    """
    at = choice.columns
    amounts, notes = _amounts(cells, choice)
    dates = parse_dates(cells[:, at["date"]], epoch_1904=epoch_1904) if "date" in at else None
    supplier = cells.columns[at["supplier"]]
    supplier_cells = cells[supplier]
    looks = cells.select(
        no_supplier=(pl.col(supplier).str.strip_chars().fill_null("") == ""),
        totalish=pl.col(supplier).str.contains(r"(?i)\btotals?\b|^\s*(?:number|no\.?|count) of\b").fill_null(False),
    )
    no_supplier = looks["no_supplier"]
    undated = dates.values.is_null() if dates else None
    suspect = amounts.is_null() | no_supplier | looks["totalish"]
    if undated is not None:
        suspect |= undated
    shifted = _shifted(cells, choice)
    if not suspect.any() and not shifted:
        return Rows(None, 0, [], [], amounts, dates, notes)
    kinds = _Kinds(np.zeros(cells.height, dtype=np.int8), {}, {})
    if suspect.any():
        _sort_suspects(cells, choice, kinds, suspect=suspect, amounts=amounts, no_supplier=no_supplier, undated=undated)
    for i in shifted:
        if kinds.kind[i] == PAYMENT:
            kinds.set(i, REJECT, "more cells than headings: a comma inside a text has shifted the amount")
    doubtful = no_supplier & undated if undated is not None else no_supplier
    if looks["totalish"].any():  # a total with the day of the report beside it
        labelled = [n for n in supplier_cells.filter(looks["totalish"]).unique() if is_total_label(n)]
        doubtful |= supplier_cells.is_in(labelled).fill_null(False)
    if undated is not None:
        doubtful |= _labelled(cells, no_supplier & ~undated & amounts.is_not_null()) | _sparse(cells, undated)
    doubtful_rows = (doubtful & amounts.is_not_null()).to_numpy() & (kinds.kind == PAYMENT)
    if doubtful_rows.any():
        _by_arithmetic(cells, choice, kinds, amounts, doubtful_rows)
    rejects = [(int(i), kinds.reason[int(i)]) for i in np.flatnonzero(kinds.kind == REJECT)]
    return Rows(
        payments=pl.Series(kinds.kind == PAYMENT),
        blank=int((kinds.kind == BLANK).sum()),
        totals=_ties(kinds, amounts, many_decimals(cells[:, at["amount"]])),
        rejects=rejects,
        amounts=amounts,
        dates=dates,
        notes=notes,
        nameless=bool(no_supplier.any()),
    )


def _amounts(cells: pl.DataFrame, choice: ColumnChoice) -> tuple[pl.Series, tuple[str, ...]]:
    """Return pence of every row, and how they were come by where debits and credits have a column each."""
    amounts = parse_amounts(cells[:, choice.columns["amount"]])
    if "credit" not in choice.columns:
        return amounts, ()
    taken_off = parse_amounts(cells[:, choice.columns["credit"]])
    signed = int((taken_off < 0).sum()) > int((taken_off > 0).sum())
    printed = [cells[:, choice.columns[f]].str.strip_chars().fill_null("") != "" for f in ("amount", "credit")]
    unread = (printed[0] & amounts.is_null()) | (printed[1] & taken_off.is_null())
    both = amounts.fill_null(0) + taken_off.fill_null(0) * (1 if signed else -1)
    known = (printed[0] | printed[1]) & ~unread
    debit, credit = choice.heading("amount"), choice.heading("credit")
    how = f"'{debit}' plus '{credit}', whose figures carry their minus" if signed else f"'{debit}' less '{credit}'"
    return both.zip_with(known, pl.Series([None], dtype=pl.Int64)).alias("amount_pence"), (f"amounts are {how}",)


def heading_rows(cells: pl.DataFrame, candidates: Sequence[int]) -> list[int]:
    """Return which of the candidate rows look like headings of a further table."""
    if not candidates:
        return []
    at = pl.Series(candidates, dtype=pl.UInt32)
    words = cells[at].select(pl.concat_str(pl.all(), separator="|", ignore_nulls=True).alias("x"))["x"]
    wordy = at.filter(~words.str.contains(r"\d{3,}") & words.str.contains(r"[A-Za-z][^|]*\|+[^|]*[A-Za-z]"))
    return [int(i) for i in wordy.head(3000) if row_score(cells.row(int(i))) >= _HEADING_SCORE]


def _labelled(cells: pl.DataFrame, nameless: pl.Series) -> pl.Series:
    """Return which of the nameless rows have a cell that is nothing but the label of a total, whatever is beside it."""
    at = nameless.arg_true()
    out = np.zeros(cells.height, dtype=bool)
    if len(at):
        words = [pl.col(c).str.contains(r"(?i)\btotals?\b").fill_null(False) for c in cells.columns]
        for i in at.filter(cells[at].select(pl.any_horizontal(words).alias("x"))["x"]):
            out[int(i)] = any(c and is_total_label(c) for c in cells.row(int(i)))
    return pl.Series(out)


def _sparse(cells: pl.DataFrame, undated: pl.Series) -> pl.Series:
    """Return which of the undated rows fill at most half the cells that dated rows fill: a section and its sum."""
    at, dated = undated.arg_true(), (~undated).arg_true()
    out = np.zeros(cells.height, dtype=bool)
    if len(at) and len(dated):
        typical = float(np.median(_filled(cells[dated.head(2000)])))
        out[at.to_numpy()] = _filled(cells[at]) <= max(2.0, typical / 2)
    return pl.Series(out)


def _filled(cells: pl.DataFrame) -> NDArray[np.int32]:
    filled = pl.all().is_not_null() & (pl.all().str.strip_chars() != "")
    return cells.select(pl.sum_horizontal(filled).cast(pl.Int32).alias("n"))["n"].to_numpy()


def _shifted(cells: pl.DataFrame, choice: ColumnChoice) -> list[int]:
    """Return rows whose amount an unquoted comma has moved to the right, into a column that has no heading."""
    headed = max((i for i, h in enumerate(choice.headings) if h and h.strip()), default=0)
    beyond = cells.columns[max(headed, *choice.columns.values()) + 1 :]
    if not beyond or choice.columns["amount"] + 1 >= cells.width:
        return []
    spill = cells.select(pl.any_horizontal(pl.col(beyond).str.strip_chars().fill_null("") != "").alias("x"))["x"]
    rows = spill.arg_true()
    if not len(rows) or len(rows) > cells.height // 2:
        return []
    out = []
    for i in rows:
        row = cells.row(int(i))
        extra = sum(1 for c in row[headed + 1 :] if c and c.strip())
        moved = choice.columns["amount"] + extra
        here, there = row[choice.columns["amount"]], row[moved] if moved < len(row) else None
        if there and parse_amount(there)[0] is not None and "." in there and not (here and "." in here):
            out.append(int(i))
    return out


def _sort_suspects(
    cells: pl.DataFrame,
    choice: ColumnChoice,
    kinds: _Kinds,
    *,
    suspect: pl.Series,
    amounts: pl.Series,
    no_supplier: pl.Series,
    undated: pl.Series | None,
) -> None:
    plain = (~suspect).arg_true()
    typical = float(np.median(_filled(cells[plain.head(2000)]))) if len(plain) else 0.0
    last_plain = int(plain[-1]) if len(plain) else -1
    at = suspect.arg_true()
    subset = cells[at]
    filled = _filled(subset)
    if not typical and (filled > 0).any():
        typical = float(np.median(filled[filled > 0]))
    kinds.kind[at.to_numpy()[filled == 0]] = BLANK
    priced = amounts[at].is_not_null().to_numpy()
    sparse = filled <= max(2.0, typical * 0.5)
    words = [pl.col(c).str.contains(r"(?i)total|^\s*sum\b|forward|^\s*count\b").fill_null(False) for c in cells.columns]
    totalish = subset.select(pl.any_horizontal(words).alias("x"))["x"].to_numpy()
    for j in np.flatnonzero((filled > 0) & (~priced | sparse | totalish)):
        i = int(at[int(j)])
        row = subset.row(int(j))
        if not priced[j]:
            kinds.set(i, REJECT, _why_rejected(row, choice))
            continue
        look = _Look(
            undated=bool(undated is None or undated[i]),
            no_supplier=bool(no_supplier[i]),
            sparse=bool(sparse[j]),
            fewer=bool(filled[j] < typical or typical <= 2),
            below=i > last_plain >= 0,
            apart=i > last_plain + 1 > 0,
            dated_file=undated is not None and last_plain >= 0,
        )
        if look.undated and look.fewer and look.sparse and any(is_count_label(c) for c in _others(row, choice)):
            kinds.set(i, REJECT, "a number of rows, not money")
            continue
        verdict = _total_reason(row, choice, look, typical)
        if verdict and not amounts[i] and filled[j] == 1:
            kinds.set(i, BLANK, "")  # a formula left in a row of padding
        elif verdict:
            kinds.set(i, TOTAL, verdict, _label(row, choice))


def _why_rejected(row: Sequence[str | None], choice: ColumnChoice) -> str:
    for at in (choice.columns[f] for f in ("amount", "credit") if f in choice.columns):
        amount = row[at]
        if amount and amount.strip() and parse_amount(amount)[0] is None:
            again = normalise(amount) == normalise(choice.headings[at])
            return "headings printed again" if again else refusal(amount)
    texts = [c for c in row if c and c.strip()]
    if any(is_total_label(c) for c in texts):
        reason = "a total with nothing in the amount column"
    elif len(texts) == 1:
        reason = "a section heading or note: one cell and no amount"
    else:
        reason = "no amount"
    return reason


def _others(row: Sequence[str | None], choice: ColumnChoice) -> list[str]:
    amounts = (choice.columns["amount"], choice.columns.get("credit"))
    return [c.strip() for i, c in enumerate(row) if c and c.strip() and i not in amounts]


def _label(row: Sequence[str | None], choice: ColumnChoice) -> str | None:
    return next((c for c in _others(row, choice) if _LETTERS.search(c)), None)


def _total_reason(row: Sequence[str | None], choice: ColumnChoice, look: _Look, typical: float) -> str:
    """Return why a row with an amount is a printed total, or an empty string where it is a payment."""
    others = _others(row, choice)
    lettered = [c for c in others if _LETTERS.search(c)]
    supplier = (row[choice.columns["supplier"]] or "").strip()
    labelled = any(is_total_label(c) for c in others)
    nameless = look.no_supplier or is_total_label(supplier)
    below = look.below and look.sparse and look.fewer
    bare = not lettered and all(parse_amount(c)[0] is not None for c in others)
    verdict = ""
    if look.undated and look.fewer and labelled and (nameless or look.sparse):
        verdict = "its label says it is a total"
    elif look.undated and look.fewer and look.sparse and any(_SUBTOTAL.search(c) for c in lettered):
        verdict = "its label says it is a subtotal"
    elif look.no_supplier and look.undated and bare:
        verdict = "an amount and nothing else"
    elif (below and look.no_supplier and look.undated and len(lettered) <= 1) or (
        below and look.apart and look.undated and look.dated_file and len(others) <= 2 and typical > 4
    ):
        verdict = "a reconciliation line below the last payment"
    return verdict


def _by_arithmetic(
    cells: pl.DataFrame, choice: ColumnChoice, kinds: _Kinds, amounts: pl.Series, doubtful: NDArray[np.bool_]
) -> None:
    """Set aside doubtful rows whose amount is the sum of at least two payments above, or below up to the next such."""
    pence = np.where(kinds.kind == PAYMENT, amounts.fill_null(0).to_numpy(), 0)
    running = np.cumsum(pence)
    start, taken = 0, 0
    stops = np.append(np.flatnonzero(doubtful | (kinds.kind == TOTAL)), cells.height)
    for i in (int(n) for n in np.flatnonzero(doubtful)):
        printed = int(pence[i])
        before = int(running[i]) - taken - printed
        since = before - (int(running[start - 1]) - taken if start else 0)
        stop = int(stops[np.searchsorted(stops, i) + 1])
        where = ""
        if i - start >= 2 and printed in (before, since):
            where = "above"
        elif stop - i > 2 and printed == int(running[stop - 1] - running[i]):
            where = "below"
        if where and printed:
            kinds.set(i, TOTAL, f"it equals the sum of the rows {where}", _label(cells.row(i), choice))
            taken += printed
            start = i + 1


def _ties(kinds: _Kinds, amounts: pl.Series, fine_rows: int) -> list[tuple[int, str | None, int, bool | None, str]]:
    """Hold each printed total against the payments since any earlier total, or since the top."""
    at = np.flatnonzero(kinds.kind == TOTAL)
    if not at.size:
        return []
    tolerance = lookups.number("ledger.tie_tolerance") + fine_rows / 2
    running = np.cumsum(np.where(kinds.kind == PAYMENT, amounts.fill_null(0).to_numpy(), 0))
    bounds = [0]
    out: list[tuple[int, str | None, int, bool | None, str]] = []
    for n, i in enumerate(int(k) for k in at):
        printed, above = int(amounts[i]), int(running[i])
        ties: bool | None = bool((np.abs(above - np.array(bounds[-200:]) - printed) <= tolerance).any())
        for end in (int(running[-1]), int(running[at[n + 1]]) if n + 1 < len(at) else above):
            # printed above the rows that it covers, to the end or to the next total
            ties = ties or bool(end != above and abs(end - above - printed) <= tolerance)
        if not ties and kinds.reason[i].startswith("a reconciliation"):
            ties = None
        out.append((i, kinds.label[i], printed, ties, kinds.reason[i]))
        if above != bounds[-1]:
            bounds.append(above)
    return out
