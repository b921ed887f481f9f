"""`podium audit`: every commit of the target branch accounted for."""

import sys

import click

from podium.base.text import clean_line
from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.findings import findings, sound, summary
from podium.cli.screen import print_json, show, stdout
from podium.project.project import Project


@command("audit", examples=("podium audit", "podium audit --rerun", "podium audit --json"), listing=True)
@click.option(
    "--rerun", is_flag=True, help="Run the gate again on every commit, believing nothing that is stored."
)
def audit(invocation: Invocation, rerun: bool) -> int:
    """Walk the target branch back: every first-parent commit to its task, attempt and evidence; hashes re-checked.

    Exit code: 0 all accounted for, 1 something is broken.
    """
    found = Project.open(invocation.repo).audit(rerun=rerun, progress=_tell)
    if invocation.json:
        print_json(found)
    else:
        show(
            stdout(),
            *findings(found),
            summary(found, all_well="every commit accounted for"),
        )
    return Exit.OK if sound(found) else Exit.FAILED


def _tell(text: str) -> None:
    print(clean_line(text), file=sys.stderr, flush=True)
