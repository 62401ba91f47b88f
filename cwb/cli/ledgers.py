"""`cwb ingest`, `cwb match`, `cwb register`: reading ledgers and registers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cwb.cli.common import (
    Columns,
    Institution,
    Json,
    Ledgers,
    Out,
    Sheet,
    Year,
    column_map,
    pounds,
    print_json,
    progress_bar,
    remember,
    say,
    warnings_of,
)  # fmt: skip

app = typer.Typer()
register_app = typer.Typer(no_args_is_help=True, help="Build and inspect an index of organisation registers.")


@app.command()
def ingest(
    ledgers: Ledgers,
    out: Out,
    columns: Columns = None,
    sheet: Sheet = None,
    institution: Institution = None,
    year: Year = None,
    show_individuals: Annotated[bool, typer.Option(help="Write names of individuals; redactions stay hidden.")] = False,
    as_json: Json = False,
) -> None:
    """Read ledgers into one table of payments, to the penny, with an account of every row."""
    from cwb.ledger import ingest as read_and_write
    from cwb.match.types import names_a_person

    mapping = column_map(columns)
    with progress_bar() as progress:
        account = read_and_write(
            ledgers, out, columns=mapping, sheet=sheet, institution=institution, financial_year=year,
            is_person=None if show_individuals else names_a_person, progress=progress,
        )  # fmt: skip
    remember(account, mapping)
    if as_json:
        print_json(account)
        return
    rows, pence = account["rows"], account["amount_pence"]
    say(
        f"{rows['read']:,} rows read = {rows['payments']:,} payments ({pounds(pence['payments'])}) + "
        f"{rows['control_totals']:,} control totals + {rows['blank']:,} blank + {rows['rejected']:,} rejected"
    )
    for warning in warnings_of(account):
        say(warning)
    say(f"Written to {out}")


@app.command("match")
def match_file(
    suppliers: Annotated[Path, typer.Argument(metavar="SUPPLIERS.csv", help="Needs a column `supplier`.")],
    register: Annotated[Path, typer.Option("--register", help="An index made by cwb register build.")],
    out: Annotated[Path, typer.Option("--out", help="CSV to write: one row out per row in, in the same order.")],
) -> None:
    """Match a list of suppliers to organisations, with score, method, margin and evidence."""
    from cwb import pipeline

    links = pipeline.match_list(suppliers, register, out)
    counts = dict(links.group_by("outcome").len().iter_rows())
    say(", ".join(f"{counts.get(o, 0):,} {o}" for o in ("matched", "review", "unmatched")) + f"; written to {out}")


@register_app.command("build")
def register_build(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE…", help="Register files (.zip, .csv, …), or ids of cwb data list.")
    ],
    out: Out,
) -> None:
    """Turn registers as their publishers issue them into an index on disk."""
    from cwb import data
    from cwb.register import build_register

    with progress_bar() as progress:
        info = build_register([data.find(source) for source in sources], out, progress=progress)
    say(f"{info.organisations:,} organisations in {out}")


@register_app.command("info")
def register_info(folder: Annotated[Path, typer.Argument(metavar="DIR")], as_json: Json = False) -> None:
    """Say what an index holds, from which files and of what day."""
    from cwb import register

    info = register.register_info(folder)
    if as_json:
        print_json(info)
        return
    for key, value in info.items():
        typer.echo(f"{key}: {value}")


@register_app.command("owners")
def register_owners(
    snapshot: Annotated[
        list[Path],
        typer.Argument(metavar="SNAPSHOT…", help="Parts of the snapshot of people with significant control."),
    ],
    out: Annotated[Path, typer.Option("--out", help="owners.csv to write, for the folder of cwb analyse --added.")],
) -> None:
    """Make owners.csv from Companies House's snapshot: which company controls which; no person is read."""
    from cwb import pipeline

    made, unplaced = pipeline.write_owners(snapshot, out)
    say(f"{made:,} companies with a company that controls them; written to {out}")
    if unplaced:
        say(f"{unplaced:,} more left out: their owner is in the United Kingdom and its postcode cannot be placed")
