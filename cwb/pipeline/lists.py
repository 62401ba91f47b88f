"""A list of suppliers matched to a register, and lists written safely."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cwb.errors import CwbError
from cwb.files import staged_file
from cwb.match import match_table
from cwb.register import open_register
from cwb.safety import neutralise


def write_list(frame: pl.DataFrame, out: Path) -> None:
    """Write a table as CSV to `out`, with no cell that a spreadsheet would run.

    Raises:
        CwbError: `out` cannot be written.
    """
    with staged_file(out) as scratch:
        neutralise(frame).write_csv(scratch)


def match_list(path: Path, register: Path, out: Path) -> pl.DataFrame:
    """Match a CSV with a column `supplier` to a register; write and return one row out per row in, in the same order.

    Raises:
        CwbError: the file cannot be read, has no such column, or `out` cannot be written.
    """
    index = open_register(register)
    try:
        suppliers = pl.read_csv(path, infer_schema=False)
    except OSError as error:
        raise CwbError(f"{path}: cannot be read ({error.strerror or 'no such file'})") from None
    except pl.exceptions.PolarsError as error:
        raise CwbError(f"{path}: is not a CSV in UTF-8 ({str(error).splitlines()[0]})") from None
    try:
        links = match_table(suppliers, index)
    except CwbError as error:
        raise CwbError(f"{path}: {error}") from None
    write_list(links, out)
    return links
