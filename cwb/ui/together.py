"""Together: several institutions as one, what they pay each other netted off, and the suppliers they have in common."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from cwb import pipeline
from cwb.charts import words
from cwb.drill import NONE, Question
from cwb.errors import CwbError, RunError
from cwb.indicators.totals import summed
from cwb.pipeline import Comparison, Run
from cwb.run import read_run, shared_summary
from cwb.schema import BANDS
from cwb.ui import method, parts, session, where
from cwb.ui.parts import Col, Tile
from cwb.ui.session import Result

_ROWS = 15


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading(
        "Together", "Several institutions as one: what they pay each other counted once, and whom they all buy from."
    )
    if result is None:
        parts.empty("No ledger yet", "Add ledgers of two or more institutions, or try the sample.", start)
        return
    label, run, asks = where.begun(result, "together")
    key = f"{result.key}-{label}"
    others = _others(key)
    if len(run.summary["institutions"]) + len(others) < 2:
        parts.show(
            '<h2 class="statement">One institution so far</h2><p class="lead">Add the ledger of another on the Ledgers '
            "page, or above the sums that another body has shared with you.</p>"
        )
        _share(run, key)
        return
    made = _pooled(key, tuple(sorted(others)), [run, *others.values()])
    mine = None if others else asks  # what others shared holds no payments
    _headline(made, mine)
    _bands(made, mine)
    _depends(made, asks)
    _common(made, key, asks)
    _share(run, key)
    method.beside("together")


def _others(key: str) -> dict[str, Run]:
    """Print the way to add what other bodies have shared, and return what was added."""
    with st.expander("Add the sums of another body, without its ledger"):
        parts.show(
            "<p>Another body can save its own sums here, or with <code>cwb share</code>, and give you the file. It "
            "holds no supplier and no payment.</p>"
        )
        given = st.file_uploader(
            "Files of sums (summary.json)", type="json", accept_multiple_files=True, key=f"shared-{key}"
        )
    home = session.folder() / "shared"
    out = {}
    for at, file in enumerate(given or []):
        folder = home / str(at)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "summary.json").write_bytes(file.getvalue())
        try:
            run = read_run(folder)
        except CwbError:
            raise RunError(f"{Path(file.name).name}: is not a file of shared sums; it is made by cwb share") from None
        out[f"{file.name}-{file.file_id}"] = run
    return out


@st.cache_resource(show_spinner="Putting them together", max_entries=16)
def _pooled(key: str, others: tuple[str, ...], _runs: Sequence[Run]) -> Comparison:
    return pipeline.pooled(_runs)


def _headline(made: Comparison, asks: Question | None) -> None:
    told = made.compare
    parts.tiles(
        [
            Tile(
                "In all ledgers", words.money(told["gross_pence"]), (f"{len(told['members'])} institutions",),
                asks=None if asks is None else asks.but(band="\n".join(BANDS)),
            ),
            Tile("Paid to each other", words.money(told["transfers_pence"]), ("counted twice in the ledgers",)),
            Tile("Leaves the group", words.money(told["net_pence"]), ("netted off",)),
            Tile(
                "Suppliers in common", f"{told['common']['suppliers']:,}",
                (f"{words.percent(told['common']['share'])} of what leaves",),
            ),
        ]
    )  # fmt: skip
    for text in told["comparable"]["differences"]:
        st.warning(parts.plain(text), icon=":material/warning:")


def _bands(made: Comparison, asks: Question | None) -> None:
    local = made.compare["bands"]["local"]
    said = f"{words.percent(local['net_share'])} of what leaves the group is local"
    if made.compare["transfers_pence"]:
        said += f", against {words.percent(local['gross_share'])} in the ledgers as they stand"
    parts.show(f'<h2 class="statement">{parts.esc(said)}</h2>')
    netted, kind = made.tables["net"], "money"
    if asks is not None:
        netted, kind = parts.linked(netted, "gross_pence", lambda row: asks.but(band=row["band"]), of="band"), "link"
    parts.table(
        netted,
        [Col("band", "Band", "band"), Col("gross_pence", "In the ledgers, £", kind),
         Col("transfers_pence", "To each other, £", "money"), Col("net_pence", "Netted off, £", "money"),
         Col("gross_share", "Share, as it stands", "share"), Col("net_share", "Share, netted off", "share"),
         Col("why", "Where below zero")],
        "Bands with and without what they pay each other",
    )  # fmt: skip
    means = made.tables["means"].filter(pl.col("band").is_in(BANDS))
    weighted, plain = means.filter(pl.col("band") == "local").select("weighted_share", "unweighted_share").row(0)
    parts.show(
        f'<h2 class="statement">Two means of the local share: {words.percent(weighted)} weighted by £, '
        f"{words.percent(plain)} not</h2>"
    )
    parts.table(
        means, [Col("band", "Band", "band"), Col("institutions", "Institutions", "count"),
                Col("weighted_share", "Weighted by £", "share"),
                Col("unweighted_share", "Plain mean of shares", "share")],
        "Means of the institutions", "weighted: the largest payer says most; plain: each payer says as much",
    )  # fmt: skip


def _depends(made: Comparison, asks: Question) -> None:
    st.header("Who depends on whom", anchor=False)
    paid = made.tables["transfers"]
    if paid.is_empty():
        parts.show('<p class="lead">None of them pays another, as far as the ledgers tell.</p>')
        return

    def ask(row: dict[str, Any]) -> Question | None:
        told = asks.but(institution=row["payer"], year=row["financial_year"] or NONE, band=row["band"])
        return parts.ask_suppliers(row["supplier_ids"], told)

    parts.table(
        parts.linked(paid.head(_ROWS), "amount_pence", ask, of="paid"),
        [Col("payer", "Payer"), Col("paid", "Paid"), Col("financial_year", "Year", "year"),
         Col("amount_pence", "£", "link"),
         Col("share_of_payer", "Of all the payer pays", "share"),
         Col("share_of_paid", "Of all the paid body pays out", "share")],
        f"Payments between them: {min(_ROWS, paid.height)} of {paid.height}",
        "the last column is how much of its own spending hangs on the payer",
    )  # fmt: skip
    original = summed(made.tables["by_original_payer"], "institution")
    parts.table(
        original,
        [Col("institution", "Institution"), Col("paid_pence", "Paid out by it, £", "money"),
         Col("original_pence", "First put in by it, £", "money")],
        "What leaves the group, by who first put it in", "both columns come to the same total",
    )  # fmt: skip


def _common(made: Comparison, key: str, asks: Question) -> None:
    st.header("Suppliers they have in common", anchor=False)
    frame = made.tables["common_suppliers"]
    if frame.is_empty():
        parts.show('<p class="lead">No supplier is paid by two of them.</p>')
        return
    last = (frame.height + _ROWS - 1) // _ROWS
    body = st.container()
    at = min(last, st.pagination(last, key=f"common-{key}")) if last > 1 else 1
    first = (at - 1) * _ROWS
    with body:
        parts.table(
            parts.linked(
                frame.slice(first, _ROWS), "amount_pence",
                lambda row: parts.ask_suppliers(row["supplier_ids"], asks), of="supplier_name",
            ),
            [Col("supplier_name", "Supplier"), Col("payers", "Payers", "count"), Col("paid_by", "Paid by"),
             Col("bands", "Band", "bands"), Col("amount_pence", "£", "link")],
            f"Common suppliers {first + 1:,} to {min(first + _ROWS, frame.height):,} of {frame.height:,}",
            "most payers first, then £",
        )  # fmt: skip


def _share(run: Run, key: str) -> None:
    st.header("Share your sums, not your ledger", anchor=False)
    parts.show(
        "<p>The file holds the sums of each band, each institution and year, and what the ledger is like: no supplier "
        "and no payment. Another body can add it to its own on this page, or compare with it by "
        "<code>cwb compare</code>.</p>"
    )
    st.download_button(
        "Sums to share (JSON)", lambda: json.dumps(shared_summary(run), ensure_ascii=False, indent=2), "summary.json",
        "application/json", key=f"share-{key}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
