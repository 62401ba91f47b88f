"""What stands for and against each candidate of a supplier: its details, where the names differ, what made its score.

The score's parts are those that matching itself kept in a link's evidence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from cwb import lookups, names
from cwb.match.compare import compare
from cwb.match.explain import explain
from cwb.register import Register

_TOKEN = re.compile(r"\S+\s*")
_NUMBERED = re.compile(r"^[A-Z]{2}-([A-Z]+)-(.+)$")
# What stands before a number of a register other than that of companies.
_REGISTERS = {"COH": "", "CHC": "Charity ", "SC": "Charity ", "NIC": "Charity ", "MPR": "Society "}


@dataclass(frozen=True)
class Step:
    """One piece of evidence: its reason in words, and what it adds to the score's log-odds (below 0: takes away)."""

    reason: str
    points: float


@dataclass(frozen=True)
class Candidate:
    """An organisation a supplier may be, as the register has it, and how it compares.

    `parts` is its name in pieces, each with whether the ledger's name lacks it; `lacks` are the ledger's words that the
    name lacks. `found_as` is another of its names, where that one is closer, and `found_kind` what that name is.
    `steps` are kept for the first two only.
    """

    org_id: str
    name: str
    number: str
    kind: str
    postcode: str | None
    shared_address: bool
    status: str | None
    started: date | None
    ended: date | None
    sic_code: str | None
    score: float | None
    found_as: str | None
    found_kind: str | None
    number_agrees: bool
    parts: tuple[tuple[str, bool], ...]
    lacks: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def points(self) -> float:
        """Return the sum of its evidence, in log-odds."""
        return sum(step.points for step in self.steps)


def candidates(
    suppliers: pl.DataFrame, links: pl.DataFrame, register: Register | None
) -> dict[str, tuple[Candidate, ...]]:
    """Return up to five candidates of each supplier by supplier_id, best first, as matching listed them.

    Args:
        suppliers: schema.SUPPLIERS.
        links: schema.LINKS as matched, of at least these suppliers.
        register: the index they were matched with; without it there are names and scores but no details.
    """
    listed = _listed(suppliers, links)
    if not listed.height:
        return dict.fromkeys(suppliers["supplier_id"], ())
    found = listed if register is None else _detailed(listed, suppliers, register)
    out: dict[str, list[Candidate]] = {supplier_id: [] for supplier_id in suppliers["supplier_id"]}
    rows = found.to_dicts()
    spelt = differences([(row["supplier_name"], row["found_as"] or row["name"] or "") for row in rows])
    for row, (parts, lacks) in zip(rows, spelt, strict=True):
        out[row["supplier_id"]].append(_candidate(row, parts, lacks))
    return {supplier_id: tuple(held) for supplier_id, held in out.items()}


def _listed(suppliers: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return one row a candidate, in the order of the evidence: supplier_id, supplier_name, org_id and what it says."""
    asked = suppliers.select("supplier_id", "supplier_name")
    evidence = dict(links.join(asked, on="supplier_id", how="semi").select("supplier_id", "evidence").iter_rows())
    rows = [
        {
            "supplier_id": supplier_id, "supplier_name": supplier_name, "org_id": told["org_id"],
            "name": told.get("name") or "", "postcode": told.get("postcode"), "status": told.get("status"),
            "score": told.get("probability"), "place": place, "evidence": evidence.get(supplier_id),
        }
        for supplier_id, supplier_name in asked.iter_rows()
        for place, told in enumerate(json.loads(evidence.get(supplier_id) or "{}").get("candidates") or ())
    ]  # fmt: skip
    text = dict.fromkeys(("supplier_id", "supplier_name", "org_id", "name", "postcode", "status"), pl.String)
    schema = {**text, "score": pl.Float64, "place": pl.Int64, "evidence": pl.String}
    return pl.DataFrame(rows, schema=schema).with_columns(
        found_as=pl.lit(None, pl.String), found_kind=pl.lit(None, pl.String)
    )


def _detailed(listed: pl.DataFrame, suppliers: pl.DataFrame, register: Register) -> pl.DataFrame:
    """Return the candidates with the register's details, and the name of each that compares best."""
    compared = compare(suppliers, register)
    held = register.organisations[compared["organisation"].to_numpy()].select(
        "org_id", "sic_code", "started", "ended", "address_is_evidence", kind="supplier_type", own_name="name"
    )
    named = register.names_at(compared["name"].to_numpy()).select(found_name="name", found="kind")
    owner = suppliers["supplier_id"].gather(compared["supplier"])
    found = pl.concat(
        [owner.to_frame(), held, named, compared.select(number_agrees="number")], how="horizontal"
    ).unique(["supplier_id", "org_id"], keep="first", maintain_order=True)
    joined = listed.join(found, on=["supplier_id", "org_id"], how="left", maintain_order="left", validate="1:1")
    other = pl.col("found_name") != pl.col("own_name")
    return joined.with_columns(found_as=pl.when(other).then("found_name"), found_kind=pl.when(other).then("found"))


def _candidate(row: Mapping[str, Any], parts: tuple[tuple[str, bool], ...], lacks: tuple[str, ...]) -> Candidate:
    return Candidate(
        org_id=row["org_id"], name=row["name"], number=_number(row["org_id"]),
        kind=row.get("kind") or "", postcode=row["postcode"], shared_address=row.get("address_is_evidence") is False,
        status=row["status"], started=row.get("started"), ended=row.get("ended"),
        sic_code=row.get("sic_code"), score=row["score"], found_as=row["found_as"], found_kind=row["found_kind"],
        number_agrees=bool(row.get("number_agrees")), parts=parts, lacks=lacks,
        steps=tuple(Step(*step) for step in explain(row["evidence"], candidate=row["place"])),
    )  # fmt: skip


def _number(org_id: str) -> str:
    """Return an org-id as people write it; cwb's own list of public bodies has no numbers."""
    told = _NUMBERED.match(org_id)
    if told is None:
        return "public bodies list"
    return f"{_REGISTERS.get(told[1], told[1] + ' ')}{told[2]}"


# --- where two names differ -------------------------------------------------------------------------------------------


def differences(pairs: list[tuple[str, str]]) -> list[tuple[tuple[tuple[str, bool], ...], tuple[str, ...]]]:
    """Return for each (ledger's name, register's name) the latter in parts, and the former's words that it lacks.

    Words that matching takes as the same (& and AND, LTD and LIMITED, plurals) are the same here.
    """
    whole = list(dict.fromkeys(name for pair in pairs for name in pair))
    pieces = {name: _TOKEN.findall(name) for name in whole}
    tokens = list(dict.fromkeys(piece.strip() for cut in pieces.values() for piece in cut))
    folded = _folded([*whole, *(f"X {token}" for token in tokens)])
    of_name = dict(zip(whole, folded[: len(whole)], strict=True))
    of_token = dict(zip(tokens, folded[len(whole) :], strict=True))

    def differs(token: str, mine: str, other: str) -> bool:
        said, form = of_token[token][0][1:], of_token[token][1]
        (my_words, my_form), (words, its_form) = of_name[mine], of_name[other]
        if not said or any(word not in my_words for word in said):
            # A legal form, a little word, or a part of a phrase that stands for one.
            return form >= 0 and its_form >= 0 and my_form != its_form
        return any(word not in words for word in said)

    return [
        (
            tuple((piece, differs(piece.strip(), name, printed)) for piece in pieces[name]),
            tuple(piece.strip() for piece in pieces[printed] if differs(piece.strip(), printed, name)),
        )
        for printed, name in pairs
    ]


def _folded(texts: list[str]) -> list[tuple[list[str], int]]:
    """Return each text's words in their common form, and its legal form (-1 where it has none)."""
    cut = names.words(pl.Series(texts, dtype=pl.String))
    spelt = cut.text.gather(cut.word).to_list()
    return [
        (spelt[begin:end], int(form)) for begin, end, form in zip(cut.start[:-1], cut.start[1:], cut.form, strict=True)
    ]


# --- in words ---------------------------------------------------------------------------------------------------------


def why_asked(link: Mapping[str, Any]) -> str:
    """Return why a person is asked about a supplier, from its link as matched."""
    told = json.loads(link["evidence"] or "{}")
    if link["outcome"] == "matched":
        return "cwb took this match by itself; you may overrule it."
    if not told.get("candidates"):
        return "No organisation on the register shares enough with this name."
    accept, lead = lookups.number("match.accept"), lookups.number("match.accept_margin")
    said = []
    score, margin = link["score"], link["margin"]
    if score is None or score < accept:
        said.append(f"no candidate reaches the {accept:.0%} at which cwb accepts by itself")
    elif margin is not None and margin < lead:
        said.append(f"the first leads the next by under {lead:.0%}")
    said += [f"of the first, {conflict}" for conflict in told.get("conflicts") or ()]
    if link["method"] in ("company_number", "charity_number"):
        said.append("the ledger's number and the name do not agree")
    return f"cwb asks because {'; '.join(said)}." if said else "cwb asks because the evidence is not all of one mind."
