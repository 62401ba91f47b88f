"""Parts of different lengths run together in one array: where each begins, and what lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]

_BLOCK = 1 << 14  # parts


def starts(lengths: npt.NDArray[Any]) -> I64:
    """Return where each of so many parts begins once they are run together, and where the last ends."""
    out = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=out[1:])
    return out


def blocks(start: I64) -> Iterator[tuple[slice, slice]]:
    """Yield parts, and what lies in them, so few at a time that the processor keeps them at hand; once at least."""
    for at in range(0, max(len(start) - 1, 1), _BLOCK):
        to = min(at + _BLOCK, len(start) - 1)
        yield slice(at, to), slice(int(start[at]), int(start[to]))


def ranges(left: npt.NDArray[Any], counts: npt.NDArray[Any]) -> I64:
    """Return left[i], left[i] + 1, … counts[i] of them, for each i, run together."""
    ends = np.cumsum(counts)
    step = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
    return np.asarray(np.repeat(np.asarray(left, dtype=np.int64), counts) + step, dtype=np.int64)


def sums(values: npt.NDArray[Any], start: I64) -> npt.NDArray[np.float64]:
    """Return the sum of `values[start[i]:start[i + 1]]` for each i."""
    running = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(running[start[1:]] - running[start[:-1]], dtype=np.float64)


def hash_sums(values: U64, start: I64) -> U64:
    """Return the sum of `values[start[i]:start[i + 1]]` for each i; hashes wrap round, and so do their totals."""
    running = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values, out=running[1:])
    return np.diff(running.take(start))
