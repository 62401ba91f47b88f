"""What each figure of impact is called, its unit, method and sources."""

from __future__ import annotations

from cwb.deflators import SOURCE as DEFLATORS
from cwb.impact import jobs

_OUTPUT = "£ of output in the place for each £1 spent there"
# Figures in the order they are read: what they are called, and what is said of each.
WORDS: dict[str, tuple[str, str, str]] = {
    "lm3": (
        "LM3, {place}",
        "£: the £1 spent, and what of it is spent in the place in two further rounds",
        "ledger spend; re-spend borrowed from other places",
    ),
    "jobs_cles": ("Jobs supported in {place}, CLES-style", jobs.HEADCOUNT, "£1 of spend taken for £1 of GVA"),
    "jobs_direct": ("Jobs at suppliers in {place}, by sector", jobs.HEADCOUNT, "sectors"),
    "jobs_company": ("Jobs at suppliers in {place}, by their accounts where known", jobs.HEADCOUNT, "accounts"),
    "jobs_supply_chain": ("Jobs in the supply chain within {place}", jobs.HEADCOUNT, "chain"),
    "jobs_gross": ("Jobs, direct and supply chain, within {place}", jobs.HEADCOUNT, "chain"),
    "jobs_induced": ("Jobs that the pay of those supports within {place}", jobs.HEADCOUNT, "chain"),
    "jobs_net": ("Net additional jobs within {place}, illustrative", jobs.HEADCOUNT, "chain"),
    "output_type1": (
        "Output multiplier of {place}, Type I",
        "£ of output in the place for each £1 spent there",
        "chain",
    ),
    "output_type2": (
        "Output multiplier of {place}, Type II",
        "£ of output in the place for each £1 spent there, with what pay buys",
        "chain",
    ),
    "pay_type1": ("Pay, direct and supply chain, within {place}", "million pounds of pay, in the prices paid", "chain"),
    "gva_type1": ("GVA, direct and supply chain, within {place}", "million pounds of GVA, in the prices paid", "chain"),
}
METHODS = {
    "lm3": "(R1 + R2 + R3) ÷ R1",
    "jobs_direct": "Σ spend × jobs per £m of output of the supplier's section",
    "jobs_company": "Σ employees × spend ÷ turnover where accounts are known; else by sector",
    "jobs_supply_chain": "e (L − I) f, L of {table} (Type I)",
    "jobs_gross": "direct + supply chain",
    "jobs_induced": "Type II less Type I, households closed with λ of their spending and residents' share of pay",
    "jobs_net": "gross × (1 − deadweight)(1 − displacement)(1 − benefit leakage)(1 − substitution)",
    "gva_type1": "(v ÷ x) L f, L of {table} (Type I)",
    "pay_type1": "(w ÷ x) L f, L of {table} (Type I)",
    "output_type1": "Σ L f ÷ Σ f, L of {table} (Type I)",
    "output_type2": "Type I with households closed; their row is left out of the sum",
}
_CHAIN_SOURCES = ("ons_ioat_bres_2019", "ons_ioat_2023", "flegg_webber_1997", "ons_bres_districts", DEFLATORS)
SOURCES: dict[str, tuple[str, ...]] = {
    "lm3": ("nef_lm3_2005", "cles_manchester_2017"),
    "jobs_cles": ("ons_itl_productivity_2023", "preston_council"),
    "jobs_direct": ("ons_ioat_bres_2019", DEFLATORS),
    "jobs_supply_chain": _CHAIN_SOURCES,
    "jobs_gross": _CHAIN_SOURCES,
    "jobs_induced": (*_CHAIN_SOURCES, "sg_io_2019"),
    "jobs_net": (*_CHAIN_SOURCES, "ep_additionality_2008"),
    "gva_type1": _CHAIN_SOURCES,
    "pay_type1": _CHAIN_SOURCES,
    "output_type1": _CHAIN_SOURCES,
    "output_type2": (*_CHAIN_SOURCES, "sg_io_2019"),
    "jobs_company": ("companies_house_accounts", "ons_ioat_bres_2019", DEFLATORS),
}
KINDS = {
    "lm3": ["lm3"], "jobs_cles": ["jobs", "jobs_cles"],
    **{kind: ["input_output"] for kind in ("gva_type1", "pay_type1", "output_type1", "output_type2")},
}  # fmt: skip
