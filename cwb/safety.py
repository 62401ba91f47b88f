"""What must hold before anything leaves: no cell that a spreadsheet would run, no name that was to be withheld."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from cwb.errors import CwbError
from cwb.privacy import INDIVIDUAL, REDACTED

# Spreadsheets start a formula at these, full-width forms included, and some skip white space before them.
_RUNS = r"^[\s\x00]*[=+\-@＝＋－＠]|^[\t\r\n]"
_MASKS = {"individual": INDIVIDUAL, "redacted": REDACTED}
_TELLING = (
    "matched_name", "matched_postcode", "org_id", "supplier_postcode", "supplier_ref", "name", "postcode",
    "description",
)  # fmt: skip


# Labels of the payer's own: a payee printed as "Foster care" is not told by a category of that name.
_LABELS = frozenset(
    ("category", "from_category", "to_category", "theme", "department", "institution", "file", "sheet", "reason", "why",
     "columns", "warnings", "label", "goods", "proclass", "section_name")
)  # fmt: skip


def neutralise(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with an apostrophe before every text that a spreadsheet would take for a formula.

    Only string columns change; numbers, negative ones too, stay numbers.
    """
    text = pl.col(pl.String)
    return frame.with_columns(pl.when(text.str.contains(_RUNS)).then("'" + text).otherwise(text).name.keep())


def check_withheld(
    tables: Mapping[str, pl.DataFrame], *, individuals_shown: bool = False, names: Collection[str] = ()
) -> None:
    """Stop where a table still names an individual or a redacted payee, or leads to one.

    Args:
        tables: the frames about to be written.
        individuals_shown: the user asked for individuals' names; redactions stay hidden all the same.
        names: as printed, of all whose names are to be withheld: no cell but the payer's own labels may be one.

    Raises:
        CwbError: a name is not masked. It says where and how many, never who.
    """
    masks = {kind: mask for kind, mask in _MASKS.items() if not (individuals_shown and kind == "individual")}
    hidden = pl.Series("names", sorted({_alike(name) for name in names}), dtype=pl.String)
    for table, frame in tables.items():
        if "supplier_type" in frame.columns:
            _check_kinds(table, frame, masks)
        if len(hidden):
            for column in sorted({c for c, dtype in frame.schema.items() if dtype == pl.String} - _LABELS):
                bare = frame.filter(_folded(pl.col(column)).is_in(hidden.implode())).height
                if bare:
                    raise _told(table, column, bare)


def _check_kinds(table: str, frame: pl.DataFrame, masks: Mapping[str, str]) -> None:
    """Stop where a row whose type is to be withheld shows more than its mask."""
    kinds = pl.col("supplier_type")
    mask = kinds.replace_strict(masks, default=None, return_dtype=pl.String)
    withheld = frame.filter(kinds.is_in(list(masks)))
    for column in frame.columns:
        if column == "supplier_name":
            bare = withheld.filter(pl.col(column).fill_null("") != mask).height
        elif column in _TELLING:
            bare = withheld[column].count()
        else:
            continue
        if bare:
            raise _told(table, column, bare)


def _told(table: str, column: str, bare: int) -> CwbError:
    rows = "1 row tells" if bare == 1 else f"{bare} rows tell"
    return CwbError(
        f"table {table}, column {column}: {rows} who an individual or a redacted payee is; "
        "nothing was written. Mask names first (cwb.privacy.mask_names)"
    )


def _alike(name: str) -> str:
    return " ".join(name.split()).lower()


def _folded(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.replace_all(r"\s+", " ").str.to_lowercase()
