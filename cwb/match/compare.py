"""Every supplier beside its candidates: one row a (supplier, organisation), with features and probability."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import names
from cwb.match import acronyms, candidates, model
from cwb.match.features import agreements
from cwb.match.hints import hints
from cwb.match.readings import AS_PRINTED, readings
from cwb.match.spelling import joins, slips

if TYPE_CHECKING:
    from cwb.register import Register

_SECOND_PARTY = ("after_third_party",)
# Readings that name the payee's own legal person, and those that only name a part of it or another payee.
_OTHER_PARTY = ("after_slash", "after_dash", "inside_brackets", "formerly", "after_code", *_SECOND_PARTY)


def compare(suppliers: pl.DataFrame, register: Register, *, near: Collection[str] = ()) -> pl.DataFrame:
    """Return for each supplier its candidates, best first: one row an organisation.

    `near` are the postcode areas (PR, BB …) in and around the buyer's place; none: nearness says nothing.

    With the features come `utility` and `number`: the ledger's own company number names it.
    """
    every = pl.concat([pairs(suppliers, register, near=near), numbered(suppliers, register, near=near)], how="diagonal")
    every = every.with_columns(pl.col("number").fill_null(value=False))
    return best_reading(every, model.utility(every))


def numbered(suppliers: pl.DataFrame, register: Register, *, near: Collection[str] = ()) -> pl.DataFrame:
    """Return, as `pairs` does, the organisations whose numbers the ledger prints, compared by their current names."""
    printed = suppliers.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("supplier"), "supplier_name", company_id(), _charity_id()
    )
    asked = printed.unpivot(
        ["company", "charity"], index=["supplier", "supplier_name"], value_name="org_id"
    ).drop_nulls()
    if not asked.height:
        return pl.DataFrame({"number": []}, schema={"number": pl.Boolean})
    own = register.organisations.lazy().select("org_id").with_row_index("organisation")
    ids = pl.concat([own, register.identifiers.lazy().select("org_id", "organisation")], how="diagonal")
    held = asked.lazy().join(ids, on="org_id", how="inner", maintain_order="left").collect()
    held = held.unique(["supplier", "organisation"], keep="first", maintain_order=True)
    questions = candidates.ask(held["supplier_name"], register)
    reading = np.arange(held.height)
    organisation = held["organisation"].to_numpy().astype(np.int64)
    features = agreements(questions, register, reading, organisation)
    found = held.select(
        "supplier", initials=pl.lit(0.0), shortened=pl.lit(0.0), number=pl.lit(True), reading=pl.lit(AS_PRINTED),
        name=organisation, organisation=organisation, text="supplier_name",
    )  # fmt: skip
    found = found.hstack(features)
    return found.hstack(_context(found, suppliers, register, near))


def company_id() -> pl.Expr:
    """Return the org-id of the company number a ledger prints, null where there is none that could be one."""
    number = pl.col("company_number").str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    whole = pl.when(number.str.contains("^[0-9]{1,8}$")).then(number.str.zfill(8)).otherwise(number)
    return pl.when(whole.str.len_chars() == 8).then("GB-COH-" + whole).alias("company")


def _charity_id() -> pl.Expr:
    number = pl.col("charity_number").str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    return (
        pl.when(number.str.contains("^[0-9]{5,7}$")).then("GB-CHC-" + number)
        .when(number.str.contains("^SC[0-9]{6}$")).then("GB-SC-" + number)
        .when(number.str.contains("^NIC[0-9]{6}$")).then("GB-NIC-" + number.str.slice(3))
        .alias("charity")
    )  # fmt: skip


def pairs(suppliers: pl.DataFrame, register: Register, *, near: Collection[str] = ()) -> pl.DataFrame:
    """Return every (supplier row, reading, name row, organisation row) that is worth scoring, with its features.

    Candidates are names with an equal key, and for suppliers without one, names that share rare words.
    """
    asked = readings(suppliers)
    questions = candidates.ask(asked["text"], register)
    _forms_of_whole(questions, asked)
    equal = candidates.same_key((questions.run_on, questions.bag), register)
    owner = asked["supplier"].to_numpy().astype(np.int64)
    settled = _settled(questions, register, asked, equal)
    open_ = ~settled[owner]
    with ThreadPoolExecutor(1) as pool:
        # Found beside the others: these need no word put right.
        begun = pool.submit(_begun_alike, questions, register, open_)
        initialled = pool.submit(candidates.by_initials, questions, register)
        shortened = pool.submit(acronyms.shortened, questions, register, open_)
        slipped = slips(questions, register, open_)
        other = [np.concatenate(both) for both in zip(slipped, joins(questions, register, open_), strict=True)]
        alike = candidates.sharing_words(questions, register, open_, (other[0], other[1], other[2]))
        righted = candidates.put_right(questions, register, slipped)
        stems = begun.result()
        flagged = {"initials": initialled.result(), "shortened": shortened.result()}
    both = pl.concat([equal, righted, alike, stems, *flagged.values()]).unique(maintain_order=True)
    for flag, found in flagged.items():
        both = both.join(
            found.with_columns(pl.lit(1.0).alias(flag)), on=["reading", "name"], how="left", maintain_order="left"
        ).with_columns(pl.col(flag).fill_null(0.0))
    reading, name = both["reading"].to_numpy(), both["name"].to_numpy()
    features = agreements(questions, register, reading, name)
    found = both.with_columns(
        supplier=owner[reading], organisation=register.organisation_of(name), reading=asked["reading"].gather(reading),
        text=asked["text"].gather(reading), number=pl.lit(False),
    )  # fmt: skip
    # What a word is the initials of is not missing.
    whole = pl.col("full_name_missing") * (1.0 - pl.col("shortened"))
    found = found.hstack(features).with_columns(full_name_missing=whole)
    return found.hstack(_context(found, suppliers, register, near))


def _begun_alike(questions: candidates.Questions, register: Register, wanted: npt.NDArray[np.bool_]) -> pl.DataFrame:
    """Return (reading, name) where one begins with the whole of the other, for wanted suppliers' readings."""
    longer, _ = candidates.beginning(questions, register)
    stems = pl.concat([longer, candidates.begun_by(questions, register)])
    return stems.filter(pl.Series(wanted).gather(stems["reading"]))


def _settled(
    questions: candidates.Questions, register: Register, asked: pl.DataFrame, equal: pl.DataFrame
) -> npt.NDArray[np.bool_]:
    """Return which suppliers have a name of equal key as printed whose legal form is not another."""
    supplier = asked["supplier"].to_numpy()
    settled = np.zeros(int(supplier.max(initial=0)) + 1, dtype=np.bool_)
    reading, name = equal["reading"].to_numpy(), equal["name"].to_numpy()
    mine, theirs = questions.cut.form[reading], register.arrays["name_form"][name]
    whole = (asked["reading"] == AS_PRINTED).to_numpy()[reading]
    hit = whole & ((mine < 0) | (theirs < 0) | (mine == theirs))
    settled[supplier[reading[hit]]] = True
    return settled


def _forms_of_whole(questions: candidates.Questions, asked: pl.DataFrame) -> None:
    """Give a part without a legal form the form its supplier prints: X LLP T/A Y does not become Y Limited."""
    form = questions.cut.form
    owner = asked["supplier"].to_numpy()
    whole = np.flatnonzero((asked["reading"] == AS_PRINTED).to_numpy())
    printed = np.full(int(owner.max(initial=0)) + 1, -1, dtype=form.dtype)
    printed[owner[whole]] = form[whole]
    bare = form < 0
    form[bare] = printed[owner[bare]]


def best_reading(every: pl.DataFrame, utility: npt.NDArray[np.float64]) -> pl.DataFrame:
    """Return for each supplier and organisation the name and reading of the highest utility, best first."""
    return (
        every.with_columns(utility=utility)
        # A printed number speaks for the organisation under whichever of its names compares best.
        .with_columns(pl.col("number").any().over("supplier", "organisation"))
        .sort("supplier", "organisation", "utility", "name", descending=[False, False, True, False])
        .unique(["supplier", "organisation"], keep="first", maintain_order=True)
        .sort("supplier", "utility", "organisation", descending=[False, True, False])
    )


def _context(found: pl.DataFrame, suppliers: pl.DataFrame, register: Register, near: Collection[str]) -> pl.DataFrame:
    """Return the features that do not come from the words: how it was read, dates, standing, postcode, hints."""
    organisation = found["organisation"].to_numpy()
    held = register.organisations.select(
        "status", "started", "ended", "postcode", "address_is_evidence", "town", "sic_code", "accounts_category"
    )[organisation]
    named = register.names_at(found["name"].to_numpy())
    asked = suppliers.select(
        pl.col("supplier_postcode").cast(pl.String), pl.col("first_payment", "last_payment").cast(pl.Date),
        "category", "amount_pence",
    )[found["supplier"].to_numpy()]  # fmt: skip
    alike = (found["same_letters"] + found["same_words"] > 0).alias("alike")
    every = pl.concat(
        [
            held,
            asked,
            named.select("kind"),
            found.select("reading", "initials", "text", "only_places", "untelling"),
            alike.to_frame(),
        ],
        how="horizontal",
    )
    same_print, reordered = _same_print(found["text"], named["name"], alike)
    agreed = every.select(
        constant=pl.lit(1.0),
        same_print=same_print,
        reordered=reordered,
        acronym_3=_flag((pl.col("initials") > 0) & (pl.col("text").str.len_chars() <= 3)),
        acronym=_flag((pl.col("initials") > 0) & (pl.col("text").str.len_chars() > 3)),
        cut_out=_flag(pl.col("reading") != AS_PRINTED),
        cut_other=_flag(pl.col("reading").is_in(_OTHER_PARTY)),
        second_party=_flag(pl.col("reading").is_in(_SECOND_PARTY)),
        previous_name=_flag(pl.col("kind") == "previous"),
        place_for_part=_flag(
            ((pl.col("only_places") > 0) & (pl.col("kind") == "part"))
            | ((pl.col("untelling") > 0) & pl.col("reading").is_in(_OTHER_PARTY))
        ),
        part_name=_flag(pl.col("kind") == "part"),
        not_live=_flag(~pl.col("status").fill_null("Active").str.to_lowercase().str.starts_with("active")),
        started_later=_flag(pl.col("started") > pl.col("last_payment")),
        ended_before=_flag(pl.col("ended") < pl.col("first_payment")),
        **_postcode_agreement(),
    )
    return agreed.hstack(
        hints(
            every.select(
                "text",
                "town",
                "sic_code",
                "accounts_category",
                "postcode",
                "address_is_evidence",
                "category",
                "amount_pence",
                compared=named["name"],
            ),
            near,
        )
    )


def _flag(said: pl.Expr) -> pl.Expr:
    return said.fill_null(value=False).cast(pl.Float64)


def _same_print(text: pl.Series, name: pl.Series, alike: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return 1 where names have the same letters before words are folded, in order, and where only in another order.

    Only names that are alike are tried.
    """
    at = alike.arg_true()
    mine, theirs = (names.letters_as_printed(side.gather(at)).fill_null("") for side in (text, name))
    same = mine == theirs
    near = (~same & (mine.str.len_bytes() == theirs.str.len_bytes())).arg_true()
    sorted_ = [side.gather(near).str.split("").list.sort() for side in (mine, theirs)]
    flags = np.zeros((2, alike.len()))
    flags[0, at.gather(same.arg_true()).to_numpy()] = 1.0
    flags[1, at.gather(near.filter(sorted_[0] == sorted_[1])).to_numpy()] = 1.0
    return pl.Series(flags[0]), pl.Series(flags[1])


def _postcode_agreement() -> dict[str, pl.Expr]:
    def tidy(column: str) -> pl.Expr:
        return pl.col(column).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")

    mine, theirs = tidy("supplier_postcode"), tidy("postcode")
    known = (mine.str.len_chars() >= 5) & (theirs.str.len_chars() >= 5)
    same = mine == theirs
    area = mine.str.extract("^([A-Z]+)") == theirs.str.extract("^([A-Z]+)")
    return {
        "postcode_same": _flag(known & same),
        "postcode_area": _flag(known & area & ~same),
        "postcode_other": _flag(known & ~area & pl.col("address_is_evidence")),
    }
