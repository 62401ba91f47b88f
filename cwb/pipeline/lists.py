"""A list of suppliers matched to a register, and lists written safely."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from cwb.errors import CwbError
from cwb.files import staged_file
from cwb.match import match_table
from cwb.places import locate
from cwb.register import open_register
from cwb.register.owners import read_owners
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


def write_owners(snapshot: Sequence[Path], out: Path) -> tuple[int, int]:
    """Write owners.csv, as `cwb.added` takes it, from the snapshot of people with significant control.

    An owner abroad has no district; one in the United Kingdom whose postcode cannot be placed is left out, since it is
    neither here nor elsewhere. Returns how many companies have an owner, and how many were left out.

    Raises:
        CwbError: a file is not the snapshot, or `out` cannot be written.
    """
    owners = read_owners(snapshot)
    printed = owners["parent_postcode"].drop_nulls().unique()
    where = pl.DataFrame({"parent_postcode": printed, "parent_lad_code": locate(printed)["lad_code"]})
    placed = owners.join(where, on="parent_postcode", how="left", validate="m:1", maintain_order="left")
    at_home = pl.col("parent_id").str.starts_with("GB-COH-")
    kept = placed.filter(~(at_home & pl.col("parent_lad_code").is_null()))
    write_list(kept.select("org_id", "parent_id", "parent_name", "parent_lad_code"), out)
    return kept.height, placed.height - kept.height
