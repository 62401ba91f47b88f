"""Which names on the register a reading could mean: equal keys first, then those that share its rarest words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import lookups, names
from cwb.match import spelling

if TYPE_CHECKING:
    from cwb.register import Register

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
UNKNOWN = np.int64(-1)
_FIRST = 2  # words; one alone is met by its rarity
_SLIPPED = 0.8  # of a word's rarity, where the reading's word is a slip of it
_TELLING = 4  # letters; fewer begin too many names


@dataclass(frozen=True)
class Questions:
    """Readings cut into words, with each word's number on the register (-1: not there), skeleton and rarity.

    `place` says of each entry of `cut.text` whether post towns use it.
    """

    texts: pl.Series
    cut: names.Words
    place: npt.NDArray[np.bool_]
    word: I64
    skeleton: I64
    weight: npt.NDArray[np.float32]
    run_on: npt.NDArray[np.uint64]
    bag: npt.NDArray[np.uint64]


def ask(texts: pl.Series, register: Register) -> Questions:
    """Cut readings into words and look the words up on the register."""
    cut = names.words(texts)
    run_on, bag = names.keys(cut)
    mine = pl.DataFrame({"word": cut.text, "skeleton": names.skeleton(cut.text)})
    skeletons = register.skeletons.with_row_index("skeleton_number")
    known = register.words.lazy().with_row_index("word_number").select("word", "word_number", "place")
    found = (
        mine.lazy()
        .join(known, on="word", how="left", maintain_order="left")
        .join(skeletons.lazy(), on="skeleton", how="left", maintain_order="left")
        .select(
            pl.col("word_number", "skeleton_number").cast(pl.Int64).fill_null(UNKNOWN),
            pl.col("place").fill_null(value=False),
        )
        .collect()
    )
    word, skeleton = found["word_number"].to_numpy(), found["skeleton_number"].to_numpy()
    starts = register.arrays["posting_start"]
    held = np.where(skeleton >= 0, starts[skeleton + 1] - starts[np.maximum(skeleton, 0)], 0)
    weight = names.rarity(held, register.info.names)
    place = found["place"].to_numpy()
    return Questions(texts, cut, place, word[cut.word], skeleton[cut.word], weight[cut.word], run_on, bag)


def same_key(keys: tuple[U64, U64], register: Register) -> pl.DataFrame:
    """Return (reading, name) for names whose run-on letters or whose words in any order equal the reading's."""
    found = [_equal(register, key, asked) for key, asked in zip(("run_on", "bag"), keys, strict=True)]
    return pl.concat(found).unique(maintain_order=True)


def put_right(questions: Questions, register: Register, slips: spelling.Other) -> pl.DataFrame:
    """Return (reading, name) for names that equal a reading once one of its words is taken for a slip."""
    reading, cut = spelling.rewritten(questions, register, slips)
    found = same_key(names.keys(cut), register)
    return found.with_columns(reading=pl.Series(reading).gather(found["reading"]))


def by_initials(questions: Questions, register: Register) -> pl.DataFrame:
    """Return (reading, name) for names whose initials are the reading's letters, three to eight of them."""
    letters = names.letters_as_printed(questions.texts)
    hashes, sizes = names.word_hashes(letters)
    return _equal(register, "initials", np.where((sizes >= 3) & (sizes <= 8), hashes, np.uint64(0)))


def beginning(questions: Questions, register: Register) -> tuple[pl.DataFrame, I64]:
    """Return (reading, name) for names that go on after the whole of a reading, where few organisations' names do.

    With them comes for each reading how many organisations' names begin with its letters.
    """
    found, counts = opening_with(names.openings(questions.cut), register)
    few = counts <= int(lookups.number("match.candidates"))
    return found.filter(pl.Series(few).gather(found["reading"])), counts


def opening_with(asked: tuple[U64, U64, I64], register: Register) -> tuple[pl.DataFrame, I64]:
    """Return (reading, name) for names that begin with the letters of `names.openings`, and of how many organisations.

    Of more names than `match.list_length` that share the first twelve letters none is returned; they are still counted.
    """
    first, following, letters = asked
    held, most = register.arrays["opening"], int(lookups.number("match.list_length"))
    left = np.searchsorted(held, first, "left")
    counts = np.searchsorted(held, first + names.opening_span(letters), "left") - left
    counts = np.where(letters >= _TELLING, counts, 0)
    listed = np.where(counts <= most, counts, 0)
    reading = np.repeat(np.arange(len(first)), listed).astype(np.int64)
    at = names.ranges(left, listed)
    beyond = register.arrays["opening_next"][at] - following[reading]
    goes_on = beyond < names.opening_span(np.maximum(letters - 12, 0))[reading]
    reading, name = reading[goes_on], register.arrays["opening_name"][at[goes_on]].astype(np.int64)
    found = pl.DataFrame({"reading": reading, "name": name})
    own = pl.DataFrame({"reading": reading, "organisation": register.organisation_of(name)}).unique()
    organisations = np.bincount(own["reading"].to_numpy(), minlength=len(first))
    return found, np.where(counts > most, counts, organisations).astype(np.int64)


def begun_by(questions: Questions, register: Register) -> pl.DataFrame:
    """Return (reading, name) for names that are the first two or more words of a longer reading, word for word."""
    cut = questions.cut
    parts = np.maximum(np.diff(cut.start) - _FIRST, 0)
    reading = np.repeat(np.arange(len(cut)), parts)
    size = names.ranges(np.full(len(cut), _FIRST), parts)
    found = _equal(register, "run_on", names.first_words(cut, reading, size)[0])
    return found.with_columns(reading=pl.Series(reading).gather(found["reading"]))


def _equal(register: Register, key: str, asked: npt.NDArray[np.uint64]) -> pl.DataFrame:
    held, most = register.arrays[key], int(lookups.number("match.equal_keys"))
    left, right = np.searchsorted(held, asked, "left"), np.searchsorted(held, asked, "right")
    counts = np.where(asked == 0, 0, np.minimum(right - left, most))
    reading = np.repeat(np.arange(len(asked)), counts).astype(np.int64)
    name = register.arrays[f"{key}_name"][names.ranges(left, counts)].astype(np.int64)
    return pl.DataFrame({"reading": reading, "name": name})


def sharing_words(
    questions: Questions, register: Register, wanted: npt.NDArray[np.bool_], slips: spelling.Other
) -> pl.DataFrame:
    """Return (reading, name) for the names that share most rarity with each wanted reading.

    A reading's rarest words, and those one of its words may be a slip of, are followed until their lists are as long
    as `match.list_length` allows.
    """
    cut = questions.cut
    starts = register.arrays["posting_start"]
    # A slip of the same consonants is met by them already.
    of = register.words["skeleton"].to_numpy()[slips[2]].astype(np.int64)
    other = of != questions.skeleton[slips[1]]
    pairs = np.unique(np.stack([slips[0][other], of[other]]), axis=1)
    of_slip = names.rarity(starts[pairs[1] + 1] - starts[pairs[1]], register.info.names) * np.float32(_SLIPPED)
    owner = np.concatenate([cut.owner, pairs[0]])
    skeleton = np.concatenate([questions.skeleton, pairs[1]])
    weight = np.concatenate([questions.weight, of_slip])
    known = (skeleton >= 0) & wanted[owner]
    length = np.where(known, starts[skeleton + 1] - starts[np.maximum(skeleton, 0)], 0).astype(np.int64)
    order = np.lexsort((length, ~known, owner))
    run = np.cumsum(length[order])
    before = run - length[order] - _first(run - length[order], owner[order])
    longest = int(lookups.number("match.list_length"))
    follow = order[known[order] & (before + length[order] <= longest)]
    reading, name, both = _shared(
        owner[follow],
        register.arrays["posting_name"][names.ranges(starts[skeleton[follow]], length[follow])],
        length[follow],
        weight[follow],
        register.info.names,
    )
    total = names.sums(questions.weight, cut.start)[reading]
    other = register.arrays["name_weight"][name].astype(np.float64)
    close = 2 * both / (total + other + 1e-9) + 0.5 * both / np.minimum(total, other + 1e-9)
    likely = close >= lookups.number("match.least_overlap")
    most = int(lookups.number("match.candidates"))
    return (
        pl.DataFrame({"reading": reading[likely], "name": name[likely], "close": close[likely]})
        .sort("reading", "close", "name", descending=[False, True, False])
        .filter(pl.int_range(pl.len()).over("reading") < most)
        .select("reading", "name")
    )


def _shared(
    owner: I64, posted: npt.NDArray[np.uint32], length: I64, weight: npt.NDArray[np.float32], names_held: int
) -> tuple[I64, I64, npt.NDArray[np.float64]]:
    """Return reading, name and the weight of the words they share, once a pair, for words' lists of names run together.

    Each list is in order of names, so a reading has a few ordered runs, which a merge sort takes in its stride.
    """
    pair: I64 = np.repeat(owner * np.int64(names_held), length) + posted.astype(np.int64)
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    if not len(pair):
        return pair, pair, np.zeros(0)
    begins = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]]))
    both = np.add.reduceat(np.repeat(weight.astype(np.float64), length)[order], begins)
    return pair[begins] // names_held, pair[begins] % names_held, both


def _first(values: I64, owner: I64) -> I64:
    """Return for each entry the value at the first entry of its owner (owners are sorted)."""
    if not len(owner):
        return values
    begins = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
    return np.repeat(values[begins], np.diff(np.concatenate([begins, [len(owner)]])))
