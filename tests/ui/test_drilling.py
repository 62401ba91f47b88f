"""From a number to its rows, rows by what, where and when, side by side, and notes that reach every report."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from driving import at_rest, choose, go_to, settled
from lxml import html
from playwright.sync_api import Locator, Page, expect
from pptx import Presentation
from pypdf import PdfReader

from cwb.charts import words

pytestmark = pytest.mark.browser


def pence(text: str) -> int:
    whole = re.sub(r"[^\d.]", "", text)
    return round(float(whole) * 100) * (-1 if "−" in text else 1)


def headline(page: Page) -> tuple[int, int]:
    """Return the number of payments that the page has found, and what they come to in pence."""
    tile = page.locator("dl.tiles > div").first
    return int(re.sub(r"\D", "", tile.locator("dt").inner_text())), pence(tile.locator("dd").nth(1).inner_text())


def found(page: Page, count: int) -> None:
    noun = "payment" if count == 1 else "payments"
    expect(page.locator("dl.tiles dt").first).to_have_text(f"{count:,} {noun}")
    settled(page)


def rows_on_screen(page: Page) -> Locator:
    return page.locator("table", has_text="most £ first").locator("tbody tr")


def all_payments(page: Page) -> list[dict[str, str]]:
    settled(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="These payments (CSV)").click()
    return list(csv.DictReader(io.StringIO(waiting.value.path().read_text("utf-8-sig"))))


def test_a_number_leads_to_its_rows_in_two_clicks(sample_to_read: Page) -> None:
    tile = sample_to_read.locator("dl.tiles > div").filter(has=sample_to_read.locator("dt", has_text="Leaked"))
    said, suppliers = (tile.locator("dd").nth(at).inner_text() for at in (1, 2))
    tile.get_by_role("link").click()  # one
    expect(sample_to_read.get_by_role("heading", level=1, name="Payments")).to_be_visible()
    expect(sample_to_read.get_by_role("combobox", name="Band", exact=True)).to_have_value("Leaked")
    settled(sample_to_read)
    assert words.money(headline(sample_to_read)[1]) == said
    rows = all_payments(sample_to_read)
    assert {row["band"] for row in rows} == {"leaked"}
    assert (len(rows), sum(int(row["amount_pence"]) for row in rows)) == headline(sample_to_read)
    assert suppliers.endswith("suppliers")

    sample_to_read.go_back()
    expect(sample_to_read.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    sample_to_read.get_by_test_id("stExpander").first.locator("summary").click()  # one
    row = sample_to_read.get_by_test_id("stExpander").first.locator("tbody tr", has_text="Local").first
    exact = row.locator("td").first.inner_text()
    row.get_by_role("link").click()  # two
    expect(sample_to_read.get_by_role("combobox", name="Band", exact=True)).to_have_value("Local")
    settled(sample_to_read)
    assert headline(sample_to_read)[1] == pence(exact)

    sample_to_read.go_back()
    expect(sample_to_read.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    sample_to_read.get_by_label("Find a supplier").fill("print")
    sample_to_read.keyboard.press("Enter")
    supplier = sample_to_read.locator("table", has_text="biggest first").locator("tbody tr").first
    expect(supplier.get_by_role("rowheader")).to_contain_text(re.compile("print", re.IGNORECASE))
    paid = pence(supplier.get_by_role("link").inner_text())
    supplier.get_by_role("link").click()  # one
    expect(sample_to_read.get_by_role("heading", level=1, name="Payments")).to_be_visible()
    settled(sample_to_read)
    shown = [pence(text) for text in rows_on_screen(sample_to_read).locator("td:nth-of-type(1)").all_inner_texts()]
    assert sum(shown) == paid == headline(sample_to_read)[1]


def test_the_list_of_a_long_pages_parts_leads_to_each(sample_to_read: Page) -> None:
    listed = sample_to_read.get_by_role("navigation", name="On this page")
    listed.locator("summary").click()
    titles = listed.get_by_role("link").all_inner_texts()
    settled(sample_to_read)
    assert titles == sample_to_read.locator("h2.said, h2.part").all_inner_texts()
    for title in (titles[-1], "Every supplier and its evidence"):
        listed.get_by_role("link", name=title, exact=True).focus()
        sample_to_read.keyboard.press("Enter")
        expect(sample_to_read.get_by_role("heading", name=title, exact=True)).to_be_in_viewport()


def test_rows_are_found_by_what_where_and_when(sample_to_read: Page) -> None:
    go_to(sample_to_read, "Payments")
    rows = all_payments(sample_to_read)
    assert (len(rows), sum(int(row["amount_pence"]) for row in rows)) == headline(sample_to_read)
    what, where = (Counter(row[c] for row in rows if row[c]).most_common()[1][0] for c in ("category", "institution"))
    since, until = date(2016, 7, 1), date(2016, 12, 31)

    def fits(row: dict[str, str]) -> bool:
        return row["category"] == what and row["institution"] == where

    choose(sample_to_read, "Category", what)
    found(sample_to_read, sum(row["category"] == what for row in rows))
    choose(sample_to_read, "Who paid", where)
    wanted = [row for row in rows if fits(row)]
    found(sample_to_read, len(wanted))
    for label, day in (("From", since), ("To", until)):
        sample_to_read.get_by_role("group", name=label, exact=True).get_by_role("spinbutton").first.click()
        sample_to_read.keyboard.type(f"{day:%d%m%Y}")
    sample_to_read.get_by_label("Search").focus()  # a date counts once its box is left
    wanted = [
        row for row in wanted if row["payment_date"] and since <= date.fromisoformat(row["payment_date"]) <= until
    ]
    assert wanted
    found(sample_to_read, len(wanted))
    assert headline(sample_to_read)[1] == sum(int(row["amount_pence"]) for row in wanted)
    name = wanted[0]["supplier_name"]
    sample_to_read.get_by_label("Search").fill(name.upper())
    sample_to_read.keyboard.press("Enter")
    wanted = [row for row in wanted if name.lower() in f"{row['supplier_name']}\n{row['description']}".lower()]
    found(sample_to_read, len(wanted))
    assert headline(sample_to_read)[1] == sum(int(row["amount_pence"]) for row in wanted)

    # The address is the question: someone else who opens it sees the same.
    other = sample_to_read.context.new_page()
    other.goto(sample_to_read.url)
    found(other, len(wanted))
    other.close()

    sample_to_read.get_by_role("button", name="Set this choice aside to compare").click()
    aside = headline(sample_to_read)
    sample_to_read.get_by_role("button", name="Ask for all payments again").click()
    found(sample_to_read, len(rows))
    beside = sample_to_read.locator("table", has_text="Two choices side by side")
    expect(beside.get_by_role("columnheader", name="Now: all payments")).to_be_visible()
    counts = beside.locator("tbody tr", has_text="Payments").locator("td").all_inner_texts()
    assert [int(text.replace(",", "")) for text in counts] == [aside[0], len(rows)]
    sums = beside.locator("tbody tr", has_text="Paid").locator("td").all_inner_texts()
    assert [pence(text) for text in sums] == [aside[1], headline(sample_to_read)[1]]


def test_a_box_filled_while_another_is_being_answered_counts_too(sample_to_read: Page) -> None:
    go_to(sample_to_read, "Payments")
    everything = headline(sample_to_read)[0]
    sample_to_read.get_by_role("group", name="From", exact=True).get_by_role("spinbutton").first.click()
    sample_to_read.keyboard.type("01072016")
    sample_to_read.get_by_label("Search").focus()  # leaving the date asks for it
    sample_to_read.keyboard.insert_text("a")
    sample_to_read.keyboard.press("Enter")
    expect(sample_to_read).to_have_url(re.compile("text=a"))
    settled(sample_to_read)
    expect(sample_to_read).to_have_url(re.compile("since=2016-07-01"))
    assert headline(sample_to_read)[0] < everything


def pin(page: Page, within: Locator, text: str) -> None:
    at_rest(page)
    within.get_by_role("button", name="Pin a note").click()
    page.get_by_label("Note, printed in the report").fill(text)
    page.get_by_role("button", name="Pin it").click()
    expect(page.locator("p.pinned", has_text=text)).to_be_visible()


def reports(page: Page) -> dict[str, str]:
    """Take away the reports and return the text in each, read by something other than cwb."""
    go_to(page, "Export")
    taken: dict[str, Path] = {}
    for kind in ("Report (HTML)", "Report (PDF)", "Slides (PPTX)"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=kind).click()
        taken[kind] = waiting.value.path()
    slides = Presentation(str(taken["Slides (PPTX)"])).slides
    shapes = [
        shape.text_frame.text
        for slide in slides
        for shape in [*slide.shapes, *(slide.notes_slide.shapes if slide.has_notes_slide else [])]
        if shape.has_text_frame
    ]
    told = {
        "html": html.parse(str(taken["Report (HTML)"])).getroot().text_content(),
        "pdf": "\n".join(sheet.extract_text() for sheet in PdfReader(taken["Report (PDF)"]).pages),
        "slides": "\n".join(shapes),
    }
    return {kind: " ".join(text.split()) for kind, text in told.items()}


def test_notes_on_a_supplier_and_a_figure_reach_every_report(sample: Page) -> None:
    on_figure, on_supplier = "Two contracts end here in March", "Ask them about apprentices"
    box = sample.get_by_test_id("stExpander").first
    box.locator("summary").click()
    figure = sample.locator("h2.said").first.inner_text()
    pin(sample, box, on_figure)
    supplier = sample.locator("table", has_text="biggest first").locator("tbody tr").first
    name = supplier.get_by_role("rowheader").inner_text()
    supplier.get_by_role("link").click()
    expect(sample.get_by_role("heading", level=2, name=name)).to_be_visible()
    pin(sample, sample.get_by_test_id("stMain"), on_supplier)

    for kind, text in reports(sample).items():
        for label, note in ((figure, on_figure), (name, on_supplier)):
            assert f"{label}: {note}" in text, f"{note!r} is not in the {kind}"

    go_to(sample, "Where it goes")
    sample.get_by_test_id("stExpander").first.locator("summary").click()
    sample.get_by_role("button", name="Remove").click()
    expect(sample.locator("p.pinned")).to_have_count(0)
    for kind, text in reports(sample).items():
        assert on_figure not in text, f"a note that was removed is in the {kind}"
        assert on_supplier in text
