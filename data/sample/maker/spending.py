"""Who pays whom, how much and how the ledger prints it: exact to the penny against each institution's aims."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import isqrt
from random import Random

from maker.companies import FORMS, Organisation, make_individuals
from maker.institutions import BANDS, DEPARTMENTS, INSTITUTIONS, PEOPLE, PERSON_TRADE, REDACTIONS, YEARS, Institution
from maker.words import TRADES

SMALL_PENCE = 2_500_000
# Names that are hard to match, without other evidence, may carry this much of a band in a year.
HARD_PENCE = {"local": 12_000_000, "regional": 4_500_000, "leaked": 4_500_000}


@dataclass(frozen=True)
class Printed:
    """A supplier as one ledger prints it; `variant` says how far the name is from the register's."""

    payee: Organisation
    name: str
    postcode: str = ""
    number: str = ""
    vat: str = ""
    variant: str = "exact"
    redacted: bool = False

    @property
    def evidence(self) -> str:
        """What the ledger gives to place it by: ledger_postcode, company_number, name or none."""
        if self.postcode not in ("", "N/A"):
            return "ledger_postcode"
        if self.payee.registered_band == "unknown":
            return "none"
        return "company_number" if self.number else "name"


@dataclass(frozen=True)
class Payment:
    """One line of a ledger."""

    day: date
    printed: Printed
    pence: int
    reference: str
    supplier_ref: str
    description: str
    category: str
    department: str


@dataclass
class _Account:
    """One supplier's dealings with one institution."""

    payee: Organisation
    pence: dict[str, int]
    supplier_ref: str
    printed: list[Printed] = field(default_factory=list)


def share_out(total: int, weights: list[int]) -> list[int]:
    """Split `total` pence by weights, exactly: largest remainders get the odd pence."""
    whole = sum(weights)
    parts = [total * w // whole for w in weights]
    spare = total - sum(parts)
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[:spare]:
        parts[i] += 1
    return parts


def _capped(weights: list[int], share_pct: int) -> list[int]:
    """Hold each weight to a percentage of the sum, so that no one supplier is a whole band."""
    for _ in range(20):
        limit = sum(weights) * share_pct // 100
        if max(weights) <= limit:
            break
        weights = [min(w, limit * (90 + i % 11) // 100) for i, w in enumerate(weights)]
    return weights


def _candidates(institution: Institution, band: str, suppliers: list[Organisation]) -> list[Organisation]:
    """Return who could be paid: without postcodes in the ledger, only those whose registered office is true."""
    chosen = []
    for s in suppliers:
        if s.band != band or (s.is_company and institution.key not in s.trade.buyers.split()):
            continue
        if not institution.postcode_share and (not s.is_company or s.is_split):
            continue
        if not institution.postcode_share and not institution.number_share and s.is_doubtful:
            continue
        chosen.append(s)
    return chosen


def _size(payee: Organisation) -> int:
    """Return how big a contract it is likely to hold, in tenths of a trade's usual size."""
    if not payee.is_company:
        if payee.core.endswith(("School", "Academy", "Parish Council")):
            return 6
        return {"public_body": 60, "charity": 30}.get(payee.kind, 4)
    return payee.trade.size * {"plc": 30, "ltd": 10, "llp": 10}.get(payee.kind, 3)


def _accounts(institution: Institution, band: str, suppliers: list[Organisation], rng: Random) -> list[_Account]:
    aims = {year: institution.aim_pence(year, band) for year in YEARS}
    pool = _candidates(institution, band, suppliers)
    payees = rng.sample(pool, min(institution.roster[band], len(pool)))
    ranks = list(range(1, len(payees) + 1))
    rng.shuffle(ranks)
    # A third of them are the long tail, paid once or twice.
    base = [
        _size(p) * 1_000_000 // (rank + 6) // (1 if rank * 3 <= len(ranks) * 2 else rng.randrange(60, 400))
        for p, rank in zip(payees, ranks, strict=True)
    ]
    weights: dict[str, list[int]] = {year: [] for year in YEARS}
    for payee, weight in zip(payees, base, strict=True):
        roll = rng.random()
        young = payee.incorporated > date(2013, 3, 31)
        active = {"2012-13": not young and roll < 0.75, "2016-17": young or roll < 0.5 or roll >= 0.75}
        for year in YEARS:
            weights[year].append(weight * rng.randrange(50, 161) if active[year] else 0)
    for year in YEARS:
        # Nobody who is paid gets less than about £600 in the year.
        least = sum(weights[year]) * 60_000 // aims[year]
        weights[year] = [w and max(w, least) for w in weights[year]]
    pence = {year: share_out(aims[year], _capped(weights[year], 13)) for year in YEARS}
    return [
        _Account(payee, {year: pence[year][i] for year in YEARS}, f"{rng.randrange(10_000, 99_999)}")
        for i, payee in enumerate(payees)
    ]  # fmt: skip


def misspell(rng: Random, name: str) -> str:
    """Return the name with one slip of the keys inside its longest word."""
    word = max(name.split(), key=len)
    at = rng.randrange(2, len(word) - 2)
    slip = rng.choice(["drop", "swap", "double"])
    if slip == "swap" and word[at] != word[at + 1]:
        wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    elif slip == "double":
        wrong = word[:at] + word[at] + word[at:]
    else:
        wrong = word[:at] + word[at + 1 :]
    return name.replace(word, wrong, 1)


def _name(rng: Random, payee: Organisation, variant: str) -> str:
    if variant == "misspelt":
        return misspell(rng, payee.name)
    if variant == "previous_name":
        return payee.previous[0][1]
    if variant == "trading_as":
        return f"{payee.name} T/A {payee.trading_as}"
    if variant == "no_form":
        return payee.core
    if variant == "legal_form":
        name = f"{payee.core} {rng.choice(FORMS[payee.kind][1:])}"
        return name.replace("&", "and") if rng.random() < 0.5 else name
    return payee.name


def _variants(payee: Organisation, *, safe: bool, small: bool) -> tuple[list[str], list[int]]:
    if not payee.is_company:
        return ["exact", "misspelt"], [95, 5] if safe else [100, 0]
    chances = {"exact": 35, "legal_form": 35}
    if not payee.has_namesake:
        chances["no_form"] = 22
    if safe or small:
        chances["misspelt"] = 8 if safe else 40
        if payee.previous:
            chances["previous_name"] = 40 if safe else 120
        if payee.trading_as:
            chances["trading_as"] = 40 if safe else 120
    return list(chances), list(chances.values())


def _mess(rng: Random, code: str) -> str:
    """Return a postcode as keyed: now and then in lower case, without its space or with too many."""
    roll = rng.random()
    if roll < 0.04:
        return code.lower()
    if roll < 0.09:
        return code.replace(" ", "")
    return code.replace(" ", "  ") if roll < 0.11 else code


def _print(institution: Institution, account: _Account, budget: dict[tuple[str, str], int], rng: Random) -> None:
    """Decide how the ledger prints a supplier: which evidence beside the name, and what becomes of the name."""
    payee = account.payee
    postcode = number = vat = ""
    modest = all(0 <= account.pence[y] <= min(SMALL_PENCE, budget.get((payee.band, y), 0)) for y in YEARS)
    doubtful = payee.is_doubtful and not modest
    needs = not payee.is_company or payee.is_split or doubtful
    if payee.site and institution.postcode_share and (needs or rng.random() < institution.postcode_share):
        postcode = _mess(rng, payee.site.code)
    elif institution.postcode_share and rng.random() < 0.05:
        postcode = "N/A"
    if institution.number_share and payee.is_company and (doubtful or rng.random() < institution.number_share):
        number = rng.choice([payee.number, payee.number, payee.number, f" {payee.number}", payee.number.lower()])
    if payee.is_company and rng.random() < institution.vat_share:
        vat = f"GB999{rng.randrange(1_000_000):06d}"
    safe = postcode not in ("", "N/A") or number != ""
    small = not safe and modest
    kinds, chances = _variants(payee, safe=safe, small=small)
    variant = rng.choices(kinds, chances)[0]
    if small and (payee.is_doubtful or variant in ("misspelt", "previous_name", "trading_as")):
        for year in YEARS:
            budget[payee.band, year] -= account.pence[year]
    first = Printed(payee, _name(rng, payee, variant), postcode, number, vat, variant)
    account.printed = [first]
    if payee.is_company and rng.random() < 0.08:
        other = replace(first, name=_name(rng, payee, "legal_form"), variant="legal_form")
        if other.name != first.name:
            account.printed.append(other)


def _spread(total: int, lines: int, rng: Random) -> list[int]:
    return share_out(total, [rng.randrange(60, 141) for _ in range(lines)])


def _month_days(year: str, rng: Random, lines: int) -> list[date]:
    first = date(int(year[:4]), 4, 1)
    days = (date(int(year[:4]) + 1, 3, 31) - first).days
    step = days / lines
    return [first + timedelta(days=min(days, int(i * step + rng.random() * step))) for i in range(lines)]


def _department(institution: Institution, category: str) -> str:
    return DEPARTMENTS[institution.key].get(category, institution.department)


def _lines(institution: Institution, account: _Account, year: str, lines: int, rng: Random) -> list[Payment]:
    """Return the payments to one supplier in a year, with now and then a credit note or a line printed twice."""
    total, trade = account.pence[year], account.payee.trade
    amounts = _spread(total, lines, rng)
    out = []
    for day, pence in zip(_month_days(year, rng, lines), amounts, strict=True):
        printed = account.printed[0] if rng.random() < 0.75 else account.printed[-1]
        line = Payment(
            day, printed, pence, f"{rng.randrange(10**6, 10**7)}", account.supplier_ref,
            rng.choice(trade.bought), trade.category, _department(institution, trade.category),
        )  # fmt: skip
        roll = rng.random()
        if roll < 0.025 and pence > 50_000:
            credit = rng.randrange(5_000, pence)
            out.append(replace(line, pence=pence + credit))
            out.append(
                replace(line, pence=-credit, reference=f"{rng.randrange(10**6, 10**7)}CR", description="Credit note")
            )
        elif roll < 0.037 and pence > 0 and pence % 2 == 0:
            out += [replace(line, pence=pence // 2)] * 2
        else:
            out.append(line)
    return out


def _hidden(institution: Institution, year: str, tail: list[Organisation], rng: Random) -> list[Payment]:
    """Return payments that no one can place: redacted, people's names, small traders and formation-agent addresses."""
    lines: list[tuple[Printed, str]] = []
    for _ in range(institution.redacted_rows):
        name = rng.choice(REDACTIONS[institution.key])
        nobody = Organisation("", "redacted", PERSON_TRADE, None, None)
        lines.append((Printed(nobody, name, variant="redacted", redacted=True), rng.choice(PERSON_TRADE.bought)))
    if institution.key in PEOPLE:
        said, count = PEOPLE[institution.key]
        lines += [(Printed(p, p.core), said) for p in make_individuals(rng, PERSON_TRADE, count)]
    for payee in rng.sample(tail, 4):
        lines.append((Printed(payee, payee.name), rng.choice(payee.trade.bought)))
    total = institution.aim_pence(year, "unknown")
    amounts = share_out(total, [rng.randrange(20, 181) for _ in lines])
    days = _month_days(year, rng, len(lines))
    rng.shuffle(days)
    return [
        Payment(day, printed, pence, f"{rng.randrange(10**6, 10**7)}", f"{rng.randrange(90_000, 99_999)}", said,
                printed.payee.trade.category, _department(institution, printed.payee.trade.category))
        for (printed, said), pence, day in zip(lines, amounts, days, strict=True)
    ]  # fmt: skip


def _line_counts(pence: list[int], wanted: int) -> list[int]:
    """Return how many lines each supplier gets: by the square root of its money, and no line below £500."""
    roots = [max(1, isqrt(p)) if p else 0 for p in pence]
    scale = sum(roots)
    return [max(1, min(wanted * r // scale, p // 50_000)) if p else 0 for r, p in zip(roots, pence, strict=True)]


def make_ledgers(
    suppliers: list[Organisation], tail: list[Organisation], seed: str
) -> dict[tuple[str, str], list[Payment]]:
    """Return each institution's payments of each year, by (institution key, year), in order of date."""
    budget = {(band, year): pence for band, pence in HARD_PENCE.items() for year in YEARS}
    ledgers: dict[tuple[str, str], list[Payment]] = defaultdict(list)
    for institution in INSTITUTIONS:
        rng = Random(f"{seed}/{institution.key}")
        accounts = [a for band in BANDS[:3] for a in _accounts(institution, band, suppliers, rng)]
        accounts = [a for a in accounts if any(a.pence.values())]
        for account in accounts:
            _print(institution, account, budget, rng)
        for year in YEARS:
            counts = _line_counts([a.pence[year] for a in accounts], institution.rows[year])
            lines = [
                x for a, n in zip(accounts, counts, strict=True) if n for x in _lines(institution, a, year, n, rng)
            ]
            lines += _hidden(institution, year, tail, rng)
            ledgers[institution.key, year] = sorted(lines, key=lambda x: (x.day, x.reference))
    return dict(ledgers)


def make_tail(rng: Random, stems: list[str]) -> list[Organisation]:
    """Return small traders who are on no register and print no address."""
    trades = [t for t in TRADES if t.size <= 4]
    return [
        Organisation(f"{stem} {rng.choice(trade.words)}", "sole_trader", trade, None, None)
        for stem, trade in ((s, rng.choice(trades)) for s in stems)
    ]  # fmt: skip
