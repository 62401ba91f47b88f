"""The stages' answer on the sample against the truth that its generator kept."""

from dataclasses import dataclass

import polars as pl
import pytest
from sample_truth import WHO, payment_keys

from cwb.classify import classify
from cwb.ledger import Ledger
from cwb.match import match_suppliers
from cwb.places import find_place
from cwb.register import build_register, open_register
from cwb.schema import BANDS
from cwb.shipped import sample_dir
from cwb.suppliers import distinct_suppliers


@dataclass(frozen=True)
class Located:
    """The sample's payments in their bands, and what each supplier was taken for."""

    banded: pl.DataFrame
    links: pl.DataFrame


@pytest.fixture(scope="module")
def located(ledgers: dict[tuple[str, str], Ledger], tmp_path_factory: pytest.TempPathFactory) -> Located:
    """The sample through suppliers, match and classify, against its own register, seen from Preston."""
    index = tmp_path_factory.mktemp("register") / "index"
    build_register([sample_dir() / "register.csv"], index)
    payments = pl.concat([ledger.payments for ledger in ledgers.values()])
    suppliers, owners = distinct_suppliers(payments)
    links = match_suppliers(suppliers, open_register(index))
    return Located(classify(payments, suppliers, owners, links, find_place("preston")), links)


@pytest.fixture(scope="module")
def scored(located: Located, truth: pl.DataFrame) -> pl.DataFrame:
    """Each row of the truth with the band, outcome and organisation that cwb gave the supplier."""
    links = located.links.select("supplier_id", "outcome", found="org_id", taken_for="supplier_type")
    keyed = located.banded.with_columns(payment_keys())
    # A VAT number splits no supplier of the sample, so a key has one band.
    given = keyed.group_by(WHO).agg(pl.col("band").first().alias("given"), pl.col("supplier_id").first())
    return truth.join(given, on=WHO, how="left", validate="m:1").join(
        links, on="supplier_id", how="left", validate="m:1"
    )


@pytest.mark.parametrize(
    ("year", "total", "local", "local_pct", "region_pct", "leaked", "leaked_pct"),
    [("2012-13", 746, 37, 5, 39, 457, 61), ("2016-17", 616, 112, 18.2, 79.2, 128, 20.8)],
)
def test_bands_from_the_rows_come_to_what_was_published_for_preston(
    located: Located,
    year: str,
    total: float,
    local: float,
    local_pct: float,
    region_pct: float,
    leaked: float,
    leaked_pct: float,
) -> None:
    one_year = located.banded.filter(pl.col("financial_year") == year)
    pence = dict(one_year.group_by("band").agg(pl.col("amount_pence").sum()).iter_rows())
    everything = sum(pence.values())
    assert set(pence) == set(BANDS)
    assert everything / 100_000_000 == pytest.approx(total, abs=1)
    assert pence["local"] / 100_000_000 == pytest.approx(local, abs=1)
    assert pence["leaked"] / 100_000_000 == pytest.approx(leaked, abs=1)
    assert 100 * pence["local"] / everything == pytest.approx(local_pct, abs=0.1)
    assert 100 * (pence["local"] + pence["regional"]) / everything == pytest.approx(region_pct, abs=0.1)
    assert 100 * pence["leaked"] / everything == pytest.approx(leaked_pct, abs=0.1)


def test_no_pound_is_put_in_a_wrong_band(scored: pl.DataFrame) -> None:
    """It may stay unknown for want of a sure match, but never be local when it is regional or leaked, and so on."""
    wrong = scored.filter(pl.col("given").ne_missing(pl.col("band")) & pl.col("given").ne_missing("unknown"))
    assert wrong.is_empty(), wrong.select("institution", "supplier", "band", "given", "variant", "amount_pence")


def test_no_supplier_is_taken_for_another_company(scored: pl.DataFrame) -> None:
    wrong = scored.filter((pl.col("outcome") == "matched") & (pl.col("found") != pl.col("org_id")))
    wrong = wrong.filter(pl.col("org_id") != "")
    assert wrong.is_empty(), wrong.select("supplier", "true_name", "org_id", "found", "variant")


def test_public_bodies_and_people_are_not_made_companies(scored: pl.DataFrame) -> None:
    others = scored.filter(pl.col("supplier_type").is_in(["public_body", "individual", "redacted"]))
    made = others.filter((pl.col("outcome") == "matched") & pl.col("found").str.starts_with("GB-COH"))
    assert others.height > 100
    assert made.is_empty(), made.select("supplier", "found")


@pytest.mark.parametrize(("variant", "share"), [("exact", 0.99), ("legal_form", 0.99), ("no_form", 0.95)])
def test_names_are_found_however_they_are_written(scored: pl.DataFrame, variant: str, share: float) -> None:
    named = scored.filter((pl.col("org_id") != "") & (pl.col("variant") == variant) & (pl.col("band") != "unknown"))
    assert named.height > 100
    assert (named["outcome"] == "matched").mean() >= share


def test_misspelt_names_are_matched_or_shown_to_a_person(scored: pl.DataFrame) -> None:
    named = scored.filter((pl.col("org_id") != "") & (pl.col("variant") == "misspelt"))
    assert named.height > 100
    assert (named["outcome"] != "unmatched").mean() >= 0.6


@pytest.mark.parametrize("variant", ["previous_name", "trading_as"])
def test_former_and_trading_names_are_found_when_the_ledger_prints_the_number(
    scored: pl.DataFrame, variant: str
) -> None:
    named = scored.filter((pl.col("variant") == variant) & (pl.col("evidence") == "company_number"))
    assert named.height > 0
    assert set(named["outcome"]) == {"matched"}


def test_a_formation_agents_address_is_no_evidence_of_place(scored: pl.DataFrame) -> None:
    crowded = scored.filter((pl.col("org_id") != "") & (pl.col("band") == "unknown"))
    assert crowded.height > 5
    assert set(crowded["outcome"]) == {"matched"}
    assert set(crowded["given"]) == {"unknown"}
