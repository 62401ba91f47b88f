"""`cwb data`, `cwb register lookup`: public data that the user adds, and what Companies House's service knows."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cwb.cli.common import Json, Run, print_json, progress_bar, say
from cwb.cli.ledgers import register_app

if TYPE_CHECKING:
    from cwb.data import Kept

app = typer.Typer(no_args_is_help=True, help="Public data to add: registers, input-output tables, jobs, boundaries.")
Id = Annotated[str, typer.Argument(metavar="ID", help="As in cwb data list.")]


@app.command("list")
def list_data(as_json: Json = False) -> None:
    """List what can be added, what each is for, and whether it is here and of what day."""
    from cwb import data

    found = data.listing()
    if as_json:
        print_json(found)
        return
    for one in found:
        here = f"here since {one['here']['added']}: {one['here']['holds']}" if one["here"] else "not here"
        typer.echo(f"{one['id']} ({here})")
        typer.echo(f"    {one['title']}, {one['publisher']}, {one['licence']}")
        typer.echo(f"    for {one['used_for']}")
    say("To add one: cwb data fetch ID, or cwb data add ID FILE")


@app.command()
def add(
    name: Id, file: Annotated[Path, typer.Argument(metavar="FILE", help="As its publisher made it.")],
    as_json: Json = False,
) -> None:  # fmt: skip
    """Keep a copy of a file, once the reader that will use it has read it."""
    from cwb import data

    _told(name, data.add(name, file), as_json)


@app.command()
def fetch(
    name: Id,
    url: Annotated[str | None, typer.Option("--url", help="Where it is now, if the publisher has moved it.")] = None,
    place: Annotated[str | None, typer.Option("--place", help="The place that it is for (bres).")] = None,
    as_json: Json = False,
) -> None:
    """Fetch a file from its publisher; a fetch that stops goes on from there when run again."""
    from cwb import data
    from cwb.places import find_place

    districts = find_place(place).local if place else frozenset[str]()
    with progress_bar() as progress:
        kept = data.fetch(data.data_set(name), url=url, districts=districts, progress=progress)
    _told(name, kept, as_json)


def _told(name: str, kept: Kept, as_json: bool) -> None:
    if as_json:
        print_json({"id": name, **asdict(kept), "path": str(kept.path)})
        return
    say(f"{name}: {kept.holds}; kept as {kept.path}")


@register_app.command("lookup")
def lookup(
    run: Run,
    top: Annotated[int, typer.Option(min=1, help="How many companies, the biggest by £ first.")] = 20,
    online: Annotated[bool, typer.Option("--online", help="Ask Companies House, with your key.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="CSV to write; RUN/companies.csv if not given.")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Look up a run's biggest suppliers at Companies House: ended or not, size of accounts, controllers' country."""
    from cwb.companies import look_up
    from cwb.pipeline import write_list
    from cwb.register.api import access

    with progress_bar() as progress:
        found = look_up(run, top, access=access() if online else None, progress=progress)
    out = out or run / "companies.csv"
    write_list(found, out)
    counts = dict(found.group_by("answer").len().iter_rows())
    if as_json:
        print_json({"companies": json.loads(found.write_json()), "answers": counts})
    say(", ".join(f"{counts[answer]:,} {answer}" for answer in sorted(counts)) + f"; written to {out}")
    if counts.get("not read"):
        say("What could not be read is asked for again by the same command")
    if counts.get("not asked"):
        say("Nobody was asked: --online asks Companies House")
