"""Why a band changed between two periods: what its suppliers did, and where what is bought shifted.

Two ways of telling one change, each exact in pence:
by supplier, entered + left + grown + shrunk + moved in − moved out = change;
by category, sector or payer k, volume + Σ mix_k + Σ within_k = change, where with totals T, T_k, band A_k and
shares s = A ÷ T, s_k = A_k ÷ T_k of the base (0) and the later period (1):
    volume = (T₁ − T₀) s₀ ;  mix_k = (T₁_k − T₀_k T₁ ÷ T₀)(s₀_k − s₀) ;  within_k = T₁_k (s₁_k − s₀_k).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cwb.indicators.change import change_of_bands
from cwb.schema import BANDS

PARTS = ("entered", "left", "grown", "shrunk", "moved_in", "moved_out")
NONE = "Not stated"


def supplier_moves(before: pl.DataFrame, after: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return one row a payee, the largest change first: from_pence, to_pence, amount_pence, from_band, to_band, event.

    `before` and `after` have payee, band, amount_pence, payments, each payee and band once, or once for each of the
    columns `by`, which then come first in the answer. A payee in one only has
    entered or left. One that is in both has moved when the band of most of its money differs, else it has grown,
    shrunk, or stayed the same. Pence of each band are in columns local_from, local_to and so on.
    """
    keys = (*by, "payee")
    sides = [_wide(before, "from", keys), _wide(after, "to", keys)]
    both = sides[0].join(sides[1], on=keys, how="full", coalesce=True, validate="1:1", nulls_equal=True)
    money = [f"{band}_{side}" for band in BANDS for side in ("from", "to")]
    both = both.with_columns(pl.col(money).fill_null(0))
    change = pl.col("to_pence") - pl.col("from_pence")
    event = (
        pl.when(pl.col("from_band").is_null()).then(pl.lit("entered"))
        .when(pl.col("to_band").is_null()).then(pl.lit("left"))
        .when(pl.col("from_band") != pl.col("to_band")).then(pl.lit("moved"))
        .when(change > 0).then(pl.lit("grown")).when(change < 0).then(pl.lit("shrunk"))
        .otherwise(pl.lit("same"))
    )  # fmt: skip
    return both.with_columns(
        from_pence=pl.sum_horizontal(f"{band}_from" for band in BANDS),
        to_pence=pl.sum_horizontal(f"{band}_to" for band in BANDS),
    ).select(
        *keys, "from_pence", "to_pence", change.alias("amount_pence"), "from_band", "to_band",
        event.alias("event"), *money,
    ).sort(*by, pl.col("amount_pence").abs(), "payee", descending=[*(False for _ in by), True, False])  # fmt: skip


def _wide(cells: pl.DataFrame, side: str, keys: Sequence[str]) -> pl.DataFrame:
    """Return one row a payee with the pence of each band and the band of most of its money."""
    in_band = {band: pl.col("band") == band for band in BANDS}
    sums = cells.lazy().group_by(keys).agg(
        *(pl.when(is_it).then("amount_pence").otherwise(0).sum().alias(f"{b}_{side}") for b, is_it in in_band.items()),
        *(is_it.any().alias(f"_{band}") for band, is_it in in_band.items()),
    )  # fmt: skip
    most = pl.max_horizontal(pl.col(f"{band}_{side}").abs() for band in BANDS)
    # Ties go to the first band in order, so that the answer is the same in each run.
    main = pl.coalesce(
        pl.when(pl.col(f"_{band}") & (pl.col(f"{band}_{side}").abs() == most)).then(pl.lit(band)) for band in BANDS
    )
    told = sums.with_columns(main.alias(f"{side}_band"))
    return told.drop(f"_{band}" for band in BANDS).collect()


def supplier_parts(moves: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return `by`, band, part, payees, amount_pence: every band and part of `PARTS`, which sum to the band's change.

    A payee that has moved takes what it was paid before from the one band to the other; the rest of its change is
    growth or shrinking in the band where it shows.
    """
    was = pl.coalesce(pl.when(pl.col("from_band") == band).then(pl.col(f"{band}_from")) for band in BANDS)
    event = pl.col("event")
    stayed = ~event.is_in(["entered", "left"])
    values: dict[str, pl.Expr] = {}
    for band in BANDS:
        change = pl.col(f"{band}_to") - pl.col(f"{band}_from")
        into, out = (
            pl.when(event == "moved", pl.col(f"{side}_band") == band).then(was).otherwise(0) for side in ("to", "from")
        )
        rest = change - into + out
        parts = {
            "entered": pl.when(event == "entered").then(change),
            "left": pl.when(event == "left").then(change),
            "grown": pl.when(stayed & (rest > 0)).then(rest),
            "shrunk": pl.when(stayed & (rest < 0)).then(rest),
            "moved_in": into,
            "moved_out": -out,
        }
        values |= {f"{band}/{part}": parts[part].fill_null(0) for part in PARTS}
    told = moves.lazy().select(*by, **values)
    # What is nothing in a band is no event there: a local supplier that leaves did not leave the other three.
    counted = told.with_columns((pl.col(name) != 0).cast(pl.Int64).alias(f"{name}/payees") for name in values)
    sums = counted.group_by(by, maintain_order=True).agg(pl.all().sum()) if by else counted.sum()
    found = sums.collect()
    rows = [
        (*(one[name] for name in by), band, part, one[f"{band}/{part}/payees"], one[f"{band}/{part}"])
        for one in found.iter_rows(named=True)
        for band in BANDS
        for part in PARTS
    ]
    schema: dict[str, pl.DataType] = {
        **{name: moves.schema[name] for name in by}, "band": pl.String(), "part": pl.String(), "payees": pl.Int64(),
        "amount_pence": pl.Int64(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def mix(before: pl.DataFrame, after: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return `by`, band, from_pence, to_pence, mix_pence, within_pence, mix_points, within_points, biggest £ first.

    `before` and `after` have `by`, band and amount_pence. For each band Σ mix + Σ within is its rate part to the
    penny, and in points Σ is the change of its share. Mix is money that shifted between members with more or less
    of the band; within is the band's share changing inside a member. A member without spend before is taken to have
    had the base share of all. Parts are null where either total is not above zero.
    """
    grid = _grid(before, after, by)
    pence = change_of_bands(_by_band(grid, "from_pence"), _by_band(grid, "to_pence"))
    rates = dict(pence.filter(pl.col("band").is_in(BANDS)).select("band", "rate_pence").iter_rows())
    total_from, total_to = int(grid["from_pence"].sum()), int(grid["to_pence"].sum())
    if total_from <= 0 or total_to <= 0:
        nulls = {"mix_pence": pl.Int64, "within_pence": pl.Int64, "mix_points": pl.Float64, "within_points": pl.Float64}
        return grid.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in nulls.items())
    member_from, member_to = (pl.col(c).sum().over(by) for c in ("from_pence", "to_pence"))
    share = pl.col("from_pence").sum().over("band") / total_from
    member_share = pl.when(member_from > 0).then(pl.col("from_pence") / member_from).otherwise(share)
    exact = grid.with_columns(
        mix_pence=(member_to - member_from * (total_to / total_from)) * (member_share - share),
        # The last term is zero but for a member whose credits outweighed its payments before: it has no share then.
        within_pence=pl.col("to_pence")
        - member_to * member_share
        + (member_from * member_share - pl.col("from_pence")) * (total_to / total_from),
    ).with_columns((100 * pl.col(f"{part}_pence") / total_to).alias(f"{part}_points") for part in ("mix", "within"))
    parts = []
    for band in BANDS:
        one = exact.filter(pl.col("band") == band)
        mixed, shifted = _whole(one["mix_pence"], one["within_pence"], rates[band])
        parts.append(one.with_columns(mix_pence=mixed, within_pence=shifted))
    size = pl.max_horizontal(pl.col("from_pence").abs(), pl.col("to_pence").abs()).sum().over(by)
    order = pl.col("band").replace_strict(BANDS, range(len(BANDS)), return_dtype=pl.Int8)
    return pl.concat(parts).sort(size, by, order, descending=[True, False, False], nulls_last=True)


def _grid(before: pl.DataFrame, after: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return every member and band with from_pence and to_pence, zero where there is none."""
    sums = [
        side.with_columns(pl.col(by).cast(pl.String).fill_null(NONE))
        .group_by(by, "band").agg(pl.col("amount_pence").sum().alias(name))
        for side, name in ((before, "from_pence"), (after, "to_pence"))
    ]  # fmt: skip
    members = pl.concat([s.select(by) for s in sums]).unique()
    grid = members.join(pl.DataFrame({"band": BANDS}), how="cross")
    for one in sums:
        grid = grid.join(one, on=[by, "band"], how="left", validate="1:1")
    return grid.with_columns(pl.col("from_pence", "to_pence").fill_null(0)).sort(by, "band")


def _by_band(grid: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(grid.group_by("band").agg(pl.col(column).sum()).iter_rows())


def _whole(mixed: pl.Series, within: pl.Series, total: int | None) -> tuple[pl.Series, pl.Series]:
    """Round parts to whole pence that sum to `total`: the largest remainders take the pennies left over."""
    every = pl.concat([mixed, within]).rename("part")
    floors = every.floor()
    left = int(total or 0) - int(floors.cast(pl.Int64).sum())
    order = (every - floors).arg_sort(descending=True)
    # Rounding in floating point can leave more pennies than parts; each then takes its turn again.
    base, extra = divmod(left, every.len())
    bump = pl.Series([base] * every.len(), dtype=pl.Int64)
    bump = bump.scatter(order[:extra], pl.Series([base + 1] * extra, dtype=pl.Int64)) if extra else bump
    pence = floors.cast(pl.Int64) + bump
    return pence[: mixed.len()].rename("mix_pence"), pence[mixed.len() :].rename("within_pence")
