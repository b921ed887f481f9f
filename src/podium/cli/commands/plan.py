"""`podium plan`: what a spec asks for, before anything is started."""

from pathlib import Path

import click

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.plan import faults
from podium.cli.render.plan import plan as page
from podium.cli.screen import print_json, show, stdout
from podium.project.project import Project


@command(
    "plan",
    examples=("podium plan spec.md", "podium plan openspec/changes/login/tasks.md --json"),
    listing=True,
)
@click.argument("spec", type=click.Path(path_type=Path))
def plan(invocation: Invocation, spec: Path) -> int:
    """What SPEC asks for: its tasks, in the groups that may run side by side, and every fault of it.

    Nothing is started. Exit code: 0 it can be run, 2 it has faults.
    """
    view = Project.open(invocation.repo).plan(spec)
    console = stdout()
    if invocation.json:
        print_json(view)
    else:
        if view.tasks:
            show(console, *page(view), "")
        if view.faults:
            show(console, *faults(spec, view.faults))
    return Exit.OK if view.usable else Exit.USAGE
