"""The program `podium`: reads the command line, runs one command, ends with its exit code."""

import io
import sys
from collections.abc import Sequence
from typing import NoReturn

from podium.cli.boundary import guarded
from podium.cli.command import root
from podium.cli.invocation import Invocation
from podium.cli.lazy import LazyGroup

_EPILOG = """Examples:
  podium init --yes               write podium.toml and prove the gate
  podium plan spec.md             what a spec asks for, and its faults
  podium run spec.md              do it, until it has landed or needs you
  podium review                   what waits for your judgment
  podium audit                    every commit of the target branch accounted for

Exit codes: 0 all well · 1 something was refused or failed · 2 wrong usage or configuration ·
3 something waits for a person. `podium COMMAND --help` says more."""


@root(cls=LazyGroup, epilog=_EPILOG)
def podium() -> None:
    """Direct many coding agents and still answer for what lands.

    You state what you want in a spec. Podium divides it into tasks, runs agents side by side, makes every change prove
    itself at a gate the agent cannot touch, and lands what passed on a branch that is green at every commit.
    """


def main() -> NoReturn:
    """Run the command that this process was started with, and end."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    invocation = Invocation()
    return guarded(
        lambda: podium.main(list(arguments), "podium", standalone_mode=False, obj=invocation),
        invocation,
        arguments,
    )
