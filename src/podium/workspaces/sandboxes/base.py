"""What a sandbox is: it turns a command into one that is contained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


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
    """What to hand to `processes.start` so that the command runs contained."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path


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
