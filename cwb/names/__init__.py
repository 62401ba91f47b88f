"""Organisation names as words and keys: the same cutting for the register and for the ledger.

A name is cleaned, known phrases are folded, and it is cut into words; each word is brought to a common form
(abbreviation, plural) and legal forms are set apart. Keys are 64-bit hashes of those words, made with whole-column
arithmetic and the same on every machine, so that millions of names can be compared without touching their text.
"""

from cwb.names.cutting import Words, clean, coded, form_codes, letters_as_printed, skeleton, words
from cwb.names.hashing import (
    first_words,
    initials,
    joined,
    keys,
    opening_span,
    openings,
    powers,
    rarity,
    word_hashes,
)
from cwb.names.runs import I64, U32, U64, ranges, starts, sums

__all__ = [
    "I64", "U32", "U64", "Words", "clean", "coded", "first_words", "form_codes", "initials", "joined", "keys",
    "letters_as_printed", "opening_span", "openings", "powers", "ranges", "rarity", "skeleton", "starts", "sums",
    "word_hashes", "words",
]  # fmt: skip
