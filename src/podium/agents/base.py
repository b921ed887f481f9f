"""What an agent is: it is given a bench to work at and a brief, and it works until it stops.

Nothing it reports decides anything. Whether there is work is read from the workspace afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from podium.base.processes import Running
from podium.model.usage import Allowance, Usage
from podium.workspaces.sandboxes.base import Contained


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
    allowance: Allowance | None = None
    checks: tuple[str, ...] = ()
    """The gate's commands, for the agent to run itself."""
    answer: str = ""
    """The file, in the bench's answer directory, that must be there at the end: a draft, a verdict. Makers have none."""
    tools: tuple[str, ...] = ("task_brief", "run_gate", "report_blocked")
    """Those of Podium's own tools that it is offered, where it takes any."""
    round: int = 0
    """Counts the prompts of one attempt; further ones ask for a better answer."""
    continues: bool = False
    """It goes on in the session that an earlier attempt left at the bench."""


class Bench(Protocol):
    """The workspace as an agent meets it: a place to start contained programs in."""

    @property
    def attempt(self) -> str: ...

    @property
    def private(self) -> Path:
        """A host directory for files the agent needs beside its work; mounted only when named in `read`."""
        ...

    @property
    def answer(self) -> Path:
        """A host directory that programs at the bench may write answers into."""
        ...

    @property
    def transcript(self) -> Path:
        """A host directory that outlives the workspace: what was said and done at it."""
        ...

    @property
    def inside(self) -> Path:
        """The working directory as contained programs see it."""
        ...

    @property
    def maps_paths(self) -> bool:
        """Whether contained programs see `read` and `write` where they are mapped; else at their host paths."""
        ...

    def running(self) -> Running | None:
        """The program that was started here, by whichever Podium, or None."""
        ...

    def contain(self, argv: tuple[str, ...], *, env: Mapping[str, str], read: Mapping[Path, Path],
                write: Mapping[Path, Path], network: bool) -> Contained:  # fmt: skip
        """Turn a command into one that runs contained in the workspace. `read` and `write` map host paths to those inside."""
        ...

    def start(self, command: Contained, *, time_limit: timedelta, output_limit_bytes: int) -> Running:
        """Start a command that outlives this process."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of the agent's own end: for the record, never for the decision.

    `reason` is that of `processes.Ended`, or `over-budget`. `turn` is how its last turn ended (ok, failed, cancelled,
    unknown), empty where there are no turns. `note` says in one line what went wrong.
    """

    exit_code: int
    reason: str
    duration_s: float
    output: str
    note: str = ""
    usage: Usage = Usage()
    turn: str = ""
    continued: bool = False


class Agent(Protocol):
    """A maker. Kinds: a program that speaks ACP, a command, a script that is played."""

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
