"""Opportunities as they are handed over: a JSON, tables, a workbook, and a one-page brief for each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import DictLoader, Environment, StrictUndefined

from cwb import report
from cwb.files import staged
from cwb.report.workbook import Book, Sheet, write_workbook
from cwb.safety import check_withheld

_PAGE = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ b.title }}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1b242c; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; color: #0b4a6f; }
h2 { font-size: 1.1rem; margin: 1.25rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .2rem .6rem .2rem 0;
border-bottom: 1px solid #d5dbe0; vertical-align: top; } td.n, th.n { text-align: right; }
.where { color: #4c5a67; margin: 0; } .small { color: #4c5a67; font-size: .875rem; }
@media print { body { margin: 0; } }
</style></head><body>
<p class="where">{{ b.where }}</p>
<h1>{{ b.title }}</h1>
<p>{{ b.lead }}</p>
<h2>The prize</h2>
<table><thead><tr><th>What</th><th class="n">Low</th><th class="n">Central</th><th class="n">High</th></tr></thead>
<tbody>
{% for row in b.prize %}<tr><td>{{ row.what }}</td><td class="n">{{ row.low }}</td><td class="n">{{ row.central }}</td>
<td class="n">{{ row.high }}</td></tr>
{% endfor %}</tbody></table>
<h2>How feasible it is</h2>
<ul>{% for line in b.feasibility %}<li>{{ line }}</li>{% endfor %}</ul>
<h2>Who is paid away now</h2>
<ul>{% for line in b.paid %}<li>{{ line }}</li>{% endfor %}</ul>
<h2>Local companies to talk to</h2>
{% if b.companies %}<ul>{% for line in b.companies %}<li>{{ line }}</li>{% endfor %}</ul>
{% else %}<p>The register has none that is not paid already.</p>{% endif %}
<h2>A co-operative instead</h2>
<p>{{ b.cooperative }}</p>
<p class="small">{{ b.caveat }}</p>
</body></html>
"""


_PRIZE = {"low": "prize_low_pence", "central": "prize_pence", "high": "prize_high_pence"}


@dataclass(frozen=True)
class Opportunities:
    """What could come home: `found` as opportunities.json with the briefs, and the `tables` behind it."""

    found: dict[str, Any]
    tables: dict[str, pl.DataFrame]


def pounds(pence: float) -> str:
    """Return pence as £ in a brief: £1.2m, £340,000, £950."""
    gbp = abs(pence) / 100
    text = f"£{gbp / 1e6:,.1f}m" if gbp >= 999_950 else f"£{round(gbp, -3):,.0f}" if gbp >= 9_999.5 else f"£{gbp:,.0f}"
    return f"−{text}" if pence < 0 else text


def jobs(value: float) -> str:
    """Return a number of jobs: whole from ten up, else with one decimal."""
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.1f}"


def per_cent(share: float | None) -> str:
    """Return a share of 0 to 1 as a whole per cent."""
    return "–" if share is None else f"{100 * share:.0f}%"


def brief(
    one: Mapping[str, Any], suppliers: pl.DataFrame, companies: pl.DataFrame, place: str, payers: Sequence[str]
) -> dict[str, Any]:
    """Return the words of one opportunity's page.

    Args:
        one: an entry of the "opportunities" of opportunities.json.
        suppliers: who is paid away in this line: supplier_name, amount_pence, institutions.
        companies: live local companies not yet used: name, org_id, postcode, started.
        place: name of the local area.
        payers: whose ledgers these are.
    """
    name = one["division_name"]
    yearly, prize_now = (pounds(one[key]) for key in ("leaked_a_year_pence", "prize_pence"))
    several = f"{one['institutions']} institutions" if one["institutions"] > 1 else one["institutions_named"]
    money = {k: pounds(one[key]) for k, key in _PRIZE.items()}
    prize = [{"what": f"Spend that could move to {place}, {one['period']}", **money}]
    for kind, words in (
        ("jobs_direct", "Jobs at suppliers in the place, gross"), ("jobs_net", "Jobs, net, illustrative rates"),
    ):  # fmt: skip
        value = one["supports"].get(kind)
        if value:
            prize.append({"what": words, **{k: jobs(value[k]) for k in ("low", "central", "high")}})
    worth = one["worth_per_pound"]
    prize.append({"what": "Money that stays in the place for each £1 moved", **{k: f"£{worth[k]:.2f}" for k in worth}})
    return {
        "where": f"{', '.join(payers)} · {place}",
        "title": f"{name}: {yearly} leaks {one['period']}, {prize_now} could come home",
        "lead": (
            f"{several} paid {pounds(one['leaked_pence'])} to {one['suppliers_leaked']} suppliers outside the region "
            f"in this line of business; {per_cent(one['local_share'])} of what is placed in it is local now."
            + (f" The ledgers call it: {one['main_categories']}." if one["main_categories"] else "")
        ),
        "prize": prize,
        "feasibility": [
            f"{one['live_companies']:,} live companies in {place} say this is what they do; "
            f"{one['live_unused']:,} of them have not been paid by these institutions.",
            f"{one['already_suppliers']:,} local suppliers in this line are paid already.",
            f"{per_cent(one['small_share'])} of the money went to suppliers paid less in the year than the threshold "
            f"for full procurement; the middle supplier got {pounds(one['middle_pence'] or 0)} a year, "
            f"the largest {pounds(one['largest_pence'] or 0)}.",
            f"Feasibility {100 * one['feasibility']:.0f} of 100: number {one['rank_by_feasibility']} of all lines; "
            f"by £, number {one['rank_by_amount']}.",
        ],
        "paid": [
            f"{row['supplier_name']}, {pounds(row['amount_pence'])} ({row['institutions']})"
            for row in suppliers.head(8).iter_rows(named=True)
        ],
        "companies": [
            f"{row['name']}, {row['org_id'].removeprefix('GB-COH-')}, {row['postcode']}"
            + (f", since {row['started']:%Y}" if row["started"] else "")
            for row in companies.head(12).iter_rows(named=True)
        ],
        "cooperative": _cooperative(one),
        "caveat": one["caveat"],
    }


def brief_page(words: Mapping[str, Any]) -> str:
    """Return what `brief` returns as a page of HTML to print or send on."""
    environment = Environment(
        loader=DictLoader({"brief": _PAGE}), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("brief").render(b=words)


def _cooperative(one: Mapping[str, Any]) -> str:
    per_job = one["spend_per_job_pence"]
    if not per_job:
        return "What a job needs in spend in this line is not known."
    members = one["cooperative_members"]
    need = {k: per_job[k] * members for k in per_job}
    leaks = one["leaked_a_year_pence"]
    share = need["central"] / leaks if leaks > 0 else None
    return (
        f"One job in this line rests on about {pounds(per_job['central'])} of spend a year ({pounds(per_job['low'])} "
        f"to {pounds(per_job['high'])}). A co-operative of {members} members, the fewest that can register, would need "
        f"{pounds(need['central'])} a year ({pounds(need['low'])} to {pounds(need['high'])}): {per_cent(share)} of "
        "what leaks now."
    )


def write_opportunities(made: Opportunities, out: Path) -> None:
    """Write opportunities.json, tables, a workbook and briefs to `out`, all or nothing.

    Raises:
        CwbError: `out` cannot be written, or a name that is to be withheld would be.
    """
    check_withheld(made.tables)
    with staged(out) as folder:
        told = json.dumps(made.found, ensure_ascii=False, indent=2, default=str)
        (folder / "opportunities.json").write_text(told + "\n", "utf-8")
        report.write_tables(folder / "tables", made.tables)
        sheets = [Sheet(_TABS[n][0], _TABS[n][1], frame) for n, frame in made.tables.items() if n in _TABS]
        created = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        write_workbook(folder / "workbook.xlsx", Book("What could come home", created, sheets))
        (folder / "briefs").mkdir()
        for one in made.found["opportunities"]:
            if one["brief"]:
                slug = re.sub(r"[^a-z0-9]+", "-", one["division_name"].casefold()).strip("-")[:60]
                path = folder / "briefs" / f"{one['rank']:02d}-{slug}.html"
                path.write_text(brief_page(one["brief"]), "utf-8")


_TABS = {
    "opportunities": ("Opportunities", "Lines of business with leaked spend, by prize × feasibility."),
    "leaked_categories": ("Leaked categories", "The payers' own categories, by £ that leaks."),
    "leaked_suppliers": ("Paid away", "Who is paid outside the region, line by line."),
    "unused_companies": ("Local, not used", "Live local companies of the register that no payer here has paid."),
    "left_out": ("Left out", "Leaked spend in no opportunity, and why."),
    "assumptions": ("Assumptions", "Every number that a reader could dispute, with its range and source."),
}
