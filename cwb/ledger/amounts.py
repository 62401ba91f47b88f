"""Text of an amount → integer pence, or the reason why it is refused. Nothing is guessed."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import polars as pl

from cwb import lookups

# Plain and thousands-grouped pounds with at most two decimals: read by vector code; the rest cell by distinct cell.
_EASY = r"^[ \t]*(?:£ ?)?-?(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,12})(?:\.\d{1,2})?[ \t]*$"
_FORMULA_TEXT = re.compile(r'^="?(.*?)"?$')
_SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "})
# The sign itself, its names, and what wrong encodings make of it before a number.
_POUND = re.compile(r"Â£|¬£|£|\bGBP\b|\bSTG\b|(?:^|(?<=[-(\s]))(?:\ufffd|œ|Ł|ú|\?|#)(?=[\s\d.(-])", re.IGNORECASE)
_FOREIGN = re.compile(r"[$€¥]|\b(?:USD|EUR|JPY|CHF)\b", re.IGNORECASE)
_CREDIT = re.compile(r"\s*(CR|DR)\.?$", re.IGNORECASE)
_PLAIN = re.compile(r"\d+(?:\.\d*)?|\.\d+")
_GROUPED = re.compile(r"\d{1,3}(?:([, '])\d{3})(?:\1\d{3})*(?:\.\d*)?")
_SCIENCE = re.compile(r"\d+(?:\.\d+)?E[+-]?\d{1,3}", re.IGNORECASE)
_ZERO_AS_DASH = re.compile(r"-\s*(?:\.?0*)?")
_PENNY = Decimal("0.01")


def _refused(why: str) -> tuple[int | None, str | None]:
    return None, why


@lru_cache(maxsize=200_000)
def parse_amount(cell: str) -> tuple[int | None, str | None]:
    """Return (pence, None), or (None, reason) where the cell is not an amount of pounds without doubt.

    Halves of a penny round away from zero, as INDEX and ledger totals do. A lone dash is how spreadsheets print zero.
    """
    text = cell.translate(_SIGNS).strip().lstrip("'").strip()
    if text.startswith("="):
        wrapped = _FORMULA_TEXT.match(text)
        text = wrapped.group(1) if wrapped else text
    if not text:
        return _refused("no amount")
    if _FOREIGN.search(text):
        return _refused(f"amount '{cell.strip()}' is not in pounds")
    negative = False
    credit = _CREDIT.search(text)
    if credit:
        negative = credit.group(1).upper() == "CR"
        text = text[: credit.start()]
    text = _POUND.sub("", text).strip()
    signs = 0
    if text.startswith("(") and text.endswith(")"):
        text, signs = text[1:-1].strip(), 1
    if text.startswith(("-", "+")) and len(text) > 1 and not _ZERO_AS_DASH.fullmatch(text):
        signs += text[0] == "-"
        text = text[1:].strip()
    elif text.endswith("-") and len(text) > 1:
        signs += 1
        text = text[:-1].strip()
    if _ZERO_AS_DASH.fullmatch(text) and text:
        return 0, None
    if text.startswith("(") and text.endswith(")"):
        text, signs = text[1:-1].strip(), signs + 1
    if signs + negative > 1:
        return _refused(f"amount '{cell.strip()}' has more than one minus")
    return _number(text, cell, negative=bool(signs + negative))


def _number(text: str, cell: str, *, negative: bool) -> tuple[int | None, str | None]:
    if _PLAIN.fullmatch(text) or _SCIENCE.fullmatch(text):
        value = Decimal(text)
    elif _GROUPED.fullmatch(text):
        value = Decimal(re.sub(r"[, ']", "", text))
    elif re.fullmatch(r"[\d.]*\d,\d{1,2}", text):
        return _refused(f"amount '{cell.strip()}': a comma before {len(text) - text.rindex(',') - 1} digits may be "
                        "thousands or pence")  # fmt: skip
    elif re.fullmatch(r"[\d,. ']+", text):
        return _refused(f"amount '{cell.strip()}' has its commas or points in odd places")
    else:
        return _refused(f"amount '{cell.strip()[:60]}' is not a number")
    if value > Decimal(int(lookups.number("ledger.largest_amount"))):
        return _refused(f"amount '{cell.strip()[:60]}' is larger than any payment")
    pence = int(value.quantize(_PENNY, ROUND_HALF_UP) * 100)
    return (-pence if negative else pence), None


def parse_amounts(cells: pl.Series) -> pl.Series:
    """Return pence (Int64) for each cell of text; null where it is blank or not an amount."""
    frame = cells.alias("text").to_frame()
    easy = pl.col("text").str.contains(_EASY)
    digits = pl.col("text").str.replace_all(",", "", literal=True).str.strip_chars("£ \t")
    out = frame.select(
        pence=pl.when(easy).then((digits.cast(pl.Float64, strict=False) * 100).round(0).cast(pl.Int64, strict=False))
    )["pence"]
    hard = out.is_null() & cells.is_not_null()
    if hard.any():
        distinct = cells.filter(hard).unique().drop_nulls()
        read = [parse_amount(c)[0] for c in distinct]
        known = pl.DataFrame({"text": distinct, "hard": pl.Series(read, dtype=pl.Int64)})
        joined = frame.join(known, on="text", how="left", maintain_order="left")["hard"]
        out = out.fill_null(joined)
    return out.alias("amount_pence")


def refusal(cell: str | None) -> str:
    """Return why a cell is not an amount, in plain words."""
    return parse_amount(cell or "")[1] or "no amount"


def many_decimals(cells: pl.Series) -> int:
    """Return how many cells carry more than two decimals, whose rounding can part a sum from a printed total."""
    return int(cells.str.contains(r"\.\d{3,}").sum() or 0)
