"""Change: periods side by side, or payers of one period; how much is volume and how much rate, and who is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from cwb import charts, pipeline
from cwb.charts import Figure, words
from cwb.drill import Question, wordings
from cwb.pipeline import Comparison, Run
from cwb.schema import BANDS
from cwb.ui import change_why, method, parts, work
from cwb.ui.change_why import Behind
from cwb.ui.parts import Col, Tile
from cwb.ui.session import Result

_SIZES = {0: "All suppliers", 500: "The 500 largest", 300: "The 300 largest, as CLES does", 100: "The 100 largest"}
_REGION = {"region_including_local": "Region, local included"}
_INSIDE = {"region_including_local": "local\nregional"}


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Change", "What moved between two years, or differs between payers, and who and what is behind it.")
    if result is None:
        parts.empty("No ledger yet", "Add ledgers of two or more years, or try the sample.", start)
        return
    years = work.years(result)
    payers = result.runs[next(iter(result.runs))].summary["institutions"]
    if len(years) < 2 and len(payers) < 2:
        parts.empty(
            "One year and one payer so far", "Add a ledger of another financial year, or of another institution, to "
            "see what changed or differs. Undated payments count in the year you give them on the Ledgers page.",
            start,
        )  # fmt: skip
        return
    asked = _asked(result, years, payers)
    made = _compared(result.key, asked, result.runs)
    key = f"{result.key}-change-{'-'.join(str(part) for part in asked)}"
    compare, figures = made.compare, _figures(result.key, asked, made)
    behind = None if asked[3] else _behind(compare)  # the largest alone are no question that payments answer
    _headline(compare, behind)
    with parts.contents():
        _paragraph(compare, key)
        jobs = [figure for figure in figures.values() if figure.id.startswith("jobs")]
        for figure in (f for f in figures.values() if f.id not in {job.id for job in jobs}):
            parts.picture(figure, key)
            st.space("small")
        _table(compare, made.tables["change"], behind)
        spends = [spend for label in asked[1:3] if (spend := result.runs[label].spend) is not None]
        change_why.show(compare, made.tables, key, behind, wordings(spends) if spends else {})
        if jobs:
            st.space("small")
            parts.part("Jobs on the change")
            parts.show(
                '<p class="lead">Gross estimates. Jobs in the place are inside those of its region: never add the '
                "two.</p>"
            )
            for figure in jobs:
                parts.picture(figure, key, level=3)
    method.beside("change", "change_explained", "comparability")


_Asked = tuple[str, str, str, int, bool]  # years or payers, from, to, largest suppliers, rank the unlike


def _asked(result: Result, years: list[str], payers: list[str]) -> _Asked:
    """Print what can be chosen, and return what was."""
    kinds = (["years"] if len(years) > 1 else []) + (["payers"] if len(payers) > 1 else [])
    kind = kinds[0]
    if len(kinds) > 1:
        kind = st.segmented_control(
            "Compare", kinds, default=kind, key="by", required=True, bind="query-params",
            format_func={"years": "Years", "payers": "Institutions of one year"}.__getitem__,
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if kind == "payers":
            first = last = st.selectbox("Year", years, index=len(years) - 1, key="of", bind="query-params")
        elif len(years) == 2:
            first, last = years
        else:
            first = st.selectbox("From", years[:-1], key="from", bind="query-params")
            later = years[years.index(first) + 1 :]
            last = st.selectbox("To", later, index=len(later) - 1, key="to", bind="query-params")
        top = st.selectbox("Suppliers", list(_SIZES), key=f"top-{result.key}", format_func=_SIZES.__getitem__)
    unlike = len(payers) > 1 and st.checkbox(
        "Put institutions in order even where their ledgers are unlike", key=f"unlike-{result.key}"
    )
    return kind, first, last, top, unlike


@st.cache_resource(show_spinner="Setting them side by side", max_entries=32)
def _compared(key: str, asked: _Asked, _runs: Mapping[str, Run]) -> Comparison:
    kind, first, last, top, unlike = asked
    labels = list(_runs)
    between = labels[labels.index(first) : labels.index(last) + 1] if kind == "years" else [first]
    return pipeline.compare([_runs[label] for label in between], largest=top or None, rank_unlike=unlike)


@st.cache_resource(show_spinner=False, max_entries=32)
def _figures(key: str, asked: _Asked, _made: Comparison) -> dict[str, Figure]:
    return {f.id: f for f in charts.figures_for_compare(_made.compare, _made.tables)}


def _behind(compare: dict[str, Any]) -> Behind:
    """Return the payments of both sides of a comparison, of one year each, and of one payer where payers differ."""
    payers = compare["kind"] == "payers"
    return Behind(
        *(
            Question(year=one["years"][0], institution=one["institutions"][0] if payers else "")
            for one in (compare["from"], compare["to"])
        )
    )


def _headline(compare: dict[str, Any], behind: Behind | None) -> None:
    before, after = (compare[side]["label"] for side in ("from", "to"))
    joined = "to" if compare["kind"] == "periods" else "against"
    parts.show(f'<p class="where">{parts.esc(before)} {joined} {parts.esc(after)}</p>')
    change = compare["change"]
    parts.tiles(
        [
            Tile(
                name,
                words.points(row["share_points"]),
                (words.change(row["amount_pence"]),),
                colour,
                *((behind.last.but(band=band), behind.first.but(band=band)) if behind else ()),
            )
            for band in BANDS
            for name, colour in [parts.band_look(band)]
            for row in [change[band]]
        ]
    )
    region = compare["region_including_local"]
    parts.show(
        '<div class="note"><p><strong>The region, local included: '
        f"{words.points(region['share_points'])}</strong> ({words.change(region['amount_pence'])}). "
        "Points are percentage points: a share that goes from 5% to 18% is up 13 points.</p></div>"
    )


def _paragraph(compare: dict[str, Any], key: str) -> None:
    """Print the change as it can be read out, and before it what makes the two unlike."""
    said = [*(compare["comparable"]["differences"]), *compare["notes"]]
    if said:
        told = "\n".join(f"- {parts.plain(text)}" for text in said)
        st.warning(f"These are not like for like:\n\n{told}", icon=":material/warning:")
    parts.part("In words, to read out")
    parts.show(f'<p class="said-out">{parts.esc(compare["paragraph"])}</p>')
    st.download_button(
        "Paragraph (text)", compare["paragraph"], "change.txt", "text/plain", key=f"text-{key}",
        on_click="ignore", icon=":material/download:", help="The paragraph as plain text",
    )  # fmt: skip


def _table(compare: dict[str, Any], frame: pl.DataFrame, behind: Behind | None) -> None:
    is_change = compare["kind"] == "periods"
    parts.part("The change, to the penny" if is_change else "The difference, to the penny")
    before, after = (
        ("Before, £", "After, £") if is_change else tuple(f"{compare[s]['label']}, £" for s in ("from", "to"))
    )
    changed = "Change, £" if is_change else "Difference, £"
    named = frame.with_columns(name=pl.col("band").replace_strict(_REGION, default=pl.col("band")))
    parts.table(
        change_why.led(named, behind, lambda row: {"band": _INSIDE.get(row["band"], row["band"])}, of="name"),
        [Col("name", "Band", "band"), *change_why.money_columns(behind, before, after, changed),
         Col("volume_pence", "of which volume, £", "change"),
         Col("rate_pence", "of which rate, £", "change"), Col("share_points", "Share", "points")],
        "Change by band" if is_change else "Difference by band",
        "volume: total spend differs; rate: its share differs; the two add up exactly",
    )  # fmt: skip
