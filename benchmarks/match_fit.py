"""Fit the weights of the match on labelled suppliers, and say how well they do on folds held back.

    python benchmarks/match_fit.py ../shared/data/matching [--write]

Folds are drawn by the stem of the true or printed name, so that two spellings of one supplier never straddle a fold.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from cwb import lookups, names
from cwb.match import compare as comparing
from cwb.match import model
from cwb.match.types import typed
from cwb.register import Register, build_register, open_register
from cwb.register.companies_house import COLUMNS
from cwb.shipped import lookups_dir

RIDGE = 1.0
FOLDS = 5
ROUNDS = 3


def labelled(data: Path) -> pl.DataFrame:
    """Return suppliers with `truth` (company number or null: no company on the register is right) and `judged`."""
    rows = pl.read_csv(data / "suppliers_labelled_dev.csv", infer_schema=False)
    rows = rows.filter((pl.col("kind") != "ambiguous") & pl.col("supplier_name").is_not_null())
    rows = rows.unique("supplier_name", keep="first", maintain_order=True)
    there = pl.col("truth_in_register") == "true"
    return rows.select(
        "supplier_name", "kind", "difficulty",
        supplier_postcode="supplier_postcode", company_number=pl.lit(None, pl.String), is_redacted=pl.lit(False),
        first_payment=pl.lit(None, pl.Date), last_payment=pl.lit(None, pl.Date),
        truth=pl.when(there).then("truth_company_number"),
        judged=~((pl.col("kind").str.contains("name-level") & there.fill_null(False)) | (pl.col("kind") == "charity")),
        stem=pl.coalesce("truth_company_number", "supplier_name"),
    )  # fmt: skip


def index(data: Path, folder: Path, *, distractors: bool = True) -> Register:
    """Build the real extract, with the distractor names as further companies, into an index and open it."""
    held = pl.read_parquet(data / "register_real_extract.parquet")
    if distractors:
        more = pl.read_csv(data / "real_names_distractors.csv", infer_schema=False)
        numbers = pl.format("ZX{}", pl.int_range(more.height, dtype=pl.Int64).cast(pl.String).str.zfill(6))
        more = more.select(CompanyName="distractor_name", CompanyNumber=numbers)
        held = pl.concat([held, more], how="diagonal")
    rows = held.select((pl.col(c) if c in held.columns else pl.lit("")).fill_null("").alias(c) for c in COLUMNS)
    rows.write_csv(folder / "register.csv")
    build_register([folder / "register.csv"], folder / "index")
    return open_register(folder / "index")


def folds(stem: pl.Series) -> np.ndarray:
    keys = names.keys(names.words(stem))[1]
    return ((keys >> np.uint64(7)) % np.uint64(FOLDS)).astype(int)


def fit(group: np.ndarray, x: np.ndarray, right: np.ndarray, start: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return weights by Newton's method on the conditional logit with a ridge (not on the constant, column 0)."""
    weights = start.copy()
    ridge = np.full(x.shape[1], RIDGE)
    ridge[0] = 1e-3
    begins = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    for _ in range(30):
        p = model.probability(group, x @ weights + offset)
        gradient = x.T @ (right - p) - ridge * weights
        px = np.add.reduceat(p[:, None] * x, begins)
        hessian = (x * p[:, None]).T @ x - px.T @ px + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        weights += step * min(1.0, 5.0 / max(np.abs(step).max(), 1e-9))
        if np.abs(step).max() < 1e-5:
            break
    return weights


def signed_fit(group: np.ndarray, x: np.ndarray, right: np.ndarray, start: np.ndarray, signs: list[str]) -> np.ndarray:
    """Fit all but judged and unseen weights; those of a sign that makes no sense are dropped, round after round."""
    free = (np.abs(x).sum(axis=0) > 0) & (np.array(signs) != "=")
    fixed = np.where((np.array(signs) == "=") | ~free, start, 0.0)
    while True:
        weights = fixed.copy()
        weights[free] = fit(group, x[:, free], right, start[free] * 0, x @ fixed)
        wrong = [(s == "+" and w < 0) or (s == "-" and w > 0) for s, w in zip(signs, weights, strict=True)]
        wrong &= free
        if not wrong.any():
            return weights
        free &= ~wrong


def training(found: pl.DataFrame, register: Register, suppliers: pl.DataFrame, features: list[str]) -> tuple:
    numbers = register.organisations["org_id"].str.strip_prefix("GB-COH-").gather(found["organisation"])
    truth = suppliers["truth"].gather(found["supplier"])
    right = (numbers == truth).fill_null(value=False).cast(pl.Float64).to_numpy()
    return found["supplier"].to_numpy(), found.select(features).to_numpy(), right


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--distractors", action="store_true", help="add the distractor names to the register")
    args = parser.parse_args()
    suppliers = labelled(args.data)
    kinds = typed(suppliers)
    usable = suppliers["judged"] & (kinds["bars"] == "none")
    features = lookups.table("match/weights")["feature"].to_list()
    weights = lookups.table("match/weights")["weight"].to_numpy().copy()
    signs = lookups.table("match/weights")["sign"].to_list()
    with tempfile.TemporaryDirectory() as folder:
        register = index(args.data, Path(folder), distractors=args.distractors)
        chosen = suppliers.filter(usable)
        every = comparing.pairs(chosen, register)
        same = every.filter((pl.col("same_letters") > 0) & (pl.col("form_conflict") == 0))["supplier"].unique()
        there = pl.int_range(chosen.height, eager=True).is_in(same.implode()) & chosen["truth"].is_null()
        print(
            f"{there.sum()} suppliers labelled as absent stand on the register by this very name: left out of the fit"
        )
        every = every.filter(~pl.col("supplier").is_in(pl.int_range(chosen.height, eager=True).filter(there).implode()))
        fold = folds(chosen["stem"])
        held_back = []
        for k in [*range(FOLDS), None]:
            w = weights
            for _ in range(ROUNDS):
                found = comparing.best_reading(every, every.select(features).to_numpy() @ w)
                group, x, right = training(found, register, chosen, features)
                inside = (fold[group] != k) if k is not None else np.ones(len(group), dtype=bool)
                w = signed_fit(group[inside], x[inside], right[inside], w, signs)
            if k is not None:
                out = fold[group] == k
                p = model.probability(group[out], x[out] @ w)
                held_back.append(pl.DataFrame({"supplier": group[out], "p": p, "right": right[out]}))
    report(pl.concat(held_back), chosen)
    if args.write:
        path = lookups_dir() / "match" / "weights.csv"
        table = lookups.table("match/weights").with_columns(weight=pl.Series(np.round(w, 4)))
        table.write_csv(path)
    for name, value in zip(features, w, strict=True):
        print(f"{name:24s}{value:9.3f}")


def report(held_back: pl.DataFrame, chosen: pl.DataFrame) -> None:
    best = held_back.sort("supplier", "p", descending=[False, True]).unique(
        "supplier", keep="first", maintain_order=True
    )
    there = chosen.with_row_index("supplier").with_columns(pl.col("supplier").cast(pl.Int64))
    best = there.join(best.with_columns(pl.col("supplier").cast(pl.Int64)), on="supplier", how="left")
    best = best.with_columns(pl.col("p").fill_null(0.0), pl.col("right").fill_null(0.0))
    inside = pl.col("truth").is_not_null()
    for accept in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95):
        took = best.filter(pl.col("p") >= accept)
        n = best.filter(inside).height
        right = took.filter(inside)["right"].sum()
        wrong = took.filter(inside).height - right
        false = took.filter(~inside & ~pl.col("kind").str.contains("^n")).height
        others = best.filter(~inside & ~pl.col("kind").str.contains("^n")).height
        public = took.filter(~inside & pl.col("kind").str.contains("^n")).height
        print(
            f"accept {accept:.2f}: recall {right / n:.4f} precision {right / max(right + wrong, 1):.4f} "
            f"absent taken {false / others:.4f} ({false}) public taken {public}"
        )
    bins = best.with_columns(bin=(pl.col("p") * 10).floor().clip(0, 9))
    print(bins.group_by("bin").agg(pl.len(), said=pl.col("p").mean(), was=pl.col("right").mean()).sort("bin"))
    print(
        best.filter(inside)
        .group_by("difficulty")
        .agg(pl.len(), taken=((pl.col("p") >= 0.9) & (pl.col("right") == 1)).sum(), top=(pl.col("right") == 1).sum())
        .sort("len", descending=True)
    )


if __name__ == "__main__":
    main()
