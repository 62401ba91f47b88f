"""Ingest and classify one ledger of a million rows, as a ratio to polars merely reading the file as text (aim ≤ 5).

python -m benchmarks.spine [--rows 1000000] [--runs 5]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.generate_ledger import ledger
from benchmarks.measure import in_turn

READ = "import polars, sys; polars.read_csv(sys.argv[1], infer_schema=False)"
SPINE = """
import sys
from pathlib import Path
from cwb.classify import classify
from cwb.ledger import read_ledger
from cwb.match import match_suppliers
from cwb.places import find_place
from cwb.suppliers import distinct_suppliers
read = read_ledger([Path(sys.argv[1])])
suppliers, owners = distinct_suppliers(read.payments)
banded = classify(read.payments, suppliers, owners, match_suppliers(suppliers, None), find_place("preston"))
assert banded.height == read.account["rows"]["payments"]
assert banded["amount_pence"].sum() == read.account["amount_pence"]["payments"]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.csv"
        ledger(said.rows).write_csv(path)
        size = path.stat().st_size / 1e6
        spine, read = in_turn(
            [sys.executable, "-c", SPINE, str(path)], [sys.executable, "-c", READ, str(path)], runs=said.runs
        )
    print(f"One ledger, {said.rows:,} rows, {size:,.0f} MB (whole processes, {said.runs} runs in turn)")
    print(f"  ingest + classify         {spine}")
    print(f"  polars reading it as text {read}")
    print(f"  ratio {spine.seconds / read.seconds:.1f} (aim ≤ 5); peak memory {spine.peak_mb / size:.1f} × the file")


if __name__ == "__main__":
    main()
