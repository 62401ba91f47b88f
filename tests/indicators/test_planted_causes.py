"""Three anchors, five years, five planted causes of change: each is found and named, and no other is."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cwb.indicators.comparability import vat_of
from cwb.indicators.explain import money
from cwb.pipeline import LedgerFile, Run, analyse, compare, pooled, read_run, write_run

PAYERS = ("Fellside Council", "Fellside Hospital", "Fellside College")
# Postcodes in Barrow, Kendal, Carlisle (in Cumberland) and London, and the districts they were in until April 2023.
TOWNS = {"LA14 2LD": "E07000027", "LA9 4DQ": "E07000031", "CA3 8QG": "E07000028", "SW1A 0AA": None}
NOW = {"local": ["E06000064"], "region": ["E06000063", "E06000064"]}
THEN = {
    "local": ["E07000027"],
    "region": ["E07000026", "E07000027", "E07000028", "E07000029", "E07000030", "E07000031"],
}
YEARS = (2018, 2019, 2020, 2021, 2022)
MOVER = "Barrow Shipfitters Ltd"


def _rows(payer: str, year: int) -> Iterator[list[str]]:
    """One payer's year: 24 suppliers paid each month, the same sums each year but for what is planted."""
    for month in range(12):
        day = date(year + (month + 3) // 12, (month + 3) % 12 + 1, 15)
        if payer == "Fellside Hospital" and year == 2020 and day.month == 12:
            continue  # planted: a month missing
        for number in range(24):
            postcode = list(TOWNS)[number % 4]
            pounds = 1_000 + 100 * number if number % 2 else 777.13 + number
            if payer == "Fellside Hospital" and year == 2022:
                pounds *= 1.2  # planted: gross of VAT in the last year
            yield [f"{day:%d/%m/%Y}", f"Supplier {chr(65 + number)} Ltd", postcode, f"{pounds:.2f}", "General"]
        if payer == "Fellside Council":
            # planted: the largest supplier moves out of Barrow from the second year on
            yield [f"{day:%d/%m/%Y}", MOVER, "LA14 2LD" if year == 2018 else "M1 1AE", "90000.00", "Ships"]
            if year >= 2021:  # planted: money passed on, which the college spends again
                yield [f"{day:%d/%m/%Y}", "Fellside College", "LA9 4DQ", "60000.00", "Grants"]


def _ledger(folder: Path, payer: str, year: int) -> LedgerFile:
    path = folder / f"{payer}-{year}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(["Payment Date", "Supplier Name", "Supplier Postcode", "Amount", "Category"])
        sheet.writerows(_rows(payer, year))
    return LedgerFile(path, payer)


def _as_of_then(run: Run) -> Run:
    """The run as it would have been kept before April 2023: the districts and the place of the time."""
    assert run.payees is not None
    assert run.spend is not None
    printed = run.evidence.suppliers.select("supplier_id", "supplier_postcode")
    old = pl.col("supplier_postcode").replace_strict(TOWNS, default=None, return_dtype=pl.String)
    band = (
        pl.when(old.is_in(THEN["local"])).then(pl.lit("local")).when(old.is_in(THEN["region"]))
        .then(pl.lit("regional")).otherwise(pl.lit("leaked"))
    )  # fmt: skip
    payees = run.payees.join(printed, on="supplier_id", maintain_order="left").with_columns(
        band=band, lad_code=pl.coalesce(old, "lad_code")
    )
    joined = run.spend.join(payees.select("supplier_id", "band"), on="supplier_id")
    total = int(joined["amount_pence"].sum())

    def of(rows: pl.DataFrame) -> dict[str, int]:
        sums = dict(rows.group_by("band").agg(pl.col("amount_pence").sum()).iter_rows())
        return {b: int(sums.get(b, 0)) for b in ("local", "regional", "leaked", "unknown")}

    bands = {b: {**run.summary["bands"][b], "amount_pence": p, "share": p / total} for b, p in of(joined).items()}
    by_institution = [
        {**one, "bands": of(joined.filter(pl.col("institution") == one["institution"]))}
        for one in run.summary["by_institution"]
    ]
    place = {**run.summary["place"], **THEN}
    summary = {**run.summary, "place": place, "bands": bands, "by_institution": by_institution}
    return replace(run, summary=summary, payees=payees.drop("supplier_postcode"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    folder = tmp_path_factory.mktemp("anchors")
    place = folder / "furness.toml"
    place.write_text(
        'name = "Furness"\nlocal = ["E06000064"]\nregion_name = "Cumbria"\nregion = ["E06000063", "E06000064"]\n'
    )
    made = [analyse([_ledger(folder, payer, year) for payer in PAYERS], str(place)) for year in YEARS]
    made[0] = _as_of_then(made[0])  # planted: a boundary change
    for year, run in zip(YEARS, made, strict=True):
        write_run(run, folder / str(year))
    return [read_run(folder / str(year)) for year in YEARS]


def found(compare_json: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(check["kind"], check["institution"]) for check in compare_json["comparable"]["checks"]}


@pytest.mark.parametrize(
    ("first", "causes"),
    [
        (0, {("boundaries", None)}),
        (1, {("months", "Fellside Hospital")}),
        (2, {("months", "Fellside Hospital"), ("transfers", None)}),
        (3, {("vat", "Fellside Hospital")}),
    ],
)
def test_each_cause_is_found_and_no_other(runs: list[Run], first: int, causes: set[tuple[str, str | None]]) -> None:
    assert found(compare(runs[first : first + 2]).compare) == causes


def test_the_supplier_that_moved_out_is_named(runs: list[Run]) -> None:
    made = compare(runs[:2])
    (moved,) = made.compare["parts"]["moved"]
    assert moved["supplier_name"] == MOVER
    assert (moved["from_band"], moved["to_band"], moved["why"]) == ("local", "leaked", "new address")
    assert made.compare["parts"]["suppliers"]["local"]["moved_out"]["amount_pence"] == -12 * 90_000_00
    assert MOVER in made.compare["paragraph"]
    assert "new address" in made.compare["paragraph"]


def test_the_first_year_is_recast_and_what_that_moves_is_said(runs: list[Run]) -> None:
    made = compare(runs[:2])
    # Kendal was in the rest of the region and is in the district of today: six suppliers of each payer.
    kendal = runs[1].spend.join(runs[1].payees, on="supplier_id").filter(pl.col("supplier_name").is_in(
        [f"Supplier {c} Ltd" for c in "BFJNRV"]
    ))["amount_pence"].sum()  # fmt: skip
    before = runs[0].summary["bands"]["local"]["amount_pence"]
    assert made.compare["from"]["bands"]["local"]["amount_pence"] == before + kendal
    (note,) = (c for c in made.compare["comparable"]["checks"] if c["kind"] == "boundaries")
    assert f"adds {money(kendal)} to its local spend" in note["text"]
    assert "Barrow-in-Furness" in note["text"]


def test_going_back_keeps_what_cannot_be_told_as_unknown(runs: list[Run]) -> None:
    made = compare(runs[:2], boundaries="earlier")
    # All of the district of today was Barrow, Eden and South Lakeland: nothing says which.
    assert made.compare["to"]["bands"]["local"]["amount_pence"] == 0
    assert made.compare["to"]["bands"]["unknown"]["amount_pence"] > 0
    total = sum(band["amount_pence"] for band in made.compare["to"]["bands"].values())
    assert total == runs[1].summary["amount_pence"]["payments"]


def test_the_transfer_is_netted_off(runs: list[Run]) -> None:
    passed_on = 12 * 60_000_00
    assert runs[2].summary["together"]["transfers_pence"] == 0
    assert runs[3].summary["together"]["transfers_pence"] == passed_on
    group = pooled([runs[3]])
    assert group.compare["gross_pence"] - group.compare["net_pence"] == passed_on
    payers = group.tables["by_original_payer"].group_by("institution").agg(pl.col(pl.Int64).sum())
    row = payers.row(by_predicate=pl.col("institution") == "Fellside Council", named=True)
    college = payers.row(by_predicate=pl.col("institution") == "Fellside College", named=True)
    # The college spends less than it was given: all it spends came from the council.
    assert college["original_pence"] == 0
    assert row["original_pence"] == row["paid_pence"] + college["paid_pence"]


def test_five_years_in_one_go(runs: list[Run]) -> None:
    made = compare(runs)
    assert len(made.compare["series"]) == 5
    assert [step["step"] for step in made.compare["steps"] if step["band"] == "local"] == [1, 2, 3, 4]
    local = [row["amount_pence"] for row in made.compare["steps"] if row["band"] == "local"]
    assert sum(local) == made.compare["change"]["local"]["amount_pence"]
    assert made.compare["ranking"]["rows"] is None  # gross beside net, eleven months beside twelve
    assert any("VAT" in reason for reason in made.compare["ranking"]["refused"])
    assert compare(runs, rank_unlike=True).compare["ranking"]["rows"]
    kinds = [{check["kind"] for check in step["checks"]} for step in made.compare["comparable"]["steps"]]
    assert kinds == [set(), {"months"}, {"months", "transfers"}, {"vat"}]  # the boundaries are recast before
    assert found(made.compare) == {("boundaries", None), ("transfers", None), ("vat", "Fellside Hospital")}


def test_the_amounts_headed_gross_are_named_too(runs: list[Run]) -> None:
    assert vat_of("Net Amount (£)") == "net"
    assert vat_of("Amount excl. VAT") == "net"
    assert vat_of("Gross amount") == "gross"
    assert vat_of("Amount inc VAT") == "gross"
    assert vat_of("Amount") is None
