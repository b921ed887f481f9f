"""What kinds of check there are: people name a check of a gate by its kind, whatever commands the project has."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from podium.gate.checks.acceptance import AcceptanceCheck
from podium.gate.checks.base import Check
from podium.gate.checks.base_suite import BaseSuiteCheck
from podium.gate.checks.canary import CanaryCheck
from podium.gate.checks.command import CommandCheck
from podium.gate.checks.new_tests import NewTestsCheck
from podium.gate.checks.strength import StrengthCheck

KINDS: dict[type, str] = {
    CommandCheck: "tests",
    CanaryCheck: "canary",
    BaseSuiteCheck: "base-suite",
    NewTestsCheck: "new-tests",
    AcceptanceCheck: "acceptance",
    StrengthCheck: "strength",
}
"""Those that come once for each command or criterion; all others are called by their own name."""
OnCommand = CanaryCheck | BaseSuiteCheck | NewTestsCheck | StrengthCheck
"""What a command is asked beyond its own run."""


def kind_of(check: Check) -> str:
    """What people call a check by."""
    return KINDS.get(type(check), check.name)


def names_of(check: Check) -> frozenset[str]:
    """All that takes a check out of a gate: its kind, its name, and the command that it asks."""
    more = {"tests", check.command.name} if isinstance(check, OnCommand) else set()
    return frozenset({kind_of(check), check.name, *more})


def is_meant(check: Check, words: Iterable[str]) -> bool:
    """Whether one of `words`, names or globs, takes the check out of a gate."""
    names = names_of(check)
    return any(fnmatchcase(name, word) for name in names for word in words)
