"""Published workbooks, written here in their publishers' layouts from the published flows, are read back whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import xlsxwriter

from cwb.errors import LookupsError
from cwb.impact import CENTRAL, Area, Regionalised, jobs, model, multipliers, uncertainty
from cwb.impact import input_output as io
from cwb.impact.estimate import area_spend, inputs_of
from cwb.impact.io_workbooks import is_scottish, read_workbook

Grid = list[list[Any]]


def write(path: Path, sheet: str, grid: Grid) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for r, row in enumerate(grid):
            for c, cell in enumerate(row):
                if cell is not None:
                    page.write(r, c, cell)
    return path


def ons_grid(table: Any) -> Grid:
    """Sheet IOT of the ONS workbook: codes in row 4 from column C, names under them, industries from row 7."""
    codes = list(table.codes)
    at = codes.index("L683") + 1  # ONS prints owner-occupiers between L683 and L68BXL683
    codes.insert(at, "L68A")
    flows = np.insert(np.insert(table.flows, at, 0.0, axis=0), at, 0.0, axis=1)
    grid: Grid = [
        ["Industry by industry table, domestic use, basic prices"], ["United Kingdom, 2023, £ million"], [],
        ["SIC", "Industry", *codes, "_T", "P3 S14", "P3 S13"], [], [],
    ]  # fmt: skip
    household = np.insert(table.beside["P3 S14"], at, 200000.0)
    for i, code in enumerate(codes):
        grid.append([code, f"Industry {code}", *flows[i], flows[i].sum(), household[i], 0.0])
    below = {
        "Total intermediate use at basic prices": flows.sum(axis=0),
        # The total carries the same code below as beside.
        "Use of imported products, cif": np.insert(table.below["IMPORTS_CIF"], at, 0.0),
        "Taxes less subsidies on products": np.zeros(len(codes)),
        "Compensation of employees": np.insert(table.below["COE"], at, 0.0),
        "Gross value added": np.insert(table.below["GVA"], at, 260000.0),
        "Total output at basic prices": np.insert(table.below["TOTAL_OUTPUT"], at, 260111.0),
    }
    grid += [["_T" if label.startswith("Total inter") else "", label, *values] for label, values in below.items()]
    return grid


def scottish_grid(table: Any, years: tuple[int, ...]) -> Grid:
    """Sheet IxI of the Scottish workbook: a year in column A, codes in B, names in C, years one under another."""
    grid: Grid = [["Industry by industry tables"], ["£ million"], [], [], []]
    grid.append(["", "", "", *table.codes, "Total", "Households"])
    grid.append(["Year", "Code", "Industry", *[f"Name {c}" for c in table.codes], "", ""])
    for year in years:
        scale = 1.0 if year == 2019 else 0.5
        for i, code in enumerate(table.codes):
            row = [*(scale * table.flows[i]), 0.0, scale * table.beside["HH_CONSUMPTION"][i]]
            grid.append([year, code, f"Name {code}", *row])
        for label, key in (
            ("Imports from rest of UK", "IMPORTS_RUK"), ("Imports from rest of world", "IMPORTS_ROW"),
            ("Compensation of employees", "COE"), ("Gross value added", "GVA"),
            ("Total output at basic prices", "TOTAL_OUTPUT"),
        ):  # fmt: skip
            grid.append([year, "", label, *(scale * table.below[key])])
    return grid


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workbooks")


def test_ons_workbook_gives_the_published_multipliers(ons_2023: Any, folder: Path) -> None:
    path = write(folder / "iot2023industry.xlsx", "IOT", ons_grid(ons_2023))
    table = read_workbook(path, source="ons_ioat_2023")
    assert table.industries == tuple(" ".join(code.split()) for code in ons_2023.codes)
    assert table.year == 2023
    found = io.output_multipliers(io.leontief(table.made))
    assert found == pytest.approx(ons_2023.multipliers["typeI_output_multiplier"].to_numpy(), abs=1e-6)
    assert table.imports == pytest.approx(ons_2023.below["IMPORTS_CIF"])
    assert table.household == pytest.approx(ons_2023.beside["P3 S14"])
    assert table.sections[:3] == ("A", "A", "A")


def test_a_table_that_was_added_is_used(ons_2023: Any, folder: Path) -> None:
    path = write(folder / "again.xlsx", "IOT", ons_grid(ons_2023))
    again = read_workbook(path, source="ons_ioat_2023")
    assert not is_scottish(path)
    block = multipliers(Area("Preston", frozenset({"E07000123"})), table=again).block
    assert len(block["sectors"]) == 103
    assert all(s["type1_output"]["low"] >= 1 for s in block["sectors"])
    preston = Area("Preston", frozenset({"E07000123"}))
    frame = pl.DataFrame({"sic_section": ["F", "Q"], "band": ["local"] * 2, "amount_pence": [10**9, 10**9]})
    spend = area_spend({"local": 2 * 10**9}, frame, [preston], ["2016-17"], Regionalised(again))
    found = model.evaluate(spend, uncertainty.central(inputs_of(spend, CENTRAL)))
    lam = block["lambda"]["central"]
    chain = jobs.supply_chain_jobs(spend.by_industry, spend.jobs_per_gbp_m, io.leontief(lam * again.made))
    assert float(found["jobs_supply_chain"][0]) == pytest.approx(chain, rel=1e-6)


def test_scottish_workbook_of_several_years(scotland_2019: Any, folder: Path) -> None:
    path = write(folder / "SUT-98-19.xlsx", "IxI", scottish_grid(scotland_2019, (2018, 2019)))
    table = read_workbook(path, source="sg_io_2019")
    assert (table.year, len(table.industries)) == (2019, 98)
    assert is_scottish(path)
    found = io.output_multipliers(io.leontief(table.made))
    published = scotland_2019.multipliers["typeI_output_multiplier"].to_numpy()
    some = table.output > 0
    assert found[some] == pytest.approx(published[some], abs=1e-6)
    assert table.imports == pytest.approx(scotland_2019.below["IMPORTS_RUK"] + scotland_2019.below["IMPORTS_ROW"])
    earlier = read_workbook(path, year=2018, source="sg_io_2019")
    assert earlier.output.sum() == pytest.approx(table.output.sum() / 2)
    with pytest.raises(LookupsError, match="no table for 2001; it has 2018 to 2019"):
        read_workbook(path, year=2001, source="sg_io_2019")


def small() -> Grid:
    codes = ["A01", "B05", "C10", "F41", "G47", "N81", "P85", "S94"]
    grid: Grid = [["Table for 2023"], ["SIC", "Industry", *codes, "_T", "P3 S14"]]
    grid += [[c, f"Industry {c}", *[1.0] * 8, 8.0, 2.0] for c in codes]
    grid += [["", label, *[v] * 8] for label, v in (("Compensation of employees", 5.0), ("Gross value added", 9.0))]
    return [*grid, ["", "Total output at basic prices", *[20.0] * 8]]


def swap_rows(grid: Grid) -> None:
    grid[8], grid[9] = grid[9], grid[8]


def few(grid: Grid) -> None:
    grid[3][0], grid[6][0] = grid[6][0], grid[3][0]


def no_output(grid: Grid) -> None:
    grid.pop()


def negative(grid: Grid) -> None:
    grid[-1][3] = -20.0


def too_much_bought(grid: Grid) -> None:
    grid[-1][2] = 5.0


def text_in_a_cell(grid: Grid) -> None:
    grid[3][4] = "n/a"


def no_household(grid: Grid) -> None:
    grid[1][-1] = "P6"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (swap_rows, "from 'P85' on, industries stand in another order across than down"),
        (few, "no codes stand in the same order"),
        (no_output, "no row for output"),
        (negative, "output of sector 2 is negative"),
        (too_much_bought, r"sector 1 buys £1\.600"),
        (text_in_a_cell, "row 4: 'n/a' is not a number"),
        (no_household, "no column of household consumption"),
    ],
)
def test_workbooks_that_are_refused(tmp_path: Path, spoil: Callable[[Grid], None], says: str) -> None:
    grid = small()
    assert read_workbook(write(tmp_path / "good.xlsx", "IOT", grid), source="cwb").industries[0] == "A01"
    spoil(grid)
    path = write(tmp_path / "bad.xlsx", "IOT", grid)
    with pytest.raises(LookupsError, match=says) as caught:
        read_workbook(path, source="cwb")
    assert "\n" not in str(caught.value)


def test_what_is_not_such_a_workbook(tmp_path: Path) -> None:
    other = write(tmp_path / "other.xlsx", "Sheet1", small())
    with pytest.raises(LookupsError, match=r"no sheet IOT or IxI\. Found: Sheet1"):
        read_workbook(other, source="cwb")
    (tmp_path / "text.xlsx").write_text("hello", "utf-8")
    with pytest.raises(LookupsError, match="not a workbook"):
        read_workbook(tmp_path / "text.xlsx", source="cwb")
