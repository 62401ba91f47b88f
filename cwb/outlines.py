"""Outlines of districts on the British National Grid: from boundaries the user added, else from the postcode directory.

Without boundaries, the grid references of postcodes are counted in squares; a square belongs to the district with most
postcodes in it, gaps inside a district are closed, and the edge of its squares is its outline. It shows where people
and firms have an address, close enough to tell districts apart; it is not a legal boundary.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import data, postcodes

Ring = npt.NDArray[np.float64]  # points (n, 2): easting and northing in metres
_COVES, _CLOSED_IN = 2, 5  # rounds in which an empty square goes to the land if so many of its eight neighbours have
_WIDE = 3000  # metres: moors have addresses in squares so wide
_SPECK = 8  # edges of an outline that is too small to be told from a slip in a grid reference
_SMOOTHED = 3

# Semi-axes, scale and origins of the British and the Irish grid; Ordnance Survey, "A guide to coordinate systems in
# Great Britain", annexes A and C. The shift between datums, some 100 metres, cannot be seen on a map of a district.
_BRITISH = (6_377_563.396, 6_356_256.909, 0.9996012717, 49.0, -2.0, 400_000.0, -100_000.0)
_IRISH = (6_377_340.189, 6_356_034.447, 1.000035, 53.5, -8.0, 200_000.0, 250_000.0)


def to_grid(longitude: Ring, latitude: Ring, grid: tuple[float, ...] = _BRITISH) -> Ring:
    """Return eastings and northings, metres, of degrees: the transverse Mercator series (annexe C, C1 to C5)."""
    a, b, scale, lat0, lon0, east0, north0 = grid
    phi, phi0 = np.radians(latitude), np.radians(lat0)
    lam = np.radians(longitude) - np.radians(lon0)
    e2, n = 1 - (b / a) ** 2, (a - b) / (a + b)
    sin, cos, tan = np.sin(phi), np.cos(phi), np.tan(phi)
    nu = a * scale / np.sqrt(1 - e2 * sin**2)
    rho = a * scale * (1 - e2) / (1 - e2 * sin**2) ** 1.5
    eta2 = nu / rho - 1
    d, s = phi - phi0, phi + phi0
    m = b * scale * (
        (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * d - (3 * n + 3 * n**2 + 21 / 8 * n**3) * np.sin(d) * np.cos(s)
        + 15 / 8 * (n**2 + n**3) * np.sin(2 * d) * np.cos(2 * s) - 35 / 24 * n**3 * np.sin(3 * d) * np.cos(3 * s)
    )  # fmt: skip
    north = (
        m + north0 + nu / 2 * sin * cos * lam**2 + nu / 24 * sin * cos**3 * (5 - tan**2 + 9 * eta2) * lam**4
        + nu / 720 * sin * cos**5 * (61 - 58 * tan**2 + tan**4) * lam**6
    )  # fmt: skip
    east = (
        east0 + nu * cos * lam + nu / 6 * cos**3 * (nu / rho - tan**2) * lam**3
        + nu / 120 * cos**5 * (5 - 18 * tan**2 + tan**4 + 14 * eta2 - 58 * tan**2 * eta2) * lam**5
    )  # fmt: skip
    return np.column_stack([east, north])


@lru_cache(maxsize=1)
def _irish_to_british() -> Ring:
    """Return the affine transform from the Irish to the British grid that fits Northern Ireland."""
    lon, lat = (g.ravel() for g in np.meshgrid(np.linspace(-8.2, -5.4, 9), np.linspace(54.0, 55.4, 9)))
    irish, british = (to_grid(lon, lat, grid) for grid in (_IRISH, _BRITISH))
    return np.asarray(
        np.linalg.lstsq(np.column_stack([irish, np.ones(len(irish))]), british, rcond=None)[0], dtype=float
    )


def on_british_grid(frame: pl.DataFrame) -> pl.DataFrame:
    """Return lad_code, easting, northing with Northern Ireland moved from the Irish to the British grid."""
    irish = pl.col("lad_code").str.starts_with("N")
    turn = _irish_to_british()
    moved = [turn[0, i] * pl.col("easting") + turn[1, i] * pl.col("northing") + turn[2, i] for i in (0, 1)]
    return frame.with_columns(
        pl.when(irish).then(how).otherwise(name).cast(pl.Float64).alias(name)
        for name, how in zip(("easting", "northing"), moved, strict=True)
    )


@lru_cache(maxsize=1)
def _points(folder: str) -> pl.DataFrame:
    """Return lad_code, easting, northing, n: postcodes counted in squares of 500 metres, by their middles."""
    half = [(pl.col(c) // 500 * 500 + 250).alias(c) for c in ("easting", "northing")]
    counted = (
        postcodes.points(Path(folder))
        .select("lad_code", *half)
        .group_by("lad_code", "easting", "northing")
        .agg(n=pl.len())
        .collect()
    )
    return on_british_grid(counted).sort("lad_code", "easting", "northing")


def _squares() -> pl.DataFrame:
    return _points(str(postcodes.directory()))


def centres() -> dict[str, tuple[float, float]]:
    """Return where each district's addresses lie, in the middle: code to easting and northing in metres."""
    middle = _squares().group_by("lad_code").agg(pl.col("easting", "northing").median())
    return {code: (x, y) for code, x, y in middle.iter_rows()}


def outlines(
    groups: Mapping[str, str], square: int, rest: str | None = None, *, around: int = 0
) -> dict[str, list[Ring]]:
    """Return the outline of each group of districts as rings of points on the British grid.

    Args:
        groups: district's ONS code to the group it is drawn in.
        square: how fine the outline is, metres.
        rest: the group of all other districts; without, they are left out.
        around: where it is not 0, others are drawn only up to so many metres around the groups.

    Where the user has added boundaries (`cwb data add boundaries FILE`), these are the rings, a ring for each part.
    """
    added = _boundaries()
    if added is not None:
        out: dict[str, list[Ring]] = {}
        for code, rings in added.items():
            name = groups.get(code, rest)
            if name is not None:
                out.setdefault(name, []).extend(r for ring in rings if (r := thinned(ring, square / 2)) is not None)
        if set(groups.values()) <= set(out):
            return out
        # Boundaries of other years than the postcodes' lack some of the codes: a map with holes would mislead.
    frame = _squares().with_columns(
        group=pl.col("lad_code").replace_strict(groups, default=rest, return_dtype=pl.String)
    )
    frame = frame.drop_nulls("group")
    if frame.is_empty():
        return {}
    if around:
        own = frame.filter(pl.col("lad_code").is_in(list(groups)))
        if own.is_empty():
            return {}
        for c in ("easting", "northing"):
            low, high = own.select(low=pl.col(c).min(), high=pl.col(c).max()).row(0)
            frame = frame.filter(pl.col(c).is_between(low - around, high + around))
    return _traced(frame, square)


def source() -> str:
    """Return what the outlines are drawn from, for the source line of a map."""
    held = data.kept("boundaries")
    if held is None:
        return "Districts drawn from the grid references of the ONS Postcode Directory: where addresses are"
    return "District boundaries: Office for National Statistics"


def thinned(ring: Ring, gap: float) -> Ring | None:
    """Return the points of a ring that lie at least `gap` metres from the last one kept; None where no area is left."""
    kept = [ring[0]]
    for point in ring[1:]:
        if abs(point - kept[-1]).max() >= gap:
            kept.append(point)
    return np.array(kept) if len(kept) >= 4 else None


def _boundaries() -> dict[str, list[Ring]] | None:
    held = data.kept("boundaries")
    return None if held is None else _read_boundaries(held.path, held.sha256)


@lru_cache(maxsize=1)
def _read_boundaries(path: Path, sha256: str) -> dict[str, list[Ring]]:  # noqa: ARG001 - a new file is read anew
    # The store has checked the file when it was added.
    features: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["features"]
    out = {}
    for one in features:
        code = next(str(v) for v in one["properties"].values() if data.is_code(v))
        shape = one["geometry"]["coordinates"]
        parts = [shape] if one["geometry"]["type"] == "Polygon" else shape
        out[code] = [to_grid(*np.asarray(ring, dtype=float)[:, :2].T) for part in parts for ring in part]
    return out


# --- squares to outlines ----------------------------------------------------------------------------------------------

Grid = npt.NDArray[np.int32]  # the group of each square by number; -1 where there is none
Mask = npt.NDArray[np.bool_]


def _traced(frame: pl.DataFrame, square: int) -> dict[str, list[Ring]]:
    names = frame["group"].unique().sort().to_list()
    number = pl.col("group").replace_strict({n: i for i, n in enumerate(names)}, return_dtype=pl.Int32)
    cells = (
        frame.group_by(
            number.alias("group"), *((pl.col(c) // square).cast(pl.Int32).alias(c) for c in ("easting", "northing"))
        )
        .agg(pl.col("n").sum())
        .sort("n", "group")
    )
    x, y = (cells[c].to_numpy() for c in ("easting", "northing"))
    x0, y0 = int(x.min()) - 1, int(y.min()) - 1
    grid = np.full((int(x.max()) - x0 + 2, int(y.max()) - y0 + 2), -1, dtype=np.int32)
    grid[x - x0, y - y0] = cells["group"].to_numpy()  # in the order of n: the group with most postcodes comes last
    grid = _closed(grid, _deep_inland(x0, y0, grid.shape, square))
    corner = np.array([x0, y0], dtype=float)
    return {name: [(ring + corner) * square for ring in _rings(grid == i)] for i, name in enumerate(names)}


@lru_cache(maxsize=1)
def _land(folder: str) -> tuple[Mask, int, int]:
    """Return which wide squares, and all around them, hold addresses or lie among such; and the first's numbers."""
    wide = _points(folder).select((pl.col(c) // _WIDE).cast(pl.Int32) for c in ("easting", "northing")).unique()
    x, y = (wide[c].to_numpy() for c in ("easting", "northing"))
    x0, y0 = int(x.min()) - 1, int(y.min()) - 1
    grid = np.full((int(x.max()) - x0 + 2, int(y.max()) - y0 + 2), -1, dtype=np.int32)
    grid[x - x0, y - y0] = 0
    grid = _closed(grid, np.zeros(grid.shape, dtype=bool))
    return (grid >= 0) & (_around(grid) >= 0).all(axis=0), x0, y0


def _deep_inland(x0: int, y0: int, shape: tuple[int, ...], square: int) -> Mask:
    """Return which squares of a fine grid lie well inside the land: moors without addresses, but not the sea."""
    land, wide_x0, wide_y0 = _land(str(postcodes.directory()))
    x = (np.arange(shape[0]) + x0) * square // _WIDE - wide_x0
    y = (np.arange(shape[1]) + y0) * square // _WIDE - wide_y0
    there = np.outer((x >= 0) & (x < land.shape[0]), (y >= 0) & (y < land.shape[1]))
    deep: Mask = there & land[np.ix_(x.clip(0, land.shape[0] - 1), y.clip(0, land.shape[1] - 1))]
    return deep


def _closed(grid: Grid, deep: Mask) -> Grid:
    """Give squares without addresses to the groups around them: coves, what lies deep inland, and what is enclosed."""
    for _ in range(_COVES):
        grid = _grown(grid, (grid < 0) & ((_around(grid) >= 0).sum(axis=0) >= _CLOSED_IN))
    inland = (grid < 0) & (deep | ~_outside((grid < 0) & ~deep))
    while inland.any():
        grid = _grown(grid, inland & (_around(grid) >= 0).any(axis=0))
        inland &= grid < 0
    return grid


def _around(grid: Grid) -> Grid:
    """Return the eight neighbours of every square, shape (8, rows, columns)."""
    wide, (rows, columns) = np.pad(grid, 1, constant_values=-1), grid.shape
    sides = [(i, j) for i in (0, 1, 2) for j in (0, 1, 2) if (i, j) != (1, 1)]
    return np.stack([wide[i : i + rows, j : j + columns] for i, j in sides])


def _grown(grid: Grid, empty: Mask) -> Grid:
    """Give some squares to the commonest group around each."""
    near = _around(grid)[:, empty]
    votes = np.stack([((near == one) & (near >= 0)).sum(axis=0) for one in near])
    grown = grid.copy()
    grown[empty] = near[votes.argmax(axis=0), np.arange(near.shape[1])]
    return grown


def _outside(empty: Mask) -> Mask:
    """Return the empty squares that can be reached from the edge of the grid."""
    reached = np.zeros_like(empty)
    reached[[0, -1], :], reached[:, [0, -1]] = empty[[0, -1], :], empty[:, [0, -1]]
    while True:
        wider = reached.copy()
        wider[1:] |= reached[:-1]
        wider[:-1] |= reached[1:]
        wider[:, 1:] |= reached[:, :-1]
        wider[:, :-1] |= reached[:, 1:]
        wider &= empty
        if (wider == reached).all():
            return reached
        reached = wider


def _rings(inside: Mask) -> list[Ring]:
    """Return the closed edges of the squares that are true, smoothed, in units of squares; specks are left out."""
    wide = np.pad(inside, 1)
    ahead: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def edges(there: Mask, start: tuple[int, int], end: tuple[int, int]) -> None:
        for i, j in np.argwhere(there):
            ahead.setdefault((i + start[0], j + start[1]), []).append((i + end[0], j + end[1]))

    # Inside lies on the left of every edge, so that holes run the other way round.
    edges(inside & ~wide[1:-1, :-2], (0, 0), (1, 0))
    edges(inside & ~wide[2:, 1:-1], (1, 0), (1, 1))
    edges(inside & ~wide[1:-1, 2:], (1, 1), (0, 1))
    edges(inside & ~wide[:-2, 1:-1], (0, 1), (0, 0))
    rings = []
    while ahead:
        start = next(iter(ahead))
        ring, at = [start], start
        while True:
            ways = ahead[at]
            onward = ways.pop()
            if not ways:
                del ahead[at]
            if onward == start:
                break
            ring.append(onward)
            at = onward
        rings.append(np.array(ring, dtype=float))
    large = [ring for ring in rings if len(ring) > _SPECK] or rings
    return [_smooth(ring) for ring in large]


def _smooth(ring: Ring) -> Ring:
    """Return a ring with its steps evened out, alike on both sides of a border, without points on straight runs."""
    for _ in range(_SMOOTHED):
        ring = (np.roll(ring, 1, axis=0) + 2 * ring + np.roll(ring, -1, axis=0)) / 4
    before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
    turn = (ring - before)[:, 0] * (after - ring)[:, 1] - (ring - before)[:, 1] * (after - ring)[:, 0]
    kept = ring[abs(turn) > 1e-2]
    return kept if len(kept) >= 3 else ring
