"""A real ledger and a real register on every page: wide and narrow, light and dark; the command line's figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from companies_house_file import write_extract
from driving import PAGES, App, choose, give, go_to, objections_in_both, settled, too_wide
from playwright.sync_api import Browser, Page, expect

from cwb.charts import words
from cwb.schema import BANDS

pytestmark = pytest.mark.browser

LEDGER = "ledgers/bhrut-nhs/BHR_Merged.xlsx"
ROWS, PENCE = 1169, 22122989122  # INDEX.csv of the real ledgers
NAMES = dict(zip(BANDS, ("Local", "Rest of region", "Leaked", "Unknown"), strict=True))
SIZES = (1280, 320)


@pytest.fixture(scope="module")
def told(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Give the index of the real register, and what the command line says of the ledger matched to it."""
    folder = tmp_path_factory.mktemp("real")
    register = write_extract(shared_data / "matching/register_real_extract.parquet", folder / "companies.csv")
    cwb = [sys.executable, "-c", "from cwb.cli import main; main()"]
    subprocess.run([*cwb, "register", "build", str(register), "--out", str(folder / "index")], check=True)
    subprocess.run(
        [*cwb, "analyse", str(shared_data / LEDGER), "--place", "Havering", "--register", str(folder / "index"),
         "--out", str(folder / "run")],
        check=True,
    )  # fmt: skip
    return folder / "index", json.loads((folder / "run" / "summary.json").read_text("utf-8"))


def test_every_page(
    browser: Browser, app: App, shared_data: Path, told: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    index, summary = told
    wrong: list[str] = []
    with browser.new_context(viewport={"width": SIZES[0], "height": 900}) as context:
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(f"{app.url}/?project=new")
        give(page, shared_data / LEDGER)
        expect(page.get_by_text(f"{ROWS:,} payments, {words.exact_money(PENCE)}")).to_be_visible()
        page.locator("summary", has_text="Add a register").click()
        page.get_by_label("Or the folder of an index already built").fill(str(index))
        page.keyboard.press("Enter")
        choose(page, "Place", "Havering")
        expect(page.get_by_text("Elsewhere is leaked")).to_be_visible()
        page.get_by_role("button", name="Show where the money goes").click()
        expect(page.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
        expect(page.locator("dl.tiles")).to_be_visible()
        headline_is(page, summary)
        for name in ("Where it goes", "Suppliers", *PAGES):
            go_to(page, name)
            settled(page)
            for width in SIZES:
                page.set_viewport_size({"width": width, "height": 900})
                wrong += objections_in_both(page)
                if too_wide(page):
                    wrong.append(f"{name} is wider than a screen of {width} px")
            page.set_viewport_size({"width": SIZES[0], "height": 900})
            wrong += [f"{name}: {alert.inner_text()}" for alert in page.locator("[data-testid=stException]").all()]
        go_to(page, "Export")
        with page.expect_download() as downloaded:
            page.get_by_role("button", name="Workbook (XLSX)").click()
        downloaded.value.save_as(tmp_path / "w.xlsx")
    assert wrong == []
    assert pence_of(tmp_path / "w.xlsx") == {NAMES[band]: summary["bands"][band]["amount_pence"] for band in BANDS}
    assert sum(pence_of(tmp_path / "w.xlsx").values()) == PENCE


def headline_is(page: Page, summary: dict[str, Any]) -> None:
    tiles = {
        tile.locator("dt").inner_text(): tile.locator("dd").all_inner_texts()
        for tile in page.locator("dl.tiles > div").all()
    }
    assert tiles["All payments"][0] == words.money(PENCE)
    for band, name in NAMES.items():
        said = summary["bands"][band]
        figures = [words.percent(said["share"]), words.money(said["amount_pence"]), f"{said['suppliers']:,} suppliers"]
        assert tiles[name][:3] == figures


def pence_of(workbook: Path) -> dict[str, int]:
    """Return pence by band from the sheet that has them."""
    rows = list(openpyxl.load_workbook(workbook, data_only=True)["Bands"].iter_rows(values_only=True))
    first = next(i for i, row in enumerate(rows) if row[0] == "Band") + 1
    return {str(row[0]): round(float(row[1]) * 100) for row in rows[first : first + 4]}
