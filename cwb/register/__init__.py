"""Organisation registers → one index on disk, opened in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cwb.register.build import build_register
from cwb.register.index import Register, RegisterInfo, open_register, read_info

__all__ = ["Register", "RegisterInfo", "build_register", "open_register", "register_info"]


def register_info(path: Path) -> dict[str, Any]:
    """Return what the index at `path` holds and was built from, as JSON-able values; see `RegisterInfo`.

    Raises:
        RegisterError: there is no index at `path`.
    """
    return read_info(path).as_dict()
