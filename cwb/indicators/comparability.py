"""Are two runs alike enough to compare: what was published, for which months, net or gross, and placed how.

A profile of each ledger is kept in its run; checks read two summaries and say in words what differs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from cwb import lookups
from cwb.errors import RunError
from cwb.indicators.shares import share
from cwb.schema import BANDS

HALF_YEAR = 6
MONTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)
_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One thing that makes two runs unlike: `kind` for machines, `institution` where it is one's, `text` for people."""

    kind: str
    institution: str | None
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return asdict(self)


def profile(banded: pl.DataFrame, headings: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return for each payer and year what its ledger is: one JSON-able dict each, in order.

    Args:
        banded: schema.BANDED.
        headings: file to the heading of its amount column.

    Returns:
        institution, financial_year, payments, amount_pence, months (number 1 to 12 to its payments), undated,
        threshold ("£500", "none", or None where too few payments tell), smallest_pence, vat_stated ("net", "gross",
        None), vat_looks ("net", "gross", None, from round amounts), files.
    """
    amount, month = pl.col("amount_pence"), pl.col("payment_date").dt.month()
    hundred, gross = 100_00, round(100_00 * (1 + lookups.number("indicators.standard_vat")))
    limits = lookups.table("indicators/publication_thresholds").sort("threshold_gbp", descending=True)
    found = (
        banded.lazy()
        .filter(pl.col("band").is_in(BANDS))
        .group_by("institution", "financial_year")
        .agg(
            payments=pl.len(),
            amount_pence=amount.sum(),
            undated=pl.col("payment_date").null_count(),
            spending=(amount > 0).sum(),
            smallest=amount.filter(amount > 0).min(),
            net_round=((amount % hundred == 0) & (amount % gross != 0)).sum(),
            gross_round=((amount % gross == 0) & (amount % hundred != 0)).sum(),
            files=pl.col("file").unique(),
            **{f"month_{m}": (month == m).sum() for m in MONTHS},
            **{f"under_{g}": ((amount > 0) & (amount < g * 100)).sum() for g in limits["threshold_gbp"]},
        )
        .sort("institution", "financial_year", nulls_last=True)
        .collect()
    )
    return [_profile(row, limits, headings) for row in found.iter_rows(named=True)]


def _profile(row: Mapping[str, Any], limits: pl.DataFrame, headings: Mapping[str, str]) -> dict[str, Any]:
    stated = {vat_of(headings.get(file, "")) for file in row["files"]} - {None}
    return {
        "institution": row["institution"],
        "financial_year": row["financial_year"],
        "payments": row["payments"],
        "amount_pence": row["amount_pence"],
        "months": {str(m): row[f"month_{m}"] for m in MONTHS if row[f"month_{m}"]},
        "undated": row["undated"],
        "threshold": _threshold(row, limits),
        "smallest_pence": row["smallest"],
        "vat_stated": stated.pop() if len(stated) == 1 else None,
        "vat_looks": _looks(row["net_round"], row["gross_round"]),
        "files": len(row["files"]),
    }


def vat_of(heading: str) -> str | None:
    """Return "net" or "gross" where the heading of an amount says so, else None."""
    words = " " + re.sub(r"[^a-z0-9]+", " ", heading.casefold().replace(".", "")) + " "
    for wording, vat in lookups.table("indicators/vat_words").iter_rows():
        if f" {wording} " in words:
            return str(vat)
    return None


def _threshold(row: Mapping[str, Any], limits: pl.DataFrame) -> str | None:
    if row["spending"] < lookups.number("indicators.threshold_payments"):
        return None
    most = lookups.number("indicators.below_threshold") * row["spending"]
    for gbp, label in limits.select("threshold_gbp", "label").iter_rows():
        if row[f"under_{gbp}"] <= most:
            return str(label)
    return "none"


def _looks(net_round: int, gross_round: int) -> str | None:
    if net_round + gross_round < lookups.number("indicators.round_amounts"):
        return None
    if gross_round > 2 * net_round:
        return "gross"
    return "net" if net_round > 2 * gross_round else None


def checks(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Check]:
    """Return what makes two runs unlike, from their summaries; an empty list where nothing does."""
    out = [*_method(before, after), *_coverage(before, after)]
    old, new = (_by_payer(side) for side in (before, after))
    for payer in sorted(old.keys() & new.keys()):
        out += _payer(payer, old[payer], new[payer])
    return out


def _method(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Check]:
    out = []
    if before["basis"] != after["basis"]:
        text = f"What counts as a supplier's place differs: {before['basis']}, then {after['basis']}."
        out.append(Check("basis", None, text))
    tops = [side.get("top_n") for side in (before, after)]
    if tops[0] != tops[1]:
        words = [f"the top {n} suppliers" if n else "all suppliers" for n in tops]
        out.append(Check("top_n", None, f"One holds {words[0]}, the other {words[1]}."))
    gone = sorted(set(before["institutions"]) - set(after["institutions"]))
    new = sorted(set(after["institutions"]) - set(before["institutions"]))
    if gone:
        out.append(Check("institutions", None, f"Only in the earlier run: {', '.join(gone)}."))
    if new:
        out.append(Check("institutions", None, f"Only in the later run: {', '.join(new)}."))
    shared = sorted(set(before["years"]) & set(after["years"]))
    if shared and not _different_months(before, after):
        out.append(Check("years", None, f"Both runs hold payments of {', '.join(shared)}."))
    for what in ("postcodes", "version"):
        one, other = (side["provenance"][what] for side in (before, after))
        if one != other:
            out.append(Check(what, None, f"Made with different {what}: {one}, then {other}."))
    if _register(before) != _register(after):
        out.append(Check("register", None, "Matched to different registers."))
    return out


def _different_months(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether two runs of one year hold different months of it, which is then said payer by payer."""
    old, new = (_by_payer(side) for side in (before, after))
    return any(not (old[p]["months"].keys() & new[p]["months"].keys()) for p in old.keys() & new.keys())


def _register(summary: Mapping[str, Any]) -> Any:
    register = summary["provenance"]["register"]
    return register and register["sources"]


def _coverage(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Check]:
    old, new = (side["coverage"]["by_amount"] for side in (before, after))
    if old is None or new is None or abs(new - old) * 100 < lookups.number("indicators.coverage_points"):
        return []
    text = (
        f"A place was found for {old:.1%} of the money, then for {new:.1%}: "
        "part of the change may be what could be placed."
    )
    return [Check("coverage", None, text)]


def _by_payer(summary: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return one profile a payer, the sums of its years; none where the run was made without profiles."""
    out: dict[str, dict[str, Any]] = {}
    for one in summary.get("profile", ()):
        mine = out.setdefault(
            one["institution"], {"payments": 0, "months": {}, "thresholds": set(), "vat": set(), "looks": set()}
        )
        mine["payments"] += one["payments"]
        for month, count in one["months"].items():
            mine["months"][month] = mine["months"].get(month, 0) + count
        for name, key in (("thresholds", "threshold"), ("vat", "vat_stated"), ("looks", "vat_looks")):
            if one[key] is not None:
                mine[name].add(one[key])
    return out


def _payer(payer: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Check]:
    out = []
    if old["thresholds"] and new["thresholds"] and old["thresholds"] != new["thresholds"]:
        texts = [" and ".join(sorted(side["thresholds"])) for side in (old, new)]
        words = ["every payment" if t == "none" else f"payments over {t}" for t in texts]
        out.append(Check("threshold", payer, f"{payer} printed {words[0]}, then {words[1]}."))
    out += _vat(payer, old, new)
    missing = _missing(old["months"], new["months"])
    out += [Check("months", payer, f"{payer}: {text}.") for text in missing]
    drop = lookups.number("indicators.volume_drop")
    if not missing and min(old["payments"], new["payments"]) < drop * max(old["payments"], new["payments"]):
        times = new["payments"] / old["payments"]
        how = "halved or worse" if times < 1 else "nearly doubled or more"
        text = f"{payer}: the number of payments {how}, from {old['payments']:,} to {new['payments']:,}."
        out.append(Check("volume", payer, text))
    for side, when in ((old, "earlier"), (new, "later")):
        thin = _thin(side["months"], drop)
        if thin:
            text = f"{payer}: {_listed(thin)} of the {when} run has under {drop:.0%} of a usual month's payments."
            out.append(Check("thin_month", payer, text))
    return out


def _vat(payer: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Check]:
    for key, said in (("vat", "are headed"), ("looks", "look by their round sums")):
        one, other = old[key], new[key]
        if len(one) == 1 and len(other) == 1 and one != other:
            words = [f"{next(iter(side))} of VAT" for side in (one, other)]
            text = f"{payer}: amounts {said} {words[0]} in the earlier run and {words[1]} in the later."
            return [Check("vat", payer, text)]
    return []


def _missing(old: Mapping[str, int], new: Mapping[str, int]) -> list[str]:
    """Return in words which months are in one side only; both must hold dates at all."""
    if not old or not new or old.keys() == new.keys():
        return []
    if not old.keys() & new.keys():
        return [f"the runs hold different months: {_listed(old)}, then {_listed(new)}"]
    out = []
    for side, other, when in ((old, new, "earlier"), (new, old, "later")):
        gone = [m for m in other if m not in side]
        if gone:
            out.append(f"no payments in {_listed(gone)} of the {when} run")
    return out


def _thin(months: Mapping[str, int], drop: float) -> list[str]:
    counts = sorted(months.values())
    usual = counts[len(counts) // 2] if counts else 0
    # In a run of a quarter or so, the first and last months are cut by when payments fall due.
    if len(counts) < HALF_YEAR or usual < lookups.number("indicators.month_payments"):
        return []
    return [month for month, count in months.items() if count < drop * usual]


def period(summary: Mapping[str, Any]) -> str:
    """Return what a run's period is called: its years, with the months where it does not hold most of a year."""
    years = ", ".join(summary["years"])
    months = {m for one in summary.get("profile", ()) for m in one["months"]}
    partial = len(summary["years"]) == 1 and 0 < len(months) < HALF_YEAR + 1
    return f"{_listed(sorted(months))} of {years}" if partial else years or "undated"


def _listed(months: Sequence[str] | Mapping[str, int]) -> str:
    ordered = [m for m in MONTHS if str(m) in months]
    names = [_NAMES[m - 1] for m in ordered]
    if not names:
        return ""
    if len(names) > 2 and [MONTHS.index(m) for m in ordered] == list(
        range(MONTHS.index(ordered[0]), MONTHS.index(ordered[-1]) + 1)
    ):
        return f"{names[0]} to {names[-1]}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def ranking(summaries: Sequence[Mapping[str, Any]], *, unlike: bool = False) -> pl.DataFrame:
    """Return rank, institution, financial_year, local_share, amount_pence: the payers of some runs by local share.

    Args:
        summaries: of one or more runs.
        unlike: rank even where methods differ.

    Raises:
        RunError: the ledgers are not alike; it says in what.
    """
    reasons = unlikeness(summaries)
    if reasons and not unlike:
        raise RunError(
            f"not ranked, since the ledgers are unlike: {' '.join(reasons)} Rank them all the same if told to"
        )
    rows = [
        (
            one["institution"], one["financial_year"], sum(one["bands"].values()),
            share(one["bands"]["local"], sum(one["bands"].values())),
        )
        for summary in summaries
        for one in summary["by_institution"]
    ]  # fmt: skip
    schema = {
        "institution": pl.String, "financial_year": pl.String, "amount_pence": pl.Int64, "local_share": pl.Float64,
    }  # fmt: skip
    ranked = pl.DataFrame(rows, schema=schema, orient="row").sort(
        "local_share", "institution", "financial_year", descending=[True, False, False], nulls_last=True
    )
    place = pl.col("local_share").rank("min", descending=True).cast(pl.Int64)
    return ranked.select(place.alias("rank"), "institution", "financial_year", "local_share", "amount_pence")


def unlikeness(summaries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return in sentences in what the ledgers of some runs differ that a ranking would hide."""
    out = []
    for key, label in (("basis", "what counts as a place"), ("top_n", "the number of suppliers held")):
        values = sorted({str(s.get(key)) for s in summaries})
        if len(values) > 1:
            out.append(f"They differ in {label}: {', '.join(values)}.")
    profiles = [one for s in summaries for one in s.get("profile", ())]
    for key, label in (("threshold", "threshold"), ("vat_stated", "VAT basis stated"), ("vat_looks", "VAT basis")):
        kinds: dict[str, set[str]] = {}
        for one in profiles:
            if one[key] is not None:
                kinds.setdefault(one[key], set()).add(one["institution"])
        if len(kinds) > 1:
            told = "; ".join(f"{value}: {', '.join(sorted(who))}" for value, who in sorted(kinds.items()))
            out.append(f"They differ in {label} ({told}).")
    lengths: dict[int, set[str]] = {}
    for one in profiles:
        if one["months"]:
            lengths.setdefault(len(one["months"]), set()).add(one["institution"])
    if len(lengths) > 1:
        told = "; ".join(f"{n} months: {', '.join(sorted(who))}" for n, who in sorted(lengths.items()))
        out.append(f"They cover different months ({told}).")
    return out
