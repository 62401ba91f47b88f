"""Ledgers: give files, see how each was read and put it right, choose the place and the register, and start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from cwb import projects
from cwb.errors import CwbError
from cwb.places import describe, find_place, place_names
from cwb.ui import account, parts, registers, session, undo, work
from cwb.ui.session import Result

_KINDS = ["csv", "txt", "tsv", "xlsx", "xlsm", "xls", "ods", "zip", "gz"]
_NEEDED = "Choose a place first: it says what counts as local."


def page(result: Result | None, where: Any) -> None:
    """Print the page; `where` is the page that shows the result."""
    parts.heading(
        "Ledgers",
        "Give cwb the payments your finance system exports, or the ones you publish. It shows where every pound went.",
    )
    _said()
    first_time = not session.ledgers()
    if first_time:
        left, right = st.columns([3, 2], gap="large")
    else:
        left = right = st.container()
    with left:
        if session.may("reviewer"):
            _upload()
        _removed()
        if first_time:
            undo.offer()
    if first_time:
        with right:
            _sample(where)
        return
    _check()
    _choices()
    undo.offer()
    _start(result, where)


def _said() -> None:
    """Print what the last action had to say."""
    for text in st.session_state.pop("said", []):
        st.error(parts.plain(text), icon=":material/error:")


def _upload() -> None:
    st.header("Add ledgers", anchor=False)
    count = st.session_state.setdefault("uploads", 0)
    given = st.file_uploader(
        "Drop one or more files here: CSV, Excel, ODS, or a zip of them", type=_KINDS, accept_multiple_files=True,
        key=f"upload-{count}",
    )  # fmt: skip
    parts.show(
        '<p class="where">Files are kept in your project until you delete them, and go nowhere else. Headings, '
        "preambles, totals rows and date formats are worked out; you check them next.</p>"
    )
    if not given:
        return
    said = st.session_state.setdefault("said", [])
    for file in given:
        try:
            projects.add_ledger(session.begin(_named_after(file.name)), file.name, file.getbuffer())
        except CwbError as error:
            said.append(str(error))
    st.session_state["uploads"] = count + 1  # a fresh box: what was given is listed below
    st.rerun()


def _named_after(file: str) -> str:
    """Return a name for a project that begins with a file."""
    words = " ".join(Path(file.replace("\\", "/")).stem.replace("_", " ").replace("-", " ").split())
    return (words[:1].upper() + words[1:])[:60] or "My project"


def _removed() -> None:
    """Offer removed ledgers back."""
    if session.project() is None or not session.may("reviewer"):
        return
    gone = projects.ledgers(session.within(), removed=True)
    for one in gone[-3:]:
        st.button(
            f"Have {parts.plain(one.name)} back", key=f"back-{one.sha256[:8]}", icon=":material/undo:", type="tertiary",
            on_click=projects.restore_ledger, args=(session.within(), one.sha256),
        )  # fmt: skip


def _sample(where: Any) -> None:
    st.header("New here?", anchor=False)
    parts.show(
        "<p>Six made-up institutions around Preston, two years, twelve ledgers in six file formats: the answer "
        "in a few seconds, on every page.</p>"
    )
    if st.button("Try the sample", key="sample", icon=":material/play_arrow:"):
        with parts.clear_errors():
            work.sample()
            st.switch_page(where)


def _check() -> None:
    st.header("Check how each file was read", anchor=False)
    parts.show('<p class="lead">Compare the £ with your finance system. They should agree to the penny.</p>')
    for sha in list(session.ledgers()):
        account.card(sha)
    if session.ledgers():
        account.together()


def _choices() -> None:
    """Print what the project is analysed with; each choice is kept in it as it is made."""
    project = session.project()
    assert project is not None
    choices, fixed = project.choices, not project.may("reviewer")
    here = f"{project.project_id}-{session.turn()}"
    st.header("Say what is local", anchor=False)
    names = place_names()
    key = f"place-{here}"
    if key not in st.session_state:
        st.session_state[key] = choices.place or None
    st.selectbox(
        "Place", names, index=None, key=key, disabled=fixed,
        placeholder="Start typing: a district, county, combined authority or region",
        on_change=lambda: session.choose(place=st.session_state[key] or "", own_place=""),
    )  # fmt: skip
    if not fixed:
        with st.expander("Use a place of your own"):
            _own_place(here)
    _told_place()
    st.header("Say how suppliers are found", anchor=False)
    registers.choose(here)
    with st.expander("More choices"):
        year, basis, people = f"undated-{here}", f"basis-{here}", f"individuals-{here}"
        st.text_input(
            "Financial year of undated payments", value=choices.undated_year, key=year, placeholder="2016-17",
            validate=(r"^(\d{4}-\d{2})?$", "Write it as 2016-17"), disabled=fixed,
            on_change=lambda: session.choose(undated_year=st.session_state[year]),
        )  # fmt: skip
        st.selectbox(
            "What counts as a supplier's place", list(work.BASES), key=basis, disabled=fixed,
            index=list(work.BASES).index(choices.basis), format_func=lambda b: work.BASES[b],
            on_change=lambda: session.choose(basis=st.session_state[basis]),
        )  # fmt: skip
        st.toggle(
            "Show names of individuals", value=choices.show_individuals, key=people, disabled=fixed,
            on_change=lambda: session.choose(show_individuals=st.session_state[people]),
        )  # fmt: skip
        parts.show(
            '<p class="where">Off: people paid in their own name are shown as “Individual (name withheld)” on every '
            "page and in every file. Names the ledger itself hides stay hidden either way.</p>"
        )


def _own_place(here: str) -> None:
    parts.show(
        "<p>A short text file names the districts that count as local and as the region around them:</p>"
        '<pre>name = "North bank"\nlocal = ["Preston", "South Ribble"]\n'
        'region_name = "Lancashire"\nregion = ["Lancashire"]</pre>'
    )
    given = st.file_uploader("Place file", type=["toml"], key=f"own-place-{here}")
    if given is None or given.file_id == st.session_state.get("own-place-taken"):
        return
    st.session_state["own-place-taken"] = given.file_id
    with parts.clear_errors():
        path = session.folder() / "place.toml"
        path.write_bytes(given.getvalue())
        find_place(str(path))  # refused before it is kept
        session.choose(own_place=given.getvalue().decode("utf-8"))
        st.session_state.pop(f"place-{here}", None)
        st.rerun()


def _told_place() -> None:
    choices = session.choices()
    if not choices.place and not choices.own_place:
        return
    with parts.clear_errors():
        said = describe(find_place(work.place_of(choices)))
        rest = len(said["rest_of_region"])
        local = ", ".join(d["lad_name"] for d in said["local"][:6]) + (" and others" if len(said["local"]) > 6 else "")
        own = "Your own place. " if choices.own_place else ""
        parts.show(
            f'<p class="where">{own}Local is {parts.esc(local)}. The region is {parts.esc(said["region_name"])}, with '
            f"{rest:,} other district{'' if rest == 1 else 's'}. Elsewhere is leaked.</p>"
        )


def _start(result: Result | None, where: Any) -> None:
    st.space("small")
    if not session.may("reviewer"):
        parts.show('<p class="where">You may look at this project; a reviewer or owner analyses it.</p>')
        return
    if st.button("Show where the money goes", type="primary", icon=":material/arrow_forward:", key="start"):
        choices = session.choices()
        if not choices.place and not choices.own_place:
            st.error(_NEEDED, icon=":material/error:")
            return
        with parts.clear_errors():
            work.analyse()
            st.switch_page(where)
    elif result is not None:
        parts.show(
            '<p class="where">The results are up to date with these ledgers and choices.</p>'
            if work.is_current(result)
            else '<p class="where">Ledgers or choices have changed since the results were made. They stay as they are '
            "until you press the button.</p>"
        )
