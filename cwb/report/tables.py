"""Tables as CSV: £ to the penny, UTF-8 that Excel opens, no cell that runs, and a dictionary of columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from cwb.charts.figure import gbp
from cwb.report.columns import shown
from cwb.safety import neutralise


def dictionary(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return what every column of the tables, as written, means: table, column, type, description."""
    rows = [
        {"table": name, "column": column, "type": shown(column).kind, "description": shown(column).description}
        for name, frame in tables.items()
        for column in gbp(frame).columns
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("table", "column", "type", "description"), pl.String))


def write_tables(out: Path, tables: Mapping[str, pl.DataFrame]) -> list[Path]:
    """Write `<table>.csv` for each table and `columns.csv` into the folder `out`; return the paths.

    A column `amount_pence` comes out as `amount_gbp` with two decimals. Text that a spreadsheet would run gets an
    apostrophe before it.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, frame in {**tables, "columns": dictionary(tables)}.items():
        path = out / f"{name}.csv"
        # The mark tells Excel that the file is UTF-8.
        neutralise(gbp(frame)).write_csv(path, include_bom=True)
        paths.append(path)
    return paths
