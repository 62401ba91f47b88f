"""Unlike ledgers are told apart in words, and not ranked; aggregates alone can still be compared."""

from __future__ import annotations

from typing import Any

import pytest
from small_ledgers import banded

from cwb.errors import RunError
from cwb.indicators.comparability import checks, profile, ranking, unlikeness
from cwb.pipeline import compare
from cwb.run import Run

BANDS = {"local": 40, "regional": 0, "leaked": 60, "unknown": 0}
PLACE = {
    "id": "preston", "name": "Preston", "region_name": "Lancashire", "local": ["E07000123"],
    "region": ["E07000117", "E07000123"],
}  # fmt: skip


def one(payer: str = "Council", year: str = "2020-21", **more: Any) -> dict[str, Any]:
    """A payer's profile: twelve months of thirty payments."""
    return {
        "institution": payer, "financial_year": year, "payments": 360, "amount_pence": 100,
        "months": {str(m): 30 for m in range(1, 13)}, "undated": 0, "threshold": "£500", "smallest_pence": 500_00,
        "vat_stated": None, "vat_looks": None, "files": 1, **more,
    }  # fmt: skip


def summary(*profiles: dict[str, Any], bands: dict[str, int] | None = None, **more: Any) -> dict[str, Any]:
    sums = bands or BANDS
    total = sum(sums.values())
    payers = sorted({p["institution"] for p in profiles})
    return {
        "institutions": payers, "years": sorted({p["financial_year"] for p in profiles}), "basis": "best_evidence",
        "place": PLACE, "coverage": {"by_amount": 1.0, "by_suppliers": 1.0},
        "bands": {b: {"amount_pence": p, "share": p / total, "suppliers": 1} for b, p in sums.items()},
        "region_including_local": {"amount_pence": sums["local"], "share": sums["local"] / total},
        "by_institution": [
            {"institution": p["institution"], "financial_year": p["financial_year"], "bands": sums} for p in profiles
        ],
        "profile": list(profiles),
        "provenance": {"register": None, "postcodes": "2026", "version": "0.1", "created": "", "inputs": []}, **more,
    }  # fmt: skip


def kinds(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [check.kind for check in checks(before, after)]


LATER = {"year": "2021-22"}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"threshold": "£25,000"}, "threshold"),
        ({"vat_looks": "gross"}, "vat"),
        ({"payments": 170}, "volume"),
        ({"months": {str(m): 30 for m in range(1, 12)}}, "months"),
        ({"months": {str(m): 30 if m != 7 else 10 for m in range(1, 13)}}, "thin_month"),
    ],
)
def test_each_unlikeness_of_a_payer_is_told(change: dict[str, Any], kind: str) -> None:
    base = one(vat_looks="net")
    assert kinds(summary(base), summary(one(vat_looks="net", **LATER))) == []
    assert kinds(summary(base), summary(one(**{"vat_looks": "net", **LATER, **change}))) == [kind]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"basis": "ledger_address"}, "basis"),
        ({"top_n": 300}, "top_n"),
        ({"coverage": {"by_amount": 0.8, "by_suppliers": 1.0}}, "coverage"),
    ],
)
def test_each_unlikeness_of_method_is_told(more: dict[str, Any], kind: str) -> None:
    assert kinds(summary(one()), summary(one(**LATER), **more)) == [kind]


def test_unlike_ledgers_are_not_ranked_unless_told_to() -> None:
    alike = [summary(one("A"), one("B"))]
    assert ranking(alike)["rank"].to_list() == [1, 1]
    unlike = [summary(one("A"), one("B", threshold="£25,000"))]
    assert unlikeness(unlike) == ["They differ in threshold (£25,000: B; £500: A)."]
    with pytest.raises(RunError, match="not ranked"):
        ranking(unlike)
    assert ranking(unlike, unlike=True).height == 2


def test_aggregates_alone_can_be_compared() -> None:
    first, last = summary(one()), summary(one(**LATER), bands={"local": 60, "regional": 0, "leaked": 40, "unknown": 0})
    made = compare([Run(first, {}), Run(last, {})])
    assert made.compare["parts"] is None
    assert made.compare["change"]["local"]["share_points"] == pytest.approx(20)
    assert "up 20.0 percentage points" in made.compare["paragraph"]
    assert "By supplier" not in made.compare["paragraph"]


def test_a_profile_tells_threshold_and_months_from_rows() -> None:
    small = banded([(f"S{i} Ltd", "local", None, 600_00 + i) for i in range(60)])
    (told,) = profile(small.banded, {"ledger.csv": "Net amount"})
    assert (told["threshold"], told["vat_stated"], told["months"]) == ("£500", "net", {"5": 60})
    few = banded([("Acme Ltd", "local", None, 600_00)])
    assert profile(few.banded, {})[0]["threshold"] is None
    every = banded([(f"S{i} Ltd", "local", None, 1_00 + i) for i in range(60)])
    assert profile(every.banded, {})[0]["threshold"] == "none"
