"""The payments behind a number add up to it, and what is withheld cannot be searched for."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwb.drill import NONE, Question, ask, drill_rows, largest, taken_away, values, wordings
from cwb.errors import CwbError
from cwb.privacy import INDIVIDUAL
from cwb.schema import BANDED, LINKS, conform

BANDS = ("local", "regional", "leaked", "unknown", "excluded")
ROW = st.fixed_dictionaries(
    {
        "supplier": st.integers(0, 5), "band": st.sampled_from(BANDS), "pence": st.integers(-(10**9), 10**12),
        "year": st.sampled_from(["2015-16", "2016-17", None]), "category": st.sampled_from(["Care", "Fuel", None]),
        "description": st.sampled_from(["Placement", "Diesel, red", None]), "day": st.integers(1, 28),
    }
)  # fmt: skip


def frames(rows: list[dict[str, object]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    banded = [
        {
            "payment_id": str(at), "file": "a.csv", "file_row": at + 2, "institution": f"Body {at % 2}",
            "financial_year": row["year"], "payment_date": date(2016, 5, int(str(row["day"]))),
            "supplier_name": f"Supplier {row['supplier']}", "amount_pence": row["pence"], "is_redacted": False,
            "description": row["description"], "category": row["category"], "department": None,
            "supplier_id": f"s{row['supplier']}", "band": row["band"], "basis": "none",
        }
        for at, row in enumerate(rows)
    ]  # fmt: skip
    links = [
        {"supplier_id": f"s{n}", "outcome": "unmatched", "supplier_type": "individual" if n == 5 else "company",
         "method": "none", "evidence": "{}"}
        for n in range(6)
    ]  # fmt: skip
    schema = {name: BANDED.columns[name].dtype for name in banded[0]} if banded else None
    made = pl.DataFrame(banded, schema=schema) if banded else BANDED.empty()
    return conform(made, BANDED), conform(pl.DataFrame(links), LINKS)


def is_asked(part: str, value: object) -> bool:
    return not part or (NONE if value is None else value) in part.split("\n")


def plainly(row: dict[str, object], at: int, question: Question) -> bool:
    name = INDIVIDUAL if row["supplier"] == 5 else f"Supplier {row['supplier']}"
    text = f"{name}\n{row['description'] or ''}" if row["supplier"] != 5 else name
    return (
        question.text.lower() in text.lower()
        and is_asked(question.band, row["band"])
        and is_asked(question.year, row["year"])
        and is_asked(question.category, row["category"])
        and is_asked(question.supplier, f"s{row['supplier']}")
        and question.institution in ("", f"Body {at % 2}")
        and (not question.since or str(date(2016, 5, int(str(row["day"])))) >= question.since)
        and (not question.until or str(date(2016, 5, int(str(row["day"])))) <= question.until)
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(ROW, max_size=30),
    st.builds(
        Question, text=st.sampled_from(["", "diesel", "SUPPLIER 1", "(", "nobody"]),
        band=st.sampled_from(["", *BANDS, "local\nregional"]),
        year=st.sampled_from(["", "2016-17", "1999-00", NONE]),
        category=st.sampled_from(["", "Care", "Zinc", "Fuel\n-"]),
        supplier=st.sampled_from(["", "s2", "s9", "s2\ns4\ns9"]), institution=st.sampled_from(["", "Body 1"]),
        since=st.sampled_from(["", "2016-05-10"]), until=st.sampled_from(["", "2016-05-20"]),
    ),
)  # fmt: skip
def test_an_answer_is_what_going_through_the_rows_gives(rows: list[dict[str, object]], question: Question) -> None:
    drilled = drill_rows(*frames(rows), None, shown=False)
    fit = [row for at, row in enumerate(rows) if plainly(row, at, question)]
    answer = ask(drilled, question, most=7)
    assert answer.payments == len(fit)
    assert answer.amount_pence == sum(int(str(row["pence"])) for row in fit)
    for band in BANDS[:4]:
        assert answer.bands[band][0] == sum(int(str(row["pence"])) for row in fit if row["band"] == band)
    assert answer.rows["amount_pence"].to_list() == sorted((row["pence"] for row in fit), reverse=True)[:7]
    away = taken_away(drilled, question)
    assert away.height == len(fit)
    most = largest(drilled, question, 99)
    assert most["amount_pence"].sum() == answer.amount_pence
    assert most["payments"].sum() == len(fit)


def test_a_withheld_name_is_neither_found_nor_shown() -> None:
    rows = [{"supplier": 5, "band": "local", "pence": 5, "year": None, "category": "Care", "description": "To Mr Q",
             "day": 1}]  # fmt: skip
    drilled = drill_rows(*frames(rows), None, shown=False)
    assert ask(drilled, Question(text="Supplier 5")).payments == 0
    assert ask(drilled, Question(text="mr q")).payments == 0
    found = ask(drilled, Question()).rows.row(0, named=True)
    assert (found["supplier_name"], found["description"]) == (INDIVIDUAL, None)
    assert not any("Supplier 5" in words.to_list() for words in drilled.words.values())
    assert ask(drill_rows(*frames(rows), None, shown=True), Question(text="supplier 5")).payments == 1


def test_an_address_is_read_and_written_back() -> None:
    told = {"band": "local", "since": "2016-05-10", "until": "never", "project": "x"}
    question = Question.of(told)
    assert question == Question(band="local", since="2016-05-10")
    assert Question.of(question.params()) == question


def test_dates_the_wrong_way_round_are_told() -> None:
    drilled = drill_rows(*frames([]), None, shown=False)
    with pytest.raises(CwbError, match="after the last"):
        ask(drilled, Question(since="2016-05-10", until="2016-05-09"))
    assert values(drilled)["band"] == []


def test_a_category_is_asked_for_in_every_way_it_is_printed() -> None:
    frame = pl.DataFrame({"category": ["Home care", "HOME  CARE", "Fuel", None, "Home care"]})
    assert wordings([frame, frame]) == {"Home care": "HOME  CARE\nHome care", "Fuel": "Fuel", "Not stated": NONE}
