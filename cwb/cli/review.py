"""`cwb review`: people's decisions about suppliers, out to a sheet and back, with their history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cwb.cli.common import Json, Run, print_json, say

app = typer.Typer(no_args_is_help=True, help="Review matches: decisions out to a sheet, back in, and their history.")

Store = Annotated[str, typer.Option("--workspace", help="Store of people's decisions: a file or postgresql://…")]
Who = Annotated[str, typer.Option("--who", help="Your name, kept with each decision.")]


@app.command("export")
def export(
    run: Run,
    workspace: Store,
    out: Annotated[Path, typer.Option("--out", help="Sheet to fill in (.csv), or the whole history (.jsonl).")],
    everything: Annotated[bool, typer.Option("--all", help="All suppliers, not only those to review.")] = False,
) -> None:
    """Write what there is to decide, most £ first, as a sheet; or the whole history, as JSON lines."""
    from cwb import review as sheets
    from cwb import run as runs
    from cwb import workspace as store

    kept = store.open_workspace(workspace)
    if out.suffix == ".jsonl":
        sheets.write_history(store.history(kept), out)
    else:
        suppliers, links = runs.read_review(run)
        sheets.write_sheet(sheets.review_sheet(suppliers, links, store.current(kept), everything=everything), out)
    say(f"Written to {out}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A filled-in sheet (.csv) or a history (.jsonl).")],
    workspace: Store,
    run: Annotated[Path | None, typer.Option("--run", help="The run a sheet was written from.")] = None,
    who: Who = "",
) -> None:
    """Read decisions back: all of a file, or none of it."""
    from cwb import review as sheets
    from cwb import run as runs
    from cwb import workspace as store

    kept = store.open_workspace(workspace)
    if file.suffix == ".jsonl":
        new, known = store.add_history(kept, sheets.read_history(file))
        say(f"{new:,} decisions added, {known:,} were here already")
        return
    if run is None or not who:
        raise typer.BadParameter("a sheet needs --run (the run it was written from) and --who (your name)")
    _, links = runs.read_review(run)
    decisions = sheets.read_sheet(file, links, who=who)
    store.record(kept, decisions)
    say(f"{len(decisions):,} decisions recorded for {who}")


@app.command()
def undo(
    decision: Annotated[str, typer.Argument(help="The decision's identifier, or enough of its start.")],
    workspace: Store,
    who: Who,
    why: Annotated[str, typer.Option(help="Why it is taken back.")] = "",
) -> None:
    """Take back a decision; the history keeps both."""
    from cwb import workspace as store

    taken = store.undo(store.open_workspace(workspace), decision, who=who, why=why)
    say(f"Taken back: {taken.undoes}")


@app.command()
def log(workspace: Store, as_json: Json = False) -> None:
    """Print the history of decisions, newest first."""
    from cwb import review as sheets
    from cwb import workspace as store

    told = sheets.log(store.history(store.open_workspace(workspace)))
    if as_json:
        print_json(told.to_dicts())
        return
    typer.echo(told.write_csv(), nl=False)
