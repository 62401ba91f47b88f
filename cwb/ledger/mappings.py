"""A person's columns, kept: named in a TOML file, or remembered for the next file with the same headings."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from cwb.errors import LedgerError, did_you_mean
from cwb.ledger.headings import FIELDS, normalise


def load_column_map(path: Path) -> dict[str, str]:
    """Return field → heading from a TOML file: lines as `amount = "Net Amount"`, at the top or under [columns].

    An empty heading says that the file has no such column.

    Raises:
        LedgerError: the file is missing or not TOML, or names an unknown field.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise LedgerError(f"{path}: no such file. Check the name and folder.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LedgerError(f'{path}: not TOML ({error}). Write lines as amount = "Net Amount".') from None
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read ({error.strerror}). Check that you may open it.") from None
    inner = raw.get("columns", raw)
    if not isinstance(inner, dict) or not inner:
        raise LedgerError(f'{path}: names no columns. Write lines as amount = "Net Amount".')
    for field, heading in inner.items():
        if field not in FIELDS:
            raise LedgerError(
                f"{path}: no field '{field}' to map.{did_you_mean(field, FIELDS)} Known: {', '.join(FIELDS)}."
            )
        if not isinstance(heading, str):
            raise LedgerError(f'{path}: {field} needs a heading in quotes, as {field} = "Net Amount".')
    return {str(field): str(heading) for field, heading in inner.items()}


def fingerprint(headings: Sequence[str | None]) -> str:
    """Return a hash of a table's headings in order: the same for next month's file of the same layout."""
    return hashlib.sha256("\x1f".join(normalise(h) for h in headings).encode()).hexdigest()[:16]


def store_path() -> Path:
    """Return where remembered columns are kept: `column_maps.json` under CWB_HOME, or in the user's data folder."""
    home = os.environ.get("CWB_HOME")
    if home:
        return Path(home) / "column_maps.json"
    data = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(data) if data else Path.home() / ".local" / "share") / "cwb" / "column_maps.json"


def remembered_columns() -> dict[str, dict[str, str]]:
    """Return every remembered mapping: fingerprint → (field → heading). Empty where nothing was ever remembered.

    Raises:
        LedgerError: the store cannot be read as what it should be.
    """
    path = store_path()
    try:
        raw = json.loads(path.read_text("utf-8"))
        return {str(k): {str(f): str(h) for f, h in v.items()} for k, v in raw.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError):
        raise LedgerError(f"{path}: the remembered columns cannot be read. Delete the file to start afresh.") from None


def remember_columns(key: str, columns: Mapping[str, str]) -> None:
    """Keep a person's columns for every later file with these headings; the app and the command line share them.

    Args:
        key: the table's fingerprint, from a preview or the account.
        columns: field → heading; empty forgets what was remembered.

    Raises:
        LedgerError: a field is unknown, or the store cannot be written.
    """
    for field in columns:
        if field not in FIELDS:
            raise LedgerError(f"no field '{field}' to map.{did_you_mean(field, FIELDS)} Known: {', '.join(FIELDS)}.")
    known = remembered_columns()
    known.pop(key, None)
    if columns:
        known[key] = dict(columns)
    path = store_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".json", delete=False, encoding="utf-8") as file:
            json.dump(known, file, ensure_ascii=False, indent=1)
        Path(file.name).replace(path)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be written ({error.strerror}). Set CWB_HOME to a folder you own.") from None
