"""What an agent is: it is given a bench to work at and a brief, and it works until it stops.

Nothing it reports decides anything. Whether there is work is read from the workspace afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from podium.base.processes import Running


@dataclass(frozen=True, slots=True)
class Brief:
    """What the agent is told. `text` is the whole brief; `file` is where the agent finds it, as it sees the path.

    The agent itself puts the brief there: it writes `file.name` into the bench's private directory and mounts it. Where
    a sandbox maps no paths, `file` must therefore lie in that very directory.
    """

    task: str
    text: str
    file: Path
    paths: tuple[str, ...]
    attempt: int
    budget: timedelta | None = None
    """The task's own time limit; it holds where it is shorter than the agent's."""


class Bench(Protocol):
    """The workspace as an agent meets it: a place to start contained programs in."""

    @property
    def attempt(self) -> str: ...

    def start(self, argv: tuple[str, ...], *, env: Mapping[str, str], time_limit: timedelta,
              read: Mapping[Path, Path], output_limit_bytes: int, network: bool) -> Running:  # fmt: skip
        """Start a program in the workspace, or take up the one that an earlier Podium started there."""
        ...

    @property
    def private(self) -> Path:
        """A host directory for files the agent needs beside its work; mounted only when named in `read`."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of the agent's own end: for the record, never for the decision.

    `reason` is that of `processes.Ended`. `cost_usd` is None where unknown.
    """

    exit_code: int
    reason: str
    duration_s: float
    output: str
    cost_usd: float | None = None
    note: str = ""


class Agent(Protocol):
    """A maker. Kinds: a command, a script that is played; the next speaks ACP."""

    @property
    def name(self) -> str: ...

    @property
    def assisted_by(self) -> str:
        """How commits credit it: `NAME` or `NAME:MODEL`."""
        ...

    def work(self, bench: Bench, brief: Brief, *, should_stop: Callable[[], bool]) -> Report:
        """Work at the task until done, stopped or out of time.

        Called again after a crash of Podium, it takes up the work where it stands.
        """
        ...
