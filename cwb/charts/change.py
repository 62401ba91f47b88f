"""Pictures of two runs side by side: how shares moved, and how much of a change is volume and how much is rate."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import polars as pl

from cwb.charts import theme
from cwb.charts.about import About, place_names, years_of
from cwb.charts.drawing import Align, Box, Dot, Drawing, Line, Mark, Word, draw, spread
from cwb.charts.figure import Figure, gbp
from cwb.charts.impact import estimates, impact_figures
from cwb.charts.rows import BandRow, Interval, band_rows, intervals, nice_ticks, panels
from cwb.charts.spend import institutions
from cwb.charts.words import (
    change,
    exact_money,
    fraction,
    listed,
    money,
    percent,
    points,
    sentence,
    text_px,
    title,
    wrapped,
)
from cwb.schema import BANDS

WITH_LOCAL = "region_including_local"


def names_of(compare: Mapping[str, Any]) -> dict[str, str]:
    side = compare["to"] if "place" in compare["to"] else compare
    local, region = place_names(side) if "place" in side else ("Local", "the region")
    return {
        "local": local, "regional": f"Rest of {region}", "leaked": f"Outside {region}", "unknown": "Not known",
        WITH_LOCAL: f"{sentence(region)}, {local} included",
    }  # fmt: skip


def _span(compare: Mapping[str, Any]) -> tuple[str, str]:
    before, after = (compare[side].get("label") or years_of(compare[side]) for side in ("from", "to"))
    return before or "before", after or "after"


def _note(compare: Mapping[str, Any]) -> str:
    comparable = compare.get("comparable") or {}
    differences = [str(d) for d in comparable.get("differences") or []]
    warning = f" Not like for like: {'; '.join(differences)}." if differences else ""
    before, after = _span(compare)
    return f"Source: payment ledgers, {before} and {after}, shares of all payments.{warning} Made with cwb."


def describe_shares(frame: pl.DataFrame, names: Mapping[str, str], before: str, after: str) -> str:
    """Return how each band's share moved, in words."""
    parts = [
        f"{names.get(b, b)} from {percent(x)} to {percent(y)} ({points(d)})"
        for b, x, y, d in frame.select("band", "share_from", "share_to", "share_points").iter_rows()
    ]
    return f"Share of spend, {before} to {after}: {'; '.join(parts)}."


def _slope_label(name: str, band: str, share: str, x: float, y: float, *, before: bool, narrow: bool) -> list[Mark]:
    align: Align = "right" if before else "left"
    x += -12 if before else 12
    if narrow:
        short = "Rest" if band == "regional" else theme.BAND_NAMES[band]
        return [
            Word(x, y - 7, share, align, True, theme.INK, theme.SMALL),
            Word(x, y + 8, short, align, False, theme.SOFT_INK, theme.SMALL - 1),
        ]
    short = wrapped(name, 180 - text_px(f"{share}  ", theme.TEXT), theme.TEXT, most=1)[0]
    return [Word(x, y, f"{short}  {share}" if before else f"{share}  {short}", align)]


def _slope(frame: pl.DataFrame, names: Mapping[str, str], before: str, after: str, width: float) -> Drawing:
    rows = [r for r in frame.iter_rows(named=True) if r["share_from"] is not None and r["share_to"] is not None]
    narrow = width < 500
    height, top = 300.0, 30.0
    left = 84.0 if narrow else 200.0
    right = width - left
    high = max(max(r["share_from"], r["share_to"]) for r in rows) or 1.0

    def at(share: float) -> float:
        return top + 10 + (height - 20) * (1 - share / high)

    marks: list[Mark] = [
        Word(left, 10, before, "center", True),
        Word(right, 10, after, "center", True),
        Line(left, left, top, top + height, theme.GRID),
        Line(right, right, top, top + height, theme.GRID),
    ]
    gap = 34.0 if narrow else 20.0
    for column, x in (("share_from", left), ("share_to", right)):
        shares = sorted(((at(r[column]), r["band"], percent(r[column])) for r in rows), key=itemgetter(0))
        placed = spread([y for y, _, _ in shares], gap, top + 8, top + height - 4)
        for (_, band, share), y in zip(shares, placed, strict=True):
            marks += _slope_label(names[band], band, share, x, y, before=column == "share_from", narrow=narrow)
    for row in rows:
        fill, edge = theme.BAND_COLOURS[row["band"]], theme.BAND_EDGE[row["band"]]
        ends = (at(row["share_from"]), at(row["share_to"]))
        marks.append(Line(left, right, *ends, edge, 3))
        for x, y, share in ((left, ends[0], row["share_from"]), (right, ends[1], row["share_to"])):
            marks.append(Dot(x, y, fill, edge, "circle", 110, names[row["band"]], percent(share)))
    return draw(width, top + height + 6, marks)


def _shares(frame: pl.DataFrame, compare: Mapping[str, Any]) -> Figure:
    names = names_of(compare)
    before, after = _span(compare)
    bands = frame.filter(pl.col("band").is_in(BANDS))
    local = frame.filter(pl.col("band") == "local").row(0, named=True)
    start, end = local["share_from"], local["share_to"]
    place = names["local"]
    if start is None or end is None:
        said = "How the shares moved"
    elif percent(start) == percent(end):
        said = title(f"{place}'s share of spend stays at {percent(end)}", f"The local share stays at {percent(end)}")
    else:
        moved = "rises" if end > start else "falls"
        said = title(
            f"{place}'s share of spend {moved} from {percent(start)} to {percent(end)}",
            f"The local share {moved} from {percent(start)} to {percent(end)}",
        )
    wide, narrow = (_slope(bands, names, before, after, w) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        "shares", said, f"Share of all payments by band, {before} and {after}", _note(compare),
        describe_shares(frame, names, before, after),
        gbp(frame.select("band", "from_pence", "to_pence", "share_from", "share_to", "share_points")), wide, narrow,
    )  # fmt: skip


def describe_parts(frame: pl.DataFrame, names: Mapping[str, str]) -> str:
    """Return how much of each band's change is volume and how much is rate, in words."""
    parts = [
        f"{names.get(b, b)} {change(a)}, of which {change(v)} because total spend changed "
        f"and {change(r)} because its share changed"
        for b, a, v, r in frame.select("band", "amount_pence", "volume_pence", "rate_pence").iter_rows()
    ]
    return f"{'; '.join(parts)}."


def _diverging(frame: pl.DataFrame, names: Mapping[str, str], width: float) -> Drawing:
    narrow = width < 500
    rows = frame.iter_rows(named=True)
    label = 0.0 if narrow else 200.0
    room = 64.0
    biggest = max(max(abs(r["volume_pence"]), abs(r["rate_pence"]), 1) for r in frame.iter_rows(named=True))
    centre = label + (width - label) / 2
    per_px = ((width - label) / 2 - room) / biggest
    marks: list[Mark] = []
    y = 4.0
    for i, (what, fill, edge) in enumerate(_PARTS):
        x = label + (0 if narrow else i * 230)
        marks.append(Box(x, x + 12, y, y + 12, fill, edge, what))
        marks.append(Word(x + 18, y + 6, what))
        y += 22 if narrow else 0
    y += 12 if narrow else 34
    for row in rows:
        if narrow:
            marks.append(
                Word(
                    0,
                    y + 8,
                    wrapped(f"{names[row['band']]}: {change(row['amount_pence'])}", width, theme.TEXT, most=1)[0],
                    "left",
                    True,
                )
            )
            y += 20
        else:
            marks.append(Word(label - 12, y + 10, wrapped(names[row["band"]], label, theme.TEXT, most=1)[0], "right"))
            marks.append(Word(label - 12, y + 28, change(row["amount_pence"]), "right", True))
        for (what, fill, edge), column in zip(_PARTS, ("volume_pence", "rate_pence"), strict=True):
            pence = row[column]
            end = centre + pence * per_px
            marks.append(
                Box(
                    min(centre, end),
                    max(centre, end, min(centre, end) + 1),
                    y,
                    y + 16,
                    fill,
                    edge,
                    f"{names[row['band']]}: {what}",
                    exact_money(pence),
                )
            )
            marks.append(
                Word(
                    end + (6 if pence >= 0 else -6),
                    y + 8,
                    change(pence),
                    "left" if pence >= 0 else "right",
                    False,
                    theme.SOFT_INK,
                    theme.SMALL,
                )
            )
            y += 19
        marks.append(Line(centre, centre, y - 41, y, theme.SOFT_INK))
        y += 14
    return draw(width, y, marks)


_PARTS = (
    ("because total spend changed", "#C9D3DA", "#7A838B"),
    ("because its share changed", "#7B4B94", "#5B3370"),
)  # fmt: skip


def _parts(frame: pl.DataFrame, compare: Mapping[str, Any]) -> Figure:
    names = names_of(compare)
    before, after = _span(compare)
    frame = frame.drop_nulls("rate_pence")
    leak = frame.filter(pl.col("band") == "leaked").row(0, named=True)
    amount, rate = leak["amount_pence"], leak["rate_pence"]
    moved = "falls" if amount < 0 else "grows"
    if amount and rate / amount > 0 and rate / amount < 0.9995:
        said = f"Leakage {moved} {money(abs(amount))}; {fraction(rate / amount)} is better rate".replace(
            "better rate", "a lower rate" if amount < 0 else "a higher rate"
        )
    else:
        said = f"Leakage {moved} {money(abs(amount))}" if amount else "Leakage in £ does not change"
    if len(said.split()) > 10:
        said = f"Leakage {moved} {money(abs(amount))}"
    data = frame.select("band", "amount_pence", "volume_pence", "rate_pence")
    wide, narrow = (_diverging(frame, names, w) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        "parts", said, f"Change in £ by band, {before} to {after}, in two parts that add up to it exactly",
        _note(compare), describe_parts(frame, names), gbp(data), wide, narrow,
    )  # fmt: skip


def describe_institution_change(frame: pl.DataFrame, before: str, after: str) -> str:
    """Return how each institution's local share moved, in words."""
    local = frame.filter(pl.col("band") == "local")
    parts = [
        f"{n} from {percent(x)} to {percent(y)}"
        for n, x, y in local.select("institution", "share_from", "share_to").iter_rows()
    ]
    return f"Local share of spend, {before} to {after}: {listed(parts)}."


def _by_institution(frame: pl.DataFrame, compare: Mapping[str, Any]) -> Figure | None:
    before, after = _span(compare)
    local = frame.filter(pl.col("band") == "local").drop_nulls(["share_from", "share_to"])
    if local.is_empty():
        return None
    local = local.sort("share_to", descending=True)
    rows = [
        Interval(n, min(x, y), y, max(x, y), f"{percent(x)} to {percent(y)}", marks=((x, "circle", before),))
        for n, x, y in local.select("institution", "share_from", "share_to").iter_rows()
    ]
    up = local.filter(pl.col("share_to") > pl.col("share_from")).height
    said = f"Local share rises at {up} of {local.height} institutions"
    ticks = [(t, f"{t:.0%}") for t in nice_ticks(max(r.high for r in rows))]
    wide, narrow = (intervals(rows, w, low=0, high=ticks[-1][0], ticks=ticks) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        "institutions", said, f"Local share of each institution's spend: hollow {before}, filled {after}",
        _note(compare), describe_institution_change(frame, before, after), gbp(frame), wide, narrow,
    )  # fmt: skip


def _years(frame: pl.DataFrame, compare: Mapping[str, Any]) -> Figure | None:
    """Return one 100% bar a run, the runs in order of time, with the £ of each at its end."""
    names = names_of(compare)
    told = frame.filter(pl.col("band").is_in(BANDS))
    rows = []
    for (period,), part in told.group_by("period", maintain_order=True):
        pence = dict(part.select("band", "amount_pence").iter_rows())
        if sum(pence.values()) <= 0:
            return None
        rows.append(BandRow(str(period), pence, money(sum(pence.values()))))
    if len(rows) < 2:
        return None
    outside = [row.pence.get("leaked", 0) / sum(row.pence.values()) for row in rows]
    region = names["leaked"].removeprefix("Outside ")
    moved = "shrinks" if outside[-1] < outside[0] else "grows" if outside[-1] > outside[0] else "stays"
    ends = f"from {outside[0]:.0%} to {outside[-1]:.0%}" if moved != "stays" else f"at {outside[0]:.0%}"
    wide, narrow = (band_rows(rows, w, in_percent=True) for w in (theme.WIDE, theme.NARROW))
    said = "; ".join(
        f"{row.name}: " + ", ".join(f"{names[b]} {percent(p / sum(row.pence.values()))}" for b, p in row.pence.items())
        for row in rows
    )
    return Figure(
        "years", title(f"What leaves {region} {moved} {ends} of spend", f"What leaks {moved} {ends} of spend"),
        "Share of all payments by band, a bar a year, with the £ paid", _note(compare),
        f"Share of spend by band. {said}.", gbp(told.select("period", "band", "amount_pence", "share")), wide, narrow,
    )  # fmt: skip


def _institution_years(frame: pl.DataFrame, compare: Mapping[str, Any]) -> Figure | None:
    """Return small multiples: a row for each institution, a column for each year, 100% bars of the bands."""
    before, after = _span(compare)
    told = frame.filter(pl.col("band").is_in(BANDS))
    parts = [
        told.select(
            "institution", "band", pl.lit(year).alias("year"), amount_pence=f"{side}_pence", share=f"share_{side}"
        )
        for side, year in (("from", before), ("to", after))
    ]
    long = pl.concat(parts)
    size = long.filter(pl.col("year") == after).group_by("institution").agg(pl.col("amount_pence").sum())
    names = size.sort("amount_pence", "institution", descending=[True, False])["institution"].to_list()
    cells = {}
    for (name, year), part in long.group_by("institution", "year", maintain_order=True):
        pence = dict(part.select("band", "amount_pence").iter_rows())
        if sum(pence.values()) > 0:
            cells[str(name), str(year)] = BandRow(f"{name}, {year}", pence, money(sum(pence.values())))
    if len(names) < 2 or not cells:
        return None
    leaks = {key: row.pence.get("leaked", 0) / sum(row.pence.values()) for key, row in cells.items()}
    both = [n for n in names if (n, before) in leaks and (n, after) in leaks]
    less = sum(leaks[n, after] < leaks[n, before] for n in both)
    wide, narrow = (panels(names, [before, after], cells, w) for w in (theme.WIDE, theme.NARROW))
    told_leaks = "; ".join(f"{n} from {percent(leaks[n, before])} to {percent(leaks[n, after])}" for n in both)
    return Figure(
        "institution_years", f"The leaked share falls at {less} of {len(both)} institutions",
        "Share of each institution's spend by band, a column a year", _note(compare),
        f"Leaked share of spend, {before} to {after}: {told_leaks}.", gbp(long), wide, narrow,
    )  # fmt: skip


def _payers(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Figure:
    """Payers of one period beside each other: nothing rose or fell."""
    frame = tables["bands_by_institution"]
    local, region = place_names(compare)
    years = years_of(compare["to"])
    names = frame["institution"].n_unique()
    note = f"Source: payment ledgers of {names} institutions, {years or 'undated'}. Made with cwb."
    about = About(local, region, years, f"{names} institutions", int(frame["amount_pence"].sum()), note)
    return institutions(frame, about)


def figures(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Figure]:
    """Return the pictures of a comparison, of those its tables allow."""
    if compare.get("kind") == "payers":
        return [_payers(compare, tables)]
    frame = tables["change"]
    out = [_shares(frame, compare)] if frame["share_from"].len() > frame["share_points"].null_count() else []
    series = tables.get("series")
    if series is not None and (years := _years(series, compare)):
        out.append(years)
    if frame["rate_pence"].null_count() < frame.height:
        out.append(_parts(frame, compare))
    by_institution = tables.get("change_by_institution")
    if by_institution is not None and by_institution.height:
        found = (_by_institution(by_institution, compare), _institution_years(by_institution, compare))
        out += [figure for figure in found if figure]
    before, after = _span(compare)
    jobs = estimates((compare.get("jobs") or {}).values())
    of = f"the change in spend, {before} to {after},"
    names = names_of(compare)
    region = names["leaked"].removeprefix("Outside ")
    return out + impact_figures(jobs, _note(compare), local=names["local"], region=region, of=of)
