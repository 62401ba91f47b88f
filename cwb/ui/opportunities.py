"""What could come home: leaked lines of business in order of prize and feasibility, each with its brief."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from cwb.briefs import Opportunities, brief_page, write_opportunities
from cwb.charts import words
from cwb.charts.opportunities import prizes
from cwb.coming_home import opportunities
from cwb.drill import Question
from cwb.indicators.measures import NOTHING
from cwb.pipeline import Run
from cwb.ui import method, parts, session, where
from cwb.ui.parts import Col, Tile
from cwb.ui.session import Result

_ROWS = 15


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading(
        "What could come home", "What is bought from away that someone here could supply, how much, and from whom."
    )
    if result is None:
        parts.empty("No ledger yet", "Add a ledger or try the sample; the opportunities appear here.", start)
        return
    if result.register is None:
        parts.empty(
            "A register is needed", "Which local companies could supply what leaks, only a register tells. Add one on "
            "the Ledgers page, and analyse again.", start,
        )  # fmt: skip
        return
    label, run, asks = where.begun(result, "home")
    key = f"{result.key}-{label}"
    made = _found(key, str(result.register), [run])
    told = made.found
    if not told["opportunities"]:
        parts.show('<h2 class="statement">Nothing leaks in a known line of business</h2>')
        _left_out(made)
        return
    _headline(made, asks)
    _ranked(made, key)
    _one(made, key, asks)
    _categories(made)
    _left_out(made)
    _assumptions(made)
    _away(made, key)
    method.beside("opportunities")


@st.cache_resource(show_spinner="Looking for local companies", max_entries=16)
def _found(key: str, register: str, _runs: Sequence[Run]) -> Opportunities:
    run = _runs[-1]
    return opportunities(_runs, Path(register), added=NOTHING if run.settings is None else run.settings.added)


def _headline(made: Opportunities, asks: Question) -> None:
    told = made.found
    prize = sum(one["prize_pence"] for one in told["opportunities"])
    low, high = (sum(one[f"prize_{end}_pence"] for one in told["opportunities"]) for end in ("low", "high"))
    parts.tiles(
        [
            Tile("Leaks in all", words.money(told["leaked_pence"]), asks=asks.but(band="leaked")),
            Tile("In known lines", words.money(told["in_opportunities_pence"]), ("and could be placed elsewhere",)),
            Tile(
                "Could come home a year", words.money(prize), (f"{words.money(low)} to {words.money(high)}",),
            ),
            Tile("Live local companies", f"{told['local_companies']:,}", ("that say what they do",)),
        ]
    )  # fmt: skip
    for note in told["notes"]:
        st.warning(parts.plain(note), icon=":material/warning:")


def _ranked(made: Opportunities, key: str) -> None:
    drawn = prizes(made.found, made.tables["opportunities"])
    if drawn is not None:
        parts.picture(drawn, key)
    told = made.found["opportunities"][:_ROWS]
    rows = [
        [
            f'{parts.esc(one["division_name"])}<span class="soft">{parts.esc(one["main_categories"] or "")}</span>',
            words.money(one["leaked_a_year_pence"]), _range(one), _local(one), _size(one), _feasible(one),
        ]
        for one in told
    ]  # fmt: skip
    parts.print_table(
        ["Line of business", "Leaks a year", "Could come home a year", "Local companies", "Suppliers away",
         "Feasibility, of 100"],
        rows, f"Opportunities: {len(told)} of {len(made.found['opportunities'])}", "in order of prize × feasibility",
        numeric=[False, True, True, False, False, True],
    )  # fmt: skip


def _local(one: dict[str, Any]) -> str:
    return (
        f"{one['live_companies']:,} live, {one['live_unused']:,} not used"
        f'<span class="soft">{one["already_suppliers"]:,} suppliers already</span>'
    )


def _size(one: dict[str, Any]) -> str:
    middle, largest = words.money(one["middle_pence"] or 0), words.money(one["largest_pence"] or 0)
    payers = "1 payer" if one["institutions"] == 1 else f"{one['institutions']} payers"
    paid = f"{one['suppliers_leaked']:,} paid by {payers}"
    return f'{paid}<span class="soft">middle {middle} a year, largest {largest}</span>'


def _feasible(one: dict[str, Any]) -> str:
    return (
        f'{100 * one["feasibility"]:.0f}<span class="soft">place {one["rank_by_feasibility"]}; by £, '
        f"{one['rank_by_amount']}</span>"
    )


def _range(one: dict[str, Any]) -> str:
    spread = f"{words.money(one['prize_low_pence'])} to {words.money(one['prize_high_pence'])}"
    return f'{words.money(one["prize_pence"])}<span class="soft">{spread}</span>'


def _one(made: Opportunities, key: str, asks: Question) -> None:
    """Print the brief of the line that is chosen, with the local companies that are not yet used."""
    st.header("One opportunity on a page", anchor=False)
    briefed = {one["division_name"]: one for one in made.found["opportunities"] if one["brief"]}
    name = st.selectbox("Line of business", list(briefed), key=f"line-{key}")
    one, said = briefed[name], briefed[name]["brief"]
    parts.show(f'<h3 class="said">{parts.esc(said["title"])}</h3><p>{parts.esc(said["lead"])}</p>')
    parts.table(
        pl.DataFrame(said["prize"]),
        [Col("what", "The prize"), Col("low", "Low"), Col("central", "Central"), Col("high", "High")],
        f"The prize: {name}", "each with its range",
    )  # fmt: skip
    for title, lines in (("How feasible it is", said["feasibility"]), ("Who is paid away now", said["paid"])):
        listed = "".join(f"<li>{parts.esc(line)}</li>" for line in lines)
        parts.show(f'<h4>{title}</h4><ul class="plain">{listed}</ul>')
    _paid_away(made, one["division"], asks)
    parts.show(f"<h4>A co-operative instead</h4><p>{parts.esc(said['cooperative'])}</p>")
    free = made.tables["unused_companies"].filter(pl.col("division") == one["division"])
    if free.height:
        parts.table(
            free.head(_ROWS), [Col("name", "Company"), Col("org_id", "Number"), Col("postcode", "Postcode"),
                               Col("sic_code", "SIC code"), Col("started", "Started")],
            f"Live local companies not yet used: {min(_ROWS, free.height)} of {free.height:,}",
            "those of the SIC groups that leak most first, then the oldest",
        )  # fmt: skip
    parts.show(f'<p class="where">{parts.esc(said["caveat"])}</p>')
    with st.container(horizontal=True):
        st.download_button(
            "Brief (HTML)", lambda: brief_page(said), f"brief-{one['division']}.html", "text/html",
            key=f"brief-{key}-{one['division']}", on_click="ignore", icon=":material/download:",
            help="One page to print or send on",
        )  # fmt: skip
        st.download_button(
            "Companies (CSV)", lambda: parts.csv(free), f"companies-{one['division']}.csv",
            "text/csv", key=f"free-{key}-{one['division']}", on_click="ignore", icon=":material/download:",
        )  # fmt: skip


def _paid_away(made: Opportunities, division: str, asks: Question) -> None:
    """Print the suppliers away that are paid most in a line, each leading to its payments."""
    paid = made.tables["leaked_suppliers"].filter(pl.col("division") == division)
    parts.table(
        parts.linked(
            paid.head(_ROWS), "amount_pence", lambda row: parts.ask_suppliers(row["supplier_ids"], asks),
            of="supplier_name",
        ),
        [Col("supplier_name", "Supplier"), Col("institutions", "Paid by"), Col("amount_pence", "£", "link")],
        f"Suppliers away: {min(_ROWS, paid.height)} of {paid.height:,}",
        "what could be placed elsewhere; its payments may hold more that could not",
    )  # fmt: skip


def _categories(made: Opportunities) -> None:
    frame = made.tables["leaked_categories"]
    if frame.is_empty():
        return
    st.header("What leaks, in the payers' own categories", anchor=False)
    parts.table(
        frame.sort("institutions", "leaked_pence", descending=True).head(_ROWS),
        [Col("category", "Category"), Col("institutions", "Payers", "count"),
         Col("suppliers_leaked", "Suppliers away", "count"), Col("leaked_pence", "Leaks, £", "money"),
         Col("local_pence", "Local, £", "money"), Col("local_share", "Local share", "share")],
        f"Leaked categories: {min(_ROWS, frame.height)} of {frame.height}",
        "those that most payers buy from away first: enough for a new local supplier or a co-operative?",
    )  # fmt: skip


def _left_out(made: Opportunities) -> None:
    frame = made.tables["left_out"]
    if frame.is_empty():
        return
    with st.expander("Leaked spend that is in no opportunity, and why"):
        parts.table(
            frame, [Col("reason", "Reason"), Col("suppliers", "Suppliers", "count"), Col("amount_pence", "£", "money")],
            "Left out", "with the opportunities these add up to all that leaks",
        )  # fmt: skip


def _assumptions(made: Opportunities) -> None:
    frame = made.tables["assumptions"]
    with st.expander(f"Assumptions used: {frame.height}"):
        parts.table(
            frame, [Col("label", "Assumption"), Col("value", "Value", "number"), Col("low", "Low", "number"),
                    Col("high", "High", "number"), Col("unit", "Unit"), Col("kind", "Kind"), Col("source", "Source")],
            "Assumptions", "each sourced and open to question",
        )  # fmt: skip


def _away(made: Opportunities, key: str) -> None:
    """Print the button that hands over everything, as `cwb opportunities` writes it."""
    st.header("All of it", anchor=False)
    home = session.folder()  # asked for here: when the button is pressed there is no session
    st.download_button(
        "Opportunities (zip)", lambda: _zip(made, home), "opportunities.zip", "application/zip", key=f"all-{key}",
        on_click="ignore", icon=":material/download:", help="JSON, tables, a workbook and every brief",
    )  # fmt: skip


def _zip(made: Opportunities, home: Path) -> bytes:
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        write_opportunities(made, Path(scratch) / "opportunities")
        return Path(shutil.make_archive(f"{scratch}/all", "zip", scratch, "opportunities")).read_bytes()
