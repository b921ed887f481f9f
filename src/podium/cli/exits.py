"""What the exit codes mean, everywhere."""

from enum import IntEnum
from typing import Protocol


class Exit(IntEnum):
    OK = 0
    FAILED = 1
    """Something was refused or failed."""
    USAGE = 2
    """Wrong usage or configuration."""
    WAITS = 3
    """Something waits for a person."""
    INTERRUPTED = 130


class Standing(Protocol):
    """How things stand, as `project.views.Overview` says it: making all those shapes would cost every command 30 ms."""

    @property
    def needs_person(self) -> bool: ...

    @property
    def refused(self) -> bool: ...


def exit_of(overview: Standing) -> Exit:
    """The exit code that says how things stand; what a person can do now comes first."""
    if overview.needs_person:
        return Exit.WAITS
    return Exit.FAILED if overview.refused else Exit.OK
