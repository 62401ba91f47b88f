"""What must hold before anything leaves: no cell that a spreadsheet would run, no name that was to be withheld."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cwb.errors import CwbError
from cwb.privacy import INDIVIDUAL, REDACTED

# Spreadsheets start a formula at these, full-width forms included, and some skip white space before them.
_RUNS = r"^[\s\x00]*[=+\-@＝＋－＠]|^[\t\r\n]"
_MASKS = {"individual": INDIVIDUAL, "redacted": REDACTED}
_TELLING = ("matched_name", "matched_postcode", "org_id", "supplier_postcode", "supplier_ref")


def neutralise(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with an apostrophe before every text that a spreadsheet would take for a formula.

    Only string columns change; numbers, negative ones too, stay numbers.
    """
    text = pl.col(pl.String)
    return frame.with_columns(pl.when(text.str.contains(_RUNS)).then("'" + text).otherwise(text).name.keep())


def check_withheld(tables: Mapping[str, pl.DataFrame], *, individuals_shown: bool = False) -> None:
    """Stop where a table still names an individual or a redacted payee, or leads to one.

    Args:
        tables: the frames about to be written; those with `supplier_type` are looked at.
        individuals_shown: the user asked for individuals' names; redactions stay hidden all the same.

    Raises:
        CwbError: a name is not masked. It says where and how many, never who.
    """
    masks = {kind: mask for kind, mask in _MASKS.items() if not (individuals_shown and kind == "individual")}
    kinds = pl.col("supplier_type")
    mask = kinds.replace_strict(masks, default=None, return_dtype=pl.String)
    for name, frame in tables.items():
        if "supplier_type" not in frame.columns:
            continue
        withheld = frame.filter(kinds.is_in(list(masks)))
        for column in frame.columns:
            if column == "supplier_name":
                bare = withheld.filter(pl.col(column).fill_null("") != mask).height
            elif column in _TELLING:
                bare = withheld[column].count()
            else:
                continue
            if bare:
                rows = "1 row tells" if bare == 1 else f"{bare} rows tell"
                raise CwbError(
                    f"table {name}, column {column}: {rows} who an individual or a redacted payee is; "
                    "nothing was written. Mask names first (cwb.privacy.mask_names)"
                )
