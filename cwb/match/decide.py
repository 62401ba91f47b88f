"""Candidates → one link a supplier: matched, for review, or unmatched, with the evidence a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from cwb import lookups
from cwb.match import model
from cwb.match.compare import company_id
from cwb.match.explain import contributions
from cwb.match.hints import HINTS
from cwb.match.readings import AS_PRINTED
from cwb.schema import LINKS, conform

if TYPE_CHECKING:
    from cwb.register import Register

SHOWN = 5
_EXPLAINED = 2  # candidates whose points are kept: the chosen and the runner-up
# What the register does not change.
_KEPT = ("individual", "redacted", "public_body", "internal")
# However alike the names, these leave the decision to a person.
_CLASHES = ("form_conflict", "started_later", "ended_before")


_NO_POINTS = pl.DataFrame(
    schema={
        "supplier": pl.UInt32,
        "points": pl.List(pl.Struct({"feature": pl.String, "points": pl.Float64})),
    }
)


def decide(
    suppliers: pl.DataFrame, kinds: pl.DataFrame, found: pl.DataFrame, register: Register | None
) -> pl.DataFrame:
    """Return LINKS, one row a supplier in order.

    Args:
        suppliers: SUPPLIERS.
        kinds: what `types.typed` says of each, in the same order.
        found: candidates best first, as `compare.compare` gives them, with `number` (the ledger's own number says so).
        register: the index they are from; None where there is none.
    """
    kept = _allowed(kinds, found, register)
    best = _best(kept)
    asked = suppliers.select("supplier_id", "supplier_name", company_id()).with_row_index("supplier")
    held = asked.hstack(kinds).join(best, on="supplier", how="left", maintain_order="left", validate="1:1")
    accept, review = lookups.number("match.accept"), lookups.number("match.review")
    lead, unhinted = lookups.number("match.accept_margin"), lookups.number("match.accept_unhinted")
    hinted = lookups.number("match.accept_hinted")
    score = pl.col("score").fill_null(0.0)
    by_number = pl.col("number").fill_null(value=False)
    agreed = by_number & pl.col("name_agrees").fill_null(value=False)
    contradicted = by_number.not_() & pl.col("company").is_not_null()
    clash = pl.col("clash").fill_null(value=False)
    # Hints tip only what all but stood without them, and only where several agree.
    tipped = (pl.col("unhinted") >= accept) | ((pl.col("unhinted") >= unhinted) & (score >= hinted))
    sure = agreed | (~clash & (score >= accept) & tipped & (pl.col("margin") >= lead) & ~contradicted & ~by_number)
    outcome = (
        pl.when(pl.col("organisation").is_null()).then(pl.lit("unmatched"))
        .when(sure).then(pl.lit("matched"))
        .when((score >= review) | by_number).then(pl.lit("review"))
        .otherwise(pl.lit("unmatched"))
    )  # fmt: skip
    held = held.with_columns(outcome=outcome)
    shown = pl.col("outcome") != "unmatched"
    typed = (
        pl.when(pl.col("person") & (pl.col("outcome") != "matched")).then(pl.lit("individual"))
        .when(pl.col("supplier_type").is_in(_KEPT)).then("supplier_type")
        .when((pl.col("outcome") == "matched") & (pl.col("org_type") != "company")).then("org_type")
        .when((pl.col("outcome") == "matched") & ~pl.col("supplier_type").is_in(["charity"])).then("org_type")
        .otherwise("supplier_type")
    )  # fmt: skip
    method = (
        pl.when(shown & by_number & (pl.col("org_id") == pl.col("company"))).then(pl.lit("company_number"))
        .when(shown & by_number).then(pl.lit("charity_number"))
        .when(shown & (pl.col("same_letters") + pl.col("same_words") > 0) & (pl.col("kind") == "previous"))
        .then(pl.lit("previous_name"))
        .when(shown & (pl.col("same_letters") + pl.col("same_words") > 0)).then(pl.lit("exact_key"))
        .when(shown).then(pl.lit("fuzzy"))
        .when(pl.col("rule").is_not_null()).then("rule:" + pl.col("rule"))
        .when(pl.col("person")).then(pl.lit("rule:like_a_person"))
        .otherwise(pl.lit("none"))
    )  # fmt: skip
    return conform(
        held.select(
            "supplier_id", "outcome",
            supplier_type=typed,
            org_id=pl.when(shown).then("org_id"),
            name=pl.when(shown).then("name"),
            postcode=pl.when(shown).then("postcode"),
            sic_code=pl.when(shown).then("sic_code"),
            score=pl.when(shown).then(score.round(4)),
            method=method,
            margin=pl.when(shown).then(pl.col("margin").round(4)),
            evidence=_evidence(),
            address_is_evidence=pl.when(shown).then("address_is_evidence"),
        ),
        LINKS,
    )  # fmt: skip


def _allowed(kinds: pl.DataFrame, found: pl.DataFrame, register: Register | None) -> pl.DataFrame:
    """Return the candidates a supplier may become, with the register's columns and each one's probability.

    See `types.typed` for `bars`.
    """
    if register is None or not found.height:
        return _no_candidates()
    held = register.organisations.select(
        "org_id", "postcode", "sic_code", "status", "address_is_evidence", org_type="supplier_type",
        registered_name="name",
    )[found["organisation"].to_numpy()]  # fmt: skip
    named = register.names_at(found["name"].to_numpy()).rename({"name": "compared"})
    every = found.drop("name").hstack(held).hstack(named)
    bars = kinds["bars"].gather(every["supplier"])
    barred = (bars == "all") | ((bars == "private") & (every["org_type"] != "public_body"))
    # A wording only suggests a public body: an organisation registered under the very name, without Ltd, is it.
    worded = kinds["public_body"].is_null().gather(every["supplier"])
    name = found["name"].to_numpy()
    bare = pl.Series((register.arrays["name_form"][name] < 0) & (name < register.organisations.height))
    itself = worded & (bars == "private") & bare & (every["same_print"] > 0) & (every["reading"] == AS_PRINTED)
    allowed = every.filter(~barred | every["number"] | itself)
    group, utility = allowed["supplier"].to_numpy(), allowed["utility"].to_numpy()
    return allowed.with_columns(
        probability=model.probability(group, utility),
        unhinted=model.probability(group, utility - model.utility(allowed, HINTS)),
        clash=pl.sum_horizontal(_CLASHES) > 0,
        conflicts=_said(*_CLASHES, "not_live"),
    )


def _said(*features: str) -> pl.Expr:
    reason = dict(lookups.table("match/weights").select("feature", "reason").iter_rows())
    said = [pl.when(pl.col(f) > 0).then(pl.lit(reason[f])) for f in features]
    return pl.concat_list(said).list.drop_nulls()


def _no_candidates() -> pl.DataFrame:
    text = (
        "org_id",
        "postcode",
        "sic_code",
        "status",
        "org_type",
        "registered_name",
        "compared",
        "kind",
        "reading",
        "text",
    )
    return pl.DataFrame(
        schema={
            "supplier": pl.UInt32, "organisation": pl.Int64, **dict.fromkeys(text, pl.String), "until": pl.Date,
            "address_is_evidence": pl.Boolean, "number": pl.Boolean, "probability": pl.Float64, "unhinted": pl.Float64,
            "same_letters": pl.Float64, "same_words": pl.Float64, "letters": pl.Float64, "mine_found": pl.Float64,
            "theirs_found": pl.Float64, "conflicts": pl.List(pl.String), "clash": pl.Boolean,
        }
    )  # fmt: skip


def _best(kept: pl.DataFrame) -> pl.DataFrame:
    """Return one row a supplier: its best candidate, the lead over the runner-up, and the first five as a list."""
    short = pl.struct(
        "org_id", pl.col("registered_name").alias("name"), "postcode", "status", pl.col("probability").round(4),
    )  # fmt: skip
    ranked = kept.sort("supplier", "number", "probability", descending=[False, True, True], maintain_order=True)
    two = ranked.filter(pl.int_range(pl.len()).over("supplier") < _EXPLAINED)
    points = two.select("supplier", points=contributions(two)) if two.height else _NO_POINTS
    points = points.group_by("supplier", maintain_order=True).agg("points")
    return (
        ranked.join(points, on="supplier", how="left", maintain_order="left")
        .group_by("supplier", maintain_order=True)
        .agg(
            pl.col(
                "organisation", "org_id", "postcode", "sic_code", "status", "org_type", "compared", "kind", "until",
                "reading", "text", "address_is_evidence", "number", "same_letters", "same_words", "letters",
                "clash",
                "mine_found", "theirs_found", "conflicts", "points",
            ).first(),
            name=pl.col("registered_name").first(),
            score=pl.col("probability").first(),
            unhinted=pl.col("unhinted").first(),
            margin=pl.col("probability").first() - pl.col("probability").get(1, null_on_oob=True).fill_null(0.0),
            name_agrees=(pl.col("letters").first() >= 0.8) | (pl.col("mine_found").first() >= 0.6),
            candidates=short.head(SHOWN),
        )
        .with_columns(pl.col("supplier").cast(pl.UInt32))
    )  # fmt: skip


def _evidence() -> pl.Expr:
    """Return the evidence as JSON: what was compared, agreements, conflicts and up to five candidates, best first."""
    return pl.struct(
        pl.col("rule"),
        printed=pl.col("supplier_name"),
        read=pl.col("text"),
        reading=pl.col("reading"),
        compared=pl.col("compared"),
        compared_kind=pl.col("kind"),
        letters=pl.col("letters").round(3),
        words_found=pl.col("mine_found").round(3),
        words_of_name_found=pl.col("theirs_found").round(3),
        status=pl.col("status"),
        conflicts=pl.col("conflicts"),
        public_body=pl.col("public_body"),
        candidates=pl.col("candidates"),
        number_agrees=pl.col("number").fill_null(value=False),
        points=pl.col("points"),
    ).struct.json_encode()
