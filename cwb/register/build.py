"""Registers as their publishers issue them → one index on disk, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import lookups, names
from cwb.errors import RegisterError
from cwb.files import sha256, staged
from cwb.names import U32, U64
from cwb.register.index import MANIFEST, VERSION, RegisterInfo
from cwb.register.read import read_all

Progress = Callable[[str, float], None]
_TOWN_SEEN = 3  # organisations; below it a "town" is as often a slip of the pen
_PARTED = r"\(| - |-$"
_PARTS = (r"\(([^()]{4,})\)", r"^([^(]{4,}?)\s*\([^()]*[A-Za-z][^()]*\)", r"^(.{4,}?) - ", r" - (.{4,})$")


def build_register(sources: Sequence[Path], out: Path, *, progress: Progress | None = None) -> RegisterInfo:
    """Build an index at `out` from register files (.csv or .zip, one or several parts each).

    Args:
        sources: files in their publishers' official layouts.
        out: folder of the index; what is there is replaced only when all has gone well.
        progress: called with what is being done and how much is, 0 to 1.

    Raises:
        RegisterError: a file is missing, is not a register, or is damaged; nothing is written.
    """
    say = progress or (lambda _what, _share: None)
    if not sources:
        raise RegisterError("no register file given; cwb register build needs Companies House's file (.zip or .csv)")
    for path in sources:
        if not Path(path).is_file():
            raise RegisterError(f"{path}: no such file")
    with staged(Path(out)) as folder, ThreadPoolExecutor(2) as pool:
        say("Reading registers", 0.0)
        # Made while the organisations are seen to.
        digests = {Path(path): pool.submit(sha256, Path(path)) for path in sources}
        parts, account = read_all([Path(p) for p in sources], folder)
        listed = _public_bodies()
        organisations = _joined([*parts, listed], pool)
        del parts
        say("Cutting names into words", 0.4)
        held = _write(organisations, folder, pool, say)
        files = [{**one, "file": one["file"].name, "sha256": digests[one["file"]].result()} for one in account]
        files.append({"file": "lookups/public_bodies.csv", "register": "Public bodies", "organisations": listed.height})
        counts = organisations["supplier_type"].value_counts(sort=True)
        built = datetime.now(UTC).isoformat(timespec="seconds")
        info = RegisterInfo(VERSION, built, organisations.height, held, dict(counts.iter_rows()), files)
        (folder / MANIFEST).write_text(json.dumps(info.as_dict(), indent=2) + "\n", "utf-8")
        say("Index ready", 1.0)
    return info


def _joined(parts: list[pl.DataFrame], pool: Executor) -> pl.DataFrame:
    """Return one frame of organisations, one row each."""
    every = pl.concat(parts, how="diagonal", rechunk=True)
    once = pool.submit(_refuse_twice, every["org_id"])
    every = _incorporated(every)
    once.result()
    return _one_each(every)


def _refuse_twice(org_id: pl.Series) -> None:
    ordered = np.sort(org_id.hash().to_numpy())
    if (ordered[1:] == ordered[:-1]).any() and org_id.n_unique() != len(org_id):
        twice = org_id.filter(org_id.is_duplicated())[0]
        raise RegisterError(f"{twice} is in the sources twice; give each part of a register once")


def _save_organisations(organisations: pl.DataFrame, path: Path) -> None:
    """Write organisations without what other tables hold, with addresses that many share flagged."""
    # Few towns and many organisations: each is kept as a number.
    every = organisations.drop("previous", "linked", "other_ids").with_columns(
        pl.col("town").cast(pl.Categorical), pl.when(pl.col("postcode") != "").then("postcode")
    )
    shared = _shared(every["postcode"], int(lookups.number("match.shared_address")))
    own = pl.col("postcode").is_not_null() & ~pl.col("postcode").is_in(shared.implode())
    _save(every.with_columns(address_is_evidence=own), path)


def _shared(values: pl.Series, many: int) -> pl.Series:
    """Return the values that occur `many` times or more; only those that do by their hashes are counted."""
    hashes = values.hash()
    ordered = np.sort(hashes.to_numpy())
    often = ordered[many - 1 :][ordered[many - 1 :] == ordered[: len(ordered) - many + 1]]
    counts = values.filter(hashes.is_in(pl.Series(often).unique().implode())).value_counts()
    return counts.filter(pl.col("count") >= many)[values.name]


def _incorporated(every: pl.DataFrame) -> pl.DataFrame:
    """Return organisations with each listed university and the row Companies House has of its name linked as one.

    A company limited by guarantee keeps its number; a chartered body (RC…) is no company and stays as listed, with the
    address that Companies House has of it.
    """
    rows = every.select("org_id", "name", row=pl.int_range(pl.len(), dtype=pl.Int64))
    rows = rows.filter(pl.col("name").str.contains("(?i)UNIVERSITY"))
    cut = names.words(rows["name"])
    rows = rows.with_columns(key=pl.Series(names.keys(cut)[1]), form=pl.Series(cut.form))
    company = pl.col("org_id").str.starts_with("GB-COH-")
    companies = rows.filter(company & (pl.col("form") < 0)).filter(pl.len().over("key") == 1)
    listed = rows.filter(pl.col("org_id").str.starts_with("cwb:")).unique("key", keep="none", maintain_order=True)
    both = listed.join(companies, on="key", how="inner", suffix="_company", maintain_order="left")
    if not both.height:
        return every
    chartered = both["org_id_company"].str.starts_with("GB-COH-RC")
    given = both.filter(chartered).select("row", "row_company")
    told = every[given["row_company"].to_numpy()].select("postcode", "town", "sic_code", "status", "started")
    stated = pl.concat(
        [
            both.filter(~chartered).select("row", linked="org_id_company"),
            both.filter(chartered).select(row="row_company", linked="org_id"),
        ]
    )
    new = stated.join(given.select("row").hstack(told), on="row", how="full", coalesce=True)
    out = every.with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64)).join(
        new, on="row", how="left", maintain_order="left", validate="1:1", suffix="_told"
    )
    filled = [pl.coalesce(f"{name}_told", name).alias(name) for name in new.columns if name != "row"]
    return out.with_columns(filled).select(every.columns)


def _one_each(every: pl.DataFrame) -> pl.DataFrame:
    """Return organisations with those on two registers as one: the earlier row stays and gains the other's name.

    The same are: a charity and the company whose number it states; and a charitable incorporated organisation, a
    registered society or a public body of one name on two registers. A charitable company becomes a charity.
    """
    every = every.with_columns(other_ids=pl.lit(None, pl.String))
    kept = every.select("org_id", row=pl.int_range(pl.len(), dtype=pl.UInt32))
    linked = every.select("linked", at=kept["row"]).filter(pl.col("linked").is_not_null())
    there = kept.filter(pl.col("org_id").is_in(linked["linked"].implode()))
    found = linked.join(there, left_on="linked", right_on="org_id", how="inner", validate="m:1")
    stated = kept.select("row").join(found, left_on="row", right_on="at", how="left", maintain_order="left")[
        "row_right"
    ]
    alike = every["supplier_type"].is_in(["charity", "cooperative", "public_body"])
    some = every.with_columns(row=kept["row"]).filter(alike)
    some = some.with_columns(key=pl.Series(names.keys(names.words(some["name"]))[1]))
    some = some.with_columns(first=pl.col("row").min().over("supplier_type", "key")).filter(pl.col("key") != 0)
    # Two of one name on one register are two organisations, and then a third cannot be told which it is.
    some = some.with_columns(scheme=pl.col("org_id").str.extract("^(.*?[-:][A-Z]*)"))
    group = ("supplier_type", "key")
    single = (pl.len().over(*group, "scheme") == 1).all().over(*group)
    some = some.filter(single & (pl.col("row") != pl.col("first")))
    head = every["org_id"].gather(some["first"])
    some = some.filter((some["supplier_type"] != "charity") | head.str.starts_with("GB-COH-"))
    by_name = kept.select("row").join(some.select("row", "first"), on="row", how="left", maintain_order="left")["first"]
    into = pl.select(pl.coalesce(stated, by_name)).to_series()
    gone = into.is_not_null()
    if not gone.any():
        return every
    told = every.with_columns(into=into).filter(gone)
    lines = pl.concat_str("also\t" + pl.col("name"), pl.col("previous"), separator="\n", ignore_nulls=True)
    gained = told.group_by("into").agg(
        gained=lines.str.join("\n"),
        other_ids=pl.col("org_id").str.join("\n"),
        charity=(pl.col("supplier_type") == "charity").any(),
        public=(pl.col("supplier_type") == "public_body").any(),
    )
    out = (
        every.drop("other_ids")
        .with_columns(row=kept["row"])
        .join(gained, left_on="row", right_on="into", how="left", maintain_order="left")
    )
    previous = pl.concat_str(
        pl.when(pl.col("previous") != "").then("previous"), pl.col("gained"), separator="\n", ignore_nulls=True
    )
    charitable = pl.col("charity").fill_null(value=False) & (pl.col("supplier_type") == "company")
    return (
        out.with_columns(
            previous=previous,
            supplier_type=pl.when(pl.col("public").fill_null(value=False))
            .then(pl.lit("public_body"))
            .when(charitable)
            .then(pl.lit("charity"))
            .otherwise("supplier_type"),
        )
        .filter(~gone)
        .drop("row", "gained", "charity", "public")
    )


def _public_bodies() -> pl.DataFrame:
    """Return the listed public bodies as organisations; those without a published identifier get one of cwb's own."""
    offices = (
        lookups.table("nhs_trusts").select(stem=pl.col("names").str.split("|"), postcode="postcode").explode("stem")
    )
    listed = (
        lookups.table("public_bodies")
        .with_columns(stem=_trust_stem(pl.col("name")))
        .join(offices.with_columns(_trust_stem(pl.col("stem"))), on="stem", how="left", validate="m:1")
    )
    slug = pl.col("name").str.to_lowercase().str.replace_all("[^a-z0-9]+", "-").str.strip_chars("-")
    return listed.select(
        org_id=pl.when(pl.col("org_id") == "").then("cwb:" + slug).otherwise("org_id"),
        name="name",
        supplier_type=pl.lit("public_body"),
        postcode="postcode",
        previous=pl.col("also").str.split("|").list.eval("also\t" + pl.element()).list.join("\n"),
    ).with_columns(previous=pl.when(pl.col("previous") != "also\t").then("previous"))


def _trust_stem(name: pl.Expr) -> pl.Expr:
    """Return the name of an NHS trust without what all of them have, so that one as listed meets it as published."""
    return name.str.to_lowercase().str.replace_all(r"^the | nhs( foundation)? trust$|[^a-z0-9 ]", "")


def _other_names(organisations: pl.DataFrame) -> pl.DataFrame:
    """Return further names: organisation, name, kind (previous, also, part), until.

    A part is what stands inside brackets, outside them, or before a dash, where it could be a name by itself.
    """
    held = organisations.select(organisation=pl.int_range(pl.len(), dtype=pl.UInt32), line="previous")
    lines = held.filter(pl.col("line") != "").with_columns(pl.col("line").str.split("\n")).explode("line")
    cut = pl.col("line").str.splitn("\t", 2).struct
    given_up = lines.select(
        "organisation",
        name=cut[1].str.strip_chars(),
        kind=pl.when(cut[0] == "also").then(pl.lit("also")).otherwise(pl.lit("previous")),
        until=cut[0].str.to_date("%d/%m/%Y", strict=False),
    ).filter(pl.col("name") != "")
    every = organisations.select("name", organisation=pl.int_range(pl.len(), dtype=pl.UInt32)).lazy()
    whole = every.filter(pl.col("name").str.contains(_PARTED)).collect(engine="streaming")
    parts = [
        whole.select("organisation", name=pl.col("name").str.extract(pattern).str.strip_chars(" ,.-"))
        for pattern in _PARTS
    ]
    part = pl.concat(parts).filter(pl.col("name").str.contains("[A-Z]{3}")).unique(maintain_order=True)
    part = part.with_columns(kind=pl.lit("part"), until=pl.lit(None, pl.Date))
    return pl.concat([given_up, part])


def _place_words(towns: pl.Series) -> list[str]:
    """Return the words of post towns, as the register's own addresses give them, and of districts and counties."""
    counts = towns.drop_nulls().value_counts()
    often = counts.filter(pl.col("count") >= _TOWN_SEEN)[towns.name]
    districts = lookups.table("districts")
    known = pl.concat([often.str.replace_all("[0-9].*", ""), districts["lad_name"], districts["county_name"]])
    cut = names.words(known.drop_nulls())
    return cut.text.filter((cut.text.str.len_bytes() >= 3) & ~cut.text.str.contains("[0-9]")).to_list()


def _write(organisations: pl.DataFrame, folder: Path, pool: Executor, say: Progress) -> int:
    """Write the index's tables and arrays to `folder` and return how many names it holds."""
    organised = pool.submit(_save_organisations, organisations, folder / "organisations.arrow")
    places = pool.submit(_place_words, organisations["town"])
    other = _other_names(organisations)
    identifiers = (
        organisations.select(organisation=pl.int_range(pl.len(), dtype=pl.UInt32), org_id="other_ids")
        .drop_nulls()
        .with_columns(pl.col("org_id").str.split("\n"))
        .explode("org_id")
    )
    cut = names.words(pl.concat([organisations["name"], other["name"]]))
    say("Indexing words", 0.7)
    arrays, frames = _index(cut, places.result(), pool)
    say("Writing the index", 0.9)
    frames |= {"other_names": other, "identifiers": identifiers}
    written = [pool.submit(np.save, folder / f"{name}.npy", array) for name, array in arrays.items()]
    written += [pool.submit(_save, frame, folder / f"{name}.arrow") for name, frame in frames.items()]
    for one in (organised, *written):
        one.result()
    return len(cut)


def _save(frame: pl.DataFrame, path: Path) -> None:
    frame.rechunk().write_ipc(path, compression="uncompressed")


def _index(
    cut: names.Words, places: list[str], pool: Executor
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, pl.DataFrame]]:
    hashed, initialled = pool.submit(names.keys, cut), pool.submit(names.initials, cut)
    opened = pool.submit(names.openings, cut)
    arrays, frames = _postings(cut, places)
    (run_on, bag), initials, (opening, following, _) = hashed.result(), initialled.result(), opened.result()
    every = np.arange(len(cut), dtype=np.uint32)
    # Initials without little words are listed only where that makes a difference.
    both = np.concatenate([initials[0], np.where(initials[1] != initials[0], initials[1], 0)])
    some = np.flatnonzero(both)
    keyed = {
        "run_on": (run_on, every), "bag": (bag, every), "opening": (opening, every),
        "initials": (both[some], np.concatenate([every, every])[some]),
    }  # fmt: skip
    for key, (values, name) in zip(keyed, pool.map(_in_order, *zip(*keyed.values(), strict=True)), strict=True):
        arrays[key], arrays[f"{key}_name"] = values, name
    arrays["opening_next"] = following[arrays["opening_name"]]
    return arrays, frames


def _in_order(values: U64, names_of: U32) -> tuple[U64, U32]:
    """Return values from the least up, equal ones as they stand, and the names they are of.

    The row replaces the last bits of each value: to sort numbers in place takes a tenth of the time of sorting rows.
    Few values differ only in those bits, and a merge sort puts what is nearly sorted right in one pass.
    """
    bits = np.uint64(len(values).bit_length())
    packed = np.sort((values >> bits << bits) | np.arange(len(values), dtype=np.uint64))
    order = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    nearly = values[order]
    if (nearly[1:] < nearly[:-1]).any():
        again = np.argsort(nearly, kind="stable")
        order, nearly = order[again], nearly[again]
    return nearly, names_of[order]


def _postings(cut: names.Words, places: list[str]) -> tuple[dict[str, npt.NDArray[Any]], dict[str, pl.DataFrame]]:
    """Return which names have each word's consonants, how much each name's words say, and the words themselves."""
    number_of, distinct = names.coded(names.skeleton(cut.text))
    counts = np.bincount(number_of, np.bincount(cut.word, minlength=len(number_of)), len(distinct)).astype(np.int64)
    owner = np.repeat(np.arange(len(cut), dtype=np.uint64), np.diff(cut.start))
    posted = np.sort(number_of.astype(np.uint64)[cut.word] << np.uint64(32) | owner)
    arrays: dict[str, npt.NDArray[Any]] = {
        "name_start": cut.start, "name_word": cut.word, "name_form": cut.form,
        "posting_start": names.starts(counts),
        "posting_name": posted.astype(np.uint32),
    }  # fmt: skip
    frames = {
        "words": pl.DataFrame({
            "word": cut.text, "skeleton": number_of, "place": cut.text.is_in(places),
            "names": np.bincount(cut.word, minlength=cut.text.len()).astype(np.uint32),
        }),
        "skeletons": distinct.to_frame(),
    }  # fmt: skip
    rarity = names.rarity(counts, len(cut))
    arrays["name_weight"] = names.sums(rarity[number_of][cut.word], cut.start).astype(np.float32)
    return arrays, frames
