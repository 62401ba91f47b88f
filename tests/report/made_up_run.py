"""A small made-up run and comparison, whose numbers tie, to write reports from."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from cwb.schema import BANDS, CONTROL_TOTALS, REJECTS

_FROM = {"local": 37_000_000_00, "regional": 252_000_000_00, "leaked": 457_000_000_00, "unknown": 0}
PENCE = {"local": 112_112_345_67, "regional": 368_000_000_01, "leaked": 121_887_654_32, "unknown": 14_000_000_00}
TOTAL = sum(PENCE.values())

_SUPPLIERS = [
    ("Ribblesdale Building Services Ltd", 58_000_000_00, "regional", "matched", "company"),
    ("=Northern Meals (Catering) Ltd", 41_000_000_00, "leaked", "matched", "company"),
    ("Individual (name withheld)", 9_000_000_00, "unknown", "unmatched", "individual"),
    ("Fishergate Care Co-operative", 22_112_345_67, "local", "matched", "cooperative"),
    ("Redacted in the ledger", 5_000_000_00, "unknown", "unmatched", "redacted"),
]


def _suppliers() -> pl.DataFrame:
    rows = list(_SUPPLIERS)
    for band in BANDS:
        rest = PENCE[band] - sum(r[1] for r in rows if r[2] == band)
        rows.append(
            (f"All smaller {band} suppliers plc", rest, band, "matched" if band != "unknown" else "review", "company")
        )
    frame = pl.DataFrame(
        [
            {
                "supplier_id": f"s{i:04d}",
                "supplier_name": name,
                "amount_pence": pence,
                "payments": 10 + i,
                "band": band,
                "basis": "registered_office" if band != "unknown" else "none",
                "strength": "exact" if band != "unknown" else None,
                "lad_name": "Preston" if band == "local" else None,
                "outcome": outcome,
                "supplier_type": kind,
                "org_id": "GB-COH-01234567" if outcome == "matched" else None,
                "matched_name": name.strip("=").upper() if outcome == "matched" else None,
                "matched_postcode": "PR1 2HE" if outcome == "matched" else None,
                "method": "exact_key" if outcome == "matched" else "none",
                "score": 0.98 if outcome == "matched" else None,
                "margin": 0.4 if outcome == "matched" else None,
                "why": "same name as on the register, once Ltd and Limited are set aside",
            }
            for i, (name, pence, band, outcome, kind) in enumerate(rows)
        ],
        infer_schema_length=None,
    )
    return frame.sort("amount_pence", descending=True)


def _banded(amounts: dict[str, int], **more: Any) -> list[dict[str, Any]]:
    total = sum(amounts.values())
    return [{**more, "band": b, "amount_pence": p, "share": p / total} for b, p in amounts.items()]


def _split(names: list[Any], column: str) -> pl.DataFrame:
    """Share each band's pence over `names` in unequal parts that add up."""
    rows = []
    weight = [2**-i for i in range(len(names))]
    for band in BANDS:
        left = PENCE[band]
        for i, name in enumerate(names):
            part = left if i == len(names) - 1 else int(PENCE[band] * weight[i] / sum(weight))
            left -= part
            rows.append({column: name, "band": band, "amount_pence": part})
    return pl.DataFrame(rows)


def tables() -> dict[str, pl.DataFrame]:
    suppliers = _suppliers()
    institutions = []
    bodies = [
        "Fylde & Ribble University Hospitals",
        "Preston College",
        "Lancashire Constabulary",
        "Community Gateway Homes",
    ]
    left = dict(PENCE)
    for i, body in enumerate(bodies):
        for year in ("2015-16", "2016-17"):
            last = i == len(bodies) - 1 and year == "2016-17"
            part = (
                dict(left)
                if last
                else {
                    b: int(PENCE[b] * (0.05 + 0.03 * i + (0.05 if b == "local" and year == "2016-17" else 0)))
                    for b in BANDS
                }
            )
            left = {b: left[b] - part[b] for b in BANDS}
            institutions += _banded(part, institution=body, financial_year=year)
    ranges = []
    for basis, tilt in (
        ("best_evidence", 0.0),
        ("ledger_address", 0.02),
        ("registered_office", -0.05),
        ("any_address", 0.04),
    ):
        moved = int(PENCE["leaked"] * tilt)
        ranges += _banded({**PENCE, "local": PENCE["local"] + moved, "leaked": PENCE["leaked"] - moved}, basis=basis)
    sectors = [
        "Construction",
        "Human health and social work",
        "Administrative and support service activities",
        "Wholesale and retail trade",
        "Sector not known",
    ]
    return {
        "bands": pl.DataFrame(
            [
                {**row, "payments": 1000 * (i + 1), "suppliers": suppliers.filter(pl.col("band") == row["band"]).height}
                for i, row in enumerate(_banded(PENCE))
            ]
        ),
        "bands_by_institution": pl.DataFrame(institutions).select(
            "institution", "financial_year", "band", "amount_pence", "share"
        ),
        "range_by_basis": pl.DataFrame(ranges).select("basis", "band", "amount_pence", "share"),
        "suppliers": suppliers,
        "categories": _split([f"Category {n}" for n in "ABCDEFGHIJKLMNO"] + ["Not given in the ledger"], "category"),
        "sectors": _split(sectors, "section_name")
        .with_columns(sic_section=pl.lit("F"))
        .select("sic_section", "section_name", "band", "amount_pence"),
        "months": _split([date(2016, 4 + i, 1) for i in range(9)] + [None], "month"),
        "unknowns": pl.DataFrame(
            {
                "reason": ["Name withheld by the payer", "Not found on the register", "No address on record"],
                "suppliers": [2, 30, 4],
                "payments": [40, 100, 9],
                "amount_pence": [5_000_000_00, 7_500_000_00, 1_500_000_00],
            }
        ),
        "files": pl.DataFrame(
            [
                {
                    "file": "hospital=1.xlsx",
                    "sheet": "April",
                    "format": "xlsx",
                    "header_row": 4,
                    "rows_read": 10_003,
                    "rows_payments": 10_000,
                    "rows_control_totals": 1,
                    "rows_blank": 1,
                    "rows_rejected": 1,
                    "payments_pence": TOTAL,
                    "control_totals_pence": TOTAL,
                    "negative_rows": 12,
                    "negative_pence": -5_000_00,
                    "redacted_rows": 40,
                    "columns": '{"amount": "Net Amount"}',
                    "warnings": "2 rows repeat another row exactly: counted, not dropped",
                }
            ]
        ),
        "rejects": pl.DataFrame(
            [
                {
                    "file": "hospital=1.xlsx",
                    "sheet": "April",
                    "file_row": 77,
                    "reason": "the amount is not a number: n/a",
                    "raw": '["a","n/a"]',
                }
            ],
            schema=REJECTS.dtypes,
        ),
        "control_totals": pl.DataFrame(
            [
                {
                    "file": "hospital=1.xlsx",
                    "sheet": "April",
                    "file_row": 10_007,
                    "label": "Total",
                    "amount_pence": TOTAL,
                    "ties": True,
                    "reason": "labelled as a total",
                }
            ],
            schema=CONTROL_TOTALS.dtypes,
        ),
        "districts": _districts(),
        "flow": _flow(bodies),
        "place_sectors": pl.DataFrame(
            {
                "sector": ["PR1 2", "PR1 8", None],
                "amount_pence": [80_000_000_00, 30_000_000_00, PENCE["local"] - 110_000_000_00],
                "suppliers": [3, 2, 4],
                "easting": [353700.0, 352900.0, None],
                "northing": [429400.0, 429100.0, None],
            }
        ),
        "months_by_institution": pl.concat(
            _split([date(2016, 4 + i, 1) for i in range(9)], "month")
            .group_by("month", maintain_order=True)
            .agg(
                (pl.col("amount_pence").sum() // (i + 2)),
                local_pence=pl.col("amount_pence").filter(pl.col("band") == "local").sum() // (i + 3),
            )
            .select(pl.lit(body).alias("institution"), "month", "amount_pence", "local_pence")
            for i, body in enumerate(bodies)
        ),
        "assumptions": pl.DataFrame(
            [
                {
                    "id": "jobs.gva_per_job",
                    "label": "Value added per job, Lancashire, 2015",
                    "value": 44727.0,
                    "low": 43000.0,
                    "high": 46386.0,
                    "unit": "£ a job a year",
                    "kind": "published",
                    "source": "Regional productivity, June 2023 (Office for National Statistics)",
                    "locator": "Table A3",
                    "caveat": "Treats £1 of spend as £1 of value added.",
                }
            ]
        ),
    }


def _districts() -> pl.DataFrame:
    """Return the spend by district: one local, two of the region, two outside, and what has no place."""
    south = PENCE["regional"] // 3
    far = PENCE["leaked"] // 4
    rows = [
        ("E07000123", "Preston", "local", PENCE["local"]),
        ("E07000126", "South Ribble", "regional", PENCE["regional"] - south),
        ("E07000119", "Fylde", "regional", south),
        ("E08000003", "Manchester", "leaked", PENCE["leaked"] - far),
        ("E09000033", "Westminster", "leaked", far),
        (None, "Not placed", "unknown", PENCE["unknown"]),
    ]
    frame = pl.DataFrame(rows, schema=["lad_code", "lad_name", "band", "amount_pence"], orient="row")
    return frame.with_columns(share=pl.col("amount_pence") / TOTAL, suppliers=pl.lit(2, dtype=pl.Int64))


def _flow(bodies: list[str]) -> pl.DataFrame:
    """Share each band over payers and what they buy, in parts that add up."""
    goods = ["Construction", "Healthcare", "Utilities", "Unknown"]
    rows = []
    for band in BANDS:
        left, cells = PENCE[band], [(b, g) for b in bodies for g in goods]
        for i, (body, what) in reversed(list(enumerate(cells))):
            part = left if i == 0 else PENCE[band] // (i + 20)
            left -= part
            rows.append((body, what, "Construction", band, part))
    return pl.DataFrame(rows, schema=["institution", "proclass", "section_name", "band", "amount_pence"], orient="row")


REGION = "region_including_local"
_CAUSE = "There is no evidence that buying locally makes a place grow."


def _figure(kind: str, area: str, label: str, low: float, central: float, high: float) -> dict[str, Any]:
    jobs = kind.startswith("jobs")
    return {
        "id": f"{kind}.{area}",
        "kind": kind,
        "area": area,
        "label": label,
        "low": float(low),
        "central": float(central),
        "high": float(high),
        "unit": "jobs, headcount" if jobs else "£ in the place for each £1 spent, over three rounds",
        "basis": "gross, direct, workplace jobs" if jobs else "re-spend borrowed from other places",
        "method": "spend ÷ GVA per filled job" if jobs else "(R1 + R2 + R3) ÷ R1",
        "gross": True if jobs else None,
        "nested_in": REGION if area == "local" else None,
        "sources": ["cwb"],
        "assumptions": ["jobs.gva_per_job"],
        "caveat": f"Treats £1 of spend as £1 of GVA. {_CAUSE}"
        if jobs
        else f"LM3 has a large margin of error. {_CAUSE}",
    }


def _moved(key: str, low: float, high: float) -> dict[str, Any]:
    return {"input": key, "input_low": 0.4, "input_high": 1.0, "at_low": low, "at_high": high}


IMPACT = [
    _figure("lm3", "local", "LM3, Preston", 1.22, 1.28, 1.4),
    {
        **_figure("jobs_cles", "local", "Jobs supported in Preston, CLES-style", 2100, 2506.6, 2607),
        "tornado": [_moved("impact.gva_share_of_spend", 2100, 2506.6), _moved("jobs.gva_per_job", 2607, 2400)],
    },
    _figure("jobs_direct", "local", "Jobs at suppliers in Preston, by sector", 1200, 1480, 1700),
    _figure("jobs_gross", "local", "Jobs, direct and supply chain, within Preston", 1400, 1600, 1900),
    _figure("jobs_net", "local", "Net additional jobs within Preston, illustrative", 400, 864, 1300),
    _figure("lm3", REGION, "LM3, Lancashire", 1.52, 1.78, 1.84),
    _figure("jobs_cles", REGION, "Jobs supported in Lancashire, CLES-style", 8100, 10506.6, 11000),
    _figure("jobs_net", REGION, "Net additional jobs within Lancashire, illustrative", 3100, 4006.6, 5900),
]


_STEPS = [("Gross", 1600.0), ("Deadweight", -320.0), ("Displacement", -416.0), ("Net", 864.0)]


def _bounds(pence: int) -> dict[str, float]:
    low, high = pence / TOTAL, (pence + PENCE["unknown"]) / TOTAL
    return {"low": low, "central": low, "high": high, "expected": low + (high - low) / 4}


def summary() -> dict[str, Any]:
    bands = {r["band"]: r for r in tables()["bands"].iter_rows(named=True)}
    inside = PENCE["local"] + PENCE["regional"]
    return {
        "institutions": [
            "Fylde & Ribble University Hospitals",
            "Preston College",
            "Lancashire Constabulary",
            "Community Gateway Homes",
        ],
        "years": ["2015-16", "2016-17"],
        "place": {
            "id": "preston",
            "name": "Preston",
            "region_name": "Lancashire",
            "local": ["E07000123"],
            "region": ["E07000119", "E07000123", "E07000126"],
        },
        "basis": "best_evidence",
        "rows": {"read": 10_003, "payments": 10_000, "control_totals": 1, "blank": 1, "rejected": 1},
        "amount_pence": {"payments": TOTAL, "control_totals": TOTAL},
        "bands": {b: {k: bands[b][k] for k in ("amount_pence", "share", "suppliers")} for b in BANDS},
        "region_including_local": {"amount_pence": inside, "share": inside / TOTAL, "suppliers": 5},
        "coverage": {"by_amount": 1 - PENCE["unknown"] / TOTAL, "by_suppliers": 0.82},
        "matching": {
            "matched": 6,
            "review": 1,
            "unmatched": 2,
            "by_type": {"company": 6, "individual": 1, "redacted": 1, "cooperative": 1},
        },
        "range": {},
        "bounds": {b: _bounds(PENCE[b]) for b in ("local", "regional", "leaked")}
        | {"region_including_local": _bounds(inside)},
        "impact": {
            "set": "central",
            "figures": IMPACT,
            "waterfall": {"local": [{"step": step, "jobs": jobs} for step, jobs in _STEPS]},
            "notes": ["Local figures lie inside the region's."],
        },
        "assumptions": [
            {"id": "impact.gva_share_of_spend", "label": "GVA in £1 of spend, CLES-style jobs", "value": 1.0},
            {"id": "jobs.gva_per_job", "value": 44727.0, "unit": "£ a job a year", "source": "ons-gva-job"},
        ],
        "provenance": {
            "inputs": [{"file": "hospital=1.xlsx", "sha256": "ab" * 32}],
            "register": {
                "built": "2026-11-01T09:00:00+00:00",
                "organisations": 2007,
                "sources": [{"file": "companies.csv", "sha256": "cd" * 32, "register": "A made-up register"}],
            },
            "postcodes": "ONS Postcode Directory, 2026",
            "version": "0.1.0",
            "created": "2026-11-22T10:00:00+00:00",
        },
    }


def _change_rows(before: dict[str, int], after: dict[str, int]) -> list[dict[str, Any]]:
    rows = []
    t0, t1 = sum(before.values()), sum(after.values())
    both = lambda d: {**d, "region_including_local": d["local"] + d["regional"]}  # noqa: E731
    for band, a in both(before).items():
        b = both(after)[band]
        volume = round((t1 - t0) * a / t0)
        rows.append(
            {
                "band": band,
                "from_pence": a,
                "to_pence": b,
                "amount_pence": b - a,
                "share_from": a / t0,
                "share_to": b / t1,
                "share_points": 100 * (b / t1 - a / t0),
                "volume_pence": volume,
                "rate_pence": b - a - volume,
            }
        )
    return rows


def compare_tables() -> dict[str, pl.DataFrame]:
    by = []
    for i, body in enumerate(("Preston College", "Fylde & Ribble University Hospitals", "Lancashire Constabulary")):
        before = {b: p // (7 + i) for b, p in _FROM.items()}
        after = {b: p // (6 + 2 * i) for b, p in PENCE.items()}
        by += [{"institution": body, **row} for row in _change_rows(before, after)]
    series = [
        {"run": run, "period": period, **row}
        for run, period, pence in ((1, "2012-13", _FROM), (2, "2016-17", PENCE))
        for row in _banded(pence)
    ]
    return {
        "change": pl.DataFrame(_change_rows(_FROM, PENCE)),
        "change_by_institution": pl.DataFrame(by),
        "series": pl.DataFrame(series),
    }


def compare() -> dict[str, Any]:
    frame = compare_tables()["change"]
    rows = {r["band"]: r for r in frame.iter_rows(named=True)}
    change = {
        b: {k: r[k] for k in ("amount_pence", "share_points", "volume_pence", "rate_pence")} for b, r in rows.items()
    }
    place = {"id": "preston", "name": "Preston", "region_name": "Lancashire"}
    return {
        "from": {
            "years": ["2012-13"],
            "institutions": ["a"],
            "place": place,
            "bands": {b: {"amount_pence": p} for b, p in _FROM.items()},
        },
        "to": {
            "years": ["2016-17"],
            "institutions": ["a"],
            "place": place,
            "bands": {b: {"amount_pence": p} for b, p in PENCE.items()},
        },
        "change": {b: change[b] for b in BANDS},
        "region_including_local": change["region_including_local"],
        "jobs": {
            "local": _figure(
                "jobs_cles", "local", "Jobs on the change in spend in Preston, CLES-style", 1600, 1648, 1700
            ),
            "region_including_local": _figure(
                "jobs_cles", REGION, "Jobs on the change in spend in Lancashire, CLES-style", 4300, 4500, 4700
            ),
        },
        "comparable": {"ok": True, "differences": []},
    }
