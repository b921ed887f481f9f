"""`podium submit`: a change made anywhere takes the same road as any other."""

import shlex
from collections.abc import Sequence
from functools import partial

import click

from podium.cli.command import command
from podium.cli.commands.run import screen_for
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.loop import history, work
from podium.cli.screen import line, show, stdout
from podium.engine.worker import Worker
from podium.model.event import Event
from podium.project.project import Project

_SETTLES = {
    "landed": Exit.OK, "decided.send-back": Exit.FAILED, "decided.give-up": Exit.FAILED, "review.reject": Exit.FAILED,
    "review.return": Exit.FAILED, "ordered.cancel": Exit.FAILED, "decided.ask": Exit.WAITS, "decided.alarm": Exit.WAITS,
}  # fmt: skip


@command(
    "submit",
    examples=(
        "podium submit fix-login",
        "podium submit fix-login --task auth/3",
        "podium submit fix-login --wait",
    ),
)
@click.argument("branch")
@click.option("--task", default="", metavar="ID", help="The task it does; it counts as an attempt at it.")
@click.option("--wait", is_flag=True, help="Work until it is settled.")
def submit(invocation: Invocation, branch: str, task: str, wait: bool) -> int:
    """Take in the work on BRANCH as one change: gate, review where policy asks for it, merge queue, landing.

    With --wait the exit code says what became of it: 0 landed, 1 sent back or refused, 3 it waits for a person.
    """
    project = Project.open(invocation.repo)
    project.settings()
    console, after = stdout(), project.last_event()
    change = project.submit(branch, task=task)
    show(console, line(f"submitted as {change}"))
    if not wait:
        show(console, line("podium run lands it", "dim"), line(f"podium show {shlex.quote(change)}", "dim"))
        return Exit.OK
    return work(
        project, screen_for(console), after=after, until=partial(_settled_or_idle, change),
        conclude=lambda: _conclude(project, change, after),
    )  # fmt: skip


def settled(change: str, events: Sequence[Event]) -> Event | None:
    """The event that settled a change for now: it landed, it went back, or a person is needed."""
    return next((event for event in events if event.kind in _SETTLES and _is_about(event, change)), None)


def _is_about(event: Event, change: str) -> bool:
    owner = change.partition("@")[0]
    return (
        change in {event.subject, event.data.get("subject"), event.data.get("change")}
        or owner == event.subject
    )


def _settled_or_idle(change: str, worker: Worker, events: Sequence[Event]) -> bool:
    return settled(change, events) is not None or worker.idle()


def _conclude(project: Project, change: str, after: int) -> int:
    found = settled(change, list(history(project, after=after)))
    console = stdout()
    if found is None:
        show(console, line(f"{change} is not settled yet: podium status says why", "yellow"))
        return Exit.WAITS
    code = _SETTLES[found.kind]
    show(console, line(f"{change}: {found.text}", "green" if code is Exit.OK else "yellow"))
    if code is not Exit.OK:
        show(console, line(f"podium show {shlex.quote(change)}", "dim"))
    return code
