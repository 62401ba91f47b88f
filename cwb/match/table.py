"""A list of suppliers from a spreadsheet → the same list with its matches, safe to open in one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from cwb.errors import CwbError, did_you_mean
from cwb.match.link import match_suppliers
from cwb.schema import SUPPLIERS, conform

if TYPE_CHECKING:
    from cwb.register import Register

Progress = Callable[[str, float], None]
COLUMNS = (
    "supplier", "outcome", "supplier_type", "org_id", "name", "postcode", "score", "method", "margin", "evidence",
)  # fmt: skip
_OPTIONAL = {"postcode": "supplier_postcode", "company_number": "company_number", "charity_number": "charity_number"}


def match_table(frame: pl.DataFrame, register: Register | None, *, progress: Progress | None = None) -> pl.DataFrame:
    """Match a list with a column `supplier` (perhaps `postcode`, `company_number`, `charity_number`): row for row.

    Text that a spreadsheet would run as a formula is given a leading apostrophe.

    Raises:
        CwbError: there is no column `supplier`.
    """
    headers = {c.strip().casefold(): c for c in frame.columns}
    if "supplier" not in headers:
        raise CwbError(
            f"no column 'supplier'. Found: {', '.join(frame.columns[:8])}.{did_you_mean('supplier', frame.columns)}"
        )
    rows = frame.select(
        pl.int_range(pl.len()).cast(pl.String).alias("row"),
        supplier_name=pl.col(headers["supplier"]).cast(pl.String).fill_null(""),
        **{held: pl.col(headers[given]).cast(pl.String) for given, held in _OPTIONAL.items() if given in headers},
    )
    keys = [c for c in rows.columns if c != "row"]
    distinct = rows.unique(keys, keep="first", maintain_order=True).with_columns(
        supplier_id="row", is_redacted=pl.lit(False), payments=pl.lit(1), amount_pence=pl.lit(0)
    )
    links = match_suppliers(conform(distinct, SUPPLIERS), register, progress=progress)
    answered = distinct.select(*keys, supplier_id="row").join(links, on="supplier_id", validate="1:1")
    out = rows.join(answered, on=keys, how="left", nulls_equal=True, maintain_order="left", validate="m:1")
    return neutral(out.select(pl.col("supplier_name").alias("supplier"), *COLUMNS[1:]))


def match_csv(source: Path, register: Register | None, out: Path, *, progress: Progress | None = None) -> pl.DataFrame:
    """Match the list in a CSV file and write `out`, whole or not at all; return what was written.

    Raises:
        CwbError: the file is missing or not CSV in UTF-8, has no column `supplier`, or `out` cannot be written.
    """
    try:
        frame = pl.read_csv(source, infer_schema=False)
    except FileNotFoundError:
        raise CwbError(f"{source}: no such file") from None
    except pl.exceptions.NoDataError:
        raise CwbError(f"{source}: is empty; it needs a column 'supplier'") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise CwbError(f"{source}: cannot be read as CSV in UTF-8 ({str(error).splitlines()[0]})") from None
    try:
        links = match_table(frame, register, progress=progress)
    except CwbError as error:
        raise CwbError(f"{source}: {error}") from None
    scratch = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        links.write_csv(scratch)
        scratch.replace(out)
    except OSError as error:
        raise CwbError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
    finally:
        scratch.unlink(missing_ok=True)
    return links


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with text that begins like a formula (= + - @, tab, return) behind an apostrophe."""
    text = pl.col(pl.String)
    return frame.with_columns(pl.when(text.str.contains(r"^[=+\-@\t\r]")).then("'" + text).otherwise(text).name.keep())
