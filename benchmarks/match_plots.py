"""Plots of matching for docs/: is a probability of 0.9 right nine times in ten, and how does the cost grow?"""

from __future__ import annotations

from pathlib import Path

import altair as alt
import polars as pl

DOCS = Path(__file__).resolve().parent.parent / "docs"
_SIZE = 300
_INK, _OTHER = "#1b4f72", "#b9770e"


def calibration(held_back: dict[str, pl.DataFrame], path: Path) -> pl.DataFrame:
    """Write the calibration plot and return its table: set, bin, suppliers, said, was.

    `held_back` has for each set one row a supplier: `p`, the best candidate's probability, and `right`, 0 or 1.
    """
    table = pl.concat(
        best.group_by(bin=(pl.col("p") * 10).floor().clip(0, 9) / 10)
        .agg(suppliers=pl.len(), said=pl.col("p").mean(), was=pl.col("right").mean())
        .with_columns(pl.lit(name).alias("set"))
        for name, best in held_back.items()
    ).sort("set", "bin")
    names = list(held_back)
    line = alt.Chart(alt.Data(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        color="#888888", strokeDash=[4, 4]
    )
    line = line.encode(x="x:Q", y="y:Q")
    colour = alt.Color("set:N", title=None, sort=names, scale=alt.Scale(domain=names, range=[_INK, _OTHER]))
    shape = alt.Shape("set:N", title=None, sort=names)
    points = alt.Chart(alt.Data(values=table.to_dicts())).mark_point(filled=True, opacity=1).encode(
        x=alt.X("said:Q", title="Probability said (mean of the bin)", axis=alt.Axis(format="%", tickCount=5)),
        y=alt.Y("was:Q", title="Share that was right", axis=alt.Axis(format="%", tickCount=5)),
        color=colour, shape=shape,
        size=alt.Size("suppliers:Q", title="Suppliers", scale=alt.Scale(type="sqrt", range=[30, 400]),
                      legend=alt.Legend(symbolStrokeWidth=0, values=[10, 100, 1000])),
    )  # fmt: skip
    chart = (line + points).properties(width=_SIZE, height=_SIZE, title="Calibration on folds held back")
    _save(chart, path)
    return table


def growth(runs: pl.DataFrame, path: Path) -> None:
    """Write how processor seconds grow; `runs` has companies, suppliers, build and match."""
    panels = []
    for x, held, y, title in (
        ("companies", "suppliers", "build", "Building the index"),
        ("companies", "suppliers", "match", "Matching, by companies"),
        ("suppliers", "companies", "match", "Matching, by suppliers"),
    ):
        most = runs[held].mode().sort()[-1]
        rows = runs.filter(pl.col(held) == most).sort(x)
        subtitle = f"{most:,} {held}"
        base = alt.Chart(alt.Data(values=rows.to_dicts()), title=alt.Title(title, subtitle=subtitle)).encode(
            x=alt.X(f"{x}:Q", title=x.capitalize(), axis=alt.Axis(format="~s", tickCount=4)),
            y=alt.Y(f"{y}:Q", title="Processor seconds"),
        )
        panels.append((base.mark_line(color=_INK) + base.mark_point(color=_INK, filled=True, size=50)).properties(
            width=200, height=180
        ))  # fmt: skip
    _save(alt.hconcat(*panels), path)


def _save(chart: alt.TopLevelMixin, path: Path) -> None:
    # Text is drawn in the reader's own sans serif; nothing is fetched.
    chart.configure(font="Arial, Helvetica, sans-serif", background="white").configure_view(stroke=None).save(path)
