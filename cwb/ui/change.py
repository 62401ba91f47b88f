"""Change: two years side by side, and how much of the difference is volume and how much is rate."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from cwb.charts import words
from cwb.schema import BANDS
from cwb.ui import parts, work
from cwb.ui.parts import Col, Tile
from cwb.ui.session import Result


def page(result: Result | None, start: Any) -> None:
    """Print the page."""
    parts.heading("Change", "What moved between two years, and whether it was the total or the share that moved it.")
    if result is None:
        parts.empty("No ledger yet", "Add ledgers of two or more years, or try the sample.", start)
        return
    if result.comparison is None:
        parts.empty(
            "One year so far", "Add a ledger of another financial year to see what changed. Undated payments count "
            "in the year you give them on the Ledgers page.", start,
        )  # fmt: skip
        return
    result = _choose(result)
    comparison = result.comparison
    assert comparison is not None
    compare, figures = comparison.compare, work.change_figures(result)
    key = f"{result.key}-change-{'-'.join(compare['from']['years'] + compare['to']['years'])}"
    _headline(compare)
    jobs = [figure for figure in figures.values() if figure.id.startswith("jobs")]
    for figure in (f for f in figures.values() if f.id not in {job.id for job in jobs}):
        parts.picture(figure, key)
        st.space("small")
    _table(comparison.tables["change"])
    if jobs:
        st.space("small")
        st.header("Jobs on the change", anchor=False)
        parts.show(
            '<p class="lead">Gross estimates. Jobs in the place are inside those of its region: never add the two.</p>'
        )
        for figure in jobs:
            parts.picture(figure, key, level=3)


def _choose(result: Result) -> Result:
    """Print the choice of years, where there are more than two, and return the result compared so."""
    years = [label for label in result.runs if label != work.ALL_YEARS]
    if len(years) < 3:
        return result
    left, right = st.columns(2)
    earlier = left.selectbox("From", years[:-1], key=f"from-{result.key}", persist_state="session")
    later_years = years[years.index(earlier) + 1 :]
    later = right.selectbox("To", later_years, index=len(later_years) - 1, key=f"to-{result.key}-{earlier}")
    assert result.comparison is not None
    now = result.comparison.compare
    if (now["from"]["years"], now["to"]["years"]) != ([earlier], [later]):
        return work.compare(result, earlier, later)
    return result


def _headline(compare: dict[str, Any]) -> None:
    before, after = ", ".join(compare["from"]["years"]), ", ".join(compare["to"]["years"])
    parts.show(f'<p class="where">{parts.esc(before)} to {parts.esc(after)}</p>')
    change = compare["change"]
    parts.tiles(
        [
            Tile(name, words.points(row["share_points"]), (words.change(row["amount_pence"]),), colour)
            for band in BANDS
            for name, colour in [parts.band_look(band)]
            for row in [change[band]]
        ]
    )
    region = compare["region_including_local"]
    parts.show(
        '<div class="note"><p><strong>The region, local included: '
        f"{words.points(region['share_points'])}</strong> ({words.change(region['amount_pence'])}). "
        "Points are percentage points: a share that goes from 5% to 18% is up 13 points.</p></div>"
    )
    differences = (compare.get("comparable") or {}).get("differences") or []
    if differences:
        st.warning(
            "These years are not like for like: " + parts.plain("; ".join(differences)) + "\\.",
            icon=":material/warning:",
        )


def _table(frame: pl.DataFrame) -> None:
    st.header("The change, to the penny", anchor=False)
    names = {"region_including_local": "Region, local included"}
    parts.table(
        frame.with_columns(name=pl.col("band").replace_strict(names, default=pl.col("band"))),
        [Col("name", "Band", "band"), Col("from_pence", "Before, £", "money"), Col("to_pence", "After, £", "money"),
         Col("amount_pence", "Change, £", "change"), Col("volume_pence", "of which volume, £", "change"),
         Col("rate_pence", "of which rate, £", "change"), Col("share_points", "Share", "points")],
        "Change by band", "volume: total spend changed; rate: its share changed; the two add up exactly",
    )  # fmt: skip
