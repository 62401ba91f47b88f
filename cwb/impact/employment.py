"""Jobs by SIC section in a place, from a file the user adds (BRES through Nomis, or any CSV of sections and jobs)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cwb import lookups
from cwb.errors import LookupsError, did_you_mean

_INDUSTRY = ("section", "sic_section", "industry_name", "industry", "division")


def read_employment(path: Path, lad_codes: frozenset[str] | None = None) -> dict[str, float]:
    """Return jobs by SIC section from a CSV with a column of sections (or divisions) and one of jobs (BRES, Nomis).

    Where the file has a column geography_code and `lad_codes` are given, only those districts count.

    Raises:
        LookupsError: the columns are not there, a cell is not a number, or a district of the place has no rows.
    """
    try:
        raw = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise LookupsError(f"{path}: not a CSV that can be read ({str(error).splitlines()[0]})") from None
    named = {c.strip().casefold(): c for c in raw.columns}
    industry = next((named[n] for n in _INDUSTRY if n in named), None)
    amount = next((named[n] for n in ("jobs", "employment", "count", "obs_value") if n in named), None)
    if industry is None or amount is None:
        raise LookupsError(f"{path}: needs a column section (or industry) and a column jobs. Found: {raw.columns}")
    if lad_codes is not None and "geography_code" in named:
        raw = raw.filter(pl.col(named["geography_code"]).is_in(lad_codes))
        missing = sorted(lad_codes - set(raw[named["geography_code"]].to_list()))
        if missing:
            raise LookupsError(f"{path}: has no jobs of {missing[0]}; it is for another place")
    divisions = lookups.table("sic_sections")
    letter = dict(zip(divisions["division"].to_list(), divisions["section"].to_list(), strict=True))
    known = set(letter.values())
    out: dict[str, float] = {}
    for label, cell in raw.select(industry, amount).iter_rows():
        code = (label or "").split(":")[0].strip()
        section = code.upper() if code.upper() in known else letter.get(code.zfill(2)[:2])
        if section is None:
            raise LookupsError(f"{path}: '{label}' is not a SIC section or division.{did_you_mean(code, known)}")
        try:
            out[section] = out.get(section, 0.0) + float((cell or "0").replace(",", ""))
        except ValueError:
            raise LookupsError(f"{path}: jobs of '{label}' are '{cell}', not a number") from None
    return out


def region_employment(path: Path, lad_codes: frozenset[str]) -> dict[str, float] | None:
    """Return jobs by SIC section in a region, where the file tells districts apart and has all of them; else None."""
    heads = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True, n_rows=0).columns
    if "geography_code" not in [head.strip().casefold() for head in heads]:
        return None
    try:
        return read_employment(path, lad_codes)
    except LookupsError:
        return None  # it holds the place, and not all of the region: there all sectors are taken to be alike
