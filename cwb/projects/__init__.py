"""Projects of a workspace: ledgers, choices, decisions, notes and results that belong together, and who may do what.

Each function takes a `Workspace` in someone's hands and refuses what the person's role does not allow, in the same
transaction as the work: what a page shows or hides is a courtesy only.
"""

from cwb.projects.ledgers import (
    KeptLedger,
    add_file,
    add_ledger,
    added_files,
    keep_account,
    ledgers,
    read_as,
    remove_ledger,
    restore_ledger,
    write_ledger,
)
from cwb.projects.notes import Note, add_note, notes, remove_note, restore_note
from cwb.projects.record import audit, note_down, who
from cwb.projects.store import (
    Choices,
    Project,
    adopt_run,
    choose,
    create,
    erase,
    erase_old,
    give_role,
    last_opened,
    listing,
    members,
    note_page,
    open_project,
    rename,
    retain,
    runs,
    take_role,
    within,
)
from cwb.projects.undo import Change, last_change, take_back

__all__ = [
    "Change", "Choices", "KeptLedger", "Note", "Project", "add_file", "add_ledger", "add_note", "added_files",
    "adopt_run", "audit", "choose", "create", "erase", "erase_old", "give_role", "keep_account", "last_change",
    "last_opened", "ledgers", "listing", "members", "note_down", "note_page", "notes", "open_project", "read_as",
    "remove_ledger", "remove_note", "rename", "restore_ledger", "restore_note", "retain", "runs", "take_back",
    "take_role", "who", "within", "write_ledger",
]  # fmt: skip
