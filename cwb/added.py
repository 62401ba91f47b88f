"""What a user adds beside ledgers and registers: a folder of CSV files with fixed names and columns, all optional.

Wards and deprivation may also be the files as ONS and the ministry publish them: see `cwb.ons_files`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from cwb.errors import CwbError, did_you_mean
from cwb.indicators import influence
from cwb.indicators.measures import Added
from cwb.indicators.targets import MEASURES, Target
from cwb.ons_files import read_deprivation, read_lookup, read_wards
from cwb.postcodes import normalise

# File to its columns; those with False may be left empty in a row.
FILES: dict[str, dict[str, tuple[pl.DataType, bool]]] = {
    "accounts": {
        "org_id": (pl.String(), True), "turnover_gbp": (pl.Float64(), False),
        "balance_sheet_gbp": (pl.Float64(), False), "employees": (pl.Float64(), False),
        "members": (pl.Float64(), False),
    },
    "owners": {
        "org_id": (pl.String(), True), "parent_id": (pl.String(), True), "parent_name": (pl.String(), True),
        "parent_lad_code": (pl.String(), False),
    },
    "wards": {
        "postcode": (pl.String(), True), "ward_code": (pl.String(), True), "ward_name": (pl.String(), True),
    },
    "deprivation": {"postcode": (pl.String(), True), "decile": (pl.Int64(), True)},
    "targets": {
        "name": (pl.String(), True), "measure": (pl.String(), True), "of": (pl.String(), True),
        "aim": (pl.Float64(), True), "at_most": (pl.Boolean(), False),
    },
    "influence_rules": {
        "order": (pl.Int64(), True), "field": (pl.String(), True), "pattern": (pl.String(), True),
        "is_influenceable": (pl.Boolean(), True), "reason": (pl.String(), True),
    },
    "category_crosswalk": {
        "order": (pl.Int64(), True), "pattern": (pl.String(), True), "cofog": (pl.String(), False),
        "cipfa": (pl.String(), False), "proclass": (pl.String(), False),
    },
    "contracts": {
        "theme": (pl.String(), True), "contract": (pl.String(), True), "supplier": (pl.String(), True),
        "funding_stream": (pl.String(), False), "amount_gbp": (pl.Float64(), False),
    },
    "bodies": {"body": (pl.String(), True)},
    "figures": {
        "body": (pl.String(), True), "cofog": (pl.String(), False), "provenance": (pl.String(), True),
        "amount_gbp": (pl.Float64(), True), "received_from": (pl.String(), False),
    },
}  # fmt: skip
_KEYS = {
    "accounts": "org_id", "owners": "org_id", "wards": "postcode", "deprivation": "postcode", "targets": "name",
    "influence_rules": "order", "category_crosswalk": "order", "bodies": "body",
}  # fmt: skip
LOOKUP = "nspl.csv"
_DECILES = (1, 10)


def read_added(folder: Path) -> Added:
    """Return what a folder adds: any of the CSV files of `FILES`, and nspl.csv, the ONS lookup of postcodes.

    Postcodes may be written with or without a space; org_id as GB-COH-01234567. With nspl.csv beside them, wards.csv
    may be the ONS list of ward codes and names, and deprivation.csv the published deciles by LSOA.

    Raises:
        CwbError: the folder holds none of them, or a file lacks a column, has a cell that is no number, repeats a key,
            or a target names no measure.
    """
    known = [f"{name}.csv" for name in FILES]
    if not folder.is_dir():
        raise CwbError(f"{folder}: no such folder; it holds any of {', '.join(known)}")
    there = {name: folder / f"{name}.csv" for name in FILES if (folder / f"{name}.csv").is_file()}
    lookup = read_lookup(folder / LOOKUP) if (folder / LOOKUP).is_file() else None
    if not there and lookup is None:
        found = ", ".join(sorted(path.name for path in folder.iterdir())[:4]) or "nothing"
        raise CwbError(f"{folder}: holds none of {', '.join(known)}. Found: {found}")
    held: dict[str, Any] = {}
    if lookup is not None:
        held["wards"] = read_wards(there.pop("wards", None), lookup)
        if "deprivation" in there:
            held["deprivation"] = read_deprivation(there.pop("deprivation"), lookup)
    held |= {name: _read(path, name) for name, path in there.items()}
    if "targets" in held:
        held["targets"] = [_target(row, folder) for row in held["targets"].to_dicts()]
    return Added(**held)


def _read(path: Path, name: str) -> pl.DataFrame:
    columns = FILES[name]
    try:
        raw = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CwbError(f"{path}: cannot be read as a CSV ({str(error).splitlines()[0]})") from None
    missing = [c for c in columns if c not in raw.columns and columns[c][1]]
    if missing:
        hint = did_you_mean(missing[0], raw.columns)
        raise CwbError(f"{path}: no column {missing[0]}. Found: {', '.join(raw.columns[:6])}.{hint}")
    frame = raw.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in columns if c not in raw.columns)
    frame = frame.select(pl.col(c).str.strip_chars().replace("", None) for c in columns)
    out = frame.with_columns(_cast(c, kind) for c, (kind, _) in columns.items())
    for column, (_, needed) in columns.items():
        lost = out[column].is_null() & (
            frame[column].is_not_null() | pl.Series([needed] * frame.height, dtype=pl.Boolean)
        )
        if lost.any():
            row = int(lost.arg_true()[0])
            raise CwbError(f"{path}, row {row + 2}, {column}: '{frame[column][row] or ''}' is not what is wanted here")
    key = _KEYS.get(name)
    if key and out[key].n_unique() != out.height:
        twice = out.filter(pl.col(key).is_duplicated())[key][0]
        raise CwbError(f"{path}: {key} {twice} is there twice; leave one row for it")
    if "pattern" in columns:
        _check_patterns(path, out)
    if name == "deprivation" and not out["decile"].is_between(*_DECILES).all():
        raise CwbError(f"{path}: a decile is a whole number from 1, the most deprived, to 10")
    return out


def _check_patterns(path: Path, rules: pl.DataFrame) -> None:
    """Refuse a rule that is no pattern, or names a field that no rule can look at."""
    for n, row in enumerate(rules.iter_rows(named=True), 2):
        if "field" in row and row["field"] not in influence.COLUMNS:
            hint = did_you_mean(row["field"], influence.COLUMNS)
            raise CwbError(
                f"{path}, row {n}: no field '{row['field']}'; there are {', '.join(influence.COLUMNS)}.{hint}"
            )
        try:
            pl.Series([""]).str.contains(f"(?i){row['pattern']}")
        except pl.exceptions.ComputeError:
            raise CwbError(f"{path}, row {n}: '{row['pattern']}' is not a pattern that can be looked for") from None


def _cast(column: str, kind: pl.DataType) -> pl.Expr:
    text = pl.col(column)
    if column == "postcode":
        return normalise(text).alias(column)
    if kind == pl.Boolean():
        return text.str.to_lowercase().replace_strict(
            {"true": True, "false": False, "yes": True, "no": False}, default=None, return_dtype=pl.Boolean
        )
    bare = text if kind == pl.String() else text.str.replace_all("[£,]", "")
    return bare.cast(kind, strict=False).alias(column)


def _target(row: dict[str, Any], folder: Path) -> Target:
    if row["measure"] not in MEASURES:
        hint = did_you_mean(row["measure"], MEASURES)
        raise CwbError(
            f"{folder / 'targets.csv'}: no measure '{row['measure']}'; there are {', '.join(MEASURES)}.{hint}"
        )
    if row["of"] not in ("total", "influenceable"):
        raise CwbError(f"{folder / 'targets.csv'}: '{row['of']}' is neither total nor influenceable")
    return Target(row["name"], row["measure"], row["of"], row["aim"], bool(row["at_most"]))
