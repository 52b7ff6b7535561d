"""The commands, and how each of them ends."""

from __future__ import annotations

from typing import Annotated

import typer

from .commands.check import check
from .commands.doctor import doctor
from .commands.explain import explain
from .commands.hint import hint
from .commands.init import init
from .commands.lab import lab
from .commands.map import show_map
from .commands.reset import reset
from .commands.serve import serve
from .commands.solution import solution
from .commands.trace import trace
from .commands.verify import verify
from .commands.watch import watch
from .ending import ending
from .terminal.encoding import never_refuse
from .terminal.prefix import prefix

app = typer.Typer(
    name="sessionlab",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # 40 ms that `--help` does without

        print(f"sessionlab {version('sessionlab')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _map(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """An interactive course on FastAPI database sessions.

    Without a command: lay the work folder, show the map of the course and what to do next.
    """
    if context.invoked_subcommand != "doctor":  # which says it among the rest
        from .requirements import warn_of_versions  # 14 ms that `--help` and completion do without

        warn_of_versions()
    if context.invoked_subcommand is None:
        ending(show_map)()


for _command in (check, watch, hint, trace, lab, serve, solution, reset, explain, init, doctor, verify):
    app.command()(ending(_command))


def run() -> int:
    """Run the command that the arguments name; return its exit code."""
    never_refuse()
    try:
        app(prog_name=prefix())
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
