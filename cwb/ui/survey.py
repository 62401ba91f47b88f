"""LM3 by survey, on the Impact page: whom to ask, the form out, the replies back, and their rate used everywhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from cwb import lm3_survey
from cwb.charts import words
from cwb.errors import CwbError
from cwb.impact.survey import Payroll, surveyed
from cwb.pipeline import Run
from cwb.ui import assumptions, parts, session, work
from cwb.ui.session import Result

_FORMS = {"CSV": ("lm3-survey.csv", "text/csv"), "workbook": ("lm3-survey.xlsx", "application/vnd.ms-excel")}


def section(result: Result, label: str) -> None:
    """Print the survey of the run's local suppliers."""
    run = result.runs[label]
    parts.part("Ask your suppliers: LM3 by survey")
    parts.show(
        '<p class="lead">The re-spend above is borrowed from other places. Ask the largest local suppliers how much of '
        "what you pay them stays in the place: each reply replaces a borrowed rate and narrows the range.</p>"
    )
    with parts.clear_errors():
        _out(run, f"{result.key}-{label}")
        _back(result, run)


def _out(run: Run, key: str) -> None:
    cover = st.slider("Share of local spend to ask about, %", 5, 100, 80, 5, key="survey-cover") / 100
    asked = lm3_survey.asked(run, cover=cover)
    if asked.is_empty():
        raise CwbError("no local supplier to ask: no payment was placed in the local area, or all names are withheld")
    parts.show(
        f'<p class="where">{asked.height:,} suppliers to ask; they are {words.percent(asked["covered"][-1])} of local '
        "spend. Individuals and hidden payees are not asked, and count as silent.</p>"
    )
    with st.container(horizontal=True):
        for name, (file, mime) in _FORMS.items():
            st.download_button(
                f"The form ({name})", partial(_form, run, cover, file), file, mime, on_click="ignore",
                icon=":material/download:", key=f"survey-{key}-{name}",
            )  # fmt: skip


def _form(run: Run, cover: float, file: str) -> bytes:
    home = session.folder() / "lm3-survey"
    lm3_survey.pack(run, home, cover=cover)
    return (home / file).read_bytes()


def _back(result: Result, run: Run) -> None:
    given = st.file_uploader("The form, filled in", type=["csv", "xlsx"], key="survey-replies")
    left, right = st.columns(2)
    pay = left.number_input("Your own pay bill, £ a year (0: leave out)", 0.0, step=100_000.0, key="survey-pay")
    here = right.slider("Share of it paid to staff who live there, %", 0, 100, 40, key="survey-staff") / 100
    if given is None:
        return
    path = session.folder() / f"replies{Path(given.name).suffix.casefold()}"
    path.write_bytes(given.getvalue())
    chosen = assumptions.current(result)
    try:
        found = lm3_survey.answer(run, path, payroll=Payroll(pay, here) if pay else None, assumptions=chosen)
    except CwbError as error:
        raise CwbError(str(error).replace(str(path), given.name)) from None
    _show(found)
    if st.button("Use this re-spend in every figure", icon=":material/check:"):
        work.assumed(result, surveyed(found, chosen))
        st.rerun()


def _show(found: dict[str, Any]) -> None:
    told, rounds = found["response"], found["rounds"]

    def ranged(value: dict[str, float], write: Any) -> str:
        return f'{write(value["central"])}<span class="soft">{write(value["low"])} to {write(value["high"])}</span>'

    def money(gbp: float) -> str:
        return words.money(gbp * 100)

    rows = [
        ["LM3 by survey", ranged(found, lambda v: f"£{v:.2f}")],
        ["Re-spend of each £1 paid locally", ranged(found["respend"], lambda v: f"£{v:.2f}")],
        ["Round one: spent", money(rounds["one_gbp"])],
        ["Round two: to local suppliers", money(rounds["two_suppliers_gbp"])],
        ["Round two: to staff who live there", money(rounds["two_staff_gbp"])],
        ["Round three: spent again by local suppliers", ranged(rounds["three_suppliers_gbp"], money)],
        ["Replied", f"{told['suppliers']:,} of {told['of_suppliers']:,} suppliers"],
        ["Replied, by £", words.percent(told["by_amount"])],
    ]
    parts.print_table(["Figure", "Central, with low to high beneath"], rows, "The replies", numeric=[False, True])
    parts.show(f'<div class="note"><p><strong>Read with care.</strong> {parts.esc(found["caveat"])}</p></div>')
