"""Words that are not on the register as printed: which of its words they may be a slip of the keyboard for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from cwb import names

if TYPE_CHECKING:
    from cwb.match.candidates import Questions
    from cwb.register import Register

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
_LEAST = 5  # letters; the neighbours of shorter words are too many
_MOST = 14  # consonants
_KEPT = np.frombuffer(b"BCDFGJKLMNPQRSTVXZ", dtype=np.uint8).astype(np.uint64) + np.uint64(1)
_BITS = 23


def slips(questions: Questions, register: Register, wanted: npt.NDArray[np.bool_]) -> tuple[I64, I64]:
    """Return (reading, skeleton) for register words one slip away from a word of a wanted reading that is on none.

    A slip is a letter too many, too few, another or two swapped, but for the first letter.
    """
    cut = questions.cut
    at = np.flatnonzero((questions.word < 0) & wanted[cut.owner])
    plain = (cut.text.str.len_bytes() >= _LEAST) & ~cut.text.str.contains("[0-9]")
    at = at[plain.to_numpy()[cut.word[at]]]
    distinct, back = np.unique(cut.word[at], return_inverse=True)
    found = _one_slip(cut.text.gather(distinct), register)
    uses = pl.DataFrame({"asked": back.astype(np.int64), "reading": cut.owner[at]})
    told = uses.join(found, on="asked", how="inner", maintain_order="left").unique(maintain_order=True)
    return told["reading"].to_numpy(), told["skeleton"].to_numpy()


def _one_slip(words: pl.Series, register: Register) -> pl.DataFrame:
    """Return `asked` (place in `words`) and `skeleton` (number on the register) of words one slip apart."""
    nothing = pl.DataFrame(schema={"asked": pl.Int64, "skeleton": pl.Int64})
    asked, variants = _variants(names.skeleton(words))
    held, _ = names.word_hashes(register.skeletons["skeleton"])
    # Nearly all variants are no word at all: one bit a hash leaves few to look up.
    spread = np.uint64(64 - _BITS)
    bit = np.zeros(1 << _BITS, dtype=np.bool_)
    bit[held >> spread] = True
    likely = bit[variants >> spread]
    asked, variants = asked[likely], variants[likely]
    sought = np.unique(variants)
    if not len(sought):
        return nothing
    place = np.minimum(np.searchsorted(sought, held), len(sought) - 1)
    number = np.flatnonzero(sought[place] == held)
    pairs = pl.DataFrame({"asked": asked, "hash": variants}).join(
        pl.DataFrame({"hash": held[number], "skeleton": number.astype(np.int64)}), on="hash", how="inner"
    )
    spelt = register.words.lazy().select("word", pl.col("skeleton").cast(pl.Int64))
    spelt = spelt.filter(pl.col("skeleton").is_in(number.tolist()))
    mine = pl.DataFrame({"asked": np.arange(words.len(), dtype=np.int64), "mine": words})
    both = pairs.lazy().join(spelt, on="skeleton", how="inner").join(mine.lazy(), on="asked", how="left").collect()
    if not both.height:
        return nothing
    apart = cpdist(both["mine"].to_list(), both["word"].to_list(), scorer=OSA.distance, score_cutoff=1)
    return both.filter(pl.Series(apart <= 1)).select("asked", "skeleton").unique().sort("asked", "skeleton")


def _variants(skeletons: pl.Series) -> tuple[I64, U64]:
    """Return hashes of all strings one slip away from each skeleton, its first letter kept, and whose they are."""
    lengths = skeletons.str.len_bytes().to_numpy()
    whose: list[I64] = []
    out: list[U64] = []
    power = names.powers(_MOST + 1)
    for n in np.unique(lengths[(lengths >= 2) & (lengths <= _MOST)]).tolist():
        rows = np.flatnonzero(lengths == n)
        text = skeletons.gather(rows).str.join("").item().encode()
        letter = np.frombuffer(text, dtype=np.uint8).astype(np.uint64).reshape(-1, n) + np.uint64(1)
        before, after = np.zeros((len(rows), n + 1), np.uint64), np.zeros((len(rows), n + 1), np.uint64)
        for i in range(n):
            before[:, i + 1] = before[:, i] * power[1] + letter[:, i]
            after[:, n - 1 - i] = letter[:, n - 1 - i] * power[i] + after[:, n - i]
        parts = []
        for i in range(1, n + 1):
            added = before[:, i, None] * power[1] + _KEPT
            parts.append(added * power[n - i] + after[:, i, None])
            if i < n:
                parts.append(added * power[n - 1 - i] + after[:, i + 1, None])
                parts.append((before[:, i] * power[n - 1 - i] + after[:, i + 1])[:, None])
            if i < n - 1:
                # Without letter i its neighbours may be one and the same, and skeletons have no doubles.
                parts.append((before[:, i] * power[n - 2 - i] + after[:, i + 2])[:, None])
                swapped = (before[:, i] * power[1] + letter[:, i + 1]) * power[1] + letter[:, i]
                parts.append((swapped * power[n - 2 - i] + after[:, i + 2])[:, None])
        every = np.concatenate(parts, axis=1)
        whose.append(np.repeat(rows, every.shape[1]))
        out.append(every.ravel())
    return (np.concatenate(whose), np.concatenate(out)) if out else (np.zeros(0, np.int64), np.zeros(0, np.uint64))
