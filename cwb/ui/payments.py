"""Payments: the rows behind any number, found by what, where, when and who, and two choices side by side."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

import polars as pl
import streamlit as st

from cwb import drill as rows_of
from cwb.charts import theme, words
from cwb.drill import Answer, Question, Rows
from cwb.projects import note_down
from cwb.ui import drill, notes, parts, session, where, work
from cwb.ui.parts import Tile
from cwb.ui.session import Result

_ROWS = 25
_LARGEST = 5
_LABELS = {
    "band": "Band",
    "institution": "Who paid",
    "year": "Year",
    "category": "Category",
    "department": "Department",
}
_ALL = {"band": "All bands", "institution": "Everyone", "year": "All years", "category": "All categories",
        "department": "All departments"}  # fmt: skip
_MOST = 1000  # names offered in one box


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Payments", "The rows behind every number: search them, narrow them, set two choices side by side.")
    if result is None:
        parts.empty("No payments yet", "Add a ledger or try the sample; every payment can then be found here.", start)
        return
    question = _asked(result)
    key = "payments-at-" + urlencode(question.params())  # another question begins at its first page
    at = st.session_state.get(key, 1)
    answer = rows_of.ask(work.drill_rows(result), question, first=(at - 1) * _ROWS, most=_ROWS)
    if question.supplier:
        for one in question.supplier.split("\n")[:_LARGEST]:
            _supplier(result, one)
    _headline(answer)
    _table(answer, at, key)
    _away(result, question, answer)
    _beside(result, question, answer)


@st.cache_data(show_spinner=False, max_entries=16)
def _values(key: str, _rows: Rows) -> dict[str, list[str]]:
    return rows_of.values(_rows)


# --- asking -----------------------------------------------------------------------------------------------------------


def _asked(result: Result) -> Question:
    """Print the boxes, filled as the address says, and keep the address as they say."""
    told, asked = Question.of(st.query_params.to_dict()), st.session_state.get("payments-asked")
    times = st.session_state.get("payments-times", 0)
    if told != asked and asked is not None and _by_hand(asked, times):
        told = asked  # a second box was filled before the browser had the address of the first
    elif told != asked:  # come by a link, or by the browser's way back: the boxes begin anew
        times += 1
        st.session_state["payments-times"] = times
    known = _values(result.key, work.drill_rows(result))
    text = st.text_input(
        "Search", value=told.text, key=f"ask-text-{times}", placeholder="Part of a supplier's name or a description",
        type="search", max_chars=100,
    )  # fmt: skip
    chosen = {"text": text}
    shown = [name for name in _LABELS if len(known[name]) > 1 or getattr(told, name)]
    boxes = st.columns(min(3, max(1, len(shown)))) if shown else []
    for i, name in enumerate(shown):
        options = ["", *_offered(known[name], getattr(told, name))]
        chosen[name] = boxes[i % len(boxes)].selectbox(
            _LABELS[name], options, index=options.index(getattr(told, name)), key=f"ask-{name}-{times}",
            format_func=partial(_word, name),
        )  # fmt: skip
    left, right = st.columns(2)
    for name, label, column in (("since", "From", left), ("until", "To", right)):
        day = column.date_input(
            label, value=date.fromisoformat(getattr(told, name)) if getattr(told, name) else None, format="DD/MM/YYYY",
            key=f"ask-{name}-{times}", min_value=date(1990, 1, 1), max_value=date(2100, 1, 1),
        )  # fmt: skip
        chosen[name] = day.isoformat() if isinstance(day, date) else ""
    question = told.but(**chosen)
    st.session_state["payments-asked"] = question
    _address(question)
    if question != Question():
        st.button(
            "Ask for all payments again", icon=":material/undo:", type="tertiary", on_click=_address, args=(Question(),)
        )
    return question


def _by_hand(asked: Question, times: int) -> bool:
    """Say whether a box has been changed since the page was last printed, when they said what was asked."""
    held = {name: st.session_state.get(f"ask-{name}-{times}", was) for name, was in vars(asked).items()}
    said = {name: value.isoformat() if isinstance(value, date) else value or "" for name, value in held.items()}
    return said != vars(asked)


def _offered(names: list[str], chosen: str) -> list[str]:
    offered = names[:_MOST]
    return offered if not chosen or chosen in offered else [*offered, chosen]


def _word(name: str, value: str) -> str:
    if not value:
        return _ALL[name]
    told = ["none given" if one == rows_of.NONE else one for one in value.split("\n")]
    return " or ".join(theme.BAND_NAMES.get(one, words.sentence(one)) if name == "band" else one for one in told)


def _address(question: Question) -> None:
    wanted = question.params()
    for name in Question.__dataclass_fields__:
        if name in wanted and st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]
        elif name not in wanted and name in st.query_params:
            del st.query_params[name]


# --- answering --------------------------------------------------------------------------------------------------------


def _headline(answer: Answer) -> None:
    said = "payment" if answer.payments == 1 else "payments"
    exact = (words.exact_money(answer.amount_pence),)
    tiles = [Tile(f"{answer.payments:,} {said}", words.money(answer.amount_pence), exact, theme.INK)]
    tiles += [
        Tile(theme.BAND_NAMES[band], "–" if share is None else words.percent(share), (words.money(pence),),
             theme.BAND_COLOURS[band])
        for band, (pence, share) in answer.bands.items()
    ]  # fmt: skip
    parts.tiles(tiles)


def _table(answer: Answer, at: int, key: str) -> None:
    if not answer.payments:
        parts.show('<p class="lead">No payment fits. Take something out of the search, or ask for all again.</p>')
        return
    body = st.container()
    last = -(-answer.payments // _ROWS)
    if last > 1:
        st.pagination(last, key=key)
    first = (at - 1) * _ROWS + 1
    cells = [_row(row) for row in answer.rows.iter_rows(named=True)]
    with body:
        parts.print_table(
            ["Supplier", "Paid, £", "Date", "Band", "For", "Where in the ledger"], cells,
            f"Payments {first:,} to {first + len(cells) - 1:,} of {answer.payments:,}", "most £ first",
            numeric=[False, True, False, False, False, False],
        )  # fmt: skip


def _row(row: dict[str, Any]) -> list[str]:
    name = parts.esc(row["supplier_name"] or "No name printed")
    what = parts.esc(row["description"] or row["category"] or "–")
    more = " · ".join(parts.esc(row[c]) for c in ("category", "department") if row[c] and row[c] != row["description"])
    file = parts.esc(", ".join(part for part in (row["file"], row["sheet"]) if part))
    day = row["payment_date"].strftime("%d/%m/%Y") if row["payment_date"] else "no date"
    return [
        drill.link(name, Question(supplier=row["supplier_id"])),
        parts.KINDS["money"](row["amount_pence"]),
        f"{day}<span class=soft>{parts.esc(row['financial_year'])}</span>",
        parts.band_html(row["band"]),
        f"{what}<span class=soft>{more}</span>",
        f"row {row['file_row']:,}<span class=soft>{file}; {parts.esc(row['institution'])}</span>",
    ]


def _supplier(result: Result, supplier_id: str) -> None:
    """Print who a supplier is taken to be, why, and what is noted about it."""
    found = result.runs[next(iter(result.runs))].tables["suppliers"]
    row = next(iter(found.filter(pl.col("supplier_id") == supplier_id).iter_rows(named=True)), None)
    if row is None:
        return
    name = row["supplier_name"] or "No name printed"
    st.header(parts.plain(name), anchor=False)
    parts.show(f'<div class="note"><p>{where.evidence(row)}</p></div>')
    notes.pinned("supplier", supplier_id, name)


def _away(result: Result, question: Question, answer: Answer) -> None:
    if not answer.payments:
        return

    def made() -> str:
        return parts.csv(rows_of.taken_away(work.drill_rows(result), question))

    st.download_button(
        "These payments (CSV)", made, "payments.csv", "text/csv", icon=":material/download:",
        on_click=lambda: note_down(session.within(), "took payments away", f"{answer.payments:,} rows"),
    )  # fmt: skip


# --- side by side -----------------------------------------------------------------------------------------------------


def _beside(result: Result, question: Question, answer: Answer) -> None:
    st.header("Side by side", anchor=False)
    held = st.query_params.get("beside", "")
    other = Question.of(dict(parse_qsl(held)))
    with st.container(horizontal=True):
        st.button(
            "Set this choice aside to compare", icon=":material/splitscreen_left:", on_click=_set_aside,
            args=(question,),
        )  # fmt: skip
        if "beside" in st.query_params:
            st.button("Put it away", type="tertiary", on_click=_put_away)
    if "beside" not in st.query_params:
        parts.show('<p class="where">Set one choice aside, then choose another above: both stand here together.</p>')
        return
    theirs = rows_of.ask(work.drill_rows(result), other, most=0)
    both = ((other, theirs), (question, answer))
    names = ["Set aside: " + _said(result, other), "Now: " + _said(result, question)]
    rows = [
        ["Paid", *(parts.esc(words.exact_money(one.amount_pence)) for _, one in both)],
        ["Payments", *(f"{one.payments:,}" for _, one in both)],
    ]
    for band, label in theme.BAND_NAMES.items():
        if band in answer.bands:
            rows.append(
                [parts.esc(label), *("–" if (s := one.bands[band][1]) is None else words.percent(s) for _, one in both)]
            )
    most = [rows_of.largest(work.drill_rows(result), one, _LARGEST) for one, _ in both]
    rows += [[f"Supplier {at + 1} by £", *(_nth(one, at) for one in most)] for at in range(_LARGEST)]
    parts.print_table(["What", *names], rows, "Two choices side by side", numeric=[False, True, True])


def _nth(suppliers: pl.DataFrame, at: int) -> str:
    if at >= suppliers.height:
        return "–"
    row = suppliers.row(at, named=True)
    name = parts.esc(row["supplier_name"] or "No name printed")
    return f"{name}<span class=soft>{words.money(row['amount_pence'])}</span>"


def _said(result: Result, question: Question) -> str:
    asked = question.params()
    if not asked:
        return "all payments"
    if "supplier" in asked:
        ids = asked["supplier"].split("\n")
        found = result.runs[next(iter(result.runs))].tables["suppliers"].filter(pl.col("supplier_id").is_in(ids))
        asked["supplier"] = found["supplier_name"][0] if found.height else "a supplier"
    if "sector" in asked:
        asked["sector"] = "sectors not known" if asked["sector"] == rows_of.NONE else f"sector {asked['sector']}"
    return ", ".join(_word(name, value) for name, value in asked.items())


def _set_aside(question: Question) -> None:
    st.query_params["beside"] = urlencode(question.params())


def _put_away() -> None:
    st.query_params.pop("beside", None)
