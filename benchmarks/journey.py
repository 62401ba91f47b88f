"""An officer's whole journey, timed as it is felt: `python -m benchmarks.journey [--rows 100000] [--decisions 50]`.

A made-up ledger, its suppliers printed as finance systems print the companies of the sample's register, goes through
headless Chromium: upload, mapping, place, analysis, review by one key each, results, impact, and the files taken away.
Prints each wait, from the press of a key or button until what was asked for is there.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.browser import READING_MS, choose, chromium_path, go, reviewed, serving, settled, timed
from benchmarks.generate_ledger import ledger
from benchmarks.generate_register import suppliers
from cwb import demo
from cwb.register import build_register

NAMES = 6_000  # distinct suppliers, as in a district's two years
FORMS = r" (LIMITED|LTD\.?|LLP|PLC)$"


def names(register: Path, seed: int) -> list[str]:
    """Return suppliers as ledgers print a register's companies, a fifth of them on no register."""
    held = pl.read_csv(register, infer_schema=False).select(name=pl.col("CompanyName"), number=pl.nth(1))
    held = held.with_columns(stem=pl.col("name").str.replace(FORMS, "")).unique("name", maintain_order=True)
    return suppliers(held, NAMES, np.random.default_rng(seed))["supplier"].to_list()


def give(page: Page, file: Path, index: Path) -> dict[str, float]:
    """Go through the Ledgers page, to the answer on screen."""
    waits = {}

    def upload() -> None:
        page.locator("input[type=file]").first.set_input_files(str(file))
        page.locator("p.total").wait_for()
        settled(page)

    waits["upload"] = timed("upload, to the account of every row", upload)

    def mapping() -> None:
        page.get_by_text("Which column is which").click()
        page.get_by_text("First rows of the file").wait_for()

    waits["mapping"] = timed("mapping, to the columns and first rows", mapping)
    settled(page)

    def place() -> None:
        choose(page, "Place", "Preston")
        page.get_by_text("Elsewhere is leaked").wait_for()

    waits["place"] = timed("place chosen, to what it means", place)
    settled(page)
    page.get_by_text("Add a register").click()
    box = page.get_by_label("Or the folder of an index already built")
    box.fill(str(index))

    def register() -> None:
        box.press("Enter")
        page.get_by_text("Matched with the index in").wait_for()

    waits["register"] = timed("register chosen, to its being opened", register)
    settled(page)

    def analyse() -> None:
        page.get_by_role("button", name="Show where the money goes").click()
        page.locator("dl.tiles").wait_for()

    waits["analyse"] = timed("analysis, to the answer on screen", analyse)
    waits["pictures"] = timed("the rest of that page, pictures too", lambda: settled(page))
    return waits


def review(page: Page, decisions: int) -> dict[str, float]:
    """Decide about suppliers by one key each, and bring the results up to date."""
    waits = {"to Suppliers": timed("to the page Suppliers", lambda: go(page, "Suppliers"))}
    name = page.get_by_label("Your name")
    name.fill("Asha Patel")

    def first() -> None:
        name.press("Enter")
        page.locator(".turn h2").wait_for()
        settled(page)

    waits["first"] = timed("the first supplier, with its candidates", first)
    begin = time.perf_counter()
    took = reviewed(page, decisions)
    spent = time.perf_counter() - begin
    waits["key"] = statistics.median(took)
    print(
        f"{decisions} suppliers by one key each: median {waits['key']:.3f} s a key, worst {max(took):.3f} s; with "
        f"{READING_MS / 1000:g} s of reading each, {60 * decisions / spent:.0f} decisions a minute"
    )

    def apply() -> None:
        page.get_by_role("button", name=f"Apply {decisions} decisions").click()
        expect(page.get_by_role("button", name="Apply")).to_have_count(0)
        settled(page)

    waits["apply"] = timed(f"{decisions} decisions applied to every figure", apply)
    return waits


def take_away(page: Page, folder: Path) -> dict[str, float]:
    """Go by the results to the files."""
    waits = {f"to {name}": timed(f"to the page {name}", lambda name=name: go(page, name)) for name in
             ("Where it goes", "Impact", "Export")}  # fmt: skip
    for name in ("Report (HTML)", "Workbook (XLSX)", "Everything (zip)"):

        def download(name: str = name) -> None:
            with page.expect_download() as coming:
                page.get_by_role("button", name=name).click()
            coming.value.save_as(folder / coming.value.suggested_filename)

        waits[name] = timed(f"{name}, asked for to saved", download)
    return waits


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--decisions", type=int, default=50)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    if not chromium_path():
        raise SystemExit("needs Chromium: say where one is in CWB_CHROMIUM")
    with tempfile.TemporaryDirectory(prefix="cwb-bench-") as folder:
        scratch = Path(folder)
        register = demo.sample()[2]
        build_register([register], scratch / "index")
        file = scratch / "payments.csv"
        ledger(told.rows, seed=told.seed, names=names(register, told.seed)).write_csv(file)
        print(f"{told.rows:,} payments in one file, {file.stat().st_size / 1e6:,.0f} MB")
        begin = time.perf_counter()
        with serving(scratch) as app, sync_playwright() as play:
            chromium = play.chromium.launch(executable_path=chromium_path())
            page = chromium.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
            page.set_default_timeout(300_000)
            expect.set_options(timeout=300_000)

            def opened() -> None:
                page.goto(f"{app.url}/?project=new")
                page.get_by_role("heading", name="Add ledgers").wait_for()
                settled(page)

            waits = {"open": timed("the app opened, server just started", opened)}
            waits |= give(page, file, scratch / "index") | review(page, told.decisions) | take_away(page, scratch)
            chromium.close()
        worst = max(waits, key=waits.__getitem__)
        print(f"all of it in {time.perf_counter() - begin:.0f} s; the longest wait: {worst}, {waits[worst]:.1f} s")


if __name__ == "__main__":
    main()
