"""A web server on loopback that really runs, and really fails: busy, broken, slow, cut short, or of another opinion."""

import base64
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "f00d-S3cret-cafe"
Act = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "FaultyServer"

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        with self.server.lock:
            self.server.asked.append(Asked(self.path, dict(self.headers)))
            acts = self.server.acts.get(path) or self.server.acts.get("*") or [status(404)]
            act = acts.pop(0) if len(acts) > 1 else acts[0]
        act(self)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def send(self, code: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]


@dataclass(init=False)
class FaultyServer(ThreadingHTTPServer):
    """Answers each path by its list of acts, one a request; the last act goes on for ever."""

    acts: dict[str, list[Act]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.acts, self.asked, self.lock = {}, [], threading.Lock()
        threading.Thread(target=lambda: self.serve_forever(poll_interval=0.02), daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client may hang up at any time, between requests too: no fault, and nothing for the stderr under test.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def paths(self) -> list[str]:
        return [one.path.split("?")[0] for one in self.asked]


def status(code: int, **headers: str) -> Act:
    # The body tells on the caller, as a careless service would: none of it may be shown.
    return lambda h: h.send(code, f"no: {h.headers.get('Authorization')} {KEY}".encode(), **headers)


def answers(value: Any, *, code: int = 200) -> Act:
    body = json.dumps(value).encode()
    return lambda h: h.send(code, body, Content_Type="application/json")


def broken_json(h: Handler) -> None:
    h.send(200, b'{"company_number": "0000')


def drips(seconds: float = 30) -> Act:
    """Send one byte of a JSON answer at a time, each in good time for a read time-out."""

    def act(h: Handler) -> None:
        h.send_response(200)
        h.send_header("Content-Length", "100000")
        h.end_headers()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            h.wfile.write(b" ")
            h.wfile.flush()
            time.sleep(0.02)

    return act


def silent(seconds: float = 3) -> Act:
    def act(h: Handler) -> None:
        time.sleep(seconds)
        h.close_connection = True

    return act


def cut_short(h: Handler) -> None:
    """Promise more than is sent, and drop the line."""
    h.send(200, b'{"company_number"', Content_Length="5000")
    h.close_connection = True


def hangs_up(h: Handler) -> None:
    h.close_connection = True
    h.connection.close()


def needs_key(act: Act, key: str = KEY) -> Act:
    right = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    return lambda h: act(h) if h.headers.get("Authorization") == right else status(401)(h)


def file_of(
    body: bytes, *, tag: str | None = '"v1"', ranges: bool = True, stop_after: int | None = None,
    kind: str = "application/octet-stream",
) -> Act:  # fmt: skip
    """Serve a file, by ranges where wanted; with `stop_after`, drop the line after so many bytes of this answer."""

    def act(h: Handler) -> None:
        start = 0
        wanted, mark = h.headers.get("Range"), h.headers.get("If-Range")
        if ranges and wanted and mark == tag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        h.send_response(206 if start else 200)
        if start:
            h.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if tag:
            h.send_header("ETag", tag)
        h.send_header("Content-Type", kind)
        h.send_header("Content-Length", str(len(body) - start))
        h.end_headers()
        rest = body[start:]
        h.wfile.write(rest if stop_after is None else rest[:stop_after])
        h.close_connection = stop_after is not None

    return act
