"""Scenarios: what would follow if spend moved home, bills were paid sooner, or one of two bids were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from cwb import lookups, pipeline
from cwb.charts import theme, words
from cwb.errors import CwbError
from cwb.impact.bids import Bid, Bids
from cwb.impact.scenarios import (
    EarlyPayment,
    Scenario,
    Setting,
    Shift,
    Substitution,
    leaked_to,
    read_scenarios,
    run_scenarios,
    scenarios_toml,
    side_by_side,
)
from cwb.pipeline import Run
from cwb.safety import neutralise
from cwb.ui import assumptions, method, parts, session, where
from cwb.ui.parts import Tile
from cwb.ui.session import Result

_KINDS = {
    "shift": "Bring leaked spend home",
    "substitution": "Buy together at home",
    "early_payment": "Pay sooner",
    "bids": "Compare two bids",
}
_OF = {"all": "All of it", "category": "A category", "sector": "A sector", "supplier": "A supplier"}
_MOST = 200  # names offered, most £ first
_GROUPS = 20  # shown of what could be bought together, most £ first
_DRAFT = "This one"


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Scenarios", "What if: spend moved home, bills paid sooner, one bid or another. Never a forecast.")
    if result is None:
        parts.empty("No ledger yet", "Add a ledger or try the sample; then ask what if.", start)
        return
    label = where.choose_run(result, "scenarios")
    run = result.runs[label]
    key = f"{result.key}-{label}"
    setting = _setting(key, run, result)
    kind = _pick("Question", _KINDS, "scenario-kind")
    draft = {"shift": _shift, "substitution": _substitution, "early_payment": _early, "bids": _bids}[kind](setting)
    if draft is not None:
        found = run_scenarios([draft], setting)[0]
        _SHOW[kind](found, setting)
        parts.show(f'<div class="note"><p><strong>Read with care.</strong> {parts.esc(found["caveat"])}</p></div>')
        _keep(draft)
    _kept(key, setting)
    method.beside("scenarios")


@st.cache_resource(scope="session", show_spinner=False, max_entries=8)
def _setting(key: str, _run: Run, _result: Result) -> Setting:
    return pipeline.setting_of(_run, assumptions.current(_result))


# --- asking -----------------------------------------------------------------------------------------------------------


def _pick(label: str, options: Mapping[str, str], key: str) -> str:
    """Print a choice of a few, the first of them chosen, and return it."""
    return str(
        st.segmented_control(
            label, list(options), default=next(iter(options)), required=True, key=key, format_func=lambda k: options[k]
        )
    )


def _shift(setting: Setting) -> Shift | None:
    of = _pick("Which leaked spend", _OF, "shift-of")
    which = ""
    if of != "all":
        known = leaked_to(setting.spend, of, most=_MOST)
        if not known:
            parts.show(f'<p class="lead">No leaked spend has {parts.esc(_OF[of].lower())}.</p>')
            return None
        which = str(
            st.selectbox(
                _OF[of], list(known), key=f"shift-{of}",
                format_func=lambda name: f"{name}: {words.money(known[name])} leaks",
            )
        )  # fmt: skip
    share = st.slider("Share of it that moves, %", 0, 100, 10, key="shift-share") / 100
    where_to = {"local": setting.local.name, "regional": f"Rest of {setting.region.name}"}
    to = _pick("Where to", where_to, "shift-to")
    return Shift.model_validate({"kind": "shift", "name": _DRAFT, "share": share, "of": of, "which": which, "to": to})


def _substitution(setting: Setting) -> Substitution | None:
    payers = setting.spend["institution"].n_unique()
    by = _pick("What several of them buy from outside", {"category": "Categories", "sector": "Sectors"}, "sub-by")
    left, right = st.columns(2)
    share = left.slider("Share of it that comes home, %", 0, 100, 20, key="sub-share") / 100
    least = 1
    if payers > 1:
        least = right.slider("Bought by at least so many institutions", 1, payers, min(2, payers), key="sub-payers")
    smallest = right.number_input("Worth at least, £ leaked", 0.0, value=250_000.0, step=50_000.0, key="sub-smallest")
    to = _pick("Where to", {"local": setting.local.name, "regional": f"Rest of {setting.region.name}"}, "sub-to")
    return Substitution.model_validate(
        {
            "kind": "substitution", "name": _DRAFT, "share": share, "by": by, "institutions": least,
            "smallest_gbp": smallest, "to": to,
        }
    )  # fmt: skip


def _early(setting: Setting) -> EarlyPayment:
    left, right = st.columns(2)
    take = left.slider("Share of spend paid early, %", 0, 100, 40, key="early-take") / 100
    days = right.slider("Days sooner", 0, 60, 20, key="early-days")
    rate = left.slider("Discount for the whole term, %", 0.0, 5.0, 1.0, 0.1, key="early-rate") / 100
    term = right.slider("Whole term, days", 5, 90, 30, key="early-term")
    free = st.multiselect(
        "Paid early for nothing", list(theme.BAND_NAMES), default=["local"], format_func=lambda b: theme.BAND_NAMES[b],
        key="early-free",
    )  # fmt: skip
    return EarlyPayment(
        kind="early_payment", name=_DRAFT, discount_rate=rate, reference_days=term, days_accelerated=days,
        take_up=take, free_for=tuple(free),
    )  # fmt: skip


def _bid(column: Any, number: int, name: str, price: float, share: int) -> Bid:
    said = column.text_input(f"Bid {number}: name", name, max_chars=60, key=f"bid-name-{number}").strip()
    cost = column.number_input(f"Bid {number}: price, £", 1.0, value=price, step=1000.0, key=f"bid-price-{number}")
    local = column.slider(f"Bid {number}: spent in the place, %", 0, 100, share, key=f"bid-share-{number}")
    more = column.number_input(
        f"Bid {number}: other benefits kept, £", 0.0, value=0.0, step=1000.0, key=f"bid-benefits-{number}"
    )
    return Bid(name=said or f"Bid {number}", price_gbp=cost, local_share=local / 100, benefits_gbp=more)


def _bids(setting: Setting) -> Bids | None:
    columns = st.columns(2)
    first, second = _bid(columns[0], 1, "Near", 105_000.0, 80), _bid(columns[1], 2, "Far", 100_000.0, 10)
    if first.name == second.name:
        parts.show(f'<p class="lead">Both bids are named {parts.esc(first.name)}; name each for itself.</p>')
        return None
    return Bids(kind="bids", name=_DRAFT, first=first, second=second)


# --- answers ----------------------------------------------------------------------------------------------------------


def _span(value: Mapping[str, float], write: Any) -> tuple[str, str]:
    return write(value["central"]), f"{write(value['low'])} to {write(value['high'])}"


def _whole(value: float) -> str:
    return words.amount(round(value))


def _show_shift(found: Mapping[str, Any], setting: Setting) -> None:
    shares = found["shares"][found["supported_in"]]
    now = "–" if shares["after"] is None else words.percent(shares["after"])
    was = "–" if shares["before"] is None else words.percent(shares["before"])
    out = [
        Tile("Moves", words.money(found["moved_pence"])),
        Tile(f"Share in {found['place']}", now, (f"{was} today",), theme.BAND_COLOURS["local"]),
    ]
    names = {"jobs_gross": "Jobs, gross", "jobs_net": "Jobs, net, illustrative"}
    for kind, name in names.items():
        if kind in found["supported"]:
            big, small = _span(found["supported"][kind], _whole)
            out.append(Tile(name, big, (small,), theme.ACCENT))
    parts.tiles(out)


def _show_substitution(found: Mapping[str, Any], setting: Setting) -> None:
    _show_shift(found, setting)
    groups = found["groups"]
    if not groups:
        parts.show('<p class="lead">Nothing leaked is bought by so many of them and worth so much.</p>')
        return
    names = dict(lookups.table("sic_sections").select("section", "section_name").unique().iter_rows())
    rows = [
        [
            parts.esc(names.get(one["group"], one["group"])), f"{one['institutions']:,}", f"{one['suppliers']:,}",
            words.exact_money(one["leaked_pence"]), words.exact_money(one["moved_pence"]),
            _jobs(one["supported"].get("jobs_direct")),
        ]
        for one in groups[:_GROUPS]
    ]  # fmt: skip
    more = f"the largest {_GROUPS} of {len(groups):,}" if len(groups) > _GROUPS else "largest first"
    parts.print_table(
        ["What", "Institutions", "Suppliers today", "Leaks", "Comes home", "Jobs at new suppliers, gross"], rows,
        "Room for a new supplier or co-operative", more, numeric=[False, True, True, True, True, True],
    )  # fmt: skip


def _jobs(value: Mapping[str, float] | None) -> str:
    if value is None:
        return "–"
    big, small = _span(value, _whole)
    return f'{parts.esc(big)}<span class="soft">{parts.esc(small)}</span>'


def _show_early(found: Mapping[str, Any], setting: Setting) -> None:
    parts.tiles(
        [
            Tile("Discount a year", words.money(found["discount_pence"])),
            Tile("In suppliers' hands sooner", words.money(found["liquidity_pence"]), ("on average",)),
        ]
    )
    rows = [
        [
            parts.band_html(band),
            *(words.exact_money(one[k]) for k in ("paid_early_pence", "discount_pence", "liquidity_pence")),
        ]
        for band, one in found["bands"].items()
    ]
    parts.print_table(
        ["Band", "Paid early", "Discount", "Sooner, on average"], rows, "Early payment by band",
        numeric=[False, True, True, True],
    )  # fmt: skip


def _premium(share: float | None) -> str:
    return "no limit" if share is None else words.percent(share)


def _show_bids(found: Mapping[str, Any], setting: Setting) -> None:
    (first, one), (second, other) = found["bids"].items()
    big, small = _span(found["break_even_premium"], _premium)
    parts.tiles(
        [
            Tile(
                f"{first} costs more by",
                words.money(found["price_difference_gbp"] * 100),
                (words.percent(found["premium"]),),
            ),
            Tile("Keeps more in the place", words.money(found["kept_difference_gbp"] * 100), ("first round",)),
            Tile("Break-even premium", big, (small,), theme.ACCENT),
        ]
    )
    within = "is within" if found["within"] else "is above"
    parts.show(f'<p class="lead">{parts.esc(first)}\'s price {within} the central break-even.</p>')
    rows = [
        [parts.esc(name), *(words.exact_money(round(side[k] * 100)) for k in ("price_gbp", "kept_gbp", "leaves_gbp")),
         " (".join(_span(side["worth_gbp"], lambda v: words.money(v * 100))) + ")"]
        for name, side in ((first, one), (second, other))
    ]  # fmt: skip
    parts.print_table(
        ["Bid", "Price", "Kept in the place", "Leaves it", "With what is spent again"], rows, "The two bids",
        numeric=[False, True, True, True, True],
    )  # fmt: skip


_SHOW = {"shift": _show_shift, "substitution": _show_substitution, "early_payment": _show_early, "bids": _show_bids}


# --- kept, side by side -----------------------------------------------------------------------------------------------


def _all() -> dict[str, Scenario]:
    """Return the scenarios kept in the project, by name."""
    said = session.choices().scenarios
    return {one.name: one for one in _read(said.encode(), "Kept scenarios")} if said else {}


def _save(kept: Mapping[str, Scenario]) -> None:
    session.choose(scenarios=scenarios_toml(list(kept.values())) if kept else "")


def _keep(draft: Scenario) -> None:
    with st.form("keep-scenario", clear_on_submit=True):
        name = st.text_input("Name", max_chars=80, placeholder="A tenth comes home").strip()
        if st.form_submit_button("Keep it for comparing", icon=":material/bookmark_add:"):
            if not name:
                raise CwbError("a scenario needs a name to be kept")
            _save({**_all(), name: draft.model_copy(update={"name": name})})


@st.cache_data(scope="session", show_spinner=False, max_entries=8)
def _sides(key: str, said: str, _scenarios: list[Scenario], _setting: Setting) -> pl.DataFrame:
    """Work out what is kept once for a run (`key`) and its wording (`said`), not at every move of a slider."""
    return side_by_side(run_scenarios(_scenarios, _setting))


def _kept(key: str, setting: Setting) -> None:
    """Print the scenarios kept, side by side, with ways to take them away and bring others."""
    st.header("Side by side", anchor=False)
    kept = _all()
    if not kept:
        parts.show('<p class="lead">Scenarios that you keep appear here beside each other.</p>')
    else:
        table = _sides(key, scenarios_toml(list(kept.values())), list(kept.values()), setting)
        _table(table, list(kept))
        with st.container(horizontal=True):
            st.download_button(
                "Scenarios (TOML)", scenarios_toml(list(kept.values())), "scenarios.toml", "application/toml",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip
            st.download_button(
                "Figures (CSV)", neutralise(table).write_csv(include_bom=True), "scenarios.csv", "text/csv",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip
            if st.button("Forget them", icon=":material/delete:"):
                _save({})
                st.rerun()
    given = st.file_uploader("Bring scenarios (TOML)", type=["toml"], key="scenario-file")
    if given is not None and st.button("Add them", icon=":material/upload_file:"):
        brought = _read(given.getvalue(), given.name)
        run_scenarios(brought, setting)  # refused as a whole where one asks for what this run has not
        _save({**kept, **{one.name: one for one in brought}})
        st.rerun()


def _read(data: bytes, name: str) -> tuple[Scenario, ...]:
    """Read scenarios from what a person gave; an error names it as they know it, not where its copy is."""
    path = session.folder() / "scenarios.toml"
    path.write_bytes(data)
    try:
        return read_scenarios(path)
    except CwbError as error:
        raise CwbError(str(error).replace(str(path), name)) from None


def _table(table: pl.DataFrame, names: list[str]) -> None:
    rows = []
    for part in table.partition_by("measure", "unit", maintain_order=True):
        measure, unit = part.select("measure", "unit").row(0)
        cells = {row["scenario"]: _cell(row) for row in part.iter_rows(named=True)}
        rows.append(
            [
                parts.esc(f"{words.sentence(str(measure).replace('_', ' '))}, {unit}"),
                *(cells.get(n, "–") for n in names),
            ]
        )
    parts.print_table(
        ["Measure", *names], rows, "Scenarios side by side", "central (low to high)",
        numeric=[False, *(True for _ in names)],
    )  # fmt: skip


def _cell(row: Mapping[str, Any]) -> str:
    is_share = row["unit"].startswith("share")

    def write(value: float | None) -> str:
        return _premium(value) if is_share else "–" if value is None else _whole(value)

    if row["low"] == row["central"] == row["high"]:
        return parts.esc(write(row["central"]))
    return parts.esc(f"{write(row['central'])} ({write(row['low'])} to {write(row['high'])})")
