"""Companies House's REST service: what its bulk file lacks (dissolved companies, owners' countries, accounts' size).

Off unless a person asks for it and has a key. Of an answer only what is listed in `COLUMNS` is kept, never a person's
name: one small JSON file a company in the cache folder, written as soon as that company is known, so that a run that
stops goes on from there.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
from pydantic import BaseModel, SecretStr, ValidationError

from cwb import lookups
from cwb.errors import WebError
from cwb.folders import home_folder
from cwb.postcodes import cache_folder
from cwb.web import Patience, Progress, RefusedError, Web, get_json, host_of, open_web

ADDRESS = "https://api.company-information.service.gov.uk"
KEY_NAME, ADDRESS_NAME = "CWB_COMPANIES_HOUSE_KEY", "CWB_COMPANIES_HOUSE_URL"
KEY_PAGE = "https://developer.company-information.service.gov.uk"
COLUMNS: dict[str, pl.DataType] = {
    "org_id": pl.String(),  # GB-COH-…
    "answer": pl.String(),  # found, not on the register, not read (the host failed), not asked
    "registered_name": pl.String(),
    "status": pl.String(),  # Companies House's word: active, dissolved, liquidation, …
    "started": pl.Date(),
    "ended": pl.Date(),  # dissolved, closed or converted on
    "accounts_type": pl.String(),  # of the latest accounts: micro-entity, small, medium, full, group, …
    "accounts_to": pl.Date(),
    "controllers": pl.Int64(),  # persons with significant control now, of those read
    "controller_country": pl.String(),  # as they state it; parts of the United Kingdom as that; several by "; "
    "officers": pl.Int64(),  # officers now, of those read
    "officer_country": pl.String(),
    "all_read": pl.Boolean(),  # false where there are more officers or controllers than `web.list_pages` holds
    "retrieved": pl.Date(),
}
_LAYOUT = 1  # of the cached files
_ORG_ID = r"^GB-COH-[A-Z0-9]{8}$"
_ABSENT = "company-profile-not-found"
_PER_PAGE = 100


@dataclass(frozen=True)
class Access:
    """A key and the service it is for. The key shows nowhere."""

    key: SecretStr
    address: str = ADDRESS


class _LastAccounts(BaseModel):
    type: str | None = None
    made_up_to: date | None = None


class _Accounts(BaseModel):
    last_accounts: _LastAccounts | None = None


class _Profile(BaseModel):
    company_number: str
    company_name: str
    company_status: str | None = None
    date_of_creation: date | None = None
    date_of_cessation: date | None = None
    accounts: _Accounts | None = None


class _Where(BaseModel):
    country: str | None = None
    country_registered: str | None = None


class _Listed(BaseModel):
    ceased_on: date | None = None
    ceased: bool = False
    resigned_on: date | None = None
    country_of_residence: str | None = None
    identification: _Where | None = None
    address: _Where | None = None


class _Page(BaseModel):
    items: list[_Listed]
    total_results: int | None = None


def access() -> Access:
    """Return the user's key, from the environment (`CWB_COMPANIES_HOUSE_KEY`) or `secrets.toml` in the home folder.

    Raises:
        WebError: there is none, it is not one, or it would travel in the clear.
    """
    path = home_folder() / "secrets.toml"
    key = os.environ.get(KEY_NAME, "").strip()
    if not key and path.is_file():
        try:
            key = str(tomllib.loads(path.read_text("utf-8")).get("companies_house_key", "")).strip()
        except (OSError, ValueError):  # the parser's message would quote the line
            raise WebError(f'{path}: cannot be read; it holds one line: companies_house_key = "…"') from None
    if not key:
        raise WebError(
            f"no key for Companies House; get one at {KEY_PAGE} and set {KEY_NAME}, or write "
            f'companies_house_key = "…" to {path}'
        )
    if not re.fullmatch(r"[!-9;-~]+", key):
        raise WebError(f"the key for Companies House has a character that no key has; copy it again from {KEY_PAGE}")
    address = os.environ.get(ADDRESS_NAME, ADDRESS).rstrip("/")
    if urlsplit(address).scheme != "https" and not _is_here(host_of(address)):
        raise WebError(f"{ADDRESS_NAME}: the key would travel unprotected; the address must start with https://")
    return Access(SecretStr(key), address)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def enrich(
    links: pl.DataFrame, *, access: Access | None = None, patience: Patience | None = None,
    folder: Path | None = None, progress: Progress | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return what Companies House says of the companies among `links`: one row a company, `COLUMNS`, in their order.

    Args:
        links: a frame with a column org_id; what is not GB-COH-… is left out.
        access: the user's key; without one nothing is asked, and answers of any age in the cache are used.
        patience: how hard to ask; the shipped parameters if not given.
        folder: where answers are kept; in the cache folder if not given.
        progress: called with what is being done and how much is, 0 to 1.

    Raises:
        WebError: the service cannot be used; what was answered is kept, and the same call goes on from there.
    """
    folder = folder or cache_folder() / "companies_house"
    wanted = links["org_id"].drop_nulls().unique(maintain_order=True)
    numbers = [str(org_id)[-8:] for org_id in wanted.filter(wanted.str.contains(_ORG_ID))]
    answers = {number: _kept(folder, number) for number in numbers}
    failed: set[str] = set()
    if access is not None:
        oldest = (_today() - timedelta(days=lookups.number("web.answer_days"))).isoformat()
        due = [n for n in numbers if (known := answers[n]) is None or known["retrieved"] < oldest]
        failed = _ask_for(due, answers, access, patience=patience, folder=folder, progress=progress)
    country = dict(lookups.table("register/home_countries").iter_rows())
    rows = [_row(number, answers[number], country, not_read=number in failed) for number in numbers]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def _ask_for(
    due: list[str], answers: dict[str, dict[str, Any] | None], access: Access, *, patience: Patience | None,
    folder: Path, progress: Progress | None,
) -> set[str]:  # fmt: skip
    """Ask for companies one after another, keeping each answer at once; return those that could not be read."""
    say = progress or (lambda _what, _share: None)
    failed: list[str] = []
    in_a_row = 0
    with open_web(key=access.key, patience=patience) as web:
        for done, number in enumerate(due):
            say(f"Asking Companies House: {done:,} of {len(due):,}", done / len(due))
            try:
                answers[number] = _company(web, access.address, number)
            except WebError as error:
                failed.append(number)
                in_a_row += 1
                if isinstance(error, RefusedError) or in_a_row >= lookups.number("web.failures_in_a_row"):
                    here = done + 1 - len(failed)
                    raise WebError(
                        f"{error}; {here:,} of {len(due):,} companies are kept, and the same command goes on from there"
                    ) from None
                continue
            in_a_row = 0
            _keep(folder, number, answers[number])
    return set(failed)


def _company(web: Web, address: str, number: str) -> dict[str, Any]:
    """Return what is kept of one company; three requests, more where its lists are long."""
    host = host_of(address)
    base = f"{address}/company/{number}"
    reply = get_json(web, base)
    kept: dict[str, Any] = {"layout": _LAYOUT, "retrieved": _today().isoformat(), "found": reply.status == 200}
    if not kept["found"]:
        # A wrong address answers 404 as well; only the service itself can say that there is no such company.
        if _ABSENT not in json.dumps(reply.value):
            raise RefusedError(f"{host}: answers 404 and is not Companies House's service; check {ADDRESS_NAME}")
        return kept
    try:
        profile = _Profile.model_validate(reply.value)
        if profile.company_number != number:
            raise WebError(f"{host}: answers with another company than {number}")
        last = (profile.accounts and profile.accounts.last_accounts) or _LastAccounts()
        kept |= {
            "name": profile.company_name, "status": profile.company_status,
            "started": _iso(profile.date_of_creation), "ended": _iso(profile.date_of_cessation),
            "accounts_type": None if last.type == "null" else last.type, "accounts_to": _iso(last.made_up_to),
            "controllers": _listed(web, f"{base}/persons-with-significant-control"),
            "officers": _listed(web, f"{base}/officers"),
        }  # fmt: skip
    except ValidationError:  # its text would quote the answer
        raise WebError(f"{host}: sends what is not an answer about a company") from None
    return kept


def _listed(web: Web, url: str) -> dict[str, Any]:
    """Return how many stand in a list now, which countries they state, and whether the whole list was read."""
    now: list[_Listed] = []
    seen, total = 0, 1
    for _ in range(int(lookups.number("web.list_pages"))):
        reply = get_json(web, f"{url}?items_per_page={_PER_PAGE}&start_index={seen}")
        if reply.status == 404:  # the service's way of saying that there are none
            total = seen
            break
        page = _Page.model_validate(reply.value)
        seen += len(page.items)
        total = seen if page.total_results is None or not page.items else page.total_results
        now += [one for one in page.items if not (one.ceased or one.ceased_on or one.resigned_on)]
        if seen >= total:
            break
    return {"now": len(now), "countries": sorted({_country(one) for one in now} - {""}), "all_read": seen >= total}


def _country(one: _Listed) -> str:
    stated = [one.country_of_residence]
    stated += [place.country_registered or place.country for place in (one.identification, one.address) if place]
    return next((text.strip() for text in stated if text and text.strip()), "")


def _row(number: str, known: dict[str, Any] | None, country: dict[str, str], *, not_read: bool) -> list[Any]:
    empty = dict.fromkeys(COLUMNS)
    if known is None:
        told: dict[str, Any] = {"answer": "not read" if not_read else "not asked"}
    elif not known["found"]:
        told = {"answer": "not on the register", "retrieved": date.fromisoformat(known["retrieved"])}
    else:
        dates = {c: known[c] and date.fromisoformat(known[c]) for c in ("started", "ended", "accounts_to", "retrieved")}
        told = {
            **dates, "answer": "found", "registered_name": known["name"], "status": known["status"],
            "accounts_type": known["accounts_type"],
            "controllers": known["controllers"]["now"], "officers": known["officers"]["now"],
            "controller_country": _countries(known["controllers"]["countries"], country),
            "officer_country": _countries(known["officers"]["countries"], country),
            "all_read": known["controllers"]["all_read"] and known["officers"]["all_read"],
        }  # fmt: skip
    return list((empty | told | {"org_id": f"GB-COH-{number}"}).values())


def _countries(stated: list[str], country: dict[str, str]) -> str | None:
    return "; ".join(sorted({country.get(one.casefold(), one) for one in stated})) or None


def _kept(folder: Path, number: str) -> dict[str, Any] | None:
    """Return the answer kept about a company; None where there is none, or one that is damaged or of an older form."""
    try:
        known = json.loads((folder / f"{number}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(known, dict) and known.get("layout") == _LAYOUT
    return known if whole else None


def _keep(folder: Path, number: str, answer: dict[str, Any] | None) -> None:
    path = folder / f"{number}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{number}-{os.getpid()}")
        scratch.write_text(json.dumps(answer), "utf-8")
        scratch.replace(path)
    except OSError as error:
        raise WebError(f"{path}: cannot be written ({error.strerror}); set CWB_CACHE to another folder") from None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _today() -> date:
    return datetime.now(UTC).date()
