"""Which payees a ledger hides: wordings from lookups, and the same payee hidden elsewhere in the set."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import numpy as np
import polars as pl

from cwb import lookups

_MARKS = ("**", "##", "██", "■■", "▇▇", "▪▪", "●●", "••", "* *", "# #")
_ONLY_MARKS = r"^[\s*#█■▇▪●•]*[*#█■▇▪●•]{2,}[\s*#█■▇▪●•]*$"
_NOT_REDACTED = ("", "n", "no", "false", "0", "none", "na", "n a", "not redacted", "nil", "not applicable")
# Words that a label is made of: what is left of a redacted cell after them may be a person's name.
_LABEL_WORDS = (
    r"\b(?:redacted|redaction|redact|personal|data|name|names|supplier|payee|withheld|witheld|withhold|information|"
    r"individual|individuals|private|expense|expenses|payment|payments|details?|removed|protected|confidential|foi|foia|"
    r"section|exempt|exemption|under|act|gdpr|dpa|the|of|for|to|by|and|has|been|is|are|s40|40|2|reason|not|disclosed|"
    r"sensitive|anonymised|scheme|compensation)\b"
)


@cache
def _patterns() -> tuple[str, str, list[str]]:
    """Return the expression for whole names, that for names joined to a label, and letters that one of them has."""
    table = lookups.table("ledger/redactions")
    whole = "|".join(table["wording"])
    joined = "|".join(table.filter(pl.col("kind") == "joined")["wording"])
    stems = sorted({stem for stems in table["stems"] for stem in stems.split("|")})
    return f"^(?:{whole})$", f"(?:^| )(?:{joined})(?: |$)", [*stems, *_MARKS]


def plain(names: pl.Expr) -> pl.Expr:
    """Return names in lower case with every run of punctuation and spaces as one space."""
    return names.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}&]+", " ").str.strip_chars()


def is_redaction(names: pl.Series) -> pl.Series:
    """Return whether each name as printed hides the payee; false for nulls."""
    whole, joined, stems = _patterns()
    # Few names have letters of a redaction: only those are looked at with care.
    at = names.str.contains_any(stems, ascii_case_insensitive=True).arg_true()
    out = np.zeros(len(names), dtype=bool)
    if len(at):
        seen = names[at].alias("name")
        words = seen.unique().to_frame().with_columns(words=plain(pl.col("name")))
        hits = words.filter(
            pl.col("words").str.contains(whole)
            | pl.col("words").str.contains(joined)
            | pl.col("name").str.contains(_ONLY_MARKS)
        )["name"]
        out[at.to_numpy()] = seen.is_in(hits.implode()).to_numpy()
    return pl.Series(out)


def says_redacted(cells: pl.Series) -> pl.Series:
    """Return whether a cell of a "Redacted" column says that the row is redacted."""
    words = cells.fill_null("").to_frame("x").select(plain(pl.col("x")))["x"]
    return ~words.is_in(list(_NOT_REDACTED))


def joined_names(redacted: pl.Series) -> set[str]:
    """Return names that stand beside a redaction label ("Redacted - A Name" → "a name"), to be hidden elsewhere."""
    return {name for cell in redacted.unique() if (name := _beside_label(cell))}


@lru_cache(maxsize=10_000)
def _beside_label(cell: str) -> str:
    words = re.sub(r"[^\w&]+|_", " ", cell.casefold())
    left = " ".join(re.sub(_LABEL_WORDS, " ", words).split())
    return left if re.fullmatch(r"[^\W\d]+(?: [^\W\d]+)+", left) else ""
