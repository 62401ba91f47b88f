"""Two or more runs side by side: the change from the first to the last, why it came, and each step between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from cwb.deflators import factor, start_year
from cwb.errors import CwbError
from cwb.indicators import change
from cwb.indicators.explain import paragraph, payers_in_words
from cwb.indicators.shares import share
from cwb.indicators.side import Explained, Side
from cwb.indicators.spent import Spent
from cwb.indicators.why import biggest, why
from cwb.schema import BANDS

REGION = change.REGION
DIMENSIONS = {"category": "the payers' categories", "sic_section": "sectors", "institution": "payers"}


def explain(sides: Sequence[Side], known: Sequence[Spent] | None, cautions: Sequence[Sequence[str]] = ()) -> Explained:
    """Return the change from the first to the last of two or more runs, explained; and the series between them.

    Args:
        sides: earliest first, of one place.
        known: what `why.spent` returns for them.
        cautions: what makes the first and the last unlike, each a sentence; then the same for each step.

    Returns:
        block: series, steps (of three runs and more, each with its paragraph), real, parts (by supplier, category,
        sector, payer; absent where a run has no spend by supplier), paragraph. tables: series, steps, change_real,
        change_by_supplier, supplier_parts, change_by_category, change_by_sector, mix_by_institution.
    """
    told = [*cautions, *([()] * (len(sides) + 1 - len(cautions)))]
    whole = of_two(sides[0], sides[-1], None if known is None else (known[0], known[-1]), told[0])
    tables = {"series": series(sides), **whole.tables}
    block: dict[str, Any] = {"series": series_block(sides), **whole.block}
    if len(sides) > 2:
        tables["steps"] = steps(sides)
        block["steps"] = tables["steps"].to_dicts()
        each = [
            of_two(a, b, None if known is None else (known[n], known[n + 1]), told[n + 1])
            for n, (a, b) in enumerate(pairwise(sides))
        ]
        block["step_paragraphs"] = [
            {"step": n, "from": a.label, "to": b.label, "paragraph": one.block["paragraph"]}
            for n, ((a, b), one) in enumerate(zip(pairwise(sides), each, strict=True), 1)
        ]
        for name in ("supplier_parts", "change_by_supplier", "change_by_category", "change_by_sector"):
            if known is not None:
                tables[f"step_{name}"] = pl.concat(
                    one.tables[name].insert_column(0, pl.lit(n, dtype=pl.Int64).alias("step"))
                    for n, one in enumerate(each, 1)
                )
    return Explained(block, tables)


def of_two(
    first: Side, last: Side, known: tuple[Spent, Spent] | None, cautions: Sequence[str], payer: str | None = None
) -> Explained:
    """Return the change from one side to another explained: block real, parts, paragraph; and the tables of `why`.

    Args:
        first: the earlier.
        last: the later.
        known: the spend by supplier of both, where both have it.
        cautions: what makes them unlike, each a sentence.
        payer: who paid, where it is not all of the last side's.
    """
    moved = change.change_of_bands(first.pence, last.pence)
    tables: dict[str, pl.DataFrame] = {}
    block: dict[str, Any] = {"real": in_real_terms(first, last), "parts": None}
    if block["real"]["bands"] is not None:
        tables["change_real"] = pl.DataFrame(block["real"]["bands"])
    parts, mixes, largest = None, None, []
    if known is not None:
        found = why(*known)
        tables |= found.tables
        block["parts"] = found.block
        parts = {part: row["amount_pence"] for part, row in found.block["suppliers"]["local"].items()}
        mixes = {
            DIMENSIONS[name]: {k: row["local"][f"{k}_points"] for k in ("mix", "within")}
            for name, row in found.block["mix"].items()
            if row["members"] > 1 and row["local"]["mix_points"] is not None
        }
        largest = biggest(tables["change_by_supplier"])
    block["paragraph"] = paragraph(
        _rows(moved), years=(first.label, last.label), place=last.summary["place"]["name"],
        region=last.summary["place"]["region_name"], payers=payer or payers_in_words(last.summary["institutions"]),
        suppliers=parts, mixes=mixes, biggest=largest,
        real=block["real"] if block["real"]["bands"] is not None and first.summary["years"] != last.summary["years"]
        else None,
        cautions=cautions,
    )  # fmt: skip
    return Explained(block, tables)


def _rows(moved: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["band"]: row for row in moved.iter_rows(named=True)}


def series(sides: Sequence[Side]) -> pl.DataFrame:
    """Return run (1 for the first), period, band, amount_pence, share: every band of each run, and the region's."""
    rows = []
    for number, side in enumerate(sides, 1):
        pence = side.pence
        total = sum(pence.values())
        for band, amount in {**pence, REGION: pence["local"] + pence["regional"]}.items():
            rows.append((number, side.label, band, amount, share(amount, total)))
    schema = {
        "run": pl.Int64, "period": pl.String, "band": pl.String, "amount_pence": pl.Int64, "share": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def series_block(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """Return `series` as compare.json has it: one dict a side with its label, payers, years, bands and shares."""
    return [
        {
            "label": side.label,
            "years": list(side.summary["years"]),
            "institutions": list(side.summary["institutions"]),
            "bands": {
                band: {"amount_pence": side.pence[band], "share": side.summary["bands"][band]["share"]}
                for band in BANDS
            },
            REGION: {name: side.summary[REGION][name] for name in ("amount_pence", "share")},
        }
        for side in sides
    ]


def steps(sides: Sequence[Side]) -> pl.DataFrame:
    """Return step, from_period, to_period and the columns of `change`: the change from each run to the next."""
    parts = [
        change.change_of_bands(a.pence, b.pence).select(
            pl.lit(number).alias("step"), pl.lit(a.label).alias("from_period"), pl.lit(b.label).alias("to_period"),
            pl.all(),
        )
        for number, (a, b) in enumerate(pairwise(sides), 1)
    ]  # fmt: skip
    return pl.concat(parts)


def in_real_terms(first: Side, last: Side) -> dict[str, Any]:
    """Return the change in the prices of the last run's latest year: year, amount_pence, per_cent, bands, why.

    Each band has from_pence and to_pence at those prices, amount_pence, volume_pence, rate_pence, and price_pence,
    the part of the nominal change that is prices alone: price + volume + rate = nominal change. `bands` is None, and
    `why` says why, where a period has no year or a year no deflator.
    """
    nothing = {"year": None, "amount_pence": None, "per_cent": None, "bands": None}
    if not first.summary["years"] or not last.summary["years"]:
        return {**nothing, "why": "a run has no financial year, so its prices are not known"}
    year = max(last.summary["years"], key=start_year)
    try:
        real = [_deflated(side, year) for side in (first, last)]
    except CwbError as error:
        return {**nothing, "why": str(error)}
    if None in real:
        return {**nothing, "why": "some payments have no date, so their prices are not known"}
    before, after = (bands for bands in real if bands is not None)
    nominal, moved = _rows(change.change_of_bands(first.pence, last.pence)), change.change_of_bands(before, after)
    rows = [
        {
            "band": row["band"],
            "from_pence": row["from_pence"],
            "to_pence": row["to_pence"],
            "amount_pence": row["amount_pence"],
            "price_pence": nominal[row["band"]]["amount_pence"] - row["amount_pence"],
            "volume_pence": row["volume_pence"],
            "rate_pence": row["rate_pence"],
        }
        for row in moved.iter_rows(named=True)
    ]
    base, now = sum(before.values()), sum(after.values())
    return {
        "year": year, "amount_pence": now - base, "per_cent": change.per_cent_change(base, now) if base > 0 else None,
        "bands": rows, "why": "",
    }  # fmt: skip


def _deflated(side: Side, year: str) -> dict[str, int] | None:
    """Return the pence of each band at the prices of a year; None where some of the spend has no year."""
    out = dict.fromkeys(BANDS, 0)
    for one in side.summary["by_institution"]:
        if one["financial_year"] is None:
            if any(one["bands"].values()):
                return None
            continue
        worth = factor(one["financial_year"], year)
        for band, pence in one["bands"].items():
            out[band] += round(pence * worth)
    return out
