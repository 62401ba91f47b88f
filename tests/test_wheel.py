"""An installed cwb works outside the checkout: lookups, sample and app travel in the wheel."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's contents, as pip unpacks them."""
    made = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", made, TOP],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = made.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", made / "site", wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    return made / "site"


def _run(installed: Path, code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=cwd, env=environment
    )


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = "import sys, cwb.cli; print(cwb.__file__); sys.argv = ['cwb', 'demo', '--out', 'made']; cwb.cli.main()"
    done = _run(installed, code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(installed))
    for folder in ("2012-13", "2016-17", "compare"):
        assert (tmp_path / "made" / folder / "report.html").is_file()


def test_the_app_is_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = _run(installed, "from cwb.shipped import app_file; print(app_file())", tmp_path)
    app = Path(done.stdout.strip())
    assert app.is_file()
    assert app.is_relative_to(installed)
