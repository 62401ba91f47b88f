"""Decisions as files that people work with: a sheet to fill in, a history to keep or carry, a log to read."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from cwb.decisions import KINDS, Decision, snapshot_of, undone
from cwb.errors import WorkspaceError, did_you_mean
from cwb.lookups import first_problem
from cwb.privacy import INDIVIDUAL

ASKED = ("decision", "value", "why")
_CANDIDATES = 5
_ORG_ID = re.compile(r"\b([A-Z]{2}-[A-Z]+-[A-Z0-9]+)\b")
_CHOICES = tuple(kind for kind in KINDS if kind != "undo")


def review_sheet(
    suppliers: pl.DataFrame,
    links: pl.DataFrame,
    decisions: pl.DataFrame,
    *,
    everything: bool = False,
    show_individuals: bool = False,
) -> pl.DataFrame:
    """Return what there is to decide, most £ first: one row a supplier, its candidates, and three columns to fill in.

    Args:
        suppliers: schema.SUPPLIERS.
        links: schema.LINKS as matched.
        decisions: those that stand; their suppliers are left out.
        everything: matched suppliers too, not only those in review or unmatched.
        show_individuals: suppliers taken for individuals too.

    Returns:
        supplier_id, supplier_name, pounds, payments, supplier_postcode, outcome, supplier_type, candidate_1 to
        candidate_5 (name, org-id, postcode, score), and the empty decision, value and why. No redacted payees.
    """
    told = suppliers.join(links.drop("postcode", "name"), on="supplier_id", how="inner", validate="1:1")
    wanted = ~pl.col("is_redacted") & ~pl.col("supplier_id").is_in(decisions["supplier_id"].to_list())
    if not everything:
        wanted &= pl.col("outcome") != "matched"
    if not show_individuals:
        wanted &= pl.col("supplier_type") != "individual"
    open_ones = told.filter(wanted).sort("amount_pence", "supplier_id", descending=[True, False])
    named = [_candidates(text) for text in open_ones["evidence"]]
    return open_ones.select(
        "supplier_id", "supplier_name", (pl.col("amount_pence") / 100).alias("pounds"), "payments",
        "supplier_postcode", "outcome", "supplier_type",
        *(
            pl.Series(f"candidate_{i + 1}", [row[i] if i < len(row) else None for row in named], dtype=pl.String)
            for i in range(_CANDIDATES)
        ),
        *(pl.lit("").alias(name) for name in ASKED),
    )  # fmt: skip


def write_sheet(sheet: pl.DataFrame, path: Path) -> None:
    """Write a review sheet as CSV that a spreadsheet opens as text: no cell of it is a formula."""
    text = pl.col(pl.String)
    safe = pl.when(text.str.contains(r"^[=+\-@\t\r]")).then(pl.lit("'") + text).otherwise(text)
    path.write_text(sheet.with_columns(safe.name.keep()).write_csv(), encoding="utf-8-sig")


def read_sheet(path: Path, links: pl.DataFrame, *, who: str) -> list[Decision]:
    """Return the decisions filled in on a review sheet; rows without one are passed over.

    `decision` is a kind of decision. For "accept" the first candidate is meant; for "choose" `value` is an org-id or
    the number of a candidate.

    Args:
        path: a CSV with at least supplier_id, decision, value and why.
        links: schema.LINKS as matched, for what the register said.
        who: the person who decided.

    Raises:
        WorkspaceError: the file is not a filled-in sheet; its row and what is wrong with it.
    """
    rows = _rows(path)
    missing = [name for name in ("supplier_id", *ASKED) if rows and name not in rows[0]]
    if missing or not rows:
        raise WorkspaceError(f"{path}: not a review sheet: no column {', '.join(missing) or 'at all'}")
    by_id = {row["supplier_id"]: row for row in links.iter_rows(named=True)}
    out = []
    # A header is row 1, as a person counts.
    for number, row in enumerate(rows, start=2):
        kind = (row["decision"] or "").strip().lower().replace(" ", "_")
        if not kind:
            continue
        if kind not in _CHOICES:
            hint = did_you_mean(kind, _CHOICES) or f" Use one of {', '.join(_CHOICES)}"
            raise WorkspaceError(f"{path}: row {number}: no decision '{row['decision']}'.{hint}")
        value = _value(kind, row)
        link = by_id.get(row["supplier_id"])
        snapshot = snapshot_of(link, value) if link and value and kind in ("accept", "choose") else None
        try:
            out.append(
                Decision.model_validate(
                    {
                        "supplier_id": row["supplier_id"], "supplier_name": row.get("supplier_name") or "",
                        "kind": kind, "value": value, "why": row["why"] or "", "who": who, "snapshot": snapshot,
                    }
                )
            )  # fmt: skip
        except ValidationError as error:
            raise WorkspaceError(f"{path}: row {number}: {first_problem(error)}") from None
    return out


def write_history(history: pl.DataFrame, path: Path) -> None:
    """Write a whole history, one decision a line as JSON, to keep or to add to another store."""
    lines = (json.dumps(row, ensure_ascii=False) for row in history.iter_rows(named=True))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_history(path: Path) -> list[Decision]:
    """Return the decisions of a file of `write_history`.

    Raises:
        WorkspaceError: a line is not a decision.
    """
    out = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        try:
            out.append(Decision.model_validate_json(line))
        except ValidationError as error:
            raise WorkspaceError(f"{path}: line {number}: {first_problem(error)}") from None
    return out


def log(history: pl.DataFrame, *, show_individuals: bool = False) -> pl.DataFrame:
    """Return a history to read, newest first: decision, decided_at, who, supplier, what, value, why, holds.

    Names of suppliers that anyone decided are individuals are withheld unless asked for.
    """
    people = history.filter(pl.col("kind") == "individual")["supplier_id"].unique().to_list()
    withheld = pl.col("supplier_id").is_in([] if show_individuals else people)
    back = sorted(undone(history))
    return history.reverse().select(
        pl.col("decision_id").str.head(8).alias("decision"),
        pl.col("decided_at").str.head(19),
        "who",
        pl.when(withheld).then(pl.lit(INDIVIDUAL)).otherwise("supplier_name").alias("supplier"),
        pl.col("kind").replace(dict(KINDS)).alias("what"),
        pl.coalesce(pl.col("undoes").str.head(8), "value").alias("value"),
        "why",
        (~pl.col("decision_id").is_in(back)).alias("holds"),
    )


def _candidates(evidence: str) -> list[str]:
    told: Sequence[Mapping[str, Any]] = json.loads(evidence or "{}").get("candidates") or []
    return [
        f"{c.get('name') or '–'} ({c['org_id']}) {c.get('postcode') or ''} {c.get('probability', '')}".strip()
        for c in told[:_CANDIDATES]
    ]


def _value(kind: str, row: Mapping[str, str | None]) -> str | None:
    """Return the value meant: candidates by number or by being first become their org-ids."""
    told = (row["value"] or "").strip()
    if kind == "accept" and not told:
        told = "1"
    if kind in ("accept", "choose") and told.isdecimal():
        named = _ORG_ID.search(row.get(f"candidate_{int(told)}") or "")
        return named.group(1) if named else None
    return told or None


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WorkspaceError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")  # what a spreadsheet may save a CSV as


def _rows(path: Path) -> list[dict[str, str | None]]:
    text = _text(path)
    # A spreadsheet set to another country saves with semicolons.
    separator = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))
