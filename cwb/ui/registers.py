"""Choosing the register that suppliers are matched to: an index built before, or one built here."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cwb.errors import CwbError, RegisterError
from cwb.postcodes import cache_folder
from cwb.projects import Choices
from cwb.register import build_register, open_register, register_info
from cwb.ui import parts, people, session

_NONE = "none"


def shelf() -> Path:
    """Return the folder of indexes built in the app: derived data, kept between sessions."""
    return cache_folder() / "registers"


def known() -> dict[str, Path]:
    """Return the indexes built in the app, by name."""
    if not shelf().is_dir():
        return {}
    return {path.name: path for path in sorted(shelf().iterdir()) if path.is_dir() and not path.name.startswith(".")}


def has(name: str) -> bool:
    """Say whether there is an index of that name that this version of cwb can read."""
    if name not in known():
        return False
    try:
        register_info(known()[name])
    except RegisterError:
        return False
    return True


def of(choices: Choices) -> Path | None:
    """Return the index that a project is matched with; None where it wants none.

    Raises:
        CwbError: this server has it no more.
    """
    if choices.register_folder:
        return Path(choices.register_folder)
    if not choices.register_name:
        return None
    path = known().get(choices.register_name)
    if path is None:
        raise CwbError(f"the register '{choices.register_name}' is not on this server any more; choose another")
    return path


def edition(choices: Choices) -> float:
    """Return when the index that a project is matched with was built, so that a newer one is told from it."""
    try:
        path = of(choices)
        return path.stat().st_mtime if path else 0.0
    except (CwbError, OSError):
        return 0.0


def choose(project_id: str) -> None:
    """Print the choice of register, which is kept in the project as it is made."""
    choices = session.choices()
    options = [_NONE, *known()]
    if choices.register_name and choices.register_name not in options:
        options.append(choices.register_name)
    key = f"register-{project_id}"

    def keep() -> None:
        chosen = st.session_state[key]
        session.choose(register_name="" if chosen == _NONE else chosen, register_folder="")

    built = st.session_state.pop("register-built", None)
    if built is not None:
        session.choose(register_name=built, register_folder="")
        st.session_state[key] = built
        choices = session.choices()
    elif key not in st.session_state:
        st.session_state[key] = choices.register_name or _NONE
    st.selectbox(
        "Register of organisations", options, key=key, on_change=keep, disabled=not session.may("reviewer"),
        format_func=lambda name: "None: use only the postcodes in the ledger" if name == _NONE else name,
        help="With a register, suppliers are matched to companies and placed by their registered office.",
    )  # fmt: skip
    if session.may("reviewer"):
        with st.expander("Add a register"):
            _add(project_id)
    choices = session.choices()
    with parts.clear_errors():
        path = of(choices)
        if path is not None:
            open_register(path)
            if choices.register_folder:
                parts.show(f'<p class="where">Matched with the index in {parts.esc(path)}.</p>')
            return
    if not choices.register_name:
        parts.show(
            '<p class="where">Without a register, a supplier has a place only where the ledger gives its postcode; the '
            "rest is unknown.</p>"
        )


def _add(project_id: str) -> None:
    parts.show(
        "<p>Companies House gives away its register as a file each month (“Free Company Data Product”, zip or CSV). "
        "Building an index from it takes a few minutes, once.</p>"
    )
    given = st.file_uploader("Register file", type=["zip", "csv"], key="register-file")
    named = ""
    if people.own_machine():
        named = st.text_input("Or the path of the file on this machine", key="register-path", placeholder="/data/…")
        key = f"register-folder-{project_id}"
        st.text_input(
            "Or the folder of an index already built", value=session.choices().register_folder, key=key,
            on_change=lambda: session.choose(register_folder=st.session_state[key].strip()),
        )  # fmt: skip
    if st.button("Build the index", key="register-build", disabled=given is None and not named.strip()):
        with parts.clear_errors():
            _build(given, named.strip())


def _build(given: UploadedFile | None, named: str) -> None:
    source = Path(named)
    if given is not None:
        source = session.folder() / Path(given.name).name
        source.write_bytes(given.getbuffer())
    bar = st.progress(0.0, text="Reading the register")

    def told(what: str, share: float) -> None:
        bar.progress(share, text=what)

    try:
        build_register([source], shelf() / source.stem, progress=told)
    except OSError as error:
        raise CwbError(f"{shelf()}: cannot be written ({error.strerror})") from None
    finally:
        bar.empty()
        if given is not None:
            source.unlink(missing_ok=True)
    st.session_state["register-built"] = source.stem  # chosen for the person in the next run
    st.rerun()
