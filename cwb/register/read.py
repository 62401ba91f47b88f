"""Register files as they are downloaded (.csv, .txt, .json, zipped or not) → organisations in the common columns."""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import polars as pl

from cwb.errors import RegisterError
from cwb.register.layouts import LAYOUTS, Layout, recognise

_COMMON = {
    **dict.fromkeys(("org_id", "name", "supplier_type", "status", "postcode", "town", "sic_code"), pl.String),
    "accounts_category": pl.String, "started": pl.Date, "ended": pl.Date, "linked": pl.String, "previous": pl.String,
}  # fmt: skip
_READABLE = (".csv", ".txt", ".json")
_TAIL = 1 << 16
_ORG_ID = r"^GB-(COH-[A-Z0-9]{8}|CHC-[0-9]+|SC-SC?[0-9]+|NIC-[0-9]+|MPR-[A-Z0-9]+|EDU-[0-9]+|NHS-[A-Z0-9]+)$"


def read_all(sources: list[Path], folder: Path) -> tuple[list[pl.DataFrame], list[dict[str, Any]]]:
    """Return the organisations of each file, and of each file its path, its register and how many organisations.

    Raises:
        RegisterError: a file is not a register that cwb knows, or is damaged.
    """
    scratch = folder / "scratch"
    scratch.mkdir()
    parts: list[pl.DataFrame] = []
    account: list[dict[str, Any]] = []
    for path in sources:
        for text in _unpacked(path, scratch):
            label = path if text == path else Path(f"{path}!{text.name}")
            title, frame = _read(text, label, scratch)
            parts.append(frame)
            account.append({"file": path, "register": title, "organisations": frame.height})
            if text != path:
                text.unlink()
    shutil.rmtree(scratch)
    return parts, account


def _unpacked(path: Path, scratch: Path) -> list[Path]:
    """Return the CSV files in a zip, unpacked, or the file itself."""
    if path.suffix.lower() != ".zip":
        return [path]
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.lower().endswith(_READABLE)]
            if not members:
                raise RegisterError(f"{path}: holds no CSV, text or JSON file")
            out = []
            for member in members:
                target = scratch / Path(member.filename).name
                with archive.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
                out.append(target)
            return out
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise RegisterError(f"{path}: is not a zip file that can be read; download it again") from None


def _read(text: Path, label: Path, scratch: Path) -> tuple[str, pl.DataFrame]:
    """Return a register's title and its organisations in the common columns."""
    rows, layout = _rows(text, label, scratch)
    try:
        frame = layout.organisations(rows).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise RegisterError(f"{label}: is damaged or cut short ({str(error).splitlines()[0]})") from None
    if not frame.height:
        raise RegisterError(f"{label}: has a header and no organisations")
    held = frame.select(
        (pl.col(c) if c in frame.columns else pl.lit(None)).cast(t).alias(c) for c, t in _COMMON.items()
    )
    wrong = ~pl.col("org_id").str.contains(_ORG_ID).fill_null(value=False) | (pl.col("name").fill_null("") == "")
    bad = held.filter(wrong)
    if bad.height:
        shown = (bad["org_id"][0] or "").split("-", 2)[-1]
        what = "has no name" if re.match(_ORG_ID, bad["org_id"][0] or "") else f"is not {layout.number}"
        raise RegisterError(f"{label}: '{shown}' {what}")
    return layout.title, held


def _rows(text: Path, label: Path, scratch: Path) -> tuple[pl.LazyFrame, Layout]:
    """Return a file's rows as text under stripped headers, and which register's layout it has."""
    if text.suffix.lower() == ".json":
        try:
            held = pl.read_json(text, infer_schema_length=None)
        except pl.exceptions.PolarsError:
            raise RegisterError(f"{label}: is not JSON that can be read; download it again") from None
        layout = recognise(held.columns)
        if layout is None:
            raise RegisterError(_unknown_layout(label, held.columns))
        return held.lazy().select(pl.all().cast(pl.String)), layout
    text = _as_utf8(text, scratch)
    with text.open("rb") as file:
        separator = "\t" if b"\t" in file.readline() else ","
    try:
        found = pl.read_csv(text, n_rows=0, infer_schema=False, separator=separator).columns
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError):
        raise RegisterError(f"{label}: is not a CSV file of a register") from None
    found = [h.strip() for h in found]
    layout = recognise(found)
    if layout is None:
        raise RegisterError(_unknown_layout(label, found))
    if _cut_short(text, len(found), separator):
        raise RegisterError(f"{label}: is damaged or cut short: its last line is not whole; download it again")
    headers = list(layout.headers) or found
    rows = pl.scan_csv(
        text,
        infer_schema=False,
        separator=separator,
        has_header=not layout.headers,
        with_column_names=lambda _: headers,
    )
    return rows, layout


def _as_utf8(text: Path, scratch: Path) -> Path:
    """Return the file, or a copy in UTF-8 where it is in the older Windows encoding that some publishers use."""
    with text.open("rb") as file:
        head = file.read(1 << 24)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(head) - 4:
            copy = scratch / f"utf8-{text.name}"
            with (
                text.open(encoding="cp1252", errors="replace", newline="") as source,
                copy.open("w", encoding="utf-8", newline="") as sink,
            ):
                shutil.copyfileobj(source, sink, 1 << 20)
            return copy
    return text


def _cut_short(text: Path, columns: int, separator: str) -> bool:
    """Say whether the file ends in the middle of a row: no line end, and fewer cells than there are columns."""
    with text.open("rb") as file:
        file.seek(max(0, text.stat().st_size - 1))
        if file.read() in {b"\n", b""}:
            return False
        file.seek(max(0, text.stat().st_size - _TAIL))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return len(next(csv.reader(lines[-1:], delimiter=separator))) < columns


def _unknown_layout(label: Path, found: list[str]) -> str:
    known = [layout for layout in LAYOUTS if layout.columns]
    nearest = max(known, key=lambda a: len(set(found) & set(a.columns)) / len(a.columns))
    missing = [c for c in nearest.columns if c not in found]
    extra = [c for c in found if c not in nearest.columns]
    shown = ", ".join(found[:4]) + (" …" if len(found) > 4 else "")
    if len(missing) * 2 > len(nearest.columns):
        return f"{label}: is not a register cwb knows. Found columns: {shown}. Use {LAYOUTS[0].title} as downloaded."
    what = f"lacks {', '.join(missing[:3])}" if missing else f"has a column too many: {', '.join(extra[:3])}"
    return f"{label}: {nearest.title} {what}; use the file as it was downloaded"
