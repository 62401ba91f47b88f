"""Which sheets a workbook has, for a run and for a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cwb.charts import BAND_NAMES
from cwb.charts.about import about
from cwb.charts.change import WITH_LOCAL, names_of
from cwb.charts.impact import Estimate, estimates
from cwb.charts.spend import BASIS_NAMES, band_name, basis_name
from cwb.charts.words import exact_money, percent
from cwb.report import change_story, story
from cwb.report.workbook import Sheet, by_band
from cwb.schema import BANDS, EXCLUDED

_ROW_TABLES = (
    ("rejects", "Rejected rows", "Rows that could not be read as a payment, each with its reason: none is dropped."),
    ("control_totals", "Printed totals", "Rows that are the ledger's own totals, set aside and checked."),
)


# Measures that get a sheet of their own where a run or a comparison has them: table, tab, what it says.
_RUN_TABS = (
    ("share_bounds", "Bounds on shares", "Each share if none, or all, of what is unknown went there."),
    ("tornado", "What drives the width", "Each figure with each assumption at its low and high end, others central."),
    ("jobs_by_band", "Jobs by band", "Jobs at suppliers, gross; bands are exclusive, so these may be added."),
    ("jobs_by_sector", "Jobs by sector", "Jobs at suppliers by band and sector, gross, each with its range."),
    (
        "jobs_by_company",
        "Jobs by company",
        "Jobs at suppliers whose accounts were added: employees × spend ÷ turnover.",
    ),
    ("assumption_differences", "Changed assumptions", "What differs from the assumptions that ship with cwb."),
    ("gross_to_net", "Gross to net", "From gross to net jobs at the central rates, which are illustrative."),
    ("sector_leakage", "Leakage by sector", "How much of each sector stays, and what it adds to all that leaks."),
    ("influence", "Influenceable", "What could be placed elsewhere, and why the rest could not."),
    ("top_n", "Top suppliers", "The largest suppliers alone, beside how much of the ledger they cover."),
    ("concentration", "Concentration", "How much hangs on few suppliers."),
    ("exposure", "Exposure", "What would be hit if one supplier, or one group, failed."),
    ("tail", "Head and tail", "The few suppliers that are most of the money, and the many that are little."),
    ("sizes", "Size", "Spend by size of supplier, and what that rests on."),
    ("social", "VCSE and co-ops", "Spend with charities, social enterprises and co-operatives: the least there is."),
    ("place_sectors", "Postcode sectors", "Local spend by postcode sector; names that are withheld have none."),
    ("flow", "Flow", "From the payer, through what is bought, to where the supplier is."),
    ("months_by_institution", "Months by institution", "£ and its local part by month."),
    ("months_by_category", "Months by category", "£ and its local part by month."),
    ("by_proclass", "What is bought", "ProClass headings, by the words of the payers' categories."),
    ("by_cofog", "What it is for", "COFOG divisions, by the words of the payers' categories."),
    ("fragmentation", "Fragmentation", "Over how many suppliers and departments each category is spread."),
    ("owners", "Owners", "Who owns what each band is spent with, where that is known."),
    ("targets", "Targets", "What is aimed for beside what is."),
    ("reservation", "Local reservation", "The local area for below-threshold contracts in England."),
    ("sme_vcse_return", "SME and VCSE return", "In the shape of PPN 001."),
    ("action_plan", "Action plan", "The figures behind a Scottish community wealth building action plan."),
    ("transfers", "Transfers", "What the payers pay each other."),
    ("net", "Netted", "The bands with payments between the payers netted off."),
    ("by_original_payer", "Original payer", "What left the group, by who first put it in."),
    ("common_suppliers", "Common suppliers", "Suppliers that two or more of the payers pay."),
    ("transparency", "Transparency Code", "Payments as the Code asks for them; names of people are withheld."),
    ("cannot_know", "What it cannot know", "What no ledger and no register tells."),
    ("cooperatives", "Co-operatives", "Co-operatives and societies that are paid, with what is known of each."),
    ("dependent", "Dependent suppliers", "Suppliers of whose turnover these payers are a large part."),
    ("payment_days", "Payment days", "How long invoices wait, where the ledger prints both dates."),
    ("wards", "Wards", "Local spend by ward of the supplier's address."),
    ("deprivation", "Deprivation", "Local spend by deprivation decile of the supplier's address; 1 is most deprived."),
    ("by_cipfa", "Services", "CIPFA service headings, by the words of the payers' categories."),
    ("fragmentation_contracts", "Contracts by theme", "Contracts, suppliers and funding streams of each theme."),
    ("public_spend", "Public spend", "Public spend of the area by COFOG and by where each figure comes from."),
    ("bodies", "Bodies", "Which bodies gave figures, and which did not."),
    ("means", "Two means", "Weighted by £, and the plain mean of the payers' own shares."),
)
_COMPARE_TABS = (
    ("series", "Series", "Every run, band by band."),
    ("steps", "Steps", "The change from each run to the next."),
    ("supplier_parts", "Why, by supplier", "Suppliers new, gone, grown, shrunk or moved: they add up to the change."),
    ("change_by_supplier", "Suppliers", "Every supplier of either run, the largest change first."),
    ("change_by_category", "Why, by category", "Shift between categories (mix) and inside them."),
    ("change_by_sector", "Why, by sector", "Shift between sectors (mix) and inside them."),
    ("mix_by_institution", "Why, by payer", "Shift between payers (mix) and inside them."),
    ("changes", "Each payer", "Every payer's change from period to period; step 0 is from the first to the last."),
    ("payer_by_category", "Each payer's categories", "Shift between each payer's categories (mix) and inside them."),
    ("payer_by_sector", "Each payer's sectors", "Shift between each payer's sectors (mix) and inside them."),
    ("step_supplier_parts", "Steps, by supplier", "Why each step came, by supplier."),
    ("change_real", "Real terms", "At the later year's prices; what is prices alone stands apart."),
    ("assumption_differences", "Changed assumptions", "What differs from the assumptions that ship with cwb."),
    ("ranking", "Ranking", "Payers by local share."),
)


def measure_sheets(tables: Mapping[str, pl.DataFrame]) -> list[Sheet]:
    """Return a sheet for each table of a run's measures or a comparison's that has one."""
    return _more(tables, (*_RUN_TABS, *_COMPARE_TABS))


# Those with a native chart beside them: its kind, the column that names its rows, and how many it draws.
_DRAWN = {
    "share_bounds": ("bounds:band", 4), "gross_to_net": ("steps:step", 6), "place_sectors": ("amounts:sector", 15),
    "exposure": ("amounts:group_name", 15), "fragmentation": ("amounts:theme", 15),
    "common_suppliers": ("amounts:supplier_name", 15), "top_n": ("parts:top", 15),
    "sme_vcse_return": ("sme:institution", 15),
}  # fmt: skip


def _more(
    tables: Mapping[str, pl.DataFrame], tabs: Sequence[tuple[str, str, str]], labels: Mapping[str, str] | None = None
) -> list[Sheet]:
    out = []
    for name, tab, says in tabs:
        if name in tables:
            frame = _plain(tables[name])
            if "assumption" in frame.columns:
                frame = frame.with_columns(pl.col("assumption").replace(dict(labels or {})))
            out.append(Sheet(tab, says, frame, *_DRAWN.get(name, ("", 0))))
    return out


def _items(pairs: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"item": list(pairs), "text": list(pairs.values())}, schema={"item": pl.String, "text": pl.String}
    )


def _estimates(found: Sequence[Estimate]) -> pl.DataFrame:
    names = ("label", "low", "central", "high", "unit", "method", "basis", "caveat")
    rows = [
        {name: getattr(e, name) for name in names}
        | {"draws_low": e.drawn[0] if e.drawn else None, "draws_high": e.drawn[1] if e.drawn else None}
        for e in found
    ]
    numbers = ("low", "central", "high", "draws_low", "draws_high")
    order = ("label", *numbers, *names[4:])
    types = {name: pl.Float64 if name in numbers else pl.String for name in order}
    return pl.DataFrame(rows, schema=types).rename({"basis": "rests_on"})


def _summary(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    who = about(summary)
    pence = story.pence_of(summary)
    region = summary["region_including_local"]
    inside = f"{exact_money(int(region['amount_pence']))} ({percent(region['share'])})"
    pairs = {
        "Headline": story.headline(summary),
        "Paid by": ", ".join(str(i) for i in summary["institutions"]),
        "Years": who.years or "not dated",
        "Place": f"{who.local}, in {who.region}",
        "Placed by": basis_name(str(summary["basis"])),
        "Payments": f"{summary['rows']['payments']:,}, {exact_money(int(summary['amount_pence']['payments']))}",
        **{
            band_name(b, who): f"{exact_money(pence[b])} ({percent(summary['bands'][b]['share'])})"
            for b in BANDS
            if b in summary["bands"]
        },
        f"{who.region}, {who.local} included": inside,
        "Location found": f"{percent(summary['coverage']['by_amount'])} of £, "
        f"{percent(summary['coverage']['by_suppliers'])} of suppliers",
    }
    pairs |= {f"Finding {n}": text for n, text in enumerate(story.found(summary, tables), 1)}
    return _items(pairs | story.provenance(summary))


def _band_sheets(tables: Mapping[str, pl.DataFrame]) -> list[Sheet]:
    out = [Sheet("Bands", "Every payment is in exactly one band.", _plain(tables["bands"]), "bands:band")]
    if "bands_by_institution" in tables:
        frame = by_band(tables["bands_by_institution"], ["institution", "financial_year"])
        out.append(Sheet("By institution", "£ by institution, year and band.", frame, "shares:institution"))
    return out


def _wide(tables: Mapping[str, pl.DataFrame], name: str, index: Sequence[str], order: str) -> pl.DataFrame | None:
    if name not in tables:
        return None
    frame = by_band(tables[name], list(index))
    return frame.sort(order, descending=order == "total_pence", nulls_last=True)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with bands and bases in plain words."""
    words = {
        "band": BAND_NAMES | {EXCLUDED: "Excluded", WITH_LOCAL: "Region, local included"}, "basis": BASIS_NAMES,
        "area": {"local": "Local", WITH_LOCAL: "Region, local included"},
    }  # fmt: skip
    return frame.with_columns(pl.col(name).replace(told) for name, told in words.items() if name in frame.columns)


def run_sheets(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Sheet]:
    """Return the sheets of a run's workbook, in order."""
    out = [Sheet("Summary", story.run_title(summary), _summary(summary, tables)), *_band_sheets(tables)]
    if "suppliers" in tables:
        says = "Every supplier, the biggest first, with what it was matched to, how, and where that places it."
        front = ["supplier_name", "amount_pence", "payments", "band"]
        frame = _plain(tables["suppliers"])
        rest = [c for c in frame.columns if c not in front]
        ordered = frame.select(*front, *rest).sort("amount_pence", descending=True)
        out.append(Sheet("Suppliers", says, ordered, "amounts:supplier_name", 15))
    if "unknowns" in tables:
        out.append(Sheet("Unknown", "£ that could not be placed, and why.", tables["unknowns"]))
    if "range_by_basis" in tables:
        says = "The same payments, with a different address counted as the supplier's place."
        out.append(Sheet("Range", says, _plain(by_band(tables["range_by_basis"], ["basis"])), "shares:basis"))
    for name, tab, index in (("sectors", "Sectors", "section_name"), ("categories", "Categories", "category")):
        frame_or_none = _wide(tables, name, [index], "total_pence")
        if frame_or_none is not None:
            out.append(Sheet(tab, f"£ by {tab.lower()} and band.", frame_or_none, f"stacked:{index}"))
    months = _wide(tables, "months", ["month"], "month")
    if months is not None:
        out.append(Sheet("Months", "£ by month of payment and band.", months, "months:month"))
    labels = {one["id"]: str(one.get("label", one["id"])) for one in summary.get("assumptions") or []}
    if "districts" in tables:
        frame = by_band(tables["districts"], ["lad_code", "lad_name"]).sort("total_pence", descending=True)
        says = "Spend by the district of each supplier's address."
        out.append(Sheet("Districts", says, frame, "stacked:lad_name", 15))
    out += _more(tables, _RUN_TABS, labels)
    found = sorted(story.impact_estimates(summary), key=lambda e: (not e.is_jobs, e.area != "local"))
    says = "Estimates, each with its range: never quote one without."
    drawn = sum(e.is_jobs for e in found)
    out.append(Sheet("Jobs and multipliers", says, _estimates(found), "range:label" if drawn else "", drawn))
    if "assumptions" in tables:
        out.append(
            Sheet("Assumptions", "Every number that is not in your ledger, with its source.", tables["assumptions"])
        )
    out.append(Sheet("Method", "How it was worked out.", _items(dict(story.method(summary)))))
    if "files" in tables:
        out.append(Sheet("Files and totals", story.row_account(summary), tables["files"]))
    out += [Sheet(tab, says, tables[name]) for name, tab, says in _ROW_TABLES if name in tables]
    out.append(Sheet("Inputs", "The files read and their fingerprints.", story.inputs(summary)))
    return out


def compare_sheets(compare: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Sheet]:
    """Return the sheets of a comparison's workbook, in order."""
    names = names_of(compare)
    moved = {f"Finding {n}": text for n, text in enumerate(change_story.moved(compare, tables), 1)}
    unlike = {f"Not like for like {n}": text for n, text in enumerate(change_story.differences(compare), 1)}
    in_words = {"In words, to read out": str(compare["paragraph"])} if compare.get("paragraph") else {}
    label = pl.col("band").replace(names)
    out = [
        Sheet("Summary", change_story.title(compare), _items({**moved, **unlike, **in_words})),
        Sheet(
            "Change",
            "Change of each band; its two parts add up to it.",
            tables["change"].with_columns(label),
            "slope:band",
        ),
    ]
    if "change_by_institution" in tables:
        frame = tables["change_by_institution"].with_columns(label)
        out.append(Sheet("By institution", "The same for each institution.", frame))
    out += _more(tables, _COMPARE_TABS)
    jobs = _estimates(estimates((compare.get("jobs") or {}).values()))
    out.append(Sheet("Jobs", "Jobs on the change in spend, with their range.", jobs, "range:label"))
    if "assumptions" in tables:
        out.append(
            Sheet("Assumptions", "Every number that is not in your ledgers, with its source.", tables["assumptions"])
        )
    out.append(Sheet("Method", "How the change was worked out.", _items(dict(change_story.method(compare)))))
    out.append(Sheet("Inputs", "The files of both runs and their fingerprints.", story.inputs(compare)))
    return out
