"""`podium tell`: a word to a running agent."""

import click

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.ids import complete_id
from podium.cli.invocation import Invocation
from podium.cli.screen import line, show, stdout
from podium.project.project import Project


@command(
    "tell",
    examples=(
        'podium tell 3 "the fixtures are in tests/data"',
        'podium tell checkout/3@2 --now "stop: not the public API"',
    ),
)
@click.argument("name", metavar="ATTEMPT", shell_complete=complete_id)
@click.argument("text")
@click.option(
    "--now", is_flag=True, help="Interrupt what it is doing, instead of waiting for the end of its turn."
)
def tell(invocation: Invocation, name: str, text: str, now: bool) -> int:
    """Say TEXT to the agent of a running attempt, as a second prompt in the same session; it goes into the transcript.

    Only agents that speak ACP can be told something. ATTEMPT may be its task: then the latest one is meant.
    """
    attempt = Project.open(invocation.repo).tell(name, text, now=now)
    when = "now" if now else "when its turn ends"
    show(
        stdout(), line(f"{attempt} is told {when}; podium show {attempt} --follow shows what it makes of it")
    )
    return Exit.OK
