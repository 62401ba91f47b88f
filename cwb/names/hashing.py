"""Words → keys: 64-bit hashes of names, their initials and openings, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import lookups
from cwb.names.cutting import Words
from cwb.names.runs import I64, U32, U64, blocks, hash_sums, ranges, starts, sums

_BASE = np.uint64(0x9E3779B97F4A7C15)


def word_hashes(texts: pl.Series) -> tuple[U64, I64]:
    """Return a polynomial hash of each word's bytes, and its length in bytes."""
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    if not len(lengths):
        return np.zeros(0, np.uint64), lengths
    data = np.frombuffer(texts.str.join("").item().encode(), dtype=np.uint8).astype(np.uint64) + np.uint64(1)
    start = starts(lengths)
    place = np.repeat(start[1:], lengths) - np.arange(len(data)) - 1
    return hash_sums(data * powers(int(lengths.max(initial=1))).take(place), start), lengths


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


def keys(cut: Words) -> tuple[U64, U64]:
    """Return for each name two hashes: of its letters run together in order, and of its words in any order.

    The first ignores spaces (INHEALTH, IN HEALTH); the second ignores order and little words. A name without words
    has 0.
    """
    hashes, lengths = word_hashes(cut.text)
    little = cut.text.is_in(lookups.table("names/little_words")["word"].to_list()).to_numpy()
    mixed = np.where(little, np.uint64(0), hashes * (hashes >> np.uint64(29) | np.uint64(1)))

    def some(start: I64, word: U32) -> tuple[U64, U64]:
        full = starts(lengths.take(word))
        after = np.repeat(full[start[1:]], np.diff(start)) - full[1:]
        run_on = hashes.take(word) * powers(int(after.max(initial=0))).take(after)
        return hash_sums(run_on, start), hash_sums(mixed.take(word), start)

    run_on, bag = _by_blocks(cut, some)
    return run_on, bag


def _by_blocks(cut: Words, some: Callable[[I64, U32], tuple[npt.NDArray[Any], ...]]) -> list[npt.NDArray[Any]]:
    """Return what `some` says of each name, asked of so few at a time that the processor keeps them at hand."""
    parts = [
        some(cut.start[name.start : name.stop + 1] - words.start, cut.word[words]) for name, words in blocks(cut.start)
    ]
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def first_words(cut: Words, name: I64, count: I64) -> tuple[U64, I64]:
    """Return the run-on key of the first `count` words of each of the names `name`, and how many letters those have."""
    start = starts(count)
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
        full = starts(length)
        before = full[:-1] - np.repeat(full[start[:-1]], np.diff(start))
        whole = packed[0].take(word)
        first = hash_sums(whole // _SPANS.take(np.minimum(before, _PACKED)), start)
        # The second twelve: what a word has beyond letter 12, and words that start there.
        late = np.zeros(len(whole), dtype=np.uint64)
        beyond = _PACKED - before
        inside = np.flatnonzero((beyond > 0) & (beyond < length))
        late[inside] = _shifted(packed, word[inside], beyond[inside])
        after = np.flatnonzero(beyond <= 0)
        late[after] = whole[after] // _SPANS[np.minimum(-beyond[after], _PACKED)]
        return first, hash_sums(late, start), np.diff(full[start])

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
        left_out = np.diff(starts(small)[start])
        has = left_out > 0
        short = starts((counts - left_out)[has])
        telling[has] = _initials(short, first[word[np.repeat(has, counts) & ~small]])
        return every, telling

    every, telling = _by_blocks(cut, some)
    return every, telling


def _initials(start: I64, first: U64) -> U64:
    counts = np.diff(start)
    last = np.repeat(start[1:], counts) - np.arange(1, len(first) + 1)
    out = hash_sums(first * powers(int(counts.max(initial=1))).take(last), start)
    return np.where((counts >= 3) & (counts <= 8), out, np.uint64(0))


def rarity(names_with: npt.NDArray[Any], names: int) -> npt.NDArray[np.float32]:
    """Return how much a word says: the natural log of names per name that has it, from the register's own counts."""
    return np.log((names + 1.0) / (np.asarray(names_with, dtype=np.float64) + 0.5)).astype(np.float32)
