"""The six payers: what they aim to spend in each band, who buys what, and what their ledgers print."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from maker.words import Trade

YEARS = ("2012-13", "2016-17")
BANDS = ("local", "regional", "leaked", "unknown")


@dataclass(frozen=True)
class Institution:
    """One payer. `aims` are £ thousands by year and band; `roster` suppliers by band; shares say what it prints.

    `department` is who buys what BUYERS does not name.

    The aims add up to what was published for Preston's six anchor institutions: 2012/13 £746m, of which local £37m
    (5%), the region with local 39%, leaked £457m (61%); 2016/17 £616m, local £112m (18.2%),
    79.2%, leaked £128m (20.8%).
    """

    key: str
    name: str
    aims: dict[str, tuple[int, int, int, int]]
    rows: dict[str, int]
    roster: dict[str, int]
    department: str
    postcode_share: float = 0.0
    number_share: float = 0.0
    vat_share: float = 0.0
    redacted_rows: int = 12

    def aim_pence(self, year: str, band: str) -> int:
        """Return what the band comes to in a year: the aim, moved by less than £500 so that no total is round."""
        return self.aims[year][BANDS.index(band)] * 100_000 + Random(f"{self.key} {year} {band}").randrange(
            -49_999, 50_000
        )


INSTITUTIONS = [
    Institution(
        "city", "Harrowmere City Council",
        {"2012-13": (4_100, 7_000, 12_880, 20), "2016-17": (10_600, 7_400, 2_980, 20)},
        {"2012-13": 1_480, "2016-17": 1_420}, {"local": 120, "regional": 85, "leaked": 70},
        "Corporate Services", postcode_share=0.85, redacted_rows=30,
    ),
    Institution(
        "county", "Northfell County Council",
        {"2012-13": (16_200, 160_040, 243_710, 50), "2016-17": (50_000, 231_000, 48_960, 40)},
        {"2012-13": 3_100, "2016-17": 2_900}, {"local": 130, "regional": 210, "leaked": 200},
        "Finance", postcode_share=0.55, redacted_rows=90,
    ),
    Institution(
        "police", "Northfell Constabulary",
        {"2012-13": (3_100, 18_000, 40_890, 10), "2016-17": (3_400, 22_300, 27_090, 10)},
        {"2012-13": 1_080, "2016-17": 1_020}, {"local": 40, "regional": 60, "leaked": 85},
        "Operations", number_share=0.7, redacted_rows=16,
    ),
    Institution(
        "college", "Harrowmere College",
        {"2012-13": (3_400, 9_000, 35_590, 10), "2016-17": (9_500, 15_000, 11_490, 10)},
        {"2012-13": 980, "2016-17": 930}, {"local": 50, "regional": 55, "leaked": 65},
        "Learning Resources", redacted_rows=6,
    ),
    Institution(
        "housing", "Brindlecroft Homes",
        {"2012-13": (3_300, 11_080, 18_590, 10), "2016-17": (12_000, 11_000, 3_990, 10)},
        {"2012-13": 900, "2016-17": 860}, {"local": 70, "regional": 55, "leaked": 45},
        "Corporate", postcode_share=0.8, redacted_rows=6,
    ),
    Institution(
        "hospital", "Northfell and Harrowmere Hospitals NHS Trust",
        {"2012-13": (7_500, 48_000, 104_480, 20), "2016-17": (26_500, 90_000, 33_490, 10)},
        {"2012-13": 1_900, "2016-17": 1_820}, {"local": 85, "regional": 120, "leaked": 150},
        "Corporate Division", postcode_share=0.7, vat_share=0.5, redacted_rows=10,
    ),
]  # fmt: skip

# Which part of each institution buys which category; the rest falls to its own `department`.
_WORKS = "Capital works|Repairs and maintenance|Energy|Premises|Security|Professional fees"
BUYERS = {
    "city": {
        "Housing and Regeneration": _WORKS,
        "Street Scene": "Waste disposal|Cleaning|Grounds maintenance|Fleet",
        "Leisure": "Catering|Equipment",
    },
    "county": {
        "Adult Services": "Adult residential care|Home care|Healthcare from others",
        "Children and Young People": "Childrens placements|Early years",
        "Schools": "Special education|Catering|Provisions|Books|Training",
        "Environment": "Highways|Transport|Waste disposal|Grounds maintenance|Fleet",
        "Property": _WORKS + "|Cleaning",
    },
    "police": {
        "Estates": _WORKS + "|Cleaning|Waste disposal",
        "Fleet": "Fleet",
        "ICT": "IT|Telephony",
        "People Services": "Training|Agency staff",
    },
    "college": {
        "Estates": _WORKS + "|Cleaning|Waste disposal|Grounds maintenance",
        "Student Services": "Catering|Provisions|Transport",
        "Apprenticeships": "Training",
    },
    "housing": {"Asset Management": _WORKS + "|Cleaning|Waste disposal|Grounds maintenance|Forensic and testing"},
    "hospital": {
        "Estates and Facilities": _WORKS + "|Cleaning|Waste disposal|Laundry|Catering|Provisions|Fleet",
        "Pharmacy": "Drugs",
        "Surgery": "Medical and surgical",
        "Pathology": "Healthcare from others",
        "Medicine": "Agency staff",
    },
}
DEPARTMENTS = {
    key: {category: department for department, bought in buyers.items() for category in bought.split("|")}
    for key, buyers in BUYERS.items()
}

REDACTIONS = {
    "city": ("REDACTED PERSONAL DATA", "Redacted - Personal Data"),
    "county": ("REDACTED PERSONAL DATA", "Name Withheld", "REDACTED - FOSTER CARER"),
    "police": ("REDACTED", "Redacted Personal Data"),
    "college": ("Redacted Personal Data",),
    "housing": ("REDACTED PERSONAL INFORMATION",),
    "hospital": ("Redacted Personal Data", "PERSONAL DATA REDACTED"),
}
PEOPLE = {
    "county": ("Foster carer allowance", 8),
    "college": ("Sessional tutor", 4),
    "city": ("Refund of overpayment", 4),
}
PERSON_TRADE = Trade("", (), "Individuals", ("Payment to individual",), "", 1)
