"""Tables as files: CSV for people, Parquet for programs, a dictionary of columns, and a Frictionless data package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from cwb.charts.figure import gbp
from cwb.errors import RunError
from cwb.files import sha256
from cwb.report.columns import shown
from cwb.safety import neutralise


def _field_type(dtype: pl.DataType) -> str:
    """Return Frictionless's name of a type."""
    if dtype == pl.Boolean:
        return "boolean"
    if dtype.is_integer():
        return "integer"
    return "number" if dtype.is_numeric() else "date" if dtype == pl.Date else "string"


def dictionary(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return what every column of the tables, as written, means: table, column, type, description."""
    rows = [
        {"table": name, "column": column, "type": shown(column).kind, "description": shown(column).description}
        for name, frame in tables.items()
        for column in gbp(frame).columns
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("table", "column", "type", "description"), pl.String))


def _resource(path: Path, frame: pl.DataFrame) -> dict[str, Any]:
    fields = [
        {"name": c, "type": _field_type(dtype), "title": shown(c).heading, "description": shown(c).description}
        for c, dtype in frame.schema.items()
    ]
    return {
        "name": path.stem.replace("_", "-"), "type": "table", "path": path.name, "scheme": "file", "format": "csv",
        "mediatype": "text/csv", "encoding": "utf-8-sig", "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256(path)}", "schema": {"fields": fields, "missingValues": [""]},
    }  # fmt: skip


def write_tables(out: Path, tables: Mapping[str, pl.DataFrame], *, title: str = "cwb tables") -> list[Path]:
    """Write each table as `<table>.csv` and `<table>.parquet`, `columns.csv` and `datapackage.json`; return the paths.

    A column `amount_pence` comes out as `amount_gbp`, an exact decimal. In CSV, text that a spreadsheet would run gets
    an apostrophe before it; Parquet, which nothing runs, has it as it is.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths, resources = [], []
    for name, frame in {**tables, "columns": dictionary(tables)}.items():
        edge = gbp(frame)
        path = out / f"{name}.csv"
        # The mark tells Excel that the file is UTF-8.
        neutralise(edge).write_csv(path, include_bom=True)
        paths.append(path)
        resources.append(_resource(path, edge))
        if name in tables:
            edge.write_parquet(path.with_suffix(".parquet"))
            paths.append(path.with_suffix(".parquet"))
    package = out / "datapackage.json"
    told = {"profile": "data-package", "name": "cwb-tables", "title": title, "resources": resources}
    package.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return [*paths, package]


def read_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Return the tables that `write_tables` wrote, with money in pence again.

    Raises:
        RunError: the folder has none, or one is damaged.
    """
    paths = sorted(Path(folder).glob("*.parquet"))
    if not paths:
        raise RunError(f"{folder}: holds no tables; is this the tables folder of a run by this version of cwb?")
    tables = {}
    for path in paths:
        try:
            frame = pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError):
            raise RunError(f"{path}: is damaged; analyse the ledgers again") from None
        tables[path.stem] = frame.select(
            (pl.col(c) * 100).cast(pl.Int64).alias(f"{c.removesuffix('_gbp')}_pence")
            if c.endswith("_gbp")
            else pl.col(c)
            for c in frame.columns
        )
    return tables
