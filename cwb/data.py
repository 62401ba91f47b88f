"""The user's own store of public data: what can be added, what is here, from where and of what day.

A file is kept as its publisher made it, in the home folder, after the reader that will use it has read it.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cwb import lookups
from cwb.errors import CwbError, LookupsError, RegisterError, WebError, did_you_mean
from cwb.files import sha256
from cwb.folders import home_folder
from cwb.impact.employment import read_employment
from cwb.impact.io_workbooks import read_workbook
from cwb.register.read import read_all
from cwb.web import MovedError, Patience, Progress, download, host_of, open_web

_CODE = re.compile(r"^[ENSW]\d{8}$")
_LONGITUDES, _LATITUDES = (-9.0, 2.5), (49.0, 61.5)  # the United Kingdom's, a little room around it


@dataclass(frozen=True)
class DataSet:
    """Public data that can be added: a row of lookups/data_sets.csv, whose sidecar says what each field is."""

    id: str
    title: str
    used_for: str
    kind: str
    layout: str | None
    source: str
    page: str
    address: str | None
    file: str | None
    note: str | None


@dataclass(frozen=True)
class Kept:
    """A file in the store: where, its SHA-256, the day it came (ISO), from where, and what its reader found in it."""

    path: Path
    sha256: str
    added: str
    origin: str
    holds: str


def data_sets() -> dict[str, DataSet]:
    """Return what can be added, by id."""
    return {row["id"]: DataSet(**row) for row in lookups.table("data_sets").iter_rows(named=True)}


def data_set(name: str) -> DataSet:
    """Return a data set by its id.

    Raises:
        CwbError: there is none.
    """
    known = data_sets()
    if name not in known:
        raise CwbError(f"no public data '{name}'; cwb data list shows what there is.{did_you_mean(name, known)}")
    return known[name]


def listing() -> list[dict[str, Any]]:
    """Return each data set with its publisher, licence and, under `here`, what of it is in the store."""
    out = []
    for one in data_sets().values():
        source, held = lookups.sources()[one.source], kept(one.id)
        here = held and {**asdict(held), "path": str(held.path)}
        out.append({**asdict(one), "publisher": source.publisher, "licence": source.licence, "here": here})
    return out


def kept(name: str) -> Kept | None:
    """Return what the store has of a data set; None where it has nothing, or its file is gone."""
    try:
        told = json.loads(_about(name).read_text("utf-8"))
        held = Kept(**(told | {"path": _shelf() / name / told["path"]}))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return held if held.path.is_file() else None


def find(wanted: Path) -> Path:
    """Return the file meant by a path or by the id of a data set in the store; a file of that name comes first.

    Raises:
        CwbError: the data set is not in the store or was changed there, or a bare word is neither.
    """
    name = str(wanted)
    if wanted.exists() or (name not in data_sets() and (wanted.suffix or len(wanted.parts) > 1)):
        return wanted
    if name not in data_sets():
        near = did_you_mean(name, data_sets())
        raise CwbError(
            f"{name}: no such file, and no public data of that name.{near} cwb data list shows what there is"
        )
    held = kept(name)
    if held is None:
        raise CwbError(f"{name} is not here yet: cwb data fetch {name}, or cwb data add {name} FILE")
    if sha256(held.path) != held.sha256:
        raise CwbError(f"{held.path}: is not the file that was added; add {name} again")
    return held.path


def add(name: str, path: Path) -> Kept:
    """Keep a copy of a file as a data set, after the reader that will use it has read it.

    Raises:
        CwbError: there is no such data set or file, or the file is not of that kind.
    """
    wanted = data_set(name)
    if not path.is_file():
        raise CwbError(f"{path}: no such file")
    holds = _read(wanted, path)
    with _written(_shelf() / name):
        copy = _shelf() / name / f".new-{path.name}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return _keep(wanted, copy, path.name, origin=path.name, holds=holds)


def fetch(
    wanted: DataSet, *, url: str | None = None, districts: Collection[str] = (), patience: Patience | None = None,
    progress: Progress | None = None,
) -> Kept:  # fmt: skip
    """Fetch a data set from its publisher's address, or from `url`, and keep it as `add` does.

    `districts`: codes of the place that it is for, where the publisher gives it by place.

    Raises:
        WebError: the publisher cannot be reached or has moved it; the line tells the page to look at.
        CwbError: the data set has no address, or what came is not it.
    """
    name = wanted.id
    addresses = [url] if url else _addresses(wanted, districts)
    look = f"look at {wanted.page}, then: cwb data fetch {name} --url ADDRESS, or cwb data add {name} FILE"
    with open_web(patience=patience) as web:
        for address in addresses:
            target = _shelf() / name / f".new-{_file_name(wanted, address)}"
            try:
                download(web, address, target, progress=progress)
                break
            except MovedError as error:
                if address == addresses[-1]:
                    raise WebError(f"{error}; {look}") from None
    try:
        holds = _read(wanted, target)
    except CwbError as error:
        target.unlink(missing_ok=True)
        said = str(error).replace(str(target), host_of(address))
        raise type(error)(f"{said}; {look}") from None
    return _keep(wanted, target, target.name.removeprefix(".new-"), origin=address, holds=holds)


def _addresses(wanted: DataSet, districts: Collection[str]) -> list[str]:
    """Return where the publisher keeps a data set, likeliest first."""
    if wanted.address is None:
        how = f" ({wanted.note})" if wanted.note else ""
        raise CwbError(
            f"{wanted.id}: its publisher gives no address that stays; take it from {wanted.page}{how}, then: "
            f"cwb data add {wanted.id} FILE"
        )
    if "{districts}" in wanted.address:
        if not districts:
            raise CwbError(f"{wanted.id} is fetched for one place: add --place NAME (cwb places lists them)")
        return [wanted.address.replace("{districts}", ",".join(sorted(districts)))]
    if "{month}" in wanted.address:
        this = _today().replace(day=1)
        last = (this - timedelta(days=1)).replace(day=1)
        return [wanted.address.replace("{month}", day.isoformat()) for day in (this, last)]
    return [wanted.address]


def _file_name(wanted: DataSet, address: str) -> str:
    last = re.sub(r"[^A-Za-z0-9._-]", "_", unquote(urlsplit(address).path).rsplit("/", 1)[-1]).lstrip(".")
    return last if "." in last and not (wanted.file and address == wanted.address) else wanted.file or wanted.id


def _keep(wanted: DataSet, new: Path, file: str, *, origin: str, holds: str) -> Kept:
    """Put a file that was read into the store, in place of the one before."""
    with _written(new):
        held = Kept(new.with_name(file), sha256(new), _today().isoformat(), origin, holds)
        new.replace(held.path)
        scratch = _about(wanted.id).with_suffix(".new")
        scratch.write_text(json.dumps({**asdict(held), "path": file}, ensure_ascii=False, indent=2) + "\n", "utf-8")
        scratch.replace(_about(wanted.id))
        for other in held.path.parent.iterdir():
            if other != held.path and other.is_file():
                other.unlink()
    return held


def _read(wanted: DataSet, path: Path) -> str:
    """Return in words what the reader of its kind finds in a file.

    Raises:
        CwbError: it is not such a file.
    """
    if wanted.kind == "register":
        return _register(wanted, path)
    if wanted.kind == "io_table":
        table = read_workbook(path, source=wanted.source)
        return f"{len(table.industries)} industries, {table.year}"
    if wanted.kind == "employment":
        jobs = read_employment(path)
        return f"{sum(jobs.values()):,.0f} jobs in {len(jobs)} sections"
    return _boundaries(path)


def _register(wanted: DataSet, path: Path) -> str:
    with _written(_shelf()):
        _shelf().mkdir(parents=True, exist_ok=True)
        # Beside the store and not in the system's folder for such things, which can be too small for a whole register.
        with tempfile.TemporaryDirectory(prefix=".reading-", dir=_shelf()) as scratch:
            _, account = read_all([path], Path(scratch))
    titles = {part["register"] for part in account}
    if titles != {wanted.layout}:
        found = sorted(titles - {wanted.layout})[0]
        other = next((f": cwb data add {one.id}" for one in data_sets().values() if one.layout == found), "")
        raise RegisterError(f"{path}: is of the {found}, not of the {wanted.layout}{other}")
    return f"{sum(part['organisations'] for part in account):,} organisations"


def _boundaries(path: Path) -> str:
    """Check a GeoJSON file of districts: a code and an outline each, in degrees, none twice."""
    try:
        held = json.loads(path.read_text("utf-8"))
        features = held["features"]
        codes = [next(v for v in one["properties"].values() if is_code(v)) for one in features]
        kinds = {one["geometry"]["type"] for one in features}
        points = [_first_point(one["geometry"]["coordinates"]) for one in features]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration, RecursionError):
        raise LookupsError(f"{path}: is not GeoJSON of districts, each with its ONS code and an outline") from None
    if not codes or kinds - {"Polygon", "MultiPolygon"}:
        raise LookupsError(f"{path}: has no outlines; choose boundaries, not points or names")
    if len(set(codes)) != len(codes):
        raise LookupsError(f"{path}: has a district twice")
    inside = all(_within(x, _LONGITUDES) and _within(y, _LATITUDES) for x, y in points)
    if not inside:
        raise LookupsError(f"{path}: is not in degrees of longitude and latitude (EPSG:4326); choose GeoJSON")
    if held.get("exceededTransferLimit") or (held.get("properties") or {}).get("exceededTransferLimit"):
        raise LookupsError(f"{path}: is cut short by the publisher's limit; download the whole file")
    return f"{len(codes)} districts"


def is_code(value: Any) -> bool:
    """Return whether a value is an ONS code, as E07000123."""
    return bool(_CODE.match(str(value)))


def _first_point(coordinates: Any) -> tuple[float, float]:
    while isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    return float(coordinates[0]), float(coordinates[1])


def _within(value: float, ends: tuple[float, float]) -> bool:
    return ends[0] <= value <= ends[1]


@contextmanager
def _written(where: Path) -> Iterator[None]:
    """Turn a failure to write into the line that says what to do."""
    try:
        yield
    except OSError as error:
        raise CwbError(f"{where}: cannot be written ({error.strerror}); set CWB_HOME to another folder") from None


def _shelf() -> Path:
    return home_folder() / "data"


def _about(name: str) -> Path:
    return _shelf() / f"{name}.json"


def _today() -> date:
    return datetime.now(UTC).date()
