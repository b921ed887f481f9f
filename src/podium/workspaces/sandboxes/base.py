"""What a sandbox is: it turns a command into one that is contained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from podium.base.processes import Group, Order


@dataclass(frozen=True, slots=True)
class Box:
    """A command and what of the world it gets to see.

    `work` is the host directory it works in, which appears inside as `inside`: the path of the person's own repository,
    so that an editable install on the machine resolves to this very tree and not to the person's checkout. `read` and
    `write` map further host paths to the paths they have inside. `env` is the whole environment but for PATH, HOME,
    TMPDIR and LANG, which the sandbox sets. Everything else of the machine is absent, except the system's programs and
    the toolchains that the person's PATH names.
    """

    argv: tuple[str, ...]
    work: Path
    inside: Path
    writable: bool = True
    env: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[Path, Path] = field(default_factory=dict)
    write: Mapping[Path, Path] = field(default_factory=dict)
    network: bool = False
    memory_mb: int = 8192
    processes: int = 1024
    file_mb: int = 1024


@dataclass(frozen=True, slots=True)
class Contained:
    """A command that runs contained when it is started with this very environment, place and control groups."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    groups: tuple[Group, ...] = ()
    """What bounds the processes and the memory of its whole tree, where the machine has it."""

    def order(self, *, time_limit: timedelta, output_limit_bytes: int, detached: bool = False) -> Order:
        """What to hand to `processes.start`."""
        return Order(
            self.argv, self.env, self.cwd, time_limit, output_limit_bytes,
            detached=detached, groups=self.groups,
        )  # fmt: skip


class Sandbox(Protocol):
    """A way to contain a command. `kind` goes into the evidence."""

    @property
    def kind(self) -> str: ...

    @property
    def maps_paths(self) -> bool:
        """Whether `Box.inside` and the targets of `read` and `write` hold; without it a command sees host paths."""
        ...

    def unavailable(self) -> str:
        """Why it cannot be used on this machine, tried for real, or an empty string."""
        ...

    def contain(self, box: Box) -> Contained: ...
