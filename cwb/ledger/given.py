"""What the caller says of a ledger file: who paid, the year of undated payments, and where its columns are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cwb.errors import LedgerError


@dataclass(frozen=True)
class LedgerFile:
    """A ledger and what its file does not say: who paid, the year of undated payments, and its columns.

    `columns` is field to header; `sheet` the only one to read of a workbook, or member of an archive. What is None is
    taken from what holds for all files read with it.

    Raises:
        LedgerError: `financial_year` is not a financial year, as 2016-17.
    """

    path: Path
    institution: str | None = None
    financial_year: str | None = None
    columns: Mapping[str, str] | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is not a financial year."""
        year = self.financial_year
        if year is None:
            return
        cut = re.fullmatch(r"(\d{4})-(\d{2})", year)
        if cut is None or (int(cut[1]) + 1) % 100 != int(cut[2]):
            first = re.match(r"\d{4}", year)
            example = f"{first[0]}-{(int(first[0]) + 1) % 100:02d}" if first else "2016-17"
            raise LedgerError(f"financial year '{year}': give one as {example}, April to March.")


def each(files: Iterable[Path | str | LedgerFile], rest: LedgerFile) -> list[LedgerFile]:
    """Return every file with what it does not say taken from `rest`, whose path is not looked at."""
    return [
        LedgerFile(
            Path(one.path), one.institution or rest.institution, one.financial_year or rest.financial_year,
            one.columns or rest.columns, one.sheet or rest.sheet,
        )
        for one in (f if isinstance(f, LedgerFile) else LedgerFile(Path(f)) for f in files)
    ]  # fmt: skip
