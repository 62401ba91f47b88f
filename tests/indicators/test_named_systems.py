"""Systems that went before, as their papers give them: Lewisham, Newcastle, Cumbria, Cleveland, Plymouth."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from small_ledgers import banded, run_frames, run_of

from cwb.added import read_added
from cwb.errors import CwbError, RunError
from cwb.indicators import classification, fragmentation, social
from cwb.indicators import opportunities as lines
from cwb.indicators.influence import with_influence
from cwb.indicators.side import Side
from cwb.indicators.targets import against, newcastle
from cwb.report import write_tables

MILLION = 100_000_000  # pence


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def test_lewishams_worklessness(tmp_path: Path) -> None:
    # Total Place, Lewisham: 120 projects by 50 providers on 15 funding streams under one theme.
    rows = [f"Worklessness,Project {i},Provider {i % 50},Stream {i % 15},{1000 + i}" for i in range(120)]
    # A provider printed another way, and a project paid from two streams, are no more of either.
    rows += ["worklessness,Project 7,PROVIDER  7,Stream 8,10", "Housing,Project H,Provider 1,,"]
    text = "theme,contract,supplier,funding_stream,amount_gbp\n" + "\n".join(rows) + "\n"
    found = fragmentation.of_contracts(read_added(write(tmp_path, contracts=text)).contracts)
    assert found.select("theme", "contracts", "suppliers", "funding_streams").rows() == [
        ("Worklessness", 120, 50, 15), ("Housing", 1, 1, 0),
    ]  # fmt: skip
    assert found["amount_gbp"].to_list() == [sum(1000 + i for i in range(120)) + 10, None]


def test_newcastles_commitment() -> None:
    # £180m in the city and £269m in the North East; aims 40%, 65%, and 15 to 20% with VCSEs. The total is made up so
    # that the city's aim is just met: the papers print none.
    rows = pl.DataFrame(
        [
            ("local", True, False, 120), ("local", True, True, 60), ("regional", True, False, 89),
            ("leaked", True, False, 181), ("leaked", False, False, 50),
        ],
        schema=["band", "is_influenceable", "is_vcse", "amount_pence"], orient="row",
    ).with_columns(pl.col("amount_pence") * MILLION, is_cooperative=False, is_sme=False)  # fmt: skip
    told = {row["name"]: row for row in against(rows, newcastle()).iter_rows(named=True)}
    city, region, vcse = told["Spend in the city"], told["Spend in the region"], told["Spend with VCSEs"]
    assert city["actual"] == pytest.approx(180 / 450)
    assert city["met"]
    assert region["actual"] == pytest.approx(269 / 450)
    assert region["gap_pence"] == pytest.approx(23.5 * MILLION)  # 65% of £450m is £292.5m
    assert region["gap_points"] == pytest.approx(65 - 100 * 269 / 450)
    assert vcse["denominator_pence"] == 500 * MILLION  # of all spend, not of what is influenceable
    assert (vcse["actual"], vcse["met"]) == (pytest.approx(0.12), False)
    assert told["Spend with VCSEs, the upper aim"]["gap_pence"] == 40 * MILLION


def test_counting_cumbria(tmp_path: Path) -> None:
    # 104 bodies gave figures and 12 did not; money that one passes to another counts once, by who first had it.
    given = [f"Body {i},07,{classification.PROVENANCE[i % 3]},100.50," for i in range(103)]
    given += ["Body 3,10,ledger,40,Body 1", "Body 4,,population proxy,7,Whitehall"]
    bodies = "body\n" + "\n".join(f"Body {i}" for i in range(103)) + "\nCouncil\n" + "\n".join(
        f"Silent {i}" for i in range(12)
    )  # fmt: skip
    added = read_added(
        write(tmp_path, figures="body,cofog,provenance,amount_gbp,received_from\n" + "\n".join(given), bodies=bodies)
    )
    ledger = pl.DataFrame(
        [("Council", "Acme Ltd", "10", 5_000), ("Council", "BODY 1", "10", 900), ("Council", "Bex Ltd", None, 300)],
        schema=["institution", "supplier_name", "cofog", "amount_pence"], orient="row",
    )  # fmt: skip
    net, told = classification.public_spend(ledger, added.figures, added.bodies)
    assert told["obtained"].sum() == 104
    assert (~told["obtained"]).sum() == 12
    everything = 103 * 10_050 + 700 + 5_000 + 300  # not the £40 from Body 1, nor the £9 to it
    assert net["amount_pence"].sum() == everything
    assert set(net["provenance"]) == set(classification.PROVENANCE)
    assert net.filter(pl.col("cofog") == "Unknown")["amount_pence"].sum() == 1_000
    assert told.row(by_predicate=pl.col("body") == "Body 3", named=True)["transfers_pence"] == 4_000
    with pytest.raises(RunError, match="Council has a ledger here and figures too"):
        classification.public_spend(
            ledger, pl.concat([added.figures, added.figures.head(1).with_columns(body=pl.lit("Council"))]), None
        )


def test_cleveland_finds_what_several_anchors_buy_from_away() -> None:
    # Evergreen: what the hospital and the university both had washed elsewhere was the first co-operative.
    runs = [
        run_of({(payer, "2020-21"): [
            ("Far Laundry Ltd", "leaked", "Laundry", pounds), (f"Own {payer} Ltd", "leaked", f"{payer} things", 10),
            ("Near Bakery Ltd", "local", "Food", 500),
        ]})
        for payer, pounds in (("Hospital", 40_000), ("University", 60_000), ("College", 5_000))
    ]  # fmt: skip
    found = lines.leaked_categories(lines.bought([Side(r.summary, r.spend, r.payees) for r in runs])).row(0, named=True)
    assert (found["category"], found["institutions"], found["leaked_pence"]) == ("Laundry", 3, 105_000)
    assert found["suppliers_leaked"] == 1


def test_plymouths_map_goes_out_with_its_data_and_what_the_columns_mean(tmp_path: Path) -> None:
    spend, payees = run_frames(banded([("Plain Dairy Co-op", "local", None, 700), ("Acme Ltd", "local", None, 100)]))
    kinds = (
        pl.when(pl.col("supplier_name") == "Plain Dairy Co-op").then(pl.lit("cooperative")).otherwise("supplier_type")
    )
    known = spend.join(payees.with_columns(kinds.alias("supplier_type"), payee="supplier_id"), on="supplier_id")
    known = known.with_columns(pl.lit("GB-MPR-1234R").alias("org_id"))
    facts = pl.DataFrame(
        {"org_id": ["GB-MPR-1234R"], "turnover_gbp": [2_000_000.0], "members": [340.0], "employees": [21.0]}
    )
    told = social.cooperatives(social.with_social(known), facts)
    assert told.drop("supplier_ids").row(0) == (
        "Plain Dairy Co-op",
        "GB-MPR-1234R",
        "local",
        700,
        2_000_000.0,
        340.0,
        21.0,
    )
    write_tables(tmp_path, {"cooperatives": told})
    package = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
    fields = {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}
    assert {"supplier_name", "org_id", "turnover_gbp", "members", "employees"} <= set(fields)
    assert all(field.get("description") for field in fields.values())
    assert (tmp_path / "cooperatives.csv").is_file()


def test_a_bodys_own_rules_and_crosswalk_take_the_place_of_the_lookups(tmp_path: Path) -> None:
    added = read_added(
        write(
            tmp_path,
            influence_rules="order,field,pattern,is_influenceable,reason\n1,category,joinery,no,already let\n",
            category_crosswalk="order,pattern,cofog,cipfa,proclass\n1,joinery,06,Housing services,Construction\n",
        )
    )  # fmt: skip
    rows = pl.DataFrame({"supplier_type": ["company"], "category": ["Joinery"], "supplier_name": ["A"]})
    assert with_influence(rows, added.influence_rules)["influence_reason"].to_list() == ["already let"]
    assert classification.with_classes(rows, added.category_crosswalk)["cofog"].to_list() == ["06"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "influence_rules",
            "order,field,pattern,is_influenceable,reason\n1,categry,x,no,y\n",
            "no field 'categry'.*Did",
        ),
        (
            "influence_rules",
            "order,field,pattern,is_influenceable,reason\n1,name,(x,no,y\n",
            r"row 2: '\(x' is not a pat",
        ),
        (
            "influence_rules",
            "order,field,pattern,is_influenceable,reason\n1,name,x,maybe,y\n",
            "is_influenceable: 'maybe'",
        ),
        ("contracts", "theme,supplier\nA,B\n", "no column contract"),
        ("bodies", "body\nA\nA\n", "A is there twice"),
    ],
)
def test_faults_in_rules_are_told_in_one_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(CwbError, match=says) as caught:
        read_added(write(tmp_path, **{name: text}))
    assert "\n" not in str(caught.value)


NSPL = "pcd,pcd2,pcds,dointr,lsoa11cd,lsoa21cd,wd25cd,lad25cd\nPR12RL,PR1 2RL,PR1 2RL,198001,E0109,E0110,E0501,E07\n"


def test_wards_and_deprivation_are_taken_as_ons_publishes_them(tmp_path: Path) -> None:
    deciles = "LSOA code (2021),Local Authority,Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived)\n"
    added = read_added(
        write(
            tmp_path, nspl=NSPL, wards="WD25CD,WD25NM\nE0501,Town Centre\n", deprivation=deciles + "E0110,Preston,2\n"
        )
    )
    assert added.wards.rows() == [("PR1 2RL", "E0501", "Town Centre")]
    assert added.deprivation.rows() == [("PR1 2RL", 2)]
    write(tmp_path, deprivation=deciles.replace("2021", "2011") + "E9999,Preston,2\n")
    with pytest.raises(CwbError, match="none of its LSOAs is in the postcode lookup"):
        read_added(tmp_path)
