"""`podium worker`: a process that only works."""

import click

from podium.cli.command import command
from podium.cli.exits import exit_of
from podium.cli.invocation import Invocation
from podium.cli.lines import lines
from podium.cli.loop import never, until_idle, work
from podium.cli.screen import stdout
from podium.project.project import Project


@command("worker", examples=("podium worker", "podium worker --until-idle", "podium --repo /srv/app worker"))
@click.option("--until-idle", "ends", is_flag=True, help="End when nothing is left to do.")
def worker(invocation: Invocation, ends: bool) -> int:
    """Work without end on whatever is wanted; one line for each event.

    Any number of workers may serve one repository. Ctrl-C or SIGTERM ends it; what it was doing is done again.
    """
    project = Project.open(invocation.repo)
    project.settings()
    return work(
        project, lines(stdout()), after=project.last_event(), until=until_idle if ends else never,
        conclude=lambda: exit_of(project.overview()),
    )  # fmt: skip
