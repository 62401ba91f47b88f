"""Runs however they were cut give one answer: by payer, by year, all in one, in any order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_ledgers import run_of

from cwb.charts import figures_for_compare
from cwb.errors import RunError
from cwb.indicators.decomposition import PARTS
from cwb.pipeline import Run, compare, pooled
from cwb.report.change_story import moved, title
from cwb.schema import BANDS

PAYERS = ("Anyton Council", "Anyton Hospital", "Anyton College")
YEARS = ("2018-19", "2019-20", "2020-21")


def rows_of(payer: str, year: str) -> list[tuple[str, str, str | None, int]]:
    """A payer's year: what it buys differs by payer and year."""
    n = 1 + PAYERS.index(payer) + 10 * YEARS.index(year)
    return [
        ("Acme Ltd", "local", "Works", 1_000_00 * n), ("Bex Ltd", "leaked" if n % 2 else "local", "Works", 900_00),
        (f"Only {n} Ltd", "regional", "Care", 500_00), ("Away Ltd", "leaked", "Power", 70_000_00 - 1_000_00 * n),
    ]  # fmt: skip


def one_by_one() -> list[Run]:
    return [run_of({(payer, year): rows_of(payer, year)}) for payer in PAYERS for year in YEARS]


def all_in_one() -> Run:
    return run_of({(payer, year): rows_of(payer, year) for payer in PAYERS for year in YEARS})


def told(made: Any) -> dict[str, Any]:
    names = ("change", "paragraph", "payers", "steps", "step_paragraphs", "series", "ranking", "kind")
    return {name: made.compare.get(name) for name in names}


def test_order_and_cut_of_runs_do_not_change_the_answer() -> None:
    apart = one_by_one()
    years = [run_of({(payer, year): rows_of(payer, year) for payer in PAYERS}) for year in YEARS]
    expected = told(compare(years))
    assert told(compare(list(reversed(years)))) == expected
    assert told(compare(apart)) == expected
    assert told(compare(list(reversed(apart)))) == expected
    assert told(compare([all_in_one()])) == expected
    assert len(expected["series"]) == 3
    assert [one["institution"] for one in expected["payers"]] == sorted(PAYERS)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Acme Ltd", "Bex Ltd", "Cole Ltd", "Dee Ltd"]), st.sampled_from(BANDS),
        st.sampled_from(["Works", "Care", None]), st.integers(-(10**7), 10**8),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=4, max_size=4))
def test_every_change_of_every_payer_is_the_sum_of_its_parts(
    rows: list[list[tuple[str, str, str | None, int]]],
) -> None:
    cells = dict(zip([(p, y) for p in PAYERS[:2] for y in YEARS[:2]], rows, strict=True))
    runs = [run_of({k: v for k, v in cells.items() if k[1] == year}) for year in YEARS[:2]]
    made = compare(runs)
    changes = made.tables["changes"].filter(pl.col("band").is_in(BANDS))
    summed = changes.select(total=pl.sum_horizontal(f"{part}_pence" for part in PARTS).fill_null(0))["total"]
    assert (summed == changes["amount_pence"]).all()
    by_band = dict(changes.group_by("band").agg(pl.col("amount_pence").sum()).iter_rows())
    assert by_band == {band: made.compare["change"][band]["amount_pence"] for band in BANDS}
    for name in ("payer_by_category", "payer_by_sector"):
        mixed = (
            made.tables[name]
            .group_by("institution", "band")
            .agg(
                nothing=pl.col("mix_pence").is_null().any(), total=(pl.col("mix_pence") + pl.col("within_pence")).sum()
            )
        )
        both = changes.join(mixed, on=["institution", "band"], how="inner", validate="1:1").filter(~pl.col("nothing"))
        assert both["rate_pence"].to_list() == both["total"].to_list()


def test_a_payers_mix_is_what_it_is_when_it_is_compared_alone() -> None:
    together = compare([run_of({(payer, year): rows_of(payer, year) for payer in PAYERS}) for year in YEARS[:2]])
    alone = compare([run_of({(PAYERS[0], year): rows_of(PAYERS[0], year)}) for year in YEARS[:2]])
    mine = together.tables["payer_by_category"].filter(institution=PAYERS[0]).drop("institution")
    keys = ["category", "band"]
    assert mine.sort(keys).equals(alone.tables["change_by_category"].select(mine.columns).sort(keys))
    (told,) = [one["paragraph"] for one in together.compare["payers"] if one["institution"] == PAYERS[0]]
    assert "the payers' categories" in told


def test_payers_of_one_period_are_set_beside_each_other_not_called_a_change() -> None:
    runs = [run_of({(payer, "2020-21"): rows_of(payer, "2020-21")}) for payer in PAYERS]
    made = compare(runs)
    assert made.compare["kind"] == "payers"
    text = made.compare["paragraph"]
    assert "rose" not in text
    assert "fell" not in text
    assert "weighted by £" in text
    assert "unweighted" in text
    assert "points" in text
    shares = [one["bands"]["local"]["share"] for one in made.compare["series"]]
    assert shares == sorted(shares)
    assert made.compare["jobs"] == {}
    (drawn,) = figures_for_compare(made.compare, made.tables)
    told = [drawn.title, title(made.compare), *moved(made.compare, made.tables)]
    assert not [said for said in told if any(word in said for word in ("rise", "rose", "fall", "fell", "moved"))]


def test_unlike_payers_of_one_period_are_not_put_in_order_unless_told_to() -> None:
    runs = [run_of({(payer, "2020-21"): rows_of(payer, "2020-21")}) for payer in PAYERS]
    runs[0] = replace(runs[0], summary={**runs[0].summary, "basis": "registered_office"})
    made = compare(runs)
    assert made.compare["ranking"]["rows"] is None
    assert "not put in order" in made.compare["paragraph"]
    assert [one["label"] for one in made.compare["series"]] == sorted(PAYERS)
    assert compare(runs, rank_unlike=True).compare["ranking"]["rows"]


def test_the_largest_suppliers_alone_say_how_much_they_cover() -> None:
    years = [run_of({(PAYERS[0], year): rows_of(PAYERS[0], year)}) for year in YEARS[:2]]
    made = compare(years, largest=1)
    assert sum(row["from_pence"] for row in made.compare["change"].values()) == 69_000_00  # Away Ltd alone
    assert made.compare["from"]["top_n"] == 1
    assert made.compare["from"]["top_n_coverage"] == pytest.approx(69_000 / 71_400)
    assert "1 largest" in " ".join(made.compare["notes"])
    with pytest.raises(RunError, match="one or more; found 0"):
        compare(years, largest=0)


def test_one_run_of_one_payer_and_year_is_nothing_to_compare() -> None:
    with pytest.raises(RunError, match="two runs or more, or one of several years or payers"):
        compare([run_of({(PAYERS[0], YEARS[0]): rows_of(PAYERS[0], YEARS[0])})])


def test_a_member_that_shares_sums_alone_counts_in_means_and_is_said() -> None:
    paid = [*rows_of(PAYERS[0], "2020-21"), ("Anyton Hospital", "local", None, 5_000_00)]
    council = run_of({(PAYERS[0], "2020-21"): paid})
    hospital = run_of({(PAYERS[1], "2020-21"): rows_of(PAYERS[1], "2020-21")})
    whole = pooled([council, hospital])
    shared = pooled([council, replace(hospital, spend=None, payees=None)])
    for key in ("means", "gross_pence", "transfers_pence", "net_pence", "bands"):
        assert shared.compare[key] == whole.compare[key]
    assert any("shared sums alone" in text for text in shared.compare["comparable"]["differences"])
    with pytest.raises(RunError, match="no run has its spend by supplier"):
        pooled([replace(run, spend=None, payees=None) for run in (council, hospital)])
    row = whole.tables["transfers"].row(0, named=True)
    hospitals_own = sum(row[3] for row in rows_of(PAYERS[1], "2020-21"))
    assert row["share_of_paid"] == pytest.approx(5_000_00 / hospitals_own)
