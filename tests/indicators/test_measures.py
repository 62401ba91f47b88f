"""Measures of one run: figures worked by hand, shares that add up, and what each may not say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from small_ledgers import DISTRICTS, banded, run_frames

from cwb.errors import RunError
from cwb.indicators import classification, concentration, influence, owner, size, statutory, top_n
from cwb.indicators.measures import Added, known_rows, measures
from cwb.indicators.payees import same_payees
from cwb.indicators.targets import newcastle

FACTS = pl.DataFrame(schema={"org_id": pl.String, "accounts_category": pl.String})
PLACE = {"local": ["E07000123"], "region": ["E07000117", "E07000123"]}
LEDGER = [
    ("Acme Ltd", "local", "Residential care", 40_000_00), ("Bex Ltd", "leaked", "Electricity", 30_000_00),
    ("Cor Ltd", "regional", "Business rates", 10_000_00), ("Dun Ltd", "unknown", None, 15_000_00),
    ("Jo Bloggs", "local", "Fostering allowances", 5_000_00),
]  # fmt: skip


def run(added: Added | None = None) -> tuple[dict, dict[str, pl.DataFrame]]:
    frames = banded(LEDGER, individuals=["Jo Bloggs"])
    spend, payees = run_frames(frames)
    rows = known_rows(spend, payees, FACTS, added or Added())
    return measures(rows, frames.banded, same_payees([payees])[0], PLACE, added or Added())


def test_every_table_sums_to_the_ledger() -> None:
    block, tables = run()
    total = sum(row[3] for row in LEDGER)
    for name in ("influence", "sizes", "owners", "districts", "sector_leakage", "by_cofog", "by_cipfa", "by_proclass"):
        assert tables[name]["amount_pence"].sum() == total, name
    assert tables["top_n"].row(-1, named=True)["coverage"] == 1.0
    assert block["influenceable"]["amount_pence"] == 85_000_00  # without the rates and the foster carer


def test_no_name_of_a_person_is_in_a_table() -> None:
    _, tables = run()
    assert [name for name, table in tables.items() if "Bloggs" in table.write_csv()] == []
    assert "Individual" not in tables["exposure"].write_csv()


def test_unknown_stays_unknown() -> None:
    block, tables = run()
    by = {row["class"]: row["amount_pence"] for row in tables["by_proclass"].to_dicts()}
    assert by["Utilities"] == 30_000_00
    assert by["Unknown"] == 10_000_00 + 15_000_00
    assert block["classification"]["proclass"]["unknown_share"] == pytest.approx(0.25)
    assert block["sizes"]["unknown"]["share"] == pytest.approx(0.95)
    assert block["owners"]["local"] == {"not known": 1.0}


def test_dependency_and_exposure_to_one_group() -> None:
    frames = banded(
        [("Acme Ltd", "local", None, 300_00), ("Bex Ltd", "leaked", None, 200_00), ("Cor", "leaked", None, 500_00)],
        sic={"Acme Ltd": "41202", "Bex Ltd": "41202"},
    )
    spend, payees = run_frames(frames)
    ids = dict(payees.select("supplier_name", "org_id").iter_rows())
    owners = pl.DataFrame(
        {"org_id": [ids["Acme Ltd"], ids["Bex Ltd"]], "parent_id": ["P"] * 2, "parent_name": ["Carry On Group"] * 2,
         "parent_lad_code": ["E09000033"] * 2}
    )  # fmt: skip
    rows = known_rows(spend, payees, FACTS)
    first = concentration.exposure(rows, owners).row(0, named=True)
    assert (first["group_name"], first["suppliers"], first["share"]) in [("Carry On Group", 2, 0.5), ("Cor", 1, 0.5)]
    assert concentration.exposure(rows, owners).filter(pl.col("suppliers") == 2)["amount_pence"].item() == 500_00
    accounts = pl.DataFrame({"org_id": [ids["Acme Ltd"], ids["Bex Ltd"]], "turnover_gbp": [400.0, 20_000.0]})
    assert concentration.dependent(rows, accounts).select("supplier_name", "dependency").rows() == [("Acme Ltd", 0.75)]
    held = owner.with_owner(rows, owners, PLACE["local"], PLACE["region"])
    assert dict(held.select("supplier_name", "owned").iter_rows()) == {
        "Acme Ltd": "outside", "Bex Ltd": "outside", "Cor": "not known",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("on", "turnover", "expected"),
    [(date(2025, 1, 1), 10_300_000, "medium"), (date(2026, 1, 1), 10_300_000, "small"), (None, 500_000, "micro")],
)
def test_company_sizes_follow_the_day(on: date | None, turnover: float, expected: str) -> None:
    frame = pl.DataFrame(
        {"turnover_gbp": [turnover], "balance_sheet_gbp": [None], "employees": [9.0 if turnover < 1e6 else 49.0]},
        schema_overrides={"balance_sheet_gbp": pl.Float64},
    )
    # Two figures are known; both must lie within.
    assert frame.select(size.companies_act_size(on)).item() == expected


def test_a_filing_category_is_told_as_such() -> None:
    rows = pl.DataFrame(
        {"org_id": ["a", "b", "c", "d"], "supplier_type": ["company", "company", "company", "public_body"],
         "accounts_category": ["MICRO ENTITY", "FULL", None, None]}
    )  # fmt: skip
    told = size.with_size(rows).select("size", "is_sme", "size_evidence").rows()
    assert told == [
        ("micro", True, "filing category"), ("unknown", None, "none"), ("unknown", None, "none"),
        ("not a company", None, "none"),
    ]  # fmt: skip


def test_top_n_says_what_it_covers() -> None:
    rows = pl.DataFrame({"payee": ["a", "b", "c"], "band": ["leaked", "local", "local"], "amount_pence": [60, 30, 10]})
    assert top_n.top_suppliers(rows, [1, 2, 5]).select("top", "suppliers", "coverage").rows() == [
        (1, 1, 0.6), (2, 2, 0.9), (0, 3, 1.0),
    ]  # fmt: skip


def test_the_first_rule_counts_and_a_users_table_can_take_its_place() -> None:
    rows = pl.DataFrame({"supplier_type": ["company"], "category": ["Pension fund joinery"], "supplier_name": ["A"]})
    assert influence.with_influence(rows)["is_influenceable"].to_list() == [False]
    own = pl.DataFrame(
        {"order": [1], "field": ["category"], "pattern": ["joinery"], "is_influenceable": [True], "reason": ["ours"]}
    )
    assert influence.with_influence(rows, own)["influence_reason"].to_list() == ["ours"]


def test_newcastles_aims_are_an_example() -> None:
    aims = [(one.measure, one.of, one.aim) for one in newcastle()]
    assert aims == [
        ("local", "influenceable", 0.40), ("region_including_local", "influenceable", 0.65), ("vcse", "total", 0.15),
        ("vcse", "total", 0.20),
    ]  # fmt: skip


def test_the_local_area_of_a_district_is_its_county_or_borough() -> None:
    lancashire = statutory.own_area(["E07000123"])  # Preston
    assert len(lancashire) == 12
    assert "E06000009" not in lancashire  # Blackpool is a unitary district
    around = statutory.bordering_area(["E07000123"])
    assert {"E06000009", "E06000008", "E06000064", "E08000010"} <= around  # and Wigan, by Greater Manchester
    assert "E08000001" in around  # a bordering county counts whole
    assert statutory.own_area(["E09000007"]) == {"E09000007"}  # Camden
    assert statutory.own_area(["S12000036"]) == frozenset()  # Edinburgh: other rules


def test_reservation_counts_small_suppliers_apart() -> None:
    frames = banded(
        [
            ("Big Ltd", "local", None, 300_000_00),
            ("Small Ltd", "local", None, 100_00),
            ("Far Ltd", "leaked", None, 100_00),
        ]
    )
    spend, payees = run_frames(frames)
    told = statutory.reservation(known_rows(spend, payees, FACTS), PLACE["local"]).to_dicts()
    assert [one["area"] for one in told] == ["own", "bordering"]
    assert told[0]["small_pence"] == 100_00
    assert told[0]["small_share"] == pytest.approx(0.5)
    assert "substantive operations" in told[0]["cannot_know"]
    assert DISTRICTS["local"] == PLACE["local"][0]


def test_the_ledger_as_the_transparency_code_asks() -> None:
    frames = banded(
        [
            ("Acme Ltd", "local", "Works", 500_01), ("Tiny Ltd", "local", "Works", 499_99),
            ("Jo Bloggs", "local", "Care", 900_00),
        ],
        individuals=["Jo Bloggs"],
    )  # fmt: skip
    kinds = frames.links.select("supplier_id", "supplier_type")
    told = statutory.transparency_export(frames.banded.join(kinds, on="supplier_id", how="left"))
    assert told.select("beneficiary", "amount_gbp").rows() == [
        ("Acme Ltd", Decimal("500.01")), ("Individual (name withheld)", Decimal("900.00")),
    ]  # fmt: skip
    assert "Bloggs" not in told.write_csv()


def test_public_spend_of_an_area_is_netted_and_says_where_it_comes_from() -> None:
    figures = pl.DataFrame(
        [
            ("Council", "10", "ledger", 100, None), ("Hospital", "07", "body's estimate", 80, "Council"),
            ("Hospital", "07", "body's estimate", 20, "Whitehall"), ("Jobcentre", None, "population proxy", 5, None),
        ],
        schema=["body", "cofog", "provenance", "amount_pence", "received_from"], orient="row",
    )  # fmt: skip
    net, bodies = classification.count_public_spend(figures, ["Council", "Hospital", "Jobcentre", "Police"])
    assert net.rows() == [
        ("07", "body's estimate", 20), ("10", "ledger", 100), ("Unknown", "population proxy", 5),
    ]  # fmt: skip
    assert bodies.select("body", "obtained").rows() == [
        ("Council", True), ("Hospital", True), ("Jobcentre", True), ("Police", False),
    ]  # fmt: skip
    with pytest.raises(RunError, match="provenance 'guess' is none of"):
        classification.count_public_spend(figures.with_columns(provenance=pl.lit("guess")), ["Council"])
