"""Writing folders of results so that a failure leaves what was there before."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cwb.errors import CwbError


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """Yield an empty folder; when the block ends well, its entries replace those of the same name in `out`.

    Raises:
        CwbError: `out` is a file, or its folder cannot be written to.
    """
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise CwbError(f"{out}: is a file; --out needs a folder")
    try:
        nearest = next(parent for parent in out.absolute().parents if parent.is_dir())
        scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=nearest))
    except OSError as error:
        raise CwbError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
    try:
        yield scratch
        out.mkdir(parents=True, exist_ok=True)
        for entry in sorted(scratch.iterdir()):
            target = out / entry.name
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            entry.replace(target)
    except OSError as error:
        if error.errno is None:  # a fault of ours that is an OSError by name only
            raise
        raise CwbError(f"{error.filename or out}: cannot be written ({error.strerror}); choose another --out") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def staged_file(out: Path) -> Iterator[Path]:
    """Yield a path to write to; when the block ends well, what was written is at `out`, made with its folders.

    Raises:
        CwbError: `out` is a folder, or cannot be written to.
    """
    out = Path(out)
    if out.is_dir():
        raise CwbError(f"{out}: is a folder; --out needs a file")
    with staged(out.parent) as folder:
        yield folder / out.name


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
