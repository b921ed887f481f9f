"""The errors Podium raises on purpose.

    PodiumError                what, to what, and what to do next
    ├── UsageError             the command or the configuration is wrong (exit code 2)
    │   ├── ConfigError        podium.toml cannot be used as it stands
    │   └── SpecError          a spec has faults; each one knows its line and column
    ├── Unavailable            something this needs is missing here (a sandbox, a tool, space on the disk)
    └── GitError               git refused, with the command and its own words

The expected (a merge conflict, a failed check) is returned, never raised.
"""


class PodiumError(Exception):
    """Something went wrong that a person can act on.

    `hint` says what to do next, in one line.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(PodiumError):
    """The command or the configuration is wrong."""


class ConfigError(UsageError):
    """`podium.toml` cannot be used as it stands."""


class SpecError(UsageError):
    """A spec cannot be run as it stands."""


class Unavailable(PodiumError):
    """Something this needs is missing on this machine."""


class GitError(PodiumError):
    """git refused."""
