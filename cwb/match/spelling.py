"""Words that the register spells otherwise: slips of the keyboard, and two words printed as one or one as two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import names

if TYPE_CHECKING:
    from cwb.match.candidates import Questions
    from cwb.register import Register

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
_LEAST = 5  # letters; the neighbours of shorter words are too many
_MOST = 24
_PART = 4  # letters of either part of a word printed as one
_LETTERS = np.arange(ord("A"), ord("Z") + 1, dtype=np.uint64) + np.uint64(1)
_BITS = 24


# Reading, place among the words of all readings, word on the register.
Other = tuple[I64, I64, I64]


def slips(questions: Questions, register: Register, wanted: npt.NDArray[np.bool_]) -> Other:
    """Return (reading, place among all words, register word) for words one slip away from one the register has not.

    A slip is a letter too many, too few, another or two swapped. Only words of wanted readings are tried.
    """
    cut = questions.cut
    at = np.flatnonzero((questions.word < 0) & wanted[cut.owner])
    size = cut.text.str.len_bytes()
    plain = (size >= _LEAST) & (size <= _MOST) & ~cut.text.str.contains("[0-9]")
    at = at[plain.to_numpy()[cut.word[at]]]
    distinct, back = np.unique(cut.word[at], return_inverse=True)
    found = _one_slip(cut.text.gather(distinct), register)
    uses = pl.DataFrame({"asked": back.astype(np.int64), "at": at})
    told = uses.join(found, on="asked", how="inner", maintain_order="left")
    place = told["at"].to_numpy()
    return cut.owner[place], place, told["word"].to_numpy()


def joins(questions: Questions, register: Register, wanted: npt.NDArray[np.bool_]) -> Other:
    """Return the same for two words that the register has as one, and for the two it has for one it has not."""
    cut = questions.cut
    at = np.flatnonzero(wanted[cut.owner[:-1]] & (cut.owner[:-1] == cut.owner[1:]))
    # The first of two words may have lost its plural.
    plain, plural = names.joined(cut.text, cut.word[at], cut.word[at + 1])
    unknown = np.flatnonzero((questions.word < 0) & wanted[cut.owner])
    distinct, back = np.unique(cut.word[unknown], return_inverse=True)
    halves = _halves(cut.text.gather(distinct))
    whose = pl.DataFrame({"asked": back.astype(np.int64), "at": unknown})
    parts = whose.join(halves, on="asked", how="inner", maintain_order="left")
    asked = [plain, plural, parts["first"].to_numpy(), parts["second"].to_numpy()]
    known = np.split(_known(np.concatenate(asked), register), np.cumsum([len(keys) for keys in asked])[:-1])
    one, split = np.concatenate(known[:2]), (known[2] >= 0) & (known[3] >= 0)
    place = np.concatenate([np.concatenate([at, at])[one >= 0], *[parts["at"].to_numpy()[split]] * 2])
    return cut.owner[place], place, np.concatenate([one[one >= 0], known[2][split], known[3][split]])


def _halves(words: pl.Series) -> pl.DataFrame:
    """Return `asked` (place in `words`) and hashes `first` and `second` of every way to cut a word in two.

    The first may be a plural, which the register has folded.
    """
    size = words.str.len_bytes().to_numpy().astype(np.int64)
    counts = np.maximum(size + 1 - 2 * _PART, 0)
    asked = np.repeat(np.arange(len(size)), counts)
    at = pl.Series(np.arange(len(asked)) - np.repeat(np.cumsum(counts) - counts, counts) + _PART)
    whole = words.gather(asked)
    first, second = whole.str.slice(0, at), whole.str.slice(at)
    several = first.str.ends_with("S")
    first = pl.concat([first, first.filter(several).str.strip_suffix("S")])
    second = pl.concat([second, second.filter(several)])
    hashes = {"first": names.word_hashes(first)[0], "second": names.word_hashes(second)[0]}
    return pl.DataFrame({"asked": np.concatenate([asked, asked[several.to_numpy()]]), **hashes})


def _known(asked: U64, register: Register) -> I64:
    """Return which of the register's words each hash is, -1 where none."""
    held = register.word_hashes
    # Nearly all that is asked is no word at all: one bit a hash leaves few to look up.
    spread = np.uint64(64 - _BITS)
    bit = np.zeros(1 << _BITS, dtype=np.bool_)
    bit[held >> spread] = True
    likely = np.flatnonzero(bit[asked >> spread])
    sought, back = np.unique(asked[likely], return_inverse=True)
    which = np.full(len(sought), -1, dtype=np.int64)
    place = np.searchsorted(sought, held)
    inside = np.flatnonzero(place < len(sought))
    same = inside[sought[place[inside]] == held[inside]]
    which[place[same]] = same
    out = np.full(len(asked), -1, dtype=np.int64)
    out[likely] = which[back]
    return out


def rewritten(questions: Questions, register: Register, slipped: Other) -> tuple[I64, names.Words]:
    """Return readings with one such word replaced by the register's, and which reading each is."""
    reading, place, word = slipped
    cut = questions.cut
    used, number = np.unique(word, return_inverse=True)
    counts = np.diff(cut.start)[reading]
    start = names.starts(counts)
    words = cut.word[names.ranges(cut.start[reading], counts)].astype(np.uint32)
    words[start[:-1] + place - cut.start[reading]] = number + cut.text.len()
    texts = pl.concat([cut.text.rename("word"), register.words["word"].gather(used)])
    return reading, names.Words(start, words, texts, cut.form[reading])


def _one_slip(words: pl.Series, register: Register) -> pl.DataFrame:
    """Return `asked` (place in `words`) and `word` (on the register) for words one slip apart."""
    asked, variants = _variants(words)
    found = pl.DataFrame({"asked": asked, "word": _known(variants, register)})
    return found.filter(pl.col("word") >= 0).unique().sort("asked", "word")


def _variants(words: pl.Series) -> tuple[I64, U64]:
    """Return hashes of all strings one slip away from each word, and whose they are."""
    lengths = words.str.len_bytes().to_numpy()
    whose: list[I64] = []
    out: list[U64] = []
    power = names.powers(_MOST + 1)
    for n in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == n)
        data = np.frombuffer(words.gather(rows).str.join("").item().encode(), dtype=np.uint8)
        letter = data.astype(np.uint64).reshape(-1, n) + np.uint64(1)
        before, after = np.zeros((len(rows), n + 1), np.uint64), np.zeros((len(rows), n + 1), np.uint64)
        for i in range(n):
            before[:, i + 1] = before[:, i] * power[1] + letter[:, i]
            after[:, n - 1 - i] = letter[:, n - 1 - i] * power[i] + after[:, n - i]
        parts = []
        for i in range(n + 1):
            added = before[:, i, None] * power[1] + _LETTERS
            parts.append(added * power[n - i] + after[:, i, None])
            if i < n:
                parts.append(added * power[n - 1 - i] + after[:, i + 1, None])
                parts.append((before[:, i] * power[n - 1 - i] + after[:, i + 1])[:, None])
            if i < n - 1:
                swapped = (before[:, i] * power[1] + letter[:, i + 1]) * power[1] + letter[:, i]
                parts.append((swapped * power[n - 2 - i] + after[:, i + 2])[:, None])
        every = np.concatenate(parts, axis=1)
        whose.append(np.repeat(rows, every.shape[1]))
        out.append(every.ravel())
    return (np.concatenate(whose), np.concatenate(out)) if out else (np.zeros(0, np.int64), np.zeros(0, np.uint64))
