"""A table as it stands in a file: every cell text, nothing interpreted."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class RawTable:
    """One sheet, archive member or text file.

    `cells` has columns c0, c1, … of text; its first row is row 1 of the file. A cell is null where the file has
    nothing. `folder` is the name of the folder the file is in. `trailing_blank` counts rows below the last filled one
    that the workbook keeps for their format only. `notes` say what was passed over unread, as macros. `problem` says
    why a member of an archive is no table.
    """

    file: str
    sheet: str | None
    format: str
    encoding: str | None
    delimiter: str | None
    cells: pl.DataFrame
    folder: str = ""
    epoch_1904: bool = False
    trailing_blank: int = 0
    warnings: tuple[str, ...] = ()
    problem: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The name a person knows it by."""
        return f"{self.file}, sheet '{' '.join(self.sheet.split())}'" if self.sheet else self.file
