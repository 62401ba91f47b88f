"""`cwb survey`: LM3 by asking local suppliers, a pack out and the replies back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cwb.cli.common import Assumptions, Json, Run, grid, print_json, say, span

app = typer.Typer(no_args_is_help=True, help="LM3 by survey: whom to ask, a form to fill in, and replies read back.")


@app.command()
def pack(
    run: Run,
    out: Annotated[Path, typer.Option("--out", help="Folder for the form, as CSV and workbook.")],
    share: Annotated[float | None, typer.Option("--share", help="Local spend to cover, as 0.8 for 80%.")] = None,
) -> None:
    """Write a form for the largest local suppliers, as many as cover a share of local spend."""
    from cwb import lm3_survey, pipeline

    asked = lm3_survey.pack(pipeline.read_run(run), out, cover=share)
    reached = asked["covered"][-1]
    say(f"{asked.height} suppliers to ask, {reached:.1%} of local spend. Written to {out}")


@app.command()
def read(
    run: Run,
    replies: Annotated[Path, typer.Argument(metavar="REPLIES", help="The form filled in: .csv or .xlsx.")],
    payroll: Annotated[float | None, typer.Option("--payroll", help="The body's own pay bill, £.")] = None,
    local_staff: Annotated[
        float | None, typer.Option("--local-staff", help="Share of that pay to staff who live there, as 0.4.")
    ] = None,
    assumptions: Assumptions = "central",
    new_set: Annotated[
        Path | None,
        typer.Option("--set", help="TOML file to write: a set with the surveyed rate."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show LM3 from the replies; whoever did not reply keeps a borrowed rate with its range."""
    from cwb import lm3_survey, pipeline
    from cwb.files import staged_file
    from cwb.impact.assumptions import find_set, set_toml
    from cwb.impact.survey import Payroll, surveyed

    if (payroll is None) != (local_staff is None):
        raise typer.BadParameter("--payroll and --local-staff go together")
    staff = None if payroll is None or local_staff is None else Payroll(payroll, local_staff)
    found = lm3_survey.answer(pipeline.read_run(run), replies, payroll=staff, assumptions=assumptions)
    if new_set is not None:
        with staged_file(new_set) as scratch:
            scratch.write_text(set_toml(surveyed(found, find_set(assumptions))), "utf-8")
        say(f"The surveyed rate is in {new_set}: use it with --assumptions {new_set}")
    if as_json:
        print_json(found)
        return
    response = found["response"]
    rows = [["LM3", span(found, ".2f"), found["unit"]], ["Re-spend", span(found["respend"], ".2f"), "share, 0 to 1"]]
    grid("LM3 by survey", ["figure", "central (low to high)", "unit"], rows)
    say(
        f"Replies: {response['suppliers']} of {response['of_suppliers']} local suppliers, "
        f"{response['by_amount']:.1%} of local spend"
    )
    say(found["basis"])
    say(found["caveat"])
