"""`podium evidence`: what proves something, criterion by criterion and check by check."""

from pathlib import Path

import click

from podium.base.errors import UsageError
from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.evidence import evidence as page
from podium.cli.screen import print_json, show, stdout
from podium.project.project import Project


@command(
    "evidence",
    examples=(
        "podium evidence checkout/3",
        "podium evidence main --json",
        "podium evidence checkout/3 --export evidence.json",
        "podium evidence --public-key > key.pub",
    ),
    listing=True,
)
@click.argument("name", metavar="ID", default="")
@click.option(
    "--export",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the signed statement there; - for here.",
)
@click.option(
    "--agent-trace", is_flag=True, help="Print what landed as Agent Trace records, one JSON document a line."
)
@click.option("--public-key", is_flag=True, help="Print the public key that verifies this Podium's evidence.")
def evidence(
    invocation: Invocation, *, name: str, export: Path | None, agent_trace: bool, public_key: bool
) -> int:
    """What proves ID: a task, a change, a landing's candidate, a commit, or the id of a gate run.

    Each acceptance criterion with what proves it; each check with its verdict, how much it proves, where its time went, and
    the commands that show the same again.
    """
    project = Project.open(invocation.repo)
    if public_key:
        click.echo(project.public_key())
        return Exit.OK
    if not name:
        raise UsageError("evidence of what?", hint="podium evidence ID; podium status lists ids")
    if agent_trace:
        for line in project.agent_trace(name):
            click.echo(line)
        return Exit.OK
    if export:
        return _export(project.export(name), export)
    view = project.evidence(name)
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *page(view))
    return Exit.OK


def _export(text: str, file: Path) -> int:
    if str(file) == "-":
        click.echo(text)
        return Exit.OK
    try:
        file.write_text(f"{text}\n")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
    return Exit.OK
