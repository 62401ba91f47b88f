"""Compare 12 institutions × 5 years × 200,000 rows, as a ratio to polars summing the same rows by band (aim ≤ 10).

python -m benchmarks.compare [--institutions 12] [--years 5] [--rows 200000] [--runs 5]

Whole processes in turn: `cwb compare`'s work from run folders (first to last, every step, parts by supplier, category,
sector and payer); the same with the spend by supplier made again from the payments; and polars reading band and
amount of every payment and summing them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import in_turn
from cwb.indicators.comparability import profile
from cwb.indicators.coverage import coverage
from cwb.indicators.leakage import band_sums, bands
from cwb.indicators.spend import payee_table, spend_table
from cwb.schema import BANDS, LINKS, conform

SUM = """
import polars, sys
frames = polars.scan_parquet([f"{one}/payments.parquet" for one in sys.argv[1:]])
frames.group_by("band").agg(polars.col("amount_pence").sum()).collect()
"""
COMPARE = """
import sys
from cwb.pipeline import compare, read_run
made = compare([read_run(one) for one in sys.argv[1:]])
assert made.compare["parts"] is not None
"""
FROM_ROWS = """
import sys
from dataclasses import replace
import polars
from cwb.indicators.spend import spend_table
from cwb.pipeline import compare, read_run
rows = [polars.read_parquet(f"{one}/payments.parquet") for one in sys.argv[1:]]
runs = [replace(read_run(one), spend=spend_table(of)) for one, of in zip(sys.argv[1:], rows)]
assert compare(runs).compare["parts"] is not None
"""
SUPPLIERS = 20_000
PLACE = {
    "id": "preston", "name": "Preston", "region_name": "Lancashire", "local": ["E07000123"],
    "region": ["E07000117", "E07000123"],
}  # fmt: skip


def _payments(institution: str, start: int, rows: int, random: np.random.Generator) -> pl.DataFrame:
    who = np.minimum((random.pareto(1.0, rows) * SUPPLIERS / 40).astype(int), SUPPLIERS - 1)
    day = np.datetime64(date(start, 4, 1)) + random.integers(0, 365, rows)
    kinds = ["Agency staff", "Building maintenance", "Care home placements", "Consultancy", "Electricity", "Licences"]
    return pl.DataFrame(
        {
            "file": pl.Series([f"{institution}.csv"]).gather(np.zeros(rows, dtype=int)),
            "institution": pl.Series([institution]).gather(np.zeros(rows, dtype=int)),
            "financial_year": pl.Series([f"{start}-{(start + 1) % 100:02d}"]).gather(np.zeros(rows, dtype=int)),
            "payment_date": pl.Series(day).cast(pl.Date),
            "number": who,
            "category": pl.Series(kinds).gather(random.integers(0, len(kinds), rows)),
            "amount_pence": np.round(np.exp(random.normal(7.5, 1.4, rows)) * 100).astype(np.int64),
        }
    )  # fmt: skip


def _folder(folder: Path, start: int, institutions: int, rows: int) -> None:
    random = np.random.default_rng(start)
    numbers = np.arange(SUPPLIERS)
    suppliers = pl.DataFrame(
        {
            "supplier_id": [f"{n:016x}" for n in numbers],
            "supplier_name": [f"Supplier {n} Services Ltd" for n in numbers],
        }
    ).with_columns(is_redacted=pl.lit(value=False))
    matched = numbers % 2 == 0
    links = conform(
        suppliers.select(
            "supplier_id", outcome=pl.Series(np.where(matched, "matched", "unmatched")),
            supplier_type=pl.lit("company"), method=pl.lit("none"), evidence=pl.lit("{}"),
            org_id=pl.when(pl.Series(matched)).then(pl.lit("GB-COH-") + pl.col("supplier_id").str.tail(8)),
            name=pl.when(pl.Series(matched)).then("supplier_name"), sic_code=pl.lit("41202"),
        ), LINKS,
    )  # fmt: skip
    placed = suppliers.select(
        "supplier_id",
        band=pl.Series(BANDS).gather(random.choice(4, SUPPLIERS, p=[0.2, 0.3, 0.4, 0.1])),
        basis=pl.lit("ledger_postcode"), lad_code=pl.lit("E07000123"),
    )  # fmt: skip
    parts = [_payments(f"Institution {i:02d}", start, rows, random) for i in range(institutions)]
    every = pl.concat(parts)
    ids = suppliers["supplier_id"].gather(every["number"])
    bands_of = placed["band"].gather(every["number"])
    banded = every.drop("number").with_columns(ids.alias("supplier_id"), bands_of.alias("band"))
    spend, payees = spend_table(banded), payee_table(suppliers, links, placed)
    sums = band_sums(banded)
    by_band = bands(sums)
    inside = [by_band[b] for b in ("local", "regional")]
    grid = banded.group_by("institution", "financial_year", "band").agg(pl.col("amount_pence").sum())
    payers = grid.pivot("band", index=["institution", "financial_year"], values="amount_pence").sort("institution")
    total = sum(row["amount_pence"] for row in by_band.values())
    summary = {
        "institutions": payers["institution"].to_list(), "years": [banded["financial_year"][0]], "place": PLACE,
        "basis": "best_evidence", "bands": by_band, "coverage": coverage(sums),
        "region_including_local": {
            **{k: sum(one[k] for one in inside) for k in ("amount_pence", "payments", "suppliers")},
            "share": sum(one["amount_pence"] for one in inside) / total,
        },
        "by_institution": [
            {"institution": r["institution"], "financial_year": r["financial_year"], "bands": {b: r[b] for b in BANDS}}
            for r in payers.iter_rows(named=True)
        ],
        "profile": profile(banded, {}),
        "provenance": {"register": None, "postcodes": "", "version": "", "inputs": [], "created": ""},
    }  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(json.dumps(summary), "utf-8")
    for name, frame in (("payments", banded), ("spend", spend), ("payees", payees)):
        frame.write_parquet(folder / f"{name}.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--institutions", type=int, default=12)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    said, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch) / str(2016 + n) for n in range(said.years)]
        for n, folder in enumerate(folders):
            _folder(folder, 2016 + n, said.institutions, said.rows)
        where = [str(folder) for folder in folders]
        made, again, summed = in_turn(
            [sys.executable, "-c", COMPARE, *where], [sys.executable, "-c", FROM_ROWS, *where],
            [sys.executable, "-c", SUM, *where], runs=said.runs,
        )  # fmt: skip
    every = said.institutions * said.years * said.rows
    print(
        f"{said.institutions} institutions × {said.years} years × {said.rows:,} rows = {every:,} rows (whole "
        f"processes, {said.runs} runs in turn)"
    )
    print(f"  compare from run folders               {made}")
    print(f"  compare, spend made again from rows    {again}")
    print(f"  polars summing the rows by band        {summed}")
    print(f"  ratio {made.seconds / summed.seconds:.1f} (aim ≤ 10); from rows {again.seconds / summed.seconds:.1f}")


if __name__ == "__main__":
    main()
