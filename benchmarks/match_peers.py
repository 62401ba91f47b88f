"""Other ways to match the same suppliers to the same register, each as its own documents advise.

    python benchmarks/match_peers.py PEER FOLDER BEGUN

Run by `benchmarks.match` with a Python of its own: some of these tools hold older versions of what cwb uses. Reads
FOLDER/register.csv (the first two columns are name and number) and FOLDER/suppliers.csv (column supplier), writes
FOLDER/found.parquet with the best company of each supplier (row number) and a score, prints seconds and peak memory.
BEGUN is the time of day, in seconds, at which it was started. Names are given in capitals without legal forms and
punctuation. A peer that is not installed ends with 3.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

# Seconds of the step that a peer takes once all it can prepare is ready, where it has one.
READY: dict[str, float] = {}
_SPLINK_MEMORY = "8GB"
FORMS = re.compile(r"\b(LIMITED|LTD|PLC|LLP|CIC|COMMUNITY INTEREST COMPANY|THE|AND)\b")


def plain(names: pl.Series) -> list[str]:
    """Return names as a careful analyst would prepare them for a general tool."""
    text = names.str.to_uppercase().str.replace_all("[.'`]", "").str.replace_all("[^A-Z0-9]+", " ")
    return [" ".join(FORMS.sub(" ", t).split()) for t in text]


def exact_key(register: pl.DataFrame, suppliers: pl.Series) -> pl.DataFrame:
    """Equal prepared names; a name that two companies have is not matched."""
    held = pl.DataFrame({"key": plain(register["name"]), "number": register["number"]})
    held = held.filter(pl.len().over("key") == 1)
    asked = pl.DataFrame({"key": plain(suppliers), "supplier": range(suppliers.len())})
    return asked.join(held, on="key", how="inner").select("supplier", "number", score=pl.lit(1.0))


def string_grouper(register: pl.DataFrame, suppliers: pl.Series) -> pl.DataFrame | None:
    """TF-IDF cosine over trigrams, the best match of each supplier."""
    if importlib.util.find_spec("string_grouper") is None:
        return None
    pd, tool = importlib.import_module("pandas"), importlib.import_module("string_grouper")
    left, right = pd.Series(plain(register["name"])), pd.Series(plain(suppliers))
    found = tool.match_strings(left, right, min_similarity=0.5, max_n_matches=5, number_of_processes=2)
    out = pl.DataFrame({
        "supplier": found["right_index"].to_list(), "row": found["left_index"].to_list(),
        "score": found["similarity"].to_list(),
    })  # fmt: skip
    out = out.sort("supplier", "score", descending=[False, True]).unique("supplier", keep="first", maintain_order=True)
    return out.with_columns(number=register["number"].gather(out["row"])).select("supplier", "number", "score")


def emm(register: pl.DataFrame, suppliers: pl.Series) -> pl.DataFrame | None:
    """Entity Matching Model: word and bigram cosine and sorted-neighbourhood candidates, best score."""
    if importlib.util.find_spec("emm") is None:
        return None
    pd, tool = importlib.import_module("pandas"), importlib.import_module("emm")
    truth = pd.DataFrame({"id": range(register.height), "name": register["name"].to_list()})
    asked = pd.DataFrame({"id": range(suppliers.len()), "name": suppliers.to_list()})
    indexers = [
        {"type": "cosine_similarity", "tokenizer": "words", "ngram": 1, "num_candidates": 5,
         "cos_sim_lower_bound": 0.2},
        {"type": "cosine_similarity", "tokenizer": "characters", "ngram": 2, "num_candidates": 5,
         "cos_sim_lower_bound": 0.2},
    ]  # fmt: skip
    model = tool.PandasEntityMatching(
        {"name_only": True, "entity_id_col": "id", "name_col": "name", "preprocessor": "preprocess_merge_abbr",
         "indexers": indexers, "supervised_on": False, "return_sm_features": False}
    )  # fmt: skip
    model.fit(truth)
    found = model.transform(asked)
    scores = [c for c in found.columns if c.startswith("score_")]
    out = pl.DataFrame({
        "supplier": found["entity_id"].astype("int64").to_list(), "row": found["gt_entity_id"].to_list(),
        "score": found[scores].fillna(0.0).mean(axis=1).to_list(),
    }).drop_nulls()  # fmt: skip
    out = out.sort("supplier", "score", descending=[False, True]).unique("supplier", keep="first", maintain_order=True)
    return out.with_columns(number=register["number"].gather(out["row"].cast(pl.Int64))).select(
        "supplier", "number", "score"
    )


def splink(register: pl.DataFrame, suppliers: pl.Series) -> pl.DataFrame | None:
    """Splink on DuckDB: Jaro-Winkler levels with term frequency, blocked on first and last words and on openings.

    Its own training needs two columns that vary independently; with a name alone, levels are given as measured.
    """
    if importlib.util.find_spec("splink") is None:
        return None
    pd, tool = importlib.import_module("pandas"), importlib.import_module("splink")
    cl, block_on = importlib.import_module("splink.comparison_library"), tool.block_on

    def prepared(names: pl.Series) -> Any:
        key = plain(names)
        words = [k.split() for k in key]
        return pd.DataFrame({
            "unique_id": range(len(key)), "name": key, "first": [w[0] if w else None for w in words],
            "second": [w[1] if len(w) > 1 else None for w in words], "last": [w[-1] if w else None for w in words],
            "opening": [k[:8] or None for k in key],
        })  # fmt: skip

    frames = [prepared(suppliers), prepared(register["name"])]
    rules = [block_on("name"), block_on("first", "second"), block_on("first", "last"), block_on("opening")]
    settings = tool.SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.97, 0.92, 0.85]).configure(
                term_frequency_adjustments=True,
                m_probabilities=[0.62, 0.15, 0.10, 0.08, 0.05],
                u_probabilities=[1e-6, 2e-6, 1e-5, 2e-4, 0.999787],
            )
        ],
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )
    connection = importlib.import_module("duckdb").connect()
    with tempfile.TemporaryDirectory() as scratch:  # what does not fit half the machine goes to disk, not to the killer
        connection.execute(f"SET temp_directory = '{scratch}'; SET memory_limit = '{_SPLINK_MEMORY}'")
        # Splink's own way for what does not fit: pairs are written to Parquet files.
        api = tool.DuckDBAPI(connection=connection, materialisation="parquet", materialisation_dir=scratch)
        return _splink_best(tool.Linker, api, settings, frames, connection, register["number"])


def _splink_best(
    linked: Any, api: Any, settings: Any, frames: list[Any], connection: Any, number: pl.Series
) -> pl.DataFrame:
    tables = [
        api.register(f, dataset_display_name=n) for f, n in zip(frames, ("a_suppliers", "b_register"), strict=True)
    ]
    linker = linked(tables, settings, log_level=None)
    begin, cpu = time.perf_counter(), time.process_time()
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    READY.update(ready=time.perf_counter() - begin, cpu_ready=time.process_time() - cpu)
    # The best of each supplier is taken where the pairs are: at 5.6 million companies they are too many for pandas.
    query = """
        SELECT supplier, row, score FROM (
            SELECT CASE WHEN source_dataset_l = 'a_suppliers' THEN unique_id_l ELSE unique_id_r END AS supplier,
                   CASE WHEN source_dataset_l = 'a_suppliers' THEN unique_id_r ELSE unique_id_l END AS row,
                   match_weight AS score FROM {pairs})
        QUALIFY row_number() OVER (PARTITION BY supplier ORDER BY score DESC, row) = 1 ORDER BY supplier"""
    out = connection.sql(query.format(pairs=predicted.physical_name)).pl()
    return out.with_columns(number=number.gather(out["row"])).select("supplier", "number", "score")


PEERS: dict[str, Callable[[pl.DataFrame, pl.Series], pl.DataFrame | None]] = {
    "exact key": exact_key, "Splink, DuckDB": splink, "string_grouper": string_grouper, "emm": emm,
}  # fmt: skip


def peak_gb() -> float:
    """Return this process's peak resident memory; what rusage says counts its parent's where it was forked off too."""
    status = Path("/proc/self/status")
    if status.is_file():
        return next(int(line.split()[1]) for line in status.open() if line.startswith("VmHWM")) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main(name: str, folder: Path, begun: float) -> None:
    suppliers = pl.read_csv(folder / "suppliers.csv", infer_schema=False, columns=["supplier"])["supplier"]
    held = pl.read_csv(folder / "register.csv", infer_schema=False, columns=[0, 1])
    found = PEERS[name](held.select(name=held.columns[0], number=held.columns[1]), suppliers)
    if found is None:
        sys.exit(3)
    found.select(pl.col("supplier").cast(pl.Int64), "number", "score").write_parquet(folder / "found.parquet")
    spent = {"whole": time.time() - begun, "cpu": time.process_time(), **READY}
    print(json.dumps({**spent, "peak_gb": peak_gb()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
