"""Fit the weights of the match on labelled suppliers, and say how well they do on folds held back.

    python benchmarks/match_fit.py ../shared/data/matching [--write]

Folds are drawn by the stem of the true or printed name, so that two spellings of one supplier never straddle a fold.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
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
ROUNDS = 2
KEPT = 12
# The labelled set comes from NHS commissioners: a third of its names are surgeries, which other ledgers seldom pay.
PUBLIC_COUNTS = 0.25
# Of the two registers fitted on, the real extract and the one with distractors; some of the latter are a labelled
# company under another name, so that there a right answer counts as wrong.
REGISTER_COUNTS = (0.7, 0.3)


@dataclass(frozen=True)
class Pairs:
    """Suppliers beside candidates: `group` is the supplier (sorted), `right` 1 for the labelled one."""

    group: np.ndarray
    x: np.ndarray
    right: np.ndarray
    counts: np.ndarray

    def at(self, rows: np.ndarray) -> Pairs:
        return Pairs(self.group[rows], self.x[rows], self.right[rows], self.counts[rows])


def labelled(data: Path) -> pl.DataFrame:
    """Return suppliers with `truth` (company number or null: no company on the register is right) and `judged`."""
    rows = pl.read_csv(data / "suppliers_labelled_dev.csv", infer_schema=False)
    rows = rows.filter((pl.col("kind") != "ambiguous") & pl.col("supplier_name").is_not_null())
    rows = rows.unique("supplier_name", keep="first", maintain_order=True)
    there = pl.col("truth_in_register") == "true"
    return rows.select(
        "supplier_name", "kind", "difficulty",
        supplier_postcode="supplier_postcode", company_number=pl.lit(None, pl.String), is_redacted=pl.lit(False),
        category=pl.lit(None, pl.String), amount_pence=pl.lit(0, pl.Int64),
        first_payment=pl.lit(None, pl.Date), last_payment=pl.lit(None, pl.Date),
        truth=pl.when(there).then("truth_company_number"),
        judged=~((pl.col("kind").str.contains("name-level") & there.fill_null(False)) | (pl.col("kind") == "charity")),
        stem=pl.coalesce("truth_company_number", "supplier_name"),
    )  # fmt: skip


def index(data: Path, folder: Path, *, distractors: str = "all") -> Register:
    """Build the real extract, with distractor names as further companies, into an index and open it.

    Args:
        data: the labelled set's folder.
        folder: where the index is put.
        distractors: none, all, or those `with_form`: under one company in a hundred may be registered without a legal
            form, two in five of these are, and most are a labelled organisation as ledgers print it.
    """
    held = pl.read_parquet(data / "register_real_extract.parquet")
    if distractors != "none":
        more = pl.read_csv(data / "real_names_distractors.csv", infer_schema=False)
        if distractors == "with_form":
            more = more.filter(pl.Series(names.words(more["distractor_name"]).form >= 0))
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


def fit(data: Pairs, x: np.ndarray, start: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return weights by Newton's method on the weighted conditional logit, with a ridge but for the constant."""
    weights = start.copy()
    ridge = np.full(x.shape[1], RIDGE)
    ridge[0] = 1e-3
    begins = np.flatnonzero(np.concatenate([[True], data.group[1:] != data.group[:-1]]))
    counts = data.counts[begins][:, None]
    for _ in range(40):
        p = model.probability(data.group, x @ weights + offset)
        gradient = x.T @ ((data.right - p) * data.counts) - ridge * weights
        px = np.add.reduceat(p[:, None] * x, begins)
        hessian = (x * (p * data.counts)[:, None]).T @ x - (px * counts).T @ px + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        weights += step * min(1.0, 3.0 / max(np.abs(step).max(), 1e-9))
        if np.abs(step).max() < 1e-4:
            break
    return weights


def signed_fit(data: Pairs, start: np.ndarray, signs: list[str], free: np.ndarray | None = None) -> tuple:
    """Fit all but judged and unseen weights; of those with a senseless sign the worst is dropped, one a round.

    Returns the weights and which were free; with `free` given (from the fit on every fold) nothing more is dropped.
    """
    judged = np.array(signs) == "="
    seen = np.abs(data.x).sum(axis=0) > 0
    fixed = np.where(judged | ~seen, start, 0.0)
    chosen = free if free is not None else seen & ~judged
    weights = start
    while True:
        old, weights = weights, fixed.copy()
        weights[chosen] = fit(data, data.x[:, chosen], old[chosen], data.x @ fixed)
        wrong = np.array(
            [max(0.0, -w if s == "+" else w if s == "-" else 0.0) for s, w in zip(signs, weights, strict=True)]
        )
        wrong *= chosen * np.abs(data.x).mean(axis=0)
        if free is not None or not wrong.any():
            return weights, chosen
        chosen = chosen.copy()
        chosen[wrong.argmax()] = False


def training(every: pl.DataFrame, suppliers: pl.DataFrame, features: list[str], w: np.ndarray) -> Pairs:
    """Return the pairs that the weights `w` choose for each supplier and organisation, best `KEPT` a supplier."""
    found = comparing.best_reading(every, every.select(features).to_numpy() @ w)
    found = found.filter(pl.int_range(pl.len()).over("supplier") < KEPT)
    public = suppliers["kind"].str.contains("^n").gather(found["supplier"]).to_numpy()
    return Pairs(
        found["supplier"].to_numpy().astype(np.int64), found.select(features).to_numpy(), found["right"].to_numpy(),
        np.where(public, PUBLIC_COUNTS, 1.0),
    )  # fmt: skip


def candidates(data: Path, chosen: pl.DataFrame, *, distractors: str) -> tuple[pl.DataFrame, pl.Series]:
    """Return all pairs of the suppliers with one register, each with `right`, and which suppliers can be judged.

    A supplier labelled as absent whose very name is on the register is left out: the label says only that the labeller
    did not find it, and it may well be that company.
    """
    with tempfile.TemporaryDirectory() as folder:
        register = index(data, Path(folder), distractors=distractors)
        every = comparing.pairs(chosen, register)
        held = register.organisations.select("org_id", "supplier_type")[every["organisation"].to_numpy()]
        number, kind = held["org_id"].str.strip_prefix("GB-COH-"), held["supplier_type"]
        right = (number == chosen["truth"].gather(every["supplier"])).fill_null(value=False).cast(pl.Float64)
        every = every.with_columns(right=right).filter(kind != "public_body")
    same = every.filter((pl.col("same_letters") > 0) & (pl.col("form_conflict") == 0))["supplier"].unique()
    there = pl.int_range(chosen.height, eager=True).is_in(same.implode()) & chosen["truth"].is_null()
    print(f"{there.sum()} suppliers labelled as absent stand on the register by this very name: left out")
    kept = pl.int_range(chosen.height, eager=True).filter(~there)
    return every.filter(pl.col("supplier").is_in(kept.implode())), ~there


@dataclass(frozen=True)
class Fitted:
    """Weights fitted on everything, and for each register the best candidate of every supplier when held back."""

    weights: np.ndarray
    held_back: dict[str, pl.DataFrame]


def fitted(data: Path) -> Fitted:
    """Fit on all labelled suppliers, and on all but each fold in turn, with and without the distractor names."""
    suppliers = labelled(data)
    kinds = typed(suppliers)
    chosen = suppliers.filter(suppliers["judged"] & (kinds["bars"] == "none"))
    table = lookups.table("match/weights")
    features, signs = table["feature"].to_list(), table["sign"].to_list()
    # With and without the distractors, so that the weights suit a sparse and a crowded register.
    both = [candidates(data, chosen, distractors=crowd) for crowd in ("none", "with_form")]
    w = table["weight"].to_numpy().copy()
    for _ in range(ROUNDS):
        sets = [training(every, chosen, features, w) for every, _ in both]
        w, free = signed_fit(stacked(sets, chosen.height), w, signs)
    fold = folds(chosen["stem"])
    out = {}
    for name, pairs, (_, judged) in zip(("real extract", "with distractors"), sets, both, strict=True):
        parts = []
        for k in range(FOLDS):
            inside = [one.at(fold[one.group] != k) for one in sets]
            w_k, _ = signed_fit(stacked(inside, chosen.height), w, signs, free)
            left_out = pairs.at(fold[pairs.group] == k)
            p = model.probability(left_out.group, left_out.x @ w_k)
            parts.append(pl.DataFrame({"supplier": left_out.group, "p": p, "right": left_out.right}))
        out[name] = _best(pl.concat(parts), chosen.with_columns(judged=judged))
    return Fitted(w, out)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    found = fitted(args.data)
    for name, best in found.held_back.items():
        print(f"\n{name.capitalize()}, folds held back")
        report(best)
    table = lookups.table("match/weights")
    if args.write:
        path = lookups_dir() / "match" / "weights.csv"
        table.with_columns(weight=pl.Series(np.round(found.weights, 3))).write_csv(path)
    for name, value in zip(table["feature"], found.weights, strict=True):
        print(f"{name:24s}{value:9.3f}")


def stacked(sets: list[Pairs], suppliers: int) -> Pairs:
    """Return several registers' pairs as one set, each supplier counted once in all."""
    return Pairs(
        np.concatenate([pairs.group + n * suppliers for n, pairs in enumerate(sets)]),
        np.concatenate([pairs.x for pairs in sets]),
        np.concatenate([pairs.right for pairs in sets]),
        np.concatenate([pairs.counts * share for pairs, share in zip(sets, REGISTER_COUNTS, strict=True)]),
    )


def _best(held_back: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return the suppliers that can be judged, each with its best candidate's `p` and whether that is `right`."""
    best = held_back.sort("supplier", "p", descending=[False, True]).unique(
        "supplier", keep="first", maintain_order=True
    )
    there = chosen.with_row_index("supplier").with_columns(pl.col("supplier").cast(pl.Int64))
    best = there.join(best.with_columns(pl.col("supplier").cast(pl.Int64)), on="supplier", how="left")
    return best.with_columns(pl.col("p", "right").fill_null(0.0)).filter(pl.col("judged"))


def report(best: pl.DataFrame) -> None:
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
