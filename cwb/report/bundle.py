"""Everything of a run in one zip, with checksums."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import polars as pl

from cwb.errors import RunError
from cwb.files import staged_file
from cwb.report.tables import read_tables
from cwb.safety import check_withheld

_FIXED = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can tell: the same files give the same zip
CHECKSUMS = "checksums.sha256"
KEPT = ("payments", "links", "payees", "spend")
# What `cwb analyse`, `cwb compare` and `cwb report` leave in a folder.
FILES = frozenset(
    ("summary.json", "compare.json", "ingest.json", "report.html", "report.pdf", "workbook.xlsx", "slides.pptx",
     "suppliers.parquet", *(f"{name}.parquet" for name in KEPT))
)  # fmt: skip
FOLDERS = {"tables": (".csv", ".parquet", ".json"), "charts": (".svg", ".png", ".csv", ".txt")}


def write_bundle(folder: Path, out: Path, *, individuals_shown: bool = False) -> Path:
    """Put every file that cwb left in a run's or comparison's folder into a zip, with `checksums.sha256`.

    Raises:
        CwbError: a name that is to be withheld is in a table or in the payments; the folder is not a run's (RunError);
            `out` cannot be written.
    """
    folder, out = Path(folder), Path(out)
    check_withheld(_everything(folder), individuals_shown=individuals_shown)
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and _is_ours(p.relative_to(folder))]
    if not paths:
        raise RunError(f"{folder}: is empty; there is nothing to put into {out.name}")
    sums = []
    with staged_file(out) as scratch, zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as bundle:
        for path in paths:
            name, data = path.relative_to(folder).as_posix(), path.read_bytes()
            sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
            bundle.writestr(_entry(name), data)
        bundle.writestr(_entry(CHECKSUMS), "".join(sums))
    return out


def _everything(folder: Path) -> dict[str, pl.DataFrame]:
    """Return every frame that the folder holds, in either form, whoever has touched it since it was written."""
    frames = read_tables(folder / "tables")
    for path in sorted((folder / "tables").glob("*.csv")):
        frames[f"{path.name}"] = pl.read_csv(path, infer_schema=False, encoding="utf8")
    for name in KEPT:
        if (folder / f"{name}.parquet").is_file():
            frames[name] = pl.read_parquet(folder / f"{name}.parquet")
    if "suppliers" in frames and "links" in frames and (folder / "suppliers.parquet").is_file():
        kinds = frames["links"].select("supplier_id", "supplier_type")
        kept = pl.read_parquet(folder / "suppliers.parquet")
        frames["suppliers.parquet"] = kept.join(kinds, on="supplier_id", how="left", validate="1:1")
    return frames


def _is_ours(path: Path) -> bool:
    """Say whether cwb made a file: what someone else put into the folder, as a ledger, does not leave with it."""
    if len(path.parts) == 2:
        return path.parts[0] in FOLDERS and path.suffix in FOLDERS[path.parts[0]]
    return len(path.parts) == 1 and path.name in FILES


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
