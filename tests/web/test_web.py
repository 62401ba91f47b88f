"""The door to other machines: what passes is asked again, what does not is one line, and a key is in no output."""

import logging
import socket
import struct
import time
from dataclasses import replace
from pathlib import Path

import pytest
from faulty_server import (
    KEY,
    Act,
    FaultyServer,
    answers,
    broken_json,
    cut_short,
    drips,
    file_of,
    hangs_up,
    needs_key,
    silent,
    status,
)
from pydantic import SecretStr

from cwb.errors import WebError
from cwb.web import MovedError, Patience, RefusedError, download, get_json, open_web

GOOD = answers({"a": 1})
PASSING: dict[str, list[Act]] = {
    "429 with Retry-After": [status(429, Retry_After="1"), GOOD],
    "429 without": [status(429), status(429), GOOD],
    "429 with a date gone by": [status(429, Retry_After="Mon, 01 Jan 2024 00:00:00 GMT"), GOOD],
    "429 with nonsense": [status(429, Retry_After="soon"), GOOD],
    "500s": [status(500), status(502), status(503), GOOD],
    "slow drip": [drips(), GOOD],
    "silence": [silent(), GOOD],
    "broken JSON": [broken_json, GOOD],
    "cut short": [cut_short, GOOD],
    "line dropped before an answer": [hangs_up, GOOD],
    "all in a row": [status(429), cut_short, status(500), broken_json, GOOD],
}


def test_a_client_that_hangs_up_leaves_no_trace_in_what_is_under_test(
    server: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.acts["/drips"] = [drips()]
    for path in ("/missing", "/drips"):  # between two requests, and within an answer
        with socket.create_connection(("127.0.0.1", server.server_port)) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            line.recv(10)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close by a reset
    time.sleep(0.2)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("case", PASSING)
def test_what_passes_is_asked_again(case: str, server: FaultyServer, patience: Patience) -> None:
    server.acts["/x"] = list(PASSING[case])
    with open_web(patience=patience) as web:
        assert get_json(web, f"{server.url}/x").value == {"a": 1}
    assert len(server.asked) == len(PASSING[case])


def test_the_wait_is_what_the_host_asks_for(server: FaultyServer, patience: Patience) -> None:
    server.acts["/x"] = [status(429, Retry_After="1"), GOOD]
    started = time.monotonic()
    with open_web(patience=patience) as web:
        get_json(web, f"{server.url}/x")
    assert 1 <= time.monotonic() - started < 3


LASTING: dict[str, tuple[list[Act], int, str]] = {
    "429 for ever": ([status(429)], 5, "allows no more requests"),
    "500 for ever": ([status(500)], 5, "is in trouble (500)"),
    "drips for ever": ([drips()], 3, "sends too slowly"),
    "never JSON": ([broken_json], 3, "not JSON"),
    "always cut short": ([cut_short], 3, "cuts its answer short"),
    "asks for an hour": ([status(429, Retry_After="3600")], 1, "asks to wait 60 minutes"),
    "wrong key": ([status(401)], 1, "does not accept the key"),
    "teapot": ([status(418)], 1, "(418)"),
}


@pytest.mark.parametrize("case", LASTING)
def test_what_lasts_is_one_line_that_names_the_host_and_no_key(
    case: str, server: FaultyServer, patience: Patience, caplog: pytest.LogCaptureFixture
) -> None:
    acts, times, says = LASTING[case]
    server.acts["/x"] = acts
    caplog.set_level(logging.DEBUG)
    with open_web(key=SecretStr(KEY), patience=patience) as web:
        with pytest.raises(WebError) as raised:
            get_json(web, f"{server.url}/x?q=1")
        shown = f"{raised.value!s} {raised.value!r} {web!r} {web} {raised.value.__context__!r} {caplog.text}"
    assert says in str(raised.value)
    assert str(raised.value).startswith("127.0.0.1: ")
    assert "\n" not in str(raised.value)
    assert len(server.asked) == times
    assert KEY not in shown
    assert server.asked[0].headers["Authorization"].removeprefix("Basic ") not in shown


def test_the_key_goes_out_as_the_user_and_not_to_another_host(server: FaultyServer, patience: Patience) -> None:
    with FaultyServer() as other:
        other.acts["/y"] = [GOOD]
        server.acts["/x"] = [needs_key(lambda h: h.send(302, Location=f"{other.url}/y"))]
        with open_web(key=SecretStr(KEY), patience=patience) as web:
            assert get_json(web, f"{server.url}/x").value == {"a": 1}
        assert "Authorization" not in other.asked[0].headers
        other.shutdown()


def test_the_rate_limit_is_kept_by_repeated_requests_too(server: FaultyServer, patience: Patience) -> None:
    server.acts["/x"] = [status(500), GOOD]
    slow = replace(patience, requests=3, window_seconds=1.0)
    started = time.monotonic()
    with open_web(patience=slow) as web:
        for _ in range(6):
            get_json(web, f"{server.url}/x")
    assert len(server.asked) == 7
    assert time.monotonic() - started >= 2  # seven requests, three in any second


def test_a_host_that_is_not_there_is_told_of(patience: Patience) -> None:
    with open_web(patience=patience) as web, pytest.raises(RefusedError, match=r"127\.0\.0\.1: cannot be reached"):
        get_json(web, "http://127.0.0.1:9/x")


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "file:///etc/passwd", "nonsense", "http://[::1", "https://", "https://me:secret@host/x"]
)
def test_what_is_no_web_address_is_refused(url: str, patience: Patience) -> None:
    with open_web(patience=patience) as web, pytest.raises(WebError, match="starts with https") as raised:
        get_json(web, url)
    assert "secret" not in str(raised.value)


BODY = bytes(range(256)) * 4000  # 1,024,000 bytes


def _fetch(server: FaultyServer, out: Path, patience: Patience) -> None:
    with open_web(patience=patience) as web:
        download(web, f"{server.url}/big.zip", out)


def test_a_download_goes_on_where_the_line_was_dropped(
    server: FaultyServer, tmp_path: Path, patience: Patience
) -> None:
    server.acts["/big.zip"] = [file_of(BODY, stop_after=300_000), file_of(BODY, stop_after=400_000), file_of(BODY)]
    _fetch(server, tmp_path / "big.zip", patience)
    assert (tmp_path / "big.zip").read_bytes() == BODY
    starts = [one.headers.get("Range") for one in server.asked]
    assert starts == [None, "bytes=300000-", "bytes=700000-"]
    assert [p.name for p in tmp_path.iterdir()] == ["big.zip"]


def test_a_download_goes_on_in_a_later_run(server: FaultyServer, tmp_path: Path, patience: Patience) -> None:
    server.acts["/big.zip"] = [file_of(BODY, stop_after=300_000), status(500)]
    with pytest.raises(WebError, match=r"0\.3 MB are kept"):
        _fetch(server, tmp_path / "big.zip", patience)
    assert not (tmp_path / "big.zip").exists()
    server.acts["/big.zip"] = [file_of(BODY)]
    _fetch(server, tmp_path / "big.zip", patience)
    assert (tmp_path / "big.zip").read_bytes() == BODY
    assert server.asked[-1].headers["Range"] == "bytes=300000-"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (file_of(b"old" * 100_000, tag='"old"', stop_after=9_000), file_of(BODY, tag='"new"')),
        (file_of(BODY, tag='W/"weak"', stop_after=9_000), file_of(BODY, tag='W/"weak"')),
        (file_of(BODY, tag=None, stop_after=9_000), file_of(BODY, tag=None)),
        (file_of(BODY, ranges=False, stop_after=9_000), file_of(BODY, ranges=False)),
        (file_of(BODY, stop_after=9_000), lambda h: h.send(206, BODY[5:], Content_Range="bytes 5-9/10")),
        (file_of(BODY, stop_after=9_000), status(416)),
    ],
    ids=["changed meanwhile", "weak tag", "no tag", "no ranges", "another range", "416"],
)
def test_a_download_starts_anew_where_it_cannot_be_gone_on_from(
    first: Act, second: Act, server: FaultyServer, tmp_path: Path, patience: Patience
) -> None:
    server.acts["/big.zip"] = [first, second, file_of(BODY)]
    _fetch(server, tmp_path / "big.zip", patience)
    assert (tmp_path / "big.zip").read_bytes() == BODY


def test_a_download_replaces_only_when_whole(server: FaultyServer, tmp_path: Path, patience: Patience) -> None:
    (tmp_path / "big.zip").write_bytes(b"before")
    server.acts["/big.zip"] = [file_of(BODY, stop_after=9)]
    with pytest.raises(WebError):
        _fetch(server, tmp_path / "big.zip", patience)
    assert (tmp_path / "big.zip").read_bytes() == b"before"


@pytest.mark.parametrize("told", [True, False], ids=["as it says", "as it sends"])
def test_a_file_without_end_is_not_kept(told: bool, server: FaultyServer, tmp_path: Path, patience: Patience) -> None:
    def endless(h) -> None:
        h.send_response(200)
        h.send_header(*(("Content-Length", str(10**12)) if told else ("Connection", "close")))
        h.end_headers()
        for _ in range(100):
            h.wfile.write(BODY)
        h.close_connection = True

    server.acts["/big.zip"] = [endless]
    with pytest.raises(WebError, match="larger than 2 MB"):
        _fetch(server, tmp_path / "big.zip", replace(patience, largest_download_mb=2))
    assert not list(tmp_path.glob("*.zip*.part"))
    assert not (tmp_path / "big.zip").exists()


@pytest.mark.parametrize("act", [status(404), status(410), status(403), file_of(b"<html>Moved", kind="text/html")])
def test_a_file_that_is_not_there_is_told_as_moved(
    act: Act, server: FaultyServer, tmp_path: Path, patience: Patience
) -> None:
    server.acts["/big.zip"] = [act]
    with pytest.raises(MovedError, match=r"127\.0\.0\.1"):
        _fetch(server, tmp_path / "big.zip", patience)
    assert len(server.asked) == 1
    assert not list(tmp_path.iterdir())
