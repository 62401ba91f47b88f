"""Every pound in exactly one band, with what it rests on."""

from typing import Any

import polars as pl
import pytest
from banding import LEAKED, LOCAL, REGIONAL, Case, matched
from hypothesis import given, settings
from hypothesis import strategies as st

from cwb.classify import BASIS_SETTINGS
from cwb.places import find_place, own_areas
from cwb.schema import BANDED, BANDS

PRESTON = find_place("preston")


def _row(case: Case, **how: Any) -> tuple[Any, ...]:
    return case.banded(PRESTON, **how).select("band", "basis", "strength", "lad_code").row(0)


@pytest.mark.parametrize(
    ("row", "link", "band"),
    [
        ({"supplier_postcode": LOCAL}, {}, ("local", "ledger_postcode", "exact", "E07000123")),
        ({"supplier_postcode": REGIONAL}, {}, ("regional", "ledger_postcode", "exact", "E07000117")),
        ({"supplier_postcode": LEAKED}, {}, ("leaked", "ledger_postcode", "exact", "E09000033")),
        ({"supplier_postcode": "PR1 2ZZ"}, {}, ("local", "ledger_postcode", "sector", "E07000123")),
        ({"supplier_postcode": "JE2 3AB"}, {}, ("leaked", "ledger_postcode", "outside_uk", None)),
        ({"supplier_postcode": "unknown"}, {}, ("unknown", "none", None, None)),
        ({}, {}, ("unknown", "none", None, None)),
        ({}, matched(LOCAL), ("local", "registered_office", "exact", "E07000123")),
        ({}, matched(None), ("unknown", "none", None, None)),
        ({}, matched(LOCAL, address_is_evidence=False), ("unknown", "none", None, None)),
        ({}, matched(LOCAL, outcome="review"), ("unknown", "none", None, None)),
        ({}, matched(LOCAL, outcome="unmatched"), ("unknown", "none", None, None)),
        ({}, matched(LOCAL, org_id="GB-NHS-RXN"), ("local", "trading_site", "exact", "E07000123")),
        ({}, matched(None, supplier_type="overseas"), ("leaked", "registered_office", "outside_uk", None)),
        ({}, matched(None, supplier_type="overseas", outcome="review"), ("unknown", "none", None, None)),
        ({"supplier_postcode": LEAKED}, matched(LOCAL), ("leaked", "ledger_postcode", "exact", "E09000033")),
        ({"supplier_postcode": "unknown"}, matched(LOCAL), ("local", "registered_office", "exact", "E07000123")),
        ({"is_redacted": True}, {"supplier_type": "redacted"}, ("unknown", "none", None, None)),
        (
            {"is_redacted": True, "supplier_postcode": LOCAL},
            {"supplier_type": "redacted"},
            ("local", "ledger_postcode", "exact", "E07000123"),
        ),
        ({}, {"supplier_type": "internal"}, ("unknown", "none", None, None)),  # a guess leaves nothing out
        ({}, {"supplier_type": "internal", "decided_by": "Asha"}, ("excluded", "override", None, None)),
    ],
)
def test_what_a_band_rests_on(row: dict[str, Any], link: dict[str, Any], band: tuple[Any, ...]) -> None:
    assert _row(Case([row], {"ACME LTD": link})) == band


def test_a_mail_centre_counts_only_where_nothing_firmer_is_known() -> None:
    postcode = "EC1A 1BB"
    from_post = Case([{"supplier_postcode": postcode}]).banded(PRESTON).row(0, named=True)
    assert (from_post["band"], from_post["basis"]) == ("leaked", "ledger_postcode")
    box = _mail_centre_postcode()
    assert _row(Case([{"supplier_postcode": box}]))[2] == "mail_centre"
    assert _row(Case([{"supplier_postcode": box}], {"ACME LTD": matched(LOCAL)}))[:2] == ("local", "registered_office")


def _mail_centre_postcode() -> str:
    """Return a postcode of a mail centre whose sector and outward code say nothing firmer."""
    from cwb import postcodes  # noqa: PLC0415 - only this test looks into the directory

    folder = postcodes.directory()
    boxes = pl.read_parquet(folder / "postcodes.parquet").filter(pl.col("mail_centre"))["postcode"]
    placed = postcodes.locate(boxes).filter(pl.col("strength") == "mail_centre")
    return str(placed["postcode"][0])


@pytest.mark.parametrize(
    ("setting", "band", "basis"),
    [
        ("best_evidence", "leaked", "ledger_postcode"),
        ("ledger_address", "leaked", "ledger_postcode"),
        ("registered_office", "local", "registered_office"),
        ("any_address", "local", "registered_office"),
    ],
)
def test_settings_differ_where_the_ledger_and_the_register_do(setting: str, band: str, basis: str) -> None:
    case = Case([{"supplier_postcode": LEAKED}], {"ACME LTD": matched(LOCAL)})
    assert _row(case, basis=setting)[:2] == (band, basis)


@pytest.mark.parametrize("setting", BASIS_SETTINGS)
@pytest.mark.parametrize(
    ("told", "band"),
    [
        ({"postcode": REGIONAL}, ("regional", "override", "exact", "E07000117")),
        ({"band": "local"}, ("local", "override", None, None)),
        ({"band": "excluded"}, ("excluded", "override", None, None)),
        ({"band": "leaked", "postcode": LOCAL}, ("leaked", "override", None, None)),
    ],
)
def test_a_persons_decision_wins_under_every_setting(setting: str, told: dict[str, Any], band: tuple[Any, ...]) -> None:
    case = Case([{"supplier_postcode": LOCAL}], {"ACME LTD": matched(LEAKED)})
    assert _row(case, basis=setting, overrides=case.overrides({"ACME LTD": told})) == band


def test_a_decision_that_says_nowhere_leaves_the_evidence() -> None:
    case = Case([{"supplier_postcode": LOCAL}])
    assert _row(case, overrides=case.overrides({"ACME LTD": {"postcode": "nowhere"}}))[:2] == (
        "local",
        "ledger_postcode",
    )


def test_suppliers_without_a_link_are_taken_as_unmatched() -> None:
    case = Case([{"supplier_postcode": LOCAL}, {"supplier_name": "Other"}])
    case.links = case.links.clear()
    assert case.banded(PRESTON)["band"].to_list() == ["local", "unknown"]


def test_payments_may_come_in_another_order_than_their_suppliers() -> None:
    case = Case([{"supplier_name": "A", "supplier_postcode": LOCAL}, {"supplier_name": "B"}])
    case.owners = case.owners.reverse()
    assert case.banded(PRESTON).select("supplier_name", "band").rows() == [("A", "local"), ("B", "unknown")]


ROW = st.fixed_dictionaries(
    {
        "supplier_name": st.sampled_from(["A", "B", "C", "D", ""]),
        "supplier_postcode": st.sampled_from([None, LOCAL, REGIONAL, LEAKED, "PR1 2ZZ", "IM1 1AA", "junk"]),
        "amount_pence": st.integers(-(10**12), 10**12),
        "is_redacted": st.booleans(),
    }
)
LINK = st.one_of(
    st.just({}),
    st.builds(
        matched,
        st.sampled_from([None, LOCAL, REGIONAL, LEAKED, "junk"]),
        outcome=st.sampled_from(["matched", "review", "unmatched"]),
        address_is_evidence=st.booleans(),
        supplier_type=st.sampled_from(["company", "individual", "overseas", "internal", "public_body"]),
        decided_by=st.sampled_from([None, "Asha"]),
    ),
)
TOLD = st.fixed_dictionaries(
    {"postcode": st.sampled_from([None, LOCAL, "junk"]), "band": st.sampled_from([None, "leaked", "excluded"])}
)


@settings(deadline=None, max_examples=80)
@given(
    rows=st.lists(ROW, min_size=1, max_size=25),
    told=st.dictionaries(st.sampled_from(["A", "B", "C", "D"]), LINK),
    decided=st.booleans(),
    decision=TOLD,
    place=st.sampled_from(["preston", "Lancashire (county)", "Westminster", "England", "United Kingdom"]),
)
def test_bands_part_the_payments_exactly(
    rows: list[dict[str, Any]], told: dict[str, Any], decided: bool, decision: dict[str, Any], place: str
) -> None:
    case = Case(rows, told)
    area = find_place(place)
    name = case.suppliers["supplier_name"][0]
    overrides = case.overrides({name: decision}) if decided else None
    by_basis = case.by_basis(area, overrides=overrides)
    excluded = None
    for setting in BASIS_SETTINGS:
        banded = case.banded(area, basis=setting, overrides=overrides)
        # Every payment once, as it came, and in one of the bands.
        assert banded.select(case.payments.columns).equals(case.payments)
        assert set(banded["band"]) <= {*BANDS, "excluded"}
        assert banded.columns == list(BANDED.columns)
        # A band rests on something exactly where it is known.
        assert ((banded["band"] == "unknown") == (banded["basis"] == "none")).all()
        # Suppliers and payments tell one story, to the penny.
        by_supplier = by_basis[setting].group_by("band").agg(pl.col("amount_pence", "payments").sum()).sort("band")
        by_payment = banded.group_by("band").agg(pl.col("amount_pence").sum(), pl.len().alias("payments")).sort("band")
        assert by_supplier.rows() == by_payment.rows()
        # What is left out is left out whatever counts as a place.
        now = set(banded.filter(pl.col("band") == "excluded")["payment_id"])
        assert excluded in (None, now)
        excluded = now


RANK = {"local": 0, "regional": 1, "leaked": 2, "unknown": 3, "excluded": 0}


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(ROW, min_size=1, max_size=15), told=st.dictionaries(st.sampled_from(["A", "B", "C", "D"]), LINK))
def test_any_address_is_never_farther_than_another_setting(rows: list[dict[str, Any]], told: dict[str, Any]) -> None:
    by_basis = Case(rows, told).by_basis(PRESTON)
    nearest = by_basis["any_address"]["band"].replace_strict(RANK)
    for setting in BASIS_SETTINGS:
        assert (nearest <= by_basis[setting]["band"].replace_strict(RANK)).all()


@pytest.mark.parametrize(
    ("name", "place", "band", "lad_code"),
    [
        ("Preston City Council", "preston", "local", "E07000123"),
        ("Lancashire County Council", "preston", "regional", None),  # its area is more than the local one
        ("Burnley Borough Council", "preston", "regional", "E07000117"),
        ("London Borough of Havering", "preston", "leaked", "E09000016"),
        ("Scarborough Borough Council", "North Yorkshire", "local", "E06000065"),  # its ground is a larger district now
        ("Greater Manchester Combined Authority", "Greater Manchester", "local", None),
        ("Lancashire County Council", "Lancashire (county)", "local", None),
        ("Lancashire Police", "preston", "regional", None),
        ("Kent Fire and Rescue Service", "preston", "leaked", None),
        ("Royal Berkshire Fire and Rescue Service", "Berkshire", "local", None),
        ("National Crime Agency", "preston", "unknown", None),
        ("Preston Borough Brewery", "preston", "unknown", None),
        ("Preston", "preston", "unknown", None),  # a place is not a body
        ("Newcastle City Council", "preston", "unknown", None),  # of two places
        ("NHS Blood and Transplant", "preston", "unknown", None),
    ],
)
def test_an_authority_without_an_address_is_in_the_area_it_serves(
    name: str, place: str, band: str, lad_code: str | None
) -> None:
    area = find_place(place)
    case = Case([{}], {"ACME LTD": matched(None, name=name, supplier_type="public_body", address_is_evidence=False)})
    row = case.banded(area, areas=own_areas(case.links, area)).row(0, named=True)
    basis, strength = ("none", None) if band == "unknown" else ("trading_site", "own_area")
    assert (row["band"], row["lad_code"], row["basis"], row["strength"]) == (band, lad_code, basis, strength)


@pytest.mark.parametrize(
    "link",
    [
        matched(None, name="Preston City Council", supplier_type="company"),
        matched(None, name="Preston City Council", supplier_type="public_body", outcome="review"),
    ],
)
def test_only_a_matched_public_body_serves_an_area(link: dict[str, Any]) -> None:
    case = Case([{}], {"ACME LTD": link})
    assert own_areas(case.links, PRESTON).height == 0


def test_an_address_goes_before_the_area_served() -> None:
    case = Case([{}], {"ACME LTD": matched(LEAKED, name="Preston City Council", supplier_type="public_body")})
    areas = own_areas(case.links, PRESTON)
    assert areas.height == 1
    assert _row(case, areas=areas) == ("leaked", "registered_office", "exact", "E09000033")
