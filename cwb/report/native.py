"""Figures as charts that PowerPoint itself draws and edits, and the parts that it has no chart for as pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from cwb.charts import BAND_COLOURS, BAND_NAMES, Figure
from cwb.charts.flow import is_rest
from cwb.charts.spend import BASIS_NAMES
from cwb.charts.theme import ACCENT
from cwb.report.columns import shown
from cwb.schema import BANDS

Shape = Literal["bar", "stacked bar", "stacked column", "line", "curve"]
NOTHING = ""  # the colour of a series that only lifts the next one
_GREY, _DOWN = "#BBC1C6", "#D5692A"
_LINES = ("#0B4A6F", "#D5692A", "#5AAAD2", "#7B4B94", "#7A838B", "#2B7A5A")  # as many as can be told apart
_MOST = 12
# Figures that PowerPoint has no chart for: they stand as a picture beside a chart of their numbers.
PICTURED = ("flow", "map", "map_region", "map_place")


@dataclass(frozen=True)
class Series:
    """One series: its name, a value for each category, its colour, and further colours point by point.

    `x` are the values across where the chart is a curve.
    """

    name: str
    values: Sequence[float | None]
    colour: str
    points: Sequence[str] = ()
    x: Sequence[float] = ()


@dataclass(frozen=True)
class Native:
    """A chart: its shape, its categories, its series, how its numbers are written, and whether each value is.

    `subtitle` stands where the figure's own tells of marks that this chart has not.
    """

    shape: Shape
    categories: Sequence[str]
    series: Sequence[Series]
    number_format: str
    labels: bool = True
    legend: bool = True
    lowest: float | None = None
    subtitle: str = ""


def _pounds(values: Sequence[float | None]) -> str:
    """Return the format of £ that suits the biggest value: python-pptx cannot write a conditional one."""
    most = max((abs(v) for v in values if v is not None), default=0)
    return '£#,##0.0,,"m"' if most >= 1e6 else "£#,##0"


def _numbers(frame: pl.DataFrame, column: str) -> list[float | None]:
    return [None if v is None else float(v) for v in frame[column].to_list()]


def _texts(frame: pl.DataFrame, column: str) -> list[str]:
    if frame[column].dtype == pl.Date:
        return frame[column].dt.strftime("%b %Y").fill_null("Not dated").to_list()
    told = frame[column].cast(pl.String).fill_null("Not stated")
    return (told.replace(BASIS_NAMES) if column == "basis" else told).to_list()


def _bars(frame: pl.DataFrame, column: str, value: str = "amount_gbp", most: int = _MOST) -> Native:
    """Return a bar for each row, in the colour of its band; what goes beyond `most` rows is one bar."""
    top = frame.head(most)
    names, values = _texts(top, column), _numbers(top, value)
    colours = [BAND_COLOURS.get(b, ACCENT) for b in top["band"]] if "band" in frame.columns else [ACCENT] * top.height
    rest = frame.slice(most)
    if rest.height:
        names.append(f"{rest.height} others")
        values.append(float(rest[value].sum()))
        colours.append(_GREY)
    return Native("bar", names, [Series("Amount", values, ACCENT, colours)], _pounds(values))


def _stacked(frame: pl.DataFrame, columns: Sequence[str], *, in_percent: bool, shape: Shape = "stacked bar") -> Native:
    """Return rows cut into the four bands, to £ or to shares."""
    label = pl.concat_str([pl.Series(_texts(frame, c)) for c in columns], separator=", ")
    frame = frame.with_columns(frame.select(label.alias("label")))
    order = frame["label"].unique(maintain_order=True).to_list()
    value = "share" if in_percent else "amount_gbp"
    series = []
    for band in BANDS:
        found = dict(frame.filter(pl.col("band") == band).select("label", value).iter_rows())
        series.append(Series(BAND_NAMES[band], [float(found.get(name) or 0) for name in order], BAND_COLOURS[band]))
    form = "0%" if in_percent else _pounds([v for one in series for v in one.values])
    return Native(shape, order, series, form, labels=in_percent)


def _floating(names: Sequence[str], ends: Sequence[tuple[float, float, float]], form: str) -> Native:
    """Return bars that run from low to high, cut at the central value."""
    low, below, above = (
        [min(e) for e in ends], [e[1] - min(e) for e in ends], [max(e) - e[1] for e in ends],
    )  # fmt: skip
    series = [
        Series("Up to the low end", low, NOTHING),
        Series("Low to central", below, "#5AAAD2"),
        Series("Central to high", above, ACCENT),
    ]
    # The categories carry the numbers; a legend would have to explain the part that is not there.
    return Native("stacked bar", names, series, form, labels=False, legend=False)


def _estimates(figure: Figure, _: Mapping[str, str]) -> Native:
    form = "£0.00" if figure.id == "lm3" else "#,##0"
    ends = [(float(a), float(b), float(c)) for a, b, c in figure.data.select("low", "central", "high").iter_rows()]
    write: Callable[[float], str] = "£{:.2f}".format if figure.id == "lm3" else "{:,.0f}".format
    names = [
        f"{name}: {write(central)} ({write(low)} to {write(high)})"
        for name, (low, central, high) in zip(figure.data["label"], ends, strict=True)
    ]
    # A multiplier starts at the £1 that was spent.
    return replace(_floating(names, ends, form), lowest=1.0 if figure.id == "lm3" else None)


def _bounds(figure: Figure, names: Mapping[str, str]) -> Native:
    """Return for each band what was placed there and, on top of it, all that is unknown."""
    rows = list(figure.data.select("band", "share_low", "share_high").iter_rows())
    labels = [f"{names.get(b, b)}: {low:.1%} to {high:.1%}" for b, low, high in rows]
    series = [
        Series("Placed there", [low for _, low, _ in rows], ACCENT, [BAND_COLOURS.get(b, ACCENT) for b, _, _ in rows]),
        Series("With all that is unknown", [high - low for _, low, high in rows], _GREY),
    ]
    said = "Share of spend: what was placed there, and what is added if all that is unknown went there"
    return Native("stacked bar", labels, series, "0%", labels=False, subtitle=said)


def _tornado(figure: Figure, _: Mapping[str, str]) -> Native:
    """Return for each assumption a bar from the figure at its low end to that at its high end."""
    data = figure.data
    form = "£0.00" if figure.id.startswith("lm3") else "#,##0"
    write: Callable[[float], str] = "£{:.2f}".format if figure.id.startswith("lm3") else "{:,.0f}".format
    ends = [(float(a), float(b)) for a, b in data.select("figure_at_low", "figure_at_high").iter_rows()]
    names = [f"{n}: {write(a)} at low, {write(b)} at high" for n, (a, b) in zip(data["assumption"], ends, strict=True)]
    series = [
        Series("Up to the bar", [min(e) for e in ends], NOTHING),
        Series("Between its ends", [max(e) - min(e) for e in ends], ACCENT),
    ]
    lowest = min(min(e) for e in ends)
    return Native("stacked bar", names, series, form, labels=False, legend=False, lowest=lowest * 0.9)


def _waterfall(figure: Figure, _: Mapping[str, str]) -> Native:
    jobs, left = _numbers(figure.data, "jobs"), _numbers(figure.data, "jobs_left")
    base = [
        0.0 if i in (0, len(jobs) - 1) else min(b or 0, (b or 0) - (j or 0))
        for i, (j, b) in enumerate(zip(jobs, left, strict=True))
    ]
    size = [abs(j or 0) for j in jobs]
    colours = [ACCENT if i in (0, len(jobs) - 1) else _DOWN for i in range(len(jobs))]
    names = [f"{s}: {j:,.0f}" for s, j in zip(figure.data["step"], jobs, strict=True)]
    series = [Series("Below the step", base, NOTHING), Series("Jobs", size, ACCENT, colours)]
    return Native("stacked bar", names, series, "#,##0", labels=False, legend=False)


def _slope(figure: Figure, names: Mapping[str, str]) -> Native:
    before, after = figure.subtitle.rsplit(", ", 1)[-1].split(" and ", 1)
    rows = figure.data.filter(pl.col("band").is_in(BANDS)).select("band", "share_from", "share_to").iter_rows()
    series = [Series(names.get(b, b), [x, y], BAND_COLOURS[b]) for b, x, y in rows]
    return Native("line", [before, after], series, "0.0%")


def _sides(frame: pl.DataFrame, column: str, values: Sequence[str], form: str) -> Native:
    series = [
        Series(shown(v).heading, _numbers(frame, v), colour)
        for v, colour in zip(values, (_GREY, ACCENT), strict=True)
    ]  # fmt: skip
    return Native("bar", _texts(frame, column), series, form)


def _parts(figure: Figure, names: Mapping[str, str]) -> Native:
    rows = figure.data.with_columns(pl.col("band").replace(dict(names)))
    return _sides(rows, "band", ("volume_gbp", "rate_gbp"), _pounds(_numbers(rows, "amount_gbp")))


def _dumbbell(figure: Figure, _: Mapping[str, str]) -> Native:
    rows = figure.data.filter(pl.col("band") == "local")
    sides = _sides(rows, "institution", ("share_from", "share_to"), "0.0%")
    return replace(sides, subtitle="Local share of each institution's spend, before and after")


def _months(figure: Figure, _: Mapping[str, str]) -> Native:
    """Return the local share by month as a line each."""
    by = figure.data.columns[0]
    dated = figure.data.drop_nulls("month")
    months = dated["month"].unique().sort().to_list()
    size = dated.group_by(by).agg(pl.col("amount_gbp").sum()).sort("amount_gbp", by, descending=[True, False])
    cells = {
        (n, m): (float(a), float(b)) for n, m, a, b in dated.select(by, "month", "amount_gbp", "local_gbp").iter_rows()
    }
    series = []
    for name, colour in zip(size[by].head(len(_LINES)), _LINES, strict=False):
        shares = [b / a if a > 0 else None for a, b in (cells.get((name, m), (0.0, 0.0)) for m in months)]
        series.append(Series(str(name), shares, colour))
    said = f"Local share by month of the {len(series)} biggest" if size.height > len(series) else "Local share by month"
    return Native("line", [f"{m:%b %Y}" for m in months], series, "0%", labels=False, subtitle=said)


def _curve(figure: Figure, _: Mapping[str, str]) -> Native:
    values = [0.0, *(v or 0.0 for v in _numbers(figure.data, "amount_share"))]
    across = [0.0, *(v or 0.0 for v in _numbers(figure.data, "suppliers"))]
    series = Series("Share of £ of the biggest suppliers", values, ACCENT, x=across)
    return Native("curve", [], [series], "0%", labels=False, legend=False)


def _flow(figure: Figure, _: Mapping[str, str]) -> Native:
    by = figure.data.group_by("goods", "band").agg(pl.col("amount_gbp").sum())
    order = by.group_by("goods").agg(size=pl.col("amount_gbp").sum(), rest=is_rest(pl.col("goods")).first())
    ordered = by.join(order, on="goods", validate="m:1").sort("rest", "size", "goods", descending=[False, True, False])
    return _stacked(ordered, ["goods"], in_percent=False)


def _places(figure: Figure, _: Mapping[str, str]) -> Native:
    """Return the largest of the places on a map as bars."""
    column = "sector" if figure.id == "map_place" else "lad_name"
    data = figure.data if figure.id != "map" else figure.data.filter(pl.col("band") == "leaked")
    return _bars(data.filter(pl.col("amount_gbp") > 0).sort("amount_gbp", descending=True), column, most=10)


_HOW: dict[str, Callable[[Figure, Mapping[str, str]], Native]] = {
    "bands": lambda f, names: _bars(
        f.data.filter(pl.col("band").is_in(BANDS)).with_columns(name=pl.col("band").replace(dict(names))), "name"
    ),
    "suppliers": lambda f, _: _bars(f.data, "supplier_name"),
    "unknowns": lambda f, _: _bars(f.data.with_columns(band=pl.lit("unknown")), "reason"),
    "range": lambda f, _: replace(
        _stacked(f.data, ["basis"], in_percent=True), subtitle="Share of spend by band, by the address that counts"
    ),
    "years": lambda f, _: _stacked(f.data, ["period"], in_percent=True),
    "institution_years": lambda f, _: _stacked(
        f.data.sort("institution", "year"), ["institution", "year"], in_percent=True
    ),
    "months": lambda f, _: _stacked(f.data, ["month"], in_percent=False, shape="stacked column"),
    "sectors": lambda f, _: _stacked(f.data, ["section_name"], in_percent=False),
    "categories": lambda f, _: _stacked(f.data, ["category"], in_percent=False),
    "shares": _slope, "parts": _parts, "bounds": _bounds, "concentration": _curve, "flow": _flow,
    "institution_months": _months, "category_months": _months, "jobs_waterfall": _waterfall,
    **dict.fromkeys(("map", "map_region", "map_place"), _places),
    **dict.fromkeys(("jobs", "jobs_region", "lm3"), _estimates),
    **dict.fromkeys(("jobs_tornado", "jobs_net_tornado", "lm3_tornado"), _tornado),
}  # fmt: skip


def native(figure: Figure, names: Mapping[str, str]) -> Native:
    """Return a figure's data as a chart that PowerPoint can draw; `names` are the place's names of the bands."""
    if figure.id == "institutions":
        return (
            _dumbbell(figure, names)
            if "share_from" in figure.data.columns
            else _stacked(figure.data, ["institution", "financial_year"], in_percent=True)
        )
    return _HOW[figure.id](figure, names)
