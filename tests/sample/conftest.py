"""The sample's truth, and its ledgers as cwb reads them."""

import tomllib

import polars as pl
import pytest
from sample_truth import truth_keys

from cwb.ledger import Ledger, read_ledger
from cwb.shipped import sample_dir

SAMPLE = sample_dir()


@pytest.fixture(scope="session")
def truth() -> pl.DataFrame:
    """One row a supplier as an institution prints it in a year, keyed by WHO."""
    raw = pl.read_csv(SAMPLE / "truth.csv", infer_schema=False, empty_string_is_null=False)
    return raw.with_columns(pl.col("payments", "amount_pence").cast(pl.Int64), *truth_keys())


@pytest.fixture(scope="session")
def ledgers() -> dict[tuple[str, str], Ledger]:
    """Each ledger of the manifest as cwb reads it, by institution and year."""
    manifest = tomllib.loads((SAMPLE / "sample.toml").read_text("utf-8"))
    return {
        (e["institution"], e["financial_year"]): read_ledger(
            [SAMPLE / e["file"]], institution=e["institution"], financial_year=e["financial_year"]
        )
        for e in manifest["ledger"]
    }
