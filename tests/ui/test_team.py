"""A team at work: two people sign in, each sees their own; roles; reviewing at once; kills in the middle of work."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import review_case as case
from driving import TOP, App, free_port, give, go_to, objections, serving, start
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cwb import projects
from cwb.decisions import Decision
from cwb.workspace import NotAllowedError, Workspace, current, open_workspace, record

pytestmark = pytest.mark.browser

ANN, BOB, CAT = "ann@one.example", "bob@two.example", "cat@one.example"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Start an identity provider on the loopback; who signs in is named on its page."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    people = [User(sub=who, claims={"email": who, "email_verified": True}) for who in (ANN, BOB, CAT)]
    people.append(User(sub="eve@x.example", claims={"email": ANN, "email_verified": False}))
    with run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@contextmanager
def for_a_team(scratch: Path, store: str, provider: str) -> Iterator[App]:
    """Serve the app to people who sign in."""
    told, port = scratch / "sign-in.toml", free_port()
    told.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{"x" * 40}"\n'
        f'client_id = "cwb"\nclient_secret = "secret"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n',
        "utf-8",
    )
    told.chmod(0o600)
    with serving(scratch, store=store, port=port, sign_in=told) as app:
        yield app


def entered(context: BrowserContext, url: str, who: str) -> Page:
    """Sign in as someone."""
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert objections(page) == []
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=sub]").fill(who)
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(f"{url}/**")
    return page


def only(store: str) -> Workspace:
    held = open_workspace(store)
    with held.engine.begin() as connection:
        row = connection.exec_driver_sql("SELECT project_id FROM projects WHERE erased_at IS NULL").first()
    assert row is not None
    return projects.within(held, row[0])


def test_two_people_sign_in_and_see_only_their_own(
    browser: Browser, provider: str, database: str, tmp_path: Path
) -> None:
    ledger = case.ledger(tmp_path)
    with for_a_team(tmp_path, database, provider) as app, browser.new_context() as one, browser.new_context() as two:
        ann = entered(one, app.url, ANN)
        expect(ann.get_by_text(f"Signed in as {ANN}")).to_be_visible()
        give(ann, ledger)
        start(ann, "Preston")
        address = ann.url
        bob = entered(two, app.url, BOB)
        expect(bob.get_by_role("heading", name="New here?")).to_be_visible()
        go_to(bob, "Projects")
        expect(bob.get_by_text("No project yet")).to_be_visible()
        bob.goto(address)  # the very address of her result
        expect(bob.get_by_role("alert").get_by_text("no such project")).to_be_visible()
        expect(bob.locator("dl.tiles")).to_have_count(0)
        expect(bob.get_by_text("Quillfeather")).to_have_count(0)

        # She makes him a viewer: he sees it, and the store refuses him what a viewer may not.
        go_to(ann, "This project")
        ann.get_by_label("Email address that they sign in with").fill(BOB.upper())
        ann.get_by_role("button", name="Add, or change the role").click()
        expect(ann.get_by_role("rowheader", name=BOB)).to_be_visible()
        assert objections(ann) == []
        bob.goto(address)
        expect(bob.locator("dl.tiles")).to_be_visible()
        go_to(bob, "Ledgers")
        expect(bob.get_by_text("You may look at this project")).to_be_visible()
        expect(bob.locator("input[type=file]")).to_have_count(0)
        assert objections(bob) == []
        go_to(bob, "This project")
        expect(bob.get_by_role("button", name="Delete everything in this project")).to_have_count(0)
        within = replace(only(database), person=BOB)
        with pytest.raises(NotAllowedError, match="yours is viewer"):
            record(within, [Decision(supplier_id="s", kind="none", who=BOB)])
        go_to(bob, "Suppliers")
        expect(bob.locator(".turn h2")).to_be_visible()
        expect(bob.get_by_text("You may look at this project.")).to_be_visible()
        for name in ("None of these", "Individual", "Internal", "Works at…", "Undo"):
            expect(bob.get_by_role("button", name=re.compile(f"^{name}"))).to_have_count(0)
        assert current(only(database)).height == 0


def test_two_reviewers_at_once_and_decisions_in_their_own_names(
    browser: Browser, provider: str, database: str, tmp_path: Path
) -> None:
    ledger = case.ledger(tmp_path)
    with for_a_team(tmp_path, database, provider) as app, browser.new_context() as one, browser.new_context() as two:
        ann = entered(one, app.url, ANN)
        expect(ann.get_by_text(f"Signed in as {ANN}")).to_be_visible()
        give(ann, ledger)
        start(ann, "Preston")
        projects.give_role(replace(only(database), person=ANN), CAT, "reviewer")
        cat = entered(two, app.url, CAT)
        for page in (ann, cat):
            page.goto(ann.url.replace("/where", "/suppliers"))
            expect(page.locator(".turn h2")).to_be_visible()
            page.wait_for_timeout(1500)
        first = ann.locator(".turn h2").inner_text()
        assert cat.locator(".turn h2").inner_text() == first
        ann.get_by_role("button", name="None of these").click()
        expect(ann.locator(".said-now")).to_contain_text("Saved")
        cat.get_by_role("button", name=re.compile("^Individual")).click()
        expect(cat.get_by_text("Someone else decided about this supplier just now")).to_be_visible()
        made = current(only(database))
        assert made.select("who", "kind").rows() == [(ANN, "none")]


def test_an_address_that_the_provider_has_not_verified_is_not_taken(
    browser: Browser, provider: str, database: str, tmp_path: Path
) -> None:
    with for_a_team(tmp_path, database, provider) as app, browser.new_context() as context:
        eve = entered(context, app.url, "eve@x.example")
        expect(eve.get_by_text("without an email address that your organisation has verified")).to_be_visible()
        expect(eve.get_by_test_id("stSidebarNav")).to_have_count(0)
        assert objections(eve) == []


def test_nothing_acknowledged_is_lost_by_a_kill_in_mid_upload_and_mid_review(
    browser: Browser, database: str, tmp_path: Path
) -> None:
    ledger = case.ledger(tmp_path)
    big = tmp_path / "big.csv"
    line = "14/04/2016,Someone Else Ltd,10.00\n"
    big.write_text("Date,Supplier,Amount\n" + line * 2_000_000, "utf-8")
    with serving(tmp_path, store=database) as app, browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{app.url}/?project=new")
        give(page, ledger)
        start(page, "Preston")
        go_to(page, "Ledgers")
        page.locator("input[type=file]").first.set_input_files(str(big))
        page.wait_for_timeout(150)
        os.killpg(app.process.pid, signal.SIGKILL)  # in mid-upload
        app.process.wait(20)
    kept = projects.ledgers(only(database))
    assert "spend.csv" in [one.name for one in kept]
    for one in kept:
        projects.write_ledger(only(database), one.sha256, tmp_path / "out" / one.name)  # whole, or not there at all
    with serving(tmp_path, store=database) as app, browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{app.url}/suppliers?project={only(database).project}")
        page.get_by_label("Your name").fill("Asha Patel")
        page.keyboard.press("Enter")
        expect(page.locator(".turn h2")).to_be_visible()
        told = []
        for _ in range(4):
            page.wait_for_timeout(500)
            name = page.locator(".turn h2").inner_text().split("£")[0].strip()
            page.keyboard.press("n")
            expect(page.locator(".said-now")).to_contain_text(f"Saved: {name}")
            told.append(name)
        page.wait_for_timeout(400)
        page.keyboard.press("n")  # this one may or may not be in
        os.killpg(app.process.pid, signal.SIGKILL)
        app.process.wait(20)
    assert set(told) <= set(current(only(database))["supplier_name"])
    with serving(tmp_path, store=database) as app, browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(app.url)  # opens where it was left
        expect(page.get_by_role("heading", level=1, name="Suppliers")).to_be_visible()
        go_to(page, "Where it goes")
        expect(page.locator("dl.tiles")).to_be_visible()


def test_without_sign_in_only_this_machine_is_served(browser: Browser, tmp_path: Path) -> None:
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    with serving(tmp_path) as app, browser.new_context(extra_http_headers=proxied) as context:
        page = context.new_page()
        page.goto(app.url)
        expect(page.get_by_text("answers only a browser on the machine it runs on")).to_be_visible()
        expect(page.get_by_text("Add ledgers")).to_have_count(0)
    command = [sys.executable, "-c", "from cwb.cli import main; main()", "app", "--address", "0.0.0.0"]
    refused = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "listens on this machine only" in refused.stderr
