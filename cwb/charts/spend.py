"""Pictures of one run: where the money went, by band, body, year, supplier, sector, category, month and basis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cwb.charts import theme
from cwb.charts.about import About
from cwb.charts.drawing import Box, Drawing, Line, Mark, Word, draw, spread
from cwb.charts.figure import Figure, gbp
from cwb.charts.rows import BandRow, Interval, band_rows, intervals, nice_ticks, panels
from cwb.charts.words import exact_money, fraction, listed, money, percent, sentence, text_px, title, wrapped
from cwb.schema import BANDS

BASIS_NAMES = {
    "best_evidence": "Best evidence",
    "ledger_address": "Address in the ledger",
    "ledger_postcode": "Postcode in the ledger",
    "trading_site": "Trading site",
    "registered_office": "Registered office",
    "any_address": "Any known address",
    "override": "A person's decision",
    "none": "No evidence",
}
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")


def band_name(band: str, about: About | None = None) -> str:
    """Return a band in plain words, with the place's names where `about` is given."""
    if about is None:
        return theme.BAND_NAMES.get(band, sentence(band))
    return {
        "local": about.local,
        "regional": f"Rest of {about.region}",
        "leaked": f"Outside {about.region}",
        "unknown": "Not known",
        "region_including_local": sentence(f"{about.region}, {about.local} included"),
    }.get(band, sentence(band))


def basis_name(basis: str) -> str:
    """Return a location basis in plain words."""
    return BASIS_NAMES.get(basis, sentence(basis.replace("_", " ")))


def pence_by_band(frame: pl.DataFrame, value: str = "amount_pence") -> dict[str, Any]:
    """Return band to value."""
    return dict(zip(frame["band"], frame[value], strict=True))


def total_pence(frame: pl.DataFrame) -> int:
    """Return the sum of amount_pence."""
    return int(frame["amount_pence"].sum())


def subtitle(about: About, measure: str) -> str:
    """Return what is measured, with the years."""
    return f"{measure}, {about.years}" if about.years else measure


# --- the four bands -------------------------------------------------------------------------------------------------


def bands_title(pence: Mapping[str, int], about: About) -> str:
    """Return the statement of where the money went: the larger of what stays in the region and what leaves it."""
    total = sum(pence.values())
    stays, leaves, unknown = (
        (pence["local"] + pence["regional"]) / total, pence["leaked"] / total, pence["unknown"] / total,
    )  # fmt: skip
    if unknown > max(stays, leaves):
        return sentence(f"{fraction(unknown)} of spend cannot be placed")
    if leaves > stays:
        return title(
            f"{fraction(leaves)} of spend leaves {about.region}", f"{fraction(leaves)} of spend leaves the region"
        )
    return title(
        f"{fraction(stays)} of spend stays in {about.region}", f"{fraction(stays)} of spend stays in the region"
    )


def describe_bands(pence: Mapping[str, int], about: About) -> str:
    """Return where the money went in words: £ and share of each band."""
    total = sum(pence.values())
    parts = [f"{band_name(b, about)} {money(pence[b])} ({percent(pence[b] / total)})" for b in BANDS]
    inside = pence["local"] + pence["regional"]
    return (
        f"Of {money(total)} spent: {listed(parts)}. {sentence(about.region)} with {about.local} in it received "
        f"{money(inside)} ({percent(inside / total)})."
    )


def _bands_wide(pence: Mapping[str, int], about: About, width: float) -> Drawing:
    total = sum(max(0, p) for p in pence.values())
    marks: list[Mark] = []
    x, bar = 0.0, (86.0, 142.0)
    middles = []
    whole = sum(pence.values())
    for band in BANDS:
        size = max(0, pence[band]) / total * width
        if size > 0:
            figure = f"{exact_money(pence[band])} ({percent(pence[band] / whole)})"
            marks.append(
                Box(x + 0.5, max(x + 1.5, x + size - 1.5), *bar, theme.BAND_COLOURS[band], theme.BAND_EDGE[band],
                    band_name(band, about), figure)
            )  # fmt: skip
        middles.append(x + size / 2)
        x += size
    each = 150.0
    centres = spread(middles, each, each / 2, width - each / 2)
    for band, middle, centre in zip(BANDS, middles, centres, strict=True):
        name = wrapped(band_name(band, about), each - 8, theme.TEXT, most=1)[0]
        marks.append(Word(centre, 10, name, "center", False, theme.SOFT_INK))
        marks.append(Word(centre, 32, percent(pence[band] / whole), "center", True, theme.INK, 20))
        marks.append(Word(centre, 53, money(pence[band]), "center"))
        marks.append(Line(centre, middle, 64, 85, theme.BAND_EDGE[band], 1.5))
    return draw(width, 143, marks)


def _bands_narrow(pence: Mapping[str, int], about: About, width: float) -> Drawing:
    whole = sum(pence.values())
    biggest = max(max(0, p) for p in pence.values())
    marks: list[Mark] = []
    y = 0.0
    for band in BANDS:
        figure = f"{money(pence[band])} · {percent(pence[band] / whole)}"
        name = wrapped(band_name(band, about), width - text_px(figure, theme.TEXT) - 14, theme.TEXT, most=1)[0]
        marks.append(Word(0, y + 9, name))
        marks.append(Word(width, y + 9, figure, "right", True))
        size = max(0, pence[band]) / biggest * (width - 2)
        marks.append(
            Box(0.5, max(1.5, size), y + 20, y + 40, theme.BAND_COLOURS[band], theme.BAND_EDGE[band], name, figure)
        )
        y += 56
    return draw(width, y - 10, marks)


def bands(frame: pl.DataFrame, about: About) -> Figure:
    """Return one bar, the whole of the spend, cut into the four bands."""
    pence = {band: int(pence_by_band(frame).get(band, 0)) for band in BANDS}
    return Figure(
        "bands", bands_title(pence, about),
        subtitle(about, f"Share of {money(sum(pence.values()))} paid to suppliers, by where the supplier is"),
        about.note, describe_bands(pence, about), gbp(frame),
        _bands_wide(pence, about, theme.WIDE), _bands_narrow(pence, about, theme.NARROW),
    )  # fmt: skip


# --- by institution and year ----------------------------------------------------------------------------------------


def describe_institutions(frame: pl.DataFrame) -> str:
    """Return each institution's local share by year, in words."""
    local = frame.filter(pl.col("band") == "local")
    parts = [
        f"{name}{f' in {year}' if year else ''} {percent(share)}"
        for name, year, share in local.select("institution", "financial_year", "share").iter_rows()
    ]
    return f"Share of spend that is local: {listed(parts)}."


def institutions(frame: pl.DataFrame, about: About) -> Figure:
    """Return small multiples of 100% bars: a row for each institution, a column for each year."""
    totals = frame.group_by("institution").agg(pl.col("amount_pence").sum()).sort("amount_pence", descending=True)
    names = [str(n) for n in totals["institution"]]
    years = sorted(str(y) for y in frame["financial_year"].fill_null("undated").unique())
    cells: dict[tuple[str, str], BandRow] = {}
    for (name, year), part in frame.with_columns(pl.col("financial_year").fill_null("undated")).group_by(
        "institution", "financial_year", maintain_order=True
    ):
        pence = pence_by_band(part)
        label = f"{name}, {year}" if len(years) > 1 else str(name)
        cells[str(name), str(year)] = BandRow(label, pence, money(sum(pence.values())))
    newest = frame.filter((pl.col("band") == "local") & (pl.col("financial_year").fill_null("undated") == years[-1]))
    top = newest.drop_nulls("share").sort("share", descending=True)
    if len(names) > 1 and top.height > 1:
        high, low = top.row(0, named=True), top.row(-1, named=True)
        said = title(
            f"Local share runs from {low['share']:.0%} to {high['share']:.0%} across institutions",
            "Local share differs across institutions",
        )
    else:
        said = title(f"Where {names[0]} spends, by year", "Where the money goes, by year")
    if len(years) == 1:
        rows = [cells[name, years[0]] for name in names if (name, years[0]) in cells]
        wide, narrow = (band_rows(rows, w, in_percent=True) for w in (theme.WIDE, theme.NARROW))
    else:
        wide, narrow = (panels(names, years, cells, w) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        "institutions", said, subtitle(about, "Share of each institution's spend by band"), about.note,
        describe_institutions(frame), gbp(frame), wide, narrow,
    )  # fmt: skip


# --- range across bases ---------------------------------------------------------------------------------------------


def describe_range(frame: pl.DataFrame, chosen: str, about: About) -> str:
    """Return the lowest and highest share of each band over the ways of locating a supplier."""
    parts = []
    for band in BANDS:
        part = frame.filter(pl.col("band") == band)
        now = part.filter(pl.col("basis") == chosen)["share"].to_list()
        shares = part["share"].drop_nulls().sort().to_list()
        if shares:
            span = f"from {percent(shares[0])} to {percent(shares[-1])}"
            parts.append(f"{band_name(band, about)} {percent(now[0] if now else None)}, {span}")
    ways = ", ".join(basis_name(b).lower() for b in frame["basis"].unique(maintain_order=True))
    bases = f"{frame['basis'].n_unique()} bases ({ways})"
    return f"Share by band on the chosen basis, and its range over {bases}: {'; '.join(parts)}."


def location_range(frame: pl.DataFrame, chosen: str, about: About) -> Figure:
    """Return, for each band, the share on each location basis: a line from lowest to highest, the chosen one filled."""
    bases = [str(b) for b in frame["basis"].unique(maintain_order=True)]
    rows = []
    spans = {}
    for band in BANDS:
        shares = dict(frame.filter(pl.col("band") == band).drop_nulls("share").select("basis", "share").iter_rows())
        if not shares:
            continue
        now = shares.get(chosen, next(iter(shares.values())))
        low, high = min(shares.values()), max(shares.values())
        spans[band] = (low, high)
        text = percent(now) if percent(low) == percent(high) else f"{percent(now)} ({percent(low)} to {percent(high)})"
        marks = tuple(
            (shares[b], _SHAPES[i % len(_SHAPES)], basis_name(b))
            for i, b in enumerate(bases)
            if b in shares and b != chosen
        )
        rows.append(
            Interval(
                band_name(band, about), low, now, high, text, theme.BAND_COLOURS[band], theme.BAND_EDGE[band], marks
            )
        )
    top = max(high for _, high in spans.values())
    ticks = [(t, f"{t:.0%}") for t in nice_ticks(min(1.0, top))]
    low, high = spans["local"]
    said = (
        f"Local share is {high:.0%} on every location basis"
        if f"{low:.0%}" == f"{high:.0%}"
        else f"Local share is {low:.0%} to {high:.0%}, depending on address"
    )
    wide, narrow = (intervals(rows, w, low=0, high=ticks[-1][0], ticks=ticks) for w in (theme.WIDE, theme.NARROW))
    shapes = listed(
        [
            f"{_SHAPES[i % len(_SHAPES)].replace('-up', '')} {basis_name(b).lower()}"
            for i, b in enumerate(bases)
            if b != chosen
        ]
    )
    return Figure(
        "range", said,
        f"Share of spend by band. Filled: {basis_name(chosen).lower()}, used in this report"
        + (f". Hollow: {shapes}" if shapes else ""),
        about.note, describe_range(frame, chosen, about), gbp(frame), wide, narrow,
    )  # fmt: skip
