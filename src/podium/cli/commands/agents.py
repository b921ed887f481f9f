"""`podium agents`: who could make changes here, and a proof of it."""

import dataclasses

import click

from podium.cli.command import group
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.agents import listing, step
from podium.cli.screen import print_json, show, stdout
from podium.project.project import Project
from podium.project.trial import test as prove
from podium.project.views import StepView


@group("agents", examples=("podium agents", "podium agents --json", "podium agents test claude"))
@click.pass_context
def agents(context: click.Context, invocation: Invocation) -> int | None:
    """The agents that podium.toml names and those Podium knows: installed or not, what they reach and may use, trust so far."""
    if context.invoked_subcommand:
        return None
    views = Project.open(invocation.repo).agents()
    if invocation.json:
        print_json(views)
    else:
        show(stdout(), *listing(views))
    return Exit.OK


@agents.command("test")
@click.argument("name", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="The steps as one JSON document.")
@click.pass_obj
def test(invocation: Invocation, name: str, as_json: bool) -> int:
    """Have NAME do a small real task in a repository made for it: it has passed when its change has landed.

    It calls the model it is configured with. Exit code: 0 it passed, 1 it did not; the first step that failed says why.
    """
    project, steps = Project.open(invocation.repo), []
    console = stdout()

    def tell(view: StepView) -> None:
        steps.append(view)
        if not as_json:
            show(console, *step(view))

    passed = prove(project.settings(), name, tell=tell)
    if as_json:
        print_json({"agent": name, "passed": passed, "steps": [dataclasses.asdict(view) for view in steps]})
    return Exit.OK if passed else Exit.FAILED
