"""From distinct suppliers to links: types, candidates, decisions, in that order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl

from cwb.match.compare import compare
from cwb.match.decide import decide
from cwb.match.types import typed

if TYPE_CHECKING:
    from cwb.register import Register


def match_suppliers(
    suppliers: pl.DataFrame, register: Register | None, *, progress: Callable[[str, float], None] | None = None
) -> pl.DataFrame:
    """Match distinct suppliers to a register: SUPPLIERS → LINKS, one row a supplier in the same order.

    A company number in the ledger comes first, then equal names (also given up ones), then names that share rare words.
    `score` is a probability; what is neither sure nor hopeless is for review. Without a register only types are given.
    """
    say = progress or (lambda _what, _share: None)
    say("Reading suppliers' names", 0.0)
    kinds = typed(suppliers)
    found = pl.DataFrame()
    if register is not None and suppliers.height:
        say("Comparing suppliers with the register", 0.2)
        found = compare(suppliers, register)
    say("Deciding matches", 0.9)
    return decide(suppliers, kinds, found, register)
