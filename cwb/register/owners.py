"""Owners of companies from the snapshot of people with significant control: companies that control companies.

Of the snapshot only corporate controllers are read: no line that is of a person is parsed, kept or counted by name.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import polars as pl

from cwb.errors import CwbError

OWNERS = {
    "org_id": pl.String(), "parent_id": pl.String(), "parent_name": pl.String(), "parent_postcode": pl.String(),
    "parent_country": pl.String(),
}  # fmt: skip
_CHUNK = 64 * 1024 * 1024
_CORPORATE = b'"corporate-entity-person-with-significant-control"'
_LINE = pl.Struct(
    {
        "company_number": pl.String,
        "data": pl.Struct(
            {
                "kind": pl.String,
                "name": pl.String,
                "ceased_on": pl.String,
                "natures_of_control": pl.List(pl.String),
                "address": pl.Struct({"postal_code": pl.String, "country": pl.String}),
                "identification": pl.Struct({"registration_number": pl.String, "country_registered": pl.String}),
            }
        ),
    }
)
_MOST = r"75-to-100|50-to-75"  # of shares or votes: more than half
_UK_NUMBER = r"^(?:[A-Z]{2}|\d{2})\d{6}$"
_HOPS = 12  # a chain of companies longer than this is cut


def read_owners(paths: Sequence[Path]) -> pl.DataFrame:
    """Return `OWNERS`: each company with the company that controls it in the end, one row a company.

    A controller holds more than half of shares or votes, now. Where it is controlled itself, its own controller counts,
    up the chain; parent_id is its org_id where it gives a UK number, else its name and number as given.

    Args:
        paths: files of the snapshot as published, .zip or text, one or many parts.

    Raises:
        CwbError: a file cannot be read, or is not the snapshot.
    """
    parts = [part for path in paths for part in _corporate(path)]
    if not parts:
        return pl.DataFrame(schema=OWNERS)
    known = pl.concat(parts)
    holding = known.filter(
        pl.col("ceased_on").is_null(), pl.col("natures").list.eval(pl.element().str.contains(_MOST)).list.any()
    )
    whole = pl.col("natures").list.eval(pl.element().str.contains("75-to-100")).list.any()
    one = holding.sort(whole, "parent_name", "parent_id", descending=[True, False, False])
    direct = one.unique("org_id", keep="first", maintain_order=True).select(list(OWNERS))
    return _ultimate(direct).sort("org_id")


def _corporate(path: Path) -> Iterator[pl.DataFrame]:
    """Yield the corporate controllers of a file, chunk by chunk."""
    first = True
    with _opened(path) as file:
        left = b""
        while block := file.read(_CHUNK):
            if first and not block.lstrip().startswith(b"{"):
                raise CwbError(f"{path}: is not the snapshot of people with significant control, a JSON object a line")
            first = False
            lines, _, left = (left + block).rpartition(b"\n")
            if not lines:
                continue
            yield from _parsed(path, lines)
        if left:
            yield from _parsed(path, left)
    if first:
        raise CwbError(f"{path}: is empty")


def _parsed(path: Path, lines: bytes) -> Iterator[pl.DataFrame]:
    companies = [line.decode("utf-8", "replace") for line in lines.split(b"\n") if _CORPORATE in line]
    if not companies:
        return
    try:
        rows = pl.Series("line", companies).str.json_decode(_LINE).struct.unnest()
    except pl.exceptions.ComputeError:
        raise CwbError(f"{path}: a line is not JSON; fetch the snapshot again") from None
    data, told = pl.col("data").struct, pl.col("data").struct.field("identification").struct
    number = told.field("registration_number").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    padded = pl.when(number.str.contains(r"^\d{1,8}$")).then(number.str.zfill(8)).otherwise(number)
    country = pl.coalesce(told.field("country_registered"), data.field("address").struct.field("country"))
    # A number of another country's register can look like one of ours: the country it gives must not say otherwise.
    home = country.is_null() | country.str.contains(
        r"(?i)\b(uk|united kingdom|england|wales|scotland|britain|ireland)\b"
    )
    yield rows.select(
        org_id="GB-COH-" + pl.col("company_number").str.to_uppercase(),
        parent_id=pl.when(home & padded.str.contains(_UK_NUMBER)).then("GB-COH-" + padded).otherwise(
            pl.format("{} {}", data.field("name").str.to_uppercase(), number.fill_null(""))
        ),
        parent_name=data.field("name"),
        parent_postcode=data.field("address").struct.field("postal_code"),
        parent_country=country,
        ceased_on=data.field("ceased_on"),
        natures=data.field("natures_of_control"),
    ).filter(pl.col("org_id").is_not_null() & pl.col("parent_name").is_not_null())  # fmt: skip


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as held, held.open(held.infolist()[0]) as file:
                yield file
        else:
            with path.open("rb") as file:
                yield file
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise CwbError(f"{path}: cannot be read ({error})") from None


def _ultimate(direct: pl.DataFrame) -> pl.DataFrame:
    """Return each company with the last of its chain of controllers; a ring keeps the direct one."""
    above = direct.rename({name: f"up_{name}" for name in OWNERS if name != "org_id"}).rename({"org_id": "up"})
    found = direct
    columns = [name for name in OWNERS if name != "org_id"]
    for _ in range(_HOPS):
        joined = found.join(above, left_on="parent_id", right_on="up", how="left", validate="m:1")
        further = pl.col("up_parent_id").is_not_null() & (pl.col("up_parent_id") != pl.col("org_id"))
        if not joined.select(further.any()).item():
            break
        found = joined.with_columns(
            pl.when(further).then(f"up_{name}").otherwise(name).alias(name) for name in columns
        ).select(list(OWNERS))
    return found
