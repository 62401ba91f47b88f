"""Names of which a supplier prints a part by its initials: Crossroads Care CMM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import lookups, names
from cwb.match.candidates import Questions

if TYPE_CHECKING:
    from cwb.register import Register

I64 = npt.NDArray[np.int64]
_LEAST, _MOST = 3, 6  # letters of a word that may be initials
_WORDS = 5  # of a reading; the index holds up to eight initials
_TELLING = 0.6  # rarity of the other words, as a share of the rarest's: an acronym and Services is another's name


def shortened(questions: Questions, register: Register, wanted: npt.NDArray[np.bool_]) -> pl.DataFrame:
    """Return (reading, name) where one of a reading's words is the initials of those that the name has in its stead."""
    cut, held = questions.cut, register.arrays["initials"]
    counts = np.diff(cut.start)
    size = cut.text.str.len_bytes().to_numpy().astype(np.int64)
    letters = (cut.text.str.contains("^[A-Z]+$").to_numpy() & (size >= _LEAST) & (size <= _MOST))[cut.word]
    chosen = (wanted & (counts > 1) & (counts <= _WORDS))[cut.owner]
    others = names.sums(questions.weight, cut.start)[cut.owner] - questions.weight
    telling = others >= _TELLING * np.log(register.info.names + 1.0)
    at = np.flatnonzero(letters & chosen & telling)
    reading, place = cut.owner[at], at - cut.start[cut.owner[at]]
    asked = _with_initials(cut, reading, place)
    left, right = np.searchsorted(held, asked, "left"), np.searchsorted(held, asked, "right")
    listed = np.where(right - left <= int(lookups.number("match.list_length")), right - left, 0)
    which = np.repeat(np.arange(len(at)), listed)
    name = register.arrays["initials_name"][names.ranges(left, listed)].astype(np.int64)
    start, word = register.arrays["name_start"], register.arrays["name_word"]
    for k in range(_WORDS):  # word by word: most names fall away at the first
        its, other = reading[which], np.int64(k)
        from_end = counts[its] - 1 - other
        before, after = other < place[which], from_end >= 0
        mine = questions.word[np.minimum(cut.start[its] + other, cut.start[its + 1] - 1)]
        there = np.where(before, start[name] + other, start[name + 1].astype(np.int64) - 1 - from_end)
        same = word[np.clip(there, 0, len(word) - 1)] == mine
        kept = same | (other == place[which]) | ~after
        which, name = which[kept], name[kept]
    return pl.DataFrame({"reading": reading[which], "name": name}).unique(maintain_order=True)


def _with_initials(cut: names.Words, reading: I64, place: I64) -> npt.NDArray[np.uint64]:
    """Return the hash of each reading's initials with the word at `place` in full."""
    texts = pl.concat([cut.text, cut.text.str.slice(0, 1)])
    counts = np.diff(cut.start)[reading]
    start = names.starts(counts)
    words = cut.word[names.ranges(cut.start[reading], counts)].astype(np.int64) + cut.text.len()
    words[start[:-1] + place] -= cut.text.len()
    return names.keys(names.Words(start, words.astype(np.uint32), texts, cut.form[reading]))[0]
