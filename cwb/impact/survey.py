"""LM3 by survey: whom to ask, a form to fill in, replies read back and weighted, and what silence adds to the width.

The rate of those who reply is their own; of those who do not, it is borrowed, by size where known, with its range. The
fewer pounds reply, the wider the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import fastexcel
import polars as pl
import xlsxwriter

from cwb.errors import CwbError, LookupsError, did_you_mean
from cwb.files import staged
from cwb.impact.assumptions import CENTRAL, AssumptionSet
from cwb.impact.figures import caveats
from cwb.impact.lm3 import lm3
from cwb.impact.ranges import Range, around
from cwb.safety import neutralise

ANSWERS = ("staff_living_here_per_100", "suppliers_here_per_100", "other_here_per_100")
FORM_COLUMNS = ("supplier_id", "supplier_name", "paid_gbp", *ANSWERS)
_QUESTIONS = {
    "staff_living_here_per_100": "Of each £100 we paid you, £ that went to pay of staff who live in {place}",
    "suppliers_here_per_100": "Of each £100 we paid you, £ that went to suppliers based in {place}",
    "other_here_per_100": "Of each £100 we paid you, £ spent in {place} in other ways (rent, dividends to residents)",
}
_WITHHELD = ("individual", "redacted")


@dataclass(frozen=True)
class Payroll:
    """The institution's own pay bill (£) and the share of it that goes to staff who live in the place (0 to 1)."""

    gbp: float
    local_share: float


def whom_to_ask(local_suppliers: pl.DataFrame, cover: float | None = None) -> pl.DataFrame:
    """Return the local suppliers to ask, largest first, until they cover `cover` of local spend.

    `local_suppliers` has supplier_id, supplier_name, supplier_type and amount_pence; individuals and hidden payees are
    not asked, and count as silent. `cover` is 0 to 1 (without one, the shipped share). Adds `covered`, the share of
    local spend reached with each row.

    Raises:
        CwbError: `cover` is not above 0 and at most 1.
    """
    wanted = CENTRAL.get("impact.survey_cover").value if cover is None else cover
    if not 0 < wanted <= 1:
        raise CwbError(f"cover is a share above 0 and at most 1, found {wanted}; write 80% as 0.8")
    paid = local_suppliers.filter(pl.col("amount_pence") > 0)
    total = int(paid["amount_pence"].sum())
    askable = paid.filter(~pl.col("supplier_type").fill_null("").is_in(_WITHHELD)).sort(
        "amount_pence", "supplier_id", descending=[True, False]
    )
    reached = askable.with_columns(covered=pl.col("amount_pence").cum_sum())
    needed = reached.filter(pl.col("covered") - pl.col("amount_pence") < wanted * total)
    return needed.with_columns(pl.col("covered") / total)


def write_pack(asked: pl.DataFrame, place_name: str, out: Path) -> None:
    """Write lm3-survey.csv and lm3-survey.xlsx to folder `out`: the suppliers asked, with empty answers to fill in.

    Raises:
        CwbError: the folder cannot be written.
    """
    form = neutralise(
        asked.select(
            "supplier_id", "supplier_name", paid_gbp=(pl.col("amount_pence") / 100).round(2),
            **{a: pl.lit(None, dtype=pl.Float64) for a in ANSWERS},
        )
    )  # fmt: skip
    questions = {k: q.format(place=place_name) for k, q in _QUESTIONS.items()}
    with staged(out) as folder:
        form.write_csv(folder / "lm3-survey.csv")
        book = xlsxwriter.Workbook(str(folder / "lm3-survey.xlsx"), {"strings_to_formulas": False})
        sheet, notes = book.add_worksheet("Replies"), book.add_worksheet("Questions")
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        for column, name in enumerate(FORM_COLUMNS):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(form.iter_rows(), start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write_number(number, column, cell)
        sheet.data_validation(
            1, 3, max(form.height, 1), 5,
            {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100,
             "error_title": "Pounds in each £100", "error_message": "Write a number from 0 to 100."},
        )  # fmt: skip
        sheet.freeze_panes(1, 2)
        sheet.set_column(1, 1, 44)
        sheet.set_column(2, 5, 24)
        notes.set_column(0, 0, 30)
        notes.set_column(1, 1, 100, wrap)
        for number, (name, question) in enumerate(questions.items()):
            notes.write_string(number, 0, name, bold)
            notes.write_string(number, 1, question)
        notes.write_string(len(questions) + 1, 1, "Leave all three empty where a supplier did not reply. 0 is a reply.")
        book.close()


def _cells(path: Path) -> pl.DataFrame:
    try:
        if path.suffix.casefold() == ".csv":
            return pl.read_csv(path, infer_schema=False)
        book = fastexcel.read_excel(path)
        return book.load_sheet(0, dtypes="string").to_polars()
    except (OSError, fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise LookupsError(f"{path}: cannot be read as replies ({str(error).splitlines()[0]})") from None


def read_replies(path: Path, asked: pl.DataFrame) -> pl.DataFrame:
    """Return replies as supplier_id and respend (0 to 1), one row a supplier that answered at least one question.

    Raises:
        LookupsError: a column is missing, a supplier was not asked or is there twice, or an answer is not a number from
            0 to 100 or they sum to more than 100.
    """
    raw = _cells(path)
    missing = [c for c in ("supplier_id", *ANSWERS) if c not in raw.columns]
    if missing:
        raise LookupsError(f"{path}: no column {missing[0]}.{did_you_mean(missing[0], raw.columns)}")
    rows = raw.with_row_index("_row", offset=2).filter(pl.any_horizontal(pl.col(ANSWERS).str.strip_chars() != ""))
    numbers = rows.with_columns(pl.col(ANSWERS).str.strip_chars().replace("", None).cast(pl.Float64, strict=False))
    for name in ANSWERS:
        was = rows[name].str.strip_chars().replace("", None)
        bad = rows.filter((was.is_not_null() & numbers[name].is_null()) | ~numbers[name].is_between(0, 100))
        if bad.height:
            raise LookupsError(f"{path}: row {bad['_row'][0]}: {name} is '{bad[name][0]}', not a number from 0 to 100")
    replies = numbers.with_columns(respend=pl.sum_horizontal(ANSWERS) / 100)
    over = replies.filter(pl.col("respend") > 1)
    if over.height:
        raise LookupsError(f"{path}: row {over['_row'][0]}: the answers sum to more than 100")
    strangers = replies.filter(~pl.col("supplier_id").is_in(asked["supplier_id"].to_list()))
    if strangers.height:
        raise LookupsError(f"{path}: row {strangers['_row'][0]}: supplier_id is not one that was asked")
    twice = replies.filter(pl.col("supplier_id").is_duplicated())
    if twice.height:
        raise LookupsError(f"{path}: row {twice['_row'][1]}: this supplier is there twice")
    return replies.select("supplier_id", "respend")


def respend_rate(
    local_suppliers: pl.DataFrame,
    replies: pl.DataFrame,
    assumptions: AssumptionSet = CENTRAL,
    *,
    by_section: Mapping[str, Range] | None = None,
) -> Range:
    """Equation: r = Σ localᵢ rᵢ ÷ Σ localᵢ, with rᵢ replied or, in silence, borrowed with its low and high.

    `local_suppliers` has supplier_id, amount_pence and, where known, is_sme and sic_section (null where not). A silent
    supplier takes the rate of its size, else of its section where `by_section` (`multipliers.respend_by_section`) has
    it, else the rate of all. Weighted by £.

    Raises:
        CwbError: there is no local spend.
    """
    paid = local_suppliers.filter(pl.col("amount_pence") > 0)
    total = int(paid["amount_pence"].sum())
    if total <= 0:
        raise CwbError("no local spend to ask about")
    joined = paid.join(replies, on="supplier_id", how="left", validate="1:1")
    known = joined.filter(pl.col("respend").is_not_null())
    answered = float((known["amount_pence"] * known["respend"]).sum())
    silent = joined.filter(pl.col("respend").is_null())
    size = pl.col("is_sme") if "is_sme" in silent.columns else pl.lit(None, dtype=pl.Boolean)
    section = pl.col("sic_section") if "sic_section" in silent.columns else pl.lit(None, dtype=pl.String)
    groups = silent.group_by(sme=size, section=section).agg(pl.col("amount_pence").sum())
    rates = {True: "impact.respend_sme", False: "impact.respend_large", None: "impact.respend_local"}
    sections = by_section or {}
    parts = [
        (pence, sections[code] if sme is None and code in sections else assumptions.range(rates[sme]))
        for sme, code, pence in groups.sort("sme", "section").iter_rows()
    ]
    low, central, high = (
        (answered + sum(pence * getattr(rate, end) for pence, rate in parts)) / total
        for end in ("low", "central", "high")
    )
    return Range(low, central, high)


def surveyed(found: Mapping[str, Any], chosen: AssumptionSet) -> AssumptionSet:
    """Return a set with the re-spend rate that a survey gave (`survey_lm3`) in place of the borrowed one.

    Its source says who replied, so that every report made with the set says so too.
    """
    told = found["response"]
    said = (
        f"Survey of local suppliers: {told['suppliers']:,} of {told['of_suppliers']:,} replied, "
        f"{told['by_amount']:.0%} of local spend"
    )
    span = found["respend"]
    one = chosen.get("impact.respend_local").model_copy(
        update={
            "label": "Re-spend in the place by local suppliers",
            "value": span["central"], "low": span["low"], "high": span["high"], "kind": "own", "source": said,
            "locator": "where there was no reply, borrowed rates with their range",
            "caveat": "From the place's own suppliers, as far as they replied.",
        }
    )  # fmt: skip
    return AssumptionSet(
        "own", "Your own", chosen.why, MappingProxyType({**chosen.overrides, "impact.respend_local": one})
    )


def survey_lm3(
    total_pence: int,
    local_suppliers: pl.DataFrame,
    replies: pl.DataFrame,
    *,
    payroll: Payroll | None = None,
    by_section: Mapping[str, Range] | None = None,
    assumptions: AssumptionSet = CENTRAL,
) -> dict[str, Any]:
    """Return LM3 from a survey: low, central and high, response by number and by £, rounds, and its caveat.

    Round one is the ledger's spend and, where given, the pay bill; pay of staff who live in the place is an item of
    its own in round two, re-spent at the rate for staff.

    Raises:
        CwbError: there is no spend, or none of it local; or the payroll's share is not from 0 to 1.
    """
    if payroll and not (0 <= payroll.local_share <= 1 and payroll.gbp >= 0):
        raise CwbError("payroll needs £ not below zero and a local share from 0 to 1")
    rate = respend_rate(local_suppliers, replies, assumptions, by_section=by_section)
    paid = local_suppliers.filter(pl.col("amount_pence") > 0)
    local_gbp = int(paid["amount_pence"].sum()) / 100
    staff_gbp = payroll.gbp * payroll.local_share if payroll else 0.0
    spend_gbp = total_pence / 100 + (payroll.gbp if payroll else 0.0)
    if spend_gbp <= 0:
        raise CwbError("no spend to take a multiplier of")
    staff_rate = assumptions.range("impact.respend_staff")
    value = around(lambda r, s: lm3(spend_gbp, [local_gbp, staff_gbp], [r, s]) or 0.0, [rate, staff_rate])
    replied = paid.join(replies, on="supplier_id", how="semi")
    return {
        **value.as_dict(),
        "unit": "£: the £1 spent, and what of it is spent in the place in two further rounds",
        "rounds": {
            "one_gbp": spend_gbp,
            "two_suppliers_gbp": local_gbp,
            "two_staff_gbp": staff_gbp,
            "three_suppliers_gbp": Range(*(local_gbp * getattr(rate, e) for e in ("low", "central", "high"))).as_dict(),
        },
        "respend": rate.as_dict(),
        "response": {
            "suppliers": replied.height,
            "of_suppliers": paid.height,
            "by_amount": int(replied["amount_pence"].sum()) / int(paid["amount_pence"].sum()),
        },
        "basis": "replies weighted by £; where no reply, borrowed rates with their range",
        "method": "(R1 + R2 + R3) ÷ R1",
        "sources": ["nef_lm3_2005", "fsb_cles_2013", "cles_manchester_2017"],
        "assumptions": [f"impact.respend_{k}" for k in ("local", "sme", "large", *(["staff"] if payroll else []))],
        "caveat": caveats("lm3"),
    }
