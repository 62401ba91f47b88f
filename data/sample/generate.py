"""Make the sample: six fictional anchor institutions, two years, twelve ledgers, a small register, and the truth.

    python data/sample/generate.py              write the files next to this script
    python data/sample/generate.py --out DIR    write them elsewhere

The same seed gives the same bytes. See README.md.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path
from random import Random

from maker import companies, postcodes
from maker.files import FORMATS, WRITERS
from maker.institutions import INSTITUTIONS, YEARS
from maker.spending import Payment, make_ledgers, make_tail

HERE = Path(__file__).resolve().parent
SEED = "cwb sample 1"
TRUTH = [
    "institution", "financial_year", "supplier", "postcode", "company_number", "true_name", "org_id", "supplier_type",
    "band", "registered_band", "evidence", "variant", "payments", "amount_pence",
]  # fmt: skip


def _file_name(key: str, year: str) -> str:
    name = next(i.name for i in INSTITUTIONS if i.key == key)
    return f"{name.lower().replace(' ', '-')}-{year}.{WRITERS[key][0]}"


def write_truth(path: Path, ledgers: dict[tuple[str, str], list[Payment]]) -> None:
    """Write one row for each supplier as an institution prints it in a year: who it is, its band, lines and pence."""
    names = {i.key: i.name for i in INSTITUTIONS}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TRUTH)
        for (key, year), lines in ledgers.items():
            sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
            for line in lines:
                p = line.printed
                kind = (
                    "redacted"
                    if p.redacted
                    else "individual"
                    if p.payee.kind == "individual"
                    else p.payee.supplier_type
                )
                org_id = f"GB-COH-{p.payee.number}" if p.payee.number else ""
                said = (p.name, p.postcode, p.number.strip(), p.payee.name, org_id, kind, p.payee.band,
                        p.payee.registered_band, p.evidence, p.variant)  # fmt: skip
                sums[said][0] += 1
                sums[said][1] += line.pence
            writer.writerows([names[key], year, *said, *figures] for said, figures in sorted(sums.items()))


def write_manifest(path: Path) -> None:
    """Write sample.toml: the register, the place, and each ledger's institution, year and format."""
    parts = [
        "# What the demo reads. Written by generate.py.",
        'register = "register.csv"',
        'place = "preston"',
    ]
    for institution in INSTITUTIONS:
        for year in YEARS:
            parts += [
                "",
                "[[ledger]]",
                f'file = "{_file_name(institution.key, year)}"',
                f'institution = "{institution.name}"',
                f'financial_year = "{year}"', f'format = "{FORMATS[institution.key]}"',
            ]  # fmt: skip
    path.write_bytes(("\n".join(parts) + "\n").encode())


def generate(out: Path) -> None:
    """Write every file of the sample into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    places = postcodes.load(HERE / "postcodes.csv")
    rng = Random(f"{SEED}/organisations")
    suppliers, stems, numbers = companies.make_suppliers(rng, places)
    crowd, paid_crowd = companies.make_crowd(rng, places, numbers)
    registered = [s for s in suppliers if s.is_company]
    tail = make_tail(rng, [stems.pop() for _ in range(24)])
    left = companies.REGISTER_SIZE - len(registered) - len(crowd)
    bystanders = companies.make_bystanders(rng, suppliers, places, stems, numbers, left)
    register = [*registered, *crowd, *bystanders]
    companies.mark_namesakes(registered, register)
    companies.write_register(out / "register.csv", Random(f"{SEED}/register"), register)
    ledgers = make_ledgers(suppliers, [*tail, *paid_crowd], SEED)
    by_key = {i.key: i for i in INSTITUTIONS}
    for (key, year), lines in ledgers.items():
        WRITERS[key][1](out / _file_name(key, year), by_key[key], year, lines)
    write_truth(out / "truth.csv", ledgers)
    write_manifest(out / "sample.toml")


def main() -> None:
    """Read the command line and make the files."""
    parser = argparse.ArgumentParser(description="Make the sample ledgers and their register.")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    generate(options.out)


if __name__ == "__main__":
    main()
