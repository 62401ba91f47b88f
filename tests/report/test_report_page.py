"""The page: says what the numbers say, needs nothing else, and can be read by everyone."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import made_up_run as made_up
import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from cwb.charts import figures_for_run
from cwb.charts.words import exact_money, money, percent
from cwb.report import change_story
from cwb.report.page import run_page

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """What a test asks of a page: is it well nested, which headings, ids, links and words it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.text = ""
        self.tables = self.captions = 0
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if named.get("id"):
            self.ids.append(str(named["id"]))
        if tag == "a":
            self.links.append(str(named["href"]))
        self.fetched += [str(named[k]) for k in ("src", "srcset", "xlink:href") if named.get(k)]
        self.fetched += [tag] if tag in ("script", "link", "iframe", "object") else []
        self.tables += tag == "table"
        self.captions += tag == "caption"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.text += data
        if self.open and re.fullmatch(r"h[1-6]", self.open[-1]):
            level, said = self.headings[-1]
            self.headings[-1] = (level, said + data)


@pytest.fixture(params=["run_folder", "compare_folder"])
def html(request: pytest.FixtureRequest) -> str:
    folder: Path = request.getfixturevalue(request.param)
    return (folder / "report.html").read_text("utf-8")


def test_the_page_is_whole_by_itself(html: str) -> None:
    page = Page(html)
    assert page.fetched == []
    assert not re.search(r"@import|url\(|https?://(?!www\.w3\.org)", html)
    assert [link for link in page.links if not link.startswith("#")] == []
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_page_has_one_title_ordered_headings_captions_and_a_language(html: str) -> None:
    page = Page(html)
    assert '<html lang="en-GB">' in html
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert page.tables == page.captions > 0
    assert all(text.strip() for _, text in page.headings)


def test_the_page_says_what_the_numbers_say(run_folder: Path) -> None:
    text = Page((run_folder / "report.html").read_text("utf-8")).text
    for band, pence in made_up.PENCE.items():
        assert money(pence) in text, band
        assert percent(pence / made_up.TOTAL) in text, band
    assert exact_money(made_up.TOTAL) in text
    assert "10,003 rows read = 10,000 payments + 1 totals + 1 blank + 1 rejected" in text
    for figure in made_up.IMPACT:
        assert str(figure["label"]) in text
    assert "ab" * 32 in text
    for sentence in ("never add the two", "not proof", "could not be placed", "A registered office is not always"):
        assert sentence in text


def test_a_name_cannot_become_markup() -> None:
    tables = made_up.tables()
    tables["suppliers"] = tables["suppliers"].with_columns(
        supplier_name=pl.lit("<script>alert(1)</script> & <b>Sons"), why=pl.lit('"><img src=x onerror=alert(1)>')
    )
    summary = made_up.summary() | {"institutions": ["<i>Council</i>"], "notes": ["<script>"]}
    html = run_page(summary, tables, figures_for_run(summary, tables))
    page = Page(html)
    assert page.fetched == []
    assert "<script" not in html
    assert "<script>alert(1)</script> & <b>Sons" in page.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((-335, -80, -255), "£80 of that is because less was spent in all, and £255 because a smaller share"),
        (
            (75, -6, 81),
            "Because less was spent in all it would have fallen by £6; a larger share of each pound added £81",
        ),
        (
            (-10, 5, -15),
            "Because more was spent in all it would have risen by £5; a smaller share of each pound took £15",
        ),
        ((20, 5, 15), "£5 of that is because more was spent in all, and £15 because a larger share"),
    ],
)
def test_the_two_parts_of_a_change_can_be_read_out(change: tuple[int, int, int], said: str) -> None:
    tables = made_up.compare_tables()
    amount, volume, rate = (100 * x for x in change)
    tables["change"] = tables["change"].with_columns(
        amount_pence=pl.lit(amount), volume_pence=pl.lit(volume), rate_pence=pl.lit(rate)
    )
    assert said in " ".join(change_story.moved(made_up.compare(), tables))


def test_a_comparison_that_is_not_like_for_like_says_so_first() -> None:
    compare = made_up.compare()
    compare["comparable"] = {"ok": False, "differences": ["the later run has 2 more institutions"]}
    assert change_story.differences(compare) == ["the later run has 2 more institutions"]


@pytest.mark.parametrize("total", [0, -5_00])
def test_a_run_that_nets_to_nothing_still_has_a_report(total: int) -> None:
    summary, tables = made_up.summary(), made_up.tables()
    summary["amount_pence"]["payments"] = total
    for band in summary["bands"].values():
        band |= {"amount_pence": 0, "share": None}
    summary["bands"]["local"]["amount_pence"] = total
    summary["region_including_local"] |= {"amount_pence": total, "share": None}
    summary["coverage"] = {"by_amount": None, "by_suppliers": None}
    text = Page(run_page(summary, tables, figures_for_run(summary, tables))).text
    assert "net to nothing or less" in text
    assert not re.search(r"\bnan\b", text)


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("folder", ["run_folder", "compare_folder"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    folder: str, browser: Browser, request: pytest.FixtureRequest
) -> None:
    """At 1280 pixels, at 200% zoom of that, and on a small telephone, with every table open."""
    page_file: Path = request.getfixturevalue(folder) / "report.html"
    problems: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("request", lambda asked: problems.append(asked.url) if not asked.url.startswith("file:") else None)
        page.goto(page_file.as_uri())
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        for summary in page.locator("summary:visible").all():
            summary.click()
        for width in (1280, 640, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
            assert found == [], [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found]
    assert problems == []
