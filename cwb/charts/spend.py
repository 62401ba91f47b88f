"""Pictures of one run: where the money went, by band, body, year, supplier, sector, category, month and basis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from cwb.charts import theme
from cwb.charts.about import About
from cwb.charts.drawing import Box, Line, Mark, Word, draw, key, spread
from cwb.charts.figure import Figure, gbp
from cwb.charts.rows import BandRow, Interval, band_rows, intervals, nice_ticks, panels
from cwb.charts.words import exact_money, fraction, listed, money, percent, sentence, text_px, title, wrapped
from cwb.schema import BANDS

_MOST_ROWS = 12
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
# What the tables print where the ledger or the register does not tell: never the subject of a statement.
NOT_TOLD = ("", "Not given in the ledger", "Sector not known")
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
    }.get(band, sentence(band))


def basis_name(basis: str) -> str:
    """Return a location basis in plain words."""
    return BASIS_NAMES.get(basis, sentence(basis.replace("_", " ")))


def _by_band(frame: pl.DataFrame, value: str = "amount_pence") -> dict[str, Any]:
    return dict(zip(frame["band"], frame[value], strict=True))


def _pence(frame: pl.DataFrame) -> int:
    return int(frame["amount_pence"].sum())


def _subtitle(about: About, measure: str) -> str:
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


def _bands_wide(pence: Mapping[str, int], about: About, width: float) -> alt.LayerChart:
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


def _bands_narrow(pence: Mapping[str, int], about: About, width: float) -> alt.LayerChart:
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
    pence = {band: int(_by_band(frame).get(band, 0)) for band in BANDS}
    return Figure(
        "bands", bands_title(pence, about),
        _subtitle(about, f"Share of {money(sum(pence.values()))} paid to suppliers, by where the supplier is"),
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


def _folded(frame: pl.DataFrame, by: str, most: int) -> pl.DataFrame:
    """Return `frame` (by, band, amount_pence) with all but the biggest rows summed as `N others`, biggest first."""
    totals = frame.group_by(by).agg(pl.col("amount_pence").sum()).sort("amount_pence", by, descending=[True, False])
    if totals.height <= most:
        names = totals.select(by, row=pl.col(by))
    else:
        rest = f"{totals.height - most + 1} others"
        names = totals.with_row_index().select(
            by, row=pl.when(pl.col("index") < most - 1).then(by).otherwise(pl.lit(rest))
        )
    order = names["row"].unique(maintain_order=True)
    return (
        frame.join(names, on=by, how="left", validate="m:1", nulls_equal=True)
        .group_by("row", "band")
        .agg(pl.col("amount_pence").sum())
        .join(
            pl.DataFrame({"row": order}).with_row_index("order"), on="row", how="left", validate="m:1", nulls_equal=True
        )
        .sort("order", "band")
        .drop("order")
    )


def _band_rows(frame: pl.DataFrame, name: str) -> list[BandRow]:
    """Return the rows of `frame` (name, band, amount_pence) in the order they first come."""
    rows: dict[str, dict[str, int]] = {}
    for label, band, pence in frame.select(name, "band", "amount_pence").iter_rows():
        cells = rows.setdefault("Not stated" if label in (None, "") else str(label), {})
        cells[band] = cells.get(band, 0) + pence
    return [BandRow(label, cells, money(sum(cells.values()))) for label, cells in rows.items()]


def institutions(frame: pl.DataFrame, about: About) -> Figure:
    """Return small multiples of 100% bars: a row for each institution, a column for each year."""
    totals = frame.group_by("institution").agg(pl.col("amount_pence").sum()).sort("amount_pence", descending=True)
    names = [str(n) for n in totals["institution"]]
    years = sorted(str(y) for y in frame["financial_year"].fill_null("undated").unique())
    cells: dict[tuple[str, str], BandRow] = {}
    for (name, year), part in frame.with_columns(pl.col("financial_year").fill_null("undated")).group_by(
        "institution", "financial_year", maintain_order=True
    ):
        pence = _by_band(part)
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
        "institutions", said, _subtitle(about, "Share of each institution's spend by band"), about.note,
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


# --- suppliers ------------------------------------------------------------------------------------------------------


def describe_suppliers(frame: pl.DataFrame, about: About) -> str:
    """Return the biggest suppliers in words: name, £ and band."""
    parts = [
        f"{n} {money(p)} ({band_name(b, about)})"
        for n, p, b in frame.select("supplier_name", "amount_pence", "band").iter_rows()
    ]
    return f"The biggest suppliers: {'; '.join(parts)}."


def suppliers(frame: pl.DataFrame, about: About) -> Figure:
    """Return the biggest suppliers by £, each with its band beside it."""
    top = frame.sort("amount_pence", descending=True).head(_MOST_ROWS).filter(pl.col("amount_pence") > 0)
    share = _pence(top) / about.total_pence
    rows = [
        BandRow(name or "No name printed", {band: pence}, f"{money(pence)} {theme.BAND_NAMES.get(band, band).lower()}")
        for name, pence, band in top.select("supplier_name", "amount_pence", "band").iter_rows()
    ]
    number = {12: "Twelve", 1: "One"}.get(top.height, str(top.height))
    said = title(
        f"{number} {'supplier receives' if top.height == 1 else 'suppliers receive'} {fraction(share)} of spend",
        "The biggest suppliers",
    )
    wide, narrow = (band_rows(rows, w, end_px=170) for w in (theme.WIDE, theme.NARROW))
    shown = top.select("supplier_name", "band", "amount_pence", "payments", "basis", "outcome")
    return Figure(
        "suppliers", said,
        _subtitle(about, f"£ paid to the {top.height} biggest suppliers of {frame.height:,}, net of credits"),
        about.note, describe_suppliers(top, about), gbp(shown), wide, narrow,
    )  # fmt: skip


# --- sectors and categories -----------------------------------------------------------------------------------------


def describe_groups(frame: pl.DataFrame, what: str) -> str:
    """Return the £ of each group and how much of it leaked, in words; `frame` has row, band, amount_pence."""
    parts = []
    for (name,), part in frame.group_by("row", maintain_order=True):
        total, leaked = _pence(part), _by_band(part).get("leaked", 0)
        of = f", of which {percent(leaked / total)} leaked" if total > 0 else ""
        parts.append(f"{name or 'Not stated'} {money(total)}{of}")
    return f"Spend by {what}: {'; '.join(parts)}."


def groups(frame: pl.DataFrame, by: str, what: str, figure_id: str, about: About) -> Figure:
    """Return a stacked bar in £ for each sector or category, the biggest first and the rest summed."""
    folded = _folded(frame, by, _MOST_ROWS)
    leaks = (
        folded.filter((pl.col("band") == "leaked") & ~pl.col("row").fill_null("").is_in(NOT_TOLD))
        .filter(~pl.col("row").str.contains(r"^\d+ others$"))
        .sort("amount_pence", descending=True)
    )
    if leaks.height and leaks["amount_pence"][0] > 0:
        short = f"{leaks['row'][0]} leaks most"
        said = title(f"{short}: {money(leaks['amount_pence'][0])} leaves {about.region}", short)
        if len(said.split()) > 10:
            said = f"One {what} leaks {money(leaks['amount_pence'][0])}"
    else:
        said = f"Spend by {what}"
    rows = _band_rows(folded, "row")
    measure = f"£ by {what} and band, the biggest first"
    if len(rows) == _MOST_ROWS and sum(rows[-1].pence.values()) > sum(rows[0].pence.values()):
        # A bar of all the rest would dwarf the named ones.
        measure += f"; {rows[-1].name} hold {rows.pop().end}"
    wide, narrow = (band_rows(rows, w) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        figure_id, said, _subtitle(about, measure), about.note,
        describe_groups(folded, what), gbp(folded.rename({"row": by})), wide, narrow,
    )  # fmt: skip


# --- months ---------------------------------------------------------------------------------------------------------


def describe_months(frame: pl.DataFrame) -> str:
    """Return the span of months, the usual month and the biggest, in words."""
    by_month = frame.drop_nulls("month").group_by("month").agg(pl.col("amount_pence").sum()).sort("month")
    top = by_month.sort("amount_pence", descending=True).row(0)
    middle = by_month["amount_pence"].sort()[by_month.height // 2]
    return (
        f"Spend by month from {by_month['month'][0]:%B %Y} to {by_month['month'][-1]:%B %Y}: a middling month is "
        f"{money(middle)}, the biggest is {top[0]:%B %Y} with {money(top[1])}."
    )


def _months(frame: pl.DataFrame, width: float) -> alt.LayerChart:
    marks, top = key(width)
    months = frame["month"].unique().sort().to_list()
    by_month = {m: _by_band(part) for (m,), part in frame.group_by("month")}
    high = max(sum(max(0, p) for p in cells.values()) for cells in by_month.values())
    ticks = nice_ticks(high / 100)
    height, left = 220.0, 58.0
    slot = (width - left) / len(months)
    bar = slot * 0.78
    for tick in ticks:
        y = top + height - tick / ticks[-1] * height
        marks.append(Line(left, width, y, y, theme.GRID))
        marks.append(Word(left - 8, y, money(tick * 100), "right", False, theme.SOFT_INK, theme.SMALL))
    every = max(1, -(-int(text_px("Mar 26", theme.SMALL) + 8) // max(1, int(slot))))
    for i, month in enumerate(months):
        x, y = left + i * slot + (slot - bar) / 2, top + height
        for band in BANDS:
            pence = by_month[month].get(band, 0)
            size = max(0, pence) / 100 / ticks[-1] * height
            if size > 0:
                marks.append(
                    Box(x, x + bar, y - size, y, theme.BAND_COLOURS[band], theme.BAND_EDGE[band],
                        f"{month:%B %Y}: {theme.BAND_NAMES[band]}", exact_money(pence))
                )  # fmt: skip
                y -= size
        if i % every == 0:
            label = f"{month:%b %y}"
            middle = min(x + bar / 2, width - text_px(label, theme.SMALL) / 2)
            marks.append(Word(middle, top + height + 14, label, "center", False, theme.SOFT_INK, theme.SMALL))
    return draw(width, top + height + 24, marks)


def months(frame: pl.DataFrame, about: About) -> Figure:
    """Return a column of the four bands for each month; payments without a date are told in the subtitle."""
    dated = frame.drop_nulls("month")
    undated = _pence(frame.filter(pl.col("month").is_null()))
    by_month = dated.group_by("month").agg(pl.col("amount_pence").sum()).sort("amount_pence", descending=True)
    said = f"{by_month['month'][0]:%B %Y} was the biggest month: {money(by_month['amount_pence'][0])}"
    measure = "£ paid by month and band" + (f"; {money(undated)} has no date" if undated else "")
    return Figure(
        "months", said, _subtitle(about, measure), about.note, describe_months(frame), gbp(frame),
        _months(dated, theme.WIDE), _months(dated, theme.NARROW),
    )  # fmt: skip


# --- unknowns -------------------------------------------------------------------------------------------------------


def describe_unknowns(frame: pl.DataFrame) -> str:
    """Return why spend could not be placed, in words."""
    parts = [
        f"{reason}: {money(p)} over {n:,} suppliers"
        for reason, p, n in frame.select("reason", "amount_pence", "suppliers").iter_rows()
    ]
    return f"Why spend could not be placed. {'; '.join(parts)}."


def _unknowns_title(share: float) -> str:
    return (
        sentence(f"{fraction(share)} of spend could not be placed")
        if share >= 0.01
        else "Almost all spend could be placed"
    )


def unknowns(frame: pl.DataFrame, about: About) -> Figure:
    """Return the £ that could not be placed, by reason."""
    frame = frame.sort("amount_pence", descending=True)
    share = _pence(frame) / about.total_pence
    rows: Sequence[BandRow] = [
        BandRow(reason, {"unknown": pence}, money(pence))
        for reason, pence in frame.select("reason", "amount_pence").iter_rows()
    ]
    wide, narrow = (band_rows(rows, w, show_key=False) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        "unknowns", _unknowns_title(share), _subtitle(about, "£ without a known place, by reason"),
        about.note, describe_unknowns(frame), gbp(frame), wide, narrow,
    )  # fmt: skip
