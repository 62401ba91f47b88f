"""Organisation names as words and keys: the same cutting for the register and for the ledger.

A name is cleaned, known phrases are folded, and it is cut into words; each word is brought to a common form
(abbreviation, plural) and legal forms are set apart. Keys are 64-bit hashes of those words, made with whole-column
arithmetic and the same on every machine, so that millions of names can be compared without touching their text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import lookups

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_DROPPED = -1


@dataclass(frozen=True)
class Words:
    """Names cut into words: name i has `word[start[i]:start[i + 1]]`, numbers of entries in `text`."""

    start: I64
    word: U32
    text: pl.Series
    form: npt.NDArray[np.int8]

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self.start) - 1

    @property
    def owner(self) -> I64:
        """Return the name each word belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))


@cache
def _phrases(*, forms: bool) -> tuple[list[str], list[str]]:
    """Return phrases that stand for a legal form, or the others, and what they are folded to."""
    table = lookups.table("names/phrases")
    is_form = table["folded"].is_in(form_codes())
    table = table.filter(is_form if forms else ~is_form)
    return [f" {p} " for p in table["phrase"]], [f" {r} " if r else " " for r in table["folded"]]


def clean(names: pl.Series) -> pl.Series:
    """Return names in capitals with only letters, digits and single spaces; & becomes AND, dots and quotes vanish."""
    frame = names.cast(pl.String).fill_null("").to_frame("name").lazy()
    return frame.select(_clean(names)).collect(engine="streaming").to_series()


def _clean(names: pl.Series) -> pl.Expr:
    """Return the cleaning of a column `name`; accents are dealt with only where the names have any."""
    text = pl.col("name")
    if (names.str.len_bytes() != names.str.len_chars()).any():
        # A non-breaking space that was read in the wrong encoding leaves a stray letter before it.
        plain = text.str.replace_all("Â[\u00a0 ]?", " ").str.normalize("NFKD").str.replace_all(r"[\p{M}’‘´]", "")
        text = pl.when(text.str.len_bytes() != text.str.len_chars()).then(plain).otherwise(text)
    text = text.str.to_uppercase().str.replace_many(["&", "+", "'", "`", "."], [" AND ", " AND ", "", "", ""])
    return text.str.replace_all(r"[^A-Z0-9]+", " ").str.strip_chars(" ").alias("name")


def letters_as_printed(names: pl.Series) -> pl.Series:
    """Return the letters and digits of names, without legal forms, THE and AND, before any folding of words."""
    dropped = [f" {w} " for w in [*lookups.table("names/legal_forms")["wording"], "THE", "AND"]]
    text = pl.select(pl.concat_str(pl.lit(" "), pl.lit(clean(names)), pl.lit(" "))).to_series()
    text = text.str.replace_many(*_phrases(forms=True)).str.replace_all(" ", "  ")
    return text.str.replace_many(dropped, [" "] * len(dropped)).str.replace_all(" ", "")


def words(names: pl.Series) -> Words:
    """Cut names into words in their common form; articles, AND and legal forms are left out, the form is kept.

    `form` is the place in `form_codes()` of the last legal form in each name (LTD, PLC, LLP …), -1 where there is none.
    """
    # Two rounds, since two phrases that stand side by side share a space. The streaming engine cuts in parallel.
    padded = pl.concat_str(pl.lit(" "), _clean(names), pl.lit(" "))
    folded = padded.str.replace_many(*_phrases(forms=True)).str.replace_many(*_phrases(forms=False))
    frame = names.cast(pl.String).fill_null("").to_frame("name").lazy()
    cut = frame.select(folded.str.strip_chars(" ").str.split(" ")).collect(engine="streaming").to_series()
    lengths = cut.list.len().to_numpy().astype(np.int64)
    flat = cut.explode().cast(pl.Categorical(pl.Categories.random()))
    distinct = flat.unique()
    spelt = _common_form(distinct.cast(pl.String))
    texts = spelt["word"].filter(~spelt["dropped"]).unique(maintain_order=True)
    number = spelt.join(
        pl.DataFrame({"word": texts, "number": pl.int_range(texts.len(), dtype=pl.Int64, eager=True)}),
        on="word", how="left", maintain_order="left", validate="m:1",
    )  # fmt: skip
    of_code = np.full(distinct.len(), _DROPPED, dtype=np.int64)
    form_of_code = np.full(distinct.len(), _DROPPED, dtype=np.int64)
    code = distinct.to_physical().to_numpy()
    of_code[code] = number.select(pl.when("dropped").then(_DROPPED).otherwise("number")).to_series().to_numpy()
    form_of_code[code] = spelt["form"].to_physical().cast(pl.Int64).fill_null(_DROPPED).to_numpy()
    flat_code = flat.to_physical().to_numpy()
    owner = np.repeat(np.arange(len(lengths)), lengths)
    begins = np.concatenate([[0], np.cumsum(lengths)])
    word, form = of_code[flat_code], form_of_code[flat_code]
    # A form that opens a name is a word of it ("LIMITED EDITIONS LTD").
    opening = np.zeros(len(word), dtype=bool)
    opening[begins[:-1]] = True
    is_form = (form >= 0) & ~opening
    kept = (word >= 0) & ~is_form
    forms = np.full(len(lengths), _DROPPED, dtype=np.int64)
    forms[owner[is_form]] = form[is_form]
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner[kept], minlength=len(lengths)))])
    return Words(starts.astype(np.int64), word[kept].astype(np.uint32), texts, forms.astype(np.int8))


@cache
def form_codes() -> list[str]:
    """Return the codes of legal forms, in order."""
    return lookups.table("names/legal_forms")["form"].unique(maintain_order=True).to_list()


def _common_form(raw: pl.Series) -> pl.DataFrame:
    """Return for each distinct raw word: its common form, its legal form if it is one, and whether it is dropped."""
    known = lookups.table("names/words")
    forms = lookups.table("names/legal_forms").select(raw="wording", form="form")
    out = raw.to_frame("raw").join(forms, on="raw", how="left", maintain_order="left", validate="m:1")
    out = out.join(known.select(raw="word", alias="folded"), on="raw", how="left", maintain_order="left")
    word = pl.coalesce("alias", "raw")
    plural = word.str.len_bytes() > 3
    single = (
        pl.when(plural & word.str.ends_with("IES") & (word.str.len_bytes() > 4))
        .then(word.str.slice(0, word.str.len_bytes() - 3) + "Y")
        # Letters without a vowel are no word that could have a plural (NPMS, BPAS).
        .when(plural & word.str.contains("[^SUI]S$") & word.str.contains("[AEIOUY].*S$"))
        .then(word.str.slice(0, word.str.len_bytes() - 1))
        .otherwise(word)
    )
    return out.select(
        word=single, form=pl.col("form").cast(pl.Enum(form_codes())), dropped=pl.col("alias") == "",
    ).with_columns(pl.col("dropped").fill_null(value=False) | (pl.col("word") == ""))  # fmt: skip


def skeleton(texts: pl.Series) -> pl.Series:
    """Return each word's first letter and consonants, doubles collapsed, so that most misspellings agree.

    Words too short to lose letters safely, and those with digits, stay as they are.
    """
    doubles = [chr(c) * 2 for c in range(ord("A"), ord("Z") + 1)]
    bare = texts.str.slice(0, 1) + texts.str.slice(1).str.replace_all("[AEIOUYHW]", "")
    bare = bare.str.replace_many(doubles, [d[0] for d in doubles])
    keep = (texts.str.len_bytes() < 5) | (bare.str.len_bytes() < 3) | texts.str.contains("[0-9]")
    return pl.select(pl.when(keep).then(texts).otherwise(bare)).to_series().alias("skeleton")


def word_hashes(texts: pl.Series) -> tuple[U64, I64]:
    """Return a polynomial hash of each word's bytes, and its length in bytes."""
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    if not len(lengths):
        return np.zeros(0, np.uint64), lengths
    data = np.frombuffer(texts.str.join("").item().encode(), dtype=np.uint8).astype(np.uint64) + np.uint64(1)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    place = np.repeat(starts + lengths, lengths) - np.arange(len(data)) - 1
    return _sums(data * _powers(int(lengths.max(initial=1)))[place], starts, lengths), lengths


def _powers(count: int) -> U64:
    out = np.full(count + 1, _BASE, dtype=np.uint64)
    out[0] = 1
    return np.multiply.accumulate(out)


def keys(cut: Words) -> tuple[U64, U64]:
    """Return for each name two hashes: of its letters run together in order, and of its words in any order.

    The first ignores spaces (INHEALTH, IN HEALTH); the second ignores order and little words. A name without words
    has 0.
    """
    hashes, lengths = word_hashes(cut.text)
    size = lengths[cut.word]
    begins, counts = cut.start[:-1], np.diff(cut.start)
    full = np.concatenate([[0], np.cumsum(size)])
    after = np.repeat(full[cut.start[1:]], counts) - full[1:]
    power = _powers(int(after.max(initial=0)))
    little = cut.text.is_in(lookups.table("names/little_words")["word"].to_list()).to_numpy()
    mixed = np.where(little, np.uint64(0), hashes * (hashes >> np.uint64(29) | np.uint64(1)))
    run_on = _sums(hashes[cut.word] * power[after], begins, counts)
    bag = _sums(mixed[cut.word], begins, counts)
    return run_on, bag


def first_words(cut: Words, name: I64, count: I64) -> tuple[U64, I64]:
    """Return the run-on key of the first `count` words of each of the names `name`, and how many letters those have."""
    start = np.concatenate([[0], np.cumsum(count)])
    at = np.repeat(cut.start[name] - start[:-1], count) + np.arange(int(start[-1]))
    part = Words(start.astype(np.int64), cut.word[at], cut.text, cut.form[name])
    size = cut.text.str.len_bytes().to_numpy().astype(np.int64)
    return keys(part)[0], sums(size[part.word], part.start).astype(np.int64)


def openings(cut: Words) -> tuple[U64, U64, I64]:
    """Return each name's first twelve letters, its next twelve, and how many it has, without spaces.

    Twelve letters are one number in base 37, in the order of the alphabet, so that names that begin alike lie side by
    side once sorted: those that begin with the k letters of a value lie below value + `opening_span(k)`.
    """
    packed, size = _packed(cut.text)
    length = size[cut.word]
    begins, counts = cut.start[:-1], np.diff(cut.start)
    full = np.concatenate([[0], np.cumsum(length)])
    before = full[:-1] - np.repeat(full[begins], counts)
    whole = packed[0][cut.word]
    first = _sums(whole // _SPANS[np.minimum(before, _PACKED)], begins, counts)
    # The second twelve: what a word has beyond letter 12, and words that start there.
    late = np.zeros(len(whole), dtype=np.uint64)
    beyond = _PACKED - before
    inside = (beyond > 0) & (beyond < length)
    late[inside] = _shifted(packed, cut.word[inside], beyond[inside])
    after = beyond <= 0
    late[after] = whole[after] // _SPANS[np.minimum(-beyond[after], _PACKED)]
    return first, _sums(late, begins, counts), full[cut.start[1:]] - full[begins]


def opening_span(letters: npt.NDArray[Any]) -> U64:
    """Return how far apart values of `openings` can lie that share their first `letters` letters (at most twelve)."""
    return _SPANS[_PACKED - np.clip(np.asarray(letters, dtype=np.int64), 0, _PACKED)]


_PACKED = 12
_SPANS = np.concatenate([np.array([37**k for k in range(_PACKED)], dtype=np.uint64), [np.uint64(37**_PACKED)]])


def _packed(texts: pl.Series) -> tuple[tuple[U64, U64], I64]:
    """Return each word's first twelve letters and its next twelve as numbers in base 37, and its length."""
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    if not len(lengths):
        return (np.zeros(0, np.uint64), np.zeros(0, np.uint64)), lengths
    data = np.frombuffer(texts.str.join("").item().encode(), dtype=np.uint8).astype(np.int64)
    digit = np.where(data >= ord("A"), data - ord("A") + 1, data - ord("0") + 27).astype(np.uint64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    place = np.arange(len(data)) - np.repeat(starts, lengths)
    halves = []
    for at in (0, _PACKED):
        here = place - at
        worth = np.where((here >= 0) & (here < _PACKED), _SPANS[np.clip(_PACKED - 1 - here, 0, _PACKED - 1)], 0)
        halves.append(_sums(digit * worth.astype(np.uint64), starts, lengths))
    return (halves[0], halves[1]), lengths


def _shifted(packed: tuple[U64, U64], word: U32, letters: I64) -> U64:
    """Return the twelve letters of each word that follow its first `letters`, 1 to 11 of them."""
    rest = packed[0][word] % _SPANS[_PACKED - letters] * _SPANS[letters]
    return np.asarray(rest + packed[1][word] // _SPANS[_PACKED - letters], dtype=np.uint64)


def initials(cut: Words) -> tuple[U64, U64]:
    """Return hashes of each name's initials, with and without little words; 0 but for three to eight of them."""
    first, _ = word_hashes(cut.text.str.slice(0, 1))
    little = cut.text.is_in(lookups.table("names/little_words")["word"].to_list()).to_numpy()
    return _initials(cut, first, np.ones(cut.text.len(), dtype=bool)), _initials(cut, first, ~little)


def _initials(cut: Words, first: U64, kept: npt.NDArray[np.bool_]) -> U64:
    used = kept[cut.word].astype(np.int64)
    counts = sums(used, cut.start).astype(np.int64)
    seen = np.cumsum(used)
    last = np.repeat(np.concatenate([[0], seen])[cut.start[1:]], np.diff(cut.start))
    power = _powers(int(max(counts.max(initial=0), 1)))
    values = np.where(used == 1, first[cut.word] * power[np.maximum(last - seen, 0)], np.uint64(0))
    out = _sums(values, cut.start[:-1], np.diff(cut.start))
    return np.where((counts >= 3) & (counts <= 8), out, np.uint64(0))


def _sums(values: U64, begins: I64, counts: I64) -> U64:
    out = np.zeros(len(begins), dtype=np.uint64)
    some = counts > 0
    if some.any():
        out[some] = np.add.reduceat(values, begins[some])
    return out


def rarity(names_with: npt.NDArray[Any], names: int) -> npt.NDArray[np.float32]:
    """Return how much a word says: the natural log of names per name that has it, from the register's own counts."""
    return np.log((names + 1.0) / (np.asarray(names_with, dtype=np.float64) + 0.5)).astype(np.float32)


def sums(values: npt.NDArray[Any], start: I64) -> npt.NDArray[np.float64]:
    """Return the sum of `values[start[i]:start[i + 1]]` for each i."""
    running = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(running[start[1:]] - running[start[:-1]], dtype=np.float64)
