"""How wide a figure is and why: bounds from what is unknown, what drives the width, and the way from gross to net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import polars as pl

from cwb.charts import theme
from cwb.charts.about import About
from cwb.charts.drawing import Box, Drawing, Line, Mark, Word, draw
from cwb.charts.figure import Figure
from cwb.charts.impact import Estimate, caveats, estimates
from cwb.charts.rows import Interval, above, beside, intervals, nice_ticks
from cwb.charts.spend import band_name
from cwb.charts.words import amount, listed, percent, sentence, text_px, title

WITH_LOCAL = "region_including_local"
_GUTTER, _BAR = 200.0, 20.0
_ENDS = (("at its low end", "#C9D3DA", "#7A838B"), ("at its high end", theme.ACCENT, theme.ACCENT))
# Names short enough for a title; others go by the label up to its first comma or colon.
_SHORT = {
    "impact.unknown_local": "spend of unknown place",
    "impact.sector_rate_error": "error in jobs per £m",
    "impact.respend_local": "re-spend by local suppliers",
    "impact.flq_delta": "the location quotient's exponent",
    "impact.national_employment": "national employment",
    "impact.household_income_per_pay": "household income per £1 paid",
    "impact.resident_workers": "pay kept by residents",
    "unknown_sector_rate": "jobs per £m of unknown sector",
}
_DRAWN = {  # kind of figure: id of its picture, what the title calls it
    "jobs_cles": ("jobs_tornado", "the jobs figure"),
    "jobs_net": ("jobs_net_tornado", "net jobs"),
    "lm3": ("lm3_tornado", "the multiplier"),
}


def width_figures(summary: Mapping[str, Any], said: About) -> list[Figure]:
    """Return, for the local area, what drives each main figure's width and the steps from gross to net jobs."""
    block = summary.get("impact") or {}
    labels = {one["id"]: str(one.get("label", one["id"])) for one in summary.get("assumptions") or []}
    local = {f["kind"]: f for f in block.get("figures", []) if f["area"] == "local"}
    out = [
        tornado(local[kind], labels, said, figure_id, what)
        for kind, (figure_id, what) in _DRAWN.items()
        if kind in local and local[kind].get("tornado")
    ]
    steps = (block.get("waterfall") or {}).get("local")
    if steps and {"jobs_gross", "jobs_net"} <= set(local) and any(step["jobs"] for step in steps):
        gross, net = estimates([local["jobs_gross"], local["jobs_net"]])
        out.append(waterfall(steps, gross, net, said))
    return out


# --- bounds on shares -------------------------------------------------------------------------------------------------


def describe_bounds(frame: pl.DataFrame, names: Mapping[str, str]) -> str:
    """Return in words how far each share could go."""
    parts = []
    for band, low, high, likely in frame.select("band", "share_low", "share_high", "share_expected").iter_rows():
        expected = "" if likely is None else f", {percent(likely)} by the odds of the matches under review"
        parts.append(f"{names[band]}: {percent(low)} to {percent(high)}{expected}")
    return f"Share of spend if none, or all, of what is unknown went there. {'; '.join(parts)}."


def bounds(summary: Mapping[str, Any], said: About) -> Figure | None:
    """Return bounds on each share from what is unknown; None where nothing is unknown or the run has no shares."""
    block = summary.get("bounds") or {}
    unknown = int((summary["bands"].get("unknown") or {}).get("amount_pence", 0))
    if unknown <= 0 or any(one["low"] is None for one in block.values()) or "local" not in block:
        return None
    names = {b: band_name(b, said) for b in ("local", "regional", "leaked")}
    names[WITH_LOCAL] = f"{sentence(said.region)}, {said.local} included"
    rows, data = [], []
    for band, name in names.items():
        low, high, likely = (block[band][k] for k in ("low", "high", "expected"))
        marks = () if likely is None else ((likely, "diamond", "by the odds of the matches under review"),)
        fill = theme.BAND_COLOURS.get(band, theme.ACCENT)
        edge = theme.BAND_EDGE.get(band, theme.ACCENT)
        rows.append(Interval(name, low, low, high, f"{percent(low)} to {percent(high)}", fill, edge, marks))
        data.append({"band": band, "share_low": low, "share_expected": likely, "share_high": high})
    low, high = (percent(block["local"][end]) for end in ("low", "high"))
    text = (
        f"Local share stays {low} wherever the unknown spend went"
        if low == high
        else f"Local share is {low} to {high}, whatever is unknown"
    )
    ticks = [(t, f"{t:.0%}") for t in nice_ticks(max(one.high for one in rows))]
    wide, narrow = (intervals(rows, w, low=0, high=ticks[-1][0], ticks=ticks) for w in (theme.WIDE, theme.NARROW))
    schema = {"band": pl.String, "share_low": pl.Float64, "share_expected": pl.Float64, "share_high": pl.Float64}
    frame = pl.DataFrame(data, schema=schema)
    return Figure(
        "bounds", text,
        "Share of spend. Filled: what was placed there. Line: with all that is unknown. "
        "Diamond: by the odds of the matches under review",
        said.note, describe_bounds(frame, names), frame, wide, narrow,
    )  # fmt: skip


# --- what drives a figure's width -------------------------------------------------------------------------------------


def _short(key: str, labels: Mapping[str, str]) -> str:
    label = labels.get(key, key).split(",")[0].split(":")[0]
    return _SHORT.get(key, label)


def tornado(figure: Mapping[str, Any], labels: Mapping[str, str], said: About, figure_id: str, what: str) -> Figure:
    """Return what drives a figure's width: it with each assumption at its low and high end, widest first."""
    estimate = estimates([figure])[0]
    rows = figure["tornado"]
    names = [sentence(_short(row["input"], labels)) for row in rows]
    frame = pl.DataFrame(
        [
            {
                "assumption": labels.get(r["input"], r["input"]), "assumption_low": float(r["input_low"]),
                "assumption_high": float(r["input_high"]), "figure_at_low": float(r["at_low"]),
                "figure_at_high": float(r["at_high"]), "width": abs(float(r["at_high"]) - float(r["at_low"])),
            }
            for r in rows
        ]
    )  # fmt: skip
    ends = [(float(r["at_low"]), float(r["at_high"])) for r in rows]
    wide, narrow = (_spans(names, ends, estimate, w) for w in (theme.WIDE, theme.NARROW))
    told = "; ".join(
        f"{name}: {_written(estimate, low)} at its low end, {_written(estimate, high)} at its high end"
        for name, (low, high) in zip(names, ends, strict=True)
    )
    return Figure(
        figure_id, title(f"{names[0]} moves {what} most", f"{names[0]} matters most"),
        f"{estimate.label}: {estimate.text}. Each assumption at its low and high end, the others central",
        said.note, f"What drives the width of {estimate.label}, {estimate.text}, widest first. {told}.", frame, wide,
        narrow, caveats([estimate]),
    )  # fmt: skip


def _written(estimate: Estimate, value: float) -> str:
    return f"£{value:.2f}" if estimate.unit.startswith("£") else amount(round(value))


def _spans(names: Sequence[str], ends: Sequence[tuple[float, float]], estimate: Estimate, width: float) -> Drawing:
    narrow = width < 500
    room = 8 + max(text_px(_written(estimate, v), theme.SMALL) for pair in ends for v in pair)
    x0, x1 = (0.0 if narrow else _GUTTER) + room, width - room
    low = min(estimate.central, *(v for pair in ends for v in pair))
    high = max(estimate.central, *(v for pair in ends for v in pair))
    per_px = (x1 - x0) / (high - low if high > low else 1.0)

    def at(value: float) -> float:
        return x0 + (value - low) * per_px

    marks: list[Mark] = []
    x, y = 0.0 if narrow else _GUTTER, 4.0
    for what, fill, edge in _ENDS:
        marks += [Box(x, x + 12, y, y + 12, fill, edge, what), Word(x + 18, y + 6, what)]
        x += 18 + text_px(what, theme.TEXT) + 20
    y += 30
    first = y
    for name, (at_low, at_high) in zip(names, ends, strict=True):
        if narrow:
            word, deeper = above(name, y + 8, width)
            y += 20 + deeper
        else:
            word, deeper = beside(name, y + _BAR / 2)
            y += deeper / 2
        marks.append(word)
        for (what, fill, edge), value in zip(_ENDS, (at_low, at_high), strict=True):
            a, b = sorted((at(estimate.central), at(value)))
            if b > a:
                marks.append(Box(a, b, y, y + _BAR, fill, edge, f"{name} {what}", _written(estimate, value)))
        # A figure that an end does not move keeps its label on the side that the other end leaves free.
        for value, other in ((at_low, at_high), (at_high, at_low)):
            left = value < other
            marks.append(
                Word(
                    at(value) + (-6 if left else 6), y + _BAR / 2, _written(estimate, value),
                    "right" if left else "left", False, theme.SOFT_INK, theme.SMALL,
                )
            )  # fmt: skip
        y += _BAR + (12 if narrow else 16 + deeper / 2)
    middle = at(estimate.central)
    marks.append(Line(middle, middle, first - 6, y - 6, theme.SOFT_INK))
    return draw(width, y, marks)


# --- gross to net -----------------------------------------------------------------------------------------------------


def waterfall(steps: Sequence[Mapping[str, Any]], gross: Estimate, net: Estimate, said: About) -> Figure:
    """Return the steps from gross to net jobs at the central rates, with the ranges of both ends in words."""
    names = [str(step["step"]) for step in steps]
    jobs = [float(step["jobs"]) for step in steps]
    reached = [0.0, *accumulate(jobs[:-1])]
    spans = [*pairwise(reached), (0.0, jobs[-1])]
    frame = pl.DataFrame({"step": names, "jobs": jobs, "jobs_left": [end for _, end in spans]})
    wide, narrow = (_steps(names, jobs, spans, w) for w in (theme.WIDE, theme.NARROW))
    low, high = (amount(round(value)) for value in (net.low, net.high))
    whole = f"Perhaps {low} to {high} jobs in {said.local} are additional"
    cut = [f"{name.lower()} {amount(round(value))}" for name, value in zip(names[1:-1], jobs[1:-1], strict=True)]
    told = f"{gross.label}: {gross.text}. {net.label}: {net.text}. From one to the other: {listed(cut)}."
    return Figure(
        "jobs_waterfall", title(whole, f"Perhaps {low} to {high} jobs are additional"),
        f"Jobs from gross, {gross.text}, to net, {net.text}: bars at the central rates, illustrative",
        said.note, told, frame, wide, narrow, caveats([gross, net]),
    )  # fmt: skip


def _steps(names: Sequence[str], jobs: Sequence[float], spans: Sequence[tuple[float, float]], width: float) -> Drawing:
    narrow = width < 500
    texts = [amount(round(value)) for value in jobs]
    room = 10 + max(text_px(text, theme.TEXT) for text in texts)
    low, high = min(0.0, *(min(s) for s in spans)), max(0.0, *(max(s) for s in spans))
    x0 = (0.0 if narrow else _GUTTER) + (room if low < 0 else 0.0)
    per_px = (width - room - x0) / (high - low if high > low else 1.0)

    def at(value: float) -> float:
        return x0 + (value - low) * per_px

    marks: list[Mark] = []
    y = 4.0
    for number, (name, text, span) in enumerate(zip(names, texts, spans, strict=True)):
        if narrow:
            marks.append(Word(0, y + 8, name))
            y += 20
        else:
            marks.append(Word(_GUTTER - 12, y + _BAR / 2, name, "right"))
        end = number in (0, len(names) - 1)
        fill, edge = (theme.ACCENT, theme.ACCENT) if end else ("#D5692A", "#A94C14")
        a, b = sorted(map(at, span))
        marks.append(Box(a, max(b, a + 1), y, y + _BAR, fill, edge, name, text))
        marks.append(Word(b + 6, y + _BAR / 2, text, "left", end, theme.INK if end else theme.SOFT_INK))
        y += _BAR + 12
    return draw(width, y, marks)
