"""What an officer does, in a real browser: the sample, a ledger of one's own, one read wrongly, a real one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from companies_house_file import write
from driving import App, choose, give, go_to, start
from playwright.sync_api import Browser, Page, expect

from cwb import demo
from cwb.charts import words
from cwb.postcodes import cache_folder

pytestmark = pytest.mark.browser

# Deepdale (PR1) is in Preston, Leyland (PR25) in South Ribble, Salford (M50) outside Lancashire.
_OWN = """Spend over £500: Ribblebank College,,,,
Date,Supplier,Amount,Postcode,What for
01/04/2016,Deepdale Joinery Ltd,"1,200.00",PR1 2HE,Doors
02/05/2016,Deepdale Joinery Ltd,(200.00),PR1 2HE,Credit
03/06/2016,Leyland Trucks Repairs Ltd,500.50,PR25 2SA,Van
04/07/2016,Salford Cloud Services Ltd,"2,000.00",M50 2EQ,Hosting
05/08/2016,Nowhere Known Ltd,99.50,,Sundries
Total,,"3,600.00",,
"""


def tiles(page: Page) -> dict[str, list[str]]:
    return {
        tile.locator("dt").inner_text(): tile.locator("dd").all_inner_texts()
        for tile in page.locator("dl.tiles > div").all()
    }


def penny_table(page: Page) -> dict[str, str]:
    """Open the numbers under the first picture and return band → £ to the penny."""
    page.get_by_test_id("stExpander").first.locator("summary").click()
    rows = page.get_by_test_id("stExpander").first.locator("tbody tr")
    expect(rows.first).to_be_visible()
    return {row.locator("th").inner_text().strip(): row.locator("td").first.inner_text() for row in rows.all()}


def test_sample_shows_the_command_lines_numbers(page: Page, tmp_path: Path) -> None:
    ledgers, place, register = demo.sample()
    cwb = [sys.executable, "-c", "from cwb.cli import main; main()"]
    later = [str(one.path) for one in ledgers if one.financial_year == "2016-17"]
    subprocess.run([*cwb, "register", "build", str(register), "--out", str(tmp_path / "r")], check=True)
    subprocess.run(
        [*cwb, "analyse", *later, "--place", place, "--register", str(tmp_path / "r"), "--out", str(tmp_path / "run")],
        check=True,
    )
    summary = json.loads((tmp_path / "run" / "summary.json").read_text("utf-8"))

    page.get_by_role("button", name="Try the sample").click()
    expect(page.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    expect(page.get_by_role("radio", name="2016-17")).to_be_checked()
    expect(page.locator("dl.tiles")).to_be_visible()
    shown = tiles(page)
    names = {"Local": "local", "Rest of region": "regional", "Leaked": "leaked", "Unknown": "unknown"}
    assert shown["All payments"][0] == words.money(summary["amount_pence"]["payments"])
    for name, band in names.items():
        said = summary["bands"][band]
        assert shown[name] == [
            words.percent(said["share"]), words.money(said["amount_pence"]), f"{said['suppliers']:,} suppliers",
        ]  # fmt: skip
    exact = penny_table(page)
    assert exact == {name: words.exact_money(summary["bands"][band]["amount_pence"]) for name, band in names.items()}

    go_to(page, "Change")
    expect(page.get_by_role("heading", name="The change, to the penny")).to_be_visible()
    go_to(page, "Impact")
    central = next(f for f in summary["impact"]["figures"] if f["kind"].startswith("jobs"))["label"]
    expect(page.get_by_role("rowheader", name=central, exact=True)).to_be_visible()


def test_a_ledger_of_ones_own_from_upload_to_workbook(page: Page, tmp_path: Path) -> None:
    ledger = tmp_path / "ribblebank.csv"
    ledger.write_text(_OWN, "utf-8")
    give(page, ledger)
    expect(page.get_by_text("5 payments, £3,600.00")).to_be_visible()
    start(page, "Preston")
    assert {name: values[0] for name, values in tiles(page).items()} == {
        # 1,200 − 200 of 3,600; 500.50; 2,000; 99.50
        "All payments": "£3,600", "Local": "27.8%", "Rest of region": "13.9%", "Leaked": "55.6%", "Unknown": "2.8%",
    }  # fmt: skip
    assert penny_table(page)["Local"] == "£1,000.00"
    page.get_by_label("Find a supplier").fill("nowhere")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Suppliers 1 to 1 of 1")).to_be_visible()

    go_to(page, "Change")
    expect(page.get_by_text("One year and one payer so far")).to_be_visible()
    go_to(page, "Export")
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Workbook (XLSX)").click()
    assert downloaded.value.suggested_filename == "cwb-2016-17-workbook.xlsx"
    downloaded.value.save_as(tmp_path / "w.xlsx")
    assert bands_of(tmp_path / "w.xlsx") == {
        "Local": 1000, "Rest of region": 500.5, "Leaked": 2000, "Unknown": 99.5,
    }  # fmt: skip
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Report (HTML)").click()
    assert "£3,600" in downloaded.value.path().read_text("utf-8")
    for name, starts in (("Report (PDF)", b"%PDF"), ("Slides (PPTX)", b"PK"), ("Tables (zip)", b"PK")):
        with page.expect_download() as downloaded:
            page.get_by_role("button", name=name).click()
        assert downloaded.value.path().read_bytes().startswith(starts), name
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Everything (zip)").click()
    with zipfile.ZipFile(downloaded.value.path()) as everything:
        summary = json.loads(everything.read("summary.json"))
        assert {"charts/bands.png", "charts/bands.svg", "charts/bands.csv"} <= set(everything.namelist())
    assert summary["amount_pence"]["payments"] == 360_000
    page.get_by_text("Charts, one by one").click()
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="PNG").first.click()
    assert downloaded.value.path().read_bytes().startswith(b"\x89PNG")


def bands_of(path: Path) -> dict[str, float]:
    """Return £ by band from the sheet of a workbook that has them."""
    rows = list(openpyxl.load_workbook(path, data_only=True)["Bands"].iter_rows(values_only=True))
    first = next(i for i, row in enumerate(rows) if row[0] == "Band") + 1
    return {str(row[0]): float(row[1]) for row in rows[first : first + 4]}


def test_the_account_says_what_became_of_every_row(page: Page, tmp_path: Path) -> None:
    may = "Date,Supplier,Net Amount\n" + "".join(
        f"{day:02}/05/2016,Deepdale Joinery Ltd,10{day}.00\n" for day in (3, 4)
    )
    one, two = tmp_path / "may.csv", tmp_path / "may-again.csv"
    one.write_text(may + "Adult care,,\n06/05/2016,Deepdale Joinery Ltd,-7.00\nTotal,,200.00\n", "utf-8")
    two.write_text(may, "utf-8")
    give(page, one, two)
    expect(page.get_by_text("3 payments, £200.00")).to_be_visible()
    table = page.locator("table", has_text="Account of every row").first
    expect(table.get_by_text("\u2212£7.00")).to_be_visible()
    expect(page.get_by_text("Paid 3 May 2016 to 6 May 2016. VAT: left out of the amounts.")).to_be_visible()
    page.get_by_text("Rows set aside, totals that tie").first.click()
    expect(page.get_by_text("1 row is no payment: a section heading or note")).to_be_visible()
    expect(page.get_by_text("it ties with the payments it covers")).to_be_visible()
    expect(page.get_by_role("heading", name="Across the files")).to_be_visible()
    expect(page.get_by_text("2 rows, £207.00 in all, are in an earlier file")).to_be_visible()


def test_columns_read_wrongly_are_put_right_and_remembered(page: Page, tmp_path: Path) -> None:
    ledger = tmp_path / "wrong.csv"
    ledger.write_text(
        "Date,Supplier,Paid on behalf to,Amount,Amount settled\n"
        "14/04/2016,Barclaycard Commercial Ltd,Deepdale Joinery Ltd,100.00,120.00\n"
        "15/04/2016,Lloyds Bank plc,Leyland Trucks Repairs Ltd,50.00,60.00\n",
        "utf-8",
    )
    give(page, ledger)
    expect(page.get_by_text("2 payments, £150.00")).to_be_visible()
    page.get_by_text("Which column is which").click()
    expect(page.get_by_role("combobox", name="Supplier", exact=True)).to_have_value("Supplier")
    choose(page, "Supplier", "Paid on behalf to")
    expect(page.locator("table.raw th.used", has_text="Paid on behalf to")).to_be_visible()
    choose(page, "Amount", "Amount settled")
    expect(page.get_by_text("2 payments, £180.00")).to_be_visible()
    next_month = tmp_path / "wrong-may.csv"
    next_month.write_text(ledger.read_text("utf-8").replace("/04/", "/05/").replace("60.00", "70.00"), "utf-8")
    read = subprocess.run(
        [sys.executable, "-c", "from cwb.cli import main; main()", "ingest", next_month, "--out", tmp_path / "may"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert read.returncode == 0, read.stderr
    account = json.loads((tmp_path / "may" / "ingest.json").read_text("utf-8"))
    assert account["amount_pence"]["payments"] == 12000 + 7000
    assert account["files"][0]["columns"]["supplier"] == "Paid on behalf to"
    start(page, "Preston")
    assert tiles(page)["All payments"][0] == "£180"
    expect(page.get_by_role("rowheader", name="Deepdale Joinery Ltd")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Lloyds Bank plc")).to_have_count(0)


def test_a_register_built_in_the_app_places_a_supplier_and_people_stay_unnamed(page: Page, tmp_path: Path) -> None:
    name = f"made-up-{tmp_path.name}"
    register = write(
        tmp_path / f"{name}.csv",
        {
            "CompanyName": "ZEBRAWOOD TURNERS LIMITED", "CompanyNumber": "09999991", "CompanyStatus": "Active",
            "CompanyCategory": "Private Limited Company", "RegAddress.PostCode": "PR1 2HE",
            "IncorporationDate": "01/02/2001", "SICCode.SicText_1": "16290 - Manufacture of other products of wood",
        },
    )  # fmt: skip
    ledger = tmp_path / "small.csv"
    ledger.write_text(
        "Date,Supplier,Amount\n14/04/2016,Zebrawood Turners Ltd,70.00\n15/04/2016,Mrs Philippa Quillfeather,30.00\n",
        "utf-8",
    )
    give(page, ledger)
    page.get_by_text("Add a register").click()
    try:
        page.get_by_test_id("stFileUploader").filter(has_text="Register file").locator(
            "input[type=file]"
        ).set_input_files(str(register))
        page.get_by_role("button", name="Build the index").click()
        expect(page.get_by_role("combobox", name="Register of organisations", exact=True)).to_have_value(name)
        start(page, "Preston")
    finally:
        shutil.rmtree(cache_folder() / "registers" / name, ignore_errors=True)
    assert tiles(page)["Local"][0] == "70.0%"
    expect(page.get_by_text("Matched: ZEBRAWOOD TURNERS LIMITED")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Individual (name withheld)")).to_be_visible()
    expect(page.get_by_text("Quillfeather")).to_have_count(0)


def test_a_file_that_is_no_ledger_says_so_in_one_line(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    give(page, picture)
    error = page.get_by_test_id("stAlert")
    expect(error).to_contain_text("picture.csv")
    expect(error).not_to_contain_text("Traceback")
    page.get_by_role("button", name="Show where the money goes").click()
    expect(page.get_by_text("Choose a place first")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="New here?")).to_be_visible()


def test_a_real_ledger_ties_to_the_penny(page: Page, shared_data: Path) -> None:
    # INDEX.csv of the real ledgers: 1,169 rows, 22122989122 pence.
    give(page, shared_data / "ledgers/bhrut-nhs/BHR_Merged.xlsx")
    expect(page.get_by_text("1,169 payments, £221,229,891.22")).to_be_visible()
    start(page, "Havering")
    pence = [int(re.sub(r"[£,.]", "", text).replace("−", "-")) for text in penny_table(page).values()]
    assert sum(pence) == 22122989122


def test_a_project_is_as_it_was_left_when_the_browser_comes_back(
    page: Page, browser: Browser, app: App, tmp_path: Path
) -> None:
    before = set(app.scratch.glob("cwb-app-*"))
    with browser.new_context() as other:
        theirs = other.new_page()
        theirs.goto(f"{app.url}/?project=new")
        ledger = tmp_path / "theirs.csv"
        ledger.write_text(_OWN, "utf-8")
        give(theirs, ledger)
        expect(theirs.get_by_text("5 payments")).to_be_visible()
        choose(theirs, "Place", "Preston")
        expect(theirs.get_by_text("Elsewhere is leaked")).to_be_visible()
        address = theirs.url
        kept = set(app.scratch.glob("cwb-app-*")) - before
        expect(page.get_by_text("theirs.csv")).to_have_count(0)
    for _ in range(60):
        if not any(folder.exists() for folder in kept):
            break
        page.wait_for_timeout(500)
    assert not any(folder.exists() for folder in kept), "copies made for a session go with it"
    page.goto(address)
    expect(page.get_by_text("5 payments, £3,600.00")).to_be_visible()
    expect(page.get_by_role("combobox", name="Place", exact=True)).to_have_value("Preston")
    page.get_by_role("button", name="Show where the money goes").click()
    expect(page.locator("dl.tiles")).to_be_visible()
    go_to(page, "Impact")
    with browser.new_context() as later:
        again = later.new_page()
        again.goto(app.url)
        expect(again.get_by_role("heading", level=1, name="Impact")).to_be_visible()


def test_a_removed_ledger_can_be_had_back(page: Page, tmp_path: Path) -> None:
    ledger = tmp_path / "mine.csv"
    ledger.write_text(_OWN, "utf-8")
    give(page, ledger)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("5 payments")).to_have_count(0)
    page.get_by_role("button", name="Have mine.csv back").click()
    expect(page.get_by_text("5 payments, £3,600.00")).to_be_visible()


def test_everything_in_a_project_is_deleted_only_by_its_name(page: Page, app: App, tmp_path: Path) -> None:
    ledger = tmp_path / "to-be-gone.csv"
    ledger.write_text(_OWN.replace("Deepdale Joinery", "Kestrelmoor Fencing"), "utf-8")
    give(page, ledger)
    start(page, "Preston")
    go_to(page, "This project")
    box = page.get_by_label("To delete it, type its name")
    box.fill("Something else")
    page.get_by_role("button", name="Delete everything in this project").click()
    expect(page.get_by_text("That is not its name")).to_be_visible()
    box.fill("To be gone")
    page.get_by_role("button", name="Delete everything in this project").click()
    expect(page.get_by_text("No project is open").or_(page.get_by_text("New here?")).first).to_be_visible()
    store = app.scratch / "decisions.db"
    assert b"Kestrelmoor" not in store.read_bytes()
    assert not [p for p in store.with_suffix(".results").rglob("*.arrow") if b"Kestrelmoor" in p.read_bytes()]
