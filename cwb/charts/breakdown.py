"""Pictures of one run, broken down: by supplier, sector, category and month, and why some spend has no place."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cwb.charts import theme
from cwb.charts.about import About
from cwb.charts.drawing import Box, Drawing, Line, Word, draw, key
from cwb.charts.figure import Figure, gbp
from cwb.charts.rows import BandRow, band_rows, nice_ticks
from cwb.charts.spend import band_name, pence_by_band, subtitle, total_pence
from cwb.charts.words import exact_money, fraction, money, percent, sentence, text_px, title
from cwb.schema import BANDS

_MOST_ROWS = 12
# What the tables print where the ledger or the register does not tell: never the subject of a statement.
NOT_TOLD = ("", "Not given in the ledger", "Sector not known")


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


def _one_spelling(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return `frame` with names that differ in capitals alone put together, shouted ones in small letters.

    `HOME CARE` of one payer and `Home care` of another are one row of a picture; the tables keep both.
    """
    name = pl.col(by)
    totals = frame.group_by(by).agg(pl.col("amount_pence").sum()).sort("amount_pence", by, descending=[True, False])
    loud = (name == name.str.to_uppercase()) & (name.str.len_chars() > 4)
    quiet = name.str.head(1) + name.str.slice(1).str.to_lowercase()
    spelt = totals.select(
        by, spelling=pl.when(loud).then(quiet).otherwise(name).first().over(name.str.strip_chars().str.to_lowercase())
    )
    joined = frame.join(spelt, on=by, how="left", validate="m:1", nulls_equal=True)
    return joined.group_by(pl.col("spelling").alias(by), "band").agg(pl.col("amount_pence").sum())


def _band_rows(frame: pl.DataFrame, name: str) -> list[BandRow]:
    """Return the rows of `frame` (name, band, amount_pence) in the order they first come."""
    rows: dict[str, dict[str, int]] = {}
    for label, band, pence in frame.select(name, "band", "amount_pence").iter_rows():
        cells = rows.setdefault("Not stated" if label in (None, "") else str(label), {})
        cells[band] = cells.get(band, 0) + pence
    return [BandRow(label, cells, money(sum(cells.values()))) for label, cells in rows.items()]


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
    share = total_pence(top) / about.total_pence
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
        subtitle(about, f"£ paid to the {top.height} biggest suppliers of {frame.height:,}, net of credits"),
        about.note, describe_suppliers(top, about), gbp(shown), wide, narrow,
    )  # fmt: skip


# --- sectors and categories -----------------------------------------------------------------------------------------


def describe_groups(frame: pl.DataFrame, what: str) -> str:
    """Return the £ of each group and how much of it leaked, in words; `frame` has row, band, amount_pence."""
    parts = []
    for (name,), part in frame.group_by("row", maintain_order=True):
        total, leaked = total_pence(part), pence_by_band(part).get("leaked", 0)
        of = f", of which {percent(leaked / total)} leaked" if total > 0 else ""
        parts.append(f"{name or 'Not stated'} {money(total)}{of}")
    return f"Spend by {what}: {'; '.join(parts)}."


def groups(frame: pl.DataFrame, by: str, what: str, figure_id: str, about: About) -> Figure:
    """Return a stacked bar in £ for each sector or category, the biggest first and the rest summed."""
    folded = _folded(_one_spelling(frame, by), by, _MOST_ROWS)
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
        told = folded.group_by("row", maintain_order=True).agg(pl.col("amount_pence").sum())
        named = told.filter(~pl.col("row").fill_null("").is_in(NOT_TOLD), ~pl.col("row").str.contains(r"^\d+ others$"))
        said = f"Spend by {what}"
        if named.height:
            most = money(named["amount_pence"][0])
            said = title(f"{named['row'][0]} is the biggest {what}: {most}", f"The biggest {what} takes {most}")
    rows = _band_rows(folded, "row")
    measure = f"£ by {what} and band, the biggest first"
    if len(rows) == _MOST_ROWS and sum(rows[-1].pence.values()) > sum(rows[0].pence.values()):
        # A bar of all the rest would dwarf the named ones.
        measure += f"; {rows[-1].name} hold {rows.pop().end}"
    wide, narrow = (band_rows(rows, w) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        figure_id, said, subtitle(about, measure), about.note,
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


def _months(frame: pl.DataFrame, width: float) -> Drawing:
    marks, top = key(width)
    months = frame["month"].unique().sort().to_list()
    by_month = {m: pence_by_band(part) for (m,), part in frame.group_by("month")}
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
    undated = total_pence(frame.filter(pl.col("month").is_null()))
    by_month = dated.group_by("month").agg(pl.col("amount_pence").sum()).sort("amount_pence", descending=True)
    said = f"{by_month['month'][0]:%B %Y} was the biggest month: {money(by_month['amount_pence'][0])}"
    measure = "£ paid by month and band" + (f"; {money(undated)} has no date" if undated else "")
    return Figure(
        "months", said, subtitle(about, measure), about.note, describe_months(frame), gbp(frame),
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
    share = total_pence(frame) / about.total_pence
    rows: Sequence[BandRow] = [
        BandRow(reason, {"unknown": pence}, money(pence))
        for reason, pence in frame.select("reason", "amount_pence").iter_rows()
    ]
    wide, narrow = (band_rows(rows, w, show_key=False) for w in (theme.WIDE, theme.NARROW))
    return Figure(
        "unknowns", _unknowns_title(share), subtitle(about, "£ without a known place, by reason"),
        about.note, describe_unknowns(frame), gbp(frame), wide, narrow,
    )  # fmt: skip
