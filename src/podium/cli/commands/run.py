"""`podium run`: takes a spec in and works until nothing is left to do or something needs a person."""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from podium.base.errors import SpecError
from podium.base.text import clean_line, count
from podium.cli.command import command
from podium.cli.exits import exit_of
from podium.cli.invocation import Invocation
from podium.cli.lines import lines
from podium.cli.live import LiveScreen
from podium.cli.loop import Screen, history, until_idle, work
from podium.cli.render.overview import status
from podium.cli.render.plan import faults
from podium.cli.screen import is_live, show, stdout
from podium.model.event import Event
from podium.project.project import Project
from podium.project.views.plan import PlanView

_ROWS = 20
_TOLD = ("review", "alarm", "refused", "blocked", "sent-back")
_COUNTED = {"landed": "landed", "decided.send-back": "sent back", "decided.give-up": "refused"}


@command(
    "run",
    examples=(
        "podium run spec.md",
        "podium run spec.md --agent claude",
        "podium run                       # go on with what was wanted before",
    ),
)
@click.argument("spec", required=False, type=click.Path(path_type=Path))
@click.option("--agent", default="", metavar="NAME", help="Who makes the tasks that name no agent.")
@click.option("--yes", is_flag=True, help="Never ask.")
def run(invocation: Invocation, spec: Path | None, agent: str, yes: bool) -> int:
    """Do what SPEC asks for; without SPEC, go on with what was asked for before.

    Stops when nothing is left to do or something needs a person. Ctrl-C breaks nothing: run it again to continue.
    Exit code: 0 all landed, 1 something was refused, 2 the spec or the configuration has faults, 3 something waits for
    a person.
    """
    project = Project.open(invocation.repo)
    project.settings()
    after, console = project.last_event(), stdout()
    if spec is not None:
        _take_in(project, spec, agent=agent, ask=not yes and console.is_terminal and sys.stdin.isatty())
    began = time.monotonic()
    return work(
        project, screen_for(console), after=after, until=until_idle,
        conclude=lambda: _conclude(project, console, after=after, seconds=time.monotonic() - began),
    )  # fmt: skip


def screen_for(console: Console) -> Screen:
    """A picture where it can be drawn, lines where not."""
    return LiveScreen(console) if is_live(console) else lines(console)


def _take_in(project: Project, spec: Path, *, agent: str, ask: bool) -> None:
    """Take in the spec; what is doubtful about it is said first, and asked where there is somebody to ask."""
    view = project.plan(spec)
    doubts = [fault for fault in view.faults if not fault.is_error]
    if doubts and view.usable:
        show(Console(stderr=True, highlight=False, markup=False, emoji=False), *faults(spec, doubts))
        if ask:
            click.confirm("start anyway?", default=True, abort=True, err=True)
    _refuse_empty(view, spec)
    project.take_in(spec, agent=agent)


def _refuse_empty(view: PlanView, spec: Path) -> None:
    if view.usable and not view.tasks:
        raise SpecError(
            f"{clean_line(str(spec))} asks for nothing",
            hint="add a `## Tasks` section with `- [ ] 1 Title` items",
        )


def _conclude(project: Project, console: Console, *, after: int, seconds: float) -> int:
    overview = project.overview()
    events = list(history(project, after=after))
    landed = [event for event in events if event.kind == "landed"]
    if console.is_terminal and landed:
        show(
            console,
            *(
                Text(f"{clean_line(event.subject)}  {clean_line(event.text)}", "green")
                for event in landed[-_ROWS:]
            ),
        )
    show(console, Text(f"{_tally(events)} in {seconds:.1f}s", "bold"))
    show(console, *status(overview, most=_ROWS, now=time.time(), states=_TOLD))
    return exit_of(overview)


def _tally(events: Sequence[Event]) -> str:
    """`3 landed, 1 sent back`."""
    found = Counter(_COUNTED[event.kind] for event in events if event.kind in _COUNTED)
    return (
        ", ".join(f"{number} {name}" for name, number in found.items())
        or f"nothing new, {count(len(events), 'event')}"
    )
