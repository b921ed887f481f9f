"""`podium show`: everything about one task or change."""

import dataclasses
import json
import time

import click

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.ids import complete_id
from podium.cli.invocation import Invocation
from podium.cli.render.detail import detail
from podium.cli.render.events import event_line
from podium.cli.render.transcript import about, ended, said
from podium.cli.screen import heading, print_json, stdout
from podium.cli.screen import show as put
from podium.project.project import Project


@command(
    "show",
    examples=(
        "podium show 3",
        "podium show checkout/3 --diff",
        "podium show 3 --brief",
        "podium show submit:fix-login:1 --events",
        "podium show 3@2                  # the transcript of an attempt",
        "podium show 3 --follow           # that of the latest, as it grows",
        "podium show 3 --json",
    ),
    listing=True,
)
@click.argument("name", metavar="ID", shell_complete=complete_id)
@click.option("--diff", "with_diff", is_flag=True, help="The diff of each change too.")
@click.option("--brief", "with_brief", is_flag=True, help="What the agent was told, for each attempt.")
@click.option("--events", "with_events", is_flag=True, help="Its history too.")
@click.option("--follow", is_flag=True, help="What its agent says and does, until the attempt has ended.")
def show(
    invocation: Invocation, name: str, *, with_diff: bool, with_brief: bool, with_events: bool, follow: bool
) -> int:
    """Everything about one task or change: what was wanted, attempts, evidence, decisions and why.

    ID may leave out the spec where that is unambiguous: 3 for checkout/3. That of an attempt (3@2) shows its transcript.
    """
    project, console = Project.open(invocation.repo), stdout()
    if follow:
        return _follow(project, name, as_json=invocation.json)
    if "@" in name:
        return _transcript(project, name, as_json=invocation.json)
    view = project.detail(name)
    events = project.events(subject=view.id) if with_events else []
    if invocation.json:
        shape = {field.name: getattr(view, field.name) for field in dataclasses.fields(view)}
        print_json({**shape, "events": events} if with_events else shape)
        return Exit.OK
    put(console, *detail(view, now=time.time(), with_diff=with_diff, with_brief=with_brief))
    if events:
        put(console, "", heading("history"), *(event_line(event, start=events[0].at) for event in events))
    return Exit.OK


def _transcript(project: Project, name: str, *, as_json: bool) -> int:
    view = project.transcript(name)
    if as_json:
        print_json(view)
    else:
        put(stdout(), *about(view), *(said(one, start=view.started) for one in view.said))
    return Exit.OK


def _follow(project: Project, name: str, *, as_json: bool) -> int:
    """Print each piece as it comes; as JSON, one event a line."""
    console, first = stdout(), True
    for view in project.follow(name):
        if as_json:
            for one in view.said:
                print(json.dumps(dataclasses.asdict(one)), flush=True)
            continue
        put(console, *(about(view) if first else ()), *(said(one, start=view.started) for one in view.said))
        first = False
        if view.end or view.because:
            put(console, *ended(view))
    return Exit.OK
