"""`podium retry`: a person grants another round."""

import click

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.ids import complete_id
from podium.cli.invocation import Invocation
from podium.cli.screen import line, show, stdout
from podium.model.review import Wish
from podium.project.project import Project


@command(
    "retry", examples=("podium retry 3", "podium retry main                 # gate the target branch again")
)
@click.argument("name", metavar="ID", shell_complete=complete_id)
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept.")
def retry(invocation: Invocation, name: str, reason: str) -> int:
    """Grant another round to what was refused, cancelled or alarmed."""
    subject = Project.open(invocation.repo).order(name, Wish.RETRY, reason=reason)
    show(stdout(), line(f"another round for {subject}; podium run starts it"))
    return Exit.OK
