"""Run as a process of its own: the sheets of one workbook → Arrow files of text cells.

A workbook says in a few bytes how much memory to set aside, and the parser believes it: a broken one ends the process
or fills the machine. Here that process is not the user's, and its memory has a limit. Usage: python sheets_process.py
WORKBOOK FOLDER BYTES. It imports nothing of cwb, so that it starts fast.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import fastexcel


def main(source: str, folder: str, memory_bytes: int) -> None:
    """Write sheet N to FOLDER/N.arrow where it holds anything, and the sheets' names, as JSON, to FOLDER/names.json."""
    try:
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    except (ImportError, ValueError, OSError):
        pass  # without a limit, a broken file can at worst end this process
    reader = fastexcel.read_excel(source)
    for number, name in enumerate(reader.sheet_names):
        cells = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
        if cells.width and cells.height:
            cells.columns = [f"c{i}" for i in range(cells.width)]
            cells.write_ipc(Path(folder) / f"{number}.arrow")
    (Path(folder) / "names.json").write_text(json.dumps(reader.sheet_names), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
