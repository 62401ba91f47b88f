"""Ledgers made up under the headings that public bodies publish, each with what it should come to."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ledger_files import write_csv, write_xlsx

# Kinds of column: the ones that matter, amounts beside them, and what else systems print.
SUPPLIER, AMOUNT, DAY, BODY = "S", "A", "D", "B"
_FIRMS = (
    "Kestrel Joinery Ltd", "Heron Hire", "Owl Optics Limited", "Wren & Sons", "Anyshire County Council", "Plover PLC",
    "Redstart Care Services Ltd", "Dunnock Books", "REDACTED PERSONAL DATA", "Teal University", "Curlew Trust",
    "24-7 Lapwing Locks Ltd", "Ouzel Nursery School", "Smew NHS Foundation Trust", "Knot Ltd T/A Sandpiper",
)  # fmt: skip
_CONSTANT = {
    "B": "Anytown Borough Council", "bc": "00MA", "-": "", "Y": "2023/24", "e": "http://example.org/id/00MA",
    "m": "202301", "z": "Note", "I": "Invoice", "INS": "INSERTED DETAIL", "cur": "GBP", "q": "Q1", "M": "Apr-23",
}  # fmt: skip
_CHOICE = {
    "P": ("Adult Social Care", "Place & Growth", "Children's Services", "Highways", "Housing Revenue Account"),
    "C": ("Agency Staff", "Professional Fees", "Third Party Payments", "Premises", "Repairs - Building Fabric"),
    "T": ("Supply of goods", "Block Contracts", "Routine maintenance April", "Software licence 23/24", "Phase 2"),
    "Q": ("Revenue", "Capital"), "F": ("Y", "N"), "pc": ("LS1 4AP", "PR1 2HE", "SW1A 2AA"), "pd": ("SN4", "OX14"),
}  # fmt: skip
_DIGITS = {"R": (10**7, 10**8), "N": (10**5, 10**6), "n": (10**4, 10**5), "K": (1, 12), "co": (10**7, 10**8)}
_TECHNICAL = {"Supplier": "apar_name", "Date": "voucher_date", "Account": "accdesc", "Order": "order_id"}


@dataclass(frozen=True)
class Layout:
    """Headings with the kind of each column, and how cells are written."""

    name: str
    how: tuple[str, ...]
    headings: tuple[str, ...]
    kinds: tuple[str, ...]

    def headings_of(self, kind: str) -> set[str]:
        """Return the headings of the columns of a kind."""
        return {" ".join(h.split()) for h, k in zip(self.headings, self.kinds, strict=True) if k == kind}


@dataclass(frozen=True)
class MadeUp:
    """The rows of a layout, `pence` in all of which `negative` are credits."""

    layout: Layout
    above: list[list[Any]]
    rows: list[list[Any]]
    pence: int
    negative: int

    def blank(self) -> list[Any]:
        """Return an empty row."""
        return [""] * len(self.layout.kinds)

    def money(self, pence: int) -> Any:
        """Return an amount as this layout writes it."""
        return _money(pence, self.layout)

    def write(self, folder: Path, rows: list[list[Any]]) -> Path:
        """Write the headings and these rows below them."""
        how = self.layout.how
        table = [*self.above, list(self.layout.headings), *rows]
        if "xlsx" in how:
            sheets: dict[str, Any] = {"Data": table}
            if "notes" in how:
                sheets = {"Note": [["Published under the OGL"], ["Amounts exclude VAT"]], **sheets}
            if "parameters" in how:
                sheets = {"_options": [["Option", "Value"], ["a", 1]], "PARAMETER": [["Date from", "2021"]], **sheets}
            return write_xlsx(folder / "spend.xlsx", sheets)
        encoding = "utf-8-sig" if "bom" in how else "cp1252" if "cp1252" in how else "utf-8"
        return write_csv(folder / "spend.csv", table, encoding=encoding, delimiter="\t" if "tab" in how else ",")


def layouts() -> Iterator[Layout]:
    """Yield the layouts of published_layouts.txt."""
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, how, columns = line.split("|", 2)
        pairs = [c.rpartition(":") for c in columns.split(";")]
        headings = tuple(h.strip().replace("\\n", "\n") for h, _, _ in pairs)
        yield Layout(name.strip(), tuple(how.split()), headings, tuple(k.strip() for _, _, k in pairs))


def made_up(layout: Layout, height: int = 40) -> MadeUp:
    """Return made-up rows for a layout, always the same."""
    chance = random.Random(layout.name)
    rows, total, negative = [], 0, 0
    for _ in range(height):
        pence = chance.randint(50_000, chance.choice((900_000, 90_000_000)))
        pence -= pence % 100 if chance.random() < 0.25 else 0
        pence = -pence if chance.random() < 0.06 and layout.name != "ynyca" else pence
        vat = round(pence * 0.2) if chance.random() < 0.7 and "novat" not in layout.how else 0
        paid = date(2023, 4, 1) + timedelta(days=chance.randint(0, 29))
        amounts = {AMOUNT: pence, "V": vat, "G": pence + vat, "zero": 0}
        rows.append([_cell(k, layout, chance, amounts, paid) for k in layout.kinds])
        total, negative = total + pence, negative + min(0, pence)
    return MadeUp(layout, list(_above(layout)), rows, total, negative)


def _cell(kind: str, layout: Layout, chance: random.Random, amounts: dict[str, int], paid: date) -> Any:
    value: Any
    if kind in amounts:
        value = _money(amounts[kind], layout)
    elif kind == "zv":  # VAT that cannot be recovered, on a few rows
        value = _money(amounts[AMOUNT] // 20, layout) if chance.random() < 0.1 else ""
    elif kind != "z" and kind.startswith("z"):  # a column that is mostly empty
        value = "" if chance.random() < 0.85 else _cell(kind[1:], layout, chance, amounts, paid)
    elif kind in (SUPPLIER, "S2"):
        value = chance.choice(_FIRMS)
    elif kind in (DAY, "E"):
        day = paid if kind == DAY else paid - timedelta(days=chance.randint(5, 60))
        value = day.strftime("%b-%y") if layout.name == "slough" else _day(day, layout)
    elif kind in _CHOICE:
        value = chance.choice(_CHOICE[kind])
    elif kind in _DIGITS:
        number = chance.randrange(*_DIGITS[kind])
        value = number if "xlsx" in layout.how and kind in ("n", "N", "K") else str(number)
    elif kind == "R0":  # an order number that is mostly nought
        value = chance.choice(("0", "0", str(chance.randrange(3 * 10**6, 4 * 10**6))))
    elif kind in ("r", "vr"):
        value = f"{'AB' if kind == 'r' else 'GB'}{chance.randrange(*((1000, 9999) if kind == 'r' else (10**8, 10**9)))}"
    else:
        value = "" if kind == "z" and chance.random() < 0.85 else _CONSTANT[kind]
    return value


def _money(pence: int, layout: Layout) -> Any:
    how = layout.how
    if "xlsx" in how:
        return pence / 100
    if "pounds" in how:
        return f"{'-' if pence < 0 else ''}£{abs(pence) / 100:,.2f}"
    if "padded" in how:
        return f" {pence / 100:,.2f} "
    return f"{pence / 100:,.2f}" if "commas" in how else f"{pence / 100:.2f}".removesuffix(".00")


def _day(day: date, layout: Layout) -> Any:
    how = layout.how
    form = next((h for h in how if h.startswith("%")), "")
    if form:
        return day.strftime(form)
    if "xlsx" in how:
        return day
    if "serial" in how:
        return str((day - date(1899, 12, 30)).days)
    return day.strftime("%d/%m/%Y 00:00:00" if "datetime" in how else "%d/%m/%Y")


def _above(layout: Layout) -> Iterator[list[Any]]:
    width = len(layout.headings)
    for how in layout.how:
        if how == "title":
            yield ["Transparency Report - payments over £500 April 2023", *[""] * (width - 1)]
        elif how == "blank":
            yield [""] * width
        elif how == "month":
            yield ["Apr-23", *[""] * (width - 1)]
        elif how == "about":
            yield from (["Organisation Name", "Anytown Council"], ["Effective Date", "30/09/2023"], [])
        elif how == "agresso":
            yield ["", "", "Anytown - Analysis of Transactions Over £500"]
            yield ["columns", "", *(_TECHNICAL.get(h, "amount" if "Value" in h else h) for h in layout.headings[2:])]
