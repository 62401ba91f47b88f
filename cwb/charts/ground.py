"""The ground that maps are drawn on: a window on the National Grid, and outlines cut to it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cwb.charts.drawing import Mark, Shape
from cwb.outlines import Ring


@dataclass(frozen=True)
class View:
    """A window on the grid, metres, and the pixels it is drawn in from (0, top)."""

    west: float
    south: float
    east: float
    north: float
    width: float
    top: float = 0.0

    @property
    def per_px(self) -> float:
        return (self.east - self.west) / self.width

    @property
    def height(self) -> float:
        """In pixels."""
        return (self.north - self.south) / self.per_px

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a point on the grid."""
        return (x - self.west) / self.per_px, self.top + (self.north - y) / self.per_px

    def sees(self, x: float, y: float) -> bool:
        """Say whether a point is inside."""
        return self.west <= x <= self.east and self.south <= y <= self.north


def view_of(
    points: Iterable[Ring], width: float, top: float = 0.0, *, room: float = 0.03, tallest: float = 1.2
) -> View:
    """Return the window that holds all points with some room around; a tall one is narrowed to `tallest` × width."""
    every = np.concatenate(list(points))
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    pad = room * max(east - west, north - south, 4000)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    least = (north - south) / tallest
    if east - west < least:
        middle = (west + east) / 2
        west, east = middle - least / 2, middle + least / 2
    return View(west, south, east, north, width, top)


def clipped(ring: Ring, view: View) -> Ring:
    """Return the part of a ring inside the window (Sutherland and Hodgman 1974)."""
    sides = ((0, view.west, 1), (0, view.east, -1), (1, view.south, 1), (1, view.north, -1))
    points = [tuple(p) for p in ring]
    for axis, edge, sign in sides:
        kept: list[tuple[float, ...]] = []
        for a, b in zip([points[-1], *points[:-1]] if points else [], points, strict=True):
            in_a, in_b = sign * (a[axis] - edge) >= 0, sign * (b[axis] - edge) >= 0
            if in_a != in_b:
                t = (edge - a[axis]) / (b[axis] - a[axis])
                kept.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
            if in_b:
                kept.append(b)
        points = kept
    return np.array(points).reshape(-1, 2)


def areas(
    rings: Sequence[Ring], view: View, fill: str, edge: str, thick: float = 0.8, *, what: str = "", figure: str = ""
) -> list[Mark]:
    """Return one shape a ring: a part cut out of another is drawn by whoever has it."""
    out: list[Mark] = []
    for ring in rings:
        inside = clipped(ring, view)
        if len(inside) >= 3:
            pixels = tuple(view.at(x, y) for x, y in inside)
            out.append(Shape((pixels,), fill, edge, thick, 1.0, what, figure))
    return out


def radius_of(pence: int, most: int, largest: float) -> float:
    """Return the radius in pixels of a circle whose area is its £; one that is too small to see is a dot."""
    return max(1.6, largest * math.sqrt(pence / most)) if most > 0 else 1.6
