"""Time and memory of the ledger reader: `python -m benchmarks.ledger set` and `python -m benchmarks.ledger xlsx`.

`set`: 1.5 million made-up rows in 180 CSV files, read and written by `ingest` and read by `read_ledger`, against polars
reading the same files as text. `xlsx`: one workbook of 300 MB against fastexcel reading it as text. Prints ratios of
processor and wall time (the start of Python and imports taken off), and peak memory beside the size of the files.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl

from benchmarks.generate_ledger import ledger, write_set

TOP = Path(__file__).resolve().parent.parent

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# The small parts of a workbook: name, whole, and what is written once a sheet.
PARTS = (
    (
        "xl/workbook.xml",
        '<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{inner}</sheets></workbook>',
        '<sheet name="Part {n}" sheetId="{n}" r:id="rId{n}"/>',
    ),
    (
        "xl/_rels/workbook.xml.rels",
        f'<Relationships xmlns="{PACKAGE}/relationships">{{inner}}</Relationships>',
        '<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>',
    ),
    (
        "_rels/.rels",
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        '<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "",
    ),
    (
        "[Content_Types].xml",
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{inner}</Types>',
        '<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>',
    ),
)

# Run in a process each, so that one's memory is not another's; the clock starts once all is imported and warm.
PROBE = """
import json, resource, sys, tempfile, time
from pathlib import Path
import fastexcel, polars as pl
from cwb.ledger import ingest, read_ledger
paths = [Path(p) for p in json.loads(sys.argv[2])]
def text():
    for path in paths:
        pl.read_csv(path, infer_schema=False)
def sheets():
    for path in paths:
        reader = fastexcel.read_excel(path)
        for name in reader.sheet_names:
            reader.load_sheet(name, header_row=None, dtypes="string").to_polars()
def written():
    with tempfile.TemporaryDirectory() as folder:
        ingest(paths, Path(folder) / "out")
def held():
    read_ledger(paths)
def used():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)
def peak():
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
with tempfile.TemporaryDirectory() as folder:
    warm = Path(folder) / "warm.csv"
    warm.write_text("Date,Supplier,Amount\\n14/05/2016,Alder Ltd,1.00\\n")
    read_ledger([warm])
before = peak()
cpu, wall = used(), time.perf_counter()
{"text": text, "sheets": sheets, "ingest": written, "read_ledger": held}[sys.argv[1]]()
cpu, wall = used() - cpu, time.perf_counter() - wall
print(json.dumps([cpu, wall, peak(), before]))
"""


def probe(what: str, paths: list[Path], runs: int) -> list[float]:
    """Return the medians of processor seconds, wall seconds, peak MB, and MB before the work began."""
    out = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", PROBE, what, json.dumps([str(p) for p in paths])],
            check=True, capture_output=True, text=True, cwd=TOP,
        )  # fmt: skip
        out.append(json.loads(done.stdout))
    return [statistics.median(column) for column in zip(*out, strict=True)]


def report(title: str, paths: list[Path], base: str, ours: list[str], runs: int) -> None:
    """Print one line for the base and one for each of ours."""
    size = sum(p.stat().st_size for p in paths) / 1e6
    print(f"{title}: {len(paths)} file(s), {size:,.0f} MB")
    cpu, wall, peak, _ = probe(base, paths, runs)
    print(f"  {base:12} {cpu:7.2f} s processor {wall:7.2f} s wall, peak {peak:,.0f} MB")
    for what in ours:
        c, w, p, start = probe(what, paths, runs)
        print(
            f"  {what:12} {c:7.2f} s processor {w:7.2f} s wall, peak {p:,.0f} MB, {start:,.0f} of it before the work: "
            f"{c / cpu:.1f}x processor, {w / wall:.1f}x wall, memory {p / size:.2f}x the files"
        )


def write_workbook(path: Path, megabytes: int) -> Path:
    """Write an XLSX of about that size: made-up rows in sheets of up to a million, numbers as numbers."""
    frame = ledger(250_000, seed=5)
    letters = "ABCDEFGHIJK"
    number = pl.col("Net Amount").str.replace_all(",", "")
    cells = [
        pl.concat_str(
            pl.lit(f'<c r="{letters[i]}') + pl.col("n"),
            pl.lit('"><v>') + number + pl.lit("</v></c>")
            if name == "Net Amount"
            else pl.lit('" t="inlineStr"><is><t>')
            + pl.col(name).str.replace_all("&", "&amp;", literal=True)
            + pl.lit("</t></is></c>"),
        )
        for i, name in enumerate(frame.columns)
    ]
    head = "".join(
        f'<c r="{letters[i]}1" t="inlineStr"><is><t>{escape(n)}</t></is></c>' for i, n in enumerate(frame.columns)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        sheets = 0
        while path.stat().st_size < megabytes * 1e6:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                sheet.write(
                    f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData><row r="1">{head}</row>'.encode()
                )
                for block in range(4):
                    numbered = frame.with_columns(n=(pl.int_range(pl.len()) + 2 + block * frame.height).cast(pl.String))
                    row = pl.concat_str(pl.lit('<row r="') + pl.col("n") + pl.lit('">'), *cells, pl.lit("</row>"))
                    sheet.write("".join(numbered.select(row.alias("x"))["x"]).encode())
                sheet.write(b"</sheetData></worksheet>")
        numbers = range(1, sheets + 1)
        for name, top, one in PARTS:
            inner = "".join(one.format(n=n, office=OFFICE, kind=KIND) for n in numbers)
            archive.writestr(
                name, '<?xml version="1.0"?>' + top.format(inner=inner, main=MAIN, office=OFFICE, kind=KIND)
            )
    return path


def main() -> None:
    """Parse the command line, write the files into a scratch folder, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["set", "xlsx"])
    parser.add_argument("--rows", type=int, default=1_500_000)
    parser.add_argument("--files", type=int, default=180)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.into:
        if args.what == "set":
            write_set(args.into / "set", rows=args.rows, files=args.files)
        else:
            write_workbook(args.into / "big.xlsx", args.megabytes)
        return
    with tempfile.TemporaryDirectory() as name:
        # The files are written by another process: a child is charged with the memory of the process that starts it.
        subprocess.run([sys.executable, "-m", "benchmarks.ledger", *sys.argv[1:], "--into", name], check=True, cwd=TOP)
        paths = sorted(p for p in Path(name).rglob("*") if p.is_file())
        if args.what == "set":
            report(f"{args.rows:,} rows", paths, "text", ["ingest", "read_ledger"], args.runs)
        else:
            report("one workbook", paths, "sheets", ["ingest"], args.runs)


if __name__ == "__main__":
    main()
