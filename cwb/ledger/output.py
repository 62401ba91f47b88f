"""Payments, rejects and account → payments.parquet, rejects.csv and ingest.json in a folder, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cwb.files import staged
from cwb.ledger.across import AcrossFiles
from cwb.ledger.given import LedgerFile, each
from cwb.ledger.reader import Ledger, Progress, account_of, read_parts
from cwb.ledger.redaction import joined_names
from cwb.ledger.withheld import IsPerson, rejects_without_names, without_names
from cwb.safety import neutralise


def write_ledger(ledger: Ledger, out: Path) -> None:
    """Write payments.parquet, rejects.csv, control_totals.csv and ingest.json into `out`; on failure it is as it was.

    Text in the CSV files that a spreadsheet would run as a formula gets an apostrophe before it. Payees that the ledger
    hides are masked in all of them.

    Raises:
        CwbError: the folder cannot be written.
    """
    with staged(out) as work:
        without_names(ledger.payments.lazy()).collect().write_parquet(work / "payments.parquet")
        hidden = joined_names(ledger.payments.filter("is_redacted")["supplier_name"])
        rejects = rejects_without_names(ledger.rejects, hidden)
        _write_small(work, rejects, ledger.control_totals, ledger.account)


def _write_small(work: Path, rejects: pl.DataFrame, totals: pl.DataFrame, account: Mapping[str, Any]) -> None:
    neutralise(rejects).write_csv(work / "rejects.csv")
    neutralise(totals).write_csv(work / "control_totals.csv")
    (work / "ingest.json").write_text(json.dumps(account, ensure_ascii=False, indent=1) + "\n", "utf-8")


def ingest(
    paths: Sequence[Path],
    out: Path,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    institution: str | None = None,
    financial_year: str | None = None,
    is_person: IsPerson | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Read ledger files and write what `write_ledger` writes, one file at a time: memory does not grow with the set.

    Arguments as for `read_ledger`; `is_person` says of names which are to be masked as people's. Returns the account.

    Raises:
        LedgerError: a file cannot be read as a ledger.
        CwbError: the folder cannot be written.
    """
    across = AcrossFiles()
    entries: list[dict[str, Any]] = []
    rejects: list[pl.DataFrame] = []
    totals: list[pl.DataFrame] = []
    with staged(out) as work:
        pieces = work / "pieces"
        pieces.mkdir()
        rest = LedgerFile(Path(), institution, financial_year, columns, sheet)
        for part in read_parts(each(paths, rest), progress=progress):
            across.add(len(entries), part.payments, part.keys)
            part.payments.write_ipc(pieces / f"{len(entries):06d}.arrow")
            entries.append(part.entry)
            rejects.append(part.rejects)
            totals.append(part.control_totals)
        payments = pl.scan_ipc(pieces / "*.arrow")
        hidden = across.hidden(payments)
        if hidden is not None:
            payments = payments.with_columns(pl.col("is_redacted") | hidden)
        without_names(payments, is_person).sink_parquet(work / "payments.parquet", compression="lz4", statistics=False)
        counts = None
        if hidden is not None:
            rows = payments.group_by("file", "sheet").agg(pl.col("is_redacted").sum()).collect()
            counts = {(file, sheet_): n for file, sheet_, n in rows.iter_rows()}
        for piece in pieces.iterdir():
            piece.unlink()
        pieces.rmdir()
        account = account_of(entries, across, counts)
        small = rejects_without_names(pl.concat(rejects), across.hidden_names, is_person)
        _write_small(work, small, pl.concat(totals), account)
    return account


def held_together(files: Sequence[LedgerFile]) -> list[str]:
    """Return what shows only where files are read together: payments in two of them, months missing, rows fallen.

    Raises:
        LedgerError: a file cannot be read as a ledger.
    """
    across = AcrossFiles()
    for number, part in enumerate(read_parts(files)):
        across.add(number, part.payments, part.keys)
    return across.warnings()
