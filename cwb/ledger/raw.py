"""A table as it stands in a file: every cell text, nothing interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class RawTable:
    """One sheet, archive member or text file.

    `cells` has columns c0, c1, … of text; its first row is row 1 of the file. A cell is null where the file has nothing.
    """

    file: str
    sheet: str | None
    format: str
    encoding: str | None
    delimiter: str | None
    cells: pl.DataFrame
    epoch_1904: bool = False
    warnings: tuple[str, ...] = field(default=())

    @property
    def where(self) -> str:
        """The name a person knows it by."""
        return f"{self.file}, sheet '{self.sheet}'" if self.sheet else self.file
