"""Why a change came: by supplier, by what is bought, by payer; every payer's own paragraph; the order of payers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from cwb import lookups
from cwb.indicators.totals import total_row
from cwb.schema import BANDS
from cwb.ui import parts
from cwb.ui.parts import Col

_PARTS = {
    "entered": "New", "left": "No longer paid", "grown": "Grown", "shrunk": "Shrunk", "moved_in": "Moved in",
    "moved_out": "Moved out",
}  # fmt: skip
_EVENTS = {
    "entered": "New", "left": "No longer paid", "grown": "Grown", "shrunk": "Shrunk", "moved": "Moved band",
    "same": "The same",
}  # fmt: skip
_MIXES = {
    "change_by_category": ("category", "Category", "what is bought"),
    "change_by_sector": ("sic_section", "Sector", "suppliers' sectors"),
    "mix_by_institution": ("institution", "Institution", "institutions"),
}
_MOST = 15


def show(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], key: str) -> None:
    """Print what is behind a comparison, as far as its runs tell."""
    if "supplier_parts" in tables:
        _suppliers(tables, key)
        _mixes(tables, key)
    else:
        parts.show('<p class="lead">A run here holds sums alone, so who is behind the change is not told.</p>')
    _steps(compare, tables)
    _payers(compare, key)
    _ranking(compare, tables)
    _real(compare, tables)
    _means(compare)


def _suppliers(tables: Mapping[str, pl.DataFrame], key: str) -> None:
    st.header("Why, by supplier", anchor=False)
    grid = tables["supplier_parts"].pivot("band", index="part", values="amount_pence")
    total = total_row(grid, "part", "all", BANDS)
    named = pl.col("part").replace_strict({**_PARTS, "all": "Change in all"})
    parts.table(
        pl.concat([grid.select("part", *BANDS), total]).with_columns(named.alias("part")),
        [Col("part", "Suppliers"), *(Col(band, f"{parts.band_look(band)[0]}, £", "change") for band in BANDS)],
        "What suppliers did", "the parts of each band add up to its change, to the penny",
    )  # fmt: skip
    told = tables["change_by_supplier"]
    event = st.selectbox(
        "Suppliers that", ["any", *_EVENTS], key=f"event-{key}",
        format_func=lambda e: "Did anything" if e == "any" else _EVENTS[e],
    )  # fmt: skip
    chosen = told if event == "any" else told.filter(pl.col("event") == event)
    only = st.checkbox("Only those whose category is another than before", key=f"reclassified-{key}")
    if only:
        chosen = chosen.filter("is_reclassified")
    if chosen.is_empty():
        parts.show('<p class="lead">No supplier did.</p>')
        return
    names = pl.col("event").replace_strict(_EVENTS, default=pl.col("event"))
    moved = [_bands(*both) for both in chosen.head(_MOST).select("from_band", "to_band").iter_rows()]
    why = pl.coalesce(
        "why",
        pl.when("is_reclassified").then(
            pl.format("category was {}, is {}", pl.col("from_category"), pl.col("to_category"))
        ),
        pl.lit(""),
    )
    parts.table(
        chosen.head(_MOST).with_columns(
            names.alias("event"), pl.Series("bands", moved, dtype=pl.String), why.alias("why")
        ),
        [Col("supplier_name", "Supplier"), Col("event", "What it did"), Col("bands", "Band", "html"),
         Col("from_pence", "Before, £", "money"), Col("to_pence", "After, £", "money"),
         Col("amount_pence", "Change, £", "change"), Col("why", "Why")],
        f"Suppliers behind it: {min(_MOST, chosen.height)} of {chosen.height:,}", "the largest change first",
    )  # fmt: skip


def _bands(before: str | None, after: str | None) -> str:
    if before and after and before != after:
        return f'{parts.band_html(before)}<br><span class="vh">then</span>↓<br>{parts.band_html(after)}'
    return parts.band_html(after or before or "unknown")


def _mixes(tables: Mapping[str, pl.DataFrame], key: str) -> None:
    st.header("Why, by what is bought and from whom", anchor=False)
    parts.show(
        '<p class="lead">Shift: money moved between members that buy more or less in the band. Inside: the share '
        "moved within the member. Over all members the two add up to the change of the band's share, in points.</p>"
    )
    names = {name: label for name, (_, label, _) in _MIXES.items() if name in tables}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("By", list(names), key=f"mix-{key}", format_func=names.__getitem__)
        band = st.selectbox("Band", BANDS, key=f"mix-band-{key}", format_func=lambda b: parts.band_look(b)[0])
    by, label, said = _MIXES[name]
    frame = tables[name].filter(pl.col("band") == band)
    if frame["mix_points"].null_count() == frame.height:
        parts.show('<p class="lead">Shares say nothing here: payments do not sum to more than nothing.</p>')
        return
    if by == "sic_section":
        sections = lookups.table("sic_sections").select("section", "section_name").unique()
        frame = frame.join(sections, left_on=by, right_on="section", how="left", validate="m:1", maintain_order="left")
        frame = frame.with_columns(pl.col("section_name").fill_null("Sector not known").alias(by))
    totals = total_row(frame, by, "All", ("from_pence", "to_pence", "mix_points", "within_points"))
    wide = pl.concat([frame.head(_MOST).select(totals.columns), totals])
    parts.table(
        wide, [Col(by, label), Col("from_pence", "Before, £", "money"), Col("to_pence", "After, £", "money"),
               Col("mix_points", "Shift", "points"), Col("within_points", "Inside", "points")],
        f"Shift and change inside, by {said}: {parts.band_look(band)[0]}",
        f"the largest {min(_MOST, frame.height)} of {frame.height:,}; the last row is of all",
    )  # fmt: skip


def _steps(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    if "steps" not in tables:
        return
    st.header("Step by step", anchor=False)
    series = tables["series"].pivot("band", index=["run", "period"], values="share")
    parts.table(
        series, [Col("period", "Period"), *(Col(band, parts.band_look(band)[0], "share") for band in BANDS),
                 Col("region_including_local", "Region, local included", "share")],
        "Share of each band, period by period",
    )  # fmt: skip
    for step, checks in zip(compare["step_paragraphs"], compare["comparable"]["steps"], strict=True):
        with st.expander(f"{parts.plain(step['from'])} to {parts.plain(step['to'])}, in words"):
            parts.show(f"<p>{parts.esc(step['paragraph'])}</p>")
            for check in checks["checks"]:
                parts.show(f'<p class="where">{parts.esc(check["text"])}</p>')


def _payers(compare: Mapping[str, Any], key: str) -> None:
    told = {one["institution"]: one["paragraph"] for one in compare.get("payers") or []}
    if not told:
        return
    st.header("Each institution, in words", anchor=False)
    name = st.selectbox("Institution", list(told), key=f"payer-{key}")
    parts.show(f"<p>{parts.esc(told[name])}</p>")


def _ranking(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    ranking = compare["ranking"]
    if ranking["refused"]:
        st.header("Not put in order", anchor=False)
        listed = "".join(f"<li>{parts.esc(reason)}</li>" for reason in ranking["refused"])
        parts.show(
            '<p class="lead">A ranking of unlike ledgers would say what is not so. They are unlike in this:</p>'
            f'<ul class="plain">{listed}</ul><p class="where">Tick the box above to put them in order all the same.</p>'
        )
    elif "ranking" in tables and tables["ranking"]["institution"].n_unique() > 1:
        st.header("Institutions in order of local share", anchor=False)
        parts.table(
            tables["ranking"].select("institution", "financial_year", "rank", "local_share", "amount_pence"),
            [Col("institution", "Institution"), Col("financial_year", "Year", "year"), Col("rank", "Place", "count"),
             Col("local_share", "Local share", "share"), Col("amount_pence", "Paid in all, £", "money")],
            "In order of local share",
        )  # fmt: skip


def _real(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    if "change_real" not in tables:
        return
    real = compare["real"]
    with st.expander(f"In real terms, at {parts.plain(real['year'])} prices"):
        parts.table(
            tables["change_real"],
            [Col("band", "Band", "band"), Col("from_pence", "Before, £", "money"), Col("to_pence", "After, £", "money"),
             Col("price_pence", "Prices alone, £", "change"), Col("volume_pence", "Volume, £", "change"),
             Col("rate_pence", "Rate, £", "change")],
            f"At {real['year']} prices", "HM Treasury GDP deflators; prices, volume and rate add up to the change in £",
        )  # fmt: skip


def _means(compare: Mapping[str, Any]) -> None:
    means = compare.get("means")
    if not means:
        return
    st.header("Two means, which often differ", anchor=False)
    parts.table(
        pl.DataFrame([{"band": band, **row} for band, row in means.items()]),
        [Col("band", "Band", "band"), Col("weighted_share", "Weighted by £", "share"),
         Col("unweighted_share", "Plain mean of shares", "share")],
        "Means of the institutions", "weighted: the largest payer says most; plain: each payer says as much",
    )  # fmt: skip
