"""Maps and flows: drawn where the places are, every pound in the table beneath, nothing of people's homes."""

import json
from pathlib import Path

import made_up_run as made_up
import numpy as np
import polars as pl
import pytest

from cwb import data, outlines
from cwb.charts import figures_for_run
from cwb.charts.about import about
from cwb.charts.concentration import concentration
from cwb.charts.flow import flow
from cwb.charts.ground import View, clipped
from cwb.indicators.flow import flow as flow_table
from cwb.indicators.place_detail import by_sector

FIGURES = {f.id: f for f in figures_for_run(made_up.summary(), made_up.tables())}
ABOUT = about(made_up.summary())


def test_degrees_become_grid_references_as_ordnance_survey_works_them_out() -> None:
    """A guide to coordinate systems in Great Britain, annexe C: 52 39 27.2531 N, 1 43 4.5177 E on Airy's figure."""
    east, north = outlines.to_grid(
        np.array([1 + 43 / 60 + 4.5177 / 3600]), np.array([52 + 39 / 60 + 27.2531 / 3600])
    )[0]  # fmt: skip
    assert east == pytest.approx(651409.903, abs=0.01)
    assert north == pytest.approx(313177.270, abs=0.01)


def test_northern_ireland_lies_north_west_of_liverpool_on_one_grid() -> None:
    belfast, liverpool = (outlines.centres()[code] for code in ("N09000003", "E08000012"))
    assert belfast[0] < 160_000 < liverpool[0]
    assert 480_000 < belfast[1] < 560_000


def _area(rings: list[outlines.Ring]) -> float:
    """Square kilometres, holes taken away: they run the other way round."""
    return sum(
        float(np.sum(r[:, 0] * np.roll(r[:, 1], -1) - np.roll(r[:, 0], -1) * r[:, 1])) / 2 for r in rings
    ) / 1e6  # fmt: skip


@pytest.mark.parametrize(
    ("code", "square_km"), [("E07000123", 142), ("E08000003", 116), ("E07000121", 576), ("W06000015", 142)]
)
def test_outlines_from_postcodes_are_about_as_large_as_the_districts(code: str, square_km: float) -> None:
    """Standard area measurements of ONS, to land, whole square kilometres."""
    drawn = outlines.outlines({code: code}, 500, rest="land", around=30_000)
    assert _area(drawn[code]) == pytest.approx(square_km, rel=0.2)


def test_districts_next_to_each_other_do_not_overlap() -> None:
    codes = {code: code for code in ("E07000123", "E07000126", "E07000119")}
    drawn = outlines.outlines(codes, 500, rest="land", around=20_000)
    whole = outlines.outlines(dict.fromkeys(codes, "all"), 500, rest="land", around=20_000)
    assert sum(_area(drawn[code]) for code in codes) == pytest.approx(_area(whole["all"]), rel=0.03)


def test_boundaries_that_the_user_adds_take_the_place_of_postcodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CWB_HOME", str(tmp_path / "home"))
    ring = [[-2.8, 53.7], [-2.6, 53.7], [-2.6, 53.8], [-2.8, 53.8], [-2.8, 53.7]]
    feature = {"properties": {"LAD25CD": "E07000123"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    file = tmp_path / "districts.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", **feature}]}), "utf-8")
    data.add("boundaries", file)
    drawn = outlines.outlines({"E07000123": "Preston"}, 500)["Preston"]
    assert len(drawn) == 1
    assert abs(_area(drawn)) == pytest.approx(13.2 * 11.1, rel=0.05)
    assert "Office for National Statistics" in outlines.source()


def test_boundaries_without_one_of_the_districts_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CWB_HOME", str(tmp_path / "home"))
    ring = [[-2.8, 53.7], [-2.6, 53.7], [-2.6, 53.8], [-2.8, 53.7]]
    feature = {"properties": {"code": "E07000123"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    file = tmp_path / "one.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    data.add("boundaries", file)
    drawn = outlines.outlines({"E07000123": "a", "E07000126": "b"}, 500, rest="land", around=20_000)
    assert _area(drawn["b"]) > 50


def test_a_ring_is_cut_at_the_window() -> None:
    view = View(0, 0, 10, 10, 100)
    cut = clipped(np.array([[5.0, 5.0], [15.0, 5.0], [15.0, 8.0], [5.0, 8.0]]), view)
    assert cut.min() >= 0
    assert cut[:, 0].max() == 10
    assert abs(_area([cut]) * 1e6) == pytest.approx(15)
    assert len(clipped(np.array([[20.0, 20.0], [21.0, 20.0], [21.0, 21.0]]), view)) == 0


@pytest.mark.parametrize("name", ["map", "flow"])
def test_the_table_beneath_holds_every_pound(name: str) -> None:
    assert FIGURES[name].data["amount_gbp"].sum() * 100 == made_up.TOTAL


def test_maps_name_the_largest_and_say_what_has_no_place() -> None:
    assert FIGURES["map"].title.startswith("Manchester takes most of what leaves Lancashire")
    assert "£14m has no district" in FIGURES["map"].subtitle
    assert "South Ribble" in FIGURES["map_region"].alt
    assert "PR1 2" in FIGURES["map_place"].title
    assert "grid references of the ONS Postcode Directory" in FIGURES["map"].note


def test_a_place_that_the_directory_does_not_have_has_no_map() -> None:
    summary = made_up.summary()
    summary["place"] |= {"local": ["E99999999"], "region": ["E99999999"]}
    assert not [f for f in figures_for_run(summary, made_up.tables()) if f.id.startswith("map")]


def test_the_ribbons_of_both_legs_are_as_wide_as_the_spend() -> None:
    """Each leg carries all £: their widths sum to the same, as far as hairlines are not drawn wider."""
    figure = FIGURES["flow"]
    shapes = [m for m in figure.drawing.marks if type(m).__name__ == "Shape"]
    starts = sorted({round(m.rings[0][0][0]) for m in shapes})
    legs = [
        sum(m.rings[0][-1][1] - m.rings[0][0][1] for m in shapes if round(m.rings[0][0][0]) == start)
        for start in starts
    ]
    assert len(legs) == 2
    assert legs[0] == pytest.approx(legs[1], rel=0.03)


def test_a_flow_of_one_kind_is_no_flow() -> None:
    one = made_up.tables()["flow"].with_columns(proclass=pl.lit("Healthcare"), section_name=pl.lit("Construction"))
    assert flow(one, ABOUT) is None


def test_the_flow_table_keeps_every_penny_and_says_what_it_cannot_class() -> None:
    rows = pl.DataFrame(
        {
            "institution": ["a", "a", "b"], "proclass": ["Utilities", None, "Utilities"],
            "sic_section": ["F", None, "F"], "band": ["local", "leaked", "unknown"], "amount_pence": [5, 7, -2],
        }
    )  # fmt: skip
    table = flow_table(rows)
    assert table["amount_pence"].sum() == 10
    assert table.filter(pl.col("amount_pence") == 7).select("proclass", "section_name").row(0) == (
        "Unknown", "Sector not known",
    )  # fmt: skip


def test_no_home_is_on_the_map_of_the_place() -> None:
    rows = pl.DataFrame(
        {
            "postcode": ["PR1 2HE", "PR1 2HE", "PR1 2HE", None], "band": ["local", "local", "leaked", "local"],
            "payee": ["a", "b", "c", "d"], "supplier_type": ["company", "individual", "company", "company"],
            "amount_pence": [100, 20, 3000, 4],
        }
    )  # fmt: skip
    table = by_sector(rows)
    assert dict(table.select("sector", "amount_pence").iter_rows()) == {"PR1 2": 100, None: 24}
    assert table.filter(pl.col("sector").is_null())["easting"].null_count() == 1


def test_concentration_counts_suppliers_and_leaves_out_who_is_many_under_one_name() -> None:
    """Of £100: one of £50, ten of £4, one individual of £10. Half goes to 1 supplier of 11."""
    frame = pl.DataFrame(
        {
            "supplier_name": ["big", *(f"s{i}" for i in range(10)), "Individual (name withheld)"],
            "supplier_type": ["company"] * 11 + ["individual"],
            "amount_pence": [5000] + [400] * 10 + [1000],
        }
    )
    summary = made_up.summary()
    summary["amount_pence"]["payments"] = 10_000
    figure = concentration(frame, about(summary))
    assert figure is not None
    assert figure.title == "Half of spend goes to 1 of 11 suppliers"
    assert dict(figure.data.select("suppliers", "amount_share").iter_rows())[11] == pytest.approx(0.9)
    assert "1 with withheld names" in figure.subtitle
