"""A change in plain English, from its numbers alone: a paragraph that can be read out.

A change of a share is told in percentage points, a change of money in £; never the one as the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SMALL = 0.05  # points; below it a share prints as unchanged
_WORTH_SPLITTING = 0.5  # points; a smaller change of a share is not divided further in words
_MANY = 0.25  # of the money without a place; above it shares are told as the least that is known
_SLIGHT = 0.01  # of the largest part; below it suppliers that moved are not worth a sentence
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def money(pence: int) -> str:
    """Return pence as it is read out: £74.3m, £812,000, £950."""
    pounds = abs(pence) / 100
    if pounds >= 999_950:
        return f"£{pounds / 1e6:,.1f}m"
    return f"£{round(pounds, -3):,.0f}" if pounds >= 9_999.5 else f"£{pounds:,.0f}"


def counted(number: int) -> str:
    """Return a number as it is read out: in words up to twelve."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"


def per_cent(share: float) -> str:
    """Return a share of 0 to 1 as a per cent with one decimal; nearly none is told as such, never as none."""
    if 0 < share < 0.0005:
        return "under 0.1%"
    return f"{100 * share:.1f}%"


def points(value: float) -> str:
    """Return a change of a share as percentage points, without a sign."""
    text = f"{abs(value):.1f}"
    return f"{text} percentage point{'' if text == '1.0' else 's'}"


def rose(value: float, *, up: str = "rose", down: str = "fell") -> str:
    """Return the verb for a change."""
    return up if value > 0 else down


def payers_in_words(names: Sequence[str]) -> str:
    """Return who paid, by name up to three, else by number."""
    if len(names) > 3:
        return f"The {counted(len(names))} institutions"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def paragraph(
    changes: Mapping[str, Mapping[str, Any]], *, years: tuple[str, str], place: str, region: str, payers: str,
    suppliers: Mapping[str, int] | None = None, mixes: Mapping[str, Mapping[str, float]] | None = None,
    biggest: Sequence[Mapping[str, Any]] = (), real: Mapping[str, Any] | None = None,
    cautions: Sequence[str] = (),
) -> str:  # fmt: skip
    """Return the change as one paragraph.

    Args:
        changes: band (and region_including_local) to from_pence, to_pence, share_from, share_to, share_points,
            volume_pence, rate_pence.
        years: what the two periods are called.
        place: name of the local area.
        region: name of the region around it.
        payers: who paid, in words.
        suppliers: part to pence of the local change by supplier: entered, left, grown, shrunk, moved_in, moved_out.
        mixes: dimension to {"mix", "within"} in points of the local share.
        biggest: suppliers behind the local change: name, amount_pence, what.
        real: `year`, `amount_pence` and `per_cent` of the whole change in the later year's prices.
        cautions: what makes the periods unlike, each a sentence.
    """
    total_from, total_to = (sum(changes[b][k] for b in _BANDS) for k in ("from_pence", "to_pence"))
    out = [_total(payers, years, total_from, total_to, real)]
    local, around = changes["local"], changes["region_including_local"]
    if local["share_points"] is None or local["rate_pence"] is None:
        out.append("Shares are not told: the payments of a period do not sum to more than nothing.")
        return " ".join(out)
    unknown = changes["unknown"]
    if max(unknown["share_from"], unknown["share_to"]) > _MANY:
        out.append(
            f"Only {per_cent(1 - unknown['share_to'])} of that has a known place, against "
            f"{per_cent(1 - unknown['share_from'])} before: every share told here is the least it can be."
        )
    out.append(_share(local, place))
    out.append(_split(local, place))
    if suppliers is not None:
        out += _by_supplier(suppliers, biggest, place)
    if mixes:
        out += _by_mix(mixes, local["share_points"])
    if place != region:
        out.append(f"Counting {place} in, {_share(around, region, lower=True)}")
    leaked = changes["leaked"]
    out.append(
        f"{per_cent(leaked['share_to'])} leaked out of {region}, against {per_cent(leaked['share_from'])} before, and "
        f"{per_cent(unknown['share_to'])} could not be placed, against {per_cent(unknown['share_from'])}."
    )
    if cautions:
        out.append("Read it with care: " + " ".join(cautions))
    return " ".join(out)


_BANDS = ("local", "regional", "leaked", "unknown")


def _total(payers: str, years: tuple[str, str], before: int, after: int, real: Mapping[str, Any] | None) -> str:
    earlier, later = years
    change = after - before
    if change == 0:
        return f"{payers} paid suppliers {money(after)} in {later}, as in {earlier}."
    text = f"{payers} paid suppliers {money(after)} in {later}, {money(change)} {'more' if change > 0 else 'less'}"
    text += f" than the {money(before)} of {earlier}"
    if real is not None and earlier != later:
        moved = real["amount_pence"]
        text += f"; at {real['year']} prices that is {money(moved)} {'more' if moved > 0 else 'less'}"
        if real["per_cent"] is not None:
            text += f", or {abs(real['per_cent']):.1f}%"
    return text + "."


def _share(row: Mapping[str, Any], place: str, *, lower: bool = False) -> str:
    start = "the" if lower else "The"
    if abs(row["share_points"]) < _SMALL:
        return f"{start} share spent in {place} stayed at {per_cent(row['share_to'])}."
    moved = rose(row["share_points"])
    return (
        f"{start} share spent in {place} {moved} from {per_cent(row['share_from'])} to {per_cent(row['share_to'])}, "
        f"{rose(row['share_points'], up='up', down='down')} {points(row['share_points'])}."
    )


def _split(row: Mapping[str, Any], place: str) -> str:
    amount = row["to_pence"] - row["from_pence"]
    if amount == 0:
        return f"The money spent there came to {money(row['to_pence'])} in both."
    volume, rate = row["volume_pence"], row["rate_pence"]
    if volume == 0 or rate == 0:
        why = "its share changed" if volume == 0 else "spending in all changed"
        more = "more" if amount > 0 else "less"
        return f"In money that is {money(amount)} {more} for {place}, all of it because {why}."
    whole = "spending more in all" if volume > 0 else "spending less in all"
    share = "a larger share of it" if rate > 0 else "a smaller share of it"
    return (
        f"In money that is {money(amount)} {'more' if amount > 0 else 'less'} for {place}: {whole} "
        f"{rose(volume, up='added', down='took away')} {money(volume)}, and {share} going there "
        f"{rose(rate, up='added', down='took away')} {money(rate)}."
    )


def _by_supplier(parts: Mapping[str, int], biggest: Sequence[Mapping[str, Any]], place: str) -> list[str]:
    entered, left = parts.get("entered", 0), parts.get("left", 0)
    stayed = parts.get("grown", 0) + parts.get("shrunk", 0)
    moved = parts.get("moved_in", 0) + parts.get("moved_out", 0)
    if not any(parts.values()):
        return []
    told = [
        f"suppliers there that were not paid before came to {money(entered)}",
        f"those no longer paid had come to {money(left)}",
        f"those paid in both periods got {money(stayed)} {'more' if stayed >= 0 else 'less'}",
    ]
    out = [f"By supplier, {', '.join(told[:2])}, and {told[2]}."]
    whole = max(abs(pence) for pence in parts.values())
    if max(abs(parts.get(part, 0)) for part in ("moved_in", "moved_out")) > _SLIGHT * whole:
        out.append(
            f"Suppliers that changed place or were placed anew brought {money(parts.get('moved_in', 0))} into {place} "
            f"and took {money(parts.get('moved_out', 0))} out of it, {money(moved)} "
            f"{'in' if moved >= 0 else 'out'} on balance."
        )
    if biggest:
        listed = "; ".join(f"{one['name']} ({one['what']})" for one in biggest)
        out.append(f"The largest changes were {listed}.")
    return out


def _by_mix(mixes: Mapping[str, Mapping[str, float]], whole: float) -> list[str]:
    if abs(whole) < _WORTH_SPLITTING:
        return []
    told = [(name, _signed(parts["mix"])) for name, parts in mixes.items()]
    if not told:
        return []
    text = f"Of those {points(whole)}, money shifting between {told[0][0]} made {told[0][1]}"
    if len(told) > 1:
        others = " and ".join(f"{made} between {name}" for name, made in told[1:])
        text += f"; told another way, shifts made {others}"
    return [f"{text}. The rest is the share changing within each."]


def _signed(value: float) -> str:
    text = f"{abs(value):.1f}"
    return text if text == "0.0" else f"{'+' if value > 0 else '−'}{text}"


def beside(
    payers: Sequence[tuple[str, int, float | None]], *, period: str, place: str, means: Mapping[str, Any],
    unlike: Sequence[str], ranked: bool,
) -> str:  # fmt: skip
    """Return how payers of one period differ, as one paragraph.

    Args:
        payers: name, pence paid in all, share of it that is local; in the order in which they are told.
        period: what the period is called.
        place: name of the local area.
        means: weighted_share and unweighted_share of the local area, of `together.means`.
        unlike: in what their ledgers differ, each a sentence.
        ranked: whether they may be put in order.
    """
    total = sum(pence for _, pence, _ in payers)
    out = [f"In {period}, {counted(len(payers))} institutions paid suppliers {money(total)} between them."]
    told = [(name, pence, share) for name, pence, share in payers if share is not None]
    each = [f"{name} {per_cent(share)} of its {money(pence)}" for name, pence, share in reversed(told)]
    if each:
        listed = each[0] if len(each) == 1 else f"{', '.join(each[:-1])} and {each[-1]}"
        out.append(f"Spent in {place}: {listed}.")
    if ranked and len(told) > 1:
        least, most = told[0], told[-1]
        gap = 100 * ((most[2] or 0) - (least[2] or 0))
        out.append(f"Between the most, {most[0]}, and the least, {least[0]}, lie {points(gap)}.")
    if means["weighted_share"] is not None and means["unweighted_share"] is not None:
        out.append(
            f"All their money taken together, {per_cent(means['weighted_share'])} is spent there (weighted by £); the "
            f"plain mean of their own shares is {per_cent(means['unweighted_share'])} (unweighted)."
        )
    if unlike:
        how = "They are put in order all the same, as was asked" if ranked else "They are not put in order"
        out.append(f"{how}, though their ledgers are unlike. {' '.join(unlike)}" if ranked else
                   f"{how}, since their ledgers are unlike. {' '.join(unlike)}")  # fmt: skip
    return " ".join(out)
