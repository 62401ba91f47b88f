"""One ledger's card: what was read, to the penny; which column is which, correctable; its warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from cwb import projects
from cwb.charts import words
from cwb.errors import CwbError
from cwb.ledger import (
    LedgerFile,
    SheetPreview,
    held_together,
    preview,
    read_ledger,
    remember_columns,
    remembered_columns,
)
from cwb.projects import KeptLedger
from cwb.ui import parts, session
from cwb.ui.parts import Col

_MAIN = {"supplier": "Supplier", "amount": "Amount", "date": "Date of payment"}
_MORE = {
    "credit": "Credits taken off",
    "description": "What was bought", "category": "Category of spend", "department": "Department",
    "institution": "Body that paid", "supplier_postcode": "Supplier's postcode", "supplier_ref": "Supplier's number",
    "company_number": "Company number", "charity_number": "Charity number", "vat_number": "VAT number",
}  # fmt: skip
_LABELS = {**_MAIN, **_MORE}
_VAT = {"net": "left out of the amounts", "gross": "in the amounts", "unknown": "the headings do not say"}
_NONE = ""
_FIRST_ROWS = 8


@st.cache_data(scope="session", show_spinner="Looking at the file", max_entries=64)
def _look(sha256: str, _added: KeptLedger) -> list[SheetPreview]:
    return preview(session.ledger_file(_added).path)


def _read(added: KeptLedger) -> Mapping[str, Any]:
    """Return the account of a ledger, read once for everybody and kept with it."""
    if added.account is not None:
        return added.account
    with st.spinner("Reading the file"):
        file = session.ledger_file(added)
        columns = dict(added.columns) or None
        read = read_ledger([file.path], columns=columns, sheet=added.sheet, institution=added.institution)
    projects.keep_account(session.within(), added, read.account)
    return read.account


def card(sha: str) -> None:
    """Print the card of the ledger with this hash."""
    added = session.ledgers()[sha]
    found, problem = None, ""
    try:
        found = _read(added)
    except CwbError as error:
        problem = str(error)
    with st.container(border=True, key=f"card-{sha[:8]}"):
        st.subheader(parts.plain(added.name), anchor=False)
        if problem:
            st.error(parts.plain(problem), icon=":material/error:")
        if found is not None:
            _account(found)
        if session.may("reviewer"):
            _corrections(added, problem)


def _corrections(added: KeptLedger, problem: str) -> None:
    """Print what can be put right; the file is looked into only where that is open."""
    sha = added.sha256
    opened = st.expander("Which column is which", expanded=bool(problem), key=f"columns-{sha[:8]}", on_change="rerun")
    if opened.open:
        with opened:
            try:
                sheets = _look(sha, added)
            except CwbError as error:
                sheets = []
                if not problem:
                    st.error(parts.plain(str(error)), icon=":material/error:")
            if any(sheet.headers for sheet in sheets):
                _columns(sha, [one for one in sheets if added.sheet in (None, one.sheet)])
                if len(sheets) > 1:
                    _sheet(sha, [one.sheet for one in sheets if one.sheet])
                _institution(sha)
            else:
                parts.show('<p class="where">No table was found in this file.</p>')
    st.button(
        "Remove", key=f"remove-{sha[:8]}", icon=":material/close:", on_click=_remove, args=(sha,),
        help=f"Remove {parts.plain(added.name)}",
    )  # fmt: skip


def _remove(sha: str) -> None:
    with parts.clear_errors():
        projects.remove_ledger(session.within(), sha)


def _change(sha: str, **reading: Any) -> None:
    """Keep a correction; it is read again the next time it is shown."""
    projects.read_as(session.within(), replace(session.ledgers()[sha], **reading, account=None))


def _account(found: Mapping[str, Any]) -> None:
    rows, pence = found["rows"], found["amount_pence"]
    parts.show(
        f'<p class="total">{rows["payments"]:,} payment{"" if rows["payments"] == 1 else "s"}, '
        f"{words.exact_money(pence['payments'])}</p>"
        f'<p class="where">{_days_and_vat([f for f in found["files"] if f["columns"]])}</p>'
    )
    frame = pl.DataFrame(
        [
            {
                "what": file["sheet"] or file["file"],
                **{k: file["rows"][k] for k in ("read", "payments", "control_totals", "blank", "rejected")},
                "pence": file["amount_pence"]["payments"],
                "credits": file["negative"]["amount_pence"],
                "redacted": file["redacted_rows"],
            }
            for file in found["files"]
        ]
    )
    parts.table(
        frame,
        [Col("what", "Sheet" if found["files"][0]["sheet"] else "File"), Col("read", "Rows read", "count"),
         Col("payments", "Payments", "count"), Col("control_totals", "Totals rows", "count"),
         Col("blank", "Blank", "count"), Col("rejected", "Not payments", "count"), Col("pence", "Payments, £", "money"),
         Col("credits", "of which credits, £", "money"), Col("redacted", "Names hidden", "count")],
        f"Account of every row: {found['files'][0]['file']}",
        "rows read = payments + totals rows + blank + not payments",
    )  # fmt: skip
    several = len(found["files"]) > 1
    told = [
        f"{_of(file, found)}{note}"
        for file in found["files"]
        for note in (
            *((_days_and_vat([file]),) if several and file["columns"] else ()),
            *(
                f"{rows:,} {'row is' if rows == 1 else 'rows are'} no payment: {w}"
                for w, rows in file.get("rejected", {}).items()
            ),
            *file["notes"],
        )
    ]
    if told:
        items = "".join(f"<li>{parts.esc(line)}</li>" for line in told)
        parts.show(
            "<details><summary>Rows set aside, totals that tie, and how it was read</summary>"
            f'<ul class="plain">{items}</ul></details>'
        )
    for file in found["files"]:
        for warning in file["warnings"]:
            st.warning(parts.plain(f"{_of(file, found)}{warning}"), icon=":material/warning:")


def together() -> None:
    """Print what shows only where the ledgers given are held against one another."""
    given = list(session.ledgers().values())
    try:
        if len(given) == 1:
            said = _read(given[0])["warnings"]
        else:
            key = tuple((a.sha256, a.name, tuple(sorted(a.columns.items())), a.sheet, a.institution) for a in given)
            said = _together(key, [session.ledger_file(a) for a in given])
    except CwbError:
        return  # the file's own card says so
    if said:
        st.subheader("Across the files", anchor=False)
    for warning in said:
        st.warning(parts.plain(warning), icon=":material/warning:")


@st.cache_data(scope="session", show_spinner="Holding the files against one another", max_entries=4)
def _together(key: tuple[Any, ...], _files: list[LedgerFile]) -> list[str]:
    return held_together(_files)


def _of(file: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    return f"{file['sheet']}: " if file["sheet"] and len(found["files"]) > 1 else ""


def _days_and_vat(files: Sequence[Mapping[str, Any]]) -> str:
    """Return when these were paid and whether VAT is in the amounts, in a sentence each."""
    days = [date.fromisoformat(f["dates"][end]) for f in files for end in ("from", "to") if f["dates"][end]]
    first, last = (min(days), max(days)) if days else (None, None)
    paid = f"Paid {first.day} {first:%B %Y} to {last.day} {last:%B %Y}." if first and last else "No dates of payment."
    return f"{paid} VAT: {', '.join(sorted({_VAT[f['vat_basis']] for f in files})) or 'the headings do not say'}."


def _columns(sha: str, sheets: list[SheetPreview]) -> None:
    if problem := st.session_state.pop("columns_not_kept", None):
        st.warning(parts.plain(problem), icon=":material/warning:")
    headers = list(dict.fromkeys(h for sheet in sheets for h in sheet.headers if h))
    guessed: dict[str, str] = {}
    for sheet in sheets:
        guessed = {**sheet.columns, **guessed}
    prints = tuple(sheet.fingerprint for sheet in sheets)
    _boxes(sha, _MAIN, headers, guessed, prints)
    why = {field: sheet.why[field] for sheet in reversed(sheets) for field in _MAIN if field in sheet.why}
    said = "".join(f"<li>{parts.esc(_MAIN[field])}: {parts.esc(why[field])}</li>" for field in _MAIN if field in why)
    if said:
        parts.show(f'<details><summary>Why these were chosen</summary><ul class="plain">{said}</ul></details>')
    parts.show('<p class="where">More columns</p>')
    _boxes(sha, _MORE, headers, guessed, prints)
    for sheet in sheets:
        _first_rows(sheet, {**guessed, **session.ledgers()[sha].columns})


def _boxes(
    sha: str, fields: Mapping[str, str], headers: list[str], guessed: dict[str, str], prints: tuple[str, ...]
) -> None:
    boxes = st.columns(3)
    for i, field in enumerate(fields):
        _choice(boxes[i % 3], sha, field, headers, guess=guessed.get(field, _NONE), prints=prints)


def _choice(box: Any, sha: str, field: str, headers: list[str], *, guess: str, prints: tuple[str, ...]) -> None:
    now = session.ledgers()[sha].columns.get(field, guess)
    options = [_NONE, *headers] if now in headers or now == _NONE else [_NONE, now, *headers]
    key = f"map-{sha[:8]}-{field}-{session.turn()}"
    box.selectbox(
        _LABELS[field], options, index=options.index(now), key=key,
        format_func=lambda h: parts.plain(h) if h else "Not in this file",
        on_change=_correct, args=(sha, field, guess, key, prints),
    )  # fmt: skip


def _correct(sha: str, field: str, guess: str, key: str, prints: tuple[str, ...]) -> None:
    """Keep what a person chose, for this file and for later ones with its headings.

    Choosing the guess again takes the correction back.
    """
    added = session.ledgers()[sha]
    columns = {k: v for k, v in added.columns.items() if k != field}
    chosen = st.session_state[key]
    if chosen != guess:
        columns[field] = chosen
    try:
        _change(sha, columns=columns)
        for fingerprint in prints:
            known = remembered_columns().get(fingerprint, {})
            kept = {**known, field: chosen}
            if chosen == guess and field not in known:
                del kept[field]
            remember_columns(fingerprint, kept)
    except CwbError as error:
        st.session_state["columns_not_kept"] = str(error)


def forget_correction(ledger: KeptLedger, before: Mapping[str, str]) -> None:
    """Remember columns as before a correction of this ledger, for later files with its headings.

    Args:
        ledger: as it was read until now.
        before: its columns before the correction.
    """
    changed = {field for field in {*ledger.columns, *before} if ledger.columns.get(field) != before.get(field)}
    for fingerprint in {sheet.fingerprint for sheet in _look(ledger.sha256, ledger)} if changed else ():
        known = {k: v for k, v in remembered_columns().get(fingerprint, {}).items() if k not in changed}
        remember_columns(fingerprint, {**known, **{field: before[field] for field in changed if field in before}})


def _first_rows(sheet: SheetPreview, used: dict[str, str]) -> None:
    """Print the first rows as text: supplier, amount and date first, then the other columns as in the file."""
    names = {header: _LABELS[field] for field, header in used.items() if field in _LABELS}
    ahead = [used[field] for field in _MAIN if field in used]
    order = sorted(
        range(len(sheet.headers)),
        key=lambda i: ahead.index(sheet.headers[i]) if sheet.headers[i] in ahead else len(ahead),
    )
    head = "".join(
        f'<th scope="col"{_shade(h, names)}>{parts.esc(h)}<span class="soft">{parts.esc(names.get(h, ""))}</span></th>'
        for h in (sheet.headers[i] for i in order)
    )
    body = "".join(
        f"<tr>{''.join(f'<td{_shade(sheet.headers[i], names)}>{parts.esc(row[i])}</td>' for i in order)}</tr>"
        for row in sheet.rows[:_FIRST_ROWS]
    )
    where = f"sheet {sheet.sheet}" if sheet.sheet else "the file"
    parts.show(
        f'<div class="scroll" tabindex="0" role="region" aria-label="First rows of {parts.esc(where)}">'
        f'<table class="raw"><caption>First rows of {parts.esc(where)} <span>headings in row {sheet.header_row}; '
        "columns in use are shaded and named</span></caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _shade(header: str, names: Mapping[str, str]) -> str:
    return ' class="used"' if header in names else ""


def _sheet(sha: str, names: list[str]) -> None:
    key = f"sheet-{sha[:8]}-{session.turn()}"

    def keep() -> None:
        _change(sha, sheet=st.session_state[key] or None)

    now = session.ledgers()[sha].sheet
    st.selectbox(
        "Sheets to read", [_NONE, *names], index=names.index(now) + 1 if now in names else 0, key=key, on_change=keep,
        format_func=lambda name: parts.plain(name) if name else "Every sheet that holds payments",
    )  # fmt: skip


def _institution(sha: str) -> None:
    added = session.ledgers()[sha]
    key = f"body-{sha[:8]}-{session.turn()}"

    def keep() -> None:
        _change(sha, institution=st.session_state[key].strip() or None)

    st.text_input(
        "Name of the body that paid", value=added.institution or "", key=key, on_change=keep,
        placeholder="Only where the file does not say, or says it wrongly", max_chars=200,
    )  # fmt: skip
