"""`podium demo`: the whole story on a sample repository."""

from pathlib import Path

import click

from podium.base.text import clean
from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.project.demo import play


@command(
    "demo",
    examples=("podium demo", "podium demo /tmp/story", "cd podium-demo && podium show tariff/6 --diff"),
)
@click.argument("directory", metavar="[DIR]", default="podium-demo", type=click.Path(path_type=Path))
def demo(_invocation: Invocation, directory: Path) -> int:
    """The whole story on a sample repository that is made in DIR and stays there. The agents are scripted: no model key.

    Exit code: 0 it went as told, 1 it did not.
    """
    return Exit.OK if play(directory, say=_tell).as_told else Exit.FAILED


def _tell(text: str) -> None:
    print(clean(text), flush=True)
