"""What a user adds: each file read strictly, each fault told in one line, and what it does to a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from cwb.added import read_added
from cwb.errors import CwbError
from cwb.pipeline import LedgerFile, analyse

GOOD = {
    "owners": "org_id,parent_id,parent_name,parent_lad_code\nGB-COH-00000001,GB-COH-9,Big Group,\n",
    "wards": "postcode,ward_code,ward_name\npr12rl,E05000001,Town Centre\n",
    "deprivation": "postcode,decile\nPR1 2RL,1\n",
    "targets": "name,measure,of,aim\nOurs,local,total,0.5\n",
    "accounts": 'org_id,turnover_gbp,balance_sheet_gbp,employees\nGB-COH-00000001,"£1,000,000",,12\n',
}


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, "utf-8")
    return path


def test_all_five_files_are_read(tmp_path: Path) -> None:
    added = read_added(folder(tmp_path, **GOOD))
    assert added.accounts["turnover_gbp"].to_list() == [1_000_000.0]
    assert added.accounts["members"].to_list() == [None]
    assert added.wards["postcode"].to_list() == ["PR1 2RL"]
    assert added.targets[0].aim == 0.5


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("owners", "org_id,parent,parent_name\na,b,c\n", r"owners\.csv: no column parent_id\. Found: org_id, parent"),
        ("accounts", "org_id,turnover_gbp\nGB-COH-1,lots\n", r"row 2, turnover_gbp: 'lots' is not what is wanted"),
        ("accounts", "org_id,turnover_gbp\nGB-COH-1,1\nGB-COH-1,2\n", "GB-COH-1 is there twice"),
        ("wards", "postcode,ward_code,ward_name\nnowhere,E05,Town\n", r"row 2, postcode: 'nowhere'"),
        ("deprivation", "postcode,decile\nPR1 2RL,11\n", "from 1, the most deprived, to 10"),
        ("targets", "name,measure,of,aim\nOurs,locl,total,0.5\n", r"no measure 'locl'.*Did you mean local"),
        ("targets", "name,measure,of,aim\nOurs,local,everything,0.5\n", "neither total nor influenceable"),
    ],
)
def test_faults_are_told_in_one_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(CwbError, match=says) as caught:
        read_added(folder(tmp_path, **{name: text}))
    assert "\n" not in str(caught.value)


def test_a_folder_with_nothing_of_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "acounts.csv").write_text("x\n")
    with pytest.raises(CwbError, match=r"holds none of accounts\.csv"):
        read_added(tmp_path)
    with pytest.raises(CwbError, match="no such folder"):
        read_added(tmp_path / "missing")


def test_wards_deciles_and_targets_reach_the_run(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text(
        "Date,Supplier,Postcode,Amount\n01/05/2020,Acme Ltd,PR1 2RL,70.00\n02/05/2020,Bex Ltd,SW1A 0AA,30.00\n", "utf-8"
    )
    more = tmp_path / "more"
    more.mkdir()
    run = analyse([LedgerFile(ledger, "Council")], "preston", added=folder(more, **GOOD))
    assert run.tables["wards"].select("ward_name", "amount_pence").rows() == [("Town Centre", 70_00)]
    assert run.tables["deprivation"].select("decile", "amount_pence").rows() == [(1, 70_00)]
    (target,) = run.summary["indicators"]["targets"]
    assert (target["actual"], target["met"]) == (0.7, True)
    assert "targets" not in analyse([LedgerFile(ledger, "Council")], "preston").tables
