"""`podium bench`: what Podium can do, measured on this machine."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click

from podium.cli.command import Body, command, group
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.bench import bench as page
from podium.cli.screen import print_json, show, stdout
from podium.project.benching import FEW_SEEDS, MANY_SEEDS, Asked, BenchView, study
from podium.project.benching import bench as bench_cell

_LINES = 20
"""How often progress is said where the screen cannot be drawn over."""

_FILE = click.Path(exists=True, path_type=Path)
_SHARE = click.FloatRange(0, 1)
_WORKLOAD: tuple[tuple[str, click.ParamType[Any], str], ...] = (
    ("--per-hour", click.FloatRange(0, min_open=True), "Changes per hour. [default: 240]"),
    ("--changes", click.IntRange(1), "How many changes there are. [default: 300]"),
    ("--arrivals", click.Choice(["poisson", "bursts", "real"]), "How they come. [default: poisson]"),
    ("--gate-minutes", click.FloatRange(0, min_open=True), "The mean duration of a gate. [default: 10]"),
    ("--impact", click.Choice(["file", "package"]), "What a change can affect. [default: file]"),
    ("--breaks", _SHARE, "The chance that two changes with a common target break each other. [default: 0.02]"),
    ("--bad", _SHARE, "The chance that a change fails alone. [default: 0.03]"),
    ("--flaky", _SHARE, "The chance that a gate fails for no reason. [default: 0]"),
)  # fmt: skip


def _workload(body: Body) -> Body:
    """The options about the workload; what is not said is not handed on as said."""
    for name, kind, text in reversed(_WORKLOAD):
        body = click.option(name, type=kind, help=text)(body)
    return body


@group("bench", examples=("podium bench queue --policy podium --seeds 6", "podium bench queue --study"))
def bench(_invocation: Invocation) -> int:
    """Measurements. `podium bench queue` simulates the merge queue."""
    context = click.get_current_context()
    if not context.invoked_subcommand:
        click.echo(context.get_help())
    return Exit.OK


@command(
    "queue",
    examples=(
        "podium bench queue --policy podium --policy submitqueue",
        "podium bench queue --slots 8 --impact package --breaks 0.002 --seeds 20",
        "podium bench queue --history . --per-hour 60 --plot pictures",
        "podium bench queue --trace changes.jsonl --slots 32 --json",
        "podium bench queue --study",
    ),
    listing=True,
)
@click.option(
    "--trace", type=_FILE, metavar="FILE", help="Changes from a file of JSON Lines; see docs/queue.md."
)
@click.option("--history", type=_FILE, metavar="REPO", help="What changes touch, from a repository's past.")
@_workload
@click.option(
    "--slots", type=click.IntRange(1), default=16, show_default=True, help="How many gates run at a time."
)
@click.option(
    "--attribution", type=_SHARE, default=0.85, show_default=True, help="How often a failure names its test."
)
@click.option(
    "--predictor", type=click.Choice(["peek", "learned", "constant"]), default="peek", show_default=True,
    help="What is believed beforehand: 97 % of the truth, what the past teaches, or the base rates.",
)  # fmt: skip
@click.option("--no-reuse", is_flag=True, help="Podium gates also what was proven before it arrived.")
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME",
    help="Only this one; once for each. All by default.",
)
@click.option(
    "--seeds", type=click.IntRange(1), default=None,
    help=f"How many different runs. [default: {FEW_SEEDS}, with --study {MANY_SEEDS}]",
)  # fmt: skip
@click.option(
    "--plot",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write pictures there (SVG).",
)
@click.option("--study", "whole", is_flag=True, help="The whole table, and the goals it is held against.")
def queue(
    invocation: Invocation, *, trace: Path | None, history: Path | None, slots: int, attribution: float,
    predictor: Literal["peek", "learned", "constant"], no_reuse: bool, policies: tuple[str, ...], seeds: int | None,
    plot: Path | None, whole: bool, **workload: Any,
) -> int:  # fmt: skip
    """Simulate the merge queue: Podium's planner beside the published ones, on the same changes.

    Without --trace and --history the changes touch what those of a real fleet of agents touched. Each figure is the median over
    the seeds with its 95 % interval; the same arguments give the same figures. It needs no project and no repository.

    Exit code: 1 where a goal of --study does not hold.
    """
    asked = Asked(
        {name: value for name, value in workload.items() if value is not None}, slots, attribution, predictor,
        not no_reuse, policies, seeds or 0, trace, history, plot,
    )  # fmt: skip
    view = (study if whole else bench_cell)(asked, progress=_progress())
    _print(view, invocation)
    return Exit.OK if view.holds else Exit.FAILED


def _print(view: BenchView, invocation: Invocation) -> None:
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *page(view))


def _progress() -> Callable[[int, int], None]:
    """Says on standard error how far it is: on one line of a terminal, or now and then."""
    live = sys.stderr.isatty()

    def say(done: int, total: int) -> None:
        if live:
            print(
                f"\rsimulated {done} of {total}",
                end="\n" if done == total else "",
                file=sys.stderr,
                flush=True,
            )
        elif done == total or done % max(1, total // _LINES) == 0:
            print(f"simulated {done} of {total}", file=sys.stderr, flush=True)

    return say


bench.add_command(queue)
