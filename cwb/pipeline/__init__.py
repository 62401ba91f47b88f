"""From ledgers to a run: the only room that knows the order of the stages."""

from __future__ import annotations

from cwb.ledger import LedgerFile
from cwb.pipeline.comparison import compare, pooled
from cwb.pipeline.economics import impact, place_multipliers, scenarios, setting_of
from cwb.pipeline.lists import match_list, write_list, write_owners
from cwb.pipeline.progress import Progress
from cwb.pipeline.runs import analyse, of_year, split_years, with_added, with_assumptions, with_decisions
from cwb.pipeline.summary import place_of, spend_of
from cwb.run import Comparison, Run, read_run, write_comparison, write_run

__all__ = [
    "Comparison",
    "LedgerFile",
    "Progress",
    "Run",
    "analyse",
    "compare",
    "impact",
    "match_list",
    "of_year",
    "place_multipliers",
    "place_of",
    "pooled",
    "read_run",
    "scenarios",
    "setting_of",
    "spend_of",
    "split_years",
    "with_added",
    "with_assumptions",
    "with_decisions",
    "write_comparison",
    "write_list",
    "write_owners",
    "write_run",
]
