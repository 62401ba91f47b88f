"""Feed the ledger reader broken files: `python benchmarks/fuzz_ledger.py --inputs 20000 [--seed 1] [--keep FOLDER]`.

Each input is a real or made-up ledger with bytes flipped, cut, repeated or spliced, or, for workbooks and zips, with a
member changed and packed again so that it gets past the checksum. The reader must give a ledger whose rows and pence
add up, or refuse in one line. Anything else is a fault: another exception, more than 10 s of the processor's time,
more than 1 GB. Input N of seed S is always the same bytes; `--only N` runs one alone and leaves it in the folder of
kept inputs.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "tests" / "ledger"))

from ledger_files import HEADINGS, ROWS, csv_text, write_ods, write_xls, write_xlsx  # noqa: E402

from cwb.errors import LedgerError  # noqa: E402
from cwb.ledger import read_ledger  # noqa: E402

REAL = HERE.parent.parent / "shared" / "data" / "ledgers"
SLOW_SECONDS, MOST_MB, HUNG_SECONDS = 10.0, 1024, 60
TEXT_BYTES = 12_000  # short inputs, so that many can be tried
TOKENS = (
    *(
        b'"',
        b"'",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xa3",
        b"\x9c",
        b"-",
        b"%s%n",
    ),
    *(b"Total", b"Amount", b"Supplier,Date,Amount\n", b"1241,32", b"(1,000.00)", b"1e999", b"9" * 40, b"31/02/2016"),
    *(b"0024-05-01", b"#REF!", b"=cmd|' /C calc'!A0", b"\xf0\x9f\x92\xb7", b"\xc3", b'"' * 3, b",,,,,,,,", b"\n\n\n"),
    *(b"nan", b"inf", b"../../x", b"Redacted", b'number-rows-repeated="99999999"', b'r="XFD1048576"', b"&#0;"),
    *(b"<table>", b"</td>", b"<tr>", b"<!--", b"<td colspan=99999>"),
)


def seeds(folder: Path) -> list[tuple[str, bytes]]:
    """Return (name, bytes) of real ledgers cut short and of a made-up one in every format."""
    table = [["Spend over 500"], [], HEADINGS, *ROWS * 6, ["Total", "", "", "9,183.00"]]
    out = []
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        out.append(("made-up.xlsx", write_xlsx(work / "a.xlsx", {"May": table, "June": table}).read_bytes()))
        out.append(("made-up.xls", write_xls(work / "a.xls", {"May": table}).read_bytes()))
        out.append(("made-up.ods", write_ods(work / "a.ods", {"May": table}).read_bytes()))
    for encoding in ("utf-8-sig", "utf-16", "cp850"):
        out.append((f"made-up-{encoding}.csv", csv_text(table).encode(encoding)))
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in table)
    out.append(("made-up.html", f"<html><body><!-- x --><table border=1>{cells}</table></body></html>".encode()))
    two = [["Date", "Supplier", "Debit", "Credit"], *([r[0], r[1], r[3], ""] for r in ROWS * 6), ["", "", "", "4.00"]]
    out.append(("made-up-debits.csv", csv_text(two).encode()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("may.csv", csv_text(table))
        archive.writestr("june.csv", csv_text(table, ";"))
    out.append(("made-up.zip", packed.getvalue()))
    if folder.is_dir():
        for path in sorted(folder.glob("*/*")):
            data = path.read_bytes()
            whole = data.startswith((b"PK", b"\xd0\xcf"))
            if len(data) < 80_000 or not whole:
                out.append((path.name, data if whole else data[:TEXT_BYTES]))
    return out


def mutate(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    """Return the bytes with one to six changes."""
    if data.startswith(b"PK") and rng.random() < 0.7:
        return _mutate_member(data, rng, others)
    buffer = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        if not buffer:
            break
        at = rng.randrange(len(buffer))
        span = min(len(buffer) - at, rng.choice((1, 2, 8, 64, 1000)))
        match rng.randrange(8):
            case 0:
                buffer[at] ^= 1 << rng.randrange(8)
            case 1:
                buffer[at : at + span] = rng.randbytes(span)
            case 2:
                del buffer[at : at + span]
            case 3:
                del buffer[at:]
            case 4:
                buffer[at:at] = rng.choice(TOKENS) * rng.choice((1, 1, 1, 3, 200))
            case 5:
                buffer[at:at] = buffer[at : at + span] * rng.choice((1, 5, 50))
            case 6:
                other = rng.choice(others)
                start = rng.randrange(len(other))
                buffer[at : at + span] = other[start : start + rng.choice((10, 500, 5000))]
            case _:
                number = rng.choice((0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
                buffer[at : at + 4] = number.to_bytes(4, "little")
    return bytes(buffer)


def _mutate_member(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(i.filename, archive.read(i)) for i in archive.infolist()]
    except (zipfile.BadZipFile, OSError):
        return data
    chosen = rng.randrange(len(members))
    name, inner = members[chosen]
    members[chosen] = (name, mutate(inner, rng, others) if inner else inner)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inner in members:
            archive.writestr(name, inner)
    return out.getvalue()


def make(number: int, seed: int, pool: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return input `number` of `seed`: the name of what it was made from, and its bytes."""
    rng = random.Random(seed * 1_000_003 + number)
    name, data = rng.choice(pool)
    return name, mutate(data, rng, [d for _, d in pool])


def _busy() -> float:
    """Return processor seconds used so far, here and in processes waited for: other work does not make them grow."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def check(path: Path) -> str:
    """Read one input; return "read", "refused", or what is wrong."""
    start = _busy()
    try:
        read = read_ledger([path])
    except LedgerError as error:
        verdict = "refused" if "\n" not in str(error) else f"a refusal of several lines: {str(error)[:200]!r}"
    except MemoryError:
        verdict = "out of memory"
    except Exception:  # noqa: BLE001 - the fuzzer looks for just these
        verdict = traceback.format_exc()
    else:
        rows, files = read.account["rows"], read.account["files"]
        whole = rows["payments"] + rows["control_totals"] + rows["blank"] + rows["rejected"]
        pence = int(read.payments["amount_pence"].sum())
        kept = rows["read"] == whole and rows["payments"] == read.payments.height
        kept = kept and rows["rejected"] == read.rejects.height and rows["control_totals"] == read.control_totals.height
        kept = kept and pence == read.account["amount_pence"]["payments"] == sum(
            f["amount_pence"]["payments"] for f in files
        )  # fmt: skip
        verdict = "read" if kept else f"rows or pence do not add up: {rows}"
    seconds = _busy() - start
    return verdict if seconds < SLOW_SECONDS else f"{seconds:.1f} s ({verdict[:100]})"


def work(first: int, last: int, seed: int, folder: str, notes: multiprocessing.Queue[tuple[int, str, int]]) -> None:
    """Run inputs first to last, reporting (number, verdict, peak MB) of each; faulty inputs stay in `folder`."""
    limit = 3 * MOST_MB * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    pool = seeds(REAL)
    path = Path(folder) / f"input-{os.getpid()}"
    for number in range(first, last):
        name, data = make(number, seed, pool)
        path.write_bytes(data)
        notes.put((number, "start", 0))
        verdict = check(path)
        usage = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        peak = max(usage) // 1024
        if verdict not in ("read", "refused"):
            (Path(folder) / f"{seed}-{number}-{name}").write_bytes(data)
        notes.put((number, verdict, peak))


def main() -> None:
    """Run the inputs in worker processes; print counts and every fault; exit 1 if there was one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "cwb-fuzz")
    args = parser.parse_args()
    args.keep.mkdir(parents=True, exist_ok=True)
    os.environ["CWB_HOME"] = str(args.keep / "home")
    if args.only is not None:
        name, data = make(args.only, args.seed, seeds(REAL))
        path = args.keep / f"{args.seed}-{args.only}-{name}"
        path.write_bytes(data)
        print(path, check(path))
        return
    counts = {"read": 0, "refused": 0}
    faults: list[str] = []

    def fault(text: str) -> None:
        faults.append(text)
        print(text, flush=True)

    peak = slowest = 0.0
    number = 0
    context = multiprocessing.get_context("spawn")
    while number < args.inputs:
        notes: multiprocessing.Queue[tuple[int, str, int]] = context.Queue()
        last = min(number + 2000, args.inputs)  # a fresh process now and then, so that a peak is one input's own
        worker = context.Process(target=work, args=(number, last, args.seed, str(args.keep), notes))
        worker.start()
        started = time.perf_counter()
        while number < last:
            try:
                at, verdict, megabytes = notes.get(timeout=1)
            except Exception:  # noqa: BLE001 - queue.Empty: see whether the worker lives
                if worker.is_alive() and time.perf_counter() - started < HUNG_SECONDS:
                    continue
                why = f"hung for {HUNG_SECONDS} s" if worker.is_alive() else f"ended with {worker.exitcode}"
                fault(f"input {number}: the process {why}")
                number += 1
                break
            if verdict == "start":
                number, started = at, time.perf_counter()
                continue
            slowest = max(slowest, time.perf_counter() - started)
            if megabytes > max(peak, MOST_MB):
                fault(f"input {at}: memory reached {megabytes} MB")
            peak = max(peak, megabytes)
            if verdict in counts:
                counts[verdict] += 1
            else:
                fault(f"input {at}: {verdict}")
            number = at + 1
        worker.kill()
        worker.join()
        print(
            f"{number:,} inputs: {counts}, {len(faults)} faults, slowest {slowest:.1f} s, peak {peak:,.0f} MB",
            flush=True,
        )
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
