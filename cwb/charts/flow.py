"""The flow of spend from the payer, through what is bought, to where the supplier is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from cwb.charts import theme
from cwb.charts.about import About
from cwb.charts.drawing import Box, Drawing, Mark, Shape, Word, draw
from cwb.charts.figure import Figure, gbp
from cwb.charts.rows import BandRow, band_rows
from cwb.charts.spend import band_name, subtitle
from cwb.charts.words import exact_money, listed, money, percent, sentence, text_px, title, wrapped
from cwb.schema import BANDS

_PAYERS, _GOODS = 8, 10
_HEIGHT, _GAP, _NODE = 500.0, 9.0, 12.0
_LEFT, _RIGHT = 138.0, 118.0  # room for the names of payers and of bands
_HALF = 0.5
_UNKNOWN = {"proclass": "Unknown", "section_name": "Sector not known"}
_NOT_CLASSED = "Not classed"
_CURVE = 14  # steps along a ribbon


def _column(frame: pl.DataFrame) -> str:
    """Return what tells the goods: headings of purchase where they cover half the £, else the suppliers' sectors."""
    covered = {
        name: int(frame.filter(pl.col(name) != unknown)["amount_pence"].sum()) for name, unknown in _UNKNOWN.items()
    }
    if covered["proclass"] >= _HALF * int(frame["amount_pence"].sum()):
        return "proclass"
    return max(covered, key=lambda name: covered[name])


def _few(frame: pl.DataFrame, column: str, most: int, others: str) -> pl.DataFrame:
    """Return the frame with all but the biggest of a column summed under one name."""
    totals = (
        frame.group_by(column).agg(pl.col("amount_pence").sum()).sort("amount_pence", column, descending=[True, False])
    )
    if totals.height <= most:
        return frame
    big = totals[column].head(most - 1)
    name = f"{totals.height - most + 1} other {others}"
    return frame.with_columns(
        pl.when(pl.col(column).is_in(big.implode())).then(column).otherwise(pl.lit(name)).alias(column)
    )


def flow(frame: pl.DataFrame, about: About) -> Figure | None:
    """Return the flow as ribbons, or in a narrow column as a bar for each kind of goods; None where nothing flows.

    Args:
        frame: institution, proclass, section_name, band, amount_pence.
        about: what the run says of itself.
    """
    column = _column(frame)
    goods = pl.col(column).replace(_UNKNOWN[column], _NOT_CLASSED).alias("goods")
    links = frame.select("institution", goods, "band", "amount_pence")
    links = _few(_few(links, "institution", _PAYERS, "payers"), "goods", _GOODS, "kinds")
    by = ("institution", "goods", "band")
    links = links.group_by(by).agg(pl.col("amount_pence").sum())
    links = links.sort("amount_pence", *by, descending=[True, *[False] * 3])
    if links["goods"].n_unique() < 2 or links.filter(pl.col("amount_pence") > 0).is_empty():
        return None
    by_goods = links.group_by("goods", "band").agg(pl.col("amount_pence").sum())
    text = _statement(links, by_goods)
    order = (
        by_goods.group_by("goods")
        .agg(pl.col("amount_pence").sum())
        .sort("amount_pence", "goods", descending=[True, False])
    )
    names = [n for n in order["goods"] if not _is_rest(n)] + [n for n in order["goods"] if _is_rest(n)]
    pence_of = {(g, b): p for g, b, p in by_goods.select("goods", "band", "amount_pence").iter_rows()}
    rows = [
        BandRow(name, cells := {b: pence_of.get((name, b), 0) for b in BANDS}, money(sum(cells.values())))
        for name in names
    ]
    told = "; ".join(f"{row.name} {row.end}, {percent(_leak(row.pence))} of it leaked" for row in rows)
    paid = links.group_by("institution").agg(pl.col("amount_pence").sum())
    payers = paid.sort("amount_pence", "institution", descending=[True, False])["institution"].to_list()
    measured = "ProClass heading of the payer's category" if column == "proclass" else "sector of the supplier"
    return Figure(
        "flow", text,
        subtitle(about, f"£ from payer, by {measured}, to where the supplier is; width is £"),
        about.note, f"From {listed(payers)}: {told}.",
        gbp(links),
        _ribbons(links, names, about, theme.WIDE), band_rows(rows, theme.NARROW),
    )  # fmt: skip


def _statement(links: pl.DataFrame, by_goods: pl.DataFrame) -> str:
    """Return who, or where there is one payer what, accounts for most of what leaks."""
    column = "institution" if links["institution"].n_unique() > 1 else "goods"
    leaks = (links if column == "institution" else by_goods).filter(
        pl.col("band") == "leaked", pl.col("amount_pence") > 0
    )
    by = leaks.group_by(column).agg(pl.col("amount_pence").sum()).sort("amount_pence", column, descending=[True, False])
    named = by.filter(~is_rest(pl.col(column)))
    if named.is_empty():
        told = by_goods.filter(~is_rest(pl.col("goods"))).group_by("goods").agg(pl.col("amount_pence").sum())
        most = told.sort("amount_pence", "goods", descending=[True, False]).row(0) if told.height else ("Spend", 0)
        return title(f"{most[0]} is bought most: {money(most[1])}", f"What is bought most takes {money(most[1])}")
    part = percent(named["amount_pence"][0] / int(by["amount_pence"].sum()))
    if column == "institution":
        return title(
            f"{part} of what leaks is paid by {named[column][0]}", f"One payer accounts for {part} of what leaks"
        )
    return title(f"{part} of what leaks buys {named[column][0]}", f"One heading accounts for {part} of what leaks")


def _leak(pence: Mapping[str, int]) -> float | None:
    total = sum(pence.values())
    return pence["leaked"] / total if total > 0 else None


def _is_rest(name: str) -> bool:
    return name == _NOT_CLASSED or name.split(" ", maxsplit=1)[0].isdigit()


def is_rest(name: pl.Expr) -> pl.Expr:
    """Return whether a kind of goods, or a payer, is the sum of what is not told one by one."""
    return (name == _NOT_CLASSED) | name.str.contains(r"^\d+ other ")


def _nodes(order: Sequence[str], sizes: Mapping[str, float], scale: float, height: float) -> dict[str, float]:
    """Return the top of each node, all of them in the middle of the height."""
    used = sum(sizes[n] for n in order) * scale + _GAP * (len(order) - 1)
    y, out = (height - used) / 2, {}
    for name in order:
        out[name] = y
        y += sizes[name] * scale + _GAP
    return out


def _ribbon(
    start: tuple[float, float], end: tuple[float, float], thick: float, *, fill: str, what: str, figure: str
) -> Shape:
    """Return a band that leaves and arrives level: the smoothstep curve between the tops of its two ends."""
    (x0, top0), (x1, top1) = start, end
    steps = [i / _CURVE for i in range(_CURVE + 1)]
    upper = [(x0 + (x1 - x0) * t, top0 + (top1 - top0) * t * t * (3 - 2 * t)) for t in steps]
    ring = (*upper, *((x, y + thick) for x, y in reversed(upper)))
    return Shape((ring,), fill, "none", 0.0, 0.5, what, figure)


def _ribbons(links: pl.DataFrame, goods: Sequence[str], about: About, width: float) -> Drawing:
    flows = [
        (str(i), str(g), str(b), p)
        for i, g, b, p in links.select("institution", "goods", "band", "amount_pence").iter_rows()
        if p > 0  # net credits have no width; the table has them
    ]

    def sizes(part: int) -> dict[str, float]:
        out: dict[str, float] = {}
        for *names, pence in flows:
            out[str(names[part])] = out.get(str(names[part]), 0.0) + pence
        return out

    payer, good, band = (sizes(i) for i in range(3))
    columns = [
        sorted(payer, key=lambda n: (_is_rest(n), -payer[n])),
        [n for n in goods if n in good],
        [b for b in BANDS if b in band],
    ]
    total = sum(payer.values())
    most = max(len(names) for names in columns)
    scale = (_HEIGHT - _GAP * (most - 1)) / total
    tops = [_nodes(names, size, scale, _HEIGHT) for names, size in zip(columns, (payer, good, band), strict=True)]
    xs = (_LEFT, (_LEFT + width - _RIGHT) / 2 - _NODE / 2, width - _RIGHT - _NODE)
    marks = [
        mark
        for sides in ((0, 1), (1, 2))
        for mark in _leg(flows, sides, columns, tops=tops, xs=xs, scale=scale, about=about)
    ]
    for side, (names, size) in enumerate(zip(columns, (payer, good, band), strict=True)):
        told = [_said(side, band_name(n, about) if side == 2 else n, int(size[n]), total) for n in names]
        wanted = [tops[side][n] + size[n] * scale / 2 for n in names]
        deep = [15.0 * (text.count("\n") + 1) for text in told]
        for name, text, middle in zip(names, told, _apart(wanted, deep), strict=True):
            y = middle - 7.5 * text.count("\n")
            top, tall = tops[side][name], max(1.0, size[name] * scale)
            fill = theme.BAND_COLOURS[name] if side == 2 else theme.SOFT_INK
            edge = theme.BAND_EDGE[name] if side == 2 else fill
            marks.append(
                Box(xs[side], xs[side] + _NODE, top, top + tall, fill, edge, name, exact_money(int(size[name])))
            )
            if side == 0:
                marks.append(Word(xs[0] - 8, y, text, "right", False, theme.INK, theme.SMALL))
            else:
                ink, big = (theme.INK, theme.SMALL if side == 2 else 11)
                marks.append(Word(xs[side] + _NODE + 6, y, text, "left", side == 2, ink, big, halo=side == 1))
    return draw(width, _HEIGHT + 16, marks)


def _apart(wanted: Sequence[float], deep: Sequence[float]) -> list[float]:
    """Return the middles of labels moved so that none covers the next; they may end a little below the last node."""
    out: list[float] = []
    for i, (y, tall) in enumerate(zip(wanted, deep, strict=True)):
        out.append(max(y, out[-1] + (deep[i - 1] + tall) / 2) if out else max(y, tall / 2))
    over = out[-1] + deep[-1] / 2 - (_HEIGHT + 14)
    if over <= 0:
        return out
    # Pushed past the end: the last goes as low as it can and the others make way upwards.
    out[-1] -= over
    for i in range(len(out) - 2, -1, -1):
        out[i] = min(out[i], out[i + 1] - (deep[i] + deep[i + 1]) / 2)
    return out


def _leg(
    flows: Sequence[tuple[str, str, str, int]], sides: tuple[int, int], columns: Sequence[Sequence[str]], *,
    tops: Sequence[Mapping[str, float]], xs: Sequence[float], scale: float, about: About,
) -> list[Mark]:  # fmt: skip
    """Return the ribbons between two columns; each keeps the colour of the band that it ends in."""
    a, b = sides
    place = [{name: i for i, name in enumerate(names)} for names in columns]
    sums: dict[tuple[str, str, str], int] = {}
    for *names, pence in flows:
        key = (str(names[a]), str(names[b]), str(names[2]))
        sums[key] = sums.get(key, 0) + pence
    from_top, to_top = dict(tops[a]), dict(tops[b])
    bands = {band: i for i, band in enumerate(BANDS)}
    # Ribbons leave a node in the order of where they go and arrive in the order of where they come from.
    starts, ends = {}, {}
    for key in sorted(sums, key=lambda k: (place[a][k[0]], place[b][k[1]], bands[k[2]])):
        starts[key] = from_top[key[0]]
        from_top[key[0]] += sums[key] * scale
    for key in sorted(sums, key=lambda k: (place[b][k[1]], place[a][k[0]], bands[k[2]])):
        ends[key] = to_top[key[1]]
        to_top[key[1]] += sums[key] * scale
    return [
        _ribbon(
            (xs[a] + _NODE, starts[key]), (xs[b], ends[key]), max(0.4, pence * scale),
            fill=theme.BAND_COLOURS[key[2]], figure=exact_money(pence),
            what=f"{key[0]} to {band_name(key[1], about) if b == 2 else key[1]}",
        )
        for key, pence in sums.items()
    ]  # fmt: skip


def _said(side: int, name: str, pence: int, total: float) -> str:
    """Return the label of a node, in lines: its name with its £, and for a band its share."""
    if side == 1:
        room = 205 - text_px(f"  {money(pence)}", 11)
        *lines, last = wrapped(sentence(name), room, 11, most=2)
        return "\n".join([*lines, f"{last}  {money(pence)}"])
    room = (_LEFT if side == 0 else _RIGHT) - 12
    figure = money(pence) if side == 0 else f"{percent(pence / total)}, {money(pence)}"
    if side == 0 and text_px(f"{name} {figure}", theme.SMALL) <= room:
        return f"{name} {figure}"
    if text_px(figure, theme.SMALL, bold=side == 2) > room:
        figure = figure.replace(", ", "\n", 1)
    return "\n".join([*wrapped(name, room, theme.SMALL, most=3, bold=side == 2), figure])
