"""The real postcodes that the made-up organisations stand on; postcodes.csv was drawn by draw_postcodes.py."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

PRESTON = "E07000123"
# District code: post town that goes on a register's address, and how many postcodes to draw.
REGION = {
    "E06000008": ("BLACKBURN", 55), "E06000009": ("BLACKPOOL", 50), "E07000117": ("BURNLEY", 40),
    "E07000118": ("CHORLEY", 50), "E07000119": ("LYTHAM ST ANNES", 35), "E07000120": ("ACCRINGTON", 30),
    "E07000121": ("LANCASTER", 50), "E07000122": ("NELSON", 30), "E07000124": ("CLITHEROE", 25),
    "E07000125": ("RAWTENSTALL", 25), "E07000126": ("LEYLAND", 60), "E07000127": ("SKELMERSDALE", 40),
    "E07000128": ("FLEETWOOD", 35),
}  # fmt: skip
ELSEWHERE = {
    "E08000003": ("MANCHESTER", 50), "E08000006": ("SALFORD", 25), "E08000009": ("ALTRINCHAM", 20),
    "E08000001": ("BOLTON", 25), "E08000010": ("WIGAN", 25), "E08000007": ("STOCKPORT", 20),
    "E08000012": ("LIVERPOOL", 30), "E06000007": ("WARRINGTON", 30), "E08000035": ("LEEDS", 35),
    "E08000025": ("BIRMINGHAM", 35), "E06000049": ("CREWE", 15), "E06000023": ("BRISTOL", 20),
    "W06000015": ("CARDIFF", 15), "S12000036": ("EDINBURGH", 15), "N09000003": ("BELFAST", 8),
    "E08000021": ("NEWCASTLE UPON TYNE", 15), "E06000038": ("READING", 15), "E06000042": ("MILTON KEYNES", 15),
    "E06000016": ("LEICESTER", 15), "E06000018": ("NOTTINGHAM", 15), "E09000033": ("LONDON", 30),
    "E09000001": ("LONDON", 20), "E09000007": ("LONDON", 20), "E09000030": ("LONDON", 15),
}  # fmt: skip
DRAWN = {PRESTON: ("PRESTON", 300), **REGION, **ELSEWHERE}


@dataclass(frozen=True)
class Postcode:
    """A real postcode, the ONS code of its district, and a post town for addresses."""

    code: str
    lad_code: str
    town: str

    @property
    def band(self) -> str:
        """Where it is seen from Preston."""
        if self.lad_code == PRESTON:
            return "local"
        return "regional" if self.lad_code in REGION else "leaked"


def load(path: Path) -> list[Postcode]:
    """Return the drawn postcodes, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Postcode(r["postcode"], r["lad_code"], DRAWN[r["lad_code"]][0]) for r in csv.DictReader(file)]
