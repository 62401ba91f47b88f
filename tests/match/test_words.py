"""Names cut into words: pieces are cleaned once however many names have them, with the same words as one by one."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cwb import lookups, names
from cwb.names.cutting import _common_form

_PIECES = ["FOO", "Bar's", "C.I.C.", "LTD", "Limited", "A&B", "-", "(UK)", "X-RAY", "Café", "WWW", "COOP", "  ", "\t"]


def _plainly(printed: str) -> tuple[list[str], str | None]:
    """Return the words and the legal form of one name by the description: clean, fold phrases, cut, common form."""
    table = lookups.table("names/phrases")
    is_form = table["folded"].is_in(names.form_codes())
    text = f" {names.clean(pl.Series([printed]))[0]} "
    for rows in (table.filter(is_form), table.filter(~is_form)):
        wanted, given_for = ([f" {w} ".replace("  ", " ") for w in rows[c]] for c in ("phrase", "folded"))
        text = pl.Series([text]).str.replace_many(wanted, given_for)[0]
    words, form = [], None
    for at, raw in enumerate(text.split()):
        word, is_a_form, dropped = _common_form(pl.Series([raw])).row(0)
        if is_a_form and at:
            form = is_a_form
        elif not dropped:
            words.append(word)
    return words, form


def _shown(cut: names.Words, name: int) -> list[str]:
    return cut.text.gather(cut.word[cut.start[name] : cut.start[name + 1]]).to_list()


_phrases = st.sampled_from(lookups.table("names/phrases")["phrase"].to_list())
_words = _phrases.flatmap(lambda phrase: st.sampled_from(phrase.split()))


@given(st.lists(st.lists(st.one_of(st.sampled_from(_PIECES), _phrases, _words), max_size=6).map(" ".join), max_size=8))
def test_many_names_are_cut_as_each_is_alone(every: list[str]) -> None:
    cut = names.words(pl.Series(every, dtype=pl.String))
    assert len(cut) == len(every)
    for name, printed in enumerate(every):
        words, form = _plainly(printed)
        assert _shown(cut, name) == words, printed
        assert cut.form[name] == (names.form_codes().index(form) if form else -1), printed


def test_what_stands_between_spaces_is_no_word_once_it_is_folded_or_cut() -> None:
    cut = names.words(pl.Series(["UNITED KINGDOM FOO LTD", "A&B - FOO"]))
    assert set(cut.text) == {"UK", "FOO", "LTD", "A", "B"}


def test_a_list_longer_than_is_cut_at_once_is_cut_as_its_parts_are() -> None:
    few = [" ".join(_PIECES[i] for i in (n % 14, n * 3 % 13, n * 5 % 11)[: n % 4]) for n in range(37)]
    every = names.words(pl.Series(few * 1200))
    alone = names.words(pl.Series(few))
    assert every.text.to_list() == alone.text.to_list()
    assert (every.word == np.tile(alone.word, 1200)).all()
    assert (np.diff(every.start) == np.tile(np.diff(alone.start), 1200)).all()
    assert (every.form == np.tile(alone.form, 1200)).all()
    for keyed in (names.keys, names.initials, names.openings):
        for many, once in zip(keyed(every), keyed(alone), strict=True):
            assert (many == np.tile(once, 1200)).all()
