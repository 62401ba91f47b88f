"""How the app is served: the command that starts it, refused where it would be open to people who did not sign in."""

from __future__ import annotations

import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

from cwb.errors import CwbError
from cwb.shipped import app_file

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_SECRET_LETTERS = 32


def served(*, port: int, headless: bool, sign_in: Path | None, address: str, max_upload_mb: int) -> list[str]:
    """Return the command that serves the app.

    Args:
        port: where it listens.
        headless: open no browser.
        sign_in: TOML file with a table `auth` that names an OpenID Connect provider; see docs/deployment.md.
        address: where it listens; without `sign_in` it must be this machine's own.
        max_upload_mb: the largest file taken, in MB.

    Raises:
        CwbError: it would be open to others without sign-in, or the provider is not told in full.
    """
    if sign_in is None and address not in LOOPBACK:
        raise CwbError(
            f"--address {address}: without sign-in the app listens on this machine only; with it: --sign-in FILE"
        )
    command = [
        sys.executable, "-m", "streamlit", "run", str(app_file()), "--server.address", address, "--server.port",
        str(port), "--server.headless", str(headless).lower(), "--browser.gatherUsageStats", "false",
        "--server.maxUploadSize", str(max_upload_mb),
    ]  # fmt: skip
    if sign_in is not None:
        _check(sign_in)
        command += ["--secrets.files", str(sign_in.absolute())]
    return command


def _check(sign_in: Path) -> None:
    try:
        told = tomllib.loads(sign_in.read_text("utf-8"))
    except OSError as error:
        raise CwbError(f"{sign_in}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CwbError(f"{sign_in}: is not TOML ({error})") from None
    auth = told.get("auth")
    if not isinstance(auth, dict):
        raise CwbError(f"{sign_in}: has no table [auth]; docs/deployment.md shows one")
    missing = [name for name in _NEEDED if not auth.get(name)]
    if missing:
        raise CwbError(f"{sign_in}: [auth] lacks {', '.join(missing)}; docs/deployment.md shows each")
    if len(str(auth["cookie_secret"])) < _SECRET_LETTERS:
        raise CwbError(
            f"{sign_in}: cookie_secret is too short; make one of {_SECRET_LETTERS} letters or more at random"
        )
    if sign_in.stat().st_mode & 0o077:
        raise CwbError(f"{sign_in}: can be read by others on this machine; chmod 600 it, since it holds secrets")
    if find_spec("authlib") is None:
        raise CwbError("sign-in needs its library: pip install 'cwb[team]'")
