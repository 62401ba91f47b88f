"""cwb shows a public body where its money goes: local, regional, leaked or unknown, with the evidence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cwb.ledger import read_ledger
    from cwb.match import match_suppliers
    from cwb.pipeline import analyse, compare
    from cwb.register import build_register

__version__ = "0.1.0"
__all__ = ["analyse", "build_register", "compare", "match_suppliers", "read_ledger"]

_ROOMS = {
    "analyse": "cwb.pipeline",
    "build_register": "cwb.register",
    "compare": "cwb.pipeline",
    "match_suppliers": "cwb.match",
    "read_ledger": "cwb.ledger",
}


def __getattr__(name: str) -> Any:
    """Import a public verb when it is first asked for, so that `import cwb` costs nothing."""
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module 'cwb' has no attribute '{name}'")
