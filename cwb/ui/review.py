"""Suppliers: people's review of matches, most £ first, one keystroke a decision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from cwb.charts import words
from cwb.decisions import Kind
from cwb.privacy import INDIVIDUAL
from cwb.register import open_register
from cwb.ui import parts, people, review_desk, review_print, session, work
from cwb.ui.review_desk import Desk
from cwb.ui.review_evidence import Candidate
from cwb.ui.session import Result

_STYLE = Path(__file__).with_name("review.css")
_LISTED = 9  # suppliers in the list at the side
_LOOKS = "A reviewer or owner decides about suppliers; ask an owner if you should."
_LEAD = "Confirm who the biggest suppliers are. What you decide is kept, whatever is run next."
_KINDS: tuple[tuple[str, str, Kind], ...] = (
    ("None of these", "N", "none"), ("Individual", "I", "individual"), ("Internal", "T", "internal"),
)  # fmt: skip
_DESK, _WHO, _KEYS, _WHY = "review-desk", "review-who", "review-keys", "review-why"


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    if result is None:
        parts.heading("Suppliers", _LEAD)
        parts.empty("No suppliers yet", "Add a ledger or try the sample; its suppliers come here, most £ first.", start)
        return
    st.html(_STYLE)
    if who := people.person():  # signed in: decisions are made in that name, and the store takes no other
        st.session_state[_WHO] = who
    desk = _desk(result)
    if desk.suppliers.height and st.session_state.get(_WHO):
        st.title("Suppliers", anchor=False)  # without the lead: the evidence is to be seen without scrolling
    else:
        parts.heading("Suppliers", _LEAD)
    if not desk.suppliers.height:
        parts.empty("No supplier is named", "The ledger hides every name, so there is nothing to review.", start)
        return
    if not session.may("reviewer"):
        parts.show(f'<div class="note"><p><strong>You may look at this project.</strong> {_LOOKS}</p></div>')
    if desk.register is None:
        parts.show(
            '<div class="note"><p><strong>No register was used</strong>, so there are no candidates to choose from. '
            "You can still say who is an individual, what is internal and where a supplier works.</p></div>"
        )
        st.page_link(start, label="Add a register on the Ledgers page", icon=":material/library_add:")
    if not st.session_state.get(_WHO):
        _ask_who(desk, result)
        return
    _bench()


def _desk(result: Result) -> Desk:
    """Return this session's desk, a new one for a new analysis; what is decided in between stays."""
    workspace = session.within()
    key = (str(result.folder.parent), result.key.partition("-")[0])
    held = st.session_state.get(_DESK)
    if held is not None and held[0] == key:
        desk: Desk = held[1]
        review_desk.refresh(desk)
        return desk
    run = work.for_review(result)
    desk = review_desk.open_desk(
        workspace, run, open_register(result.register) if result.register else None,
        individuals=bool(run.settings and run.settings.show_individuals),
    )  # fmt: skip
    st.session_state[_DESK] = (key, desk)
    return desk


def _ask_who(desk: Desk, result: Result) -> None:
    known = desk.last_who
    _, every, _, count = review_desk.progress(desk)
    parts.show(
        f'<h2 class="statement">{count:,} supplier{"" if count == 1 else "s"} to review, {words.money(every)}</h2>'
        "<p>Each decision is kept with your name and the time. It wins over any match, in this run and the next, and "
        "can be taken back.</p>"
    )
    with st.form("review-ask", border=False):
        who = st.text_input("Your name", value=known, max_chars=100, autocomplete="name", width=380)
        if st.form_submit_button("Start reviewing", type="primary", icon=":material/arrow_forward:"):
            if who.strip():
                st.session_state[_WHO] = who.strip()
                st.rerun()
            st.error("Give your name first: decisions are kept with who made them.", icon=":material/error:")
    parts.show(f'<p class="where">Decisions are kept in {parts.esc(desk.workspace.name)}.</p>')


@st.fragment
def _bench() -> None:
    """Print all that a decision changes; only this runs again after a key."""
    held = st.session_state.get(_DESK)
    if held is None:
        return
    desk: Desk = held[1]
    review_desk.refresh(desk)
    who = st.session_state[_WHO] if session.may("reviewer") else ""
    review_print.progress(*review_desk.progress(desk), who=who)
    _options(desk)
    if not desk.queue:
        _nothing(desk)
        return
    main, side = st.columns([11, 4], gap="medium")
    with main:
        _turn(desk)
    with side:
        _list(desk)
    review_desk.shown(desk)


def _apply(desk: Desk) -> None:
    """Offer to bring the results up to date, where decisions came after they were made."""
    result = work.result()
    waiting = review_desk.waiting(desk, result.applied) if result is not None else 0
    if result is None or not waiting:
        return
    if st.button(
        "Apply 1 decision" if waiting == 1 else f"Apply {waiting:,} decisions", key="review-apply", type="primary",
        icon=":material/sync:", help="Saved already; this brings the other pages up to date",
    ):  # fmt: skip
        with parts.clear_errors():
            work.decided(result)
            st.rerun()


def _options(desk: Desk) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="review-options"):
        chosen = st.segmented_control(
            "Show", review_desk.FILTERS, default=desk.filter, key="review-filter", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        if chosen != desk.filter:
            review_desk.choose_filter(desk, chosen)
        _switch("Blind", desk.blind, "B", "Hide cwb's order and scores until you have decided", _toggle_blind)
        _switch(
            "Names of individuals", desk.individuals, None, "Show and review people paid in their own name",
            _toggle_individuals,
        )  # fmt: skip
        _switch("One-key decisions", _keys_on(), None, "Single letters decide, unless you type in a box", _toggle_keys)
        if session.may("reviewer"):
            _apply(desk)


def _switch(label: str, on: bool, key: str | None, hint: str, toggle: Any) -> None:
    # A button: a focused toggle is an input, in which Streamlit takes no one-key shortcuts.
    st.button(
        f"{label}: {'on' if on else 'off'}", key=f"review-{label}", shortcut=key if _keys_on() else None,
        on_click=toggle, help=hint, icon=":material/check_box:" if on else ":material/check_box_outline_blank:",
        type="tertiary",
    )  # fmt: skip


def _keys_on() -> bool:
    return bool(st.session_state.get(_KEYS, True))


def _toggle_keys() -> None:
    st.session_state[_KEYS] = not _keys_on()


def _toggle_blind() -> None:
    desk: Desk = st.session_state[_DESK][1]
    desk.blind = not desk.blind


def _toggle_individuals() -> None:
    desk: Desk = st.session_state[_DESK][1]
    desk.individuals = not desk.individuals
    review_desk.count(desk)
    review_desk.choose_filter(desk, desk.filter)


def _nothing(desk: Desk) -> None:
    said = {
        review_desk.TO_REVIEW: ("Nothing is left to review", "Apply decisions, or look through all suppliers."),
        review_desk.DECIDED: ("Nothing is decided yet", "Choose “To review” and start with the biggest."),
        review_desk.ALL: ("No supplier is named", "The ledger hides every name."),
    }[desk.filter]
    parts.show(f'<h2 class="statement">{said[0]}</h2><p class="lead">{said[1]}</p>')
    if session.may("reviewer"):
        with st.container(key="review-decide"):
            _undo_button()
    parts.show(f'<p class="said-now" role="status">{parts.esc(desk.said)}</p>')


def _turn(desk: Desk) -> None:
    """Print the supplier at hand: what it is, the decisions, and the evidence."""
    assert desk.now is not None
    row, link = review_desk.supplier(desk, desk.now), review_desk.link(desk, desk.now)
    masked, hidden = review_desk.withheld(desk, desk.now), review_desk.hidden(desk)
    best = review_desk.evidence(desk, desk.now)
    found = () if masked else review_desk.in_order(desk, best)
    decided = _decided(desk, best)
    place = f"{desk.at + 1:,} of {len(desk.queue):,}"
    review_print.head(row, place, decided, desk.said, masked=masked)
    if session.may("reviewer"):
        _decisions(found, masked=masked, hidden=hidden)
    if masked:
        parts.show(
            "<p>This looks like a person, so the name is withheld. Turn on “Names of individuals” to review it.</p>"
        )
        return
    review_print.side_by_side(row, found, hidden=hidden)
    review_print.why(link, found, hidden=hidden)


def _decided(desk: Desk, found: Sequence[Candidate]) -> str:
    known = {one.org_id: one.name for one in found}
    return "; ".join(
        f"{review_desk.in_words(d, known)}, by {d['who']}, {d['decided_at'][:16].replace('T', ' ')} UTC"
        + (f": {d['why']}" if d["why"] else "")
        for d in desk.stands.get(desk.now or "", ())
    )


def _key(letter: str, *, usable: bool = True) -> dict[str, Any]:
    return {"shortcut": letter if usable and _keys_on() else None, "disabled": not usable}


def _decisions(found: Sequence[Candidate], *, masked: bool, hidden: bool) -> None:
    with st.container(horizontal=True, gap="xsmall", key="review-decide"):
        if found and not hidden:
            st.button(
                "Accept the first", key="review-accept", on_click=_decide, args=("accept", found[0].org_id),
                # Only what is more likely right than not is put forward.
                type="primary" if (found[0].score or 0) >= 0.5 else "secondary", **_key("A"),
            )  # fmt: skip
        for number, one in enumerate(found, start=1):
            st.button(
                f"Choose {number}", key=f"review-choose-{number}", on_click=_decide, args=("choose", one.org_id),
                **_key(str(number)),
            )  # fmt: skip
        for label, letter, kind in _KINDS:
            st.button(
                label, key=f"review-{kind}", on_click=_decide, args=(kind, None), **_key(letter, usable=not masked)
            )
        if st.button("Works at…", key="review-where", **_key("P", usable=not masked)):
            _ask_where()
        if st.button("Why…", key="review-ask-why", **_key("W", usable=not masked)):
            _ask_why()
        _undo_button()
    if why := st.session_state.get(_WHY):
        parts.show(f'<p class="where">With the next decision: “{parts.esc(why)}”</p>')


def _decide(kind: Kind, value: str | None) -> None:
    desk: Desk = st.session_state[_DESK][1]
    if review_desk.decide(desk, kind, st.session_state[_WHO], value=value, why=st.session_state.get(_WHY, "")):
        st.session_state[_WHY] = ""


def _undo_button() -> None:
    st.button("Undo", key="review-undo", icon=":material/undo:", on_click=_undo, **_key("U"))


def _undo() -> None:
    review_desk.take_back(st.session_state[_DESK][1], st.session_state[_WHO])


def _step(by: int) -> None:
    review_desk.step(st.session_state[_DESK][1], by)


# A dialog takes the cursor to its frame as it opens, so the box asks again until it keeps it.
_FOCUS = """<script>(() => {
  let tries = 0, held = 0;
  const ask = () => {
    const box = document.querySelector(".st-key-%s input");
    held = box && document.activeElement === box ? held + 1 : 0;
    if (box && !held) box.focus();
    if (held < 3 && tries++ < 60) setTimeout(ask, 50);
  };
  ask();
})()</script>"""


def _type_into(key: str) -> None:
    """Put the cursor in the box of a dialog, whose first stop would be its close button."""
    st.html(_FOCUS % key, unsafe_allow_javascript=True)


@st.dialog("Where does it work?")
def _ask_where() -> None:
    desk: Desk = st.session_state[_DESK][1]
    parts.show(
        "<p>A postcode where this supplier does the work it is paid for. It counts before any other address.</p>"
    )
    with st.form("review-where-form", border=False):
        postcode = st.text_input("Postcode", key="review-postcode", max_chars=10, placeholder="PR1 2HE")
        _type_into("review-postcode")
        if st.form_submit_button("Save", type="primary"):
            if review_desk.decide(
                desk, "operates_at", st.session_state[_WHO], value=postcode.strip().upper() or None,
                why=st.session_state.get(_WHY, ""),
            ):  # fmt: skip
                st.session_state[_WHY] = ""
                st.rerun()
            st.error(parts.plain(desk.said), icon=":material/error:")


@st.dialog("Why?")
def _ask_why() -> None:
    with st.form("review-why-form", border=False):
        why = st.text_input(
            "Reason, kept with your next decision", value=st.session_state.get(_WHY, ""), max_chars=500,
            key="review-why-box",
        )  # fmt: skip
        _type_into("review-why-box")
        if st.form_submit_button("Keep", type="primary"):
            st.session_state[_WHY] = why.strip()
            st.rerun()


def _list(desk: Desk) -> None:
    """Print the suppliers around the one at hand; pressing one goes to it."""
    begin = desk.at // _LISTED * _LISTED
    with st.container(gap="xxsmall", key="review-list"):
        with st.container(horizontal=True, gap="xsmall", key="review-move"):
            st.button("Previous", key="review-back", on_click=_step, args=(-1,), **_key("K"))
            st.button("Next", key="review-on", on_click=_step, args=(1,), **_key("J"))
        parts.show(
            f'<h3 class="listed">{parts.esc(desk.filter)} <span>{begin + 1:,} to '
            f"{min(begin + _LISTED, len(desk.queue)):,} of {len(desk.queue):,}, most £ first</span></h3>"
        )
        for at in range(begin, min(begin + _LISTED, len(desk.queue))):
            supplier_id = desk.queue[at]
            row = review_desk.supplier(desk, supplier_id)
            name = INDIVIDUAL if review_desk.withheld(desk, supplier_id) else row["supplier_name"] or "No name printed"
            mark = "✓ " if supplier_id in desk.stands else ""
            here = at == desk.at
            stake = parts.plain(words.money(row["amount_pence"]))
            st.button(
                f"{'▸ ' if here else ''}{mark}**{stake}** {parts.plain(name)}",
                key=f"review-at-{at - begin}", width="stretch", type="secondary" if here else "tertiary",
                on_click=review_desk.go_to, args=(desk, at), wrap=False,
            )  # fmt: skip
