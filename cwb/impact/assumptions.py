"""Sets of assumptions: central, cautious and generous ones that ship, and a user's own in a TOML file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import inf, isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from cwb import lookups
from cwb.errors import LookupsError, did_you_mean
from cwb.impact.ranges import Range, of
from cwb.lookups import Assumption, first_problem
from cwb.shipped import lookups_dir

_FOLDER = "assumption_sets"


@dataclass(frozen=True)
class AssumptionSet:
    """A named set: the shipped parameters with `overrides` by id."""

    name: str
    label: str
    why: str = ""
    overrides: Mapping[str, Assumption] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, key: str, on: date | None = None) -> Assumption:
        """Return the assumption in force: the set's own, else the shipped one on the day."""
        return self.overrides.get(key) or lookups.assumption(key, on)

    def range(self, key: str, on: date | None = None) -> Range:
        """Return its low, central and high."""
        return of(self.get(key, on))


CENTRAL = AssumptionSet("central", "As published or judged, in the middle of each range")


class _Own(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    value: float
    low: float
    high: float
    source: str
    why: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    label: str = ""
    why: str = ""
    until: date | None = None
    pick: dict[str, Literal["low", "value", "high"]] = {}
    values: dict[str, _Own] = {}


def _picked(key: str, end: str) -> Assumption:
    shipped = lookups.assumption(key)
    span = of(shipped)
    value = {"low": span.low, "value": span.central, "high": span.high}[end]
    return shipped.model_copy(update={"value": value, "low": span.low, "high": span.high})


def _own(key: str, own: _Own, path: Path) -> Assumption:
    shipped = lookups.assumption(key)
    if not own.low <= own.value <= own.high:
        raise LookupsError(f"{path}: {key}: needs low ≤ value ≤ high, found {own.low}, {own.value}, {own.high}")
    limits = lookups.parameters()[key]
    least, most = -inf if limits.least is None else limits.least, inf if limits.most is None else limits.most
    if not (isfinite(own.low) and isfinite(own.high) and least <= own.low and own.high <= most):
        hint = "; write 40% as 0.4" if (least, most) == (0, 1) else ""
        raise LookupsError(f"{path}: {key}: goes from {least:,.10g} to {most:,.10g} ({shipped.unit}){hint}")
    numbers = {"value": own.value, "low": own.low, "high": own.high}
    if own.source == shipped.source:  # an end of the shipped range, written out
        return shipped.model_copy(update={**numbers, "locator": own.why or shipped.locator})
    told = {"label": shipped.label.removesuffix(", borrowed"), "kind": "own", "source": own.source, "locator": own.why}
    return shipped.model_copy(update={**numbers, **told, "caveat": "Entered by the user of this set."})


def read_set(path: Path, *, today: date | None = None) -> AssumptionSet:
    """Return a set of assumptions from a TOML file: `name`, and tables `pick` (low, value or high) and `values`.

    Raises:
        LookupsError: the file cannot be read, names what is not an assumption or names it twice, has numbers out of
            order or out of range, or is past its `until`.
    """
    try:
        file = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError:
        raise LookupsError(f"{path}: no such file of assumptions") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LookupsError(f"{path}: {error}") from None
    except ValidationError as error:
        raise LookupsError(f"{path}: {first_problem(error)}") from None
    if file.until and file.until < (today or date.today()):
        raise LookupsError(f"{path}: holds until {file.until}, which is past; renew it or change 'until'")
    known = {k for k in lookups.parameters() if k.startswith("impact.")}
    for key in (*file.pick, *file.values):
        if key not in known:
            raise LookupsError(f"{path}: no assumption '{key}'.{did_you_mean(key, known)}")
    twice = sorted(set(file.pick) & set(file.values))
    if twice:
        raise LookupsError(f"{path}: '{twice[0]}' is both picked and given a value; keep one")
    overrides = {key: _picked(key, end) for key, end in file.pick.items()}
    overrides |= {key: _own(key, own, path) for key, own in file.values.items()}
    return AssumptionSet(file.name, file.label or file.name, file.why, MappingProxyType(overrides))


def set_of(block: Mapping[str, Any]) -> AssumptionSet:
    """Return the set that a run or comparison was made with, from its "impact" block: "set" and "differences"."""
    overrides = {}
    for row in block.get("differences") or []:
        shipped = lookups.assumption(row["id"])
        kind = shipped.kind if row["source"] == shipped.source else "own"
        numbers = {end: float(row[end]) for end in ("low", "value", "high")}
        told = {"label": row["label"], "kind": kind, "source": row["source"]}
        overrides[str(row["id"])] = shipped.model_copy(update={**numbers, **told})
    name = str(block.get("set") or CENTRAL.name)
    return AssumptionSet(name, name.capitalize(), "", MappingProxyType(overrides))


def set_toml(chosen: AssumptionSet) -> str:
    """Return a set as the text of a TOML file that `read_set` reads back, each of its own values with its source."""
    lines = [f"{k} = {_text(v)}" for k, v in (("name", chosen.name), ("label", chosen.label), ("why", chosen.why))]
    for key, one in sorted(chosen.overrides.items()):
        span = of(one)
        numbers = (("value", span.central), ("low", span.low), ("high", span.high))
        lines += ["", f'[values."{key}"]', *(f"{name} = {float(number)!r}" for name, number in numbers)]
        lines += [f"source = {_text(one.source)}", f"why = {_text(one.locator)}"]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """Write a TOML string; JSON's is one, but for the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def set_names() -> list[str]:
    """Return the names of the shipped sets."""
    return sorted(p.stem for p in (lookups_dir() / _FOLDER).glob("*.toml"))


def find_set(name_or_path: str) -> AssumptionSet:
    """Return a shipped set by its name, or a user's by the path of its TOML file.

    Raises:
        LookupsError: there is neither.
    """
    if name_or_path in set_names():
        return read_set(lookups_dir() / _FOLDER / f"{name_or_path}.toml")
    path = Path(name_or_path)
    if not path.exists():
        raise LookupsError(
            f"no set of assumptions '{name_or_path}'; shipped: {', '.join(set_names())}, or the path of a TOML file."
            f"{did_you_mean(name_or_path, set_names())}"
        )
    return read_set(path)


def differences(chosen: AssumptionSet) -> pl.DataFrame:
    """Return how a set differs from the shipped central one, a row an assumption: for every report that uses it.

    Columns: id, label, unit, shipped_low, shipped, shipped_high, low, value, high, source.
    """
    rows = []
    for key in sorted(chosen.overrides):
        shipped, own = of(lookups.assumption(key)), of(chosen.get(key))
        if shipped != own:
            entry = chosen.get(key)
            rows.append(
                {
                    "id": key, "label": entry.label, "unit": entry.unit, "shipped_low": shipped.low,
                    "shipped": shipped.central, "shipped_high": shipped.high, "low": own.low, "value": own.central,
                    "high": own.high, "source": entry.source,
                }
            )  # fmt: skip
    numbers = ("shipped_low", "shipped", "shipped_high", "low", "value", "high")
    schema: dict[str, pl.DataType] = {"id": pl.String(), "label": pl.String(), "unit": pl.String()}
    schema |= {n: pl.Float64() for n in numbers}
    return pl.DataFrame(rows, schema={**schema, "source": pl.String()})
