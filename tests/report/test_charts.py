"""Pictures say what the numbers say, in colours that survive colour blindness and a black-and-white printer."""

import io
import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from itertools import combinations, pairwise

import made_up_run as made_up
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cwb.charts import BAND_COLOURS, Figure, body_svg, figures_for_compare, figures_for_run, render_png, render_svg
from cwb.charts.drawing import Word, spread
from cwb.charts.rows import BandRow, Interval, band_rows, intervals, nice_ticks, panels
from cwb.charts.theme import BAND_INK, NARROW, SCALE, WIDE
from cwb.charts.words import change, exact_money, fraction, money, percent, points
from cwb.schema import BANDS

RUN = figures_for_run(made_up.summary(), made_up.tables())
COMPARE = figures_for_compare(made_up.compare(), made_up.compare_tables())
ALL = [pytest.param(f, id=f"{kind}-{f.id}") for kind, fs in (("run", RUN), ("compare", COMPARE)) for f in fs]


@pytest.mark.parametrize("figure", ALL)
def test_every_chart_is_vega_lite_by_its_schema(figure: Figure) -> None:
    """They are drawn unchecked, which is quick; here each is checked whole."""
    for drawing in (figure.drawing, figure.narrow_drawing):
        assert drawing.chart.to_dict(validate=True) == drawing.spec


@pytest.mark.parametrize(
    ("pence", "said"),
    [
        (0, "£0"), (50, "£0"), (-50, "£0"), (95_000, "£950"), (41_234_567, "£412,000"), (37_000_000_00, "£37m"),
        (4_512_345_67, "£4.5m"), (746_000_000_00, "£746m"), (1_234_000_000_00, "£1.23bn"), (-329_000_000_00, "−£329m"),
        (999_600_00, "£1.0m"), (9_960_000_00, "£10m"), (999_600_000_00, "£1.00bn"),
    ],
)  # fmt: skip
def test_money_reads_as_people_say_it(pence: int, said: str) -> None:
    assert money(pence) == said


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_exact_money_keeps_every_penny(pence: int) -> None:
    text = exact_money(pence).replace("−", "-").replace("£", "").replace(",", "")
    assert Decimal(text) * 100 == pence


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.6, "three fifths"), (0.613, "just over three fifths"), (0.592, "just under three fifths"), (0.5, "half"),
        (0.182, "18%"), (0.05, "5%"), (0.004, "under 1%"), (0.0, "almost none"), (1.0, "all"), (1 / 3, "a third"),
    ],
)  # fmt: skip
def test_a_fraction_is_never_claimed_beyond_its_reach(share: float, said: str) -> None:
    assert fraction(share) == said


def test_points_are_not_per_cent() -> None:
    assert points(22.1) == "+22.1 points"
    assert points(-41.5) == "−41.5 points"
    assert percent(None) == "not known"
    assert percent(0.0002) == "under 0.1%"
    assert percent(0.9998) == "over 99.9%"
    assert percent(1.0) == "100.0%"
    assert change(75_000_000_00) == "+£75m"


@given(st.lists(st.floats(0, 680), min_size=1, max_size=4).map(sorted))
def test_labels_keep_their_distance_and_their_order(wanted: list[float]) -> None:
    placed = spread(wanted, 150, 75, 605)
    assert all(b - a >= 149.99 for a, b in pairwise(placed))
    assert placed[0] >= 74.99
    assert placed[-1] <= 605.01


@given(st.floats(1e-6, 1e12), st.floats(0, 1e6))
def test_ticks_cover_the_data(span: float, low: float) -> None:
    ticks = nice_ticks(low + span, low)
    assert ticks[0] <= low + 1e-9
    assert ticks[-1] >= (low + span) * (1 - 1e-6)
    assert len(ticks) <= 8


LONG = (
    "Architectural and engineering activities; technical testing and analysis",
    "Northfell and Harrowmere Hospitals",
)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_long_names_of_rows_are_whole_and_clear_of_each_other(width: float) -> None:
    rows = [BandRow(name, dict.fromkeys(BANDS, 100), "£4") for name in LONG * 2]
    ranges = [Interval(name, 1, 2, 3, "2 (1 to 3)") for name in LONG * 2]
    cells = {(name, year): row for name, row in zip(LONG, rows, strict=False) for year in ("2015-16", "2016-17")}
    for drawing in (
        band_rows(rows, width), panels(LONG, ("2015-16", "2016-17"), cells, width),
        intervals(ranges, width, low=0, high=4, ticks=[(0, "0"), (4, "4")]),
    ):  # fmt: skip
        told = [mark for mark in drawing.marks if isinstance(mark, Word) and mark.text.replace("\n", " ") in LONG]
        assert {mark.text.replace("\n", " ") for mark in told} == set(LONG)
        for one, below in pairwise(told):
            assert one.y + 15 * (one.text.count("\n") + 1) <= below.y + 1


# --- colour ---------------------------------------------------------------------------------------------------------

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
GREY = ((0.2126, 0.7152, 0.0722),) * 3


def _linear(colour: str) -> list[float]:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def _luminance(colour: str) -> float:
    return sum(w * c for w, c in zip(GREY[0], _linear(colour), strict=True))


def _lab(rgb: list[float]) -> tuple[float, float, float]:
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    xyz = [sum(m * c for m, c in zip(row, rgb, strict=True)) / w for row, w in zip(matrix, white, strict=True)]
    f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (max(0.0, v) for v in xyz)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def _seen(colour: str, eye: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    linear = _linear(colour)
    return _lab([min(1.0, max(0.0, sum(m * c for m, c in zip(row, linear, strict=True)))) for row in eye])


@pytest.mark.parametrize("eye", BLINDNESS)
def test_bands_differ_to_every_eye(eye: str) -> None:
    """A CIELAB distance of 20 is plain to see side by side."""
    for one, other in combinations(BANDS, 2):
        a, b = (_seen(BAND_COLOURS[band], BLINDNESS[eye]) for band in (one, other))
        distance = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        assert distance > 20, f"{one} and {other} are {distance:.0f} apart to {eye}"


def test_neighbouring_bands_differ_in_black_and_white() -> None:
    for one, other in pairwise(BANDS):
        light = [_seen(BAND_COLOURS[band], GREY)[0] for band in (one, other)]
        assert abs(light[0] - light[1]) > 8, f"{one} and {other}"


@pytest.mark.parametrize("eye", BLINDNESS)
def test_the_steps_of_a_map_get_darker_to_every_eye(eye: str) -> None:
    """More £ is darker: by 8 in CIELAB's lightness a step, so that neighbours can be told apart in black and white."""
    light = [_seen(colour, BLINDNESS[eye])[0] for colour in SCALE]
    assert all(lighter - darker > 8 for lighter, darker in pairwise(light))


@pytest.mark.parametrize("band", BANDS)
def test_text_on_a_band_can_be_read(band: str) -> None:
    a, b = sorted((_luminance(BAND_COLOURS[band]), _luminance(BAND_INK[band])), reverse=True)
    assert (a + 0.05) / (b + 0.05) >= 4.5


# --- figures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("figure", ALL)
def test_every_figure_has_a_statement_source_table_and_words(figure: Figure) -> None:
    assert len(figure.title.split()) <= 10
    assert "Source:" in figure.note
    assert figure.data.height
    assert not [c for c in figure.data.columns if c.endswith("_pence")]
    assert len(figure.alt) > 30


@pytest.mark.parametrize("figure", ALL)
def test_every_figure_prints(figure: Figure) -> None:
    svg = ET.fromstring(render_svg(figure))
    texts = " ".join("".join(t.itertext()) for t in svg.iter("{http://www.w3.org/2000/svg}text"))
    assert figure.title.split()[0] in texts
    assert "Source:" in texts
    assert svg.findtext("{http://www.w3.org/2000/svg}desc") == figure.alt
    image = Image.open(io.BytesIO(render_png(figure)))
    assert image.width >= 2 * 680
    assert image.getextrema()[0][0] < 100, "nothing is drawn"


@pytest.mark.parametrize("figure", ALL)
@pytest.mark.parametrize("narrow", [False, True])
def test_nothing_is_drawn_outside_the_picture(figure: Figure, narrow: bool) -> None:
    """The picture is no wider than its column, so that labels never run off a page or a telephone."""
    found = re.search(r'width="([\d.]+)"', body_svg(figure, narrow=narrow))
    assert found
    assert float(found[1]) <= (300 if narrow else 680) + 6


def test_the_bands_picture_shows_the_shares_of_its_data() -> None:
    figure = RUN[0]
    assert figure.data["amount_gbp"].sum() * 100 == made_up.TOTAL
    svg = body_svg(figure)
    for share, pence in zip(figure.data["share"], made_up.PENCE.values(), strict=True):
        assert f">{percent(share)}<" in svg
        assert f">{money(pence)}<" in svg
        assert percent(share) in figure.alt


def test_the_bar_of_a_band_is_as_long_as_its_share() -> None:
    spec = RUN[0].drawing.spec
    boxes = next(rows for rows in spec["datasets"].values() if "edge" in rows[0])
    drawn = {row["fill"]: (row["x2"] - row["x"]) / 680 for row in boxes}
    for band, colour in BAND_COLOURS.items():
        assert drawn[colour] == pytest.approx(made_up.PENCE[band] / made_up.TOTAL, abs=0.004)


def test_the_rest_of_a_long_list_is_summed_not_dropped() -> None:
    categories = next(f for f in RUN if f.id == "categories")
    assert categories.data["amount_gbp"].sum() * 100 == made_up.TOTAL
    assert "5 others" in categories.data["category"].to_list()


def test_undated_payments_are_told() -> None:
    months = next(f for f in RUN if f.id == "months")
    undated = made_up.tables()["months"].filter(pl.col("month").is_null())["amount_pence"].sum()
    assert f"{money(undated)} has no date" in months.subtitle


def test_net_credits_and_empty_tables_do_not_break_a_picture() -> None:
    tables = made_up.tables()
    tables["bands"] = tables["bands"].with_columns(
        amount_pence=pl.when(pl.col("band") == "unknown").then(-5_00).otherwise("amount_pence")
    )
    tables["sectors"] = tables["sectors"].clear()
    figures = figures_for_run(made_up.summary(), tables)
    assert "−£5" in figures[0].alt
    assert "sectors" not in {f.id for f in figures}
    render_svg(figures[0])


def test_a_run_that_nets_to_nothing_has_no_pictures() -> None:
    summary = made_up.summary()
    summary["amount_pence"]["payments"] = 0
    assert figures_for_run(summary, made_up.tables()) == []


def test_the_leak_is_told_in_pounds_with_its_two_parts() -> None:
    parts = next(f for f in COMPARE if f.id == "parts")
    frame = made_up.compare_tables()["change"]
    assert (parts.data["volume_gbp"] + parts.data["rate_gbp"] == parts.data["amount_gbp"]).all()
    leak = frame.filter(pl.col("band") == "leaked").row(0, named=True)
    assert f"{change(leak['volume_pence'])} because total spend changed" in parts.alt


def test_an_estimate_is_never_printed_without_its_range() -> None:
    jobs, region, lm3 = (next(f for f in RUN if f.id == name) for name in ("jobs", "jobs_region", "lm3"))
    for figure in made_up.IMPACT:
        picture = lm3 if figure["kind"] == "lm3" else jobs if figure["area"] == "local" else region
        assert f"{figure['label']}: " in picture.alt
    assert "2,507 (2,100 to 2,607)" in jobs.alt
    assert "£1.28 (£1.22 to £1.40)" in lm3.alt
    assert jobs.caveat.count("no evidence") == 1
    assert "no evidence" in render_svg(jobs)


def test_a_comparison_from_nothing_still_shows_what_it_can() -> None:
    tables = made_up.compare_tables()
    nothing = pl.lit(None, dtype=pl.Float64)
    tables["change"] = tables["change"].with_columns(
        share_from=nothing, share_points=nothing, volume_pence=pl.lit(None, pl.Int64), rate_pence=pl.lit(None, pl.Int64)
    )
    tables["change_by_institution"] = tables["change_by_institution"].clear()
    tables["series"] = tables["series"].filter(pl.col("run") == 2)
    assert [f.id for f in figures_for_compare(made_up.compare(), tables)] == ["jobs", "jobs_region"]


def test_a_tornado_names_the_leading_assumption_and_its_reach() -> None:
    tornado = next(f for f in RUN if f.id == "jobs_tornado")
    assert tornado.title == "GVA in £1 of spend moves the jobs figure most"
    assert "2,507 (2,100 to 2,607)" in tornado.subtitle
    assert tornado.data["width"].to_list() == sorted(tornado.data["width"], reverse=True)
    assert "GVA in £1 of spend: 2,100 at its low end, 2,507 at its high end" in tornado.alt
    assert "no evidence" in tornado.caveat


def test_gross_to_net_adds_up_and_gives_both_ranges() -> None:
    steps = next(f for f in RUN if f.id == "jobs_waterfall")
    jobs = steps.data["jobs"].to_list()
    assert sum(jobs[:-1]) == jobs[-1] == steps.data["jobs_left"][-1]
    assert steps.title == "Perhaps 400 to 1,300 jobs in Preston are additional"
    assert "1,600 (1,400 to 1,900)" in steps.subtitle
    assert "864 (400 to 1,300)" in steps.alt


def test_bounds_hold_what_was_found_and_what_is_expected() -> None:
    found = next(f for f in RUN if f.id == "bounds")
    assert found.data.select((pl.col("share_low") <= pl.col("share_expected")).all()).item()
    assert found.data.select((pl.col("share_expected") <= pl.col("share_high")).all()).item()
    low, high = (percent(made_up.summary()["bounds"]["local"][end]) for end in ("low", "high"))
    assert f"{low} to {high}" in found.title


def test_no_bounds_where_all_is_known() -> None:
    summary = made_up.summary()
    summary["bands"]["unknown"]["amount_pence"] = 0
    assert "bounds" not in {f.id for f in figures_for_run(summary, made_up.tables())}
