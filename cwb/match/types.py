"""What kind of payee a supplier is, from the wording of its name and from lists of public bodies."""

from __future__ import annotations

import numpy as np
import polars as pl

from cwb import lookups, names

_WORDS, _LETTERS = 2, 10  # of a public body's name that tell it, whatever follows
BARS = ("all", "private", "none")


def typed(suppliers: pl.DataFrame, payers: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return for each supplier, in order: type, rule, bars, public_body (its listed name, null where not listed), and
    person: nothing says what it is, and it reads as a person's name.


    `payers` has supplier_id and institution: a supplier whose payers are all itself, or its departments, is internal.

    `bars` says which organisations on a register the supplier must not become: `all` of them (a person, a hidden
    name), `private` ones (a public body), or `none`. The listed bodies come first, then the wording rules in order.
    """
    text = names.clean(suppliers["supplier_name"])
    cut = names.words(suppliers["supplier_name"])
    listed = listed_public_body(cut)
    first = [
        (suppliers["is_redacted"], "redacted", "redacted", "all"),
        (_pays_itself(suppliers, payers), "internal", "pays_itself", "all"),
        (listed.is_not_null(), "public_body", "listed_public_body", "private"),
    ]
    first.append((in_short(cut), "public_body", "public_body_in_short", "private"))
    fits = [(w, k, r, b) for w, k, r, b in first if w.any()]
    for name, pattern, unless, supplier_type, barred in lookups.table("match/type_rules").iter_rows():
        worded = text.str.contains(pattern)
        if unless and worded.any():
            worded &= ~text.str.contains(unless)
        if worded.any():
            fits.append((worded, supplier_type, name, barred))
    # The first rule that fits decides: later ones are laid down before earlier ones.
    kind, rule, bars = (np.full(text.len(), v, dtype=object) for v in ("unknown", None, "none"))
    for fit, supplier_type, name, barred in reversed(fits):
        at = fit.to_numpy()
        kind[at], rule[at], bars[at] = supplier_type, name, barred
    return pl.DataFrame(
        {"supplier_type": kind.tolist(), "rule": rule.tolist(), "bars": bars.tolist(), "public_body": listed},
        schema=dict.fromkeys(("supplier_type", "rule", "bars", "public_body"), pl.String),
    ).with_columns(person=like_a_person(suppliers["supplier_name"]) & (pl.col("supplier_type") == "unknown"))


def names_a_person(printed: pl.Series) -> pl.Series:
    """Say of each name whether it is a person's: by its title or wording, or as nothing says it is anything else."""
    asked = pl.DataFrame({"supplier_id": printed, "supplier_name": printed}).with_columns(
        is_redacted=pl.lit(value=False)
    )
    kinds = typed(asked)
    return (kinds["supplier_type"] == "individual") | kinds["person"]


def listed_public_body(cut: names.Words) -> pl.Series:
    """Return the name in `lookups/public_bodies.csv` that each name equals once it is cut into words too, or null."""
    known = lookups.table("public_bodies")
    wording = pl.concat([known["name"], known["also"].str.split("|").explode().drop_nulls()])
    name = pl.concat(
        [
            known["name"],
            known.select(pl.col("name").repeat_by(pl.col("also").str.split("|").list.len())).explode("name")["name"],
        ]
    )
    keys = pl.DataFrame({"key": names.keys(names.words(wording))[1], "public_body": name}).filter(
        wording.str.len_chars() > 0
    )
    keys = keys.unique("key", keep="first", maintain_order=True)
    asked = pl.DataFrame({"key": names.keys(cut)[1]})
    return asked.join(keys, on="key", how="left", maintain_order="left", validate="m:1")["public_body"]


def in_short(cut: names.Words) -> pl.Series:
    """Say of each name without a legal form whether it is how a listed public body's name begins, two words or more.

    Ledgers cut names and leave their ending out: "Great Ormond Street Hospital", "Coventry and Warwickshire NHS".
    """
    known = lookups.table("public_bodies")
    held = names.words(pl.concat([known["name"], known["also"].str.split("|").explode().drop_nulls()]))
    generic = cut.text.is_in(lookups.table("match/public_endings")["word"].to_list()).to_numpy()
    at = np.arange(len(cut.word)) - np.repeat(cut.start[:-1], np.diff(cut.start))
    last = np.full(len(cut), -1)
    np.maximum.at(last, cut.owner, np.where(generic[cut.word], -1, at))
    asked, letters = names.first_words(cut, np.arange(len(cut)), last + 1)
    size = np.maximum(np.diff(held.start) - 1, 0)
    body = np.repeat(np.arange(len(held)), size)
    count = np.arange(len(body)) - np.repeat(np.cumsum(size) - size, size) + 1
    begins, _ = names.first_words(held, body, count)
    told = np.isin(asked, begins[count >= _WORDS]) & (last + 1 >= _WORDS) & (letters >= _LETTERS) & (cut.form < 0)
    return pl.Series(told)


def _pays_itself(suppliers: pl.DataFrame, payers: pl.DataFrame | None) -> pl.Series:
    """Say of each supplier whether every institution that pays it has its name, whole or before a dash or bracket.

    Several ways to write one public body are one name, as `listed_public_body` has it.
    """
    if payers is None or not suppliers.height:
        return pl.repeat(value=False, n=suppliers.height, eager=True)
    pairs = payers.select("supplier_id", "institution").unique()
    pairs = pairs.join(suppliers.select("supplier_id", "supplier_name"), on="supplier_id", how="inner")
    whole = pairs["supplier_name"]
    paid_to = (whole, whole.str.replace(r"\s*(?:[(:\[]| [-–] ).*$", ""))
    payer = _identity(pairs["institution"])
    itself = pl.Series((_identity(paid_to[0]) == payer) | (_identity(paid_to[1]) == payer)).fill_null(value=False)
    told = pairs.select("supplier_id", itself=itself).group_by("supplier_id").agg(pl.col("itself").all())
    found = suppliers.select("supplier_id").join(told, on="supplier_id", how="left", maintain_order="left")
    return found["itself"].fill_null(value=False)


def _identity(printed: pl.Series) -> pl.Series:
    """Return what a name is known by: the listed public body, else a hash of its words; null for no words."""
    cut = names.words(printed)
    key = pl.Series(names.keys(cut)[1])
    return pl.select(pl.coalesce(listed_public_body(cut), pl.when(key != 0).then(key.cast(pl.String)))).to_series()


def like_a_person(printed: pl.Series) -> pl.Series:
    """Say of each name whether it reads as a person's without a title: a common first name, then one or two names.

    Conservative: letters only, no word of trade, no place or light word. A business may bear its owner's name, so this
    counts only where no organisation on a register is matched.
    """
    text = names.clean(printed)
    word = pl.col("word")
    bare = printed.str.contains("^[A-Za-z][A-Za-z'’-]+( [A-Za-z]\\.?)?( [A-Za-z][A-Za-z'’-]+){1,2}$")
    cut = pl.DataFrame({"text": text}).with_columns(word=pl.col("text").str.split(" "))
    other = lookups.table("match/trade_words")["word"], lookups.table("match/light_words")["word"]
    trade = pl.concat([*other, lookups.table("names/legal_forms")["wording"], lookups.table("names/words")["word"]])
    first = lookups.table("match/given_names")["name"]
    said = cut.select(
        word.list.first().is_in(first.to_list())
        & (word.list.len() <= 3)
        & (word.list.last().str.len_chars() >= 3)
        & (word.list.set_intersection(trade.to_list()).list.len() == 0)
    ).to_series()
    return (bare & said).fill_null(value=False)
