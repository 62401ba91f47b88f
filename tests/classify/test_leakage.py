"""Leakage against published figures, and what is said where a share means nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from banding import LEAKED, LOCAL, REGIONAL, Case, matched
from hypothesis import given, settings
from hypothesis import strategies as st

from cwb.indicators.leakage import band_sums, summarise
from cwb.indicators.tables import bands_by_institution
from cwb.places import find_place
from cwb.schema import BANDS

PRESTON = find_place("preston")
Published = Callable[[str], dict[str, Any]]


@pytest.fixture
def published(shared_reference: Path) -> Published:
    cases = {case["id"]: case for case in json.loads((shared_reference / "golden.json").read_text("utf-8"))}
    return lambda name: cases[name]


def _spent(local: float, regional: float, leaked: float, unknown: float = 0, institution: str = "X") -> list[Any]:
    """Return one payment a band, of so many pounds."""
    where = [(LOCAL, local), (REGIONAL, regional), (LEAKED, leaked), (None, unknown)]
    return [
        {
            "supplier_name": f"{band} supplier", "supplier_postcode": postcode, "amount_pence": round(pounds * 100),
            "institution": institution,
        }
        for band, (postcode, pounds) in zip(BANDS, where, strict=True)
    ]  # fmt: skip


def _summary(rows: list[Any], told: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
    case = Case(rows, told)
    return summarise(case.banded(PRESTON, **how), case.suppliers, case.links, case.by_basis(PRESTON, **how))


def test_preston_as_published(published: Published) -> None:
    case = published("preston-2016-17")
    out = {}
    for year, said in case["inputs"].items():
        local, inside, total = (said[key] * 1e6 for key in ("local", "regional_incl_local", "total"))
        out[year] = _summary(_spent(local, inside - local, total - inside))
    expected, tolerance = case["expected"], case["tolerance"]
    shares = {
        "base_local_pct": out["base"]["bands"]["local"]["share"],
        "base_regional_pct": out["base"]["region_including_local"]["share"],
        "latest_local_pct": out["latest"]["bands"]["local"]["share"],
        "latest_regional_pct": out["latest"]["region_including_local"]["share"],
    }
    for name, share in shares.items():
        assert share * 100 == pytest.approx(expected[name], abs=tolerance["pct_abs"]), name
    leaked = out["base"]["bands"]["leaked"]["amount_pence"] / 1e8
    assert leaked == pytest.approx(expected["base_leaked_gbp_m"], abs=tolerance["gbp_m_abs"])
    rises = {"local_rise_gbp_m": ["bands", "local"], "regional_rise_gbp_m": ["region_including_local"]}
    for name, path in rises.items():
        base, latest = out["base"], out["latest"]
        for step in path:
            base, latest = base[step], latest[step]
        rise = (latest["amount_pence"] - base["amount_pence"]) / 1e8
        assert rise == pytest.approx(expected[name], abs=tolerance["gbp_m_abs"]), name


def test_ten_authorities_each_and_together(published: Published) -> None:
    case = published("gm-ten-authorities")
    expected, tolerance = case["expected"], case["tolerance"]
    rows = [
        row
        for name, said in case["inputs"]["rows"].items()
        for row in _spent(said["local"], 0, said["total"] - said["local"], institution=name)
    ]
    banded = Case(rows).banded(PRESTON)
    local = bands_by_institution(banded).rows_by_key("band", named=True)["local"]
    shares = {row["institution"]: row["share"] * 100 for row in local}
    assert shares == pytest.approx(expected["shares"], abs=tolerance["pct_abs"])
    assert sum(shares.values()) / 10 == pytest.approx(expected["unweighted_mean_pct"], abs=tolerance["pct_abs"])
    together = {row["band"]: row["amount_pence"] for row in band_sums(banded).iter_rows(named=True)}
    assert together["local"] / 100 == pytest.approx(expected["local"], abs=tolerance["gbp_abs"])
    total = sum(together.values())
    assert total / 100 == pytest.approx(expected["total"], abs=tolerance["gbp_abs"])
    assert together["local"] / total * 100 == pytest.approx(expected["weighted_share_pct"], abs=tolerance["pct_abs"])


@pytest.mark.parametrize(
    ("name", "percent"),
    [("ayrshire-anchors-2022-23", None), ("south-ayrshire-2022-23", None), ("north-ayrshire-2022-23", "local_pct")],
)
def test_local_shares_as_published(published: Published, name: str, percent: str | None) -> None:
    case = published(name)
    local, total = case["inputs"]["local"] * 1e6, case["inputs"]["total"] * 1e6
    share = _summary(_spent(local, 0, total - local))["bands"]["local"]["share"]
    tolerance = case["tolerance"].get("pct_abs", case["tolerance"]["abs"])
    assert share * 100 == pytest.approx(case["expected"][percent] if percent else case["expected"], abs=tolerance)


def test_by_hand() -> None:
    """£50 local, £30 regional, £10 leaked, £10 unknown: the region keeps 80%, nine tenths is placed."""
    told = {
        "review supplier": {"outcome": "review", "supplier_type": "company"},
        "unknown supplier": {"supplier_type": "individual"},
        "leaked supplier": matched(LOCAL),
    }
    out = _summary(_spent(50, 30, 10, 10), told)
    assert {band: said["share"] for band, said in out["bands"].items()} == {
        "local": 0.5, "regional": 0.3, "leaked": 0.1, "unknown": 0.1,
    }  # fmt: skip
    assert out["region_including_local"] == {"amount_pence": 80_00, "share": 0.8, "payments": 2, "suppliers": 2}
    assert out["coverage"] == {"by_amount": 0.9, "by_suppliers": 0.75}
    assert out["matching"] == {
        "matched": 1, "review": 0, "unmatched": 3,
        "amount_pence": {"matched": 10_00, "review": 0, "unmatched": 90_00},
        "by_type": {"unknown": 2, "company": 1, "individual": 1},
    }  # fmt: skip
    assert out["excluded"] == {"amount_pence": 0, "payments": 0, "suppliers": 0}
    assert out["notes"] == []
    # The leaked supplier's office is local: where that counts, £10 move.
    assert out["range"]["ledger_address"] == {"local": 0.5, "regional": 0.3, "leaked": 0.1, "unknown": 0.1}
    assert out["range"]["registered_office"] == {"local": 0.1, "regional": 0.0, "leaked": 0.0, "unknown": 0.9}
    assert out["range"]["any_address"] == {"local": 0.6, "regional": 0.3, "leaked": 0.0, "unknown": 0.1}


def test_what_is_left_out_is_told_apart_and_out_of_every_share() -> None:
    rows = [*_spent(50, 0, 50), {"supplier_name": "Own transfer", "amount_pence": 900_00}]
    out = _summary(rows, {"Own transfer": {"supplier_type": "internal", "decided_by": "Asha"}})
    assert out["excluded"] == {"amount_pence": 900_00, "payments": 1, "suppliers": 1}
    assert out["bands"]["local"]["share"] == 0.5
    assert out["coverage"]["by_amount"] == 1.0


@pytest.mark.parametrize(
    ("rows", "local", "note"),
    [
        (_spent(10, 0, -10), None, "sum to £0.00"),
        (_spent(10, 0, -30), None, "sum to £-20.00"),
        (_spent(-10, 0, 30), -0.5, "Credits outweigh payments in the band 'local'"),
    ],
)
def test_where_credits_outweigh_payments_a_share_is_not_made_up(rows: Any, local: float | None, note: str) -> None:
    out = _summary(rows)
    assert out["bands"]["local"]["share"] == local
    assert len(out["notes"]) == 1
    assert note in out["notes"][0]


def test_a_run_that_places_little_says_that_its_shares_are_lower_bounds() -> None:
    assert "lower bound" in _summary(_spent(10, 10, 10, 40))["notes"][0]
    assert _summary(_spent(10, 10, 40, 40))["notes"] == []


POUNDS = st.integers(-(10**9), 10**9).map(lambda pence: pence / 100)


@settings(deadline=None, max_examples=60)
@given(POUNDS, POUNDS, POUNDS, POUNDS)
def test_the_four_bands_sum_to_the_payments_and_their_shares_to_one(
    local: float, regional: float, leaked: float, unknown: float
) -> None:
    rows = _spent(local, regional, leaked, unknown)
    out = _summary(rows)
    pence = sum(said["amount_pence"] for said in out["bands"].values())
    assert pence == sum(row["amount_pence"] for row in rows)
    shares = [said["share"] for said in out["bands"].values()]
    if pence > 0:
        assert sum(shares) == pytest.approx(1)
    else:
        assert shares == [None] * 4
        assert out["coverage"]["by_amount"] is None
