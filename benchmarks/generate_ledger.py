"""Write made-up ledgers of any size: `python benchmarks/generate_ledger.py OUT.csv --rows 1000000`, or many files.

The rows are invented (numbered suppliers, random amounts and dates), with the mess of real ledgers: thousands commas,
credits, redactions, real-looking postcodes and a printed total. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

KINDS = ["Ltd", "Limited", "PLC", "LLP", "Services Ltd", "Council", "NHS Trust", "& Sons", "Group", "Care Ltd"]
TRADES = (
    ["Joinery", "Catering", "Fuels", "Software", "Nursing", "Paving", "Coaches", "Legal", "Cleaning", "Scaffolding"]
)  # fmt: skip
TOWNS = ["Anyton", "Bexborough", "Crowmere", "Dunholt", "Eastwick", "Farleigh", "Garsdale", "Holmby"]
AREAS = ["PR1 8RL", "PR2 9YZ", "BB1 7DY", "LA1 1PJ", "FY1 1AD", "M1 1AE", "LS1 4DY", "SW1A 1AA", "WN1 1YN", "L1 8JQ"]
SERVICES = ["Adult Social Care", "Highways", "Housing", "Children's Services", "Corporate Resources", "Leisure"]
PURPOSES = [
    "Invoice for the month, contract",
    "Works order, stage payment",
    "Placement of a resident, four weeks",
    "Call-off",
]
TYPES = ["Agency staff", "Building maintenance", "Care home placements", "Consultancy", "Electricity", "IT licences"]


def ledger(
    rows: int, *, seed: int = 1, first: date = date(2016, 4, 1), days: int = 365, names: Sequence[str] = ()
) -> pl.DataFrame:
    """Return a ledger of text cells with the columns of a council's, some 180 bytes a row.

    Args:
        rows: how many payments.
        seed: the same gives the same bytes.
        first: the first day paid.
        days: over how many days.
        names: suppliers, the most paid first; without them, 20,000 that are numbered.
    """
    random = np.random.default_rng(seed)
    names = names or [f"{TOWNS[n % 8]} {TRADES[n // 8 % 10]} {n} {KINDS[n // 80 % 10]}" for n in range(20_000)]
    names = ["Redacted personal data", *names[1:]]
    suppliers = len(names)
    who = np.minimum((random.pareto(1.0, rows) * suppliers / 40).astype(int), suppliers - 1)
    pence = np.round(np.exp(random.normal(7.5, 1.4, rows)) * 100).astype(np.int64)
    pence = np.where(random.random(rows) < 0.02, -pence, pence)
    day = np.datetime64(first) + random.integers(0, days, rows)
    service, kind = random.integers(0, 6, rows), random.integers(0, 6, rows)
    frame = pl.DataFrame({"who": who, "pence": pence, "day": day, "service": service, "type": kind})
    sign = pl.when(pl.col("pence") < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = pl.col("pence").abs() // 100
    grouped = (whole // 1000).cast(pl.String) + "," + (whole % 1000).cast(pl.String).str.zfill(3)
    thousands = pl.when(whole >= 1000).then(grouped).otherwise(whole.cast(pl.String))
    return frame.select(
        pl.lit("Anyton Borough Council").alias("Body Name"),
        pl.lit("E07000999").alias("Body"),
        pl.col("day").cast(pl.Date).dt.strftime("%d/%m/%Y").alias("Payment Date"),
        pl.Series(SERVICES).gather(frame["service"]).alias("Service Area"),
        pl.Series(TYPES).gather(frame["type"]).alias("Expense Type"),
        pl.Series(names).gather(frame["who"]).alias("Supplier Name"),
        (pl.lit("V") + pl.col("who").cast(pl.String).str.zfill(6)).alias("Supplier ID"),
        pl.Series(AREAS).gather(frame["who"] % len(AREAS)).alias("Supplier Postcode"),
        (pl.int_range(pl.len()) + 1_000_000 + seed * 10_000_000).cast(pl.String).alias("Transaction Number"),
        (pl.Series(PURPOSES).gather(frame["who"] % 4) + " " + (pl.int_range(pl.len()) % 977).cast(pl.String)).alias(
            "Purpose"
        ),
        (sign + thousands + "." + (pl.col("pence").abs() % 100).cast(pl.String).str.zfill(2)).alias("Net Amount"),
    )


def write_set(folder: Path, *, rows: int, files: int, seed: int = 1) -> list[Path]:
    """Write `files` CSV files with `rows` rows in all; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i in range(files):
        path = folder / f"body-{i % 15:02d}-{i // 15 + 1:02d}.csv"
        part = rows // files + (i < rows % files)
        month = i // 15
        first = date(2016 + (month + 3) // 12, (month + 3) % 12 + 1, 1)
        ledger(part, seed=seed + i, first=first, days=28).write_csv(path)
        paths.append(path)
    return paths


def main() -> None:
    """Parse the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=1, help="more than one: OUT is a folder")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.files == 1:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        ledger(args.rows, seed=args.seed).write_csv(args.out)
    else:
        write_set(args.out, rows=args.rows, files=args.files, seed=args.seed)


if __name__ == "__main__":
    main()
