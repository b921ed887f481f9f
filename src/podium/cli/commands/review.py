"""`podium review`: what needs a person's judgment, and the three answers."""

import time

import click
from rich.console import Console

from podium.base.errors import UsageError
from podium.cli.command import Command, command, group
from podium.cli.exits import Exit
from podium.cli.ids import complete_id
from podium.cli.invocation import Invocation
from podium.cli.render.reviews import SAID
from podium.cli.render.reviews import reviews as page
from podium.cli.screen import line, print_json, show, stdout
from podium.cli.walk import walk
from podium.model.review import Answer
from podium.project.project import Project


@group(
    "review",
    examples=(
        "podium review",
        "podium review --interactive",
        "podium review approve checkout/3",
        'podium review return 3 --reason "the old format must still be read"',
    ),
)
@click.option("-i", "--interactive", is_flag=True, help="Walk through them: look, then answer.")
def review(invocation: Invocation, interactive: bool) -> int:
    """What needs a person's judgment, riskiest first, with the reasons and the evidence.

    Exit code: 0 nothing waits, 3 something does.
    """
    if click.get_current_context().invoked_subcommand:
        return Exit.OK
    project, console = Project.open(invocation.repo), stdout()
    if interactive:
        _refuse_pipes(console)
        walk(project, console)
        return Exit.WAITS if project.reviews() else Exit.OK
    items = project.reviews()
    if invocation.json:
        print_json(items)
    else:
        show(console, *page(items, now=time.time()))
    return Exit.WAITS if items else Exit.OK


def _refuse_pipes(console: Console) -> None:
    if not console.is_terminal:
        raise UsageError(
            "--interactive needs a terminal",
            hint="podium review approve ID, return ID --reason …, reject ID --reason …",
        )


def _answering(answer: Answer, summary: str, example: str) -> Command:
    """One of the three answers as a command."""

    @command(answer.value, examples=(example,))
    @click.argument("name", metavar="ID", shell_complete=complete_id)
    @click.option("--reason", default="", metavar="TEXT", help="Why, in words the maker can use.")
    def answering(invocation: Invocation, name: str, reason: str) -> int:
        change = Project.open(invocation.repo).answer(name, answer, reason=reason)
        show(stdout(), line(f"{SAID[answer]}: {change}; podium run goes on"))
        return Exit.OK

    answering.help = summary
    return answering


for _command in (
    _answering(Answer.APPROVE, "Let a change into the merge queue.", "podium review approve checkout/3"),
    _answering(
        Answer.RETURN, "Send a change back to its maker, with the reason.",
        'podium review return checkout/3 --reason "the old format must still be read"',
    ),
    _answering(Answer.REJECT, "Give the task up, with the reason.", 'podium review reject checkout/3 --reason "we do not want this"'),
):  # fmt: skip
    review.add_command(_command)
