"""The keys by which names that begin alike lie side by side."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cwb import names

LETTERS = " ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
words = st.lists(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=30), max_size=6)


def packed(text: str) -> int:
    value = 0
    for letter in text[:12].ljust(12):
        value = value * 37 + LETTERS.index(letter)
    return value


@given(st.lists(words, min_size=1, max_size=5))
def test_twelve_letters_and_the_next_twelve_are_what_the_words_run_together_say(every):
    cut = names.words(pl.Series([" ".join(w) for w in every], dtype=pl.String))
    first, following, letters = names.openings(cut)
    text = cut.text.to_list()
    for at in range(len(cut)):
        run = "".join(text[w] for w in cut.word[cut.start[at] : cut.start[at + 1]])
        assert (int(first[at]), int(following[at]), int(letters[at])) == (packed(run), packed(run[12:]), len(run))


@given(st.text(LETTERS[1:], min_size=1, max_size=12), st.text(LETTERS[1:], max_size=12), st.booleans())
def test_a_name_lies_within_the_span_of_what_it_begins_with_and_no_other_does(start, rest, begins):
    name = start + rest if begins else rest
    low, span = packed(start), int(names.opening_span(np.array([len(start)]))[0])
    assert (low <= packed(name) < low + span) == name[:12].startswith(start)
