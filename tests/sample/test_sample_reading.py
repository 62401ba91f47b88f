"""What cwb reads from the twelve ledgers is what the generator wrote, to the penny."""

import polars as pl
from sample_truth import WHO, payment_keys

from cwb.ledger import Ledger

Ledgers = dict[tuple[str, str], Ledger]
# Totals and sub-totals that the files print, by institution, in the earlier and the later year.
TOTALS = {
    "Harrowmere City Council": (1, 0),
    "Northfell County Council": (1, 1),
    "Northfell Constabulary": (1, 0),
    "Harrowmere College": (12, 4),
    "Brindlecroft Homes": (5, 1),
    "Northfell and Harrowmere Hospitals NHS Trust": (1, 1),
}


def test_every_payment_is_read_and_every_penny(ledgers: Ledgers, truth: pl.DataFrame) -> None:
    sums = truth.group_by("institution", "financial_year").agg(pl.col("payments", "amount_pence").sum())
    wrote = {(i, y): (n, pence) for i, y, n, pence in sums.iter_rows()}
    read = {key: (led.payments.height, led.payments["amount_pence"].sum()) for key, led in ledgers.items()}
    assert read == wrote


def test_nothing_is_rejected_and_totals_are_kept_apart(ledgers: Ledgers) -> None:
    for (institution, year), ledger in ledgers.items():
        assert ledger.rejects.is_empty(), (institution, year)
        assert ledger.control_totals.height == TOTALS[institution][year == "2016-17"], (institution, year)
        assert ledger.control_totals["ties"].all(), (institution, year)


def test_institution_and_year_are_those_of_the_manifest(ledgers: Ledgers) -> None:
    for (institution, year), ledger in ledgers.items():
        assert ledger.payments["institution"].unique().to_list() == [institution]
        assert ledger.payments["financial_year"].unique().to_list() == [year]
        assert ledger.payments["payment_date"].null_count() == 0


def test_each_supplier_gets_its_own_pence(ledgers: Ledgers, truth: pl.DataFrame) -> None:
    figures = pl.col("payments", "amount_pence").sum()
    wrote = truth.group_by(WHO).agg(figures)
    read = (
        pl.concat([ledger.payments for ledger in ledgers.values()])
        .with_columns(*payment_keys(), payments=pl.lit(1, dtype=pl.Int64))
        .group_by(WHO)
        .agg(figures)
    )
    adrift = wrote.join(read, on=[*WHO, "payments", "amount_pence"], how="anti")
    assert adrift.is_empty(), adrift
    assert read.height == wrote.height


def test_redactions_are_seen_in_every_wording(ledgers: Ledgers, truth: pl.DataFrame) -> None:
    hidden = truth.filter(pl.col("supplier_type") == "redacted")
    payments = pl.concat([ledger.payments for ledger in ledgers.values()]).filter("is_redacted")
    assert payments.height == hidden["payments"].sum()
    assert payments["amount_pence"].sum() == hidden["amount_pence"].sum()
