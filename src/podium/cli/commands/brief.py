"""`podium brief`: what the agent of a task's next attempt is told."""

import click
from rich.console import Console

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.ids import complete_id
from podium.cli.invocation import Invocation
from podium.cli.render.brief import parts
from podium.cli.screen import print_json, show
from podium.project.project import Project


@command(
    "brief",
    examples=("podium brief 3", "podium brief checkout/3 > brief.md", "podium brief 3 --json"),
    listing=True,
)
@click.argument("task", metavar="TASK", shell_complete=complete_id)
def brief(invocation: Invocation, task: str) -> int:
    """What the agent of the next attempt at TASK is told, word for word; then the size of each part, and why it is there.

    The brief goes to standard output, the table of its parts to standard error. Nothing is started.
    """
    view = Project.open(invocation.repo).brief(task)
    if invocation.json:
        print_json(view)
        return Exit.OK
    click.echo(view.text, nl=False)
    show(Console(stderr=True, highlight=False, markup=False, emoji=False), *parts(view))
    return Exit.OK
