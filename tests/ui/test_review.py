"""The review page in a real browser, by keyboard alone: pace, what is kept, who may see what, what axe-core says."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import polars as pl
import pytest
import review_case as case
from driving import give, go_to, objections, serving, settled, start, too_wide
from playwright.sync_api import Browser, Page, expect

from cwb import projects
from cwb.decisions import Decision
from cwb.schema import PAYMENTS, conform
from cwb.suppliers import distinct_suppliers
from cwb.workspace import Workspace, current, history, open_workspace, record

pytestmark = pytest.mark.browser

READING_MS = 300  # what a test waits before a key, as a very quick person would
A_MINUTE = 50


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("store") / "decisions.db")


@pytest.fixture(scope="module")
def url(chromium: str, store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the app with a store of the test's own."""
    with serving(tmp_path_factory.mktemp("app"), store=store) as started:
        yield started.url


@pytest.fixture(scope="module")
def analysed(browser: Browser, url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Give a page at its review, on a ledger of its own matched with a register of its own."""
    folder = tmp_path_factory.mktemp("case")
    index, ledger = case.register(folder), case.ledger(folder)
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(url)
        go_to(page, "Suppliers")
        expect(page.get_by_text("No suppliers yet")).to_be_visible()
        go_to(page, "Ledgers")
        give(page, ledger)
        page.get_by_text("Add a register").click()
        page.get_by_label("Or the folder of an index already built").fill(str(index))
        page.keyboard.press("Enter")
        start(page, "Preston")
        go_to(page, "Suppliers")
        page.get_by_label("Your name").focus()
        page.keyboard.type("Asha Patel")
        assert objections(page) == []
        page.keyboard.press("Enter")
        expect(page.locator("table.beside")).to_be_visible()
        yield page


def opened(store: str) -> Workspace:
    """Return the store within its only project."""
    held = open_workspace(store)
    return projects.within(held, projects.listing(held)[0].project_id)


def at(page: Page) -> str:
    return page.locator(".turn h2").inner_text().split("£")[0].strip()


def shown(page: Page, name: str) -> None:
    expect(page.locator(".turn h2")).to_contain_text(name)
    settled(page)


def press(page: Page, key: str, then: str) -> float:
    """Read for a moment, press a key, and return the seconds until `then` is the supplier at hand."""
    page.wait_for_timeout(READING_MS)
    begin = time.monotonic()
    page.keyboard.press(key)
    page.wait_for_function("name => document.querySelector('.turn h2')?.innerText.includes(name)", arg=then, polling=10)
    return time.monotonic() - begin


def candidate(page: Page, org_id: str) -> str:
    """Return the key of the candidate with an identifier."""
    number = org_id.removeprefix("GB-COH-")
    row = page.locator("table.beside tbody tr").filter(has=page.get_by_role("cell", name=number))
    return row.locator("kbd").inner_text()


def test_ten_and_more_by_keyboard_alone_at_fifty_a_minute(analysed: Page, store: str) -> None:
    page = analysed
    shown(page, case.name(0))
    expect(page.get_by_text(f"0 of {len(case.WORDS)} suppliers")).to_be_visible()
    waits, expected = [], {}

    def decide(number: int, key: str, kind: str, value: str | None = None) -> None:
        shown(page, case.name(number))
        waits.append(press(page, key, case.name(number + 1)))
        expected[case.name(number)] = (kind, value)

    first = page.locator("table.beside tbody tr").nth(1).inner_text()
    accepted = case.company(0) if case.company(0).removeprefix("GB-COH-") in first else case.partnership(0)
    decide(0, "a", "accept", accepted)
    for number in (1, 2, 3):
        shown(page, case.name(number))
        wanted = case.company(number)
        key = candidate(page, wanted)
        decide(number, key, "accept" if key == "1" else "choose", wanted)
    decide(4, "n", "none")
    decide(5, "i", "individual")
    decide(6, "t", "internal")
    for number in (7, 8, 9):
        decide(number, "n", "none")

    # A slip, taken back; then a decision with its reason, and a place, each through its box.
    press(page, "i", case.name(11))
    press(page, "u", case.name(10))
    page.keyboard.press("w")
    expect(page.get_by_label("Reason, kept with your next decision")).to_be_focused()
    page.keyboard.type("phoned the accounts team")
    page.keyboard.press("Enter")
    expect(page.get_by_text("With the next decision: “phoned the accounts team”")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    decide(10, "n", "none")
    shown(page, case.name(11))
    page.keyboard.press("p")
    expect(page.get_by_label("Postcode")).to_be_focused()
    page.keyboard.type("somewhere")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("is not a postcode")
    page.get_by_label("Postcode").fill(case.LOCAL.lower())
    page.keyboard.press("Enter")
    shown(page, case.name(12))
    expected[case.name(11)] = ("operates_at", case.LOCAL)

    kept = {row["supplier_name"]: row for row in current(opened(store)).iter_rows(named=True)}
    assert {name: (row["kind"], row["value"]) for name, row in kept.items()} == expected
    assert {row["who"] for row in kept.values()} == {"Asha Patel"}
    assert {name: row["why"] for name, row in kept.items() if row["why"]} == {case.name(10): "phoned the accounts team"}
    # A slip and its undoing stay in the history.
    assert history(opened(store)).height == len(expected) + 2
    pace = 60 / (READING_MS / 1000 + statistics.median(waits))
    print(f"median {statistics.median(waits):.3f} s a key, {pace:.0f} decisions a minute")
    assert pace >= A_MINUTE
    expect(page.get_by_text(f"12 of {len(case.WORDS)} suppliers, 2 to go")).to_be_visible()


def test_another_person_at_the_same_supplier_is_not_overruled_unseen(analysed: Page, store: str) -> None:
    page = analysed
    shown(page, case.name(12))
    kept = opened(store)
    theirs = Decision(supplier_id=supplier_id(case.name(12)), supplier_name=case.name(12), kind="internal", who="Ben")
    record(kept, [theirs])
    page.wait_for_timeout(READING_MS)
    page.keyboard.press("n")
    expect(page.locator(".said-now")).to_contain_text("Someone else decided about this supplier")
    expect(page.locator(".turn .decided")).to_contain_text("is an internal transfer, by Ben")
    assert current(kept).filter(supplier_name=case.name(12))["who"].to_list() == ["Ben"]
    press(page, "j", case.name(13))


def supplier_id(name: str) -> str:
    """Return the supplier_id that a printed name alone has in every ledger."""
    one = pl.DataFrame(
        {"payment_id": ["1"], "file": ["f"], "file_row": [1], "institution": ["x"], "supplier_name": [name],
         "amount_pence": [1], "is_redacted": [False]}
    )  # fmt: skip
    made: str = distinct_suppliers(conform(one, PAYMENTS))[0]["supplier_id"].item()
    return made


def test_applied_decisions_move_the_money_and_stay_in_a_run_again(analysed: Page) -> None:
    page = analysed
    page.get_by_role("button", name="Apply 13 decisions").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
    go_to(page, "Where it goes")
    every = sum(case.pence(n) for n in range(len(case.WORDS))) + 930_000
    # The company of 1, 2 and 3, the postcode of 11, the one that matched alone; and 0 if its company came first.
    local = sum(case.pence(n) for n in (1, 2, 3, 11)) + 900_000
    shares = {f"{(local + more) / (every - case.pence(6) - case.pence(12)):.1%}" for more in (0, case.pence(0))}
    of_all = {f"{(local + more) / every:.1%}" for more in (0, case.pence(0))}
    tile = page.locator("dl.tiles > div").filter(has=page.locator("dt", has_text="Local")).locator("dd").first
    expect(tile).to_be_visible()
    said = tile.inner_text()
    assert said in shares | of_all
    # The very same analysis again: decisions hold.
    go_to(page, "Ledgers")
    page.get_by_role("button", name="Show where the money goes").click()
    expect(page.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    expect(tile).to_have_text(said)
    go_to(page, "Suppliers")
    expect(page.get_by_text(f"13 of {len(case.WORDS)} suppliers")).to_be_visible()


def test_nothing_that_axe_objects_to_in_any_state_wide_or_narrow(analysed: Page) -> None:
    page = analysed
    wrong: list[str] = []

    def check(state: str) -> None:
        settled(page)
        wrong.extend(f"{state}: {said}" for said in objections(page))
        if too_wide(page):
            wrong.append(f"{state}: wider than the screen")

    page.get_by_role("radio", name="All").click()
    expect(page.get_by_text("1 to 9 of 16")).to_be_visible()
    check("all, decided")
    # A person paid in their own name is last by £, and withheld; as is who was decided to be one.
    page.get_by_role("button", name=case.name(8)).click()
    shown(page, case.name(8))
    expect(page.get_by_role("button", name="Individual (name withheld)")).to_have_count(1)
    page.keyboard.press("j")
    shown(page, case.name(9))
    page.get_by_role("button", name="Individual (name withheld)").click()
    shown(page, "Individual (name withheld)")
    expect(page.get_by_text("Quillfeather", exact=False)).to_have_count(0)
    check("withheld")
    page.get_by_role("button", name="Names of individuals: off").click()
    expect(page.get_by_role("button", name="Names of individuals: on")).to_be_visible()
    page.get_by_role("radio", name="To review").click()
    shown(page, case.name(13))
    page.keyboard.press("b")
    expect(page.get_by_text("Blind: cwb's order")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Score")).to_have_count(0)
    check("blind")
    page.get_by_test_id("stSidebar").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page.set_viewport_size({"width": 320, "height": 900})
    check("blind, narrow")
    page.get_by_role("button", name="Blind: on").click()
    expect(page.locator("table.falls")).to_be_visible()
    check("narrow")
    page.get_by_role("button", name="Works at").click()
    expect(page.get_by_label("Postcode")).to_be_focused()
    check("dialog, narrow")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="One-key decisions: on").click()
    page.get_by_role("button", name="One-key decisions: off").blur()
    page.keyboard.press("n")
    page.wait_for_timeout(500)
    shown(page, case.name(13))
    assert wrong == []
