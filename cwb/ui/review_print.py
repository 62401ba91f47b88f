"""How a supplier under review is printed: ledger beside candidates, why in words, and the score's parts as a waterfall.

All of it is HTML; everything from a ledger or a register is escaped. A difference is told in words or by a sign as well
as by its look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from cwb import lookups
from cwb.charts import words
from cwb.match.explain import in_words
from cwb.privacy import INDIVIDUAL
from cwb.ui import parts
from cwb.ui.review_evidence import Candidate, Step, why_asked

_COLUMNS = ("Name", "Number", "Postcode", "Status", "What it does", "Score")
_FOUND = {"previous": "once called", "part": "also read as", "also": "also called"}
_STEPS = 7  # parts of a score that are told one by one


def head(row: Mapping[str, Any], place: str, decided: str, said: str, *, masked: bool) -> None:
    """Print whose turn it is: name, £, payments and where in the queue; and what the last key did."""
    name = INDIVIDUAL if masked else row["supplier_name"] or "No name printed"
    many = "" if row["payments"] == 1 else "s"
    facts = [
        f"{row['payments']:,} payment{many}{_between(row['first_payment'], row['last_payment'])}",
        "" if masked else row["category"] or "", place,
    ]  # fmt: skip
    banner = f'<p class="decided"><strong>Decided</strong> {parts.esc(decided)}</p>' if decided else ""
    parts.show(
        f'<div class="turn"><p class="said-now" role="status">{parts.esc(said)}</p>'
        f'<h2>{parts.esc(name)} <span class="stake">{words.exact_money(row["amount_pence"])}</span></h2>'
        f'<p class="where">{parts.esc(" · ".join(f for f in facts if f))}</p>{banner}</div>'
    )


def side_by_side(row: Mapping[str, Any], found: Sequence[Candidate], *, hidden: bool) -> None:
    """Print the ledger's own particulars over those of the candidates, numbered as the keys that choose them."""
    columns = _COLUMNS[:-1] if hidden else _COLUMNS
    head_cells = "".join(f'<th scope="col" role="columnheader">{c}</th>' for c in ("Key", *columns))
    body = _row("Ledger", "ledger", columns, _ledger(row)) + "".join(
        _row(str(number), "", columns, _candidate(row, one)) for number, one in enumerate(found, start=1)
    )
    order = "in order of name, cwb's own order hidden" if hidden else "best first"
    parts.show(
        '<div class="scroll" tabindex="0" role="region" aria-label="The ledger beside the register">'
        '<table role="table" class="stack beside"><caption>The ledger beside the register '
        f"<span>{order}; words the ledger lacks are underlined</span></caption>"
        f'<thead role="rowgroup"><tr role="row">{head_cells}</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
        "</div>"
    )


def why(link: Mapping[str, Any], found: Sequence[Candidate], *, hidden: bool) -> None:
    """Print in words why a person is asked, why the first candidate, and why not the next; and the waterfall."""
    if hidden:
        parts.show(
            '<p class="where">Blind: cwb\'s order, scores and reasons are hidden until this supplier is decided.</p>'
        )
        return
    said = f"<p>{parts.esc(why_asked(link))}</p>"
    if not found or not found[0].steps:
        parts.show(f'<div class="whys"><div>{said}</div></div>')
        return
    said += f"<h3>Why this one, and why not the next</h3><p>{parts.esc(in_words(link['evidence']))}</p>"
    parts.show(f'<div class="whys"><div>{said}</div>{_waterfall(found[0])}</div>')


def progress(done: int, every: int, count: int, of: int, *, who: str) -> None:
    """Print how much of the £ to review is decided, and in whose name, where someone may."""
    share = done / every if every else 1.0
    by = f'<span class="soft">Reviewing as {parts.esc(who)}.</span>' if who else ""
    left, many = of - count, "supplier" if of == 1 else "suppliers"
    parts.show(
        f'<div class="progress"><p><strong>{words.money(done)} of {words.money(every)}</strong> to review is decided'
        f" ({words.percent(share)}): {count:,} of {of:,} {many}, {left:,} to go. "
        f"{by}</p>"
        f'<div class="bar" aria-hidden="true"><span style="width:{share:.1%}"></span></div></div>'
    )


# --- cells ------------------------------------------------------------------------------------------------------------


def _row(first: str, css: str, columns: Sequence[str], cells: Sequence[str]) -> str:
    key = f"<kbd>{first}</kbd>" if first.isdecimal() else first
    body = "".join(
        f'<td role="cell" data-label="{label}"{" class=none" if cell == "–" else ""}>{cell}</td>'
        for label, cell in zip(columns, cells, strict=False)
    )
    return f'<tr role="row" class="{css}"><th scope="row" role="rowheader">{key}</th>{body}</tr>'


def _ledger(row: Mapping[str, Any]) -> list[str]:
    numbers = [
        f"{label} {row[field]}"
        for field, label in (("company_number", "Company"), ("charity_number", "Charity"), ("vat_number", "VAT"))
        if row[field]
    ]
    return [
        f"<strong>{parts.esc(row['supplier_name'])}</strong>",
        "<br>".join(parts.esc(n) for n in numbers) or "–",
        parts.esc(row["supplier_postcode"] or "–"),
        parts.esc(
            f"Paid{_between(row['first_payment'], row['last_payment'])}".replace(",", "")
            if row["first_payment"]
            else "–"
        ),
        parts.esc(row["category"] or "–"),
        "–",
    ]


def _candidate(row: Mapping[str, Any], one: Candidate) -> list[str]:
    spelt = "".join(
        f"<mark>{parts.esc(text.rstrip())}</mark> " if differs else parts.esc(text) for text, differs in one.parts
    )
    name = spelt
    if one.found_as:
        name = f'{parts.esc(one.name)}<span class="soft">{_FOUND.get(one.found_kind or "", "also")} {spelt}</span>'
    adds = [text.strip() for text, differs in one.parts if differs]
    told = [f"{label} {' '.join(texts)}" for label, texts in (("adds", adds), ("lacks", one.lacks)) if texts]
    return [
        f'{name}<span class="soft">{parts.esc(" · ".join(told) or "the same words")}</span>',
        f"{parts.esc(one.number)}{_number_sign(row, one)}",
        f"{parts.esc(one.postcode or '–')}{_postcode_sign(row['supplier_postcode'], one)}",
        _status(row, one),
        parts.esc(_trade(one)),
        "–" if one.score is None else f'<span class="score">{words.percent(one.score)}</span>',
    ]


def _sign(sign: str, text: str, *, wrong: bool = False) -> str:
    return f'<span class="sign{" wrong" if wrong else ""}"><b aria-hidden="true">{sign}</b> {parts.esc(text)}</span>'


def _number_sign(row: Mapping[str, Any], one: Candidate) -> str:
    if one.number_agrees:
        return _sign("=", "the same")
    return _sign("≠", "another", wrong=True) if row["company_number"] else ""


def _postcode_sign(printed: str | None, one: Candidate) -> str:
    mine, its = (re.sub(r"[^A-Z0-9]", "", (text or "").upper()) for text in (printed, one.postcode))
    if not its:
        return ""
    many = _sign("!", "many companies share it", wrong=True) if one.shared_address else ""
    if not mine:
        return many
    if mine == its:
        return _sign("=", "the same") + many
    area = [re.match("[A-Z]*", text) for text in (mine, its)]
    if area[0] and area[1] and area[0][0] == area[1][0]:
        return _sign("≈", "same area") + many
    return _sign("≠", "another area", wrong=True) + many


def _status(row: Mapping[str, Any], one: Candidate) -> str:
    live = (one.status or "active").lower().startswith("active")
    said = parts.esc(one.status or words.sentence(one.kind.replace("_", " ")) or "–")
    if not live:
        said = _sign("!", one.status or "", wrong=True)
    paid, until = (row["first_payment"], row["last_payment"])
    if one.started:
        late = until is not None and one.started > until
        said += _when(f"since {one.started:%Y}", "after the last payment" if late else "")
    if one.ended:
        early = paid is not None and one.ended < paid
        said += _when(f"until {one.ended:%Y}", "before the first payment" if early else "")
    return said


def _when(year: str, clash: str) -> str:
    return _sign("≠", f"{year}, {clash}", wrong=True) if clash else f'<span class="soft">{year}</span>'


@cache
def _divisions() -> dict[str, str]:
    return dict(lookups.table("indicators/sic_divisions").select("division", "division_name").iter_rows())


def _trade(one: Candidate) -> str:
    if not one.sic_code:
        return "–"
    name = _divisions().get(one.sic_code[:2])
    return f"{one.sic_code}: {name}" if name else one.sic_code


def _between(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return ""
    early, late = f"{first:%b %Y}", f"{last:%b %Y}"
    return f", {early}" if early == late else f", {early} to {late}"


# --- the waterfall ----------------------------------------------------------------------------------------------------


def _waterfall(one: Candidate) -> str:
    """Return the parts of a candidate's score, each bar beginning where the one above it ends."""
    told, rest = one.steps[:_STEPS], one.steps[_STEPS:]
    if rest:
        told = (*told, Step(f"{len(rest)} smaller pieces of evidence", sum(step.points for step in rest)))
    ends = [0.0]
    for step in told:
        ends.append(ends[-1] + step.points)
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    rows = [_bar(step.reason, step.points, begin, low, span) for step, begin in zip(told, ends, strict=False)]
    total = _bar("Together", ends[-1], 0.0, low, span, total=True)
    score = "" if one.score is None else f"; beside its rivals and “none of these”, a probability of {one.score:.0%}"
    return (
        f'<table class="falls"><caption>What made the score of {parts.esc(one.name)} '
        f"<span>log-odds: +0.7 doubles the odds, −0.7 halves them{score}</span></caption>"
        '<colgroup><col class="said"><col class="points"><col></colgroup>'
        '<thead><tr><th scope="col">Evidence</th><th scope="col" class="n">Points</th><td></td></tr></thead>'
        f"<tbody>{''.join(rows)}{total}</tbody></table>"
    )


def _bar(reason: str, points: float, begin: float, low: float, span: float, *, total: bool = False) -> str:
    left = (min(begin, begin + points) - low) / span
    css = "sum" if total else "plus" if points > 0 else "minus"
    said = f"{points:+.1f}".replace("-", "−")
    return (
        f'<tr class="{css}"><th scope="row">{parts.esc(words.sentence(reason))}</th><td class="n">{said}</td>'
        f'<td class="track"><span style="margin-left:{left:.1%};width:{max(abs(points) / span, 0.006):.1%}"></span>'
        "</td></tr>"
    )
