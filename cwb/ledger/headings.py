"""What a heading may mean: aliases from lookups, tolerant of case, punctuation, £ and added words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType

import polars as pl
from rapidfuzz import fuzz, process

from cwb import lookups

KEPT = (
    "amount", "supplier", "date", "description", "department", "category", "supplier_ref", "supplier_postcode",
    "company_number", "charity_number", "vat_number", "institution", "invoice_date",
)  # fmt: skip
NOTED = ("transaction", "redacted", "family", "credit")
FIELDS = KEPT + NOTED
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 120
_NEEDED_SCORE = 1.5
_LEAST_MISSPELT = 5  # letters, below which a slip makes another word
_NEAR, _MISSPELT = 86, 0.85  # likeness to a known heading, out of 100, and how much surer that one is
_OUT = frozenset(
    ("excluding", "excl", "exc", "ex", "excluded", "excludes", "exclusive", "net", "less", "without", "before")
)
_IN = frozenset(("including", "incl", "inc", "included", "includes", "inclusive", "gross", "with", "plus"))
_TOLD = {"net": 0.8, "gross": 0.6}  # how surely such a heading is the amount
_LEAST_SIDE = 3  # headings of a ledger that stands beside another
CERTAIN_SCORE = 2.5  # three fields known word for word
_NUMERIC_CELL = re.compile(r"[\d.,£()\-/: ]+")


def normalise(heading: str | None) -> str:
    """Return a heading in lower case words: "SupplierName (T)" → "supplier name t"; a lone £ → "gbp"."""
    text = _CAMEL.sub(" ", (heading or "").strip())
    words = re.sub(r"[^a-z0-9]+", " ", text.casefold().replace("'", "")).strip()
    words = re.sub(r"^unnamed \d+$|^column ?\d+$|^field ?\d+$", "", words)
    return "gbp" if not words and "£" in text else words


@cache
def _aliases() -> Mapping[str, Sequence[tuple[str, float, str]]]:
    out: dict[str, list[tuple[str, float, str]]] = {}
    for row in lookups.table("ledger/header_aliases").iter_rows(named=True):
        out.setdefault(str(row["alias"]), []).append((str(row["field"]), float(row["weight"]), str(row["vat_basis"])))
    return MappingProxyType(out)


@cache
def _full_words() -> Mapping[str, str]:
    return MappingProxyType(dict(lookups.table("ledger/heading_words").select("word", "means").iter_rows()))


@lru_cache(maxsize=50_000)
def meanings(heading: str) -> Mapping[str, tuple[float, str]]:
    """Return field → (weight 0 to 1, VAT basis) for a normalised heading; empty where nothing is known.

    A known alias inside a longer heading counts for less, by how much of the heading it leaves unexplained. Words that
    systems shorten ("tran amt") are read in full where that says more.
    """
    if not heading or len(heading) > _LONGEST:
        return {}
    if heading in _aliases():
        return _as_printed(heading)
    full = " ".join(_full_words().get(word, word) for word in heading.split())
    best = dict(_as_printed(heading))
    if full != heading:
        in_full = _as_printed(full)
        if max((w for w, _ in in_full.values()), default=0.0) > max((w for w, _ in best.values()), default=0.0):
            best = {field: (weight * 0.98, basis) for field, (weight, basis) in in_full.items()}
    return best


def _as_printed(heading: str) -> Mapping[str, tuple[float, str]]:
    known = _aliases()
    found: dict[str, tuple[float, str]] = {}
    if heading in known:
        for field, weight, basis in known[heading]:
            found[field] = (weight, basis)
        return found
    without_suffix = re.sub(r" (?:t|gbp|name text|text|column)$", "", heading)
    if without_suffix in known:
        return {field: (weight * 0.98, basis) for field, weight, basis in known[without_suffix]}
    words = heading.split()
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + 6) + 1):
            phrase = " ".join(words[start:end])
            for field, weight, basis in known.get(phrase, ()):
                if len(phrase) < 4 and phrase not in ("net", "vat"):
                    continue
                # The last words of a heading say what it is ("supplier invoice date"), the first of what.
                part = 0.5 + 0.45 * (end - start) / len(words) + (0.03 if end == len(words) else 0)
                if weight * part > found.get(field, (0.0, ""))[0]:
                    found[field] = (weight * part, basis)
    if "amount" in found and "vat" in words and (basis := _vat_in_or_out(words)):
        found.pop("other", None)  # an amount of which the VAT is told, not the VAT
        found["amount"] = (max(found["amount"][0], _TOLD[basis]), basis)
    return found


def _vat_in_or_out(words: Sequence[str]) -> str:
    """Return net or gross where words say that VAT is left out or taken in; recoverable VAT taken in is gross."""
    if not _OUT.isdisjoint(words):
        return "net"
    if _IN.isdisjoint(words):
        return ""
    return "net" if "irrecoverable" in words or "non recoverable" in " ".join(words) else "gross"


@lru_cache(maxsize=10_000)
def nearest_meanings(heading: str) -> Mapping[str, tuple[float, str]]:
    """Return the meanings of a heading, or of the known one that it is a slip of the pen from ("Suppplier Nmae")."""
    found = meanings(heading)
    if len(heading) < _LEAST_MISSPELT or max((w for w, _ in found.values()), default=0.0) > _MISSPELT / 2:
        return found
    near = process.extractOne(heading, _aliases().keys(), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return {field: (w * _MISSPELT, basis) for field, (w, basis) in meanings(near[0]).items()} if near else found


def best_meaning(heading: str) -> tuple[str, float]:
    """Return the likeliest field of a normalised heading and its weight, or ("", 0)."""
    found = meanings(heading)
    return max(((f, w) for f, (w, _) in found.items()), key=lambda item: item[1], default=("", 0.0))


@lru_cache(maxsize=100_000)
def _cell_meaning(cell: str) -> tuple[str, float, str]:
    """Return (field, weight, normalised text) of a cell as printed; numbers, dates and long texts mean nothing."""
    text = cell.strip()
    if len(text) > _LONGEST or (_NUMERIC_CELL.fullmatch(text) and text != "£"):
        return "", 0.0, ""
    words = normalise(text)
    return (*best_meaning(words), words)


def row_score(cells: Sequence[str | None]) -> float:
    """Return how much a row looks like headings: the weights of its distinct fields, less where cells are numbers."""
    best: dict[str, float] = {}
    filled = 0
    for cell in cells:
        if not cell or not cell.strip():
            continue
        filled += 1
        field, weight, words = _cell_meaning(cell)
        if field:
            key = words if field == "other" else field
            best[key] = max(best.get(key, 0.0), weight * (0.4 if field == "other" else 1))
    return sum(best.values()) if filled > 1 else 0.0


def merged(above: Sequence[str | None], below: Sequence[str | None]) -> list[str | None]:
    """Return headings of two rows as one, taking for each column the reading that says more."""
    out: list[str | None] = []
    for a, b in zip(above, below, strict=True):
        if not (a and a.strip()):
            out.append(b)
            continue
        both = " ".join(x.strip() for x in (a, b) if x and x.strip())
        single = best_meaning(normalise(b))[1] if b and b.strip() else 0.0
        out.append(both if best_meaning(normalise(both))[1] > single else b)
    return out


def _has_numbers(row: Sequence[str | None]) -> bool:
    return any(c and _NUMERIC_CELL.fullmatch(c.strip()) and any(map(str.isdigit, c)) for c in row)


def find_headings(cells: pl.DataFrame, start: int = 0) -> tuple[int, list[str | None]] | None:
    """Return (row index, headings) of the best heading row from `start` on, or None.

    Looks at the first rows only (parameter `ledger.heading_rows`); headings split over two rows are put together.
    """
    rows = cells.slice(start, int(lookups.number("ledger.heading_rows"))).rows()
    best: tuple[float, int, list[str | None]] | None = None
    above: list[str | None] = []
    further: list[str | None] = []
    for i, row in enumerate(rows):
        if best is not None and best[0] >= CERTAIN_SCORE and any(c and _NUMERIC_CELL.fullmatch(c) for c in row):
            break  # here the ledger's own rows start
        if sum(bool(c) for c in row) < 2:
            above, further = list(row), above
            continue
        score, names = row_score(row), list(row)
        for heads in () if _has_numbers(row) else (above, merged(further, above)) if further else (above,):
            together = merged(heads, row) if heads else names
            if together != names and (joint := row_score(together)) > score + 0.2:
                score, names = joint, together
        if score >= _NEEDED_SCORE and (best is None or score > best[0] + 0.3):
            best = (score, i, names)
        above, further = list(row), above
    return (start + best[1], best[2]) if best else None


def side_by_side(headings: Sequence[str | None]) -> list[tuple[int, int]]:
    """Return (first, end) of the columns of each ledger where several with one set of headings stand side by side."""
    names = [normalise(h) for h in headings]
    first = next((i for i, n in enumerate(names) if n), 0)
    starts = [i for i, n in enumerate(names) if n and n == names[first]]
    if len(starts) < 2:
        return []
    ends = [*starts[1:], len(names)]
    groups = [[n for n in names[a:b] if n] for a, b in zip(starts, ends, strict=True)]
    if len(groups[0]) < _LEAST_SIDE or any(g != groups[0] for g in groups):
        return []
    return list(zip(starts, ends, strict=True)) if row_score(groups[0]) >= _NEEDED_SCORE else []


def find_unknown_headings(cells: pl.DataFrame) -> tuple[int, list[str | None]] | None:
    """Return headings in words that are not known, or none at all, where the rows below are a table with numbers.

    Index -1 with empty headings says that the first row is already a payment. Columns are then told by their values.
    """
    rows = cells.head(int(lookups.number("ledger.heading_rows"))).rows()
    filled = [sum(bool(c and c.strip()) for c in row) for row in rows]
    numbers = [sum(bool(c and _NUMERIC_CELL.fullmatch(c.strip())) for c in row) for row in rows]
    width = max(filled, default=0)
    if width < 3:
        return None
    for i, row in enumerate(rows):
        if filled[i] < max(3, 0.6 * width):
            continue
        if numbers[i]:
            return (-1, [None] * cells.width) if i == 0 else None
        below = numbers[i + 1 : i + 6]
        if below and sum(n >= 1 for n in below) >= max(1, len(below) - 1):
            return i, list(row)
    return None
