"""`podium report`: what came of it."""

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.report import report as page
from podium.cli.screen import print_json, show, stdout
from podium.project.project import Project


@command("report", examples=("podium report", "podium report --json"), listing=True)
def report(invocation: Invocation) -> int:
    """What came of it: landed, sent back, refused, how long, at what cost. Work is measured, people are not."""
    figures = Project.open(invocation.repo).report()
    if invocation.json:
        print_json(figures)
    else:
        show(stdout(), *page(figures))
    return Exit.OK
