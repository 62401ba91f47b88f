"""Registers as their publishers issue them → one index on disk, all or nothing."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from cwb import lookups, names
from cwb.errors import RegisterError
from cwb.files import sha256, staged
from cwb.register import companies_house
from cwb.register.index import MANIFEST, VERSION, RegisterInfo

Progress = Callable[[str, float], None]
_ADAPTERS = (companies_house,)
_TAIL = 1 << 16
_TOWN_SEEN = 3  # organisations; below it a "town" is as often a slip of the pen
_PARTED = r"\(| - |-$"
_PARTS = (r"\(([^()]{4,})\)", r"^([^(]{4,}?)\s*\([^()]*[A-Za-z][^()]*\)", r"^(.{4,}?) - ", r" - (.{4,})$")


def build_register(sources: Sequence[Path], out: Path, *, progress: Progress | None = None) -> RegisterInfo:
    """Build an index at `out` from register files (.csv or .zip, one or several parts each).

    Args:
        sources: files in their publishers' official layouts.
        out: folder of the index; what is there is replaced only when all has gone well.
        progress: called with what is being done and how much is, 0 to 1.

    Raises:
        RegisterError: a file is missing, is not a register, or is damaged; nothing is written.
    """
    say = progress or (lambda _what, _share: None)
    if not sources:
        raise RegisterError("no register file given; cwb register build needs Companies House's file (.zip or .csv)")
    for path in sources:
        if not Path(path).is_file():
            raise RegisterError(f"{path}: no such file")
    with staged(Path(out)) as folder:
        say("Reading registers", 0.0)
        parts, account = _read_all([Path(p) for p in sources], folder)
        listed = _public_bodies()
        account.append(
            {"file": "lookups/public_bodies.csv", "register": "Public bodies", "organisations": listed.height}
        )
        organisations = _joined([*parts, listed])
        del parts, listed
        say("Cutting names into words", 0.4)
        info = _write(organisations, account, folder, say)
        say("Index ready", 1.0)
    return info


def _read_all(sources: list[Path], folder: Path) -> tuple[list[pl.DataFrame], list[dict[str, Any]]]:
    scratch = folder / "scratch"
    scratch.mkdir()
    parts: list[pl.DataFrame] = []
    account: list[dict[str, Any]] = []
    with ThreadPoolExecutor(1) as pool:
        for path in sources:
            digest = pool.submit(sha256, path)
            for text in _unpacked(path, scratch):
                label = path if text == path else Path(f"{path}!{text.name}")
                title, frame = _read(text, label)
                parts.append(frame)
                account.append(
                    {"file": path.name, "sha256": digest.result(), "register": title, "organisations": frame.height}
                )
                if text != path:
                    text.unlink()
    shutil.rmtree(scratch)
    return parts, account


def _unpacked(path: Path, scratch: Path) -> list[Path]:
    """Return the CSV files in a zip, unpacked, or the file itself."""
    if path.suffix.lower() != ".zip":
        return [path]
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.lower().endswith(".csv")]
            if not members:
                raise RegisterError(f"{path}: holds no CSV file")
            out = []
            for member in members:
                target = scratch / Path(member.filename).name
                with archive.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
                out.append(target)
            return out
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise RegisterError(f"{path}: is not a zip file that can be read; download it again") from None


def _read(text: Path, label: Path) -> tuple[str, pl.DataFrame]:
    try:
        header = pl.read_csv(text, n_rows=0, infer_schema=False).columns
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError):
        raise RegisterError(f"{label}: is not a CSV file of a register") from None
    found = [h.strip() for h in header]
    if _cut_short(text, len(found)):
        raise RegisterError(f"{label}: is damaged or cut short: its last line is not whole; download it again")
    for adapter in _ADAPTERS:
        if set(found) == set(adapter.COLUMNS):
            break
    else:
        raise RegisterError(_unknown_layout(label, found))
    try:
        rows = pl.scan_csv(text, infer_schema=False, with_column_names=lambda _: found, empty_string_is_null=True)
        frame = adapter.organisations(rows).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise RegisterError(f"{label}: is damaged or cut short ({str(error).splitlines()[0]})") from None
    if not frame.height:
        raise RegisterError(f"{label}: has a header and no organisations")
    wrong = adapter.problem(frame, label)
    if wrong:
        raise RegisterError(wrong)
    return adapter.TITLE, frame


def _cut_short(text: Path, columns: int) -> bool:
    """Say whether the file ends in the middle of a row: no line end, and fewer cells than there are columns."""
    with text.open("rb") as file:
        file.seek(max(0, text.stat().st_size - 1))
        if file.read() in {b"\n", b""}:
            return False
        file.seek(max(0, text.stat().st_size - _TAIL))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return len(next(csv.reader(lines[-1:]))) < columns


def _unknown_layout(label: Path, found: list[str]) -> str:
    nearest = max(_ADAPTERS, key=lambda a: len(set(found) & set(a.COLUMNS)))
    missing = [c for c in nearest.COLUMNS if c not in found]
    extra = [c for c in found if c not in nearest.COLUMNS]
    shown = ", ".join(found[:4]) + (" …" if len(found) > 4 else "")
    if len(missing) * 2 > len(nearest.COLUMNS):
        return f"{label}: is not a register cwb knows. Found columns: {shown}. It needs {nearest.TITLE}, all columns."
    what = f"lacks {', '.join(missing[:3])}" if missing else f"has a column too many: {', '.join(extra[:3])}"
    return f"{label}: {nearest.TITLE} {what}; use the file as it was downloaded"


def _joined(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return one frame of organisations, checked for repeats, with addresses that many share flagged."""
    every = pl.concat(parts, how="diagonal")
    if every["org_id"].n_unique() != every.height:
        twice = every.filter(pl.col("org_id").is_duplicated())["org_id"][0]
        raise RegisterError(f"{twice} is in the sources twice; give each part of a register once")
    many = lookups.number("match.shared_address")
    return every.with_columns(
        pl.col("postcode").replace("", None),
        address_is_evidence=(pl.len().over("postcode") < many) & pl.col("postcode").is_not_null(),
    )


def _public_bodies() -> pl.DataFrame:
    """Return the listed public bodies as organisations; those without a published identifier get one of cwb's own."""
    listed = lookups.table("public_bodies")
    slug = pl.col("name").str.to_lowercase().str.replace_all("[^a-z0-9]+", "-").str.strip_chars("-")
    return listed.select(
        org_id=pl.when(pl.col("org_id") == "").then("cwb:" + slug).otherwise("org_id"),
        name="name",
        supplier_type=pl.lit("public_body"),
        previous=pl.col("also").str.split("|").list.eval("\t" + pl.element()).list.join("\n"),
    ).with_columns(previous=pl.when(pl.col("previous") != "\t").then("previous"))


def _other_names(organisations: pl.DataFrame) -> pl.DataFrame:
    """Return further names: organisation, name, kind (previous, also, part), until.

    A part is what stands inside brackets, outside them, or before a dash, where it could be a name by itself.
    """
    held = organisations.select(organisation=pl.int_range(pl.len(), dtype=pl.UInt32), line="previous")
    lines = held.filter(pl.col("line") != "").with_columns(pl.col("line").str.split("\n")).explode("line")
    cut = pl.col("line").str.splitn("\t", 2).struct
    given_up = lines.select(
        "organisation",
        name=cut[1].str.strip_chars(),
        kind=pl.when(organisations["supplier_type"].gather(lines["organisation"]) == "public_body")
        .then(pl.lit("also"))
        .otherwise(pl.lit("previous")),
        until=cut[0].str.to_date("%d/%m/%Y", strict=False),
    ).filter(pl.col("name") != "")
    whole = organisations.select(organisation=pl.int_range(pl.len(), dtype=pl.UInt32), name="name")
    whole = whole.filter(pl.col("name").str.contains(_PARTED))
    parts = [
        whole.select("organisation", name=pl.col("name").str.extract(pattern).str.strip_chars(" ,.-"))
        for pattern in _PARTS
    ]
    part = pl.concat(parts).filter(pl.col("name").str.contains("[A-Z]{3}")).unique(maintain_order=True)
    part = part.with_columns(kind=pl.lit("part"), until=pl.lit(None, pl.Date))
    return pl.concat([given_up, part])


def _place_words(towns: pl.Series) -> list[str]:
    """Return the words of post towns, as the register's own addresses give them."""
    counts = towns.drop_nulls().value_counts()
    often = counts.filter(pl.col("count") >= _TOWN_SEEN)[towns.name]
    cut = names.words(often.str.replace_all("[0-9].*", ""))
    return cut.text.filter((cut.text.str.len_bytes() >= 3) & ~cut.text.str.contains("[0-9]")).to_list()


def _write(organisations: pl.DataFrame, account: list[dict[str, Any]], folder: Path, say: Progress) -> RegisterInfo:
    other = _other_names(organisations)
    places = _place_words(organisations["town"])
    organisations = organisations.drop("previous", "town")
    cut = names.words(pl.concat([organisations["name"], other["name"]]))
    say("Indexing words", 0.7)
    arrays, frames = _index(cut, places)
    say("Writing the index", 0.9)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    frames |= {"organisations": organisations, "other_names": other}
    for name, frame in frames.items():
        frame.rechunk().write_ipc(folder / f"{name}.arrow", compression="uncompressed")
    counts = organisations["supplier_type"].value_counts(sort=True)
    info = RegisterInfo(
        VERSION, datetime.now(UTC).isoformat(timespec="seconds"), organisations.height, len(cut),
        dict(counts.iter_rows()), account,
    )  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(info.as_dict(), indent=2) + "\n", "utf-8")
    return info


def _index(cut: names.Words, places: list[str]) -> tuple[dict[str, npt.NDArray[Any]], dict[str, pl.DataFrame]]:
    run_on, bag = names.keys(cut)
    skeletons = names.skeleton(cut.text)
    distinct = skeletons.unique(maintain_order=True)
    number = pl.DataFrame({"skeleton": distinct, "number": pl.int_range(distinct.len(), dtype=pl.UInt32, eager=True)})
    of_word = skeletons.to_frame().join(number, on="skeleton", how="left", maintain_order="left")["number"]
    entries = pl.DataFrame({"name": cut.owner.astype(np.uint32), "skeleton": of_word.to_numpy()[cut.word]})
    entries = entries.sort("skeleton", "name")
    counts = np.bincount(entries["skeleton"].to_numpy(), minlength=distinct.len())
    arrays: dict[str, npt.NDArray[Any]] = {
        "name_start": cut.start, "name_word": cut.word, "name_form": cut.form,
        "posting_start": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        "posting_name": entries["name"].to_numpy(),
    }  # fmt: skip
    every = np.arange(len(cut), dtype=np.uint32)
    initials = names.initials(cut)
    both = (np.concatenate(initials), np.concatenate([every, every]))
    both = (both[0][both[0] != 0], both[1][both[0] != 0])
    for key, (values, name) in {"run_on": (run_on, every), "bag": (bag, every), "initials": both}.items():
        order = pl.Series(values).arg_sort().to_numpy()
        arrays[key], arrays[f"{key}_name"] = values[order], name[order]
    frames = {
        "words": pl.DataFrame({
            "word": cut.text, "skeleton": of_word, "place": cut.text.is_in(places),
            "names": np.bincount(cut.word, minlength=cut.text.len()).astype(np.uint32),
        }),
        "skeletons": distinct.to_frame(),
    }  # fmt: skip
    rarity = names.rarity(counts, len(cut))
    arrays["name_weight"] = names.sums(rarity[of_word.to_numpy()[cut.word]], cut.start).astype(np.float32)
    return arrays, frames
