"""Payers apart: what changed at each of them from period to period, and how payers of one period differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cwb.indicators.change import CHANGE_COLUMNS, change_of_bands
from cwb.indicators.comparability import Check, checks
from cwb.indicators.comparison import DIMENSIONS, in_real_terms, of_two, series, series_block
from cwb.indicators.decomposition import PARTS, mix, supplier_moves, supplier_parts
from cwb.indicators.explain import beside, paragraph
from cwb.indicators.side import Explained, Side
from cwb.indicators.spent import Spent, spent
from cwb.indicators.together import means
from cwb.indicators.why import biggest, named
from cwb.schema import BANDS

_MIXES = {"category": "payer_by_category", "sic_section": "payer_by_sector"}
_PARTS = tuple(f"{part}_pence" for part in PARTS)


def each_payer(sides: Sequence[Side], known: Sequence[Spent] | None) -> Explained:
    """Return the change of every payer from each period to the next, and from the first to the last.

    Args:
        sides: one a period, earliest first.
        known: what `spent` returns for them.

    Returns:
        block: payers, one dict each with institution and paragraph (of the first to the last period; only of payers
        that are in both). tables: changes, with step (0 for the first to the last), from_period, to_period,
        institution, the columns of `change` and, where runs have spend by supplier, the pence of each part; and then
        payer_by_category and payer_by_sector, the columns of `mix` with institution, of the first to the last.
    """
    pairs = [(0, 0, len(sides) - 1), *((n + 1, n, n + 1) for n in range(len(sides) - 1))]
    if len(sides) == 2:
        pairs = pairs[:1]
    parts = []
    told: list[dict[str, Any]] = []
    tables: dict[str, pl.DataFrame] = {}
    for step, a, b in pairs:
        moves = None
        if known is not None:
            moves = supplier_moves(known[a].by_payer, known[b].by_payer, "institution")
        rows = _rows(sides[a], sides[b], moves).select(
            pl.lit(step, dtype=pl.Int64).alias("step"), pl.lit(sides[a].label).alias("from_period"),
            pl.lit(sides[b].label).alias("to_period"), pl.all(),
        )  # fmt: skip
        parts.append(rows)
        if step == 0:
            names = None if known is None or moves is None else named(moves, known[a].who, known[b].who, "institution")
            if known is not None:
                tables = _mixes(known[a], known[b])
            told = _paragraphs(sides[a], sides[b], rows, names, tables)
    return Explained({"payers": told}, {"changes": pl.concat(parts), **tables})


def _mixes(before: Spent, after: Spent) -> dict[str, pl.DataFrame]:
    """Return institution and the columns of `mix` by category and by sector, each payer's within its own spend."""
    tables = {}
    for by, name in _MIXES.items():
        grids = [side.by_payer_and(by).partition_by("institution", as_dict=True) for side in (before, after)]
        both = sorted(key for key in grids[0].keys() & grids[1].keys() if key[0] is not None)
        parts = [
            mix(grids[0][key], grids[1][key], by).insert_column(0, pl.lit(key[0], dtype=pl.String).alias("institution"))
            for key in both
        ]
        if parts:
            tables[name] = pl.concat(parts)
    return tables


def _rows(before: Side, after: Side, moves: pl.DataFrame | None) -> pl.DataFrame:
    """Return institution, the columns of `change` and of its parts by supplier, for payers of either side."""
    sums = [_bands(side) for side in (before, after)]
    grids = [
        change_of_bands(sums[0].get(name, {}), sums[1].get(name, {})).insert_column(
            0, pl.Series("institution", [name] * (len(BANDS) + 1))
        )
        for name in sorted(sums[0].keys() | sums[1].keys())
    ]
    rows = pl.concat(grids) if grids else pl.DataFrame(schema={"institution": pl.String, **CHANGE_COLUMNS})
    if moves is None:
        return rows.with_columns(pl.lit(None, dtype=pl.Int64).alias(name) for name in _PARTS)
    wide = supplier_parts(moves, "institution").pivot("part", index=["institution", "band"], values="amount_pence")
    wide = wide.rename({part: f"{part}_pence" for part in PARTS}).with_columns(pl.col("institution").cast(pl.String))
    return rows.join(wide, on=["institution", "band"], how="left", validate="1:1", maintain_order="left")


def _bands(side: Side) -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for one in side.summary["by_institution"]:
        mine = out.setdefault(one["institution"], dict.fromkeys(BANDS, 0))
        for band, pence in one["bands"].items():
            mine[band] += pence
    return out


def _paragraphs(
    before: Side, after: Side, rows: pl.DataFrame, moves: pl.DataFrame | None, mixes: Mapping[str, pl.DataFrame]
) -> list[dict[str, Any]]:
    """Return institution and paragraph of the payers that both sides hold, where there are several."""
    both = set(before.summary["institutions"]) & set(after.summary["institutions"])
    if len({*before.summary["institutions"], *after.summary["institutions"]}) < 2:
        return []
    said = checks(before.summary, after.summary)
    out = []
    for name in sorted(both):
        sides = [_alone(side, name) for side in (before, after)]
        changes = {row["band"]: row for row in rows.filter(pl.col("institution") == name).iter_rows(named=True)}
        mine = None if moves is None else moves.filter(pl.col("institution").cast(pl.String) == name)
        real = in_real_terms(*sides)
        text = paragraph(
            changes, years=(before.label, after.label), place=after.summary["place"]["name"],
            region=after.summary["place"]["region_name"], payers=name,
            suppliers=None if mine is None else {part: changes["local"][f"{part}_pence"] or 0 for part in PARTS},
            biggest=() if mine is None else biggest(mine), mixes=_shifts(mixes, name),
            real=real if real["bands"] is not None and sides[0].summary["years"] != sides[1].summary["years"] else None,
            cautions=[check.text for check in said if check.institution == name],
        )  # fmt: skip
        out.append({"institution": name, "paragraph": text})
    return out


def _shifts(mixes: Mapping[str, pl.DataFrame], payer: str) -> dict[str, dict[str, float]]:
    """Return the points of a payer's local share by shift between its categories or sectors, and inside them."""
    out = {}
    for by, name in _MIXES.items():
        if name not in mixes:
            continue
        mine = mixes[name].filter((pl.col("institution") == payer) & (pl.col("band") == "local"))
        if mine.height > 1 and not mine["mix_points"].null_count():
            out[DIMENSIONS[by]] = {part: float(mine[f"{part}_points"].sum()) for part in ("mix", "within")}
    return out


def _alone(side: Side, name: str) -> Side:
    mine = [one for one in side.summary["by_institution"] if one["institution"] == name]
    bands = {band: {"amount_pence": sum(one["bands"][band] for one in mine)} for band in BANDS}
    years = [one["financial_year"] for one in mine if one["financial_year"] is not None]
    return Side({**side.summary, "by_institution": mine, "bands": bands, "years": sorted(set(years))})


@dataclass(frozen=True)
class Between:
    """Payers of one period beside each other: in what order, what differs, and what makes them unlike."""

    sides: list[Side]
    explained: Explained
    checks: list[Check]


def between_payers(sides: Sequence[Side], ranked: pl.DataFrame | None, unlike: Sequence[str]) -> Between:
    """Return how the payers of one period differ: the least local share first where they can be ranked, else by name.

    The block and tables are those of `explain` from the first payer to the last, read as a difference and not as a
    change, with `means` (weighted and unweighted) beside.
    """
    named_sides = [replace(side, name=", ".join(side.summary["institutions"])) for side in sides]
    ordered = sorted(named_sides, key=lambda side: side.label)
    if ranked is not None:
        ordered.sort(key=lambda side: side.summary["bands"]["local"]["share"] or 0.0)
    found: Sequence[Spent] | None = spent(ordered)
    why = of_two(ordered[0], ordered[-1], None if found is None else (found[0], found[-1]), [])
    grid = pl.DataFrame(
        [(side.label, band, pence) for side in ordered for band, pence in side.pence.items()],
        schema={"institution": pl.String, "band": pl.String, "amount_pence": pl.Int64}, orient="row",
    )  # fmt: skip
    averages = means(grid)
    rows = {row["band"]: row for row in averages.iter_rows(named=True)}
    text = beside(
        [(side.label, sum(side.pence.values()), side.summary["bands"]["local"]["share"]) for side in ordered],
        period=Side(ordered[0].summary).label, place=ordered[0].summary["place"]["name"], means=rows["local"],
        unlike=unlike, ranked=ranked is not None,
    )  # fmt: skip
    told = [Check("unlike", None, reason) for reason in unlike]
    share = pl.when(pl.col("amount_pence").sum().over("institution") > 0).then(
        pl.col("amount_pence") / pl.col("amount_pence").sum().over("institution")
    )
    years = ", ".join(ordered[0].summary["years"])
    by_institution = grid.with_columns(financial_year=pl.lit(years), share=share)
    tables = {"series": series(ordered), **why.tables, "means": averages, "bands_by_institution": by_institution}
    block = {**why.block, "real": {**why.block["real"], "bands": None, "why": "one period: prices are the same"}}
    tables.pop("change_real", None)
    return Between(
        ordered,
        Explained({**block, "series": series_block(ordered), "means": _means(rows), "paragraph": text}, tables),
        told,
    )


def _means(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {band: {k: v for k, v in row.items() if k != "band"} for band, row in rows.items()}
