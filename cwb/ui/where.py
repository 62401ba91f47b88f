"""Where it goes: the headline figures, the bands, how sure they are, and the suppliers behind them."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from cwb.charts import theme, words
from cwb.charts.spend import basis_name
from cwb.drill import Question
from cwb.pipeline import Run
from cwb.ui import drill, method, parts, work
from cwb.ui.parts import Col
from cwb.ui.session import Result

_ROWS = 10
_SUMS = ("bands", "institutions", "categories")  # pictures whose numbers are sums of payments
_OUTCOMES = {"matched": "Matched", "review": "To be checked", "unmatched": "Not matched"}
_STRENGTHS = {
    "terminated": "by a postcode no longer in use", "sector": "by part of a postcode only",
    "district": "by the first half of a postcode only",
}  # fmt: skip


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Where it goes", "Every pound of the ledger, in exactly one band, with the evidence for it.")
    if result is None:
        parts.empty("No ledger yet", "Add a ledger or try the sample; the answer appears here.", start)
        return
    label = choose_run(result, "where")
    run, figures, key = result.runs[label], work.figures(result, label), f"{result.key}-{label}"
    asks = asked(result, label)
    headline(run.summary, asks)
    if run.summary["provenance"]["register"] is None and run.summary["bands"]["unknown"]["amount_pence"]:
        parts.show(
            '<div class="note"><p><strong>No register was used.</strong> Suppliers have a place only where the ledger '
            "prints their postcode. With one they are matched to companies and placed by their offices.</p></div>"
        )
        st.page_link(start, label="Add a register on the Ledgers page", icon=":material/library_add:")
    with parts.contents():
        if not figures:
            parts.show('<p class="lead">The payments net to nothing or less, so there are no shares to draw.</p>')
        for shown in (
            "bands",
            "institutions",
            "flow",
            "map",
            "map_region",
            "map_place",
            "suppliers",
            "concentration",
            "range",
        ):
            if shown in figures:
                parts.picture(figures[shown], key, asks=asks if shown in _SUMS else None)
                st.space("small")
        suppliers(run, key, asks)
        for shown in ("unknowns", "sectors", "categories", "months", "institution_months", "category_months"):
            if shown in figures:
                st.space("small")
                parts.picture(figures[shown], key, asks=asks if shown in _SUMS else None)
    method.beside("leakage", "location", "coverage")


def choose_run(result: Result, key: str) -> str:
    """Print the choice of year, where there are several, and return the run chosen."""
    labels = list(result.runs)
    if len(labels) == 1:
        return labels[0]
    kept = st.session_state.get("year") or st.query_params.get("year", result.first)
    chosen: str = st.segmented_control(
        "Financial year", labels, default=kept if kept in labels else result.first, key=f"{key}-{result.key}-year",
        required=True,
    )  # fmt: skip
    st.session_state["year"] = chosen
    if st.query_params.get("year") != chosen:
        st.query_params["year"] = chosen  # an address sent to someone else shows them the same
    return chosen


def asked(result: Result, label: str) -> Question:
    """Return what all payments of one run of a result answer."""
    is_one_year = len(result.runs) > 1 and label in result.runs[label].summary["years"]
    return Question(year=label if is_one_year else "")


def begun(result: Result, name: str) -> tuple[str, Run, Question]:
    """Print how a page about one run begins: the choice of year, and whose spend it is.

    Returns:
        The run's label, the run, and what all its payments answer.
    """
    label = choose_run(result, name)
    run = result.runs[label]
    parts.show(f'<p class="where">{parts.esc(about(run.summary))}</p>')
    return label, run, asked(result, label)


def about(summary: dict[str, Any]) -> str:
    """Return whose spend this is, in which years and seen from where."""
    bodies = summary["institutions"]
    said = bodies[0] if len(bodies) == 1 else f"{len(bodies)} institutions"
    return " · ".join(
        part for part in (said, ", ".join(summary["years"]), f"local is {summary['place']['name']}") if part
    )


def headline(summary: dict[str, Any], asks: Question | None = None) -> None:
    """Print the headline figures, the region with its local part, and the coverage."""
    parts.show(f'<p class="where">{parts.esc(about(summary))}</p>')
    parts.tiles(parts.band_tiles(summary, asks))
    region, coverage = summary["region_including_local"], summary["coverage"]
    parts.show(
        f'<div class="note"><p><strong>{parts.esc(summary["place"]["region_name"])}, local included: '
        f"{words.percent(region['share'])}</strong> ({words.money(region['amount_pence'])}). It holds the local part: "
        "never add the two.</p>"
        f"<p>A place was found for {words.percent(coverage['by_amount'])} of the £ and "
        f"{words.percent(coverage['by_suppliers'])} of suppliers; the rest counts as unknown.</p></div>"
    )


def suppliers(run: Run, key: str, asks: Question) -> None:
    """Print the suppliers, biggest first, a page at a time, each with the evidence for its band."""
    parts.part("Every supplier and its evidence")
    frame = run.tables["suppliers"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input("Find a supplier", key=f"find-{key}", placeholder="Part of a name", type="search")
        band = st.selectbox(
            "Band", ["all", *theme.BAND_NAMES], key=f"band-{key}",
            format_func=lambda b: "All bands" if b == "all" else theme.BAND_NAMES[b],
        )  # fmt: skip
        outcome = st.selectbox(
            "Register match", ["all", *_OUTCOMES], key=f"outcome-{key}",
            format_func=lambda o: "All" if o == "all" else _OUTCOMES[o],
        )  # fmt: skip
    if wanted:
        frame = frame.filter(pl.col("supplier_name").str.to_lowercase().str.contains(wanted.lower(), literal=True))
    if band != "all":
        frame = frame.filter(pl.col("band") == band)
    if outcome != "all":
        frame = frame.filter(pl.col("outcome") == outcome)
    if frame.is_empty():
        parts.show('<p class="lead">No supplier fits. Clear the search, or choose all bands.</p>')
        return
    body = st.container()
    last = (frame.height + _ROWS - 1) // _ROWS
    at = min(last, st.pagination(last, key=f"page-{key}")) if last > 1 else 1
    first = (at - 1) * _ROWS + 1
    shown = frame.slice(first - 1, _ROWS)
    why = pl.Series("evidence", [evidence(row) for row in shown.iter_rows(named=True)], dtype=pl.String)
    paid = pl.Series(
        "paid",
        [
            drill.link(parts.KINDS["money"](pence), asks.but(supplier=supplier_id), of=name or "no name printed")
            for supplier_id, pence, name in shown.select("supplier_id", "amount_pence", "supplier_name").iter_rows()
        ],
        dtype=pl.String,
    )
    with body:
        parts.table(
            shown.with_columns(why, paid),
            [Col("supplier_name", "Supplier"), Col("paid", "Paid, £", "link"), Col("band", "Band", "band"),
             Col("evidence", "Evidence", "html")],
            f"Suppliers {first:,} to {first + shown.height - 1:,} of {frame.height:,}", "biggest first",
        )  # fmt: skip


def evidence(row: dict[str, Any]) -> str:
    """Return in HTML how a supplier was placed, what it was matched to, and why."""
    place = f": {parts.esc(row['lad_name'])}" if row["lad_name"] else ""
    strength = f", {_STRENGTHS[row['strength']]}" if row["strength"] in _STRENGTHS else ""
    said = f"{parts.esc(basis_name(row['basis']))}{place}{strength}" if row["basis"] != "none" else "No place found"
    outcome = _OUTCOMES.get(row["outcome"], row["outcome"])
    if row["matched_name"]:
        said += f'<span class="soft">{parts.esc(outcome)}: {parts.esc(row["matched_name"])}</span>'
    else:
        said += f'<span class="soft">{parts.esc(outcome)}</span>'
    facts = [
        f"Kind of supplier: {row['supplier_type'].replace('_', ' ')}",
        f"Identifier: {row['org_id']}" if row["org_id"] else "",
        f"Registered postcode: {row['matched_postcode']}" if row["matched_postcode"] else "",
        f"Method: {row['method'].replace('_', ' ').replace(':', ': ')}" if row["method"] != "none" else "",
        f"Score {words.percent(row['score'])}" if row["score"] is not None else "",
        f"ahead of the runner-up by {words.percent(row['margin'])}" if row["margin"] is not None else "",
        f"{row['payments']:,} payments",
    ]
    why = f"<p>{parts.esc(words.sentence(row['why']))}</p>" if row["why"] else ""
    name = parts.esc(row["supplier_name"] or "no name printed")
    return (
        f'{said}<details><summary>Why<span class="vh"> {name} is placed here</span></summary>{why}'
        f"<p>{parts.esc('; '.join(f for f in facts if f))}.</p></details>"
    )
