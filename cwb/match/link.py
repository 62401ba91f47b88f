"""From distinct suppliers to links: types, candidates, decisions, in that order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl

from cwb.match.compare import compare
from cwb.match.decide import decide
from cwb.match.types import typed

if TYPE_CHECKING:
    from cwb.register import Register


def match_suppliers(
    suppliers: pl.DataFrame,
    register: Register | None,
    *,
    near: Collection[str] = (),
    payers: pl.DataFrame | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> pl.DataFrame:
    """Match distinct suppliers to a register: SUPPLIERS → LINKS, one row a supplier in the same order.

    A company number in the ledger comes first, then equal names (also given up ones), then names that share rare words.
    `score` is a probability; what is neither sure nor hopeless is for review. Without a register only types are given.

    Args:
        suppliers: SUPPLIERS.
        register: an open index, or None.
        near: postcode areas (PR, BB …) in and around the buyer's place, a small hint; none: not used.
        payers: supplier_id and institution of the payments; a supplier all of whose payers are itself is internal.
        progress: called with what is being done and how much is, 0 to 1.
    """
    say = progress or (lambda _what, _share: None)
    say("Reading suppliers' names", 0.0)
    with ThreadPoolExecutor(1) as pool:
        kinds = pool.submit(typed, suppliers, payers)
        found = pl.DataFrame()
        if register is not None and suppliers.height:
            say("Comparing suppliers with the register", 0.2)
            found = compare(suppliers, register, near=near)
        say("Deciding matches", 0.9)
        return decide(suppliers, kinds.result(), found, register)
