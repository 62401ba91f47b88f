"""A Ledger → payments.parquet, rejects.csv and ingest.json in a folder, all or nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from cwb.errors import LedgerError

if TYPE_CHECKING:
    from cwb.ledger.reader import Ledger

_FORMULA = r"^[=+\-@\t\r]"


def neutralised(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with an apostrophe before every text that a spreadsheet would run as a formula."""
    texts = pl.col(pl.String)
    return frame.with_columns(pl.when(texts.str.contains(_FORMULA)).then("'" + texts).otherwise(texts).name.keep())


def write_ledger(ledger: Ledger, out: Path) -> None:
    """Write payments.parquet, rejects.csv and ingest.json into `out`; on failure `out` is as it was.

    Raises:
        LedgerError: the folder cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as name:
            work = Path(name)
            ledger.payments.write_parquet(work / "payments.parquet")
            neutralised(ledger.rejects).write_csv(work / "rejects.csv")
            (work / "ingest.json").write_text(json.dumps(ledger.account, ensure_ascii=False, indent=1), "utf-8")
            publish(work, out)
    except OSError as error:
        raise LedgerError(f"{out}: cannot be written ({error.strerror}). Choose another folder.") from None


def publish(work: Path, out: Path) -> None:
    """Move finished files from `work` into `out`, each in one step."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(work.iterdir()):
        shutil.move(path, out / path.name)
