"""Accuracy on real labelled suppliers and speed on a made-up register, cwb beside its peers: `make bench-match`.

    python -m benchmarks.match [--data ../shared/data/matching] [--companies 1000000] [--suppliers 20000]
                               [--peers PYTHON]      a Python that has benchmarks/requirements-peers.txt
                               [--whole]             once more with 5.6 million companies and 100,000 suppliers
                               [--plots]             write docs/matching_*.svg again

One table: accuracy as below, then wall and processor seconds, peak memory and F1 on the made-up register. A tool's
whole job is its process from start to end; `ready` is matching on an index that is there (Splink: predict alone).

Accuracy: the real extract with the distractor names as further companies. A peer's own threshold is the one at which
its precision on suppliers whose company is there first reaches 98%, which favours the peers. A public body or a
supplier that is not there counts against whoever gives it any company.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
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
SPLINK = "Splink, DuckDB"
PEERS = ("exact key", SPLINK, "string_grouper", "emm")
READS = "polars reads the CSV"
WHOLE = (5_600_000, 100_000)  # the real register and the suppliers of a large region
ROUNDS = 3  # of what a ratio is made of; the median counts


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
folder, said = Path(sys.argv[1]), {}
def timed(step, work):
    wall, cpu = time.perf_counter(), time.process_time(); out = work()
    said.update({step: time.perf_counter() - wall, f"cpu_{step}": time.process_time() - cpu}); return out
names = pl.read_csv(folder / "suppliers.csv", infer_schema=False)
timed("build", lambda: build_register([folder / "register.csv"], folder / "index"))
out = timed("ready", lambda: match_table(names.select("supplier"), open_register(folder / "index")))
out.select(supplier=pl.int_range(pl.len()), number=pl.when(pl.col("outcome") == "matched").then(
    pl.col("org_id").str.slice(7))).write_parquet(folder / "found.parquet")
"""
_READ = """
import sys, time, polars as pl
said, wall, cpu = {}, time.perf_counter(), time.process_time()
pl.scan_csv(f"{sys.argv[1]}/register.csv", infer_schema=False).collect(engine="streaming")
said.update(build=time.perf_counter() - wall, cpu_build=time.process_time() - cpu)
"""
_SAY = """
import json
from benchmarks.match_peers import peak_gb
print(json.dumps({**said, "whole": time.time() - float(sys.argv[2]), "cpu": time.process_time(), "peak_gb": peak_gb()}))
"""


def _run(code: str, folder: Path) -> dict[str, float] | None:
    command = [sys.executable, "-c", code + _SAY, str(folder), str(time.time())]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, check=False)
    if done.returncode:
        print(done.stderr[-300:], file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def _peer(python: str, name: str, folder: Path) -> dict[str, float] | None:
    (folder / "found.parquet").unlink(missing_ok=True)
    command = [python, str(HERE / "match_peers.py"), name, str(folder), str(time.time())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        why = "is not installed" if done.returncode == 3 else f"ended with {done.returncode} (below 0: was stopped)"
        print(f"{name}: {done.stderr.strip()[-300:] or why}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def speed(
    companies: int, suppliers: int, *, python: str | None, peers: Sequence[str] = PEERS, rounds: int = ROUNDS
) -> pl.DataFrame:
    """Return seconds, peak memory and F1 of each tool on the same made-up files, each in its own process."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        generate(folder, companies, suppliers)
        said: dict[str, list[dict[str, float]]] = {READS: [], "cwb": []}
        for turn in range(rounds):
            for name in (READS, "cwb", *(peers if python else ())):
                if turn and name not in (READS, "cwb", SPLINK):
                    continue
                if name in (READS, "cwb"):
                    one = _run(_READ if name == READS else _OURS, folder)
                else:
                    one = _peer(python or "", name, folder)
                f1 = _f1(folder) if one and name != READS else {}
                said.setdefault(name, []).extend([one | f1] if one else [])
    table = pl.DataFrame([{"tool": name, **_median(runs)} for name, runs in said.items()])
    return table.select(c for c in _MEASURES if c in table.columns)


_MEASURES = ("tool", "build", "ready", "whole", "cpu_build", "cpu_ready", "cpu", "peak_gb", "F1")


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(one[key] for one in runs) for key in (runs[0] if runs else {})}


def ratios(fast: pl.DataFrame) -> str:
    """Return in words how the seconds of `speed` compare with those of Splink and of reading the file."""
    by = {row["tool"]: row for row in fast.to_dicts()}
    pairs = [("building the index", "build", "polars' reading of the CSV as text", by.get(READS), by.get("cwb"))]
    pairs.append(("Splink's whole job", "whole", "cwb's", by.get("cwb"), by.get(SPLINK)))
    pairs.append(("matching on a ready index", "ready", "Splink's predict", by.get(SPLINK), by.get("cwb")))
    lines = []
    for what, step, to, below, above in pairs:
        cpu = "cpu" if step == "whole" else f"cpu_{step}"
        if below and above and below.get(step) and above.get(step):
            wall, processor = above[step] / below[step], above[cpu] / below[cpu]
            lines.append(f"  {what} takes {wall:.1f} times {to} (processor: {processor:.1f})")
    return "\n".join(lines)


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
            said = _run(_OURS, Path(scratch)) or {}
        rows.append({"companies": c, "suppliers": s, "build": said.get("cpu_build"), "match": said.get("cpu_ready")})
    return pl.DataFrame(rows)


def one_table(real: pl.DataFrame | None, crowded: pl.DataFrame | None, fast: pl.DataFrame | None) -> pl.DataFrame:
    """Return a row a tool: accuracy on the real suppliers (without distractors, and with), then speed."""
    tables = [real] if real is not None else []
    if crowded is not None:
        few = [c for c in ("precision", "recall", "F1", "recall at 98%") if c in crowded.columns]
        tables.append(crowded.select("tool", *(pl.col(c).alias(f"{c}, crowded") for c in few)))
    if fast is not None:
        tables.append(fast.rename({"F1": "F1, made up"}, strict=False))
    out = tables[0]
    for table in tables[1:]:
        out = out.join(table, on="tool", how="full", coalesce=True, maintain_order="left_right")
    return out


def show(table: pl.DataFrame) -> None:
    """Print measures as rows, so that the one table fits a terminal whatever is measured."""
    print(table.drop("tool").transpose(include_header=True, header_name="", column_names=table["tool"].to_list()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--companies", type=int, default=1_000_000)
    parser.add_argument("--suppliers", type=int, default=20_000)
    parser.add_argument("--peers", help="a Python that has benchmarks/requirements-peers.txt")
    parser.add_argument("--only", choices=["accuracy", "speed", "plots"])
    parser.add_argument("--whole", action="store_true", help=f"measure speed at {WHOLE[0]:,} × {WHOLE[1]:,} too")
    parser.add_argument("--plots", action="store_true", help="write docs/matching_*.svg again")
    args = parser.parse_args()
    pl.Config.set_tbl_cols(20).set_tbl_rows(60).set_tbl_width_chars(180).set_tbl_hide_dataframe_shape(True)
    pl.Config.set_tbl_hide_column_data_types(True).set_float_precision(3)
    begin = time.perf_counter()
    if args.only not in {"plots", "speed"} and not args.data.is_dir():
        print(f"{args.data}: not there, so accuracy on real suppliers is not measured")
    real = crowded = fast = None
    if args.only in {None, "accuracy"} and args.data.is_dir():
        real, crowded = (accuracy(args.data, peers=args.peers, distractors=d) for d in ("none", "all"))
    if args.only in {None, "speed"}:
        fast = speed(args.companies, args.suppliers, python=args.peers)
    if real is not None or fast is not None:
        print(f"Real labelled suppliers; made up: {args.companies:,} companies, {args.suppliers:,} suppliers; seconds")
        show(one_table(real, crowded, fast))
    if fast is not None:
        print(ratios(fast))
    if args.whole:
        large = speed(*WHOLE, python=args.peers, peers=[SPLINK], rounds=1)
        print(f"Made up: {WHOLE[0]:,} companies, {WHOLE[1]:,} suppliers; seconds")
        show(large)
        print(ratios(large))
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
