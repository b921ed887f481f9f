"""`podium status`: what needs you, what runs, what waits. Answers at once, so it goes around the engine."""

import time

import click
from rich.console import Console, Group
from rich.live import Live

from podium.base.errors import UsageError
from podium.cli.command import command
from podium.cli.exits import exit_of
from podium.cli.glance import Glance
from podium.cli.invocation import Invocation
from podium.cli.render.overview import status as page
from podium.cli.screen import is_live, print_json, show, stdout
from podium.model.progress import State
from podium.project.views.overview import Overview

_ROWS = 20
_WATCH_ROWS = 8
_WATCH_S = 1.0


@command(
    "status",
    examples=(
        "podium status",
        "podium status --watch",
        "podium status --state refused --state blocked --all",
        "podium status --json",
    ),
    listing=True,
)
@click.option("--watch", is_flag=True, help="Look again every second, until Ctrl-C.")
@click.option("--all", "everything", is_flag=True, help="Every row, however many.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in State]),
    help="Only these states.",
)
def status(invocation: Invocation, watch: bool, everything: bool, states: tuple[str, ...]) -> int:
    """What needs you, what runs, what waits, and why.

    Exit code: 0 all well, 1 something was refused, 3 something waits for a person.
    """
    glance, console = Glance(invocation.repo), stdout()
    if watch:
        return _watch(glance, console, states)
    overview = glance.overview()
    if invocation.json:
        print_json(overview)
    else:
        show(console, *page(overview, most=None if everything else _ROWS, now=time.time(), states=states))
    return exit_of(overview)


def _watch(glance: Glance, console: Console, states: tuple[str, ...]) -> int:
    if not is_live(console):
        raise UsageError("--watch needs a terminal", hint="podium status, or podium log")
    overview = glance.overview()
    with Live(console=console, auto_refresh=False, screen=True) as live:
        try:
            while True:
                live.update(_page(overview, states), refresh=True)
                time.sleep(_WATCH_S)
                overview = glance.overview()
        except KeyboardInterrupt:  # the way to end watching
            return exit_of(overview)


def _page(overview: Overview, states: tuple[str, ...]) -> Group:
    return Group(*page(overview, most=_WATCH_ROWS, now=time.time(), states=states))
