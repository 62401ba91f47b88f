"""Ledger files, with what they do not say themselves, into one ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import polars as pl

from cwb.ledger import Ledger, read_ledger

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class LedgerFile:
    """A ledger and what its file does not say: who paid, the year of undated payments, and its columns.

    `columns` (field to header) and `sheet` hold for this file and come before those given to `analyse` for all.
    """

    path: Path
    institution: str | None = None
    financial_year: str | None = None
    columns: Mapping[str, str] | None = None
    sheet: str | None = None


def part_of(progress: Progress | None, start: float, end: float) -> Progress:
    """Return a reporter that maps 0 to 1 of one stage to its part of the whole."""
    say = progress or (lambda _what, _share: None)
    return lambda what, share: say(what, start + (end - start) * share)


def read_ledgers(
    ledgers: Sequence[LedgerFile], columns: Mapping[str, str] | None, sheet: str | None, say: Progress
) -> Ledger:
    """Read the files, those that are told the same in one go, so that they are checked against each other."""
    told = [(one.institution, one.financial_year, one.columns or columns, one.sheet or sheet) for one in ledgers]
    groups = [
        (key, [one.path for one, _ in pairs])
        for key, pairs in groupby(zip(ledgers, told, strict=True), key=lambda pair: pair[1])
    ]
    parts, done = [], 0
    for (institution, year, mapping, sheet_name), paths in groups:
        parts.append(
            read_ledger(
                paths, columns=mapping, sheet=sheet_name, institution=institution, financial_year=year,
                progress=part_of(say, done / len(ledgers), (done + len(paths)) / len(ledgers)),
            )
        )  # fmt: skip
        done += len(paths)
    return parts[0] if len(parts) == 1 else _together(parts)


def _together(parts: Sequence[Ledger]) -> Ledger:
    accounts = [part.account for part in parts]
    totals = {
        block: {name: sum(account[block][name] for account in accounts) for name in accounts[0][block]}
        for block in ("rows", "amount_pence")
    }
    return Ledger(
        payments=pl.concat([part.payments for part in parts]),
        rejects=pl.concat([part.rejects for part in parts]),
        control_totals=pl.concat([part.control_totals for part in parts]),
        account={
            **{block: [one for account in accounts for one in account[block]] for block in ("files", "warnings")},
            **totals,
            "in_two_files": {
                name: sum(account["in_two_files"][name] for account in accounts) for name in accounts[0]["in_two_files"]
            },
        },
    )
