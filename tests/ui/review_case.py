"""A made-up ledger whose suppliers need a person: each name fits a company and a partnership equally well."""

from __future__ import annotations

from pathlib import Path

from companies_house_file import write

from cwb.register import build_register

WORDS = (
    "Quillfeather", "Zebrawood", "Thornwick", "Marlpit", "Osierbank", "Pennygill", "Wrenshaw", "Dunnockfield",
    "Larchmere", "Haverstile", "Cobblegate", "Foxgrove", "Saltmarrow", "Yarrowby",
)  # fmt: skip
TRADES = ("Joinery", "Catering", "Roofing", "Printing")
# The company of each pair is in Preston (local), the partnership in Salford (leaked).
LOCAL, AWAY = "PR1 2HE", "M50 2EQ"


def name(at: int) -> str:
    return f"{WORDS[at]} {TRADES[at % len(TRADES)]}"


def pence(at: int) -> int:
    return (100_000 - 5_000 * at) * 100


def company(at: int) -> str:
    return f"GB-COH-0{9_000_001 + at}"


def partnership(at: int) -> str:
    return f"GB-COH-OC{300_001 + at}"


def register(folder: Path) -> Path:
    """Build an index of the companies and partnerships, and of one company that fits alone."""
    rows = [{"CompanyName": "IRONBARK SURVEYS LIMITED", "CompanyNumber": "09999991"}]
    for at in range(len(WORDS)):
        upper = name(at).upper()
        rows.append({"CompanyName": f"{upper} LIMITED", "CompanyNumber": company(at).removeprefix("GB-COH-")})
        rows.append({"CompanyName": f"{upper} LLP", "CompanyNumber": partnership(at).removeprefix("GB-COH-")})
    for row in rows:
        row |= {
            "CompanyStatus": "Active", "IncorporationDate": "01/02/2001",
            "RegAddress.PostCode": AWAY if row["CompanyName"].endswith("LLP") else LOCAL,
            "SICCode.SicText_1": "43320 - Joinery installation",
        }  # fmt: skip
    build_register([write(folder / "register.csv", *rows)], folder / "index")
    return folder / "index"


def ledger(folder: Path) -> Path:
    """Write a ledger: the suppliers to review by £, one that matches by itself, one person."""
    lines = ["Date,Supplier,Amount"]
    lines += [f"14/04/2016,{name(at)},{pence(at) / 100:.2f}" for at in range(len(WORDS))]
    lines += ["15/04/2016,Ironbark Surveys Ltd,9000.00", "16/04/2016,Mrs Philippa Quillfeather,300.00"]
    path = folder / "spend.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
