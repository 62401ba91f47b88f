"""Decisions win over matches, survive re-runs, and go out and come back as files."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cwb import review
from cwb.decisions import DECISIONS, Decision, apply_decisions, overrides, snapshot_of, standing
from cwb.errors import WorkspaceError
from cwb.privacy import INDIVIDUAL
from cwb.schema import LINKS, SUPPLIERS, conform
from cwb.workspace import add_history, current, history, open_workspace, record

CANDIDATES = [
    {"org_id": "GB-COH-00000001", "name": "ACME LIMITED", "postcode": "PR1 2RL", "status": "", "probability": 0.8},
    {"org_id": "GB-COH-00000002", "name": "ACME (NORTH) LTD", "postcode": "BB11 1AA", "probability": 0.4},
]  # fmt: skip


def _links(*rows: dict[str, Any]) -> pl.DataFrame:
    blank = {
        "outcome": "review", "supplier_type": "company", "org_id": "GB-COH-00000001", "name": "ACME LIMITED",
        "postcode": "PR1 2RL", "sic_code": "41201", "score": 0.8, "method": "fuzzy", "margin": 0.4,
        "evidence": json.dumps({"printed": "ACME", "candidates": CANDIDATES}), "address_is_evidence": True,
    }  # fmt: skip
    return conform(pl.DataFrame([{**blank, **row} for row in rows], infer_schema_length=None), LINKS)


def _history(*rows: dict[str, Any]) -> pl.DataFrame:
    made = [
        Decision.model_validate(
            {"supplier_id": "s1", "who": "Asha", "decided_at": f"2026-01-{i + 1:02d}T00:00:00Z", **row}
        )
        for i, row in enumerate(rows)
    ]
    return pl.DataFrame([d.model_dump() for d in made], schema=DECISIONS.dtypes)


def _after(*decided: dict[str, Any], **more: Any) -> dict[str, Any]:
    links = _links({"supplier_id": "s1"}, {"supplier_id": "s2", "org_id": "GB-COH-00000009", "name": "OTHER LTD"})
    out = apply_decisions(links, standing(_history(*decided)), **more)
    assert out["supplier_id"].to_list() == ["s1", "s2"]
    if not any(row.get("supplier_id") == "s2" for row in decided):
        assert out.row(1) == links.row(1), "nobody decided about the other"
    return dict(out.row(0, named=True))


def test_accepting_makes_the_proposed_organisation_the_match() -> None:
    link = _after({"kind": "accept", "value": "GB-COH-00000001", "why": "their letterhead"})
    assert (link["outcome"], link["org_id"], link["postcode"]) == ("matched", "GB-COH-00000001", "PR1 2RL")
    assert (link["method"], link["decided_by"], link["score"], link["margin"]) == ("decision", "Asha", 1.0, None)
    evidence = json.loads(link["evidence"])
    assert evidence["decision"]["why"] == "their letterhead"
    assert evidence["printed"] == "ACME", "what matching found stays readable"


def test_choosing_a_candidate_takes_what_the_register_says_of_it() -> None:
    link = _after({"kind": "choose", "value": "GB-COH-00000002"})
    assert (link["name"], link["postcode"]) == ("ACME (NORTH) LTD", "BB11 1AA")


def test_a_choice_from_outside_the_candidates_comes_from_the_register_in_use_else_from_the_day_it_was_made() -> None:
    then = json.dumps({"name": "ZETA LTD", "postcode": "M1 1AE", "supplier_type": "cic"})
    decided = {"kind": "choose", "value": "GB-COH-00000003", "snapshot": then}
    link = _after(decided)
    assert (link["name"], link["postcode"], link["supplier_type"]) == ("ZETA LTD", "M1 1AE", "cic")
    register = pl.DataFrame({"org_id": ["GB-COH-00000003"], "name": ["ZETA PLC"], "postcode": ["LS1 4AP"]})
    link = _after(decided, organisations=register)
    assert (link["name"], link["postcode"], link["supplier_type"]) == ("ZETA PLC", "LS1 4AP", "cic")


@pytest.mark.parametrize(
    ("kind", "supplier_type"), [("none", "company"), ("individual", "individual"), ("internal", "internal")]
)
def test_what_is_no_organisation_has_none(kind: str, supplier_type: str) -> None:
    link = _after({"kind": kind})
    assert (link["outcome"], link["supplier_type"], link["decided_by"]) == ("unmatched", supplier_type, "Asha")
    assert [link[name] for name in ("org_id", "name", "postcode", "sic_code", "score")] == [None] * 5


def test_the_same_as_another_supplier_shares_its_match_and_its_decisions() -> None:
    link = _after({"kind": "same_as", "value": "s2"})
    assert (link["org_id"], link["outcome"]) == ("GB-COH-00000009", "review")
    link = _after(
        {"kind": "same_as", "value": "s2"},
        {"supplier_id": "s2", "kind": "accept", "value": "GB-COH-00000009", "who": "Ben"},
    )
    assert (link["org_id"], link["outcome"], link["decided_by"]) == ("GB-COH-00000009", "matched", "Asha")


def test_suppliers_said_to_be_each_other_keep_their_own_match() -> None:
    ring = standing(
        _history({"kind": "same_as", "value": "s2"}, {"supplier_id": "s2", "kind": "same_as", "value": "s1"})
    )
    out = apply_decisions(_links({"supplier_id": "s1"}, {"supplier_id": "s2"}), ring)
    assert out["outcome"].to_list() == ["review", "review"]
    assert overrides(ring).height == 0


def test_the_same_as_one_that_is_not_in_this_ledger_keeps_what_was_decided_of_it() -> None:
    then = json.dumps({"name": "GONE LTD", "postcode": "M1 1AE"})
    decided = [
        {"kind": "same_as", "value": "s9"},
        {"supplier_id": "s9", "kind": "choose", "value": "GB-COH-00000009", "snapshot": then},
    ]
    assert _after(*decided)["name"] == "GONE LTD"


def test_places_and_exclusions_for_classifying() -> None:
    decided = standing(
        _history(
            {"supplier_id": "s1", "kind": "operates_at", "value": "PR1 2RL"},
            {"supplier_id": "s2", "kind": "internal"},
            {"supplier_id": "s3", "kind": "same_as", "value": "s1"},
            {"supplier_id": "s4", "kind": "same_as", "value": "s2"},
            {"supplier_id": "s5", "kind": "none"},
        )
    )
    assert sorted(overrides(decided).rows()) == [
        ("s1", "PR1 2RL", None), ("s2", None, "excluded"), ("s3", "PR1 2RL", None), ("s4", None, "excluded"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"kind": "accept"}, "'accept' needs an org-id"),
        ({"kind": "none", "value": "x"}, "'none' takes no value"),
        ({"kind": "operates_at", "value": "PR1"}, "'PR1' is not a postcode"),
        ({"kind": "same_as", "value": "s1"}, "the same as itself"),
        ({"kind": "undo"}, "names the decision it takes back"),
        ({"kind": "none", "undoes": "d1"}, "names the decision it takes back"),
        ({"kind": "maybe"}, "kind"),
        ({"kind": "none", "who": " "}, "who"),
        ({"kind": "none", "decided_at": "2026-01-01T00:00:00"}, "needs its zone"),
    ],
)
def test_a_decision_that_says_nothing_whole_is_refused(row: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Decision.model_validate({"supplier_id": "s1", "who": "Asha", **row})


KIND = st.sampled_from(
    [
        {"kind": "accept", "value": "GB-COH-00000001"}, {"kind": "choose", "value": "GB-COH-00000007"},
        {"kind": "none"}, {"kind": "individual"}, {"kind": "internal"}, {"kind": "operates_at", "value": "M1 1AE"},
        {"kind": "same_as", "value": "s0"}, {"kind": "same_as", "value": "elsewhere"},
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["s1", "s2", "s3", "gone"]), KIND), max_size=12))
def test_decisions_change_only_who_they_are_about_and_twice_is_once(decided: list[tuple[str, dict[str, Any]]]) -> None:
    links = _links(*({"supplier_id": f"s{i}"} for i in range(5)))
    holds = standing(_history(*({"supplier_id": supplier, **row} for supplier, row in decided)))
    once = apply_decisions(links, holds)
    assert once["supplier_id"].equals(links["supplier_id"])
    touched = set(holds.filter(pl.col("kind") != "operates_at")["supplier_id"])
    untouched = ~pl.col("supplier_id").is_in(sorted(touched))
    assert once.filter(untouched).equals(links.filter(untouched))
    assert set(once.filter(pl.col("decided_by").is_not_null())["supplier_id"]) == touched & set(links["supplier_id"])
    assert apply_decisions(once, holds).drop("evidence").equals(once.drop("evidence"))


# --- sheets, histories, logs ---------------------------------------------------------------------------------------


def _suppliers(*rows: dict[str, Any]) -> pl.DataFrame:
    blank = {"supplier_name": "ACME", "is_redacted": False, "payments": 1, "amount_pence": 100_00}
    return conform(pl.DataFrame([{**blank, **row} for row in rows]), SUPPLIERS)


SHEET_SUPPLIERS = _suppliers(
    {"supplier_id": "s1", "amount_pence": 500_00, "supplier_name": "=ACME()"},
    {"supplier_id": "s2", "amount_pence": 900_00},
    {"supplier_id": "done", "amount_pence": 10_00},
    {"supplier_id": "person", "amount_pence": 10_00},
    {"supplier_id": "hidden", "amount_pence": 10_00, "is_redacted": True},
    {"supplier_id": "decided", "amount_pence": 10_00},
)
SHEET_LINKS = _links(
    *({"supplier_id": s} for s in ("s1", "s2", "hidden", "decided")),
    {"supplier_id": "done", "outcome": "matched"},
    {"supplier_id": "person", "outcome": "unmatched", "supplier_type": "individual"},
)


def test_a_sheet_lists_what_is_open_by_what_is_at_stake() -> None:
    decided = standing(_history({"supplier_id": "decided", "kind": "none"}))
    sheet = review.review_sheet(SHEET_SUPPLIERS, SHEET_LINKS, decided)
    assert sheet["supplier_id"].to_list() == ["s2", "s1"]
    assert sheet["candidate_1"][0] == "ACME LIMITED (GB-COH-00000001) PR1 2RL 0.8"
    assert sheet["candidate_3"][0] is None
    assert sheet["pounds"].to_list() == [900.0, 500.0]


def _filled(tmp_path: Path, **cells: tuple[str, str]) -> Path:
    path = tmp_path / "review.csv"
    sheet = review.review_sheet(SHEET_SUPPLIERS, SHEET_LINKS, standing(_history()))
    told = [cells.get(supplier, ("", "")) for supplier in sheet["supplier_id"]]
    review.write_sheet(
        sheet.with_columns(
            pl.Series("decision", [d for d, _ in told]), pl.Series("value", [v for _, v in told]), why=pl.lit("seen")
        ),
        path,
    )
    return path


def test_a_sheet_filled_in_comes_back_as_decisions(tmp_path: Path) -> None:
    path = _filled(tmp_path, s1=("Choose", "2"), s2=("accept", ""))
    made = {d.supplier_id: d for d in review.read_sheet(path, SHEET_LINKS, who="Asha")}
    assert {s: (d.kind, d.value, d.who, d.why) for s, d in made.items()} == {
        "s1": ("choose", "GB-COH-00000002", "Asha", "seen"), "s2": ("accept", "GB-COH-00000001", "Asha", "seen"),
    }  # fmt: skip
    assert json.loads(str(made["s1"].snapshot))["postcode"] == "BB11 1AA"


def test_no_cell_of_a_sheet_is_a_formula(tmp_path: Path) -> None:
    text = _filled(tmp_path).read_text("utf-8-sig")
    assert "'=ACME()" in text
    assert ",=ACME" not in text


def test_a_sheet_saved_by_a_spreadsheet_of_another_country_is_read(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes("supplier_id;decision;value;why\ns1;individual;;Zoë said so\n".encode("cp1252"))
    [made] = review.read_sheet(path, SHEET_LINKS, who="Asha")
    assert (made.kind, made.why) == ("individual", "Zoë said so")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (("acept", ""), r"row 3: no decision 'acept'. Did you mean accept"),
        (("choose", ""), "row 3: 'choose' needs an org-id as its value"),
        (("choose", "5"), "needs an org-id"),
        (("operates at", "nowhere"), "'nowhere' is not a postcode"),
    ],
)
def test_a_sheet_filled_in_wrongly_is_told_by_its_row(tmp_path: Path, cell: tuple[str, str], said: str) -> None:
    with pytest.raises(WorkspaceError, match=said) as caught:
        review.read_sheet(_filled(tmp_path, s1=cell), SHEET_LINKS, who="Asha")
    assert "\n" not in str(caught.value)


def test_what_is_no_sheet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("supplier,amount\nACME,1\n")
    with pytest.raises(WorkspaceError, match="not a review sheet: no column supplier_id, decision, value, why"):
        review.read_sheet(path, SHEET_LINKS, who="Asha")
    with pytest.raises(WorkspaceError, match="cannot be read"):
        review.read_sheet(tmp_path / "missing.csv", SHEET_LINKS, who="Asha")


def test_a_history_goes_out_and_comes_back_the_same(tmp_path: Path) -> None:
    first = open_workspace(tmp_path / "one.db")
    record(first, [Decision(supplier_id="s1", kind="none", who="Asha", why='a "quoted"\nline, with ; all')])
    review.write_history(history(first), tmp_path / "decisions.jsonl")
    second = open_workspace(tmp_path / "two.db")
    assert add_history(second, review.read_history(tmp_path / "decisions.jsonl")) == (1, 0)
    assert history(second).equals(history(first))
    assert current(second).equals(current(first))


def test_a_history_with_a_broken_line_is_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    path.write_text('{"supplier_id": "s1", "kind": "none", "who": "Asha"}\n{"kind": "none"}\n')
    with pytest.raises(WorkspaceError, match="line 2: supplier_id: field required"):
        review.read_history(path)


def test_the_log_says_what_holds_and_withholds_individuals() -> None:
    rows = [
        {"decision_id": "d1", "kind": "individual", "supplier_name": "Jane Roe"},
        {"decision_id": "d2", "supplier_id": "s2", "kind": "none", "supplier_name": "ACME"},
        {"decision_id": "d3", "supplier_id": "s2", "kind": "undo", "undoes": "d2", "supplier_name": "ACME"},
    ]
    out = review.log(_history(*rows))
    assert out.select("decision", "supplier", "value", "holds").rows() == [
        ("d3", "ACME", "d2", True), ("d2", "ACME", None, False), ("d1", INDIVIDUAL, None, True),
    ]  # fmt: skip
    assert out["decided_at"][0] == "2026-01-03T00:00:00"
    assert "Jane Roe" in review.log(_history(*rows), show_individuals=True)["supplier"].to_list()


def test_what_a_link_says_of_an_organisation_it_does_not_name_is_nothing() -> None:
    assert snapshot_of(SHEET_LINKS.row(0, named=True), "GB-COH-99999999") is None
