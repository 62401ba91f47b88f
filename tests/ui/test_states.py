"""What pages look like when something is open, empty or wrong: axe-core objects to none of it, wide or narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import review_case as case
from driving import App, at_rest, choose, give, go_to, objections, open_list, settled, start, too_wide
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

Check = Callable[[Page, str], None]


@pytest.fixture(params=[(1280, "light"), (320, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def sized(request: pytest.FixtureRequest, browser: Browser, app: App) -> Iterator[Page]:
    width, scheme = request.param
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(f"{app.url}/?project=new")
        expect(page.get_by_role("button", name="Try the sample")).to_be_visible()
        yield page


@pytest.fixture
def check() -> Iterator[Check]:
    """Give a look at a page in a state; what is wrong in any of them is told at the end."""
    wrong: list[str] = []

    def look(page: Page, state: str) -> None:
        settled(page)
        wrong.extend(f"{state}: {said}" for said in objections(page))
        if too_wide(page):
            wrong.append(f"{state}: wider than the screen")

    yield look
    assert not wrong, "\n".join(wrong)


def test_ledgers_in_every_state(sized: Page, check: Check, tmp_path: Path) -> None:
    page = sized
    give(page, case.ledger(tmp_path))
    settled(page)
    page.get_by_role("button", name="Show where the money goes").click()
    expect(page.get_by_text("Choose a place first")).to_be_visible()
    for folded in ("Which column is which", "Use a place of your own", "Add a register", "More choices"):
        page.locator("summary", has_text=folded).click()
    expect(page.get_by_text("First rows of the file")).to_be_visible()
    check(page, "no place, all unfolded")
    page.get_by_text("Why these were chosen").click()
    open_list(page, "Supplier")
    check(page, "a list of columns open")
    page.keyboard.press("Escape")
    page.get_by_label("Financial year of undated payments").fill("last year")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Write it as 2016-17")).to_be_visible()
    check(page, "a year that is none")
    (tmp_path / "place.toml").write_text(
        'name = "Nowhere"\nlocal = ["Atlantis"]\nregion_name = "The sea"\nregion = ["Lancashire"]\n', "utf-8"
    )
    page.get_by_test_id("stFileUploader").filter(has_text="Place file").locator("input").set_input_files(
        str(tmp_path / "place.toml")
    )
    expect(page.get_by_role("alert").filter(has_text="Atlantis")).to_be_visible()
    page.get_by_label("Or the folder of an index already built").fill(str(tmp_path / "none"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="none")).to_be_visible()
    check(page, "a place and a register that are none")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("button", name="Have spend.csv back")).to_be_visible()
    check(page, "a ledger removed")


def test_payments_and_notes_in_every_state(sized: Page, check: Check) -> None:
    page = sized
    page.get_by_role("button", name="Try the sample").click()
    expect(page.get_by_role("heading", level=1, name="Where it goes")).to_be_visible()
    page.get_by_label("Find a supplier").fill("no such supplier")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No supplier fits")).to_be_visible()
    box = page.get_by_test_id("stExpander").first
    box.locator("summary").click()
    at_rest(page)
    box.get_by_role("button", name="Pin a note").click()
    expect(page.get_by_label("Note, printed in the report")).to_be_visible()
    check(page, "a note being written")
    page.get_by_role("button", name="Pin it").click()
    expect(page.get_by_role("alert").filter(has_text="a note needs some text")).to_be_visible()
    check(page, "a note without text")
    page.get_by_label("Note, printed in the report").fill("A long note: " + "word " * 60)
    page.get_by_role("button", name="Pin it").click()
    expect(page.locator("p.pinned")).to_be_visible()
    page.keyboard.press("Escape")
    check(page, "a note pinned")
    go_to(page, "Payments")
    page.get_by_label("From", exact=True).click()
    expect(page.get_by_role("grid").or_(page.locator("[data-baseweb=calendar]")).first).to_be_visible()
    check(page, "a calendar open")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Set this choice aside to compare").click()
    page.get_by_label("Search").fill("no such payment at all")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No payment fits")).to_be_visible()
    check(page, "no payment fits, beside all")
    page.get_by_role("button", name="Ask for all payments again").click()
    page.locator("table", has_text="most £ first").locator("tbody th a").first.click()
    expect(page.get_by_role("button", name="Pin a note")).to_be_visible()
    check(page, "a supplier's payments")


def test_review_in_its_boxes_and_its_ends(sized: Page, check: Check, tmp_path: Path) -> None:
    page = sized
    give(page, case.ledger(tmp_path))
    start(page, "Preston")
    check(page, "results without a register")
    go_to(page, "Suppliers")
    page.get_by_role("button", name="Start reviewing").click()
    expect(page.get_by_role("alert").filter(has_text="Give your name first")).to_be_visible()
    check(page, "no name given")
    page.get_by_label("Your name").fill("Asha Patel")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No register was used")).to_be_visible()
    expect(page.locator(".turn h2").or_(page.get_by_text("Nothing is left to review")).first).to_be_visible()
    check(page, "review without a register")
    page.get_by_role("radio", name="Decided").click()
    expect(page.get_by_text("Nothing is decided yet")).to_be_visible()
    check(page, "nothing decided")
    page.get_by_role("radio", name="All").click()
    expect(page.locator(".turn h2")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Why…").click()
    expect(page.get_by_label("Reason, kept with your next decision")).to_be_focused()
    check(page, "a reason being given")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Works at").click()
    page.get_by_label("Postcode").fill("somewhere")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    check(page, "a postcode that is none")


def test_exports_with_names_a_project_nearly_deleted_and_one_that_is_not_there(
    sized: Page, check: Check, app: App, tmp_path: Path
) -> None:
    page = sized
    give(page, case.ledger(tmp_path))
    page.locator("summary", has_text="More choices").click()
    page.get_by_text("Show names of individuals").click()
    settled(page)
    start(page, "Preston")
    go_to(page, "Export")
    expect(page.get_by_text("These files show the names of individuals")).to_be_visible()
    page.locator("summary", has_text="Charts, one by one").click()
    check(page, "names of individuals are shown")
    go_to(page, "This project")
    page.get_by_role("button", name="Delete everything in this project").click()
    expect(page.get_by_text("That is not its name")).to_be_visible()
    check(page, "not the project's name")
    go_to(page, "Ledgers")
    choose(page, "Place", "Havering")
    expect(page.get_by_text("Ledgers or choices have changed")).to_be_visible()
    check(page, "results behind the choices")
    page.goto(f"{app.url}/?project=0123456789abcdef")
    expect(page.get_by_role("alert").filter(has_text="no such project")).to_be_visible()
    check(page, "no such project")
    go_to(page, "This project")
    expect(page.get_by_text("No project is open")).to_be_visible()
    check(page, "no project open")
    page.goto(f"{app.url}/no-such-page")
    settled(page)
    check(page, "no such page")


def test_the_menu_on_a_narrow_screen_and_a_machine_that_is_not_ours(browser: Browser, app: App, check: Check) -> None:
    with browser.new_context(viewport={"width": 320, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{app.url}/?project=new")
        page.get_by_test_id("stExpandSidebarButton").click()
        expect(page.get_by_test_id("stSidebarNav")).to_be_in_viewport()
        check(page, "the menu open")
    with browser.new_context(extra_http_headers={"X-Forwarded-For": "203.0.113.9"}) as context:
        page = context.new_page()
        page.goto(app.url)
        expect(page.get_by_text("answers only a browser on the machine it runs on")).to_be_visible()
        check(page, "another machine")
