"""Made-up organisations, and the register in Companies House's official layout that lists most of them.

Company numbers begin with 9 (or OC9, SC9, NI9, RS09), which Companies House has not reached.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from maker.postcodes import Postcode
from maker.words import FIRST_NAMES, PUBLIC, STEMS, STREETS, TRADES, VOLUNTARY, Trade

REGISTER_SIZE = 2_000
CROWD = 450
COLUMNS = [
    "CompanyName", " CompanyNumber", "RegAddress.CareOf", "RegAddress.POBox", "RegAddress.AddressLine1",
    " RegAddress.AddressLine2", "RegAddress.PostTown", "RegAddress.County", "RegAddress.Country",
    "RegAddress.PostCode", "CompanyCategory", "CompanyStatus", "CountryOfOrigin", "DissolutionDate",
    "IncorporationDate", "Accounts.AccountRefDay", "Accounts.AccountRefMonth", "Accounts.NextDueDate",
    "Accounts.LastMadeUpDate", "Accounts.AccountCategory", "Returns.NextDueDate", "Returns.LastMadeUpDate",
    "Mortgages.NumMortCharges", "Mortgages.NumMortOutstanding", "Mortgages.NumMortPartSatisfied",
    "Mortgages.NumMortSatisfied", "SICCode.SicText_1", "SICCode.SicText_2", "SICCode.SicText_3",
    "SICCode.SicText_4", "LimitedPartnerships.NumGenPartners", "LimitedPartnerships.NumLimPartners", "URI",
    *(f"{'' if n == 1 and part == '.CONDATE' else ' '}PreviousName_{n}{part}"
      for n in range(1, 11) for part in (".CONDATE", ".CompanyName")),
    "ConfStmtNextDueDate", " ConfStmtLastMadeUpDate",
]  # fmt: skip

CATEGORIES = {
    "ltd": "Private Limited Company",
    "plc": "Public Limited Company",
    "llp": "Limited Liability Partnership",
    "cic": "Community Interest Company",
    "guarantee": "PRI/LTD BY GUAR/NSC (Private, limited by guarantee, no share capital)",
    "society": "Registered Society",
}
# What ledgers and the register call each form.
FORMS = {
    "ltd": ("Limited", "Ltd", "LTD.", "Ltd"),
    "plc": ("PLC", "plc", "P.L.C."),
    "llp": ("LLP", "L.L.P.", "Llp"),
    "cic": ("Community Interest Company", "CIC", "C.I.C."),
    "guarantee": ("Limited", "Ltd"),
    "society": ("Limited", "Ltd"),
}
SUPPLIER_TYPES = {"cic": "cic", "society": "cooperative", "charity": "charity", "public_body": "public_body"}
SUPPLIERS = {"local": 270, "regional": 390, "leaked": 440}
_FIRMS_OF_PARTNERS = ("69102", "69201", "71111")


@dataclass
class Organisation:
    """Someone who can be paid: `office` is the registered address, `site` the place that is paid."""

    core: str
    kind: str
    trade: Trade
    office: Postcode | None
    site: Postcode | None
    number: str = ""
    incorporated: date = date(1999, 1, 1)
    status: str = "Active"
    dissolved: date | None = None
    previous: list[tuple[date, str]] = field(default_factory=list)
    trading_as: str = ""
    crowded: bool = False
    has_namesake: bool = False

    @property
    def name(self) -> str:
        """Full name, with its legal form if it has one."""
        return f"{self.core} {FORMS[self.kind][0]}" if self.kind in FORMS else self.core

    @property
    def is_company(self) -> bool:
        """It is on the register."""
        return bool(self.number)

    @property
    def band(self) -> str:
        """Where it really is, seen from Preston; unknown where nothing published could tell."""
        return "unknown" if self.site is None else self.site.band

    @property
    def registered_band(self) -> str:
        """Where its registered office is; unknown where it has none, or one that says nothing."""
        return "unknown" if self.office is None or self.crowded else self.office.band

    @property
    def supplier_type(self) -> str:
        """The kind of body, in the words of the links table."""
        return SUPPLIER_TYPES.get(self.kind, "company" if self.is_company else "unknown")

    @property
    def is_doubtful(self) -> bool:
        """Its name alone would leave a careful reader unsure: it has a namesake, or is no longer active."""
        return self.has_namesake or self.status != "Active"

    @property
    def is_split(self) -> bool:
        """Its registered office lies in another band than the place that is paid."""
        return self.is_company and not self.crowded and self.registered_band != self.band


class Numbers:
    """Hands out company numbers, each once."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._given: set[str] = set()

    def next(self, kind: str, office: Postcode) -> str:
        """Return a number of the right form for the kind and the country of the office."""
        while True:
            short = f"{self._rng.randrange(100_000):05d}"
            if kind == "llp":
                number = "OC9" + short
            elif kind == "society":
                number = "RS09" + short[:4]
            elif office.town in ("EDINBURGH", "BELFAST"):
                number = ("SC9" if office.town == "EDINBURGH" else "NI9") + short
            else:
                number = f"9{self._rng.randrange(10_000_000):07d}"
            if number not in self._given:
                self._given.add(number)
                return number


def _day(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def _core(rng: Random, stem: str, trade: Trade, kind: str) -> str:
    word = rng.choice(trade.words)
    if kind == "llp":
        return f"{stem} {rng.choice(STEMS)} {word}" if rng.random() < 0.5 else f"{stem} {word}"
    if kind == "society":
        return f"{stem} {word} Co-operative"
    if kind == "plc":
        return rng.choice([f"{stem} Group", f"{stem} {word}", f"{stem} {word} Group"])
    roll = rng.random()
    if roll < 0.56:
        return f"{stem} {word}"
    if roll < 0.66:
        return f"{stem} & {rng.choice(STEMS)} {word}"
    if roll < 0.73:
        return f"{rng.choice('ABCDEFGHJKLMPRSTW')}. {stem} & Sons {word}"
    if roll < 0.78:
        return f"{stem} Bros {word}"
    if roll < 0.86:
        return f"{stem} {word} ({rng.choice(['UK', 'North West', 'Northern', 'Lancashire'])})"
    if roll < 0.93:
        return f"{stem} {word} Services" if "Services" not in word else f"{stem} {word}"
    return f"The {stem} {word} Company"


def _kind(rng: Random, trade: Trade, band: str) -> str:
    if trade.sic.startswith(_FIRMS_OF_PARTNERS) and rng.random() < 0.45:
        return "llp"
    if band == "leaked" and trade.size >= 7 and rng.random() < 0.12:
        return "plc"
    roll = rng.random()
    for kind, below in (("cic", 0.03), ("guarantee", 0.06), ("society", 0.075)):
        if roll < below:
            return kind
    return "ltd"


def _other(rng: Random, stem: str, trade: Trade, site: Postcode) -> Organisation:
    """Return a supplier that is on no register of ours: a charity, public body, school or sole trader."""
    roll = rng.random()
    if roll < 0.3:
        cause = rng.choice(["Hospice", "Carers Trust", "Community Trust", "Age Forum", "Welfare Charity"])
        return Organisation(f"{stem} {cause}", "charity", VOLUNTARY, None, site)
    if roll < 0.62:
        body = rng.choice(["Borough Council", "District Council", "Parish Council", "Fire and Rescue Authority",
                           "Teaching Hospitals NHS Foundation Trust", "Clinical Commissioning Group"])  # fmt: skip
        return Organisation(f"{stem} {body}", "public_body", PUBLIC, None, site)
    if roll < 0.78:
        school = rng.choice(["Primary School", "High School", "C of E Primary School", "Academy"])
        return Organisation(f"{stem} {school}", "public_body", PUBLIC, None, site)
    owner = f"{rng.choice('ABCDEFGHJKLMPRSTW')} {stem}"
    return Organisation(f"{owner} T/A {stem} {rng.choice(trade.words)}", "sole_trader", trade, None, site)


def _rename(rng: Random, company: Organisation, stem: str) -> None:
    """Give a company one to three earlier names; the newest was left while it was already being paid."""
    left = _day(rng, date(2012, 9, 1), date(2016, 12, 31))
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        old = f"{stem} {rng.choice(rng.choice(TRADES).words)} {FORMS['ltd'][0]}"
        if old != company.name and old not in (name for _, name in company.previous):
            company.previous.append((left, old))
        left = _day(rng, date(2001, 1, 1), date(2010, 12, 31))


def make_suppliers(rng: Random, postcodes: list[Postcode]) -> tuple[list[Organisation], list[str], Numbers]:
    """Return the suppliers, the stems nobody uses yet, and the source of company numbers."""
    by_band = {band: [p for p in postcodes if p.band == band] for band in SUPPLIERS}
    stems = STEMS.copy()
    rng.shuffle(stems)
    numbers = Numbers(rng)
    out: list[Organisation] = []
    split_share = {"local": 0.10, "regional": 0.08, "leaked": 0.05}
    for band, count in SUPPLIERS.items():
        elsewhere = [p for other in by_band if other != band for p in by_band[other]]
        for _ in range(count):
            # A few founders lend their name to two firms of different trades.
            stem = stems.pop() if rng.random() < 0.9 else rng.choice(STEMS)
            site, trade = rng.choice(by_band[band]), rng.choice(TRADES)
            if rng.random() < 0.14:
                out.append(_other(rng, stem, trade, site))
                continue
            kind = _kind(rng, trade, band)
            office = rng.choice(elsewhere) if rng.random() < split_share[band] else site
            company = Organisation(
                _core(rng, stem, trade, kind), kind, trade, office, site, numbers.next(kind, office),
                _day(rng, date(1974, 1, 1), date(2011, 12, 31)),
            )  # fmt: skip
            if rng.random() < 0.12:
                company.incorporated = _day(rng, date(2013, 4, 1), date(2016, 2, 28))
            elif rng.random() < 0.10 and kind == "ltd":
                _rename(rng, company, rng.choice([stem, stem, rng.choice(STEMS)]))
            if rng.random() < 0.06:
                company.trading_as = f"{rng.choice(STEMS)} {rng.choice(trade.words)}"
            if rng.random() < 0.03:
                company.status = rng.choice(["Liquidation", "Active - Proposal to Strike off", "In Administration"])
            out.append(company)
    seen: set[str] = set()
    unique = [o for o in out if not (o.core.casefold() in seen or seen.add(o.core.casefold()))]
    return unique, stems, numbers


def make_crowd(
    rng: Random, postcodes: list[Postcode], numbers: Numbers
) -> tuple[list[Organisation], list[Organisation]]:
    """Return companies that only have a formation agent's address, and the few of them that are paid by someone."""
    agent = next(p for p in postcodes if p.lad_code == "E09000007")
    crowd = []
    for _ in range(CROWD):
        trade = rng.choice(TRADES)
        crowd.append(
            Organisation(
                f"{rng.choice(STEMS)} {rng.choice(trade.words)} {rng.choice(['Ventures', 'Global', 'Trading'])}",
                "ltd",
                trade,
                agent,
                None,
                numbers.next("ltd", agent),
                _day(rng, date(2009, 1, 1), date(2011, 12, 31)),
                crowded=True,
            )
        )
    return crowd, crowd[:6]


def make_bystanders(
    rng: Random,
    suppliers: list[Organisation],
    postcodes: list[Postcode],
    stems: list[str],
    numbers: Numbers,
    wanted: int,
) -> list[Organisation]:
    """Return `wanted` companies that nobody pays: namesakes, near misses of suppliers' names, and others."""
    companies = [s for s in suppliers if s.is_company]
    taken = {s.name.casefold() for s in suppliers} | {old.casefold() for s in suppliers for _, old in s.previous}
    out: list[Organisation] = []

    def add(core: str, kind: str, trade: Trade, dissolved: date | None = None) -> None:
        office = rng.choice(postcodes)
        born = _day(rng, date(1985, 1, 1), date(2016, 12, 31)) if dissolved is None else date(1988, 5, 4)
        other = Organisation(core, kind, trade, office, office, numbers.next(kind, office), born, dissolved=dissolved)
        if dissolved:
            other.status = "Dissolved"
        elif other.name.casefold() in taken:
            return
        taken.add(other.name.casefold())
        out.append(other)

    # The same words with another legal form: Ltd beside LLP, plc beside Ltd.
    for twin in [s for s in companies if s.kind == "llp"][:10] + [s for s in companies if s.kind == "plc"][:6]:
        add(twin.core, "ltd", twin.trade)
    # The same name, dissolved before anyone was paid.
    for late in rng.sample([s for s in companies if s.kind == "ltd"], 10):
        add(late.core, "ltd", late.trade, dissolved=_day(rng, date(2003, 1, 1), date(2009, 12, 31)))
    for body in [s for s in suppliers if s.kind == "public_body"][:12]:
        add(body.core, "ltd", rng.choice(TRADES))
    while len(out) < wanted * 2 // 3:
        near = rng.choice(companies)
        stem = near.core.removeprefix("The ").split()[0].rstrip(".")
        stem = near.core.split()[1] if len(stem) == 1 else stem
        core = rng.choice(
            [f"{stem} {rng.choice(rng.choice(TRADES).words)}", f"{stem} Holdings", f"{near.core} (Southern)",
             f"{near.core} Group", f"{stem} Investments", f"{stem} {rng.choice(STEMS)}"]
        )  # fmt: skip
        add(core, "ltd", near.trade)
    while len(out) < wanted:
        trade = rng.choice(TRADES)
        kind = _kind(rng, trade, "regional")
        add(_core(rng, rng.choice(stems or STEMS), trade, kind), kind, trade)
    return out


def mark_namesakes(suppliers: list[Organisation], register: list[Organisation]) -> None:
    """Mark the suppliers whose name, less its legal form, someone else on the register bears or bore."""
    bearers: dict[str, set[str]] = defaultdict(set)
    for company in register:
        for name in [company.core, *(old.removesuffix(f" {FORMS['ltd'][0]}") for _, old in company.previous)]:
            bearers[name.casefold()].add(company.number)
    for supplier in suppliers:
        supplier.has_namesake = len(bearers[supplier.core.casefold()] | {supplier.number}) > 1
        supplier.previous = [
            (left, old) for left, old in supplier.previous
            if len(bearers[old.removesuffix(f" {FORMS['ltd'][0]}").casefold()]) == 1
        ]  # fmt: skip


def make_individuals(rng: Random, trade: Trade, count: int) -> list[Organisation]:
    """Return people paid in their own name (foster carers, tutors), who have no published address."""
    titles = ["Mr", "Mrs", "Ms", "Miss"]
    return [
        Organisation(f"{rng.choice(titles)} {rng.choice(FIRST_NAMES)} {stem}", "individual", trade, None, None)
        for stem in rng.sample(STEMS, count)
    ]


def _row(rng: Random, company: Organisation) -> dict[str, str]:
    office = company.office
    assert office is not None
    row = dict.fromkeys((c.strip() for c in COLUMNS), "")
    form = FORMS[company.kind][0] if company.kind != "ltd" or rng.random() < 0.7 else "Ltd"
    made_up = date(2016, rng.randrange(1, 13), 28)
    row |= {
        "CompanyName": f"{company.core} {form}".upper(),
        "CompanyNumber": company.number,
        "RegAddress.AddressLine1": f"{rng.randrange(1, 99)} {rng.choice(STREETS)}".upper(),
        "RegAddress.PostTown": office.town,
        "RegAddress.Country": rng.choice(["ENGLAND", "UNITED KINGDOM", ""]),
        "RegAddress.PostCode": office.code,
        "CompanyCategory": CATEGORIES[company.kind],
        "CompanyStatus": company.status,
        "CountryOfOrigin": "United Kingdom",
        "DissolutionDate": f"{company.dissolved:%d/%m/%Y}" if company.dissolved else "",
        "IncorporationDate": f"{company.incorporated:%d/%m/%Y}",
        "Accounts.AccountRefDay": "31",
        "Accounts.AccountRefMonth": str(rng.choice([3, 12])),
        "Accounts.LastMadeUpDate": f"{made_up:%d/%m/%Y}",
        "Accounts.AccountCategory": rng.choice(["TOTAL EXEMPTION SMALL", "FULL", "MEDIUM", "MICRO ENTITY"]),
        "Mortgages.NumMortCharges": str(rng.choice([0, 0, 0, 1, 2])),
        "Mortgages.NumMortOutstanding": "0",
        "Mortgages.NumMortPartSatisfied": "0",
        "Mortgages.NumMortSatisfied": "0",
        "SICCode.SicText_1": company.trade.sic,
        "SICCode.SicText_2": rng.choice(TRADES).sic if rng.random() < 0.15 else "",
        "LimitedPartnerships.NumGenPartners": "0",
        "LimitedPartnerships.NumLimPartners": "0",
        "URI": f"http://business.data.gov.uk/id/company/{company.number}",
    }
    for n, (left, old) in enumerate(company.previous, start=1):
        row |= {f"PreviousName_{n}.CONDATE": f"{left:%d/%m/%Y}", f"PreviousName_{n}.CompanyName": old.upper()}
    return row


def write_register(path: Path, rng: Random, companies: list[Organisation]) -> None:
    """Write the companies in the official 55 columns, all cells quoted, by order of number."""

    def rows() -> Iterator[list[str]]:
        for company in sorted(companies, key=lambda c: c.number):
            row = _row(rng, company)
            yield [row[column.strip()] for column in COLUMNS]

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows())
