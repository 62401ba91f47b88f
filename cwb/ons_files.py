"""Wards and deprivation as published: the ONS postcode lookup, ward names, deciles by LSOA, to tables by postcode.

Column names change with each edition (osward, ward, wd25cd; lsoa21, lsoa21cd), so they are told by what they say.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from cwb.errors import CwbError
from cwb.postcodes import normalise

_POSTCODE = re.compile(r"pcds|pcd8|pcd2|pcd7?|postcode", re.IGNORECASE)
_WARD = re.compile(r"(os)?ward(\d\dcd)?|wd\d\dcd|ward_code", re.IGNORECASE)
_WARD_NAME = re.compile(r"wd\d\dnm|ward_name", re.IGNORECASE)
_LSOA = re.compile(r"lsoa21(cd)?|lsoa11(cd)?|lsoa code( \(\d{4}\))?|lsoa_code", re.IGNORECASE)
_DECILE = re.compile(r"(index of multiple deprivation.*|imd[ _]?)decile.*|decile", re.IGNORECASE)


def read_lookup(path: Path) -> pl.DataFrame:
    """Return postcode, ward_code, lsoa_code (null where the file has none) of the National Statistics Postcode Lookup.

    Raises:
        CwbError: the file cannot be read, or has no column of postcodes or of wards.
    """
    chosen = {"postcode": (_POSTCODE, True), "ward_code": (_WARD, True), "lsoa_code": (_LSOA, False)}
    frame = _columns(path, chosen).with_columns(normalise(pl.col("postcode")).alias("postcode"))
    return frame.drop_nulls("postcode").unique("postcode", keep="first", maintain_order=True)


def read_wards(path: Path | None, lookup: pl.DataFrame) -> pl.DataFrame:
    """Return postcode, ward_code, ward_name: the name is the code where `path`, the list of names, is not there."""
    if path is None:
        return lookup.select("postcode", "ward_code", ward_name="ward_code")
    names = _columns(path, {"ward_code": (_WARD, True), "ward_name": (_WARD_NAME, True)}).unique("ward_code")
    joined = lookup.join(names, on="ward_code", how="left", validate="m:1", maintain_order="left")
    return joined.select("postcode", "ward_code", pl.col("ward_name").fill_null(pl.col("ward_code")))


def read_deprivation(path: Path, lookup: pl.DataFrame) -> pl.DataFrame:
    """Return postcode and decile, 1 the most deprived, from published deciles by LSOA, or by postcode already.

    Raises:
        CwbError: the file has no column of LSOAs, postcodes or deciles, or the lookup has none of its LSOAs.
    """
    headings = _headings(path)
    if any(_LSOA.fullmatch(h.strip()) for h in headings):
        told = _columns(path, {"lsoa_code": (_LSOA, True), "decile": (_DECILE, True)}).unique("lsoa_code")
        joined = lookup.join(told, on="lsoa_code", how="inner", validate="m:1")
        if joined.is_empty():
            raise CwbError(
                f"{path}: none of its LSOAs is in the postcode lookup; both must be of one census (2011, 2021)"
            )
    else:
        joined = _columns(path, {"postcode": (_POSTCODE, True), "decile": (_DECILE, True)})
        joined = (
            joined.with_columns(normalise(pl.col("postcode")).alias("postcode"))
            .drop_nulls("postcode")
            .unique("postcode")
        )
    decile = pl.col("decile").cast(pl.Int64, strict=False)
    out = joined.select("postcode", decile)
    if not out["decile"].is_between(1, 10).fill_null(value=False).all():
        raise CwbError(f"{path}: a decile is a whole number from 1, the most deprived, to 10")
    return out


def _headings(path: Path) -> list[str]:
    try:
        return pl.scan_csv(path, infer_schema=False, encoding="utf8-lossy").collect_schema().names()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CwbError(f"{path}: cannot be read as a CSV ({str(error).splitlines()[0]})") from None


def _columns(path: Path, wanted: dict[str, tuple[re.Pattern[str], bool]]) -> pl.DataFrame:
    """Return the columns of a CSV whose headings say what is wanted, in text; those not needed come as null."""
    headings = _headings(path)
    chosen = {}
    for name, (says, needed) in wanted.items():
        found = [h for h in headings if says.fullmatch(h.strip().lstrip("\ufeff"))]
        if not found and needed:
            raise CwbError(f"{path}: no column of {name.replace('_', ' ')}s. Found: {', '.join(headings[:8])}")
        if found:
            # Where a lookup has both censuses, the later; where it has several forms of a postcode, the spaced one.
            chosen[name] = max(found, key=lambda h: ("21" in h, h.casefold() == "pcds"))
    frame = pl.scan_csv(path, infer_schema=False, encoding="utf8-lossy").select(
        pl.col(h).str.strip_chars().replace("", None).alias(name) for name, h in chosen.items()
    )
    return frame.with_columns(
        pl.lit(None, dtype=pl.String).alias(name) for name in wanted if name not in chosen
    ).collect().select(list(wanted))  # fmt: skip
