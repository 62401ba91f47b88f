"""The index on disk: arrays and Arrow files that open by memory mapping, and the frozen value they open as."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import names
from cwb.errors import RegisterError

VERSION = 7
MANIFEST = "manifest.json"
FRAMES = ("organisations", "other_names", "identifiers", "words", "skeletons")
ARRAYS = (
    "name_start", "name_word", "name_form", "name_weight", "posting_start", "posting_name", "run_on", "run_on_name",
    "bag", "bag_name", "initials", "initials_name",
    "opening", "opening_name", "opening_next",
)  # fmt: skip


@dataclass(frozen=True)
class RegisterInfo:
    """What an index holds and what it was built from, as `manifest.json` says."""

    version: int
    built: str
    organisations: int
    names: int
    by_type: dict[str, int]
    sources: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return dict(vars(self))


@dataclass(frozen=True)
class Register:
    """An open index. Name rows 0 … n-1 are the organisations' own names in order; `other_names` follow.

    `identifiers` are those an organisation has on further registers.
    """

    path: Path
    info: RegisterInfo
    organisations: pl.DataFrame
    other_names: pl.DataFrame
    identifiers: pl.DataFrame
    words: pl.DataFrame
    skeletons: pl.DataFrame
    arrays: dict[str, npt.NDArray[Any]] = field(repr=False)

    @cached_property
    def word_hashes(self) -> names.U64:
        """Return `names.word_hashes` of `words`, made when first asked for."""
        return names.word_hashes(self.words["word"])[0]

    def organisation_of(self, name: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the organisation each name row belongs to."""
        own = self.organisations.height
        other = self.other_names["organisation"].to_numpy()
        out = name.astype(np.int64, copy=True)
        late = name >= own
        out[late] = other[name[late] - own]
        return out

    def names_at(self, name: npt.NDArray[np.int64]) -> pl.DataFrame:
        """Return name, kind (current, previous, also, part) and until for name rows, in the order asked."""
        own = self.organisations.height
        behind = name >= own
        late = pl.Series(behind)
        current = (
            self.organisations["name"].gather(np.where(behind, 0, name)) if own else pl.Series([], dtype=pl.String)
        )
        if self.other_names.height:
            other = self.other_names[np.where(behind, name - own, 0)]
        else:
            other = pl.DataFrame({"name": [None], "kind": [None], "until": [None]}, schema=_OTHER)[
                np.zeros(len(name), int)
            ]
        return pl.select(
            name=pl.when(late).then(other["name"]).otherwise(current),
            kind=pl.when(late).then(other["kind"]).otherwise(pl.lit("current")),
            until=pl.when(late).then(other["until"]),
        )


_OTHER = {"name": pl.String, "kind": pl.String, "until": pl.Date}


def read_info(path: Path) -> RegisterInfo:
    """Return what the index at `path` holds.

    Raises:
        RegisterError: there is no index, or another version of cwb built it.
    """
    manifest = Path(path) / MANIFEST
    if not Path(path).is_dir() or not manifest.is_file():
        raise RegisterError(f"{path}: is not a register index; make one with: cwb register build SOURCE --out {path}")
    try:
        said = json.loads(manifest.read_text("utf-8"))
        info = RegisterInfo(**said)
    except (ValueError, TypeError):
        raise RegisterError(f"{manifest}: is damaged; build the index again with cwb register build") from None
    if info.version != VERSION:
        raise RegisterError(f"{path}: was built by another version of cwb; build it again with cwb register build")
    return info


def open_register(path: Path) -> Register:
    """Open the index at `path`, memory-mapped.

    Raises:
        RegisterError: it is not an index, or a part of it is missing or damaged.
    """
    path = Path(path)
    info = read_info(path)
    try:
        frames = {name: pl.read_ipc(path / f"{name}.arrow") for name in FRAMES}
        arrays = {name: np.load(path / f"{name}.npy", mmap_mode="r") for name in ARRAYS}
    except (OSError, EOFError, ValueError, pl.exceptions.PolarsError) as error:
        raise RegisterError(
            f"{path}: a part of the index is missing or damaged ({str(error).splitlines()[0]})"
        ) from None
    if frames["organisations"].height != info.organisations:
        raise RegisterError(f"{path}: its files do not agree with its manifest; build it again with cwb register build")
    return Register(path, info, arrays=arrays, **frames)
