"""`podium log`: the history."""

import click

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.ids import complete_id
from podium.cli.invocation import Invocation
from podium.cli.render.events import event_line
from podium.cli.screen import line, print_json, show, stdout
from podium.project.project import Project


@command(
    "log", examples=("podium log", "podium log checkout/3", "podium log --last 500 --json"), listing=True
)
@click.argument("name", metavar="[ID]", required=False, shell_complete=complete_id)
@click.option("--last", type=click.IntRange(1, 1000), default=40, show_default=True, help="How many events.")
def log(invocation: Invocation, name: str | None, last: int) -> int:
    """The history, one line for each event; of one task or change with ID."""
    project = Project.open(invocation.repo)
    if name:
        events = project.events(subject=project.detail(name).id)[-last:]
    else:
        events = project.events(after=max(0, project.last_event() - last))
    if invocation.json:
        print_json(events)
    elif events:
        show(stdout(), *(event_line(event, start=events[0].at) for event in events))
    else:
        show(stdout(), line("nothing has happened yet", "dim"))
    return Exit.OK
