"""Every column that leaves cwb: its heading, how it is shown, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from cwb.charts.words import MINUS, percent, points
from cwb.report.measure_columns import MEASURE_COLUMNS, Kind


@dataclass(frozen=True)
class Shown:
    """How a column is shown and what it means."""

    heading: str
    kind: Kind
    description: str

    @property
    def is_number(self) -> bool:
        """Right-aligned."""
        return self.kind in ("gbp", "share", "points", "count", "number")


def _known(kind: Kind, /, **columns: tuple[str, str]) -> dict[str, Shown]:
    return {name: Shown(heading, kind, description) for name, (heading, description) in columns.items()}


COLUMNS: dict[str, Shown] = {
    **_known(
        "gbp",
        gva_per_job_gbp=("GVA per job", "£ a filled job a year in the region and section, 2021"),
        turnover_gbp=("Turnover", "£ a year, from the accounts added"),
        amount_gbp=("Amount", "£, net as published, credits negative"),
        from_gbp=("Before", "£ in the earlier run"),
        to_gbp=("After", "£ in the later run"),
        volume_gbp=("Because total spend changed", "£ of the change at the earlier year's share"),
        rate_gbp=("Because its share changed", "£ of the change that is left: a different share of each pound"),
        payments_gbp=("Paid", "£, sum of the rows read as payments"),
        control_totals_gbp=("Totals printed", "£, sum of the rows read as the ledger's own totals"),
        negative_gbp=("Credits", "£, sum of the negative payments"),
        local_gbp=("Local", "£ to suppliers in the local area"),
        regional_gbp=("Rest of region", "£ to suppliers in the region outside the local area"),
        leaked_gbp=("Leaked", "£ to suppliers outside the region"),
        unknown_gbp=("Unknown", "£ without evidence of place"),
        excluded_gbp=("Excluded", "£ that is not spend with a supplier"),
        total_gbp=("Total", "£, sum of the bands"),
    ),
    **_known(
        "share",
        share=("Share", "of all payments, 0 to 1"),
        share_from=("Share before", "of all payments in the earlier run, 0 to 1"),
        share_to=("Share after", "of all payments in the later run, 0 to 1"),
        local_share=("Local share", "of the row's total, 0 to 1"),
        share_low=("Share, least", "if none of what is unknown is in the band, 0 to 1"),
        share_expected=("Share, expected", "with the matches under review by their odds, 0 to 1"),
        share_high=("Share, most", "if all of what is unknown is in the band, 0 to 1"),
    ),
    **_known("points", share_points=("Change", "percentage points, 0 to 100; never a per cent change")),
    **_known(
        "count",
        payments=("Payments", "number of payments"),
        suppliers=("Suppliers", "number of distinct suppliers"),
        header_row=("Header row", "row of the headings, counted from 1"),
        file_row=("Row", "row in the file, counted from 1 as a person sees it"),
        rows_read=("Rows read", "rows below the headings"),
        rows_payments=("Payments", "rows read as payments"),
        rows_control_totals=("Totals", "rows that are the ledger's own totals"),
        rows_blank=("Blank", "rows with no cell filled"),
        rows_rejected=("Rejected", "rows that could not be read as a payment"),
        negative_rows=("Credits", "payments with a negative amount"),
        redacted_rows=("Redacted", "payments whose supplier the ledger hides"),
    ),
    **_known(
        "number",
        score=("Score", "certainty of the match, 0 to 1"),
        margin=("Margin", "score less that of the runner-up, 0 to 1"),
        value=("Value", "central value, in the unit given"),
        low=("Low", "plausible low value"),
        high=("High", "plausible high value"),
        central=("Central", "central estimate"),
        draws_low=("90% of draws, from", "low end of where most draws over the assumptions lie, what is unknown apart"),
        draws_high=("90% of draws, to", "high end of where most draws over the assumptions lie, what is unknown apart"),
        input_low=("Assumption, low", "low end of the assumption, in its own unit"),
        input_high=("Assumption, high", "high end of the assumption, in its own unit"),
        at_low=("Figure at low", "the figure with the assumption at its low end, the others central"),
        at_high=("Figure at high", "the figure with the assumption at its high end, the others central"),
        jobs=("Jobs", "filled jobs, headcount; a step down is negative"),
        jobs_by_regional_gva=(
            "By the region's GVA per job",
            "a check on the central figure: the same spend by GVA per job of the section in the region, 2021",
        ),
        employees=("Employees", "headcount, from the accounts added"),
        shipped=("Shipped", "central value that ships with cwb"),
        shipped_low=("Shipped, low", "low value that ships with cwb"),
        shipped_high=("Shipped, high", "high value that ships with cwb"),
    ),
    **_known("date", month=("Month", "first day of the month; empty where payments have no date")),
    **_known("flag", ties=("Ties", "equals the sum of the payments it covers; empty where that cannot be told")),
    **_known(
        "text",
        band=("Band", "local, regional (rest of region), leaked, unknown"),
        basis=("Placed by", "what placed the supplier: override, ledger_postcode, trading_site, registered_office"),
        institution=("Institution", "body that paid"),
        financial_year=("Year", "April to March, as 2016-17"),
        supplier_id=("Supplier id", "the same in every run for the same name and identifiers"),
        supplier_name=("Supplier", "as printed in the ledger; names of individuals withheld"),
        strength=("Postcode found", "exact, terminated, sector or district: how the postcode was found"),
        lad_name=("District", "local authority district it was placed in"),
        outcome=("Match", "matched, review or unmatched"),
        supplier_type=("Type", "company, charity, cic, cooperative, public_body, individual, redacted, …"),
        org_id=("Register id", "identifier by org-id.guide's scheme, as GB-COH-01234567"),
        matched_name=("Name on the register", "name of the organisation it was matched to"),
        matched_postcode=("Registered postcode", "postcode of its registered address"),
        method=("Method", "how it was found"),
        why=("Why", "the evidence in plain words"),
        category=("Category", "the payer's own spend category"),
        sic_section=("Section", "SIC 2007 section, A to U"),
        section_name=("Sector", "name of the SIC 2007 section"),
        reason=("Reason", "why, in plain words"),
        file=("File", "name of the ledger file"),
        sheet=("Sheet", "sheet of a workbook, or member of an archive"),
        format=("Format", "file format as read"),
        encoding=("Encoding", "character set as read"),
        delimiter=("Delimiter", "what separates the cells of a text file"),
        columns=("Columns used", "which heading was read as which field"),
        warnings=("Warnings", "what the reader noticed"),
        raw=("Cells", "the row's cells as a JSON list"),
        label=("What", "what the row calls itself, or what the figure is"),
        id=("Id", "name of the parameter"),
        unit=("Unit", "unit of the value"),
        kind=("Kind", "published, or a judgement"),
        source=("Source", "title and publisher"),
        locator=("Where in it", "table, page or cell"),
        rests_on=("Rests on", "what kind of figure it is and what it takes for granted"),
        caveat=("Caveat", "what to bear in mind"),
        sha256=("SHA-256", "fingerprint of the file"),
    ),
    **_known(
        "text",
        goods=("What is bought", "ProClass heading, or sector of the supplier"),
        proclass=("ProClass heading", "what is bought, by the words of the payer's category"),
        sector=("Postcode sector", "of the supplier's address; empty where there is none or names are withheld"),
        year=("Year", "April to March, as 2016-17"),
        table=("Table", "name of the table"),
        column=("Column", "name of the column"),
        type=("Type", "how the column is shown"),
        description=("Meaning", "what the column means"),
    ),
    **_known(
        "number",
        easting=("Easting", "metres on the British National Grid, mean of the suppliers"),
        northing=("Northing", "metres on the British National Grid, mean of the suppliers"),
        figure_at_low=("Figure at low", "the figure with the assumption at its low end, the others central"),
        figure_at_high=("Figure at high", "the figure with the assumption at its high end, the others central"),
        assumption_low=("Assumption, low", "low end of the assumption, in its own unit"),
        assumption_high=("Assumption, high", "high end of the assumption, in its own unit"),
        width=("Width", "how far the figure moves between the two ends"),
        jobs_left=("Jobs left", "filled jobs, headcount, after the step"),
    ),
    **_known(
        "share",
        suppliers_share=("Share of suppliers", "of all suppliers counted, 0 to 1"),
        amount_share=("Share of £", "of all payments, 0 to 1"),
    ),
}


# What is said above of a column of more than one table goes before what is said of it here.
COLUMNS = {name: Shown(head, kind, says) for name, kind, head, says in MEASURE_COLUMNS} | COLUMNS


def shown(name: str) -> Shown:
    """Return how a column is shown; one that is not known goes by the unit its name ends in, else as text."""
    if name in COLUMNS:
        return COLUMNS[name]
    kind: Kind = next((kind for ending, kind in _ENDINGS.items() if name.endswith(ending)), "text")
    words = name.removesuffix("_gbp").replace("_points", ", points").replace("_", " ")
    return Shown(words.capitalize(), kind, "")


_ENDINGS: dict[str, Kind] = {
    "_gbp": "gbp", "_share": "share", "coverage": "share", "_points": "points", "suppliers": "count",
    "institutions": "count", "departments": "count", "payees": "count", "payers": "count", "companies": "count",
    "rank": "count", "hhi": "number", "feasibility": "number", "choice": "number", "way_in": "number",
    "reach": "number", "proof": "number",
}  # fmt: skip


def _pounds(value: Decimal) -> str:
    text = f"{abs(value):,.0f}"
    return f"{MINUS if value < 0 and text != '0' else ''}£{text}"


_AS_TEXT: dict[Kind, Callable[[Any], str]] = {
    "text": str,
    "gbp": lambda value: _pounds(Decimal(value)),
    "share": lambda value: percent(float(value)),
    "points": lambda value: points(float(value)),
    "count": lambda value: f"{int(value):,}",
    "number": lambda value: f"{float(value):,.0f}" if abs(float(value)) >= 1000 else f"{float(value):,.4g}",
    "flag": lambda value: "yes" if value else "no",
    "date": lambda value: f"{value:%B %Y}" if isinstance(value, date) else str(value),
}


def as_text(value: Any, kind: Kind) -> str:
    """Return a cell as a reader sees it in the page: whole £, one decimal of a per cent; null is empty."""
    return "" if value is None else _AS_TEXT[kind](value)
