"""`podium plan`: what a spec asks for, before anything is started; or tasks for it, drafted by an agent."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console, RenderableType
from rich.text import Text

from podium.base.errors import UsageError
from podium.base.files import write_atomically
from podium.base.text import clean, clean_line, count
from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.interruption import interruptible
from podium.cli.invocation import Invocation
from podium.cli.render.diff import diff
from podium.cli.render.plan import faults
from podium.cli.render.plan import plan as page
from podium.cli.screen import print_json, show, stdout
from podium.project import drafting
from podium.project.drafting import Draft
from podium.project.project import Project
from podium.project.views.plan import PlanView


@command(
    "plan",
    examples=(
        "podium plan spec.md",
        "podium plan openspec/changes/login/tasks.md --json",
        "podium plan spec.md --agent claude",
        "podium plan spec.md --agent claude --out drafted.md",
    ),
    listing=True,
)
@click.argument("spec", type=click.Path(path_type=Path))
@click.option(
    "--agent", default="", metavar="NAME", help="Have an agent draft the tasks from the requirements."
)
@click.option("--yes", is_flag=True, help="Accept the draft without asking.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the spec with the draft there, and leave SPEC alone.",
)
def plan(invocation: Invocation, spec: Path, agent: str, yes: bool, out: Path | None) -> int:
    """What SPEC asks for: its tasks, in the groups that may run side by side, and every fault of it.

    With --agent, its `## Tasks` are drafted first: shown, and written into SPEC when you accept them. Where nobody can be
    asked, SPEC with the draft goes to standard output. Nothing is started.
    Exit code: 0 it can be run, 2 it has faults, 3 a draft waits to be accepted.
    """
    project = Project.open(invocation.repo)
    if agent:
        with interruptible():
            drafted = project.draft(spec, agent=agent, progress=_say)
        return _draft(invocation, project, drafted, yes=yes, out=out)
    if yes or out:
        raise UsageError("--yes and --out are about a draft", hint="podium plan SPEC --agent NAME")
    view = project.plan(spec)
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *_page(view, spec))
    return Exit.OK if view.usable else Exit.USAGE


def _draft(invocation: Invocation, project: Project, drafted: Draft, *, yes: bool, out: Path | None) -> int:
    """Show the draft, or hand it out where nobody can be asked; write it into the spec when it is accepted."""
    console = stdout()
    accepted = yes and out is None and drafted.plan.usable
    asks = not (yes or out or invocation.json) and console.is_terminal and sys.stdin.isatty()
    if asks:
        drafted, accepted = _ask(project, drafted, console)
    if accepted:
        drafting.accept(drafted)
    if invocation.json:
        print_json(drafted.as_view(accepted=accepted))
    elif not asks and not accepted:
        _hand_out(drafted, out)
    _say(_outcome(drafted, accepted=accepted))
    return Exit.OK if accepted else Exit.USAGE if yes and not drafted.plan.usable else Exit.WAITS


def _outcome(drafted: Draft, *, accepted: bool) -> str:
    if not accepted:
        return f"{drafted.path} was left as it is"
    number = count(len(drafted.plan.tasks), "task")
    return f"wrote {number} into {drafted.path}; to do them: podium run {drafted.path}"


def _ask(project: Project, drafted: Draft, console: Console) -> tuple[Draft, bool]:
    """Show it and ask, as often as the person edits it: the draft as it is then, and whether it is accepted."""
    while True:
        show(console, *_page(drafted.plan, drafted.path), "", diff(drafted.diff()), "")
        choices = "yne" if drafted.plan.usable else "ne"
        answer = click.prompt(
            f"write these tasks into {clean_line(str(drafted.path))}? (y)es, (n)o, (e)dit",
            type=click.Choice(list(choices)), default="n", show_choices=False,
        )  # fmt: skip
        if answer != "e":
            return drafted, answer == "y"
        written = click.edit(clean(drafted.section), extension=".md")
        if written is not None:
            drafted = drafting.edited(project.site, drafted, written)


def _hand_out(drafted: Draft, out: Path | None) -> None:
    """Give the spec with the draft to a file or to standard output, and what is doubtful about it to standard error."""
    if out:
        write_atomically(out, drafted.after)
    else:
        click.echo(clean(drafted.after.decode(errors="replace")), nl=False)
    if drafted.plan.faults:
        show(
            Console(stderr=True, highlight=False, markup=False, emoji=False),
            *faults(out or drafted.path, drafted.plan.faults),
        )


def _page(view: PlanView, spec: Path) -> Iterator[RenderableType]:
    if view.tasks:
        yield from page(view)
        yield Text()
    if view.faults:
        yield from faults(spec, view.faults)


def _say(text: str) -> None:
    click.echo(clean_line(text), err=True)
