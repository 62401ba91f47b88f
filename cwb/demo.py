"""The sample, end to end: two years analysed and compared, with Preston's published figures beside ours."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from cwb import lookups
from cwb.pipeline import Comparison, LedgerFile, Progress, Run, analyse, compare, write_comparison, write_run
from cwb.register import build_register
from cwb.shipped import sample_dir

_WEIGH = {
    "£ million": lambda summary, name: _block(summary, name)["amount_pence"] / 1e8,
    "per cent of spend": lambda summary, name: 100 * _block(summary, name.removesuffix("_share"))["share"],
}


def sample() -> tuple[list[LedgerFile], str, Path]:
    """Return the sample's ledgers, the name of its place, and its register as published (a CSV, not an index)."""
    folder = sample_dir()
    said = tomllib.loads((folder / "sample.toml").read_text("utf-8"))
    ledgers = [
        LedgerFile(folder / one["file"], one["institution"], one["financial_year"]) for one in said["ledger"]
    ]  # fmt: skip
    return ledgers, said["place"], folder / said["register"]


def demo(out: Path, *, progress: Progress | None = None) -> pl.DataFrame:
    """Analyse the sample's two years into `out`/<year> and compare them into `out`/compare.

    Returns:
        figure, published, ours, difference, basis (of jobs), within (the difference is no more than rounding in print
        explains): one row for each of Preston's published figures. Ours are computed from the sample's rows.

    Raises:
        CwbError: `out` cannot be written.
    """
    say = progress or (lambda _what, _share: None)
    ledgers, place, register = sample()
    years = sorted({one.financial_year or "" for one in ledgers})
    runs: dict[str, Run] = {}
    with tempfile.TemporaryDirectory(prefix="cwb-") as scratch:
        index = Path(scratch) / "register"
        say("Building the sample's register", 0.0)
        build_register([register], index)
        for step, year in enumerate(years):
            start, width = 0.1 + 0.4 * step, 0.3
            of_year = [one for one in ledgers if one.financial_year == year]
            runs[year] = analyse(
                of_year, place, register=index, progress=_within(say, f"{year}: ", start, start + width)
            )  # fmt: skip
            say(f"{year}: Writing the report", start + width)
            write_run(runs[year], out / year)
    say("Comparing the years", 0.95)
    comparison = compare([runs[year] for year in years])
    write_comparison(comparison, out / "compare")
    return beside_published(runs, comparison)


def _within(say: Progress, prefix: str, start: float, end: float) -> Callable[[str, float], None]:
    return lambda what, share: say(prefix + what, start + (end - start) * share)


def beside_published(runs: dict[str, Run], comparison: Comparison) -> pl.DataFrame:
    """Return Preston's published figures beside those of two runs by financial year; see `demo`."""
    rows = []
    for told in lookups.table("published/preston").iter_rows(named=True):
        if told["unit"] == "jobs":
            block = comparison.compare["jobs"][told["measure"].removeprefix("jobs_")]
            ours, spread, basis = block["central"], f" ({block['low']:,.0f} to {block['high']:,.0f})", _basis(block)
        else:
            ours, spread, basis = _WEIGH[told["unit"]](runs[told["year"]].summary, told["measure"]), "", None
        print_as = _PRINT[told["unit"]]
        off = ours - told["value"]
        rows.append(
            {
                "figure": f"{told['label']}, {told['year'].replace('change', 'change, gross')}",
                "published": print_as(told["value"]),
                "ours": print_as(ours) + spread,
                "difference": ("+" if off > 0 else "−") + print_as(abs(off)).replace("%", " points"),
                "basis": basis,
                "within": abs(off) <= told["tolerance"],
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def _basis(block: dict[str, Any]) -> str:
    inside = "; they lie inside the region's and are never added to them" if block["nested_in"] else ""
    return f"{block['label']}: {block['method']}. {block['basis'][:1].upper()}{block['basis'][1:]}{inside}."


_PRINT: dict[str, Callable[[float], str]] = {
    "£ million": lambda value: f"£{value:,.1f}m",
    "per cent of spend": lambda value: f"{value:.1f}%",
    "jobs": lambda value: f"{value:,.0f}",
}


def _block(summary: dict[str, Any], name: str) -> dict[str, Any]:
    if name == "total":
        return {"amount_pence": summary["amount_pence"]["payments"], "share": 1.0}
    found: dict[str, Any] = summary[name] if name == "region_including_local" else summary["bands"][name]
    return found
