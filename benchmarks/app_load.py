"""Many sessions of the app at once, speaking its protocol from this process: what the server makes people wait for.

A browser for each would measure the browsers: 25 of them need more than this machine has. Each session opens the
project, then goes from page to page and asks for payments, with a second's reading between.
"""

from __future__ import annotations

import asyncio
import random
import time

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PAGES = ("where", "payments", "impact", "change", "export", "suppliers")
ASKED = ("", "band=leaked", "text=catering", "category=Consultancy", "band=local&text=paving")


class Session:
    """One browser's connection."""

    def __init__(self, socket: websockets.ClientConnection, query: str) -> None:
        self.socket, self.query = socket, query
        self.pages: dict[str, str] = {}
        self.errors: list[str] = []

    async def run(self, page: str, more: str = "") -> float:
        """Ask for a page and return the seconds until its script has ended."""
        asked = BackMsg()
        asked.rerun_script.query_string = "&".join(part for part in (self.query, more) if part)
        asked.rerun_script.page_script_hash = self.pages.get(page, "")
        asked.rerun_script.page_name = "" if page in self.pages else page
        begin = time.perf_counter()
        await self.socket.send(asked.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(await asyncio.wait_for(self.socket.recv(), 120))
            kind = told.WhichOneof("type")
            if kind == "navigation":
                self.pages = {one.url_pathname: one.page_script_hash for one in told.navigation.app_pages}
            if kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                element = told.delta.new_element.WhichOneof("type")
                if element == "exception" or (element == "alert" and told.delta.new_element.alert.format == 1):
                    self.errors.append(f"{page}: {element}")
            if kind == "script_finished" and told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return time.perf_counter() - begin


async def one(url: str, query: str, seconds: float, seed: int) -> tuple[list[float], list[str]]:
    rng = random.Random(seed)
    waits: list[float] = []
    address = url.replace("http://", "ws://") + "/_stcore/stream"
    async with websockets.connect(
        address, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None, origin=websockets.Origin(url)
    ) as socket:
        session = Session(socket, query)
        await session.run("where")
        end = time.monotonic() + seconds
        await asyncio.sleep(rng.random())
        while time.monotonic() < end:
            page = rng.choice(PAGES)
            waits.append(await session.run(page, rng.choice(ASKED) if page == "payments" else ""))
            await asyncio.sleep(0.5 + rng.random())
        return waits, session.errors


async def _all(url: str, query: str, sessions: int, seconds: float) -> list[tuple[list[float], list[str]]]:
    return await asyncio.gather(*(one(url, query, seconds, at) for at in range(sessions)))


def load(url: str, query: str, sessions: int, seconds: float) -> tuple[list[float], list[str]]:
    """Browse as many people for a while; return the waits in order, and what went wrong."""
    done = asyncio.run(_all(url, query, sessions, seconds))
    return sorted(wait for waits, _ in done for wait in waits), [text for _, wrong in done for text in wrong]
