"""`podium init`: proposes podium.toml, writes it, proves that the gate it describes is green."""

import sys

import click
from rich.console import Console

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.gate import gate
from podium.cli.screen import block, heading, indented, line, show, stdout
from podium.git.repository import open_repository
from podium.project.location import find_target
from podium.project.project import Project
from podium.project.setup import Proposal, accept, propose, prove


@command("init", examples=("podium init", "podium init --yes", "podium init --target develop"))
@click.option("--yes", is_flag=True, help="Never ask.")
@click.option(
    "--target",
    default="",
    metavar="BRANCH",
    help="The branch that changes land on; main or master if not given.",
)
def init(invocation: Invocation, yes: bool, target: str) -> int:
    """Look at the repository, write podium.toml, and prove that its gate is green on the target branch.

    Exit code: 0 the gate is green, 1 it is not; podium.toml is written either way.
    """
    repository, console = open_repository(invocation.repo), stdout()
    proposal = propose(repository, target=target or find_target(repository))
    show(console, *(indented(reason) for reason in proposal.reasons))
    if not yes and sys.stdin.isatty():
        show(console, "", block(proposal.text))
        click.confirm(f"write this to {proposal.path}?", default=True, abort=True)
    accept(repository, proposal)
    show(console, line(f"wrote {proposal.path}; changes will land on {proposal.target}"))
    return _prove(Project(repository), proposal, console)


def _prove(project: Project, proposal: Proposal, console: Console) -> int:
    for program in proposal.missing:
        show(console, indented(f"{program} is not installed here, and a check needs it", "yellow"))
    show(console, "", line(f"running the gate on {proposal.target} …"))
    view = prove(project.site, proposal.text)
    green = view.verdict == "passed"
    show(console, *gate(view, with_output=True), "", heading("next"))
    steps = ("podium doctor", f"git add {proposal.path.name}", 'git commit -m "podium"', "podium run SPEC")
    mend = (f"edit {proposal.path.name}, commit it", f"podium gate {proposal.target}")
    show(console, *(indented(step) for step in (steps if green else mend)))
    return Exit.OK if green else Exit.FAILED
