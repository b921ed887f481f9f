"""`podium cancel`: a person stops something."""

import shlex

import click

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.ids import complete_id
from podium.cli.invocation import Invocation
from podium.cli.screen import line, show, stdout
from podium.model.review import Wish
from podium.project.project import Project


@command(
    "cancel",
    examples=(
        "podium cancel 3",
        'podium cancel checkout/3 --reason "we do not want it any more"',
        'podium cancel checkout/3@2 --reason "it goes the wrong way"',
    ),
)
@click.argument("name", metavar="ID", shell_complete=complete_id)
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept.")
def cancel(invocation: Invocation, name: str, reason: str) -> int:
    """Stop a task, or take back a submitted change; a running agent of it is stopped.

    With the id of an attempt (checkout/3@2) that attempt alone: what it made is kept, and its task goes on with another.
    """
    project = Project.open(invocation.repo)
    if "@" in name:
        attempt = project.cancel_attempt(name, reason=reason)
        show(
            stdout(),
            line(f"{attempt} is being stopped; what it made is kept: podium show {shlex.quote(attempt)}"),
        )
        return Exit.OK
    subject = project.order(name, Wish.CANCEL, reason=reason)
    show(stdout(), line(f"cancelled {subject}; podium retry {shlex.quote(subject)} brings it back"))
    return Exit.OK
