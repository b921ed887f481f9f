"""`podium gate`: the gate on any revision, standing alone; and the gate tried on itself."""

import click

from podium.base.errors import UsageError
from podium.base.text import clean_line
from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.gate import gate as page
from podium.cli.render.selftest import selftest as selftest_page
from podium.cli.render.selftest import specimen as specimen_line
from podium.cli.screen import print_json, show, stdout
from podium.project.project import Project
from podium.project.selftest import selftest


@command(
    "gate",
    examples=(
        "podium gate HEAD",
        "podium gate fix-login --json",
        "podium gate fix-login --approve 'tests/test_login.py'",
        "podium gate HEAD~3 --base HEAD~5",
        "podium gate --self-test",
        "podium gate --self-test --only cheats --without 'canary*'",
    ),
    listing=True,
)
@click.argument("revision", metavar="REV", default="")
@click.option(
    "--base",
    default="",
    metavar="REV",
    help="Compare with this; by default where REV left the target branch.",
)
@click.option(
    "--approve", multiple=True, metavar="GLOB",
    help="Tests, configuration or dependencies that REV may change; once for each glob.",
)  # fmt: skip
@click.option(
    "--self-test",
    is_flag=True,
    help="Try the gate on known cheats and honest changes, in a copy of the repository.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="WHICH",
    help="Of the self-test: a number, a name, a glob, `cheats` or `honest`.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="CHECK",
    help="Take a check out of the gate, to see what only it refuses.",
)
def gate(
    invocation: Invocation, *, revision: str, base: str, approve: tuple[str, ...], self_test: bool,
    only: tuple[str, ...], without: tuple[str, ...],
) -> int:  # fmt: skip
    """Run the target branch's gate on REV, whoever made it; the evidence is kept and used again.

    It works in any git repository: where there is no podium.toml, the checks that fit are found. With --self-test the gate itself
    is tried: every planted cheat must be refused, every honest change must pass.

    Exit code: 0 passed; 1 failed, could not run, or ran nothing (the last line says which).
    """
    project = Project.open(invocation.repo)
    if self_test:
        return _self_test(invocation, project, revision, only=only, without=without)
    if not revision:
        raise UsageError("which revision?", hint="podium gate HEAD")
    if only or without:
        raise UsageError("--only and --without belong to --self-test")
    if not invocation.json:
        click.echo(f"running the gate on {clean_line(revision)} …", err=True)
    view = project.gate(revision, base=base, approve=approve)
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *page(view, with_output=True))
    return Exit.OK if view.verdict == "passed" else Exit.FAILED


def _self_test(
    invocation: Invocation,
    project: Project,
    revision: str,
    *,
    only: tuple[str, ...],
    without: tuple[str, ...],
) -> int:
    console = stdout()
    if not invocation.json:
        click.echo("planting cheats and honest changes in a copy of this repository …", err=True)
    view = selftest(
        project.site, revision, only=only, without=without,
        progress=lambda one: None if invocation.json else show(console, specimen_line(one)),
    )  # fmt: skip
    if invocation.json:
        print_json(view)
    else:
        show(console, *selftest_page(view))
    return Exit.OK if view.ok else Exit.FAILED
