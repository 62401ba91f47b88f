"""Maps without tiles: where the money lands, from the whole country down to the place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from cwb import outlines
from cwb.charts import theme
from cwb.charts.about import About
from cwb.charts.drawing import Align, Box, Dot, Drawing, Mark, Word, draw
from cwb.charts.figure import Figure, gbp
from cwb.charts.ground import View, areas, radius_of, view_of
from cwb.charts.spend import subtitle, total_pence
from cwb.charts.words import exact_money, money, percent, text_px, title, wrapped
from cwb.outlines import Ring

MAP_PART = 0.56  # of the width of the picture of the country that the map takes; the list takes the rest
_COUNTRY_SQUARE = 5000
_OWN_LAND = "#DCE9F1"
_NORTH = 1_000_000.0  # above it only Orkney and Shetland
_LISTED = 10  # places told by name beside the map of the country
_FINEST = 500
_CONTEXT = 30_000  # metres of land around a region that are drawn with it
_ACROSS = 90  # squares across a map of a region


def _place(summary: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    place = summary["place"]
    if isinstance(place, str):
        return [], []
    return list(place.get("local") or []), list(place.get("region") or [])


def map_figures(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], said: About) -> list[Figure]:
    """Return the maps that a run's tables allow: the country, the region by district, and the place by sector."""
    frame = tables.get("districts")
    local, region = _place(summary)
    # Codes that the postcode directory does not have cannot be put on a map; the table of districts has them.
    region = [code for code in region if code in outlines.centres()]
    if frame is None or frame.drop_nulls("lad_code").is_empty() or not region:
        return []
    out = [_country(frame, region, said), _region(frame, local, region, said)]
    sectors = tables.get("place_sectors")
    if sectors is not None and sectors.drop_nulls("easting").height > 1:
        out.append(_inside(sectors, local, region, said))
    return [figure for figure in out if figure is not None]


# --- the country ------------------------------------------------------------------------------------------------------


def _by_district(frame: pl.DataFrame) -> pl.DataFrame:
    """Return lad_code, lad_name, band (that of most £), amount_pence, largest first, placed districts alone."""
    return (
        frame.drop_nulls("lad_code")
        .sort("amount_pence", descending=True)
        .group_by("lad_code", "lad_name", maintain_order=True)
        .agg(pl.col("band").first(), pl.col("amount_pence").sum(), pl.col("suppliers").sum())
        .sort("amount_pence", "lad_name", descending=[True, False])
    )


def _country(frame: pl.DataFrame, region: Sequence[str], said: About) -> Figure:
    by = _by_district(frame)
    gone = by.filter(~pl.col("lad_code").is_in(list(region)), pl.col("amount_pence") > 0)
    inside = total_pence(by.filter(pl.col("lad_code").is_in(list(region))))
    if gone.height:
        name, pence = gone.row(0, named=True)["lad_name"], gone["amount_pence"][0]
        text = title(
            f"{name} takes most of what leaves {said.region}: {money(pence)}",
            f"{name} takes the most: {money(pence)}",
        )
    else:
        text = f"No spend is placed outside {said.region}"
    measure = f"£ to suppliers outside {said.region} by district; the area of a circle is its £"
    nowhere = said.total_pence - total_pence(by)
    if nowhere > 0:
        measure += f"; {money(nowhere)} has no district"
    wide, narrow = (_country_chart(gone, region, inside, said, w) for w in (theme.WIDE, theme.NARROW))
    told = "; ".join(f"{n} {money(p)}" for n, p in gone.head(_LISTED).select("lad_name", "amount_pence").iter_rows())
    alt_text = (
        f"A map of the United Kingdom with a circle for each of {gone.height:,} districts outside {said.region} that "
        f"suppliers have their address in. {said.region} itself has {money(inside)}. "
        + (f"The biggest outside: {told}." if told else "")
    )
    return Figure(
        "map", text, subtitle(said, measure), f"{outlines.source()}. {said.note}", alt_text,
        gbp(frame.select("lad_name", "band", "amount_pence", "share", "suppliers")), wide, narrow,
    )  # fmt: skip


def _country_chart(gone: pl.DataFrame, region: Sequence[str], inside: int, said: About, width: float) -> Drawing:
    narrow = width < 500
    marks: list[Mark] = []
    centres = outlines.centres()
    land = outlines.outlines(dict.fromkeys(region, "region"), _COUNTRY_SQUARE, rest="land")
    rows = [r for r in gone.iter_rows(named=True) if r["lad_code"] in centres]
    # Orkney and Shetland make the map a third taller: they are shown where there is spend.
    furthest = max((centres[r["lad_code"]][1] for r in rows), default=0.0)
    shown = {n: [r for r in rings if furthest > _NORTH or r[:, 1].min() < _NORTH] for n, rings in land.items()}
    map_width = width if narrow else MAP_PART * width
    view = view_of([r for rings in shown.values() for r in rings], map_width, room=0.01, tallest=1.55)
    marks += areas(shown.get("land", []), view, theme.LAND, theme.LAND)
    marks += areas(
        shown.get("region", []),
        view,
        theme.BAND_COLOURS["regional"],
        theme.BAND_EDGE["regional"],
        1.0,
        what=said.region,
    )
    most = max((r["amount_pence"] for r in rows), default=0)
    fill = theme.BAND_COLOURS["leaked"]
    numbers = []
    for rank, row in enumerate(rows, 1):
        x, y = view.at(*centres[row["lad_code"]])
        radius = radius_of(row["amount_pence"], most, 0.05 * map_width)
        # Vega measures a mark by its area.
        area = math.pi * radius**2
        marks.append(Dot(x, y, fill, theme.PAPER, "circle", area, row["lad_name"], exact_money(row["amount_pence"])))
        numbers.append((x, y, radius, rank))
    marks += _numbered(numbers[:_LISTED])
    middle = np.concatenate(shown.get("region", [np.zeros((1, 2))])).mean(axis=0)
    x, y = view.at(*middle)
    label = f"{said.region} {money(inside)}"
    marks.append(Word(max(x - 26, text_px(label, 12)), y, label, "right", True, theme.INK, 12, halo=True))
    told, end = _listed(rows, said, (0.0, view.height + 12) if narrow else (map_width + 24, 8.0), width)
    return draw(width, max(view.height, end), marks + told)


def _numbered(circles: Sequence[tuple[float, float, float, int]]) -> list[Mark]:
    """Return the ranks in or beside their circles, of those that no other rank is in the way of."""
    out: list[Mark] = []
    taken: list[tuple[float, float]] = []
    for x, y, radius, rank in circles:
        fits = radius >= 8
        at = (x if fits else x + radius + 8, y)
        if all(math.hypot(at[0] - a, at[1] - b) > 14 for a, b in taken):
            taken.append(at)
            ink = theme.BAND_INK["leaked"] if fits else theme.INK
            out.append(Word(*at, str(rank), "center", True, ink, 11, halo=not fits))
    return out


def _listed(
    rows: Sequence[Mapping[str, Any]], said: About, at: tuple[float, float], width: float
) -> tuple[list[Mark], float]:
    """Return the largest districts by rank, each with its £, its share of all spend and a bar; and where they end."""
    marks: list[Mark] = []
    x, y = at
    top = rows[:_LISTED]
    most = max((r["amount_pence"] for r in top), default=1)
    fill, edge = theme.BAND_COLOURS["leaked"], theme.BAND_EDGE["leaked"]
    for rank, row in enumerate(top, 1):
        figure = f"{money(row['amount_pence'])}, {percent(row['amount_pence'] / said.total_pence)}"
        name = wrapped(row["lad_name"], width - x - 26 - text_px(figure, theme.TEXT) - 10, theme.TEXT, most=1)[0]
        marks.append(Word(x + 18, y + 8, str(rank), "right", True, theme.SOFT_INK))
        marks.append(Word(x + 26, y + 8, name))
        marks.append(Word(width, y + 8, figure, "right", True))
        size = row["amount_pence"] / most * (width - x - 27)
        marks.append(Box(x + 26, x + 26 + max(1.0, size), y + 19, y + 28, fill, edge, row["lad_name"], figure))
        y += 43
    if len(rows) > _LISTED:
        rest = sum(r["amount_pence"] for r in rows[_LISTED:])
        more = len(rows) - _LISTED
        text = f"{more:,} other {'district' if more == 1 else 'districts'}: {money(rest)}"
        marks.append(Word(x + 26, y + 6, text, "left", False, theme.SOFT_INK))
        y += 22
    return marks, y


# --- the region -------------------------------------------------------------------------------------------------------


def _region(frame: pl.DataFrame, local: Sequence[str], region: Sequence[str], said: About) -> Figure | None:
    by = _by_district(frame).filter(pl.col("lad_code").is_in(list(region)))
    if by.is_empty() or len(region) < 2:
        return None
    inside = total_pence(by)
    first = by.row(0, named=True)
    text = title(
        f"{first['lad_name']} receives most in {said.region}: {money(first['amount_pence'])}",
        f"{first['lad_name']} receives most: {money(first['amount_pence'])}",
    )
    wide, narrow = (_region_chart(by, local, region, said, w) for w in (theme.WIDE, theme.NARROW))
    told = "; ".join(f"{n} {money(p)}" for n, p in by.select("lad_name", "amount_pence").iter_rows())
    return Figure(
        "map_region", text,
        subtitle(said, f"£ by district inside {said.region}, {money(inside)} in all; darker is more"),
        f"{outlines.source()}. {said.note}",
        f"A map of {said.region} by district: {told}.",
        gbp(by.select("lad_name", "band", "amount_pence", "suppliers")), wide, narrow,
    )  # fmt: skip


def _square(rings: Iterable[Ring]) -> int:
    every = np.concatenate(list(rings))
    across = float((every.max(axis=0) - every.min(axis=0)).max())
    return max(_FINEST, round(across / _ACROSS / _FINEST) * _FINEST)


def _breaks(values: Sequence[int]) -> list[float]:
    """Return the ends of the steps of the scale, in pence: quarters, each to two figures, of the largest value."""
    high = max(values)
    size = 10 ** max(0, math.floor(math.log10(high)) - 1)
    top = math.ceil(high / size) * size
    return [top * (i / len(theme.SCALE)) ** 2 for i in range(1, len(theme.SCALE) + 1)]


def _region_chart(by: pl.DataFrame, local: Sequence[str], region: Sequence[str], said: About, width: float) -> Drawing:
    centres = outlines.centres()
    around = [np.array([centres[code]]) for code in region if code in centres]
    codes = {code: code for code in region}
    shapes = outlines.outlines(codes, _square(around), rest="land", around=_CONTEXT)
    pence = dict(by.select("lad_code", "amount_pence").iter_rows())
    names = dict(by.select("lad_code", "lad_name").iter_rows())
    ends = _breaks([*pence.values(), 1])
    marks, top = _scale_key(ends, width)
    land = shapes.pop("land", [])
    rings_of = [r for rings in shapes.values() for r in rings]
    view = view_of(rings_of, width, top, room=0.03, tallest=0.95 if width > 500 else 1.2)
    marks += areas(land, view, theme.LAND, theme.LAND, 3.0)
    for code, rings in shapes.items():
        amount = pence.get(code, 0)
        step = next((i for i, end in enumerate(ends) if amount <= end), len(ends) - 1)
        fill = theme.SCALE[step] if amount > 0 else theme.PAPER
        marks += areas(rings, view, fill, "#8496A3", 0.7, what=names.get(code, ""), figure=exact_money(amount))
    for code in local:
        marks += areas(shapes.get(code, []), view, "none", theme.INK, 2.2)
    wanted = [
        (view.at(*centres[code]), names[code], money(amount), code in local)
        for code, amount in pence.items()
        if code in centres
    ]
    wanted.sort(key=lambda one: not one[3])  # the local area first, whatever it gets
    marks += _labels(wanted, width, view)
    note = f"Heavy line: {said.local}, the local area"
    marks.append(Word(0, top + view.height + 14, note, "left", False, theme.SOFT_INK, theme.SMALL))
    return draw(width, top + view.height + 24, marks)


def _scale_key(ends: Sequence[float], width: float) -> tuple[list[Mark], float]:
    """Return the steps of the scale side by side with their ends under them, and the height they take."""
    marks: list[Mark] = []
    step = min(74.0, (width - 30) / len(ends))
    for i, end in enumerate(ends):
        marks.append(Box(i * step, (i + 1) * step - 1, 2, 14, theme.SCALE[i], "#8496A3", f"up to {money(end)}"))
        marks.append(Word((i + 1) * step, 24, money(end), "center", False, theme.SOFT_INK, 11))
    marks.append(Word(0, 24, "£0", "left", False, theme.SOFT_INK, 11))
    return marks, 40.0


def _labels(wanted: Sequence[tuple[tuple[float, float], str, str, bool]], width: float, view: View) -> list[Mark]:
    """Return names with their £ where they have room, the first wanted first; the table has those that have none."""
    taken: list[tuple[float, float, float, float]] = []
    marks: list[Mark] = []
    for (x, y), name, figure, strong in wanted:
        lines = wrapped(name, 96, 11, most=3)
        half = max(text_px(line, 11.5) for line in (*lines, figure)) / 2 + 2
        deep = 7.0 * (len(lines) + 1)
        centre = min(max(x, half), width - half)
        tall = len(lines) + 1
        for dy in (0.0, -10.0, 10.0, -20.0, 20.0):
            box = (centre - half, y + dy - deep, centre + half, y + dy + deep)
            free = all(box[2] < b[0] or box[0] > b[2] or box[3] < b[1] or box[1] > b[3] for b in taken)
            if free and box[1] >= view.top - 4 and box[3] <= view.top + view.height + 4:
                taken.append(box)
                for i, line in enumerate([*lines, figure]):
                    bold = strong or i == tall - 1
                    at = y + dy + (i - (tall - 1) / 2) * 13.5
                    marks.append(Word(centre, at, line, "center", bold, theme.INK, 11, halo=True))
                break
    return marks


# --- the place --------------------------------------------------------------------------------------------------------


def _inside(sectors: pl.DataFrame, local: Sequence[str], region: Sequence[str], said: About) -> Figure | None:
    placed = sectors.drop_nulls("easting").filter(pl.col("amount_pence") > 0).sort("amount_pence", descending=True)
    whole = total_pence(sectors)
    if placed.height < 2 or whole <= 0:
        return None
    first = placed.row(0, named=True)
    text = title(
        f"{percent(first['amount_pence'] / whole)} of {said.local}'s share lands in {first['sector']}",
        f"Most local spend lands in {first['sector']}",
    )
    rest = whole - total_pence(placed)
    measure = f"£ in {said.local} by postcode sector of the supplier; the area of a circle is its £"
    if rest > 0:
        measure += f"; {money(rest)} has no sector or withheld names"
    wide, narrow = (_inside_chart(placed, local, region, w) for w in (theme.WIDE, theme.NARROW))
    top = placed.head(8)
    told = "; ".join(
        f"{s} {money(p)} to {n:,} {'supplier' if n == 1 else 'suppliers'}"
        for s, p, n in top.select("sector", "amount_pence", "suppliers").iter_rows()
    )
    return Figure(
        "map_place", text, subtitle(said, measure), f"{outlines.source()}. {said.note}",
        f"A map of {said.local} with a circle for each of {placed.height:,} postcode sectors. The biggest: {told}.",
        gbp(sectors.select("sector", "amount_pence", "suppliers")), wide, narrow,
    )  # fmt: skip


def _inside_chart(placed: pl.DataFrame, local: Sequence[str], region: Sequence[str], width: float) -> Drawing:
    groups = {code: code for code in {*local, *region}}
    shapes = outlines.outlines(groups, _FINEST, rest="land", around=_CONTEXT // 4)
    own = [ring for code in local for ring in shapes.get(code, [])]
    points = [np.array([[x, y]]) for x, y in placed.select("easting", "northing").iter_rows()]
    view = view_of([*own, *points] if own else points, width, room=0.05, tallest=0.9 if width > 500 else 1.15)
    marks: list[Mark] = []
    for code, rings in shapes.items():
        # Wider than their outline, so that no gap shows where three meet.
        marks += [] if code in local else areas(rings, view, theme.LAND, theme.LAND, 3.0)
    for code, rings in shapes.items():
        marks += [] if code in local else areas(rings, view, "none", theme.PAPER, 1.2)
    for code in local:
        marks += areas(shapes.get(code, []), view, _OWN_LAND, "#6F8796", 1.4)
    most = int(placed["amount_pence"][0])
    circles = []
    for sector, x, y, pence in placed.select("sector", "easting", "northing", "amount_pence").iter_rows():
        px, py = view.at(x, y)
        radius = radius_of(pence, most, 0.045 * width)
        area = math.pi * radius**2
        marks.append(Dot(px, py, theme.BAND_COLOURS["local"], theme.PAPER, "circle", area, sector, exact_money(pence)))
        circles.append((px, py, radius, f"{sector} {money(pence)}"))
    return draw(width, view.height, marks + _beside(circles, width))


def _beside(circles: Sequence[tuple[float, float, float, str]], width: float) -> list[Mark]:
    """Return a label beside each circle that has room for one, the first wanted first."""
    taken = [(x - r, y - r, x + r, y + r) for x, y, r, _ in circles]
    out: list[Mark] = []
    for x, y, r, text in circles:
        long = text_px(text, 11.5) + 2
        ways: tuple[tuple[float, float, Align, float], ...] = (
            (x + r + 4, y, "left", x + r + 3), (x - r - 4, y, "right", x - r - 3 - long),
            (x, y + r + 9, "center", x - long / 2), (x, y - r - 9, "center", x - long / 2),
        )  # fmt: skip
        for at, middle, align, start in ways:
            box = (start, middle - 7, start + long, middle + 7)
            free = all(box[2] <= b[0] or box[0] >= b[2] or box[3] <= b[1] or box[1] >= b[3] for b in taken)
            if free and box[0] >= 0 and box[2] <= width:
                taken.append(box)
                out.append(Word(at, middle, text, align, True, theme.INK, 11, halo=True))
                break
    return out
