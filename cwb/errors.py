"""What can go wrong for a user: one line that names the thing, the place and the nearest fix."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process


class CwbError(Exception):
    """Bad input or usage. Its text is one line, shown to the user as it is; the command line exits 2."""


class LedgerError(CwbError):
    """A file cannot be read as a ledger."""


class RegisterError(CwbError):
    """A source or an index is not a register."""


class PlaceError(CwbError):
    """A place is unknown or ill-defined."""


class LookupsError(CwbError):
    """A file of lookups or assumptions is not as it should be."""


class RunError(CwbError):
    """A folder is not a finished analysis, or runs cannot be put together."""


class WebError(CwbError):
    """Another machine could not be reached, refused, or sent what cannot be used. It names the host, never a key."""


class WorkspaceError(CwbError):
    """The store of people's decisions cannot be opened or does not allow what was asked."""


def did_you_mean(wanted: str, known: Iterable[str], *, limit: int = 3, cutoff: float = 65) -> str:
    """Return " Did you mean A, B?" for the known words nearest to `wanted`, or an empty string.

    Case is ignored. `cutoff` is rapidfuzz's WRatio, 0 to 100.
    """
    names = {k.casefold(): k for k in known}
    near = process.extract(wanted.casefold(), list(names), scorer=fuzz.WRatio, limit=limit, score_cutoff=cutoff)
    return f" Did you mean {', '.join(names[n] for n, _, _ in near)}?" if near else ""
