"""`podium policy`: the rules, what they say of a change, and what people let pass."""

import time
from datetime import UTC, datetime

import click

from podium.cli.command import command, group
from podium.cli.exits import Exit
from podium.cli.ids import complete_id
from podium.cli.invocation import Invocation
from podium.cli.render.policy import policy as page
from podium.cli.render.policy import ruling
from podium.cli.screen import line, print_json, show, stdout
from podium.project.project import Project


@group(
    "policy",
    examples=(
        "podium policy",
        "podium policy check checkout/3",
        'podium policy grant checkout/3 pytest.ini "tests/**" --reason "the runner changes"',
    ),
)
def policy(invocation: Invocation) -> int:
    """The rules that changes are judged by: Podium's own, the project's, CODEOWNERS, and tests in quarantine."""
    return Exit.OK if click.get_current_context().invoked_subcommand else _show(invocation)


@command("show", examples=("podium policy show", "podium policy show --json"), listing=True)
def show_policy(invocation: Invocation) -> int:
    """The same as without a word: all rules, as the target branch has them."""
    return _show(invocation)


@command("check", examples=("podium policy check checkout/3", "podium policy check 3 --json"), listing=True)
@click.argument("name", metavar="CHANGE", shell_complete=complete_id)
def check(invocation: Invocation, name: str) -> int:
    """Which rules apply to CHANGE (or the last change of a task), what they require, who or what satisfies them.

    Exit code: 0 satisfied, 1 not.
    """
    view = Project.open(invocation.repo).ruling(name)
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *ruling(view))
    return Exit.OK if view.satisfied else Exit.FAILED


@command(
    "grant",
    examples=(
        'podium policy grant checkout/3 pytest.ini --reason "the markers are new"',
        'podium policy grant fix-login "tests/**" --reason "the old format is gone"',
    ),
)
@click.argument("subject", metavar="TASK|BRANCH", shell_complete=complete_id)
@click.argument("globs", metavar="GLOB...", nargs=-1, required=True)
@click.option("--reason", default="", metavar="TEXT", help="Why this may be changed.")
def grant(invocation: Invocation, subject: str, globs: tuple[str, ...], reason: str) -> int:
    """Let a task, or what is submitted from a branch, change paths that judge others: tests, configuration, CI.

    It holds from the next gate on, and a person still approves the change where it touches the gate, the policy or CI.
    """
    subjects = Project.open(invocation.repo).grant(subject, globs, reason=reason)
    show(stdout(), line(f"granted: {', '.join(subjects)} may change {', '.join(globs)}", limit=1000))
    return Exit.OK


@command(
    "quarantine",
    examples=('podium policy quarantine tests tests.test_clock::test_tick --days 14 --reason "issue 12"',),
)
@click.argument("check_name", metavar="CHECK")
@click.argument("test", metavar="TEST")
@click.option("--days", type=float, default=14, show_default=True, help="How long; at most 90.")
@click.option("--reason", default="", metavar="TEXT", help="What is being done about it.")
def quarantine(invocation: Invocation, check_name: str, test: str, days: float, reason: str) -> int:
    """Have a flaky TEST of CHECK decide nothing until its time is over. It still runs, and is shown."""
    until = Project.open(invocation.repo).quarantine(check_name, test, days=days, reason=reason)
    end = datetime.fromtimestamp(until, UTC).date().isoformat()
    show(stdout(), line(f"quarantined until {end}: {check_name}: {test}"))
    return Exit.OK


def _show(invocation: Invocation) -> int:
    view = Project.open(invocation.repo).policy()
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *page(view, now=time.time()))
    return Exit.OK


for _command in (show_policy, check, grant, quarantine):
    policy.add_command(_command)
