"""`podium queue`: the merge queue, what it knows of a change, and a person's word on what goes first."""

import time

import click

from podium.cli.command import command, group
from podium.cli.exits import Exit
from podium.cli.ids import complete_id
from podium.cli.invocation import Invocation
from podium.cli.queue_watch import watch_lines, watch_live
from podium.cli.render.queue import explanation
from podium.cli.render.queue import queue as page
from podium.cli.screen import is_live, line, print_json, show, stdout
from podium.project import precedence, queueing
from podium.project.project import Project


@group(
    "queue",
    examples=(
        "podium queue",
        "podium queue --watch",
        "podium queue explain 3",
        'podium queue hold 3 --reason "after the release"',
        "podium queue first 3 --steps 2",
        "podium queue --json",
    ),
)
@click.option("--watch", is_flag=True, help="Look again every second, until Ctrl-C.")
def queue(invocation: Invocation, watch: bool) -> int:
    """The merge queue: who lands when, with which probability, why each waits; what is being gated, what landed of late.

    --watch draws it anew each second; where there is no terminal, it prints a line for each change that has news, with
    --json one document a line. Ctrl-C ends it.
    """
    if click.get_current_context().invoked_subcommand:
        return Exit.OK
    project, console = Project.open(invocation.repo), stdout()
    if not watch:
        view = project.queue()
        if invocation.json:
            print_json(view)
        else:
            show(console, *page(view, now=time.time()))
    elif is_live(console) and not invocation.json:
        watch_live(project.queue, console)
    else:
        watch_lines(project.queue, as_json=invocation.json)
    return Exit.OK


@command(
    "explain",
    examples=("podium queue explain 3", "podium queue explain submit:fix-login:1 --json"),
    listing=True,
)
@click.argument("name", metavar="ID", shell_complete=complete_id)
def explain(invocation: Invocation, name: str) -> int:
    """All that the queue knows of one change: what it can affect, what of that is proven and by what, what stands in the way.

    A target is a test, or what tests hang on. It is proven when it was seen to pass in the very state it would have with
    the change on the target branch.
    """
    view = queueing.explained(Project.open(invocation.repo).site, name)
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *explanation(view, now=time.time()))
    return Exit.OK


@command("hold", examples=("podium queue hold 3", 'podium queue hold 3 --reason "after the release"'))
@click.argument("name", metavar="ID", shell_complete=complete_id)
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept and shown.")
def hold(invocation: Invocation, name: str, reason: str) -> int:
    """Keep a change in the queue, neither gated nor landed, until it is released.

    A run that it is part of goes on, for the others. Held again with another reason, that reason holds.
    """
    return _said(precedence.hold(Project.open(invocation.repo).engine, name, reason=reason))


@command("release", examples=("podium queue release 3",))
@click.argument("name", metavar="ID", shell_complete=complete_id)
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept.")
def release(invocation: Invocation, name: str, reason: str) -> int:
    """Let a held change go on."""
    return _said(precedence.release(Project.open(invocation.repo).engine, name, reason=reason))


@command(
    "first",
    examples=("podium queue first 3", 'podium queue first 3 --steps 3 --reason "others wait for it"'),
)
@click.argument("name", metavar="ID", shell_complete=complete_id)
@click.option("--steps", default=1, show_default=True, metavar="N", help="How far forward.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept.")
def first(invocation: Invocation, name: str, steps: int, reason: str) -> int:
    """Move a change forward in the queue; steps add up, each makes its gate worth twice as much. Nothing is stopped for it.

    Waiting makes others worth more too, so nobody is overtaken for ever.
    """
    engine = Project.open(invocation.repo).engine
    return _said(precedence.first(engine, name, steps=steps, reason=reason))


@command("urgent", examples=('podium queue urgent 3 --reason "the shop is down"',))
@click.argument("name", metavar="ID", shell_complete=complete_id)
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept.")
def urgent(invocation: Invocation, name: str, reason: str) -> int:
    """Put a change on the lane for hotfixes: it may use the gate slots kept free for such (queue.kept_slots).

    It passes the same gate as everything else, and nothing that runs is stopped or restarted for it.
    """
    return _said(precedence.urgent(Project.open(invocation.repo).engine, name, reason=reason))


def _said(words: str) -> int:
    show(stdout(), line(words, limit=1000))
    return Exit.OK


for _command in (explain, hold, release, first, urgent):
    queue.add_command(_command)
