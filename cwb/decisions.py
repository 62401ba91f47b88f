"""What people decide about suppliers, and how their decisions change links and places.

A decision is about one supplier by its `supplier_id`, which the same printed name and identifiers have in every ledger.
It says who the supplier is or where it works; the newest of each that is not undone stands, over any match.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal
from uuid import uuid4

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from cwb.postcodes import normalise
from cwb.schema import LINKS, Column, Table, conform

Kind = Literal["accept", "choose", "none", "individual", "internal", "same_as", "operates_at", "undo"]
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "accept": "is the organisation proposed",
        "choose": "is another organisation",
        "none": "is none of the organisations proposed",
        "individual": "is an individual",
        "internal": "is an internal transfer, not spend with a supplier",
        "same_as": "is the same as another supplier of the ledger",
        "operates_at": "works at a postcode",
        "undo": "takes back a decision",
    }
)
_VALUE_IS = {"accept": "an org-id", "choose": "an org-id", "same_as": "a supplier_id", "operates_at": "a postcode"}
_DETAILS = ("name", "postcode", "sic_code", "supplier_type", "address_is_evidence")

DECISIONS = Table(
    "decisions",
    ("decision_id",),
    MappingProxyType(
        {
            "decision_id": Column(pl.String, "random identifier, the same in every copy of the history", False),
            "supplier_id": Column(pl.String, "as in suppliers", False),
            "supplier_name": Column(pl.String, "as printed when it was decided", False),
            "kind": Column(pl.String, f"one of {', '.join(KINDS)}", False),
            "value": Column(pl.String, "org-id, supplier_id or postcode, by kind"),
            "why": Column(pl.String, "in the person's words; may be empty", False),
            "who": Column(pl.String, "the person who decided", False),
            "decided_at": Column(pl.String, "UTC, ISO 8601, to the microsecond", False),
            "undoes": Column(pl.String, "decision_id taken back by an undo"),
            "snapshot": Column(pl.String, "JSON: what the register said of the organisation then"),
        }
    ),
)


class Decision(BaseModel):
    """One decision of a person; see DECISIONS for what each part means."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
    decision_id: str = Field(default_factory=lambda: uuid4().hex, min_length=1)
    supplier_id: str = Field(min_length=1)
    supplier_name: str = ""
    kind: Kind
    value: str | None = None
    why: str = ""
    who: str = Field(min_length=1)
    decided_at: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="microseconds"))
    undoes: str | None = None
    snapshot: str | None = None

    @field_validator("decided_at")
    @classmethod
    def _utc(cls, text: str) -> str:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            raise ValueError("the time needs its zone, as 2026-11-22T10:00:00+00:00")
        return when.astimezone(UTC).isoformat(timespec="microseconds")

    @model_validator(mode="after")
    def _value_fits(self) -> Decision:
        needed = _VALUE_IS.get(self.kind)
        if bool(self.value) != bool(needed):
            raise ValueError(
                f"'{self.kind}' needs {needed} as its value" if needed else f"'{self.kind}' takes no value"
            )
        if (self.undoes is not None) != (self.kind == "undo"):
            raise ValueError("'undo', and nothing else, names the decision it takes back in 'undoes'")
        if self.kind == "same_as" and self.value == self.supplier_id:
            raise ValueError("a supplier is the same as itself without a decision")
        if self.kind == "operates_at" and not _is_whole_postcode(str(self.value)):
            raise ValueError(f"'{self.value}' is not a postcode")
        return self


def _is_whole_postcode(text: str) -> bool:
    read = pl.DataFrame({"text": [text]}).select(normalise(pl.col("text"))).item()
    return read is not None and len(read.partition(" ")[2]) == 3


def undone(history: pl.DataFrame) -> set[str]:
    """Return the decisions of a history (DECISIONS, in its order) that are taken back; an undo may be too."""
    back: set[str] = set()
    for decision_id, undoes in reversed(history.select("decision_id", "undoes").rows()):
        if undoes is not None and decision_id not in back:
            back.add(undoes)
    return back


def standing(history: pl.DataFrame) -> pl.DataFrame:
    """Return the decisions that hold, of a history (DECISIONS, in its order): at most two a supplier, who and where.

    Of those that are not undone the newest holds, by the time it was made: an older one of another store stays older.
    """
    of_place = (pl.col("kind") == "operates_at").alias("_of_place")
    return (
        history.filter(pl.col("kind") != "undo", ~pl.col("decision_id").is_in(sorted(undone(history))))
        .sort("decided_at", maintain_order=True)
        .unique(["supplier_id", of_place], keep="last", maintain_order=True)
    )


def overrides(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return what decisions say of places, for classifying: supplier_id, postcode, band ("excluded" or null).

    `decisions` are those that stand. A supplier that is the same as another works where the other was said to.
    """
    at = dict(decisions.filter(pl.col("kind") == "operates_at").select("supplier_id", "value").iter_rows())
    who = {row["supplier_id"]: row for row in decisions.filter(pl.col("kind") != "operates_at").iter_rows(named=True)}
    rows = []
    for supplier_id in {**at, **who}:
        end = _same_as(supplier_id, who)
        internal = end in who and who[end]["kind"] == "internal"
        postcode = at.get(supplier_id, at.get(end))
        if internal or postcode is not None:
            rows.append({"supplier_id": supplier_id, "postcode": postcode, "band": "excluded" if internal else None})
    return pl.DataFrame(rows, schema={"supplier_id": pl.String, "postcode": pl.String, "band": pl.String})


def apply_decisions(
    links: pl.DataFrame, decisions: pl.DataFrame, organisations: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return links with what people decided in place of what matching found; other rows as they are, in order.

    Args:
        links: schema.LINKS.
        decisions: those that stand; suppliers that are not in `links` are passed over.
        organisations: what the register in use says now: org_id, and any of name, postcode, sic_code, supplier_type,
            address_is_evidence. Without it, or where it lacks the organisation, the link's own candidates count, then
            what the register said when it was decided.
    """
    who = {row["supplier_id"]: row for row in decisions.filter(pl.col("kind") != "operates_at").iter_rows(named=True)}
    if not who or not links.height:
        return links
    touched = links["supplier_id"].is_in(list(who))
    wanted = {row["value"] for row in who.values() if row["kind"] in ("accept", "choose")}
    now = _register_says(organisations, wanted) if organisations is not None and wanted else {}
    found = {row["supplier_id"]: row for row in links.filter(touched | _is_named(links, who)).iter_rows(named=True)}
    decided = {
        supplier_id: _decided(found[supplier_id], who, found, now) for supplier_id in who if supplier_id in found
    }
    order = links.select("supplier_id")
    rows = pl.DataFrame(list(decided.values()), schema=LINKS.dtypes)
    merged = pl.concat([links.filter(~touched), rows]) if rows.height else links
    return conform(order.join(merged, on="supplier_id", how="left", validate="1:1", maintain_order="left"), LINKS)


def snapshot_of(link: Mapping[str, Any], org_id: str) -> str | None:
    """Return what a link, or its candidates, say of an organisation, as JSON to keep with a decision; else None."""
    told = _link_says(link, org_id)
    return json.dumps(told, ensure_ascii=False) if told else None


def _is_named(links: pl.DataFrame, who: Mapping[str, Mapping[str, Any]]) -> pl.Series:
    return links["supplier_id"].is_in([row["value"] for row in who.values() if row["kind"] == "same_as"])


def _same_as(supplier_id: str, who: Mapping[str, Mapping[str, Any]]) -> str:
    """Follow "same as" to its end; a ring of them ends where it started."""
    seen = [supplier_id]
    while seen[-1] in who and who[seen[-1]]["kind"] == "same_as":
        following = str(who[seen[-1]]["value"])
        if following in seen:
            return supplier_id
        seen.append(following)
    return seen[-1]


def _register_says(organisations: pl.DataFrame, wanted: set[str]) -> dict[str, dict[str, Any]]:
    known = organisations.filter(pl.col("org_id").is_in(list(wanted))).unique("org_id", keep="first")
    columns = ["org_id", *(c for c in _DETAILS if c in known.columns)]
    return {row.pop("org_id"): row for row in known.select(columns).iter_rows(named=True)}


def _link_says(link: Mapping[str, Any], org_id: str) -> dict[str, Any]:
    if link["org_id"] == org_id:
        return {name: link[name] for name in _DETAILS}
    candidates = json.loads(link["evidence"] or "{}").get("candidates") or []
    told = next((c for c in candidates if isinstance(c, dict) and c.get("org_id") == org_id), {})
    return {name: told[name] for name in _DETAILS if told.get(name) is not None}


def _decided(
    link: Mapping[str, Any], who: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]],
    now: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """Return one link as decided."""
    own = who[link["supplier_id"]]
    end = _same_as(link["supplier_id"], who)
    decision = who.get(end)
    evidence = json.loads(link["evidence"] or "{}")
    evidence["decision"] = {name: own[name] for name in ("kind", "value", "who", "decided_at", "why")}
    out = {**link, "method": "decision", "decided_by": own["who"], "evidence": json.dumps(evidence, ensure_ascii=False)}
    nobody: dict[str, Any] = {
        "outcome": "unmatched", "org_id": None, "name": None, "postcode": None, "sic_code": None, "score": None,
        "margin": None, "address_is_evidence": None,
    }  # fmt: skip
    if decision is None or decision["kind"] == "same_as":
        # The same as a supplier nobody decided about: its match, where this ledger has it.
        other = found.get(end, link)
        kept = ("outcome", "supplier_type", "org_id", "name", "postcode", "sic_code", "score", "margin")
        return {**out, **{name: other[name] for name in (*kept, "address_is_evidence")}}
    kind = decision["kind"]
    if kind in ("individual", "internal"):
        return {**out, **nobody, "supplier_type": kind}
    if kind == "none":
        return {**out, **nobody}
    org_id = decision["value"]
    snapshot = json.loads(decision["snapshot"] or "{}")
    details = {
        "supplier_type": link["supplier_type"],
        "address_is_evidence": True,
        **snapshot,
        **_link_says(found.get(end, link), org_id),
        **now.get(org_id, {}),
    }
    known = {name: details.get(name) for name in _DETAILS}
    return {**out, **nobody, **known, "outcome": "matched", "org_id": org_id, "score": 1.0}
