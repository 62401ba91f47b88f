"""Why a change came: by supplier, by what is bought, by payer; every payer's own paragraph; the order of payers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from cwb import lookups
from cwb.drill import NONE, Question
from cwb.indicators.decomposition import NONE as NOT_STATED
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
_MEMBERS = {"sic_section": "sector", "institution": "institution"}
_ALL = "All"
_DID = {"entered": "entered", "left": "left", "grown": "grown", "shrunk": "shrunk", "moved_in": "moved",
        "moved_out": "moved"}  # fmt: skip
_MOST = 15


@dataclass(frozen=True)
class Behind:
    """The payments that the two sides of a comparison are the sums of."""

    first: Question
    last: Question


def led(
    frame: pl.DataFrame, behind: Behind | None, ask: Callable[[dict[str, Any]], dict[str, str] | None], *, of: str
) -> pl.DataFrame:
    """Return a table whose money of either side, and its change, lead to the payments behind them.

    Args:
        frame: from_pence and to_pence, and amount_pence where the change is shown.
        behind: the payments of both sides; without, numbers lead nowhere.
        ask: what a row asks of them besides, by part of a question; None where it cannot be asked.
        of: column that names the row.
    """
    if behind is None:
        return frame

    def of_side(side: Question) -> Callable[[dict[str, Any]], Question | None]:
        return lambda row: None if (told := ask(row)) is None else side.but(**told)

    first, last = of_side(behind.first), of_side(behind.last)
    changed = frame
    if "amount_pence" in frame.columns:
        changed = parts.linked(frame, "amount_pence", last, of=of, kind="change", beside=first)
    return parts.linked(parts.linked(changed, "from_pence", first, of=of), "to_pence", last, of=of)


def money_columns(behind: Behind | None, before: str, after: str, changed: str = "") -> list[Col]:
    """Return the columns that `led` makes."""
    kinds = ("money", "money", "change") if behind is None else ("link", "link", "link")
    columns = zip(("from_pence", "to_pence", "amount_pence"), (before, after, changed), kinds, strict=True)
    return [Col(name, heading, kind) for name, heading, kind in columns if heading]


def show(
    compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], key: str, behind: Behind | None,
    wordings: Mapping[str, str],
) -> None:  # fmt: skip
    """Print what is behind a comparison, as far as its runs tell.

    Args:
        compare: as in compare.json.
        tables: those of the comparison.
        key: what widgets go by.
        behind: the payments of both sides, where their sums are shown.
        wordings: how each category is printed in them.
    """
    if "supplier_parts" in tables:
        _suppliers(tables, key, behind)
        _mixes(tables, key, behind, wordings)
    else:
        parts.show('<p class="lead">A run here holds sums alone, so who is behind the change is not told.</p>')
    _steps(compare, tables, behind)
    _payers(compare, key)
    _ranking(compare, tables, behind)
    _real(compare, tables)
    _means(compare)


def _suppliers(tables: Mapping[str, pl.DataFrame], key: str, behind: Behind | None) -> None:
    parts.part("Why, by supplier")
    _parts(tables["supplier_parts"])
    event, band = _chosen()
    chosen = tables["change_by_supplier"]
    if event != "any":
        chosen = chosen.filter(pl.col("event") == event)
    if band != "any":
        chosen = chosen.filter((pl.col("from_band") == band) | (pl.col("to_band") == band))
    if st.checkbox("Only those whose category is another than before", key=f"reclassified-{key}"):
        chosen = chosen.filter("is_reclassified")
    if chosen.is_empty():
        parts.show('<p class="lead">No supplier did.</p>')
        return
    body = st.container()
    last = (chosen.height + _MOST - 1) // _MOST
    at = min(last, st.pagination(last, key=f"moves-{key}-{event}-{band}")) if last > 1 else 1
    first = (at - 1) * _MOST
    shown = chosen.slice(first, _MOST)
    names = pl.col("event").replace_strict(_EVENTS, default=pl.col("event"))
    moved = [_bands(*both) for both in shown.select("from_band", "to_band").iter_rows()]
    why = pl.coalesce(
        "why",
        pl.when("is_reclassified").then(
            pl.format("category was {}, is {}", pl.col("from_category"), pl.col("to_category"))
        ),
        pl.lit(""),
    )
    with body:
        parts.table(
            led(shown, behind, _named, of="supplier_name").with_columns(
                names.alias("event"), pl.Series("bands", moved, dtype=pl.String), why.alias("why")
            ),
            [Col("supplier_name", "Supplier"), Col("event", "What it did"), Col("bands", "Band", "html"),
             *money_columns(behind, "Before, £", "After, £", "Change, £"), Col("why", "Why")],
            f"Suppliers behind it: {first + 1:,} to {first + shown.height:,} of {chosen.height:,}",
            "the largest change first",
        )  # fmt: skip


def _named(row: Mapping[str, Any]) -> dict[str, str] | None:
    asked = parts.ask_suppliers(row["supplier_ids"], Question())
    return None if asked is None else {"supplier": asked.supplier}


def _parts(frame: pl.DataFrame) -> None:
    """Print what suppliers did, band by band; each figure leads to those suppliers, listed beneath."""
    grid = frame.pivot("band", index="part", values="amount_pence")
    total = total_row(grid, "part", "all", BANDS)
    for band in BANDS:
        links = [_listed(part, band, pence) for part, pence in grid.select("part", band).iter_rows()]
        grid = grid.with_columns(pl.Series(band, links, dtype=pl.String))
    sums = total.with_columns(pl.Series(band, [parts.KINDS["change"](total[band][0])]) for band in BANDS)
    named = pl.col("part").replace_strict({**_PARTS, "all": "Change in all"})
    parts.table(
        pl.concat([grid.select("part", *BANDS), sums]).with_columns(named.alias("part")),
        [Col("part", "Suppliers"), *(Col(band, f"{parts.band_look(band)[0]}, £", "link") for band in BANDS)],
        "What suppliers did", "the parts of each band add up to its change, to the penny",
    )  # fmt: skip


def _listed(part: str, band: str, pence: int) -> str:
    """Return what suppliers of one part and band come to, leading to this page with them chosen."""
    shown = parts.KINDS["change"](pence)
    if not pence:
        return shown
    chosen = {"did": _EVENTS[_DID[part]], "in": parts.band_look(band)[0]}  # as the boxes below say them
    address = "?" + urlencode({**st.query_params.to_dict(), **chosen}) + "#who"
    said = f"{shown}: suppliers {_PARTS[part].lower()}, {parts.band_look(band)[0]}"
    return f'<a href="{parts.esc(address)}" aria-label="{parts.esc(said)}">{shown}</a>'


def _chosen() -> tuple[str, str]:
    """Print which suppliers are listed, as the address says, and return what they did and in which band."""
    parts.show('<div id="who"></div>')
    left, right = st.columns(2)
    event = left.selectbox(
        "Suppliers that", ["any", *_EVENTS], key="did", bind="query-params",
        format_func=lambda e: "Did anything" if e == "any" else _EVENTS[e],
    )  # fmt: skip
    band = right.selectbox(
        "In band, before or after", ["any", *BANDS], key="in", bind="query-params",
        format_func=lambda b: "Any" if b == "any" else parts.band_look(b)[0],
    )  # fmt: skip
    return event, band


def _bands(before: str | None, after: str | None) -> str:
    if before and after and before != after:
        return f'{parts.band_html(before)}<br><span class="vh">then</span>↓<br>{parts.band_html(after)}'
    return parts.band_html(after or before or "unknown")


def _mixes(tables: Mapping[str, pl.DataFrame], key: str, behind: Behind | None, wordings: Mapping[str, str]) -> None:
    parts.part("Why, by what is bought and from whom")
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
    totals = total_row(frame, by, _ALL, ("from_pence", "to_pence", "mix_points", "within_points"))
    wide = pl.concat([frame.head(_MOST).select(totals.columns), totals])

    def ask(row: Mapping[str, Any]) -> dict[str, str] | None:
        name = row[by]
        if name == _ALL:
            return {"band": band}
        if by == "category":
            return {"band": band, "category": wordings[name]} if name in wordings else None
        return {"band": band, _MEMBERS[by]: NONE if name == NOT_STATED else name}

    wide = led(wide, behind, ask, of=by)
    if by == "sic_section":
        sections = lookups.table("sic_sections").select("section", "section_name").unique()
        names_of = {**dict(sections.iter_rows()), _ALL: _ALL}
        wide = wide.with_columns(pl.col(by).replace_strict(names_of, default="Sector not known"))
    parts.table(
        wide, [Col(by, label), *money_columns(behind, "Before, £", "After, £"), Col("mix_points", "Shift", "points"),
               Col("within_points", "Inside", "points")],
        f"Shift and change inside, by {said}: {parts.band_look(band)[0]}",
        f"the largest {min(_MOST, frame.height)} of {frame.height:,}; the last row is of all",
    )  # fmt: skip


def _steps(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], behind: Behind | None) -> None:
    if "steps" not in tables:
        return
    parts.part("Step by step")
    series = tables["series"].pivot("band", index=["run", "period"], values="share")
    kind = "share"
    if behind is not None:
        kind = "link"
        for band in BANDS:
            series = parts.linked(series, band, partial(_of_period, band), of="period", kind="share")
    parts.table(
        series, [Col("period", "Period"), *(Col(band, parts.band_look(band)[0], kind) for band in BANDS),
                 Col("region_including_local", "Region, local included", "share")],
        "Share of each band, period by period",
    )  # fmt: skip
    for step, checks in zip(compare["step_paragraphs"], compare["comparable"]["steps"], strict=True):
        with st.expander(f"{parts.plain(step['from'])} to {parts.plain(step['to'])}, in words"):
            parts.show(f"<p>{parts.esc(step['paragraph'])}</p>")
            for check in checks["checks"]:
                parts.show(f'<p class="where">{parts.esc(check["text"])}</p>')


def _of_period(band: str, row: Mapping[str, Any]) -> Question:
    return Question(year=row["period"], band=band)


def _payers(compare: Mapping[str, Any], key: str) -> None:
    told = {one["institution"]: one["paragraph"] for one in compare.get("payers") or []}
    if not told:
        return
    parts.part("Each institution, in words")
    name = st.selectbox("Institution", list(told), key=f"payer-{key}")
    parts.show(f"<p>{parts.esc(told[name])}</p>")


def _ranking(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], behind: Behind | None) -> None:
    ranking = compare["ranking"]
    if ranking["refused"]:
        parts.part("Not put in order")
        listed = "".join(f"<li>{parts.esc(reason)}</li>" for reason in ranking["refused"])
        parts.show(
            '<p class="lead">A ranking of unlike ledgers would say what is not so. They are unlike in this:</p>'
            f'<ul class="plain">{listed}</ul><p class="where">Tick the box above to put them in order all the same.</p>'
        )
    elif "ranking" in tables and tables["ranking"]["institution"].n_unique() > 1:
        parts.part("Institutions in order of local share")
        ranking = tables["ranking"].select("institution", "financial_year", "rank", "local_share", "amount_pence")
        kind = "money" if behind is None else "link"
        if behind is not None:
            ranking = parts.linked(ranking, "amount_pence", _of_payer, of="institution")
        parts.table(
            ranking,
            [Col("institution", "Institution"), Col("financial_year", "Year", "year"), Col("rank", "Place", "count"),
             Col("local_share", "Local share", "share"), Col("amount_pence", "Paid in all, £", kind)],
            "In order of local share",
        )  # fmt: skip


def _of_payer(row: Mapping[str, Any]) -> Question:
    return Question(institution=row["institution"], year=row["financial_year"] or "", band="\n".join(BANDS))


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
    parts.part("Two means, which often differ")
    parts.table(
        pl.DataFrame([{"band": band, **row} for band, row in means.items()]),
        [Col("band", "Band", "band"), Col("weighted_share", "Weighted by £", "share"),
         Col("unweighted_share", "Plain mean of shares", "share")],
        "Means of the institutions", "weighted: the largest payer says most; plain: each payer says as much",
    )  # fmt: skip
