"""Choosing the register that suppliers are matched to: an index built before, or one built here."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cwb.errors import CwbError
from cwb.postcodes import cache_folder
from cwb.register import build_register, open_register
from cwb.ui import parts, session

_NONE = "none"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _shelf() -> Path:
    """Return the folder of indexes built in the app: derived data, kept between sessions."""
    return cache_folder() / "registers"


def known() -> dict[str, Path]:
    """Return the indexes built in the app, by name."""
    if not _shelf().is_dir():
        return {}
    return {path.name: path for path in sorted(_shelf().iterdir()) if path.is_dir() and not path.name.startswith(".")}


def _own_machine() -> bool:
    """Say whether the person at the browser sits at this machine: only then may they name its files."""
    return st.get_option("server.address") in _LOOPBACK


def choose() -> Path | None:
    """Print the choice of register and return the index chosen."""
    built = known()
    kept = {name: str(path) for name, path in built.items()}
    options = [_NONE, *kept]
    if "register-built" in st.session_state:
        st.session_state["register"] = st.session_state.pop("register-built")
    chosen = st.selectbox(
        "Register of organisations", options, key="register", persist_state="session",
        format_func=lambda name: "None: use only the postcodes in the ledger" if name == _NONE else name,
        help="With a register, suppliers are matched to companies and placed by their registered office.",
    )  # fmt: skip
    path = built.get(chosen)
    with st.expander("Add a register"):
        other = _add()
    path = other or path
    if path is None:
        parts.show(
            '<p class="where">Without a register, a supplier has a place only where the ledger gives its postcode; the '
            "rest is unknown.</p>"
        )
        return None
    with parts.clear_errors():
        open_register(path)
        return path
    return None


def _add() -> Path | None:
    parts.show(
        "<p>Companies House gives away its register as a file each month (“Free Company Data Product”, zip or CSV). "
        "Building an index from it takes a few minutes, once.</p>"
    )
    given = st.file_uploader("Register file", type=["zip", "csv"], key="register-file")
    named, folder = "", ""
    if _own_machine():
        named = st.text_input("Or the path of the file on this machine", key="register-path", placeholder="/data/…")
        folder = st.text_input(
            "Or the folder of an index already built", key="register-folder", persist_state="session"
        )
    if st.button("Build the index", key="register-build") and (given is not None or named):
        with parts.clear_errors():
            _build(given, named.strip())
    return Path(folder.strip()) if folder.strip() else None


def _build(given: UploadedFile | None, named: str) -> None:
    source = Path(named)
    if given is not None:
        source = session.folder() / Path(given.name).name
        source.write_bytes(given.getbuffer())
    bar = st.progress(0.0, text="Reading the register")

    def told(what: str, share: float) -> None:
        bar.progress(share, text=what)

    try:
        build_register([source], _shelf() / source.stem, progress=told)
    except OSError as error:
        raise CwbError(f"{_shelf()}: cannot be written ({error.strerror})") from None
    finally:
        bar.empty()
        if given is not None:
            source.unlink(missing_ok=True)
    st.session_state["register-built"] = source.stem  # chosen for the person in the next run
    st.rerun()
