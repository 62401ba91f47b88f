"""The tables of a run: every penny in each, reasons a person can read, no name that should not show."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from banding import LEAKED, LOCAL, REGIONAL, Case, matched

from cwb import lookups
from cwb.indicators import tables
from cwb.places import find_place, own_areas
from cwb.privacy import INDIVIDUAL, REDACTED, mask_names

PRESTON = find_place("preston")

ROWS: list[dict[str, Any]] = [
    {
        "supplier_name": "Near Ltd", "supplier_postcode": LOCAL, "amount_pence": 500_00, "category": "Rent",
        "payment_date": date(2016, 4, 5), "financial_year": "2016-17",
    },
    {
        "supplier_name": "Near Ltd", "supplier_postcode": LOCAL, "amount_pence": -20_00, "category": "Rent",
        "payment_date": date(2016, 4, 30), "financial_year": "2016-17",
    },
    {"supplier_name": "Office Ltd", "amount_pence": 300_00, "category": "Fees", "payment_date": date(2016, 5, 1)},
    {"supplier_name": "Far Ltd", "amount_pence": 200_00, "institution": "College"},
    {"supplier_name": "Jane Roe", "supplier_postcode": REGIONAL, "amount_pence": 50_00},
    {"supplier_name": "Roe, John", "amount_pence": 40_00},
    {"supplier_name": "Hidden", "is_redacted": True, "amount_pence": 30_00},
    {"supplier_name": "Maybe", "amount_pence": 20_00},
    {"supplier_name": "Agent Co", "amount_pence": 10_00},
    {"supplier_name": "Own transfer", "amount_pence": 999_00},
]  # fmt: skip
TOLD: dict[str, dict[str, Any]] = {
    "Office Ltd": matched(LOCAL, name="OFFICE LIMITED", sic_code="41201"),
    "Far Ltd": matched(LEAKED, name="FAR LIMITED", sic_code="99999", method="fuzzy", score=0.934),
    "Jane Roe": {"supplier_type": "individual"},
    "Roe, John": {"supplier_type": "individual"},
    "Hidden": {"supplier_type": "redacted"},
    "Maybe": matched(LOCAL, outcome="review", name="MAYBE LIMITED", sic_code="62012"),
    "Agent Co": matched(LOCAL, name="AGENT CO LIMITED", address_is_evidence=False, sic_code="69201"),
    "Own transfer": {"supplier_type": "internal", "decided_by": "Asha"},
}


def _tables(setting: str = "best_evidence", **how: Any) -> dict[str, pl.DataFrame]:
    case = Case(ROWS, TOLD)
    return tables.run_tables(
        case.banded(PRESTON, basis=setting), case.suppliers, case.links, case.by_basis(PRESTON), basis=setting,
        place=PRESTON, **how,
    )  # fmt: skip


def test_every_table_holds_every_penny_of_the_spend() -> None:
    out = _tables()
    spend = sum(row["amount_pence"] for row in ROWS) - 999_00
    assert out["bands"].filter(pl.col("band") != "excluded")["amount_pence"].sum() == spend
    for name in ("bands_by_institution", "categories", "sectors", "months"):
        assert out[name]["amount_pence"].sum() == spend, name
    assert out["suppliers"]["amount_pence"].sum() == spend + 999_00
    for _, part in out["range_by_basis"].group_by("basis"):
        assert part["amount_pence"].sum() == spend
    assert out["unknowns"]["amount_pence"].sum() == 40_00 + 30_00 + 20_00 + 10_00


def test_shares_are_of_the_spend_and_of_each_institutions() -> None:
    out = _tables()
    bands = dict(out["bands"].select("band", "share").iter_rows())
    # local 480 + 300 of 1,130
    assert bands["local"] == pytest.approx(780 / 1130)
    assert bands["excluded"] is None
    by = out["bands_by_institution"]
    assert by.filter(pl.col("institution") == "College")["share"].to_list() == [0, 0, 1, 0]
    assert by.group_by("institution", "financial_year").len()["len"].to_list() == [4] * 3


def test_months_start_on_their_first_day_and_keep_what_is_undated() -> None:
    months = _tables()["months"]
    local = months.filter(pl.col("band") == "local")
    assert local["month"].to_list() == [date(2016, 4, 1), date(2016, 5, 1)]
    assert local["amount_pence"].to_list() == [480_00, 300_00]
    assert months.filter(pl.col("month").is_null())["amount_pence"].sum() == 350_00


def test_sectors_come_from_accepted_matches_only() -> None:
    sectors = _tables()["sectors"]
    known = sectors.filter(pl.col("sic_section").is_not_null())
    assert known.select("sic_section", "section_name", "band", "amount_pence").rows() == [
        ("F", "Construction", "local", 300_00),
        ("M", "Professional, scientific and technical activities", "unknown", 10_00),
    ]
    # A dormant company's code and a match that waits for review tell no sector.
    assert sectors.filter(pl.col("sic_section").is_null())["amount_pence"].sum() == 1130_00 - 310_00


def _why(setting: str = "best_evidence") -> dict[int, str]:
    return dict(_tables(setting)["suppliers"].select("amount_pence", "why").iter_rows())


def test_why_in_plain_words() -> None:
    assert _why() == {
        480_00: "Ledger postcode PR1 2RL is in Preston",
        300_00: "Registered office of OFFICE LIMITED (GB-COH-01234567), PR1 2RL, is in Preston; matched by exact name",
        200_00: "Registered office of FAR LIMITED (GB-COH-01234567), SW1A 0AA, is in Westminster, outside Lancashire; "
        "matched by a similar name, score 0.93",
        50_00: "Ledger postcode is in Burnley, in Lancashire",
        40_00: "No postcode in the ledger, and an individual",
        30_00: "The ledger hides who was paid",
        20_00: "A possible match waits for a person's review",
        10_00: "Matched, but its registered address is shared by very many companies",
        999_00: "A person decided that it is excluded",
    }


def test_why_follows_the_setting() -> None:
    ledger, register = _why("ledger_address"), _why("registered_office")
    assert ledger[300_00] == "No postcode in the ledger"
    assert register[480_00] == "On no register: no register entry matched"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Preston City Council", ", Preston"),
        ("Kent County Council", ", outside Lancashire"),
    ],
)
def test_why_an_authority_is_where_it_is(name: str, why: str) -> None:
    case = Case([{}], {"ACME LTD": matched(None, name=name, supplier_type="public_body")})
    how = {"areas": own_areas(case.links, PRESTON)}
    out = tables.run_tables(
        case.banded(PRESTON, **how), case.suppliers, case.links, case.by_basis(PRESTON, **how), basis="best_evidence",
        place=PRESTON,
    )  # fmt: skip
    assert out["suppliers"]["why"].to_list() == [
        f"{name}, taken to be in the area it serves{why}; matched by exact name"
    ]


def test_a_match_without_an_address_is_not_said_to_share_one() -> None:
    case = Case([{}], {"ACME LTD": matched(None, address_is_evidence=False)})
    out = tables.run_tables(
        case.banded(PRESTON), case.suppliers, case.links, case.by_basis(PRESTON), basis="best_evidence", place=PRESTON
    )
    assert out["unknowns"]["reason"].to_list() == ["Matched, but the register gives no postcode"]


def test_names_of_individuals_are_withheld_and_redactions_always() -> None:
    masked = dict(_tables()["suppliers"].select("amount_pence", "supplier_name").iter_rows())
    assert (masked[50_00], masked[40_00], masked[30_00]) == (INDIVIDUAL, INDIVIDUAL, REDACTED)
    shown = dict(_tables(show_individuals=True)["suppliers"].select("amount_pence", "supplier_name").iter_rows())
    assert (shown[50_00], shown[40_00], shown[30_00]) == ("Jane Roe", "Roe, John", REDACTED)


def test_no_table_holds_a_name_or_a_home_that_is_withheld() -> None:
    for name, frame in _tables().items():
        text = frame.select(pl.col(pl.String)).write_csv()
        for secret in ("Roe", "Hidden", REGIONAL):
            assert secret not in text, name


def test_masking_a_row_takes_what_leads_to_a_person_with_it() -> None:
    frame = pl.DataFrame(
        {
            "supplier_name": ["Jane Roe", "Acme", "?"],
            "supplier_type": ["individual", "company", None],
            "is_redacted": [False, False, True],
            "supplier_postcode": ["PR1 2RL"] * 3,
            "org_id": ["GB-COH-1"] * 3,
            "amount_pence": [1, 2, 3],
        }
    )
    out = mask_names(frame)
    assert out["supplier_name"].to_list() == [INDIVIDUAL, "Acme", REDACTED]
    assert out["supplier_postcode"].to_list() == [None, "PR1 2RL", None]
    assert out["org_id"].to_list() == [None, "GB-COH-1", None]
    assert out["amount_pence"].to_list() == [1, 2, 3]


def test_suppliers_come_biggest_first() -> None:
    assert _tables()["suppliers"]["amount_pence"].is_sorted(descending=True)


def test_unknowns_say_how_many_and_how_much() -> None:
    rows = _tables()["unknowns"].rows()
    assert rows[0] == ("No postcode in the ledger, and an individual", 1, 1, 40_00)
    assert len(rows) == 4


def test_a_run_without_payments_has_empty_tables() -> None:
    case = Case(ROWS, TOLD)
    nothing = case.payments.clear()
    case.payments, case.owners = nothing, case.owners.clear()
    case.suppliers, case.links = case.suppliers.clear(), case.links.clear()
    out = tables.run_tables(
        case.banded(PRESTON), case.suppliers, case.links, case.by_basis(PRESTON), basis="best_evidence", place=PRESTON
    )
    assert out["bands"]["amount_pence"].to_list() == [0, 0, 0, 0]
    assert out["bands"]["share"].to_list() == [None] * 4
    assert all(out[name].height == 0 for name in ("suppliers", "categories", "sectors", "months", "unknowns"))


def test_sic_sections_are_the_88_divisions_in_21_sections() -> None:
    table = lookups.table("sic_sections")
    assert table.height == 88
    assert table["section"].unique().sort().to_list() == list("ABCDEFGHIJKLMNOPQRSTU")
    assert table.group_by("section").agg(pl.col("section_name").n_unique())["section_name"].to_list() == [1] * 21
    division = dict(table.select("division", "section").iter_rows())
    assert [division[d] for d in ("01", "09", "10", "33", "41", "62", "84", "86", "97", "99")] == list("ABCCFJOQTU")


def test_files_give_one_row_a_file_with_its_counts() -> None:
    account = {
        "files": [
            {
                "file": "a.xlsx", "format": "xlsx", "encoding": None, "delimiter": None, "sheet": "April",
                "header_row": 3, "columns": {"amount": "Net Amount"},
                "rows": {"read": 5, "payments": 3, "control_totals": 1, "blank": 1, "rejected": 0},
                "amount_pence": {"payments": 300, "control_totals": 300},
                "negative": {"rows": 1, "amount_pence": -5}, "redacted_rows": 0, "warnings": ["one", "two"],
            }
        ]
    }  # fmt: skip
    row = tables.files(account).row(0, named=True)
    assert (row["file"], row["sheet"], row["rows_read"], row["payments_pence"]) == ("a.xlsx", "April", 5, 300)
    assert row["warnings"] == "one; two"
    assert row["columns"] == '{"amount": "Net Amount"}'


def test_assumptions_print_their_source_in_words() -> None:
    frame = tables.assumptions([lookups.assumption("places.sector_share")])
    assert frame["id"].to_list() == ["places.sector_share"]
    assert frame["value"].to_list() == [lookups.number("places.sector_share")]
    assert frame["source"].to_list() == ["Judgement of the cwb maintainers, cwb"]
