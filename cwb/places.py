"""Places: a named local area inside a named region, each a set of districts.

Ready to use are every district, county, combined authority, region and nation in `lookups/districts.csv`, and the
places of `lookups/places/*.toml`. A user's own place is a TOML file of the same form: see docs/methods/location.md.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cwb import lookups
from cwb.errors import PlaceError, did_you_mean
from cwb.lookups import first_problem
from cwb.postcodes import locate
from cwb.shipped import lookups_dir

__all__ = ["Place", "describe", "find_place", "known_places", "locate", "own_areas", "place_names"]

_READY = "ready-made"
_LEVELS = (
    ("district", "lad_code", "lad_name"),
    ("county", "county_code", "county_name"),
    ("combined authority", "authority_code", "authority_name"),
    ("region", "region_code", "region_name"),
)
_BODY = re.compile(
    r"^(?:the )?(?:(?:london|royal|metropolitan) borough of |(?:city|county) of )?(.*?)"
    r"(?: (?:(?P<tier>city|county|borough|district|metropolitan|metropolitan borough|london borough) )?council"
    r"| (?P<combined>(?:mayoral )?combined (?:county )?authority))?$"
)


@dataclass(frozen=True)
class Place:
    """A local area and the region around it; `local` and `region` are ONS district codes, local within region."""

    id: str
    name: str
    local: frozenset[str]
    region_name: str
    region: frozenset[str]


@dataclass(frozen=True)
class _Area:
    """A named set of districts with the name of what it lies in."""

    name: str
    kind: str
    code: str
    districts: frozenset[str]


class _PlaceFile(BaseModel):
    """A place as a person writes it: names or ONS codes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    local: tuple[str, ...] = Field(min_length=1)
    region_name: str = Field(min_length=1)
    region: tuple[str, ...] = Field(min_length=1)


def find_place(name_or_path: str) -> Place:
    """Return the place with this name or ONS code, or the place that a TOML file describes.

    Where only an area is named, its region is the combined authority it lies in, else its county, else its region,
    else its nation.

    Raises:
        PlaceError: no such place (with the nearest names), several of that name, or a file that is not a place.
    """
    path = Path(name_or_path)
    if path.suffix.lower() == ".toml":
        return _read(path, path.stem)
    for place in _ready_places():
        if _key(name_or_path) in (_key(place.name), place.id):
            return place
    area = _area(name_or_path)
    around = _around(area)
    return Place(area.code or _slug(area.name), area.name, area.districts, around.name, around.districts)


def place_names() -> list[str]:
    """Return every name that `find_place` knows, in alphabetical order, without aliases."""
    return known_places()["name"].to_list()


def known_places() -> pl.DataFrame:
    """Return the places ready to use: name, kind, code (null where it has none), region_name, number of districts."""
    rows: list[dict[str, object]] = [
        {"name": p.name, "kind": _READY, "code": None, "region_name": p.region_name, "districts": len(p.local)}
        for p in _ready_places()
    ]
    taken = {_key(place.name): place.local for place in _ready_places()}
    for area in _areas():
        if taken.get(_key(area.name)) == area.districts:
            continue
        shared = len({a.districts for a in _by_key()[_key(area.name)]}) > 1 or _key(area.name) in taken
        rows.append(
            {
                "name": f"{area.name} ({area.kind})" if shared else area.name,
                "kind": area.kind,
                "code": area.code or None,
                "region_name": _around(area).name,
                "districts": len(area.districts),
            }
        )
    schema = {"name": pl.String, "kind": pl.String, "code": pl.String, "region_name": pl.String, "districts": pl.Int64}
    return pl.DataFrame(rows, schema=schema).unique("name", keep="first", maintain_order=True).sort("name")


def own_areas(links: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Return where local authorities, police forces and fire services among matched suppliers are: in their areas.

    Args:
        links: schema.LINKS; only matched public bodies count, by their name on the register.
        place: the local area and the region around it.

    Returns:
        supplier_id, lad_code (null where the area is of several districts) and band: local or regional where all of
        the area is, leaked where none of it is in the region; a body with a part of it in the region is not there.
    """
    bodies = links.filter(pl.col("outcome") == "matched", pl.col("supplier_type") == "public_body")
    rows = []
    for supplier_id, name in bodies.select("supplier_id", "name").drop_nulls().iter_rows():
        districts = _served(name)
        band = (
            "local" if districts <= place.local
            else "regional" if districts <= place.region
            else None if districts & place.region else "leaked"
        )  # fmt: skip
        if districts and band:
            lad_code = min(districts) if len(districts) == 1 else None
            rows.append({"supplier_id": supplier_id, "lad_code": lad_code, "band": band})
    return pl.DataFrame(rows, schema={"supplier_id": pl.String, "lad_code": pl.String, "band": pl.String})


@cache
def _services() -> Mapping[str, frozenset[str]]:
    """Return the districts that each police force and fire and rescue service serves, by its name as compared."""
    listed = lookups.table("places/served").iter_rows()
    return {_key(body): _districts(areas.split("|")) for body, areas in listed}


def _served(body: str) -> frozenset[str]:
    """Return the districts that a council, combined authority, police force or fire service of this name serves.

    None for any other name.
    """
    key = _key(body)
    if key in _services():
        return _services()[key]
    found = _BODY.match(key)
    if not found or (found.group(1) == key and key not in _aliases()):
        return frozenset()
    meant = {area.districts for area in _meant(body)}
    if len(meant) == 1:
        return meant.pop()
    gone = lookups.table("places/recoded").filter(pl.col("old_name").str.to_lowercase() == found.group(1))
    return frozenset(gone["lad_code"]) if not meant and gone.height == 1 else frozenset()


def describe(place: Place) -> dict[str, Any]:
    """Return a place as JSON: id, name, region_name, and the districts of its local area and of the rest of it."""

    def named(codes: Iterable[str]) -> list[dict[str, str]]:
        return [{"lad_code": code, "lad_name": _district_names()[code]} for code in sorted(codes)]

    return {
        "id": place.id,
        "name": place.name,
        "local": named(place.local),
        "region_name": place.region_name,
        "rest_of_region": named(place.region - place.local),
    }


@cache
def _ready_places() -> tuple[Place, ...]:
    return tuple(
        _read(path, path.stem) for path in sorted((lookups_dir() / "places").glob("*.toml")) if _is_place(path)
    )


def _is_place(path: Path) -> bool:
    """Tell a place from the sidecar of a table, which lies in the same folder."""
    return not path.with_suffix(".csv").exists()


def _read(path: Path, place_id: str) -> Place:
    try:
        told = _PlaceFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise PlaceError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlaceError(f"{path}: cannot be read as a place: {error}") from None
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        hint = did_you_mean(field, _PlaceFile.model_fields) if field not in _PlaceFile.model_fields else ""
        raise PlaceError(f"{path}: {first_problem(error)}.{hint}") from None
    try:
        local = _districts(told.local)
        return Place(place_id, told.name, local, told.region_name, _districts(told.region) | local)
    except PlaceError as error:
        raise PlaceError(f"{path}: {error}") from None


def _districts(names: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(_area(name).districts for name in names))


def _key(name: str) -> str:
    """Return a name as it is compared: without case and punctuation."""
    words = re.sub(r"[^\w&()]+", " ", re.sub("['’.]", "", name.casefold())).replace("&", " and ")
    return re.sub(r"\s+", " ", words).strip()


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.casefold()).strip("-")


@cache
def _district_names() -> Mapping[str, str]:
    table = lookups.table("districts")
    return dict(zip(table["lad_code"], table["lad_name"], strict=True))


@cache
def _areas() -> tuple[_Area, ...]:
    """Return every area, the smallest kind first."""
    table = lookups.table("districts")
    out: list[_Area] = []
    for kind, code, name in _LEVELS:
        members: dict[tuple[str, str], set[str]] = defaultdict(set)
        for area_name, area_code, lad_code in table.select(n=name, c=code, lad="lad_code").iter_rows():
            if area_name:
                members[area_name, area_code or ""].add(lad_code)
        out += [_Area(n, kind, c, frozenset(lads)) for (n, c), lads in members.items()]
    out.append(_Area("England", "nation", "E92000001", frozenset(c for c in _district_names() if c.startswith("E"))))
    out.append(_Area("United Kingdom", "nation", "K02000001", frozenset(_district_names())))
    return tuple(out)


@cache
def _aliases() -> frozenset[str]:
    return frozenset(_key(alias) for alias in lookups.table("places/aliases")["alias"])


@cache
def _by_key() -> Mapping[str, tuple[_Area, ...]]:
    """Return the areas that each name, or other name, can mean."""
    by_code = {area.code: area for area in _areas() if area.code}
    out: dict[str, list[_Area]] = defaultdict(list)
    for area in _areas():
        out[_key(area.name)].append(area)
        out[_key(f"{area.name} ({area.kind})")].append(area)
    for alias, code in lookups.table("places/aliases").iter_rows():
        out[_key(alias)].append(by_code[code])
    return defaultdict(tuple, {key: tuple(areas) for key, areas in out.items()})


def _meant(name: str) -> tuple[_Area, ...]:
    """Return the areas a name can mean; a body's name ("Lancashire County Council") means the area it serves."""
    key = _key(name)
    if meant := _by_key()[key]:
        return meant
    body = _BODY.match(key)
    if not body:
        return ()
    meant = _by_key()[body.group(1)]
    kind = "combined authority" if body["combined"] else "county" if body["tier"] == "county" else "district"
    return tuple(area for area in meant if area.kind == kind) or meant


def _area(name: str) -> _Area:
    """Return the one area that a name or an ONS code means."""
    by_code = {area.code: area for area in _areas() if area.code}
    if area := by_code.get(name.strip().upper()):
        return area
    meant = _meant(name)
    if len({area.districts for area in meant}) == 1:
        return meant[0]
    if meant:
        distinct = {area.districts: area for area in reversed(meant)}.values()
        ways = " or ".join(f"'{_full_name(area)}'" for area in reversed(distinct))
        raise PlaceError(f"'{name}' can be several places: say {ways}")
    gone = lookups.table("places/recoded").filter(
        (pl.col("old_code") == name.strip().upper())
        | (pl.col("old_name").str.to_lowercase() == name.strip().casefold())
    )
    if gone.height:
        old_code, old_name, code = gone.row(0)
        now = by_code[code]
        if old_name == now.name:
            return now
        raise PlaceError(
            f"'{name}': {old_name} ({old_code}) is no longer a district; its area is in {now.name} ({code})"
        )
    for place in _ready_places():
        if _key(name) in (_key(place.name), place.id):
            return _Area(place.name, _READY, "", place.local)
    known = [*place_names(), *lookups.table("places/aliases")["alias"]]
    raise PlaceError(f"there is no place called '{name}'.{did_you_mean(name, known)} `cwb places` lists them all")


def _full_name(area: _Area) -> str:
    alone = len({a.districts for a in _by_key()[_key(area.name)]}) == 1
    return area.name if alone else f"{area.name} ({area.kind})"


def _around(area: _Area) -> _Area:
    """Return the area that stands as the region of another: see `find_place`."""
    if area.code == "K02000001":
        return area
    for kind in ("combined authority", "county"):
        for larger in _areas():
            if larger.kind == kind and area.districts < larger.districts:
                return larger
    regions = [larger for larger in _areas() if larger.kind == "region" and area.districts & larger.districts]
    inside = frozenset().union(*(region.districts for region in regions))
    if area.districts < inside and area.kind not in ("region", "nation"):
        return _Area(" and ".join(region.name for region in regions), "region", "", inside)
    nations = {name[0] for name in area.districts}
    england, kingdom = (next(a for a in _areas() if a.code == code) for code in ("E92000001", "K02000001"))
    return england if nations == {"E"} and area.code != england.code else kingdom
