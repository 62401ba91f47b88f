"""Names → words in their common form: cleaned, phrases folded, abbreviations and plurals undone, legal forms apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import lookups
from cwb.names.runs import I64, U32, blocks, starts

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
    lengths, code, raw = _raw_words(names.cast(pl.String).fill_null(""))
    spelt = _common_form(raw)
    known = ~spelt["dropped"].to_numpy()
    of_code = np.full(spelt.height, _DROPPED, dtype=np.int32)
    of_code[known], texts = coded(spelt["word"].filter(pl.Series(known)))
    form_of_code = spelt["form"].to_physical().cast(pl.Int8).fill_null(_DROPPED).to_numpy()
    begins = starts(lengths)
    forms, counts = np.full(len(lengths), _DROPPED, dtype=np.int8), np.zeros(len(lengths), dtype=np.int64)
    word = []
    for name, raws in blocks(begins):
        first, part = begins[name] - raws.start, code[raws]
        form, number = form_of_code.take(part), of_code.take(part)
        # A form that opens a name is a word of it ("LIMITED EDITIONS LTD").
        form[first] = _DROPPED
        at = np.flatnonzero(form >= 0)
        forms[name.start + np.searchsorted(first, at, "right") - 1] = form[at]
        kept = (number >= 0) & (form < 0)
        counts[name] = np.diff(starts(kept)[np.append(first, len(part))])
        word.append(number[kept].astype(np.uint32))
    return Words(starts(counts), np.concatenate(word), texts, forms)


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
    begins = starts(lengths)
    for name, pieces in blocks(begins):
        part = piece[pieces]
        at = np.flatnonzero(opens.take(part[:-1]))
        at = at[first[part[at]] & second[part[at + 1]] != 0]
        for some in (at, np.flatnonzero(several.take(part))):
            whole[name.start + np.searchsorted(begins[name], pieces.start + some, "right") - 1] = True
    cut_lengths, cut, cut_texts = _split(names.filter(pl.Series(whole)), _folded(names))
    printed_lengths, lengths = lengths, lengths.copy()
    lengths[whole] = cut_lengths
    texts, ends, done = pl.concat([plain, cut_texts]), starts(lengths), 0
    word = np.empty(ends[-1], dtype=np.uint32)
    for (name, pieces), (_, words) in zip(blocks(begins), blocks(ends), strict=True):
        is_cut = whole[name]
        from_cut = np.repeat(is_cut, lengths[name])
        taken = done + int(np.count_nonzero(from_cut))
        part = word[words]
        part[from_cut] = cut[done:taken] + np.uint32(len(plain))
        part[~from_cut] = piece[pieces][np.repeat(~is_cut, printed_lengths[name])]
        done = taken
    # Numbered as they come, whichever thread of the streaming engine saw them first.
    earliest = np.full(texts.len(), len(word), dtype=np.int64)
    for _, words in reversed(list(blocks(ends))):
        earliest[word[words][::-1]] = np.arange(words.stop - 1, words.start - 1, -1)
    order = np.argsort(earliest)[: np.count_nonzero(earliest < len(word))]
    number = np.empty(texts.len(), dtype=np.uint32)
    number[order] = np.arange(len(order), dtype=np.uint32)
    for _, words in blocks(ends):
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
