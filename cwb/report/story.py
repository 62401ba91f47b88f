"""What a report says, in sentences made from the numbers: the same words on the page, in the workbook and on slides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from cwb.charts.about import About, about
from cwb.charts.change import WITH_LOCAL
from cwb.charts.impact import Estimate, estimates
from cwb.charts.spend import band_name, bands_title, basis_name
from cwb.charts.theme import BAND_COLOURS
from cwb.charts.words import at_most, exact_money, listed, money, percent, sentence
from cwb.schema import BANDS

NOT_CAUSE = "These are estimates with wide margins, not a count, and not proof that local buying caused them."


@dataclass(frozen=True)
class Tile:
    """One of the headline numbers."""

    name: str
    share: str
    amount: str
    colour: str


def run_tiles(summary: Mapping[str, Any]) -> list[Tile]:
    """Return the headline numbers of a run."""
    who = about(summary)
    bands, region = summary["bands"], summary["region_including_local"]

    bounds = summary.get("bounds") or {}

    def tile(name: str, block: Mapping[str, Any], colour: str, which: str = "") -> Tile:
        said = (money(int(block["amount_pence"])), at_most(bounds.get(which)))
        return Tile(name, percent(block["share"]), "; ".join(text for text in said if text), colour)

    return [
        tile(f"In {who.local}", bands["local"], BAND_COLOURS["local"], "local"),
        tile(f"In {who.region}, {who.local} included", region, BAND_COLOURS["regional"], WITH_LOCAL),
        tile(band_name("leaked", who), bands["leaked"], BAND_COLOURS["leaked"], "leaked"),
        tile("Not known", bands["unknown"], BAND_COLOURS["unknown"]),
    ]


def created(said: Mapping[str, Any]) -> datetime:
    """Return when a run or comparison was made; without a date, a fixed one, so that files stay the same."""
    stamp = str(_made(said).get("created") or "")
    try:
        made = datetime.fromisoformat(stamp)
    except ValueError:
        return datetime(2000, 1, 1)
    return made.astimezone(UTC).replace(tzinfo=None) if made.tzinfo else made


def pence_of(summary: Mapping[str, Any]) -> dict[str, int]:
    """Return pence by band."""
    return {band: int((summary["bands"].get(band) or {}).get("amount_pence", 0)) for band in BANDS}


def run_title(summary: Mapping[str, Any]) -> str:
    """Return the report's title: whose money, and when."""
    who = about(summary)
    return f"Where the money goes: {who.institutions or 'a ledger'}{', ' + who.years if who.years else ''}"


def headline(summary: Mapping[str, Any]) -> str:
    """Return the one statement of the report."""
    pence = pence_of(summary)
    return bands_title(pence, about(summary)) if sum(pence.values()) > 0 else "The payments net to nothing or less"


def found(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Return what was found, a sentence each."""
    who = about(summary)
    pence = pence_of(summary)
    total = sum(pence.values())
    if total <= 0:
        return [
            f"The payments net to {exact_money(total)}, so no share can be given. The pence by band are in the tables."
        ]
    inside = pence["local"] + pence["regional"]
    out = [
        f"Of {money(total)} paid, {money(pence['local'])} ({percent(pence['local'] / total)}) went to suppliers in "
        f"{who.local}, and {money(inside)} ({percent(inside / total)}) to suppliers in {who.region}, {who.local} "
        "included.",
        f"{money(pence['leaked'])} ({percent(pence['leaked'] / total)}) went to suppliers outside {who.region}.",
    ]
    unknown = pence["unknown"]
    out.append(
        f"{money(unknown)} ({percent(unknown / total)}) could not be placed: it may be any of these, and is never "
        "guessed."
        if unknown
        else "Every pound could be placed."
    )
    out += _range_said(summary, tables, who) + _supplier_said(tables, total) + _impact_said(summary)
    return out


def _range_said(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], who: About) -> list[str]:
    frame = tables.get("range_by_basis")
    if frame is None:
        return []
    shares = frame.filter(pl.col("band") == "local")["share"].drop_nulls().sort().to_list()
    if len(shares) < 2:
        return []
    chosen = basis_name(str(summary["basis"])).lower()
    if percent(shares[0]) == percent(shares[-1]):
        return [f"{who.local}'s share is {percent(shares[0])} whichever address counts as a supplier's place."]
    return [
        f"{who.local}'s share is between {percent(shares[0])} and {percent(shares[-1])}, depending on which "
        "address counts "
        f"as a supplier's place; this report uses {chosen}."
    ]


def _supplier_said(tables: Mapping[str, pl.DataFrame], total: int) -> list[str]:
    frame = tables.get("suppliers")
    if frame is None or frame.height < 2:
        return []
    most = min(10, frame.height)
    top = int(frame.sort("amount_pence", descending=True).head(most)["amount_pence"].sum())
    return [f"The {most} biggest of {frame.height:,} suppliers received {percent(top / total)} of the money."]


def impact_estimates(summary: Mapping[str, Any]) -> list[Estimate]:
    """Return the figures of a run's impact block."""
    return estimates((summary.get("impact") or {}).get("figures", []))


def _impact_said(summary: Mapping[str, Any]) -> list[str]:
    figures = [e for e in impact_estimates(summary) if e.area == "local"]
    jobs = next((e for e in figures if e.kind == "jobs_cles"), None)
    lm3 = next((e for e in figures if e.kind == "lm3"), None)
    out = []
    if jobs:
        out.append(f"{jobs.label}: {jobs.text}. {NOT_CAUSE}")
    if lm3:
        out.append(f"{lm3.label}: {lm3.text} {lm3.unit.removeprefix('£').strip()}.")
    return out


def method(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return how it was worked out: a heading and a paragraph for each step."""
    who = about(summary)
    matching = summary["matching"]
    rows = summary["rows"]
    coverage = summary["coverage"]
    total = sum(int(matching.get(k, 0)) for k in ("matched", "review", "unmatched"))
    return [
        (
            "Reading",
            "Every row of the files was read as text and then as a date, a supplier and an amount: "
            f"{rows['read']:,} rows, "
            f"of which {rows['payments']:,} are payments. Rows that print a total are set aside and checked "
            "against the sum "
            "of the payments they cover. Nothing is dropped: a row that could not be read is listed with its reason.",
        ),
        (
            "Finding suppliers",
            f"Payments are grouped into {total:,} suppliers by printed name and identifiers. Each is looked up on "
            "the register "
            "by company number, then by exact name, then by similar name, and kept only where one organisation "
            "stands out: "
            f"{matching.get('matched', 0):,} matched, {matching.get('review', 0):,} left for a person to review and "
            f"{matching.get('unmatched', 0):,} not found. Public bodies, charities and people are not forced into "
            "companies.",
        ),
        (
            "Placing suppliers",
            f"A supplier's postcode gives its district by the ONS Postcode Directory. Basis used here: "
            f"{basis_name(str(summary['basis'])).lower()}. A place was found for {percent(coverage['by_amount'])} "
            "of £ and "
            f"{percent(coverage['by_suppliers'])} of suppliers. An address that thousands of companies share is "
            "not evidence.",
        ),
        (
            "Bands",
            f"Each payment is in exactly one band: in {who.local}; in the rest of {who.region}; outside "
            f"{who.region}; or not "
            f"known. Amounts are as published, net of credits. “{sentence(who.region)}, {who.local} included” adds the "
            "first two; it is shown beside the bands and never added to them.",
        ),
        (
            "What it may support",
            "Jobs and local multipliers come from published rates, each with a low and a high value, listed under "
            "assumptions. They are gross unless they say net. Figures for the local area are inside those for "
            "its region: "
            "never add the two.",
        ),
        (
            "What it cannot tell",
            "A registered office is not always where the work is done, and a local address is not always local "
            "ownership. "
            "Ledgers leave out small payments and salaries. A supplier in review or not found stays in its band "
            "of evidence "
            "until a person decides.",
        ),
    ]


def tidy(value: Any) -> str:
    """Return a value of the provenance block in one line."""
    if value is None or value == "":
        return "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{str(k).replace('_', ' ')} {tidy(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(tidy(v) for v in value)
    return str(value)


def _day(stamp: Any) -> str:
    try:
        return f"{datetime.fromisoformat(str(stamp)):%-d %B %Y}"
    except ValueError:
        return str(stamp)


def _register(block: Any) -> str:
    """Return what the register holds and when it was built; its files stand among the inputs."""
    if not isinstance(block, Mapping) or "organisations" not in block:
        return tidy(block)
    names = listed(
        list(dict.fromkeys(str(one.get("register") or one.get("file")) for one in block.get("sources") or []))
    )
    built = f", index built {_day(block['built'])}" if block.get("built") else ""
    return f"{names + ': ' if names else ''}{block['organisations']:,} organisations{built}"


def _made(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the provenance of a run, or of the later run of a comparison."""
    return said.get("provenance") or (said.get("to") or {}).get("provenance") or {}


def provenance(said: Mapping[str, Any]) -> dict[str, str]:
    """Return what a run, or the later run of a comparison, was made with; empty where it does not say."""
    block = _made(said)
    if not block:
        return {}
    names = {"register": "Register", "postcodes": "Postcodes", "version": "Made with cwb", "created": "Made on"}
    told = {heading: tidy(block.get(key)) for key, heading in names.items()}
    told["Register"] = _register(block.get("register"))
    if block.get("created"):
        told["Made on"] = f"{created(said):%-d %B %Y at %H:%M} UTC"
    return told


def inputs(said: Mapping[str, Any]) -> pl.DataFrame:
    """Return the ledgers and the register's files with their SHA-256; of a comparison, those of both runs."""
    sides = [said] if said.get("provenance") else [said.get("from") or {}, said.get("to") or {}]
    blocks = [side.get("provenance") or {} for side in sides]
    registers = [block["register"] for block in blocks if isinstance(block.get("register"), Mapping)]
    rows = [row for block in blocks for row in block.get("inputs") or []]
    rows += [row for register in registers for row in register.get("sources") or []]
    schema = {"file": pl.String, "sha256": pl.String}
    told = pl.DataFrame([{k: str(row.get(k, "")) for k in schema} for row in rows], schema=schema)
    return told.unique(maintain_order=True)


def row_account(summary: Mapping[str, Any]) -> str:
    """Return the sum that shows no row is lost."""
    rows = summary["rows"]
    return (
        f"{rows['read']:,} rows read = {rows['payments']:,} payments + {rows.get('control_totals', 0):,} totals + "
        f"{rows.get('blank', 0):,} blank + {rows.get('rejected', 0):,} rejected. "
        f"Payments sum to {exact_money(int(summary['amount_pence']['payments']))}."
    )


def notes(said: Mapping[str, Any]) -> list[str]:
    """Return what else a reader is to know: what was left out, and what people pinned to a supplier or a figure."""
    return [str(note) for note in said.get("notes") or []]
