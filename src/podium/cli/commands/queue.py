"""`podium queue`: the merge queue."""

import time

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.queue import queue as page
from podium.cli.screen import print_json, show, stdout
from podium.project.project import Project


@command("queue", examples=("podium queue", "podium queue --json"), listing=True)
def queue(invocation: Invocation) -> int:
    """The merge queue: its order, the candidates that are built and gated, and why each waits."""
    view = Project.open(invocation.repo).queue()
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *page(view, now=time.time()))
    return Exit.OK
