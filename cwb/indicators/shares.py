"""A share of a total, where there is one."""

from __future__ import annotations


def share(part: int, total: int) -> float | None:
    """Return part / total, or None where the total is not above zero."""
    return part / total if total > 0 else None
