"""Make up a register in Companies House's layout and suppliers as ledgers print them, with the answers.

    python benchmarks/generate_register.py OUT --companies 1000000 --suppliers 20000 [--seed 1]

Words follow a Zipf-Mandelbrot law like that of real company names: some two hundred trade words make up half of all
words, and a long tail of made-up proper names the rest. Suppliers are register names that went through what finance
systems do (legal form dropped or respelt, slips of the keyboard, truncation, abbreviation, word order, extra words),
and a part that is not on the register at all. Everything is made up and the same for the same seed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl

from cwb.register.companies_house import COLUMNS

# Trade words, roughly from the most to the least frequent in company names.
_TRADE = """SERVICES SOLUTIONS GROUP PROPERTIES HOLDINGS CONSULTING MANAGEMENT PROPERTY UK INVESTMENTS CONSTRUCTION CARE
DEVELOPMENTS ENGINEERING TRADING BUILDING CLEANING DESIGN HEALTHCARE TRANSPORT MEDIA DIGITAL HOMES CAPITAL CONSULTANCY
TECHNOLOGY LOGISTICS ELECTRICAL SYSTEMS HOUSE LONDON MARKETING GLOBAL ENTERPRISES PARTNERS INTERNATIONAL FOOD MOTORS
ASSOCIATES TRAINING SECURITY FINANCE ESTATES LETTINGS HEATING PLUMBING SUPPORT RECRUITMENT BUILDERS STUDIO HEALTH
CONTRACTORS INTERIORS FITNESS BEAUTY TRAVEL FOODS CATERING RESTAURANT CAFE BAR PIZZA KITCHEN COFFEE HAIR DENTAL MEDICAL
PHARMACY LEGAL LAW ACCOUNTANCY ACCOUNTING TAX WEALTH INSURANCE ENERGY SOLAR RENEWABLES ENVIRONMENTAL WASTE RECYCLING
LANDSCAPES GARDENS ROOFING SCAFFOLDING JOINERY CARPENTRY FLOORING WINDOWS DOORS GLASS STEEL METALS PLASTICS PRINT
PACKAGING FASHION CLOTHING JEWELLERY GIFTS TOYS BOOKS PUBLISHING MUSIC FILMS PRODUCTIONS EVENTS ENTERTAINMENT SPORTS
GOLF FOOTBALL EDUCATION LEARNING SCHOOL NURSERY CHILDCARE TUTORING ACADEMY COLLEGE COMMUNITY CENTRE TRUST FOUNDATION
PROJECTS VENTURES VENTURE EQUITY ASSETS LAND FARMS FARMING AGRI VETS PETS AUTO AUTOS CARS VEHICLES TYRES GARAGE TAXIS
COURIERS FREIGHT SHIPPING HAULAGE PLANT HIRE TOOLS EQUIPMENT MACHINERY MANUFACTURING FABRICATIONS PRECISION COMPONENTS
ELECTRONICS SOFTWARE DATA CLOUD CYBER NETWORKS TELECOM MOBILE WEB ONLINE STORE STORES SHOP RETAIL WHOLESALE IMPORTS
EXPORTS SUPPLIES DISTRIBUTION PRODUCTS BRANDS CREATIVE ARTS PHOTOGRAPHY NORTHERN SOUTHERN EASTERN WESTERN MIDLANDS
YORKSHIRE LANCASHIRE KENT ESSEX SURREY BRISTOL LEEDS MANCHESTER GREEN BLUE RED GOLDEN SILVER FIRST PRIME ELITE
ROYAL"""
TRADE = _TRADE.split()
FORMS = np.array(["LIMITED", "LTD", "LTD.", "LLP", "PLC", "C.I.C.", ""])
FORM_SHARES = [0.50, 0.42, 0.02, 0.025, 0.005, 0.01, 0.02]
_BLOCK = 1_000_000
SHORT = {"SERVICES": "SVCS", "MANAGEMENT": "MGMT", "INTERNATIONAL": "INTL", "ASSOCIATES": "ASSOC", "ENGINEERING": "ENG"}
_AREAS = "PR LS M B SE NW BS CF EH G NE S DN OX"
_ONSETS = "B BR C CH CL CR D DR F FL G GL GR H J K L M N P PH PL PR QU R S SH SL ST T TH TR V W WH Y Z"
_VOWELS = "A E I O U AI EA EE OO OU"
_CODAS = "B CK D FF G L LD LL M N ND NG NT P R RD RK RN RT S SH SS ST T TH X"


def proper_names(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return made-up names of two or three syllables, some repeated: about `count` distinct ones."""

    def syllables(n: int) -> np.ndarray:
        parts = [rng.choice(p.split(), n) for p in (_ONSETS, _VOWELS, _CODAS)]
        return np.char.add(np.char.add(parts[0], parts[1]), parts[2])

    two = np.char.add(syllables(count), syllables(count))
    longer = np.char.add(two, rng.choice(["", "", "", "ER", "TON", "LEY", "SON", "FORD"], count))
    return np.unique(longer)


def company_names(count: int, rng: np.random.Generator) -> tuple[pl.Series, pl.Series]:
    """Return stems and legal forms."""
    proper = rng.permutation(proper_names(max(count // 4, 1000), rng))
    rank = np.arange(len(proper))
    weight = 1.0 / (rank + 30.0) ** 0.85
    trade_weight = 1.0 / (np.arange(len(TRADE)) + 6.0) ** 0.9
    pick = lambda n: rng.choice(proper, n, p=weight / weight.sum())  # noqa: E731 (two draws of one law)
    trade = lambda n: rng.choice(TRADE, n, p=trade_weight / trade_weight.sum())  # noqa: E731
    space = lambda *parts: np.char.add(np.char.add(parts[0], " "), parts[1])  # noqa: E731
    stems, forms = [], []
    for at in range(0, count, _BLOCK):  # numpy's text takes ten times the room of polars'
        n = min(_BLOCK, count - at)
        shape = rng.choice(6, n, p=[0.08, 0.34, 0.22, 0.16, 0.12, 0.08])
        a, b, t, u = pick(n), pick(n), trade(n), trade(n)
        some = np.select(
            [shape == 0, shape == 1, shape == 2, shape == 3, shape == 4],
            [a, space(a, t), space(a, space(t, u)), space(a, space(b, t)), space(a, space("&", space(b, t)))],
            space(t, space(u, a)),
        )
        stems.append(pl.Series(some, dtype=pl.String))
        forms.append(pl.Series(rng.choice(FORMS, n, p=FORM_SHARES), dtype=pl.String))
    return pl.concat(stems), pl.concat(forms)


def register(count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return companies: name, number, stem."""
    stems, forms = company_names(count, rng)
    number = pl.Series(np.arange(count) + 1).cast(pl.String).str.zfill(8)
    held = pl.DataFrame({"number": number, "stem": stems, "form": forms})
    held = held.select(pl.concat_str("stem", "form", separator=" ").str.strip_chars().alias("name"), pl.all())
    # The registrar refuses a name that differs from another only by Limited or Ltd.
    alike = pl.col("form").replace({"LTD": "LIMITED", "LTD.": "LIMITED", "": "LIMITED"})
    held = held.with_columns(alike=pl.col("stem") + alike).unique("alike", keep="first", maintain_order=True)
    return held.drop("alike", "form")


def layout(companies: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return companies in the official 55 columns."""
    n = companies.height
    areas, letters = np.array(_AREAS.split()), list("ABDEFGHJLNPQRSTUWXYZ")
    postcode = pl.DataFrame({
        "a": rng.choice(areas, n), "d": rng.integers(1, 30, n), "s": rng.integers(1, 10, n),
        "x": rng.choice(letters, n), "y": rng.choice(letters, n),
    }).select(pl.format("{}{} {}{}{}", "a", "d", "s", "x", "y")).to_series()  # fmt: skip
    day = pl.Series(rng.integers(0, 12000, n)).cast(pl.Int32) + 7000
    filled = {
        "CompanyName": companies["name"], "CompanyNumber": companies["number"], "RegAddress.PostCode": postcode,
        "RegAddress.AddressLine1": pl.Series(rng.integers(1, 300, n)).cast(pl.String) + " HIGH STREET",
        "RegAddress.PostTown": pl.Series(rng.choice(["PRESTON", "LEEDS", "LONDON", "BRISTOL", "CARDIFF"], n)),
        "CompanyCategory": pl.Series(["Private Limited Company"] * n), "CompanyStatus": pl.Series(["Active"] * n),
        "CountryOfOrigin": pl.Series(["United Kingdom"] * n),
        "IncorporationDate": day.cast(pl.Date).dt.strftime("%d/%m/%Y"),
        "SICCode.SicText_1": pl.Series(rng.choice(["62020 - Information technology consultancy activities",
                                                   "68209 - Other letting and operating of real estate"], n)),
        "URI": "http://business.data.gov.uk/id/company/" + companies["number"],
    }  # fmt: skip
    return pl.DataFrame({c: filled.get(c, pl.Series([""] * n)) for c in COLUMNS})


def suppliers(companies: pl.DataFrame, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return supplier names with `number`, null for the fifth that is not on the register."""
    known = companies[rng.integers(0, companies.height, count * 4 // 5)]
    absent, forms = company_names(count - known.height, rng)
    rows = [_printed(n, s, rng) for n, s in zip(known["name"], known["stem"], strict=True)]
    more = [f"{s} {f}".strip() for s, f in zip(absent, forms, strict=True)]
    out = pl.DataFrame({"supplier": rows + more, "number": known["number"].to_list() + [None] * len(more)})
    held = companies.select(supplier="name", held="number")
    out = out.join(held, on="supplier", how="left", maintain_order="left")
    return out.select("supplier", number=pl.coalesce("number", "held")).sample(fraction=1.0, shuffle=True, seed=7)


def _printed(name: str, stem: str, rng: np.random.Generator) -> str:
    """Return a name as a finance system might print it."""
    way = rng.random()
    words = stem.split()
    if way < 0.30:
        return name
    if way < 0.50:
        other = "LTD" if name.endswith("LIMITED") else "LIMITED"
        return f"{stem} {other}" if name.endswith(("LTD", "LIMITED")) else name
    if way < 0.62:
        return stem
    if way < 0.72:
        at = int(rng.integers(1, max(len(stem) - 1, 2)))
        return f"{stem[:at]}{stem[at + 1 :]} LTD" if rng.random() < 0.5 else f"{stem[:at]}{stem[at]}{stem[at:]} LTD"
    if way < 0.78:
        return name[: int(rng.integers(18, 30))].strip()
    if way < 0.84:
        return " ".join(SHORT.get(w, w) for w in words) + " LTD"
    if way < 0.89:
        return " ".join([*words[1:], words[0]])
    if way < 0.95:
        return f"{name} {rng.choice(['T/A THE CORNER SHOP', '- LEEDS BRANCH', '(UK)', '00012345'])}"
    return name.replace("&", "AND").title()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--companies", type=int, default=1_000_000)
    parser.add_argument("--suppliers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    generate(args.out, args.companies, args.suppliers, args.seed)


def generate(out: Path, companies: int, count: int, seed: int = 1) -> tuple[Path, Path]:
    """Write register.csv and suppliers.csv to `out` and return their paths."""
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    held = register(companies, rng)
    with (out / "register.csv").open("wb") as file:
        for at in range(0, held.height, 500_000):
            layout(held[at : at + 500_000], rng).write_csv(file, include_header=at == 0, quote_style="always")
    suppliers(held, count, rng).write_csv(out / "suppliers.csv")
    return out / "register.csv", out / "suppliers.csv"


if __name__ == "__main__":
    main()
