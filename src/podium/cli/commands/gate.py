"""`podium gate`: the gate on any revision, standing alone."""

import click

from podium.base.text import clean_line
from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.gate import gate as page
from podium.cli.screen import print_json, show, stdout
from podium.project.project import Project


@command(
    "gate", examples=("podium gate main", "podium gate HEAD~3", "podium gate fix-login --json"), listing=True
)
@click.argument("revision", metavar="REV")
def gate(invocation: Invocation, revision: str) -> int:
    """Run the target branch's gate on REV; the evidence is kept and used again.

    Exit code: 0 passed; 1 failed, could not run, or ran nothing (the last line says which).
    """
    if not invocation.json:
        click.echo(f"running the gate on {clean_line(revision)} …", err=True)
    view = Project.open(invocation.repo).gate(revision)
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *page(view, with_output=True))
    return Exit.OK if view.verdict == "passed" else Exit.FAILED
