"""Several anchors' ledgers as one: what they pay each other is netted off, and common suppliers are joined.

Money that A pays B is in A's ledger, and again in B's when B spends it. Pooled, only what leaves the group counts:
    net = Σ payments − Σ payments between members.
By original payer, each £ that leaves the group belongs to whoever first put it in. With O_j what member j pays out,
T_ij what i pays j, R_j = Σ_i T_ij and m_j = max(O_j, R_j), the shares X of j's money by original payer solve
    X_j = (O_j − R_j)⁺ ÷ m_j · e_j + Σ_i T_ij ÷ m_j · X_i.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from cwb import lookups
from cwb.indicators.comparability import Check
from cwb.indicators.explain import money, per_cent
from cwb.indicators.payees import same_payees, supplier_ids
from cwb.indicators.shares import in_one_order, share
from cwb.indicators.side import Explained, Side
from cwb.indicators.spend import WITHHELD, name_keys
from cwb.schema import BANDS


@dataclass(frozen=True)
class Pool:
    """All spend of a group: one row a payer, year, payee and band; `member` is the payer that a payee itself is.

    `supplier_ids` are the payee's in the rows, with spaces between.
    """

    rows: pl.DataFrame

    @property
    def members(self) -> list[str]:
        """Return the payers, in order."""
        return sorted({*self.rows["institution"], *self.rows["member"].drop_nulls()})

    @property
    def outside(self) -> pl.DataFrame:
        """Return the rows paid to others than members; a member's payments to itself are no purchase either."""
        return self.rows.filter(pl.col("member").is_null())

    @property
    def inside(self) -> pl.DataFrame:
        """Return the rows paid by one member to another."""
        return self.rows.filter(pl.col("member").is_not_null())


def pool(sides: Sequence[Side]) -> Pool:
    """Return the spend of one or more runs as that of one group.

    A run without spend by supplier adds its bands alone, all of it as paid outside the group: its suppliers are not
    known, but what the others pay it is.
    """
    kept = [(side.spend, side.payees) for side in sides if side.spend is not None and side.payees is not None]
    known = same_payees([payees for _, payees in kept])
    columns = ["supplier_id", "payee", "band", "supplier_name", "supplier_type", "org_id", "name_key", "matched_key"]
    parts = [
        spend.join(payees.select(columns), on="supplier_id", how="inner", validate="m:1")
        for (spend, _), payees in zip(kept, known, strict=True)
    ]
    shared = [side.summary for side in sides if side.spend is None]
    every = pl.concat([*parts, *(_sums_alone(summary, parts[0].schema) for summary in shared)])
    every = every.filter(pl.col("band").is_in(BANDS))
    members = _member_keys(sorted(every["institution"].unique().to_list()))
    member = pl.coalesce(pl.col(name).replace_strict(members, default=None) for name in ("matched_key", "name_key"))
    by = ["institution", "financial_year", "payee", "band", "member"]
    rows = (
        every.with_columns(
            member=member.cast(pl.String),
            # Payees whose names are withheld are very many.
            supplier_id=pl.when(~pl.col("supplier_type").is_in(WITHHELD)).then("supplier_id"),
        )
        .sort(pl.col("amount_pence").abs(), descending=True)
        .group_by(by, maintain_order=True)
        .agg(pl.col("amount_pence", "payments").sum(), pl.col("supplier_name", "supplier_type", "org_id").first(),
             supplier_ids())
    )  # fmt: skip
    return Pool(rows)


def _sums_alone(summary: Mapping[str, Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return the bands of a run that shared no more as rows like those of the others."""
    rows = [
        {
            "institution": one["institution"], "financial_year": one["financial_year"], "band": band,
            "payee": f"sums of {one['institution']}", "supplier_name": "", "supplier_type": "unknown",
            "amount_pence": pence, "payments": 0,
        }
        for one in summary["by_institution"]
        for band, pence in one["bands"].items()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def _member_keys(institutions: list[str]) -> dict[str, str]:
    """Return keys of the names each payer goes by, its own and those it is listed under as a public body."""
    listed = lookups.table("public_bodies").select("name", also=pl.col("also").str.split("|"))
    names = [(name, name) for name in institutions]
    keys = dict(zip(name_keys(pl.Series(institutions, dtype=pl.String))[0].to_list(), institutions, strict=True))
    full = name_keys(listed["name"])[0].to_list()
    for key, name, also in zip(full, listed["name"].to_list(), listed["also"].to_list(), strict=True):
        others = [name, *(other for other in also if other)]
        owner = keys.get(key) or next((who for who, own in names if own in others), None)
        if owner:
            names += [(owner, other) for other in others]
    printed = name_keys(pl.Series([name for _, name in names], dtype=pl.String))[0].to_list()
    return {key: owner for key, (owner, _) in reversed(list(zip(printed, names, strict=True))) if key}


def transfers(group: Pool) -> pl.DataFrame:
    """Return payments between members: payer, paid, financial_year, band, amount_pence, payments, who depends, and ids.

    share_of_payer is of all that the payer pays; share_of_paid is what it comes to of all that the paid member itself
    pays out, null where its ledger is not here: how much of its spending hangs on the payer.
    """
    total = group.rows.group_by("institution").agg(_all=pl.col("amount_pence").sum())
    own = total.select(member="institution", _own="_all")
    sums = group.inside.group_by("institution", "member", "financial_year", "band").agg(
        pl.col("amount_pence", "payments").sum(), pl.col("supplier_ids").str.join(" ")
    )
    part, hangs = (
        pl.when(pl.col(whole) > 0).then(pl.col("amount_pence") / pl.col(whole)) for whole in ("_all", "_own")
    )
    return (
        sums.join(total, on="institution", how="left", validate="m:1")
        .join(own, on="member", how="left", validate="m:1")
        .select(
            payer="institution", paid="member", financial_year="financial_year", band="band",
            amount_pence="amount_pence", payments="payments", share_of_payer=part, share_of_paid=hangs,
            supplier_ids="supplier_ids",
        )
        .sort("amount_pence", "payer", "paid", "financial_year", descending=[True, False, False, False])
    )  # fmt: skip


def net(group: Pool) -> pl.DataFrame:
    """Return band, gross_pence, transfers_pence, net_pence, gross_share, net_share, why (where net is below zero)."""
    grid = pl.DataFrame({"band": BANDS})
    for name, rows in (("gross", group.rows), ("transfers", group.inside), ("net", group.outside)):
        sums = rows.group_by("band").agg(pl.col("amount_pence").sum().alias(f"{name}_pence"))
        grid = grid.join(sums, on="band", how="left", validate="1:1", maintain_order="left")
    grid = grid.with_columns(pl.col("gross_pence", "transfers_pence", "net_pence").fill_null(0))
    shares = [
        pl.when(pl.col(f"{name}_pence").sum() > 0)
        .then(pl.col(f"{name}_pence") / pl.col(f"{name}_pence").sum())
        .alias(f"{name}_share")
        for name in ("gross", "net")
    ]
    why = pl.when(pl.col("net_pence") < 0).then(pl.lit("credits from suppliers outside the group outweigh payments"))
    return grid.with_columns(*shares, why=why)


def by_original_payer(group: Pool) -> pl.DataFrame:
    """Return institution, band, paid_pence (outside the group, from its own ledger), original_pence.

    `original_pence` is what left the group that the institution first put in; both sum, band by band, to net.
    """
    members = group.members
    place = {name: i for i, name in enumerate(members)}
    flows = np.zeros((len(members), len(members)))
    for payer, paid, pence in (
        group.inside.group_by("institution", "member").agg(pl.col("amount_pence").sum()).iter_rows()
    ):
        if payer != paid:
            flows[place[payer], place[paid]] = max(pence, 0)
    spent = np.zeros((len(members), len(BANDS)), dtype=np.int64)
    for payer, band, pence in (
        group.outside.group_by("institution", "band").agg(pl.col("amount_pence").sum()).iter_rows()
    ):
        spent[place[payer], BANDS.index(band)] = pence
    origin = _origins(flows, spent.sum(axis=1))
    original = np.zeros_like(spent)
    for j in range(len(members)):
        for b in range(len(BANDS)):
            original[:, b] += _apportion(int(spent[j, b]), origin[j])
    rows = [
        (name, band, int(spent[i, b]), int(original[i, b]))
        for i, name in enumerate(members)
        for b, band in enumerate(BANDS)
    ]
    schema = {"institution": pl.String, "band": pl.String, "paid_pence": pl.Int64, "original_pence": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _origins(flows: Any, spent: Any) -> Any:
    """Return X of the module's equation: row j the shares of member j's money by who first put it in.

    Members that only hand each other's money round, so that none put it in first, keep their own.
    """
    received = flows.sum(axis=0)
    paid_out = np.maximum(spent + flows.sum(axis=1), 0)
    most = np.maximum(np.maximum(paid_out, received), 1)
    own = np.maximum(paid_out - received, 0) / most
    first = own > 0
    for _ in range(len(own)):  # money comes from a member with some of its own, over so many hands at most
        first |= (flows[first] > 0).any(axis=0)
    known = np.flatnonzero(first)
    others = np.flatnonzero(~first)
    passed = (flows / most[None, :]).T  # row j: what part of j's money came from whom
    shares = np.eye(len(own))
    put_in = np.diag(own)[known]
    put_in[:, others] += passed[np.ix_(known, others)]
    left = np.eye(len(known)) - passed[np.ix_(known, known)]
    shares[known] = np.maximum(np.linalg.solve(left, put_in), 0)
    return shares / shares.sum(axis=1, keepdims=True)


def _apportion(pence: int, shares: Any) -> Any:
    """Split whole pence by shares that sum to 1: the largest remainders take the pennies left over."""
    exact = pence * shares
    floors = np.floor(exact).astype(np.int64)
    left = pence - int(floors.sum())
    order = np.argsort(-(exact - floors), kind="stable")
    for i in range(abs(left)):
        floors[order[i % len(order)]] += 1 if left > 0 else -1
    return floors


def common_suppliers(group: Pool) -> pl.DataFrame:
    """Return suppliers that two or more members pay, joined across ledgers; most payers first, then £.

    Columns: supplier_name, supplier_type, org_id, payers, paid_by, bands, amount_pence, payments, supplier_ids.
    """
    rows = group.outside.filter(~pl.col("supplier_type").is_in(WITHHELD))
    return (
        rows.sort("institution", "band")
        .group_by("payee", maintain_order=True)
        .agg(
            pl.col("supplier_name", "supplier_type").first(),
            pl.col("org_id").drop_nulls().first(),
            payers=pl.col("institution").n_unique().cast(pl.Int64),
            paid_by=pl.col("institution").unique(maintain_order=True).str.join("; "),
            bands=pl.col("band").unique(maintain_order=True).str.join("; "),
            amount_pence=pl.col("amount_pence").sum(),
            payments=pl.col("payments").sum(),
            supplier_ids=pl.col("supplier_ids").str.split(" ").explode().unique().sort().str.join(" "),
        )
        .filter(pl.col("payers") > 1)
        .sort("payers", "amount_pence", "supplier_name", descending=[True, True, False])
        .drop("payee")
    )


def means(by_institution: pl.DataFrame) -> pl.DataFrame:
    """Return band, institutions, weighted_share, unweighted_share: two means of several payers that often differ.

    Weighted is £ in the band over all £, so the largest payer says most; unweighted is the mean of the payers' own
    shares. `by_institution` has institution, band, amount_pence (every band of each); a payer whose £ do not sum to
    more than zero has no share and is in the weighted mean only.
    """
    grid = by_institution.group_by("institution", "band").agg(pl.col("amount_pence").sum())
    total = pl.col("amount_pence").sum().over("institution")
    own = grid.with_columns(share=pl.when(total > 0).then(pl.col("amount_pence") / total))
    whole = int(grid["amount_pence"].sum())
    sums = own.group_by("band").agg(
        institutions=pl.col("share").count().cast(pl.Int64),
        weighted_share=pl.col("amount_pence").sum() / whole if whole > 0 else pl.lit(None, dtype=pl.Float64),
        unweighted_share=in_one_order(pl.col("share")) / pl.col("share").count(),
    )
    return pl.DataFrame({"band": BANDS}).join(sums, on="band", how="inner", validate="1:1", maintain_order="left")


def together(sides: Sequence[Side]) -> Explained:
    """Return the pooled analysis of runs that hold two payers or more: see the functions of this module.

    Returns:
        block: members, means, gross_pence, transfers_pence, net_pence, bands (gross, transfers and net of each),
        common (suppliers paid by two or more). tables: transfers, net, by_original_payer, common_suppliers, means.
    """
    group = pool(sides)
    netted, common = net(group), common_suppliers(group)
    grid = pl.DataFrame(
        [
            (one["institution"], band, pence)
            for side in sides
            for one in side.summary["by_institution"]
            for band, pence in one["bands"].items()
        ],
        schema={"institution": pl.String, "band": pl.String, "amount_pence": pl.Int64}, orient="row",
    )  # fmt: skip
    averages = means(grid)
    block = {
        "members": group.members,
        "means": {row.pop("band"): row for row in averages.to_dicts()},
        **{f"{name}_pence": int(netted[f"{name}_pence"].sum()) for name in ("gross", "transfers", "net")},
        "bands": {row.pop("band"): row for row in netted.to_dicts()},
        "common": {
            "suppliers": common.height,
            "share": share(int(common["amount_pence"].sum()), int(netted["net_pence"].sum())),
        },
    }
    tables = {
        "transfers": transfers(group),
        "net": netted,
        "by_original_payer": by_original_payer(group),
        "common_suppliers": common,
        "means": averages,
    }
    return Explained(block, tables)


def doubled(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Check]:
    """Return what money counted twice between payers does to a comparison of two runs, from their summaries."""
    sides = [
        summary.get("together") or {"transfers_pence": 0, "gross_pence": 0, "bands": {}} for summary in (before, after)
    ]
    parts = [share(side["transfers_pence"], side["gross_pence"]) or 0.0 for side in sides]
    if abs(parts[1] - parts[0]) < lookups.number("indicators.transfer_share"):
        return []
    local = [side["bands"]["local"]["net_share"] if side["bands"] else None for side in sides]
    told = [s["bands"]["local"]["share"] if one is None else one for one, s in zip(local, (before, after), strict=True)]
    text = (
        f"The payers paid each other {money(sides[0]['transfers_pence'])} in the earlier run and "
        f"{money(sides[1]['transfers_pence'])} in the later: that money is in two ledgers and counted twice."
    )
    if None not in told:
        text += f" Netted off, the local share goes from {per_cent(told[0])} to {per_cent(told[1])}."
    return [Check("transfers", None, text)]
