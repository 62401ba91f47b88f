"""What tests share: a browser, and the folder of real data, which is not part of the project."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import browser, chromium
from hypothesis import settings
from required import missing

__all__ = ["browser", "chromium"]

# How long an example takes says more of the machine's load than of the code.
settings.register_profile("cwb", deadline=None)
settings.load_profile("cwb")

TOP = Path(__file__).resolve().parent.parent
SHARED = TOP.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with browser tests, the longest, and try each that fails once more; the summary names what needed it."""

    def drives(item: pytest.Item) -> bool:
        return "chromium" in getattr(item, "fixturenames", ())

    for item in filter(drives, items):
        item.add_marker(pytest.mark.flaky(reruns=1))  # a busy machine may lose a press
    items.sort(key=lambda item: not drives(item))


@pytest.fixture(scope="session", autouse=True)
def _own_home() -> Iterator[None]:
    """Columns remembered and data added by tests stay out of the person's own folder."""
    with tempfile.TemporaryDirectory(prefix="cwb-tests-") as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CWB_HOME", home)
        yield


def _needed(path: Path) -> Path:
    if not path.exists():
        missing(f"needs the folder of real data at {os.path.relpath(path, TOP)}")
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real ledgers, a real register extract and labelled matches."""
    return _needed(SHARED / "data")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Published tables and worked cases to check against."""
    return _needed(SHARED / "reference")
