"""Two or more runs side by side: the change from the first to the last, why it came, and each step between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from cwb.deflators import factor, start_year
from cwb.errors import CwbError
from cwb.indicators import change
from cwb.indicators.comparability import period
from cwb.indicators.decomposition import mix, supplier_moves, supplier_parts
from cwb.indicators.explain import counted, money, paragraph
from cwb.indicators.leakage import share
from cwb.indicators.payees import cells, same_payees, who
from cwb.indicators.spend import WITHHELD
from cwb.schema import BANDS

REGION = change.REGION
DIMENSIONS = {"category": "the payers' categories", "sic_section": "sectors", "institution": "payers"}
LISTED = 3  # suppliers named in the paragraph


@dataclass(frozen=True)
class Side:
    """One run as it is compared: its summary, and its spend and payees where its folder has them."""

    summary: Mapping[str, Any]
    spend: pl.DataFrame | None = None
    payees: pl.DataFrame | None = None

    @property
    def label(self) -> str:
        """Name the period: its years, with its months where it holds few, or "undated"."""
        return period(self.summary)

    @property
    def pence(self) -> dict[str, int]:
        """Pence of the four bands."""
        return {band: int(self.summary["bands"][band]["amount_pence"]) for band in BANDS}


@dataclass(frozen=True)
class Explained:
    """What the parts of a change are: `block` for compare.json, and the small `tables` behind it."""

    block: dict[str, Any]
    tables: dict[str, pl.DataFrame]


def explain(sides: Sequence[Side], cautions: Sequence[str] = ()) -> Explained:
    """Return the change from the first to the last of two or more runs, explained; and the series between them.

    Args:
        sides: earliest first, of one place.
        cautions: what makes the first and the last unlike, each a sentence.

    Returns:
        block: series, steps, real, parts (by supplier, category, sector, payer; absent where a run has no spend by
        supplier), paragraph. tables: series, steps, change_real, change_by_supplier, supplier_parts,
        change_by_category, change_by_sector, mix_by_institution.
    """
    first, last = sides[0], sides[-1]
    moved = change.change_of_bands(first.pence, last.pence)
    tables: dict[str, pl.DataFrame] = {"series": series(sides)}
    block: dict[str, Any] = {"series": _series_block(sides)}
    if len(sides) > 2:
        tables["steps"] = steps(sides)
        block["steps"] = tables["steps"].to_dicts()
    block["real"] = in_real_terms(first, last)
    if block["real"]["bands"] is not None:
        tables["change_real"] = pl.DataFrame(block["real"]["bands"])
    parts, mixes, biggest = None, None, []
    if all(side.spend is not None and side.payees is not None for side in (first, last)):
        why = _why(first, last)
        tables |= why.tables
        block["parts"] = why.block
        parts = {part: row["amount_pence"] for part, row in why.block["suppliers"]["local"].items()}
        mixes = {
            DIMENSIONS[name]: {k: row["local"][f"{k}_points"] for k in ("mix", "within")}
            for name, row in why.block["mix"].items()
            if row["members"] > 1 and row["local"]["mix_points"] is not None
        }
        biggest = _biggest(tables["change_by_supplier"])
    else:
        block["parts"] = None
    place, region = last.summary["place"]["name"], last.summary["place"]["region_name"]
    block["paragraph"] = paragraph(
        _rows(moved), years=(first.label, last.label), place=place, region=region,
        payers=_payers(last.summary["institutions"]), suppliers=parts, mixes=mixes, biggest=biggest,
        real=block["real"] if block["real"]["bands"] is not None and first.summary["years"] != last.summary["years"]
        else None,
        cautions=cautions,
    )  # fmt: skip
    return Explained(block, tables)


def _rows(moved: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["band"]: row for row in moved.iter_rows(named=True)}


def _payers(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"The {counted(len(names))} institutions"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


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


def _series_block(sides: Sequence[Side]) -> list[dict[str, Any]]:
    return [
        {
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


def _why(first: Side, last: Side) -> Explained:
    """Return who and what is behind the change, from the spend by supplier of both runs."""
    assert first.spend is not None
    assert last.spend is not None
    assert first.payees is not None
    assert last.payees is not None
    known = same_payees([first.payees, last.payees])
    moves = supplier_moves(cells(first.spend, known[0]), cells(last.spend, known[1]))
    told = _told(moves, who(first.spend, known[0]), who(last.spend, known[1]))
    parts = supplier_parts(moves)
    tables = {"supplier_parts": parts, "change_by_supplier": told}
    mixes = {}
    names = {"category": "change_by_category", "sic_section": "change_by_sector", "institution": "mix_by_institution"}
    for by, name in names.items():
        shifted = mix(cells(first.spend, known[0], by), cells(last.spend, known[1], by), by)
        tables[name] = shifted
        mixes[by] = {
            "members": shifted[by].n_unique(),
            **{
                band: shifted.filter(pl.col("band") == band)
                .select(pl.col("mix_pence", "within_pence", "mix_points", "within_points").sum())
                .row(0, named=True)
                for band in BANDS
            },
        }
        if shifted["mix_pence"].null_count():
            for band in BANDS:
                mixes[by][band] = dict.fromkeys(("mix_pence", "within_pence", "mix_points", "within_points"))
    block = {
        "suppliers": {
            band: {
                row["part"]: {"amount_pence": row["amount_pence"], "payees": row["payees"]}
                for row in parts.filter(pl.col("band") == band).iter_rows(named=True)
            }
            for band in BANDS
        },
        "mix": mixes,
        "moved": told.filter(pl.col("event") == "moved").head(50).to_dicts(),
        "reclassified": _reclassified(told),
    }
    return Explained(block, tables)


def _told(moves: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return `supplier_moves` with the names of the payees, what changed about each, and why it moved."""
    joined = moves.join(before, on="payee", how="left", validate="1:1", maintain_order="left").join(
        after, on="payee", how="left", validate="1:1", suffix="_after", maintain_order="left"
    )
    both = pl.col("from_band").is_not_null() & pl.col("to_band").is_not_null()
    why = (
        pl.when(pl.col("event") != "moved").then(pl.lit(None, dtype=pl.String))
        .when(pl.col("payee").is_in(WITHHELD)).then(pl.lit("names withheld: the mix of people paid changed"))
        .when(pl.col("outcome") != pl.col("outcome_after"))
        .then(pl.format("match corrected: {} then {}", "outcome", "outcome_after"))
        .when(pl.col("org_id").fill_null("") != pl.col("org_id_after").fill_null(""))
        .then(pl.lit("match corrected: to another organisation"))
        .when(pl.col("basis") != pl.col("basis_after"))
        .then(pl.format("placed by {} then {}", pl.col("basis").str.replace_all("_", " "),
                        pl.col("basis_after").str.replace_all("_", " ")))
        .when(pl.col("lad_code").fill_null("") != pl.col("lad_code_after").fill_null(""))
        .then(pl.lit("new address"))
        .otherwise(pl.lit("paid through other addresses"))
    )  # fmt: skip
    other = pl.col("category") != pl.col("category_after")
    return joined.select(
        pl.coalesce("supplier_name_after", "supplier_name").alias("supplier_name"),
        pl.coalesce("supplier_type_after", "supplier_type").alias("supplier_type"),
        pl.coalesce("org_id_after", "org_id").alias("org_id"),
        "event", "from_band", "to_band", "from_pence", "to_pence", "amount_pence",
        why.alias("why"),
        pl.col("category").alias("from_category"), pl.col("category_after").alias("to_category"),
        (both & other).fill_null(value=False).alias("is_reclassified"),
    )  # fmt: skip


def _reclassified(told: pl.DataFrame) -> dict[str, int]:
    chosen = told.filter(pl.col("is_reclassified"))
    return {"payees": chosen.height, "to_pence": int(chosen["to_pence"].sum())}


def _biggest(told: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the suppliers behind the largest changes of local spend, with what each did in words."""
    of_local = told.filter(
        (pl.col("from_band") == "local") | (pl.col("to_band") == "local"), ~pl.col("supplier_type").is_in(WITHHELD)
    )
    moved = pl.col("event") == "moved"
    size = pl.when(moved).then(pl.max_horizontal("from_pence", "to_pence")).otherwise(pl.col("amount_pence").abs())
    top = of_local.filter(size > 0).sort(size, "supplier_name", descending=[True, False]).head(LISTED)
    return [{"name": row["supplier_name"], "what": _what(row)} for row in top.iter_rows(named=True)]


def _what(row: Mapping[str, Any]) -> str:
    if row["event"] == "moved":
        where = {"local": "local", "regional": "the rest of the region", "leaked": "outside", "unknown": "not placed"}
        return (
            f"{money(row['to_pence'])}, from {where[row['from_band']]} to {where[row['to_band']]}: {row['why']}"
        )  # fmt: skip
    verbs = {"entered": "new", "left": "no longer paid", "grown": "up", "shrunk": "down"}
    return f"{verbs[row['event']]}, {money(row['amount_pence'])}"
