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


def write_bundle(folder: Path, out: Path, *, individuals_shown: bool = False) -> Path:
    """Put every file of a run's or comparison's folder into a zip, with `checksums.sha256` for `sha256sum -c`.

    Raises:
        CwbError: a name that is to be withheld is in a table or in the payments; the folder is not a run's (RunError);
            `out` cannot be written.
    """
    folder, out = Path(folder), Path(out)
    tables = read_tables(folder / "tables")
    payments = folder / "payments.parquet"
    if payments.is_file():
        tables["payments"] = pl.read_parquet(payments)
    check_withheld(tables, individuals_shown=individuals_shown)
    target = out.resolve()
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.resolve() != target and p.suffix != ".zip"]
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


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
