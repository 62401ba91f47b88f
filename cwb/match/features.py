"""How far a reading and a register name agree, as numbers: whole columns of pairs at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from cwb import lookups, names
from cwb.match.candidates import Questions, opening_with

if TYPE_CHECKING:
    from cwb.register import Register

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
_CHUNK = 200_000
_AT_ONCE = 2  # chunks; more would need more memory and gain little
_ALIKE = 0.8  # two words of four letters or more, by the share of letters they have in order
_SAME_SOUND = 0.7  # the same, for words with the same consonants
_SLIP_SEEN = 8  # letters of a name, legal form aside; shorter ones differ by a letter by chance
_SLIP_SEEN_ALONE = 10  # the same for a single word
_FORGIVEN = 0.9  # a word is found where one slip tells the whole names apart
_SHORTENED = 0.8  # a word that begins another
_AS_GOOD = 0.84  # a word found with a slip or two of the keyboard counts as found
_JOINED = 3  # letters; two initials are two letters of many names
_SPACED = 0.95  # two words are found where the other side has them as one
_NONE = 1e-6
_CUT_AT = 22  # letters without spaces: finance systems cut names at 30 to 40 characters
_CUT_WORD_AT = 15  # the same, where the cut goes through a word: some cut at 20


@dataclass(frozen=True)
class _Side:
    """One side of every pair, word by word: `start` bounds a pair's words; `text` numbers a shared table of words."""

    start: I64
    text: I64
    skeleton: I64
    weight: F64

    @property
    def counts(self) -> I64:
        return np.diff(self.start)


def agreements(questions: Questions, register: Register, reading: I64, name: I64) -> pl.DataFrame:
    """Return one row of features for each (reading, name) pair, in order."""
    form_rarity = _form_rarity(register)

    def chunk(at: int) -> pl.DataFrame:
        return _chunk(questions, register, reading[at : at + _CHUNK], name[at : at + _CHUNK], form_rarity)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return pl.concat(pool.map(chunk, range(0, max(len(reading), 1), _CHUNK)))


def _chunk(questions: Questions, register: Register, reading: I64, name: I64, form_rarity: F64) -> pl.DataFrame:
    mine, theirs, texts, place = _sides(questions, register, reading, name)
    my_best, their_best = _best(mine, theirs, texts)
    _join(mine, theirs, texts, my_best, their_best)
    _join(theirs, mine, texts, their_best, my_best)
    my_text, their_text = _run_on(texts, mine, reading), _run_on(texts, theirs, name)
    ratio = (cpdist(my_text.to_list(), their_text.to_list(), scorer=fuzz.ratio) / 100.0).astype(np.float64)
    same_letters = ratio >= 0.9999
    my_best[np.repeat(same_letters, mine.counts)] = 1.0
    their_best[np.repeat(same_letters, theirs.counts)] = 1.0
    kind = _kinds(texts, place)
    my_size, their_size = my_text.str.len_bytes().to_numpy(), their_text.str.len_bytes().to_numpy()
    shortest = np.minimum(my_size, their_size)
    slip = _one_slip(my_text, their_text, ratio) & _misprinted(questions, reading, mine)
    # A bare word is too little to go by.
    least = np.where(mine.counts > 1, _SLIP_SEEN, np.where(questions.cut.form[reading] >= 0, _SLIP_SEEN_ALONE, np.inf))
    slip &= shortest >= least
    for best, side in ((my_best, mine), (their_best, theirs)):
        slip &= names.sums(kind["tag"][side.text] & (best < 1), side.start) == 0
    for best, side in ((my_best, mine), (their_best, theirs)):
        best[np.repeat(slip, side.counts)] = np.maximum(best[np.repeat(slip, side.counts)], _FORGIVEN)
    scale = float(np.log(register.info.names + 1.0))
    me, them = _tally(mine, my_best, kind, scale), _tally(theirs, their_best, kind, scale)
    my_form, their_form = questions.cut.form[reading], _forms(name, register)
    printed = my_form >= 0
    # A community interest company is a limited company too, and ledgers often print it so.
    limited, cic = (names.form_codes().index(code) for code in ("LTD", "CIC"))
    akin = (my_form == limited) & (their_form == cic)
    # These seldom have sister companies whose names go on.
    lone = (my_form == their_form) & np.isin(my_form, [names.form_codes().index(code) for code in ("CIC", "CIO")])
    same_words = (me["lost"] < _NONE) & (them["lost"] < _NONE)
    beyond_chance = np.maximum(me["found"] - 1.0, 0.0)
    all_mine, all_theirs = me["gone"] < _NONE, them["gone"] < _NONE
    longer, shorter = _begins(their_text, my_text), _begins(my_text, their_text)
    goes_on, stops = longer & ~same_letters, shorter & ~same_letters
    begun, sisters = _openers(mine, texts, register, goes_on), _openers(theirs, texts, register, stops)
    return pl.DataFrame({
        "same_letters": _flag(same_letters),
        "same_words": _flag(same_words),
        "letters": ratio,
        "mine_found": me["share"],
        "theirs_found": them["share"],
        "mine_missing": me["missing"],
        "mine_missing_light": me["light"],
        "mine_missing_place": me["place"],
        "theirs_missing": them["missing"],
        "theirs_missing_light": them["light"],
        "theirs_missing_place": them["place"],
        "places_differ": _flag((me["place"] > 0) & (them["place"] > 0)),
        "derived": _flag(them["derived"] > 0),
        "derived_mine": _flag(me["derived"] > 0),
        "slip": _flag(slip),
        "misspelt": np.minimum(me["near"], them["near"]),
        "shared_rarity": me["found"],
        "beyond_chance": beyond_chance,
        "all_mine": _flag(all_mine),
        "all_mine_beyond_chance": np.where(all_mine, beyond_chance, 0.0),
        "all_theirs": _flag(all_theirs),
        "all_theirs_beyond_chance": np.where(all_theirs, beyond_chance, 0.0),
        "begins": _flag((longer | shorter) & ~same_letters),
        "begins_alone": _flag(goes_on & (begun <= 1)),
        "begins_rivals": np.where(goes_on, np.log(np.maximum(begun, 1)) / scale, 0.0),
        "stem_alone": _flag(stops & (sisters <= 1)),
        "stem_rivals": np.where(stops, np.log(np.maximum(sisters, 1)) / scale, 0.0),
        "cut_short": _flag(goes_on & ~printed & (my_size >= _CUT_WORD_AT) & ~_ends_with_word(theirs, texts, my_size)),
        "truncated": _flag((longer | shorter) & ~same_letters & (shortest >= _CUT_AT)),
        "only_light_more": _flag(all_mine & ~same_words & (them["missing"] + them["derived"] < _NONE)),
        "only_site_more": _flag(all_theirs & ~same_words & (me["missing"] + me["derived"] < _NONE)),
        "first_word": me["first"] * them["first"],
        "one_word": _flag((mine.counts == 1) & ~same_words),
        "numbers_differ": _flag(me["numbers"] + them["numbers"] > 0),
        "numbers_conflict": _flag((me["numbers"] > 0) & (them["numbers"] > 0)),
        "form_conflict": _flag(printed & (their_form >= 0) & (my_form != their_form) & ~akin),
        "form_akin": _flag(akin),
        "full_names_differ": _flag(printed & (their_form >= 0) & (all_mine != all_theirs) & ~lone),
        "same_form": np.where(my_form == their_form, form_rarity[their_form + 1], 0.0) / scale,
        "form_extra": _flag(printed & (their_form < 0)),
        "untelling": _flag(me["telling"] < _NONE),
        "only_places": _flag((me["telling"] < _NONE) & ~printed),
        "full_name_missing": np.where(printed, me["lost"] + them["lost"], 0.0),
    })  # fmt: skip


def _one_slip(mine: pl.Series, theirs: pl.Series, ratio: F64) -> npt.NDArray[np.bool_]:
    """Return where a letter too many or too few, another in its place or two swapped tells names apart."""
    size = (mine.str.len_bytes() + theirs.str.len_bytes()).to_numpy()
    at = np.flatnonzero((ratio < 1) & (np.rint((1 - ratio) * size) <= 2))
    out = np.zeros(len(ratio), dtype=np.bool_)
    left, right = mine.gather(at).to_list(), theirs.gather(at).to_list()
    out[at] = cpdist(left, right, scorer=OSA.distance) == 1
    return out


def _misprinted(questions: Questions, reading: I64, mine: _Side) -> npt.NDArray[np.bool_]:
    """Return whether a reading has a word that no name on the register has."""
    unknown = questions.word[names.ranges(questions.cut.start[reading], mine.counts)] < 0
    return names.sums(unknown, mine.start) > 0


def _ends_with_word(side: _Side, texts: pl.Series, letters: I64) -> npt.NDArray[np.bool_]:
    """Return whether one of a side's words ends after so many letters."""
    size = texts.str.len_bytes().to_numpy().astype(np.int64)[side.text]
    running = names.starts(size)
    ends = running[1:] - np.repeat(running[side.start[:-1]], side.counts) == np.repeat(letters, side.counts)
    return names.sums(ends, side.start) > 0


def _openers(side: _Side, texts: pl.Series, register: Register, wanted: npt.NDArray[np.bool_]) -> I64:
    """Return for the wanted pairs how many organisations' names begin with the letters of one side; else 0."""
    out = np.zeros(len(wanted), dtype=np.int64)
    at = np.flatnonzero(wanted)
    form = np.zeros(len(wanted), dtype=np.int8)
    asked = names.openings(names.Words(side.start, side.text.astype(np.uint32), texts, form))
    _, first, back = np.unique(
        np.stack([a[at].astype(np.uint64) for a in asked]), axis=1, return_index=True, return_inverse=True
    )
    first = at[first]
    out[at] = opening_with((asked[0][first], asked[1][first], asked[2][first]), register)[1][back]
    return out


def _forms(name: I64, register: Register) -> I64:
    """Return the legal form of each name, -1 for none; a part of a name has that of the whole."""
    held, own = register.arrays["name_form"], register.info.organisations
    part = np.zeros(len(name), dtype=bool)
    late = name >= own
    part[late] = (register.other_names["kind"].gather(name[late] - own) == "part").to_numpy()
    return np.asarray(held[np.where(part, register.organisation_of(name), name)], dtype=np.int64)


def _form_rarity(register: Register) -> F64:
    """Return how rare no legal form is, and each one: few companies may leave Limited out, so that too says much.

    Public bodies, which have none, are not counted: they are on every register, be it small or large.
    """
    private = (register.organisations["supplier_type"] != "public_body").to_numpy()
    form = register.arrays["name_form"][: len(private)][private].astype(np.int64)
    counts = np.bincount(form + 1, minlength=len(names.form_codes()) + 1)
    return names.rarity(counts, len(form)).astype(np.float64)


def _flag(said: npt.NDArray[np.bool_]) -> F64:
    return said.astype(np.float64)


def _kinds(texts: pl.Series, place: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[np.bool_]]:
    """Return for each kind of word which of `texts` are of it; kinds other than numbers and tags do not overlap."""
    light = texts.is_in(lookups.table("match/light_words")["word"].to_list()).to_numpy()
    derived = texts.is_in(lookups.table("match/derived_words")["word"].to_list()).to_numpy()
    return {
        "derived": derived,
        "light": light & ~derived,
        "place": place & ~light & ~derived,
        "numbers": texts.str.contains("^[0-9]{1,4}$").to_numpy(),
        # An initial or a number is no slip.
        "tag": texts.str.contains("^([0-9]{1,4}|[A-Z]{1,2})$").to_numpy(),
    }


def _sides(questions: Questions, register: Register, reading: I64, name: I64) -> tuple[_Side, _Side, pl.Series, Any]:
    cut, start = questions.cut, register.arrays["name_start"]
    my_counts = np.diff(cut.start)[reading]
    their_counts = (start[name + 1] - start[name]).astype(np.int64)
    mine_at = names.ranges(cut.start[reading], my_counts)
    their_word = register.arrays["name_word"][names.ranges(start[name], their_counts)]
    used, their_used = np.unique(their_word, return_inverse=True)
    words = register.words[used.astype(np.int64)]
    skeleton = words["skeleton"].to_numpy().astype(np.int64)
    posting = register.arrays["posting_start"]
    weight = names.rarity(posting[skeleton + 1] - posting[skeleton], register.info.names).astype(np.float64)
    texts = pl.concat([cut.text, words["word"]]).unique(maintain_order=True)
    number = pl.DataFrame({"word": texts, "number": np.arange(texts.len())})

    def numbered(wanted: pl.Series) -> I64:
        found = wanted.alias("word").to_frame().join(number, on="word", how="left", maintain_order="left")["number"]
        return found.to_numpy()

    mine = _Side(
        names.starts(my_counts), numbered(cut.text)[cut.word[mine_at]],
        questions.skeleton[mine_at], questions.weight[mine_at].astype(np.float64),
    )  # fmt: skip
    theirs = _Side(
        names.starts(their_counts), numbered(words["word"])[their_used],
        skeleton[their_used], weight[their_used],
    )  # fmt: skip
    place = np.zeros(texts.len(), dtype=bool)
    place[numbered(cut.text)[questions.place]] = True
    place[numbered(words["word"])[words["place"].to_numpy()]] = True
    return mine, theirs, texts, place


def _best(mine: _Side, theirs: _Side, texts: pl.Series) -> tuple[F64, F64]:
    """Return for each word on either side how alike it is to the likest word on the other, 0 to 1."""
    m, n = mine.counts, theirs.counts
    grid = m * n
    pair = np.repeat(np.arange(len(m)), grid)
    within = np.arange(int(grid.sum())) - np.repeat(np.cumsum(grid) - grid, grid)
    i, j = mine.start[pair] + within // n[pair], theirs.start[pair] + within % n[pair]
    alike = _alike(texts, mine.text[i], theirs.text[j], mine.skeleton[i] == theirs.skeleton[j])
    my_best, their_best = np.zeros(len(mine.text)), np.zeros(len(theirs.text))
    np.maximum.at(my_best, i, alike)
    np.maximum.at(their_best, j, alike)
    return my_best, their_best


def _join(two: _Side, one: _Side, texts: pl.Series, two_best: F64, one_best: F64) -> None:
    """Count words as found where two that stand side by side are one word of the other side."""
    hashes, size = names.word_hashes(texts)
    pair = np.repeat(np.arange(len(two.counts)), two.counts).astype(np.uint64)
    other = np.repeat(np.arange(len(one.counts)), one.counts).astype(np.uint64)
    lacking = np.flatnonzero(one_best < _AS_GOOD)
    at = np.flatnonzero((pair[:-1] == pair[1:]) & (np.minimum(two_best[:-1], two_best[1:]) < _AS_GOOD))
    at = at[size[two.text[at]] + size[two.text[at + 1]] >= _JOINED]
    # The first of two words may have lost its plural.
    plain, plural = names.joined(texts, two.text[at], two.text[at + 1])
    whole = hashes[one.text[lacking]] ^ _spread(other[lacking])
    for joined in (plain ^ _spread(pair[at]), plural ^ _spread(pair[at])):
        same = np.isin(joined, whole)
        two_best[at[same]] = two_best[at[same] + 1] = _SPACED
        one_best[lacking[np.isin(whole, joined[same])]] = _SPACED


def _spread(pair: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return pair * np.uint64(0xD6E8FEB86659FD93)


def _alike(texts: pl.Series, a: I64, b: I64, same_sound: npt.NDArray[np.bool_]) -> F64:
    """Return how alike words are: 1 for the same; else by letters, for words that begin alike and are long enough."""
    out: F64 = (a == b).astype(np.float64)
    initial = texts.str.slice(0, 1).fill_null("").cast(pl.Categorical(pl.Categories.random())).to_physical().to_numpy()
    size = texts.str.len_bytes().to_numpy().astype(np.int64)
    rest = np.flatnonzero((a != b) & (initial[a] == initial[b]) & (np.minimum(size[a], size[b]) >= 3))
    if not len(rest):
        return out
    code = a[rest] * np.int64(len(size)) + b[rest]
    distinct, at = np.unique(code, return_inverse=True)
    left, right = texts.gather(distinct // len(size)), texts.gather(distinct % len(size))
    letters = (cpdist(left.to_list(), right.to_list(), scorer=fuzz.ratio) / 100.0)[at]
    words = pl.DataFrame({"left": left, "right": right})
    opens = pl.col("left").str.starts_with(pl.col("right")) | pl.col("right").str.starts_with(pl.col("left"))
    begins = words.select(opens).to_series().to_numpy()[at]
    long_enough = np.minimum(size[a[rest]], size[b[rest]]) >= 4
    likely = (letters >= _ALIKE) | (same_sound[rest] & (letters >= _SAME_SOUND))
    out[rest] = np.where(begins, np.maximum(letters, _SHORTENED), np.where(likely & long_enough, letters, 0.0))
    return out


def _tally(side: _Side, best: F64, kind: dict[str, npt.NDArray[np.bool_]], scale: float) -> dict[str, F64]:
    """Return sums over a side's words, in units of the log of the register's size."""

    def total(values: npt.NDArray[Any]) -> F64:
        return names.sums(values, side.start) / scale

    lost = side.weight * (1 - best)
    every, found = total(side.weight), total(side.weight * best)
    by_kind = {k: total(lost * kind[k][side.text]) for k in ("light", "place", "derived")}
    head = np.minimum(side.start[:-1], max(len(best) - 1, 0))
    first = best[head] if len(best) else np.zeros(len(side.counts))
    return {
        "share": found / np.maximum(every, 1e-9),
        "found": found,
        "lost": every - found,
        "missing": every - found - by_kind["light"] - by_kind["place"] - by_kind["derived"],
        "gone": total(side.weight * (best < _AS_GOOD)),
        "near": total(side.weight * ((best > 0) & (best < 1))),
        "telling": total(side.weight * ~(kind["place"] | kind["light"])[side.text]),
        "numbers": total(kind["numbers"][side.text] & (best < 1)),
        "first": np.where(side.counts > 0, first, 0.0),
        **by_kind,
    }


def _run_on(texts: pl.Series, side: _Side, of: I64) -> pl.Series:
    """Return each name's words run together; names of one number in `of` are the same and are joined once."""
    _, first, at = np.unique(of, return_index=True, return_inverse=True)
    counts = side.counts[first]
    owner = pl.Series("owner", np.repeat(np.arange(len(first)), counts)).set_sorted()
    words = texts.gather(side.text[names.ranges(side.start[first], counts)])
    joined = pl.DataFrame({"owner": owner, "text": words}).group_by("owner").agg(pl.col("text").str.join(""))
    every = pl.DataFrame({"owner": np.arange(len(first))})
    told = every.join(joined, on="owner", how="left", maintain_order="left")["text"].fill_null("")
    return told.gather(at)


def _begins(whole: pl.Series, part: pl.Series) -> npt.NDArray[np.bool_]:
    """Return where a name starts with the other, which has at least one letter."""
    pair = pl.DataFrame({"whole": whole, "part": part})
    held = pl.col("whole").str.starts_with(pl.col("part")) & (pl.col("part") != "")
    return pair.select(held).to_series().to_numpy()
