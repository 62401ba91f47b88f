from collections.abc import Iterator
from dataclasses import replace

import pytest
from faulty_server import FaultyServer

from cwb.web import Patience


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the person's own: no proxy, no key, no store, no answers kept."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("CWB_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.delenv("CWB_COMPANIES_HOUSE_KEY", raising=False)


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with FaultyServer() as running:
        yield running
        running.shutdown()


@pytest.fixture
def patience() -> Patience:
    """The shipped rules, with waits that a test can sit through."""
    return replace(
        Patience.shipped(), retries_refused=4, retries_unanswered=2, backoff_seconds=0.01, read_seconds=0.3,
        connect_seconds=1, retry_after_longest_seconds=3,
    )  # fmt: skip
