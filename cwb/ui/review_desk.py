"""What one person's review is at: the queue by £ at stake, where in it, what is decided by anyone, what to take back.

Nothing here prints. Every decision is in the store before the next supplier is shown.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from pydantic import ValidationError

from cwb.decisions import DECISIONS, Decision, Kind, snapshot_of, standing
from cwb.errors import WorkspaceError
from cwb.lookups import first_problem
from cwb.pipeline import Run
from cwb.register import Register
from cwb.review import review_sheet
from cwb.schema import LINKS, SUPPLIERS
from cwb.ui.review_evidence import Candidate, candidates
from cwb.workspace import DecidedMeanwhileError, Workspace, record, since, undo

TO_REVIEW, ALL, DECIDED = "To review", "All", "Decided"
FILTERS = (TO_REVIEW, ALL, DECIDED)
# Nobody reads a supplier in less; such a key was meant for the one before it, or is held down.
UNSEEN_SECONDS = 0.25
_BATCH = 40  # suppliers whose evidence is worked out together, ahead of need
_AHEAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cwb-review")


@dataclass
class Desk:
    """One session's review of one result.

    `history` has every decision about its suppliers, `stands` by supplier_id those that hold, who before where.
    """

    workspace: Workspace
    suppliers: pl.DataFrame
    links: pl.DataFrame
    register: Register | None
    individuals: bool
    filter: str = TO_REVIEW
    queue: list[str] = field(default_factory=list)
    at: int = 0
    history: pl.DataFrame = field(default_factory=DECISIONS.empty)
    last_who: str = ""
    sequence: int = 0
    stands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    mine: list[str] = field(default_factory=list)
    said: str = ""
    blind: bool = False
    shown_at: float = 0.0
    to_review: dict[str, int] = field(default_factory=dict)
    pence_to_review: int = 0
    _row: dict[str, int] = field(default_factory=dict)
    _evidence: dict[int, Future[dict[str, tuple[Candidate, ...]]]] = field(default_factory=dict)

    @property
    def now(self) -> str | None:
        """Return the supplier_id at hand; none in an empty queue."""
        return self.queue[self.at] if self.queue else None


def open_desk(workspace: Workspace, run: Run, register: Register | None, *, individuals: bool) -> Desk:
    """Return a desk with what is to be reviewed, most £ first.

    Args:
        workspace: the store of decisions.
        run: one with its evidence, as `analyse` gives.
        register: the index it was matched with.
        individuals: people paid in their own name are to be reviewed, and shown, too.
    """
    assert run.evidence is not None
    kept = run.evidence
    shown = kept.suppliers.filter(~pl.col("is_redacted")).sort("amount_pence", "supplier_id", descending=[True, False])
    links = shown.select("supplier_id").join(
        kept.matched, on="supplier_id", how="left", validate="1:1", maintain_order="left"
    )
    desk = Desk(workspace, shown, links.select(list(LINKS.columns)), register, individuals)
    desk._row = {supplier_id: row for row, supplier_id in enumerate(shown["supplier_id"])}
    count(desk)
    refresh(desk)
    choose_filter(desk, TO_REVIEW)
    return desk


def count(desk: Desk) -> None:
    """Work out again what is to be reviewed: the same suppliers as `cwb review export` writes for an empty store."""
    sheet = review_sheet(
        desk.suppliers, desk.links, pl.DataFrame(schema={"supplier_id": pl.String}), show_individuals=desk.individuals
    )
    pence = desk.suppliers.select("supplier_id", "amount_pence").join(
        sheet.select("supplier_id"), on="supplier_id", how="semi", maintain_order="left"
    )
    desk.to_review = dict(pence.iter_rows())
    desk.pence_to_review = sum(max(one, 0) for one in desk.to_review.values())


def refresh(desk: Desk) -> None:
    """Read what came into the store since it was last read, from anyone."""
    came, desk.sequence = since(desk.workspace, desk.sequence)
    if came.height:
        desk.last_who = came["who"][-1]
    came = came.filter(pl.col("supplier_id").map_elements(desk._row.__contains__, return_dtype=pl.Boolean))
    if not came.height:
        return
    desk.history = pl.concat([desk.history, came], rechunk=True)
    touched = came["supplier_id"].unique().to_list()
    for supplier_id in touched:
        desk.stands.pop(supplier_id, None)
    for row in standing(desk.history.filter(pl.col("supplier_id").is_in(touched))).iter_rows(named=True):
        held = desk.stands.setdefault(row["supplier_id"], [])
        held.insert(0, row) if row["kind"] != "operates_at" else held.append(row)


def choose_filter(desk: Desk, chosen: str) -> None:
    """Make the queue of a filter; it stays as it is while one works through it, decided or not."""
    every: Iterable[str] = desk._row
    if chosen == TO_REVIEW:
        every = (s for s in desk.to_review if s not in desk.stands)
    elif chosen == DECIDED:
        every = (s for s in desk._row if s in desk.stands)
    desk.filter, desk.queue, desk.at, desk._evidence = chosen, list(every), 0, {}


def supplier(desk: Desk, supplier_id: str) -> dict[str, Any]:
    """Return a supplier's row of schema.SUPPLIERS."""
    return desk.suppliers.select(list(SUPPLIERS.columns)).row(desk._row[supplier_id], named=True)


def link(desk: Desk, supplier_id: str) -> dict[str, Any]:
    """Return a supplier's row of schema.LINKS as matched."""
    return desk.links.row(desk._row[supplier_id], named=True)


def withheld(desk: Desk, supplier_id: str) -> bool:
    """Say whether a supplier is an individual, by matching or by decision, whose name is not to be shown."""
    if desk.individuals:
        return False
    held = desk.stands.get(supplier_id)
    kind: str | None = held[0]["kind"] if held else None
    if kind in ("individual", "accept", "choose"):
        return kind == "individual"
    matched: str = desk.links["supplier_type"][desk._row[supplier_id]]
    return matched == "individual"


def evidence(desk: Desk, supplier_id: str) -> tuple[Candidate, ...]:
    """Return a supplier's candidates; those of the next suppliers are worked out behind."""
    batch = desk.at // _BATCH
    found = _worked_out(desk, batch).result()
    if (batch + 1) * _BATCH < len(desk.queue):
        _worked_out(desk, batch + 1)
    return found.get(supplier_id, ())


def in_order(desk: Desk, found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return candidates as they are to be shown: best first, or by name where cwb's own order is not to be seen."""
    return tuple(sorted(found, key=lambda c: (c.name, c.org_id))) if hidden(desk) else found


def hidden(desk: Desk) -> bool:
    """Say whether cwb's ranking and scores are not to be seen: blind, and the supplier at hand undecided."""
    return desk.blind and desk.now is not None and desk.now not in desk.stands


def _worked_out(desk: Desk, batch: int) -> Future[dict[str, tuple[Candidate, ...]]]:
    if batch not in desk._evidence:
        rows = [desk._row[s] for s in desk.queue[batch * _BATCH : (batch + 1) * _BATCH]]
        desk._evidence[batch] = _AHEAD.submit(
            candidates, desk.suppliers[rows].select(list(SUPPLIERS.columns)), desk.links[rows], desk.register
        )
    return desk._evidence[batch]


def progress(desk: Desk) -> tuple[int, int, int, int]:
    """Return pence decided and to review in all, and the same as numbers of suppliers; credits count as nothing."""
    done = [desk.to_review[s] for s in desk.stands if s in desk.to_review]
    return sum(max(pence, 0) for pence in done), desk.pence_to_review, len(done), len(desk.to_review)


def waiting(desk: Desk, applied: frozenset[str]) -> int:
    """Return how many of these suppliers have decisions, or have had some taken back, that results do not have.

    `applied` are the decision_ids that held when the results were made.
    """
    holds = {d["decision_id"] for held in desk.stands.values() for d in held}
    said = desk.history.select("decision_id", "supplier_id").iter_rows()
    return len({s for d, s in said if (d in holds) != (d in applied)})


def shown(desk: Desk) -> None:
    """Note that the supplier at hand has just been put before the person."""
    desk.shown_at = time.monotonic()


def step(desk: Desk, by: int) -> None:
    """Go on or back in the queue, stopping at its ends."""
    desk.at = max(0, min(desk.at + by, len(desk.queue) - 1))
    desk.said = ""


def go_to(desk: Desk, at: int) -> None:
    """Go to a place in the queue."""
    step(desk, at - desk.at)


def decide(desk: Desk, kind: Kind, who: str, *, value: str | None = None, why: str = "") -> bool:
    """Record a decision about the supplier at hand and go on to the next undecided; say whether it was recorded.

    It is not where the key came before the supplier could be seen, where it does not fit, or where someone else decided
    about it since; `said` tells which.
    """
    supplier_id = desk.now
    # A postcode is typed into a box of its own, so no key held down can give one.
    if supplier_id is None or (kind != "operates_at" and time.monotonic() - desk.shown_at < UNSEEN_SECONDS):
        desk.said = "That key came before this supplier could be read, so it was not taken."
        return False
    row, matched, was_hidden = supplier(desk, supplier_id), link(desk, supplier_id), hidden(desk)
    first = (evidence(desk, supplier_id) or (None,))[0]
    if kind in ("accept", "choose"):
        kind = "accept" if first is not None and value == first.org_id else "choose"
    try:
        made = Decision(
            supplier_id=supplier_id, supplier_name=row["supplier_name"], kind=kind, value=value, who=who,
            why=f"Blind. {why}".strip() if was_hidden else why,
            snapshot=snapshot_of(matched, value) if value and kind in ("accept", "choose") else None,
        )  # fmt: skip
        seen = frozenset(d["decision_id"] for d in desk.stands.get(supplier_id, ()))
        record(desk.workspace, [made], seen={supplier_id: seen})
    except ValidationError as error:
        desk.said = f"Not taken: {first_problem(error)}"
        return False
    except DecidedMeanwhileError:
        refresh(desk)
        desk.said = "Someone else decided about this supplier just now, as shown. Decide again to overrule."
        return False
    except WorkspaceError as error:
        desk.said = f"Not saved: {error}"
        return False
    desk.mine.append(made.decision_id)
    refresh(desk)
    desk.said = _told(desk, made, first, was_hidden)
    _onwards(desk)
    return True


def take_back(desk: Desk, who: str) -> None:
    """Undo the decision about the supplier at hand; where it has none, this session's last, and go back to it."""
    held = desk.stands.get(desk.now or "")
    target = max(held, key=lambda d: d["decided_at"])["decision_id"] if held else _last_of_mine(desk)
    if target is None:
        desk.said = "There is nothing to take back."
        return
    try:
        undone = undo(desk.workspace, target, who=who)
    except WorkspaceError as error:
        desk.said = f"Not taken back: {error}"
        refresh(desk)
        return
    refresh(desk)
    desk.mine = [d for d in desk.mine if d != target]
    if undone.supplier_id not in desk.queue:
        choose_filter(desk, desk.filter)
    if undone.supplier_id in desk.queue:
        desk.at = desk.queue.index(undone.supplier_id)
    desk.said = "Taken back: decide again, or go on."


def _last_of_mine(desk: Desk) -> str | None:
    holding = {d["decision_id"] for held in desk.stands.values() for d in held}
    return next((d for d in reversed(desk.mine) if d in holding), None)


def _onwards(desk: Desk) -> None:
    """Go to the next supplier of the queue that nobody decided about; from the end, to the first such.

    With none left, what was to review is done, and the same key again must not decide the last one anew.
    """
    order = [*range(desk.at + 1, len(desk.queue)), *range(desk.at)]
    at = next((at for at in order if desk.queue[at] not in desk.stands), None)
    if at is not None:
        desk.at = at
    elif desk.filter == TO_REVIEW:
        choose_filter(desk, TO_REVIEW)


DONE: Mapping[str, str] = {
    "accept": "is {}", "choose": "is {}", "none": "is none of these", "individual": "is an individual",
    "internal": "is an internal transfer", "same_as": "is the same as another supplier", "operates_at": "works at {}",
}  # fmt: skip


def in_words(decision: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """Return what a decision says, with an organisation's name from `known` (org_id to name) where it has it."""
    value = decision["value"] or ""
    return DONE[decision["kind"]].format(known.get(value, value))


def _told(desk: Desk, made: Decision, first: Candidate | None, was_hidden: bool) -> str:
    name = "Individual" if withheld(desk, made.supplier_id) else made.supplier_name
    known = {c.org_id: c.name for c in evidence(desk, made.supplier_id)}
    said = f"Saved: {name} {in_words(made.model_dump(), known)}."
    if not was_hidden or first is None:
        return said
    own = f"{first.score:.0%}" if first.score is not None else "no score"
    return f"{said} cwb's own first was {'the same' if made.value == first.org_id else first.name} ({own})."
