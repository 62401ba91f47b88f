"""Where a person's own things are kept on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home_folder() -> Path:
    """Return the folder for what the user adds: `CWB_HOME`, or the platform's folder for a program's data."""
    if told := os.environ.get("CWB_HOME"):
        return Path(told)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "cwb"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming")) / "cwb"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "cwb"
