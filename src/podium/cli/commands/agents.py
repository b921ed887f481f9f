"""`podium agents`: who could make changes here, and a proof of it."""

import click

from podium.cli.command import command, group
from podium.cli.exits import Exit
from podium.cli.interruption import interruptible
from podium.cli.invocation import Invocation
from podium.cli.render.agents import listing, step
from podium.cli.screen import print_json, show, stdout
from podium.project.project import Project
from podium.project.trial import test as prove
from podium.project.views.agent import StepView


@group("agents", examples=("podium agents", "podium agents --json", "podium agents test claude"))
def agents(invocation: Invocation) -> int:
    """The agents that podium.toml names and those Podium knows: installed or not, what they reach and may use, trust so far."""
    if click.get_current_context().invoked_subcommand:
        return Exit.OK
    views = Project.open(invocation.repo).agents()
    if invocation.json:
        print_json(views)
    else:
        show(stdout(), *listing(views))
    return Exit.OK


@command("test", examples=("podium agents test claude", "podium agents test codex --json"), listing=True)
@click.argument("name", metavar="NAME")
def test(invocation: Invocation, name: str) -> int:
    """Have NAME do a small real task in a repository made for it: it has passed when its change has landed.

    It calls the model it is configured with. Exit code: 0 it passed, 1 it did not; the first step that failed says why.
    Interrupted, it leaves nothing behind.
    """
    steps: list[StepView] = []
    console = stdout()

    def tell(view: StepView) -> None:
        steps.append(view)
        if not invocation.json:
            show(console, *step(view))

    settings = Project.open(invocation.repo).settings()
    with interruptible():
        passed = prove(settings, name, tell=tell)
    if invocation.json:
        print_json({"agent": name, "passed": passed, "steps": steps})
    return Exit.OK if passed else Exit.FAILED


agents.add_command(test)
