"""`podium version`."""

import click

import podium
from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation


@command("version", examples=("podium version",))
def version(_invocation: Invocation) -> int:
    """Print the version."""
    click.echo(f"podium {podium.__version__}")
    return Exit.OK
