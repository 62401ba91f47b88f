"""Who is at the browser: one person of this machine, or someone who signed in by OpenID Connect."""

from __future__ import annotations

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from cwb.ui import parts

_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


def has_sign_in() -> bool:
    """Say whether the app was started with a provider to sign in with (`cwb app --sign-in`)."""
    try:
        return "auth" in st.secrets
    except (StreamlitSecretNotFoundError, FileNotFoundError):
        return False


def own_machine() -> bool:
    """Say whether the person at the browser sits at this machine: only then may they name its files."""
    return not has_sign_in() and st.get_option("server.address") in _LOOPBACK


def person() -> str | None:
    """Return the email address of who signed in, in small letters; None where there is no sign-in."""
    if not has_sign_in():
        return None
    return str(st.user.get("email") or "").strip().casefold()


def gate() -> bool:
    """Say whether this browser may go on; where not, print why and the way in."""
    if not has_sign_in():
        return _is_here()
    if not st.user.is_logged_in:
        parts.heading(
            "Sign in", "This cwb is run for a team. What you see depends on the projects you are a member of."
        )
        st.button("Sign in", type="primary", icon=":material/login:", on_click=st.login)
        return False
    if not person() or st.user.get("email_verified") is False:
        parts.heading("Sign in", "You are signed in, but without an email address that your organisation has verified.")
        parts.show("<p>Projects are shared by email address. Ask who runs your sign-in to add or verify yours.</p>")
        st.button("Sign out", icon=":material/logout:", on_click=st.logout)
        return False
    return True


def _is_here() -> bool:
    """Without sign-in, serve only a browser on this machine: not another address, not through a proxy."""
    headers = st.context.headers
    host = headers.get("Host", "").rsplit(":", 1)[0]
    bound = st.get_option("server.address")
    if bound in _LOOPBACK and host in (*_LOOPBACK, "") and "X-Forwarded-For" not in headers:
        return True
    parts.heading("This machine only", "Without sign-in, cwb answers only a browser on the machine it runs on.")
    parts.show(
        "<p>To open it to a team, start it with a provider to sign in with: <code>cwb app --workspace "
        "postgresql://… --sign-in sign-in.toml</code>. The deployment guide (docs/deployment.md) has each step.</p>"
    )
    return False


def about() -> None:
    """Print at the foot of the side bar who is here."""
    who = person()
    if who is None:
        parts.show('<p class="where">On this machine only: nobody else can reach it.</p>')
        return
    parts.show(f'<p class="where">Signed in as {parts.esc(who)}</p>')
    st.button("Sign out", key="sign-out", icon=":material/logout:", on_click=st.logout, type="tertiary")
