"""The one door to other machines: polite, patient, and silent about keys.

Every attempt, the repeated ones too, passes the rate limiter. What may pass is asked for again as urllib3's `Retry`
counts and waits: busy and broken hosts (429, 5xx), no answer, an answer cut short, one that drips, one that is not
JSON. The rest is one line that names the host. No text of another machine, and no key, gets into a message.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from requests_ratelimiter import Limiter, LimiterSession, Rate
from requests_ratelimiter.buckets import HostBucketFactory
from urllib3 import BaseHTTPResponse, Retry
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError, ProtocolError, ReadTimeoutError

from cwb import __version__, lookups
from cwb.errors import WebError

Progress = Callable[[str, float], None]
T = TypeVar("T")

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_GONE = frozenset({404, 410})
_PIECE = 1 << 16
_MB = 1_000_000


@dataclass(frozen=True)
class Patience:
    """How hard and how gently to ask; each field is the parameter `web.<name>`, in its unit."""

    requests: float
    window_seconds: float
    retries_refused: float
    retries_unanswered: float
    backoff_seconds: float
    backoff_longest_seconds: float
    retry_after_longest_seconds: float
    connect_seconds: float
    read_seconds: float
    slowest_bytes_per_second: float
    largest_download_mb: float
    largest_reply_mb: float

    @classmethod
    def shipped(cls) -> Patience:
        """Return the shipped parameters."""
        return cls(**{name: lookups.number(f"web.{name}") for name in cls.__dataclass_fields__})

    def policy(self) -> Retry:
        """Return a fresh count of what may still be tried."""
        return Retry(
            total=None, read=int(self.retries_unanswered), status=int(self.retries_refused),
            backoff_factor=self.backoff_seconds, backoff_max=self.backoff_longest_seconds, status_forcelist=_BUSY,
        )  # fmt: skip


@dataclass(frozen=True)
class Web:
    """An open session. Its key, if it has one, shows nowhere."""

    patience: Patience
    has_key: bool
    session: requests.Session = field(repr=False)


@dataclass(frozen=True)
class Reply:
    """An answer that was understood: 200 with its JSON, or 404 with its JSON where it has some."""

    status: int
    value: Any


class RefusedError(WebError):
    """The host will say no to anything else that is asked, too: to go on would be of no use."""


class MovedError(WebError):
    """The host is well, and what was wanted is not at this address."""


class _PassingError(Exception):
    """A fault that may pass; `raw` is the answer that told of it, where one did."""

    def __init__(self, what: str, raw: BaseHTTPResponse | None = None, *, host_wide: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.raw = raw
        self.host_wide = host_wide


@contextmanager
def open_web(*, key: SecretStr | None = None, patience: Patience | None = None) -> Iterator[Web]:
    """Give a session that keeps the rate limit towards each host; `key` goes out as the user of HTTP basic."""
    patience = patience or Patience.shipped()
    buckets = HostBucketFactory([Rate(int(patience.requests), int(patience.window_seconds * 1000))])
    # Its own answer to a 429 is to wait out a whole window; here the host's wish or the back-off decides.
    session = LimiterSession(limiter=Limiter(buckets), limit_statuses=())
    session.headers["User-Agent"] = f"cwb/{__version__}"
    if key is not None:
        session.auth = (key.get_secret_value(), "")
    try:
        with session:
            yield Web(patience, key is not None, session)
    finally:
        buckets.close()


def host_of(url: str) -> str:
    """Return the host of an address, which is all of it that messages show.

    Raises:
        WebError: it is not a web address.
    """
    try:
        parts = urlsplit(url)
        host = None if "@" in parts.netloc else parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise WebError("the address is not one of the web; it starts with https:// and names a host, and no user")
    return host


def get_json(web: Web, url: str) -> Reply:
    """Return the JSON at `url`; a 404 is an answer too.

    Raises:
        WebError: the host cannot be reached, refuses, or goes on failing.
    """
    host = host_of(url)

    def once() -> Reply:
        with _ask(web, url, {"Accept": "application/json"}) as response:
            absent = response.status_code in _GONE
            if not absent:
                _check(web, response, host)
            body = bytearray()
            for piece in _pieces(response, web.patience):
                body += piece
                if len(body) > web.patience.largest_reply_mb * _MB:
                    raise WebError(f"{host}: sends more than {web.patience.largest_reply_mb:,.0f} MB for one answer")
        try:
            return Reply(404 if absent else 200, json.loads(body))
        except (ValueError, RecursionError):
            if absent:
                return Reply(404, None)
            raise _PassingError("sends what is not JSON") from None

    return _patiently(web, host, once)


def download(web: Web, url: str, out: Path, *, progress: Progress | None = None) -> None:
    """Fetch a file to `out`, which appears only when it is whole.

    What has come is kept beside it (`.part`) when the line fails, and is gone on from, within the call or in a later
    one, where the host can tell that the file is still the same.

    Raises:
        MovedError: the host has no such file, or sends a page in its place.
        WebError: the host cannot be reached, refuses, goes on failing, or sends too much.
    """
    host = host_of(url)
    part, note = out.with_name(f"{out.name}.part"), out.with_name(f"{out.name}.part.json")
    say = progress or (lambda _what, _share: None)

    def once() -> None:
        held, mark = _held(part, note, url)
        wanted = {"Accept-Encoding": "identity"}
        if held:
            wanted |= {"Range": f"bytes={held}-", "If-Range": mark}
        with _ask(web, url, wanted) as response:
            if response.status_code == 416:
                part.unlink(missing_ok=True)
                raise _PassingError("has another file than the one begun")
            _check(web, response, host)
            if response.headers.get("Content-Type", "").startswith("text/html"):
                raise MovedError(f"{host}: sends a web page and not the file")
            goes_on = response.status_code == 206
            if goes_on and not response.headers.get("Content-Range", "").startswith(f"bytes {held}-"):
                part.unlink(missing_ok=True)
                raise _PassingError("sends another part than was asked for")
            if not goes_on:
                held = 0
                _remember(note, url, response.headers)
            _write(web, response, part, held, say)
        note.unlink(missing_ok=True)
        part.replace(out)

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _patiently(web, host, once)
    except WebError as error:
        held, _ = _held(part, note, url)
        kept = f"; {held / _MB:,.1f} MB are kept, and the same command goes on from there" if held else ""
        raise type(error)(f"{error}{kept}") from None
    except OSError as error:
        raise WebError(f"{part}: cannot be written ({error.strerror})") from None


def _write(web: Web, response: requests.Response, part: Path, held: int, say: Progress) -> None:
    """Add an answer to `part`, of which `held` bytes are there already (0: it starts anew)."""
    host, most = host_of(str(response.url)), web.patience.largest_download_mb * _MB
    length = response.headers.get("Content-Length", "")
    total = held + int(length) if length.isdigit() else 0
    if total > most:
        raise _too_large(part, host, most)
    with part.open("ab" if held else "wb") as file:
        for piece in _pieces(response, web.patience):
            file.write(piece)
            held += len(piece)
            if held > most:
                raise _too_large(part, host, most)
            say(f"Fetching from {host}", held / total if total else 0.0)


def _too_large(part: Path, host: str, most: float) -> WebError:
    part.unlink(missing_ok=True)
    return WebError(f"{host}: the file is larger than {most / _MB:,.0f} MB; is the address right?")


def _held(part: Path, note: Path, url: str) -> tuple[int, str]:
    """Return how many bytes of this very file are here, and the host's mark of it; 0 where that cannot be known."""
    try:
        told = json.loads(note.read_text("utf-8"))
        if told["url"] == url and told["mark"]:
            return part.stat().st_size, str(told["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return 0, ""


def _remember(note: Path, url: str, headers: Mapping[str, str]) -> None:
    tag = headers.get("ETag", "")
    # A weak tag says "alike", not "the same bytes".
    mark = tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")
    note.write_text(json.dumps({"url": url, "mark": mark}), "utf-8")


def _patiently(web: Web, host: str, once: Callable[[], T]) -> T:
    """Return what `once` does, tried again after faults that may pass."""
    retry = web.patience.policy()
    while True:
        try:
            return once()
        except _PassingError as fault:
            error = None if fault.raw is not None else ProtocolError(fault.what)
            try:
                retry = retry.increment("GET", host, response=fault.raw, error=error)
            except MaxRetryError:
                times = len(retry.history) + 1
                kind = RefusedError if fault.host_wide else WebError
                raise kind(f"{host}: {fault.what}, {times} times; try again later") from None
            time.sleep(_wait(web, retry, fault, host))


def _wait(web: Web, retry: Retry, fault: _PassingError, host: str) -> float:
    """Return the seconds to wait: those that the host asks for, else the back-off."""
    told = None
    if fault.raw is not None:
        try:
            told = retry.get_retry_after(fault.raw)
        except InvalidHeader:
            told = None
    if told is not None and told > web.patience.retry_after_longest_seconds:
        raise RefusedError(f"{host}: asks to wait {told / 60:,.0f} minutes; run the same command again after that")
    return told or retry.get_backoff_time()


def _ask(web: Web, url: str, headers: Mapping[str, str]) -> requests.Response:
    """Return the start of an answer, its body still to come."""
    host, patience = host_of(url), web.patience
    try:
        return web.session.get(
            url, headers=dict(headers), stream=True, timeout=(patience.connect_seconds, patience.read_seconds)
        )
    except requests.exceptions.SSLError:
        raise RefusedError(
            f"{host}: its certificate cannot be checked; where the network has its own, set REQUESTS_CA_BUNDLE"
        ) from None
    except requests.exceptions.ProxyError:
        raise RefusedError(f"{host}: the network's proxy refuses or is not there; check HTTPS_PROXY") from None
    except requests.Timeout:
        raise _PassingError("does not answer") from None
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        raise _PassingError("cannot be reached, or drops the line", host_wide=True) from None
    except (requests.RequestException, HTTPError):
        raise WebError(f"{host}: cannot be asked at this address; is it right?") from None


def _check(web: Web, response: requests.Response, host: str) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if status == 429:
        raise _PassingError("allows no more requests for now (429)", response.raw, host_wide=True)
    if status in _BUSY:
        raise _PassingError(f"is in trouble ({status})", response.raw)
    if status in (401, 403) and web.has_key:
        raise RefusedError(f"{host}: does not accept the key; check it ({status})")
    raise MovedError(f"{host}: does not have that at this address ({status})")


def _pieces(response: requests.Response, patience: Patience) -> Iterator[bytes]:
    """Yield a body as it comes, however small the pieces, so that one that drips is noticed."""
    started, got = time.monotonic(), 0
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            yield piece
            got += len(piece)
            past = time.monotonic() - started
            if past >= patience.read_seconds:
                if got < past * patience.slowest_bytes_per_second:
                    raise _PassingError("sends too slowly")
                started, got = time.monotonic(), 0
    except ReadTimeoutError:
        raise _PassingError("stops in the middle of its answer") from None
    except HTTPError:
        raise _PassingError("cuts its answer short") from None
