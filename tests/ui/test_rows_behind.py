"""Every £ that leads to payments leads to payments that come to it, to the penny, on each page that has such links."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from driving import choose, go_to, settled
from playwright.sync_api import Page, expect

from cwb import demo
from cwb.drill import Question, Rows, ask, drill_rows
from cwb.pipeline import analyse
from cwb.register import build_register

pytestmark = pytest.mark.browser

_MONEY = re.compile(r"[+−-]?£[\d,]+\.\d\d")
_PART = "could be placed elsewhere"  # a supplier's £ in an opportunity may be part of its payments, and says so


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    ledgers, place, register = demo.sample()
    index = tmp_path_factory.mktemp("rows-behind") / "register"
    build_register([register], index)
    run = analyse(ledgers, place, register=index)
    assert run.banded is not None
    assert run.evidence is not None
    return drill_rows(run.banded, run.evidence.links, run.payees, shown=False)


def figures(page: Page) -> list[tuple[str, str, str]]:
    """Return text, address and the caption of the table around it, of every link to payments."""
    settled(page)
    found: list[Any] = page.evaluate(
        """[...document.querySelectorAll('.cwb a[href^="payments?"]')].map(a => [
            a.textContent, a.getAttribute('href'), a.closest('table')?.querySelector('caption')?.textContent ?? ''])"""
    )
    return [(text, address, caption) for text, address, caption in found]


def wrong(rows: Rows, found: list[tuple[str, str, str]]) -> list[str]:
    """Return the links whose payments come to another sum than they say."""
    out = []
    for text, address, caption in found:
        exact = _MONEY.search(text)
        if exact is None or _PART in caption:
            continue
        said = int(re.sub(r"[^0-9]", "", exact[0])) * (-1 if exact[0][0] in "−-" else 1)
        told = dict(parse_qsl(urlsplit(address).query))
        pence = ask(rows, Question.of(told), most=0).amount_pence
        if "beside" in told:
            pence -= ask(rows, Question.of(dict(parse_qsl(told["beside"]))), most=0).amount_pence
        if pence != said:
            out.append(f"{caption}: {text} leads to {pence / 100:,.2f}: {address}")
    return out


PAGES = {
    # page: the last heading, and the least number of figures that lead on
    "Change": ("Jobs on the change", 60),
    "Together": ("Share your sums, not your ledger", 20),
    "What could come home": ("All of it", 1),
    "Statutory views": ("Scotland: figures for a community wealth building action plan", 10),
    "Impact": ("Each figure and what it rests on", 2),
}


MEASURES = {
    "Concentration": "Concentration by band", "Exposure to one failure": "If it failed",
    "Leakage by sector": "Sectors", "Fragmentation": "Themes of the ledger",
    "VCSEs, co-operatives and mutuals": "Co-operatives that are paid",
}  # fmt: skip


def test_figures_lead_to_the_payments_they_are_sums_of(sample_to_read: Page, rows: Rows) -> None:
    for name, (last, least) in PAGES.items():
        go_to(sample_to_read, name)
        expect(sample_to_read.get_by_role("heading", name=last).first).to_be_visible()
        found = figures(sample_to_read)
        assert len(found) >= least, name
        assert wrong(rows, found) == [], name
    go_to(sample_to_read, "Measures")
    for name, table in MEASURES.items():
        choose(sample_to_read, "Measure", name)
        expect(sample_to_read.get_by_role("table", name=table)).to_be_visible()
        found = figures(sample_to_read)
        assert found, name
        assert wrong(rows, found) == [], name


def test_payers_beside_each_other_lead_to_their_own_payments(sample_to_read: Page, rows: Rows) -> None:
    go_to(sample_to_read, "Change")
    expect(sample_to_read.get_by_role("heading", name="Jobs on the change")).to_be_visible()
    sample_to_read.get_by_role("radiogroup", name="Compare").get_by_text("Institutions of one year").click()
    expect(sample_to_read.get_by_role("heading", name="The difference, to the penny")).to_be_visible()
    found = figures(sample_to_read)
    assert len(found) > 10
    assert wrong(rows, found) == []


def test_from_what_suppliers_did_to_one_suppliers_rows_in_two_clicks(sample_to_read: Page) -> None:
    go_to(sample_to_read, "Change")
    table = sample_to_read.get_by_role("table", name=re.compile("What suppliers did"))
    table.get_by_role("link", name=re.compile("suppliers no longer paid, Local")).click()
    suppliers = sample_to_read.get_by_role("table", name=re.compile("Suppliers behind it"))
    expect(sample_to_read.get_by_role("combobox", name="Suppliers that")).to_have_value("No longer paid")
    settled(sample_to_read)
    kinds = suppliers.locator("tbody td[data-label='What it did']")
    assert set(kinds.all_inner_texts()) == {"No longer paid"}
    suppliers.get_by_role("link").first.click()
    expect(sample_to_read.get_by_role("heading", level=1, name="Payments")).to_be_visible()
    expect(sample_to_read.get_by_role("table", name=re.compile("Payments? 1 to"))).to_be_visible()
