"""The sole reader of `lookups/`: typed, dated, sourced values.

Three forms: `sources.toml` (who published what), `parameters/*.toml` (single numbers, each with a range and dates),
and CSV tables, each with a sidecar TOML of the same name saying what every column is, where it came from and when
it holds. Loading is strict: what is unknown, duplicate, overlapping or unsourced raises `LookupsError`.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cwb.errors import LookupsError, did_you_mean
from cwb.shipped import lookups_dir

_STRICT = ConfigDict(extra="forbid", frozen=True)
_NUMBERS = ("int", "float")
_DTYPES: dict[str, pl.DataType] = {
    "str": pl.String(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
}


class Source(BaseModel):
    """A publication: who said it, where it is, and what it covers."""

    model_config = _STRICT
    title: str
    publisher: str
    licence: str
    published: str = Field(description="date or year as the publisher gives it")
    retrieved: date
    covers: str
    url: str = ""
    caveat: str = ""


class Value(BaseModel):
    """One value of a parameter, the dates it holds for, and exactly where it was read."""

    model_config = _STRICT
    valid_from: date = Field(alias="from")
    valid_to: date | None = Field(default=None, alias="to")
    value: float
    low: float | None = None
    high: float | None = None
    source: str
    locator: str = ""


class Parameter(BaseModel):
    """A single number that a reader could dispute."""

    model_config = _STRICT
    label: str
    unit: str
    kind: Literal["published", "judgement"]
    why: str = ""
    caveat: str = ""
    least: float | None = Field(default=None, description="no value of a user's own may be less")
    most: float | None = Field(default=None, description="nor more")
    values: tuple[Value, ...] = Field(min_length=1)


class _Column(BaseModel):
    model_config = _STRICT
    type: Literal["str", "int", "float", "bool", "date"]
    description: str
    unit: str = ""
    nullable: bool = False


class _Sidecar(BaseModel):
    model_config = _STRICT
    title: str
    key: tuple[str, ...]
    source: str
    locator: str = ""
    valid_from: date = Field(alias="from")
    valid_to: date | None = Field(default=None, alias="to")
    caveat: str = ""
    columns: dict[str, _Column]


class Assumption(BaseModel):
    """One dated, sourced number as it is used and printed."""

    model_config = _STRICT
    id: str
    label: str
    value: float
    low: float | None
    high: float | None
    unit: str
    kind: str
    source: str
    locator: str
    caveat: str


def _toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise LookupsError(f"{path}: no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LookupsError(f"{path}: {error}") from None


def first_problem(error: ValidationError) -> str:
    """Return pydantic's first complaint as one line: where, and what."""
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    said = problem["msg"].removeprefix("Value error, ")
    return f"{where}: {said.lower()}" if where else said


@cache
def sources() -> dict[str, Source]:
    """Return every source by its id."""
    path = lookups_dir() / "sources.toml"
    out = {}
    for key, raw in _toml(path).items():
        try:
            out[key] = Source.model_validate(raw)
        except ValidationError as error:
            raise LookupsError(f"{path}: {key}.{first_problem(error)}") from None
    return out


def _check_source(key: str, where: str) -> None:
    if key not in sources():
        raise LookupsError(f"{where}: no source '{key}' in sources.toml.{did_you_mean(key, sources())}")


def _check_parameter(key: str, parameter: Parameter, path: Path) -> None:
    if parameter.kind == "judgement" and not parameter.why:
        raise LookupsError(f"{path}: {key}: a judgement needs a 'why'")
    dated = sorted(parameter.values, key=lambda v: v.valid_from)
    for value in dated:
        _check_source(value.source, f"{path}: {key}")
        low = value.value if value.low is None else value.low
        high = value.value if value.high is None else value.high
        if not low <= value.value <= high:
            raise LookupsError(f"{path}: {key}: needs low ≤ value ≤ high, found {low}, {value.value}, {high}")
        if not _within(low, high, parameter):
            raise LookupsError(f"{path}: {key}: lies outside its own {parameter.least} to {parameter.most}")
    for earlier, later in pairwise(dated):
        if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
            raise LookupsError(f"{path}: {key}: dates from {earlier.valid_from} and {later.valid_from} overlap")


def _within(low: float, high: float, parameter: Parameter) -> bool:
    return (parameter.least is None or low >= parameter.least) and (parameter.most is None or high <= parameter.most)


@cache
def parameters() -> dict[str, Parameter]:
    """Return every parameter by its id, which is the file's name, a dot, and the key in it."""
    out: dict[str, Parameter] = {}
    for path in sorted((lookups_dir() / "parameters").glob("*.toml")):
        for name, raw in _toml(path).items():
            key = f"{path.stem}.{name}"
            try:
                parameter = Parameter.model_validate(raw)
            except ValidationError as error:
                raise LookupsError(f"{path}: {name}.{first_problem(error)}") from None
            _check_parameter(key, parameter, path)
            out[key] = parameter
    return out


def assumption(key: str, on: date | None = None) -> Assumption:
    """Return the parameter `key` as it stands on a day (without one, its newest value).

    Raises:
        LookupsError: there is no such parameter, or none that covers the day.
    """
    known = parameters()
    if key not in known:
        raise LookupsError(f"lookups/parameters: no '{key}'.{did_you_mean(key, known)}")
    parameter = known[key]
    dated = sorted(parameter.values, key=lambda v: v.valid_from)
    held = [v for v in dated if on is None or (v.valid_from <= on and (v.valid_to is None or on <= v.valid_to))]
    if not held:
        raise LookupsError(f"lookups/parameters: '{key}' has no value for {on}; it starts on {dated[0].valid_from}")
    value = held[-1]
    return Assumption(
        id=key, label=parameter.label, value=value.value, low=value.low, high=value.high, unit=parameter.unit,
        kind=parameter.kind, source=value.source, locator=value.locator, caveat=parameter.caveat,
    )  # fmt: skip


def number(key: str, on: date | None = None) -> float:
    """Return the central value of parameter `key`; see `assumption`."""
    return assumption(key, on).value


def _sidecar(name: str) -> tuple[Path, _Sidecar]:
    path = lookups_dir() / f"{name}.csv"
    side = path.with_suffix(".toml")
    try:
        described = _Sidecar.model_validate(_toml(side))
    except ValidationError as error:
        raise LookupsError(f"{side}: {first_problem(error)}") from None
    _check_source(described.source, str(side))
    for column, said in described.columns.items():
        if said.type in _NUMBERS and not said.unit:
            raise LookupsError(f"{side}: column '{column}' is a number without a unit")
    return path, described


@cache
def table(name: str) -> pl.DataFrame:
    """Return the lookup table `lookups/<name>.csv`, typed as its sidecar says.

    The frame is shared between callers: do not change it in place.

    Raises:
        LookupsError: a column is unknown or missing, a cell does not fit its type, or a key repeats.
    """
    path, described = _sidecar(name)
    raw = pl.read_csv(path, infer_schema=False, empty_string_is_null=False)
    if raw.columns != list(described.columns):
        raise LookupsError(f"{path}: columns are {raw.columns}, its sidecar names {list(described.columns)}")
    cast = []
    for column, said in described.columns.items():
        text = pl.col(column)
        cell = text if said.type == "str" and not said.nullable else pl.when(text != "").then(text)
        if said.type == "bool":
            cell = cell.replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
        typed = cell.str.to_date("%Y-%m-%d") if said.type == "date" else cell.cast(_DTYPES[said.type])
        cast.append(typed.alias(column))
    try:
        frame = raw.select(cast)
    except pl.exceptions.InvalidOperationError as error:
        raise LookupsError(f"{path}: {str(error).splitlines()[0]}") from None
    for column, said in described.columns.items():
        if not said.nullable and said.type != "str" and frame[column].null_count():
            raise LookupsError(f"{path}: column '{column}' has empty cells")
    twice = frame.filter(frame.select(described.key).is_duplicated())
    if twice.height:
        raise LookupsError(f"{path}: the key {described.key} repeats: {twice.row(0)}")
    return frame


def table_names() -> list[str]:
    """Return the name of every lookup table."""
    top = lookups_dir()
    return sorted(p.relative_to(top).with_suffix("").as_posix() for p in top.rglob("*.csv"))


def table_source(name: str) -> str:
    """Return the source id of a lookup table."""
    return _sidecar(name)[1].source


def cited_in_rows() -> set[str]:
    """Return the source ids cited row by row, in tables that have a `source` column; each must be known."""
    cited: set[str] = set()
    for name in table_names():
        frame = table(name)
        if "source" in frame.columns:
            for key in frame["source"].drop_nulls().unique():
                _check_source(str(key), f"lookups/{name}.csv")
                cited.add(str(key))
    return cited
