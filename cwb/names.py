"""Organisation names as words and keys: the same cutting for the register and for the ledger.

A name is cleaned, known phrases are folded, and it is cut into words; each word is brought to a common form
(abbreviation, plural) and legal forms are set apart. Keys are 64-bit hashes of those words, made with whole-column
arithmetic and the same on every machine, so that millions of names can be compared without touching their text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
_BLOCK = 1 << 14  # names


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
    lengths, code, raw = _raw_words(names.cast(pl.String).fill_null(""))
    spelt = _common_form(raw)
    known = ~spelt["dropped"].to_numpy()
    of_code = np.full(spelt.height, _DROPPED, dtype=np.int32)
    of_code[known], texts = coded(spelt["word"].filter(pl.Series(known)))
    form_of_code = spelt["form"].to_physical().cast(pl.Int8).fill_null(_DROPPED).to_numpy()
    begins = _starts(lengths)
    forms, counts = np.full(len(lengths), _DROPPED, dtype=np.int8), np.zeros(len(lengths), dtype=np.int64)
    word = []
    for name, raws in _blocks(begins):
        first, part = begins[name] - raws.start, code[raws]
        form, number = form_of_code.take(part), of_code.take(part)
        # A form that opens a name is a word of it ("LIMITED EDITIONS LTD").
        form[first] = _DROPPED
        at = np.flatnonzero(form >= 0)
        forms[name.start + np.searchsorted(first, at, "right") - 1] = form[at]
        kept = (number >= 0) & (form < 0)
        counts[name] = np.diff(_starts(kept)[np.append(first, len(part))])
        word.append(number[kept].astype(np.uint32))
    return Words(_starts(counts), np.concatenate(word), texts, forms)


def _starts(lengths: npt.NDArray[Any]) -> I64:
    """Return where each of so many parts begins once they are run together, and where the last ends."""
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _blocks(start: I64) -> Iterator[tuple[slice, slice]]:
    """Yield names, and their words, so few at a time that the processor keeps them at hand; once at least."""
    for at in range(0, max(len(start) - 1, 1), _BLOCK):
        to = min(at + _BLOCK, len(start) - 1)
        yield slice(at, to), slice(int(start[at]), int(start[to]))


def _raw_words(names: pl.Series) -> tuple[I64, U32, pl.Series]:
    """Return how many words each name has once cleaned and folded, every word as a code, and the text of each code.

    What stands between spaces is cleaned once, however many names have it. Only names in which it is not one word, or
    in which two words could open a phrase, are cleaned whole. A text may have several codes.
    """
    lengths, piece, printed = _split(names, pl.col("name"))
    plain = clean(printed)
    opening, following, alone = _phrase_words()
    several = (plain.str.contains(" ", literal=True) | plain.is_in(["", *alone])).to_numpy()
    first, second = (
        plain.replace_strict(w, default=0, return_dtype=pl.UInt64).to_numpy() for w in (opening, following)
    )
    opens = first != 0
    whole = np.zeros(len(lengths), dtype=bool)
    begins = _starts(lengths)
    for name, pieces in _blocks(begins):
        part = piece[pieces]
        at = np.flatnonzero(opens.take(part[:-1]))
        at = at[first[part[at]] & second[part[at + 1]] != 0]
        for some in (at, np.flatnonzero(several.take(part))):
            whole[name.start + np.searchsorted(begins[name], pieces.start + some, "right") - 1] = True
    cut_lengths, cut, cut_texts = _split(names.filter(pl.Series(whole)), _folded(names))
    printed_lengths, lengths = lengths, lengths.copy()
    lengths[whole] = cut_lengths
    texts, ends, done = pl.concat([plain, cut_texts]), _starts(lengths), 0
    word = np.empty(ends[-1], dtype=np.uint32)
    for (name, pieces), (_, words) in zip(_blocks(begins), _blocks(ends), strict=True):
        is_cut = whole[name]
        from_cut = np.repeat(is_cut, lengths[name])
        taken = done + int(np.count_nonzero(from_cut))
        part = word[words]
        part[from_cut] = cut[done:taken] + np.uint32(len(plain))
        part[~from_cut] = piece[pieces][np.repeat(~is_cut, printed_lengths[name])]
        done = taken
    # Numbered as they come, whichever thread of the streaming engine saw them first.
    earliest = np.full(texts.len(), len(word), dtype=np.int64)
    for _, words in reversed(list(_blocks(ends))):
        earliest[word[words][::-1]] = np.arange(words.stop - 1, words.start - 1, -1)
    order = np.argsort(earliest)[: np.count_nonzero(earliest < len(word))]
    number = np.empty(texts.len(), dtype=np.uint32)
    number[order] = np.arange(len(order), dtype=np.uint32)
    for _, words in _blocks(ends):
        word[words] = number.take(word[words])
    return lengths, word, texts.gather(order)


def _split(names: pl.Series, text: pl.Expr) -> tuple[I64, U32, pl.Series]:
    """Return how many parts between spaces `text`, made of a column `name`, has for each name, and the parts as codes.

    The text of each code follows; which part has which code differs from run to run.
    """
    # The streaming engine cuts and numbers in parallel.
    parts = text.str.split(" ").cast(pl.List(pl.Categorical(pl.Categories.random())))
    cut = names.to_frame("name").lazy().select(parts).collect(engine="streaming").to_series()
    return cut.list.len().to_numpy().astype(np.int64), *_numbers(cut.explode())


def coded(parts: pl.Series) -> tuple[U32, pl.Series]:
    """Return a number for each text, the same for the same one, and the text of each number."""
    return _numbers(parts.cast(pl.Categorical(pl.Categories.random())))


def _numbers(parts: pl.Series) -> tuple[U32, pl.Series]:
    code = parts.to_physical().to_numpy()
    at = np.zeros(int(code.max()) + 1 if len(code) else 0, dtype=np.int64)
    at[code] = np.arange(len(code))
    return code, parts.gather(at).cast(pl.String)


def _folded(names: pl.Series) -> pl.Expr:
    """Return the cleaning of a column `name` with phrases folded."""
    # Two rounds, since two phrases that stand side by side share a space.
    padded = pl.concat_str(pl.lit(" "), _clean(names), pl.lit(" "))
    return padded.str.replace_many(*_phrases(forms=True)).str.replace_many(*_phrases(forms=False)).str.strip_chars(" ")


@cache
def _phrase_words() -> tuple[dict[str, int], dict[str, int], list[str]]:
    """Return for the first words of phrases, and for the second, a bit for each phrase; and the phrases of one word."""
    first: dict[str, int] = {}
    second: dict[str, int] = {}
    alone = []
    for n, phrase in enumerate(lookups.table("names/phrases")["phrase"]):
        words = phrase.split()
        if len(words) == 1:
            alone.append(phrase)
        else:
            first[words[0]] = first.get(words[0], 0) | 1 << n % 64
            second[words[1]] = second.get(words[1], 0) | 1 << n % 64
    return first, second, alone


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
    start = _starts(lengths)
    place = np.repeat(start[1:], lengths) - np.arange(len(data)) - 1
    return _sums(data * powers(int(lengths.max(initial=1))).take(place), start), lengths


def powers(count: int) -> U64:
    """Return the base of `word_hashes` to the powers 0 … count."""
    out = np.full(count + 1, _BASE, dtype=np.uint64)
    out[0] = 1
    return np.multiply.accumulate(out)


def joined(texts: pl.Series, left: npt.NDArray[Any], right: npt.NDArray[Any]) -> tuple[U64, U64]:
    """Return the `word_hashes` of pairs of words printed as one: as they are, and with the first in the plural."""
    hashes, size = word_hashes(texts)
    power = powers(int(size.max(initial=0)) + 1)
    mine, theirs, shift = hashes[left], hashes[right], power[size[right]]
    return mine * shift + theirs, (mine * power[1] + np.uint64(ord("S") + 1)) * shift + theirs


def ranges(left: npt.NDArray[Any], counts: npt.NDArray[Any]) -> I64:
    """Return left[i], left[i] + 1, … counts[i] of them, for each i, run together."""
    ends = np.cumsum(counts)
    step = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
    return np.asarray(np.repeat(np.asarray(left, dtype=np.int64), counts) + step, dtype=np.int64)


def keys(cut: Words) -> tuple[U64, U64]:
    """Return for each name two hashes: of its letters run together in order, and of its words in any order.

    The first ignores spaces (INHEALTH, IN HEALTH); the second ignores order and little words. A name without words
    has 0.
    """
    hashes, lengths = word_hashes(cut.text)
    little = cut.text.is_in(lookups.table("names/little_words")["word"].to_list()).to_numpy()
    mixed = np.where(little, np.uint64(0), hashes * (hashes >> np.uint64(29) | np.uint64(1)))

    def some(start: I64, word: U32) -> tuple[U64, U64]:
        full = _starts(lengths.take(word))
        after = np.repeat(full[start[1:]], np.diff(start)) - full[1:]
        run_on = hashes.take(word) * powers(int(after.max(initial=0))).take(after)
        return _sums(run_on, start), _sums(mixed.take(word), start)

    run_on, bag = _by_blocks(cut, some)
    return run_on, bag


def _by_blocks(cut: Words, some: Callable[[I64, U32], tuple[npt.NDArray[Any], ...]]) -> list[npt.NDArray[Any]]:
    """Return what `some` says of each name, asked of so few at a time that the processor keeps them at hand."""
    parts = [
        some(cut.start[name.start : name.stop + 1] - words.start, cut.word[words]) for name, words in _blocks(cut.start)
    ]
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def first_words(cut: Words, name: I64, count: I64) -> tuple[U64, I64]:
    """Return the run-on key of the first `count` words of each of the names `name`, and how many letters those have."""
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    part = Words(start, cut.word[ranges(cut.start[name], count)], cut.text, cut.form[name])
    size = cut.text.str.len_bytes().to_numpy().astype(np.int64)
    return keys(part)[0], sums(size[part.word], part.start).astype(np.int64)


def openings(cut: Words) -> tuple[U64, U64, I64]:
    """Return each name's first twelve letters, its next twelve, and how many it has, without spaces.

    Twelve letters are one number in base 37, in the order of the alphabet, so that names that begin alike lie side by
    side once sorted: those that begin with the k letters of a value lie below value + `opening_span(k)`.
    """
    packed, size = _packed(cut.text)

    def some(start: I64, word: U32) -> tuple[U64, U64, I64]:
        length = size.take(word)
        full = _starts(length)
        before = full[:-1] - np.repeat(full[start[:-1]], np.diff(start))
        whole = packed[0].take(word)
        first = _sums(whole // _SPANS.take(np.minimum(before, _PACKED)), start)
        # The second twelve: what a word has beyond letter 12, and words that start there.
        late = np.zeros(len(whole), dtype=np.uint64)
        beyond = _PACKED - before
        inside = np.flatnonzero((beyond > 0) & (beyond < length))
        late[inside] = _shifted(packed, word[inside], beyond[inside])
        after = np.flatnonzero(beyond <= 0)
        late[after] = whole[after] // _SPANS[np.minimum(-beyond[after], _PACKED)]
        return first, _sums(late, start), np.diff(full[start])

    first, second, letters = _by_blocks(cut, some)
    return first, second, letters


def opening_span(letters: npt.NDArray[Any]) -> U64:
    """Return how far apart values of `openings` can lie that share their first `letters` letters (at most twelve)."""
    return _SPANS[_PACKED - np.clip(np.asarray(letters, dtype=np.int64), 0, _PACKED)]


_PACKED = 12
_SPANS = np.concatenate([np.array([37**k for k in range(_PACKED)], dtype=np.uint64), [np.uint64(37**_PACKED)]])


def _packed(texts: pl.Series) -> tuple[tuple[U64, U64], I64]:
    """Return each word's first twelve letters and its next twelve as numbers in base 37, and its length."""
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    padded = texts.str.slice(0, 2 * _PACKED).str.pad_end(2 * _PACKED, " ")
    data = np.frombuffer(padded.str.join("").item().encode(), dtype=np.uint8).reshape(len(lengths), 2 * _PACKED)
    digit = np.zeros(256, dtype=np.uint64)
    digit[ord("A") : ord("Z") + 1] = np.arange(1, 27)
    digit[ord("0") : ord("9") + 1] = np.arange(27, 37)
    letters = digit[data]
    worth = _SPANS[_PACKED - 1 :: -1]
    return (letters[:, :_PACKED] @ worth[:_PACKED], letters[:, _PACKED:] @ worth[:_PACKED]), lengths


def _shifted(packed: tuple[U64, U64], word: U32, letters: I64) -> U64:
    """Return the twelve letters of each word that follow its first `letters`, 1 to 11 of them."""
    rest = packed[0][word] % _SPANS[_PACKED - letters] * _SPANS[letters]
    return np.asarray(rest + packed[1][word] // _SPANS[_PACKED - letters], dtype=np.uint64)


def initials(cut: Words) -> tuple[U64, U64]:
    """Return hashes of each name's initials, with and without little words; 0 but for three to eight of them."""
    first, _ = word_hashes(cut.text.str.slice(0, 1))
    little = cut.text.is_in(lookups.table("names/little_words")["word"].to_list()).to_numpy()

    def some(start: I64, word: U32) -> tuple[U64, U64]:
        every, counts, small = _initials(start, first.take(word)), np.diff(start), little.take(word)
        telling = every.copy()
        left_out = np.diff(_starts(small)[start])
        has = left_out > 0
        short = _starts((counts - left_out)[has])
        telling[has] = _initials(short, first[word[np.repeat(has, counts) & ~small]])
        return every, telling

    every, telling = _by_blocks(cut, some)
    return every, telling


def _initials(start: I64, first: U64) -> U64:
    counts = np.diff(start)
    last = np.repeat(start[1:], counts) - np.arange(1, len(first) + 1)
    out = _sums(first * powers(int(counts.max(initial=1))).take(last), start)
    return np.where((counts >= 3) & (counts <= 8), out, np.uint64(0))


def _sums(values: U64, start: I64) -> U64:
    """Return the sum of `values[start[i]:start[i + 1]]` for each i; hashes wrap round, and so do their totals."""
    running = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values, out=running[1:])
    return np.diff(running.take(start))


def rarity(names_with: npt.NDArray[Any], names: int) -> npt.NDArray[np.float32]:
    """Return how much a word says: the natural log of names per name that has it, from the register's own counts."""
    return np.log((names + 1.0) / (np.asarray(names_with, dtype=np.float64) + 0.5)).astype(np.float32)


def sums(values: npt.NDArray[Any], start: I64) -> npt.NDArray[np.float64]:
    """Return the sum of `values[start[i]:start[i + 1]]` for each i."""
    running = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(running[start[1:]] - running[start[:-1]], dtype=np.float64)
