"""The command line: thin verbs over `cwb.pipeline`. Data goes to files or stdout, progress and messages to stderr.

Stages are imported inside the verbs, so that `cwb --help` answers at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

import cwb
from cwb.cli import data, economics, ledgers, review, runs, survey
from cwb.cli.common import Workspace, print_json, say
from cwb.errors import CwbError

app = typer.Typer(
    name="cwb", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Show where a public body's money goes: local, regional, leaked or unknown, with the evidence.",
)  # fmt: skip
for part in (ledgers, runs, economics):
    app.add_typer(part.app)
app.add_typer(ledgers.register_app, name="register")
app.add_typer(review.app, name="review")
app.add_typer(survey.app, name="survey")
app.add_typer(data.app, name="data")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"cwb {cwb.__version__}")
        raise typer.Exit


ShowVersion = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")]


@app.callback()
def _main(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def places(name: Annotated[str | None, typer.Argument(help="Show one place; without it, list all.")] = None) -> None:
    """List the places ready to use, or show the districts of one."""
    from cwb import places as known

    if name is None:
        for ready in known.place_names():
            typer.echo(ready)
        return
    print_json(known.describe(known.find_place(name)))


@app.command("app")
def open_app(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8501,
    headless: Annotated[bool, typer.Option(help="Do not open a browser.")] = False,
    workspace: Workspace = None,
    sign_in: Annotated[
        Path | None, typer.Option("--sign-in", help="TOML file with an OpenID Connect provider: docs/deployment.md.")
    ] = None,
    address: Annotated[str, typer.Option(help="Address to listen on; other than this machine's needs --sign-in.")] = (
        "127.0.0.1"
    ),
    max_upload: Annotated[int, typer.Option("--max-upload", min=1, help="Largest file taken, in MB.")] = 1024,
) -> None:
    """Open the app in a browser. Without --sign-in it listens on this machine only."""
    from cwb.serving import served
    from cwb.workspace import open_workspace

    settings = dict(os.environ)
    command = served(port=port, headless=headless, sign_in=sign_in, address=address, max_upload_mb=max_upload)
    if workspace:
        open_workspace(workspace)  # a store that cannot be used is told now, not in the browser
        settings["CWB_WORKSPACE"] = workspace
    who = "for whoever signs in" if sign_in else "on this machine only"
    say(f"cwb is at http://{address}:{port} {who}; stop it with Ctrl+C")
    raise typer.Exit(subprocess.call(command, env=settings))


def main() -> None:
    """Run the command line: 0 done, 2 bad input or usage with one line on stderr."""
    try:
        code = app(standalone_mode=False)
    except (CwbError, typer.TyperException) as error:
        text = error.format_message() if isinstance(error, typer.TyperException) else str(error)
        if text:  # asked for nothing, it has printed its help
            say("cwb: " + " ".join(text.split()))
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        say("cwb: stopped")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
