"""Where the files that ship with cwb are: in a checkout at its top, in an installed wheel inside the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_WHEEL = _PACKAGE / "_shipped"
_TOP = _PACKAGE.parent


def lookups_dir() -> Path:
    """Return the folder of lookups."""
    return _WHEEL / "lookups" if _WHEEL.is_dir() else _TOP / "lookups"


def sample_dir() -> Path:
    """Return the folder of sample ledgers and their small register."""
    return _WHEEL / "sample" if _WHEEL.is_dir() else _TOP / "data" / "sample"


def methods_dir() -> Path:
    """Return the folder of method pages."""
    return _WHEEL / "methods" if _WHEEL.is_dir() else _TOP / "docs" / "methods"


def app_file() -> Path:
    """Return the Streamlit entry script."""
    return _WHEEL / "app.py" if _WHEEL.is_dir() else _TOP / "app.py"
