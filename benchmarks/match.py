"""Accuracy on real labelled suppliers and speed on a made-up register, cwb beside its peers: `make bench-match`.

    python -m benchmarks.match [--data ../shared/data/matching] [--companies 1000000] [--suppliers 20000]
                               [--peers PYTHON]      a Python that has benchmarks/requirements-peers.txt
                               [--plots]             write docs/matching_*.svg again

One table: accuracy as below, then wall and processor seconds, peak memory and F1 on the made-up register.

Accuracy: the real extract with the distractor names as further companies. A peer's own threshold is the one at which
its precision on suppliers whose company is there first reaches 98%, which favours the peers. A public body or a
supplier that is not there counts against whoever gives it any company.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from benchmarks import match_fit, match_plots
from benchmarks.generate_register import generate
from benchmarks.match_fit import index, labelled
from cwb.match import match_table

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "shared" / "data" / "matching"
WANTED = 0.98
PEERS = ("exact key", "Splink, DuckDB", "string_grouper", "emm")


def accuracy(data: Path, *, peers: str | None, distractors: str) -> pl.DataFrame:
    """Return one row a tool; see the module."""
    suppliers = labelled(data)
    with tempfile.TemporaryDirectory() as folder:
        register = index(data, Path(folder), distractors=distractors)
        out = match_table(suppliers.select(supplier="supplier_name", postcode="supplier_postcode"), register)
    ours = out.select(
        supplier=pl.int_range(pl.len()),
        number=pl.when(pl.col("org_id").str.starts_with("GB-COH-")).then(pl.col("org_id").str.slice(7)),
        score=pl.col("score") * (pl.col("outcome") == "matched").cast(pl.Float64) + pl.col("score") * 1e-6,
        matched=pl.col("outcome") == "matched",
        listed=pl.col("evidence").str.json_path_match("$.candidates").str.extract_all(r"GB-COH-([A-Z0-9]{8})"),
    )
    rows = [{"tool": "cwb", **_scored(suppliers, ours), "top five": _listed(suppliers, ours)}]
    companies = register.organisations.filter(pl.col("org_id").str.starts_with("GB-COH-"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        companies.select("name", number=pl.col("org_id").str.slice(7)).write_csv(folder / "register.csv")
        suppliers.select(supplier="supplier_name").write_csv(folder / "suppliers.csv")
        for name in PEERS if peers else ():
            if _peer(peers, name, folder) is None:
                rows.append({"tool": f"{name} (did not run)"})
            else:
                found = pl.read_parquet(folder / "found.parquet").with_columns(matched=pl.lit(None, pl.Boolean))
                rows.append({"tool": name, **_scored(suppliers, found)})
    return pl.DataFrame(rows)


def _scored(suppliers: pl.DataFrame, found: pl.DataFrame) -> dict[str, float | int]:
    every = suppliers.with_columns(supplier=pl.int_range(pl.len())).join(
        found.with_columns(pl.col("supplier").cast(pl.Int64)).filter(pl.col("number").is_not_null()),
        on="supplier", how="left", validate="1:1",
    )  # fmt: skip
    every = every.with_columns(right=(pl.col("number") == pl.col("truth")).fill_null(value=False))
    there = every.filter((pl.col("kind") == "company") & pl.col("truth").is_not_null())
    curve = there.drop_nulls("number").sort("score", descending=True).with_columns(
        precision=pl.col("right").cum_sum() / pl.int_range(1, pl.len() + 1),
        recall=pl.col("right").cum_sum() / there.height,
    )  # fmt: skip
    good = curve.filter(pl.col("precision") >= WANTED)
    cut = good["score"].min() if good.height else float("inf")
    took = pl.col("matched").fill_null(pl.col("score") >= cut) & pl.col("number").is_not_null()
    mine = there.filter(took)
    precision = mine["right"].sum() / max(mine.height, 1)
    recall = mine["right"].sum() / there.height
    hard = there.filter(
        ~pl.col("difficulty").is_in(["exact after normalisation", "legal-suffix only", "spacing/punctuation"])
    )
    public = every.filter(
        pl.col("kind").str.contains("public body|nhs body") & ~pl.col("kind").str.contains("name-level")
    )
    absent = every.filter(pl.col("kind").str.contains("name-level|no company") & pl.col("truth").is_null())
    return {
        "precision": round(precision, 4), "recall": round(recall, 4),
        "F1": round(2 * precision * recall / max(precision + recall, 1e-9), 4),
        "recall at 98%": round(float(good["recall"].max() or 0.0), 4) if good.height else 0.0,
        "recall, harder names": round(hard.filter(took)["right"].sum() / hard.height, 4),
        "absent taken": absent.filter(took).height / absent.height,
        "public taken": public.filter(took).height, "public bodies": public.height,
    }  # fmt: skip


def _listed(suppliers: pl.DataFrame, ours: pl.DataFrame) -> float:
    both = suppliers.with_columns(listed=ours["listed"]).filter(
        (pl.col("kind") == "company") & pl.col("truth").is_not_null()
    )
    return round(
        both.select(pl.col("listed").list.contains("GB-COH-" + pl.col("truth")).fill_null(value=False).mean()).item(), 4
    )


_OURS = """
import sys, time, polars as pl
from pathlib import Path
from cwb.register import build_register, open_register
from cwb.match import match_table
folder = Path(sys.argv[1])
names = pl.read_csv(folder / "suppliers.csv", infer_schema=False)
begin, cpu = time.perf_counter(), time.process_time(); build_register([folder / "register.csv"], folder / "index")
built, cpu_built = time.perf_counter(), time.process_time(); register = open_register(folder / "index")
opened = time.perf_counter(); out = match_table(names.select("supplier"), register)
matched, cpu_matched = time.perf_counter(), time.process_time()
out.select(supplier=pl.int_range(pl.len()), number=pl.when(pl.col("outcome") == "matched").then(
    pl.col("org_id").str.slice(7))).write_parquet(folder / "found.parquet")
"""
_READ = """
import sys, time, polars as pl
from pathlib import Path
begin, cpu = time.perf_counter(), time.process_time()
pl.scan_csv(Path(sys.argv[1]) / "register.csv", infer_schema=False).collect(engine="streaming")
built = opened = matched = time.perf_counter()
cpu_built = cpu_matched = time.process_time()
"""
_SAY = """
import json, resource
print(json.dumps({"build": built - begin, "open": opened - built, "match": matched - opened, "whole": matched - begin,
                  "cpu_build": cpu_built - cpu, "cpu_match": cpu_matched - cpu_built, "cpu": cpu_matched - cpu,
                  "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}))
"""


def _run(code: str, *args: str) -> dict[str, float] | None:
    done = subprocess.run(
        [sys.executable, "-c", code + _SAY, *args], capture_output=True, text=True, cwd=HERE.parent, check=False
    )
    if done.returncode:
        print(done.stderr[-300:], file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def _peer(python: str, name: str, folder: Path) -> dict[str, float] | None:
    (folder / "found.parquet").unlink(missing_ok=True)
    command = [python, str(HERE / "match_peers.py"), name, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: {done.stderr.strip()[-300:] or 'is not installed'}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def speed(companies: int, suppliers: int, *, peers: str | None) -> pl.DataFrame:
    """Return seconds, peak memory and F1 of each tool on the same made-up files, each in its own process."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        generate(folder, companies, suppliers)
        rows = [{"tool": "polars reads the CSV as text", **(_run(_READ, scratch) or {})}]
        ours = _run(_OURS, scratch)
        rows.append({"tool": "cwb", **(ours | _f1(folder) if ours else {})})
        for name in PEERS if peers else ():
            said = _peer(peers, name, folder)
            rows.append({"tool": name, **(said | _f1(folder) if said else {})})
    return pl.DataFrame(rows)


def _f1(folder: Path) -> dict[str, float]:
    truth = pl.read_csv(folder / "suppliers.csv", infer_schema=False).with_columns(supplier=pl.int_range(pl.len()))
    found = pl.read_parquet(folder / "found.parquet").with_columns(pl.col("supplier").cast(pl.Int64))
    both = truth.rename({"number": "truth"}).join(found, on="supplier", how="left", validate="1:1")
    right = (pl.col("number") == pl.col("truth")).fill_null(value=False)
    levels = [both["score"].quantile(q / 20) for q in range(20)] if "score" in both.columns else [None]
    best = 0.0
    for level in levels:  # a peer is given its best threshold
        took = both.filter(pl.col("number").is_not_null() & (True if level is None else pl.col("score") >= level))
        hits = took.filter(right).height
        precision, recall = hits / max(took.height, 1), hits / both["truth"].count()
        best = max(best, 2 * precision * recall / max(precision + recall, 1e-9))
    return {"F1": round(best, 4)}


def grown(companies: Sequence[int], suppliers: Sequence[int]) -> pl.DataFrame:
    """Return processor seconds to build and match as each size grows, the other at its middle value."""
    sizes = [(c, suppliers[len(suppliers) // 2]) for c in companies]
    sizes += [(companies[len(companies) // 2], s) for s in suppliers if s != suppliers[len(suppliers) // 2]]
    rows = []
    for c, s in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            generate(Path(scratch), c, s)
            said = _run(_OURS, scratch) or {}
        rows.append({"companies": c, "suppliers": s, "build": said.get("cpu_build"), "match": said.get("cpu_match")})
    return pl.DataFrame(rows)


def one_table(args: argparse.Namespace) -> pl.DataFrame:
    """Return a row a tool: accuracy on the real suppliers (with distractors, and without), then speed."""
    tables = []
    if args.only != "speed" and args.data.is_dir():
        real = accuracy(args.data, peers=args.peers, distractors="none")
        crowded = accuracy(args.data, peers=args.peers, distractors="all")
        few = [c for c in ("precision", "recall", "F1", "recall at 98%") if c in crowded.columns]
        tables += [real, crowded.select("tool", *(pl.col(c).alias(f"{c}, crowded") for c in few))]
    if args.only != "accuracy":
        fast = speed(args.companies, args.suppliers, peers=args.peers)
        tables.append(fast.drop("open", strict=False).rename({"F1": "F1, made up"}, strict=False))
    if not tables:
        raise SystemExit(f"{args.data}: not there, so accuracy on real suppliers is not measured")
    out = tables[0]
    for table in tables[1:]:
        out = out.join(table, on="tool", how="full", coalesce=True, maintain_order="left_right")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--companies", type=int, default=1_000_000)
    parser.add_argument("--suppliers", type=int, default=20_000)
    parser.add_argument("--peers", help="a Python that has benchmarks/requirements-peers.txt")
    parser.add_argument("--only", choices=["accuracy", "speed", "plots"])
    parser.add_argument("--plots", action="store_true", help="write docs/matching_*.svg again")
    args = parser.parse_args()
    pl.Config.set_tbl_cols(20).set_tbl_rows(60).set_tbl_width_chars(180).set_tbl_hide_dataframe_shape(True)
    pl.Config.set_tbl_hide_column_data_types(True).set_float_precision(3)
    begin = time.perf_counter()
    if args.only != "plots":
        print(f"Real labelled suppliers; made up: {args.companies:,} companies, {args.suppliers:,} suppliers; seconds")
        # Measures are rows, so that the one table fits a terminal whatever is measured.
        found = one_table(args)
        print(found.drop("tool").transpose(include_header=True, header_name="", column_names=found["tool"].to_list()))
    if args.plots or args.only == "plots":
        if args.data.is_dir():
            held_back = match_fit.fitted(args.data).held_back
            print(match_plots.calibration(held_back, match_plots.DOCS / "matching_calibration.svg"))
        runs = grown((args.companies // 20, args.companies // 4, args.companies), (5_000, 20_000, 80_000))
        print(runs)
        match_plots.growth(runs, match_plots.DOCS / "matching_growth.svg")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{time.perf_counter() - begin:.0f} s, peak {used:.1f} GB")


if __name__ == "__main__":
    main()
