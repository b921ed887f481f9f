"""A whole Podium in processes of its own, on a real repository: what the journeys start, watch, kill and judge."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ready_podium import Forked, ready

from podium.project.project import Project

PATIENCE_S = 90
"""For one journey on a machine that others keep busy."""


@dataclass
class Podium:
    """One podium process; `said` is everything it printed so far."""

    process: "subprocess.Popen[bytes] | Forked"
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait(self, *, seconds: float = PATIENCE_S) -> int:
        """Wait for its end; the exit code."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            self.process.kill()
            raise AssertionError(f"it did not end within {seconds} s:\n{self.said[-6000:]}") from error

    def kill(self) -> None:
        """SIGKILL to this process alone."""
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)


@dataclass
class Stage:
    """A repository (the `repo` fixture's) and the podium processes started on it."""

    repo: Any
    started: list[Podium] = field(default_factory=list)

    @property
    def project(self) -> Project:
        return Project.open(self.repo.path)

    def start(self, *words: str | Path, within: tuple[str, ...] = ()) -> Podium:
        """Start `podium WORDS` on the repository; from nothing where it is to run `within` another program."""
        output = self.repo.path.parent / f"podium-{len(self.started)}.log"
        command = ["--repo", str(self.repo.path), *map(str, words)]
        with output.open("wb") as file:
            process = _from_nothing(command, file, within=within) if within else ready().start(command, file)
        self.started.append(Podium(process, output))
        return self.started[-1]

    def podium(
        self, *words: str | Path, code: int = 0, within: tuple[str, ...] = (), seconds: float = PATIENCE_S
    ) -> str:
        """Run `podium WORDS` to its end, which is `code`; what it said."""
        podium = self.start(*words, within=within)
        found = podium.wait(seconds=seconds)
        assert found == code, f"exit code {found}, not {code}:\n{podium.said[-6000:]}"
        assert "Traceback" not in podium.said, podium.said[-6000:]
        return podium.said

    def spec(self, tasks: str, *, name: str = "spec.md") -> Path:
        """A spec outside the tree, so that the checkout stays as it is."""
        path = Path(self.repo.path).parent / name
        path.write_text(f"# A job\n\n## Tasks\n\n{tasks}")
        return path

    def await_event(self, kind: str) -> None:
        """Wait until the history holds an event of this kind."""
        await_until(lambda: kind in self.kinds(), f"{kind} among {self.kinds()}")

    def kinds(self) -> list[str]:
        return [event.kind for event in self.project.events()]

    def states(self) -> dict[str, str]:
        """What the tasks and submitted changes that have not landed are doing, by the ends of their names."""
        overview = self.project.overview()
        return {view.id.rpartition("/")[2]: str(view.state) for view in (*overview.tasks, *overview.changes)}

    def because(self, name: str) -> str:
        """Why a task is where it is."""
        overview = self.project.overview()
        return next(view.because for view in (*overview.tasks, *overview.changes) if view.id.endswith(name))

    def tree(self) -> set[str]:
        """The files at the tip of the target branch."""
        return set(self.repo.git("ls-tree", "-r", "--name-only", "main").splitlines())

    def landed_changes(self) -> list[str]:
        """The trailers of everything on the target branch."""
        found = self.repo.git(
            "log", "--no-merges", "--format=%(trailers:key=Podium-Change,valueonly)", "main"
        )
        return [line for line in str(found).splitlines() if line]


def _from_nothing(
    command: Sequence[str], output: IO[bytes], *, within: tuple[str, ...]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*within, sys.executable, "-m", "podium", *command], stdout=output, stderr=subprocess.STDOUT, cwd="/",
        start_new_session=True,
    )  # fmt: skip


def configuration(*, check: str = "true", review: str = "never", more: str = "", **agents: str) -> str:
    """A podium.toml with one check and agents that are shell scripts; the first one makes what names none."""
    made = "".join(
        f'[agents.{name}]\ncommand = ["sh", "-c", {json.dumps(script)}]\n' for name, script in agents.items()
    )
    first = next(iter(agents), "nobody")
    return (
        f'agent = "{first}"\n[[gate.check]]\nname = "green"\nrun = {json.dumps(check)}\n'
        f'[policy]\nreview = "{review}"\n{more}\n{made}'
    )


def task(name: str, *, agent: str = "", more: str = "") -> str:
    """A task of a spec."""
    chosen = f"  - agent: {agent}\n" if agent else ""
    return f"- [ ] {name} Do {name}\n  - kind: chore\n{chosen}{more}"


def await_until(true: Callable[[], bool], what: str, *, seconds: float = PATIENCE_S) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"never came: {what}"
        time.sleep(0.05)


def processes_below(directory: Path) -> dict[int, str]:
    """The living processes that name `directory` in their command line, or stand in it."""
    return {
        pid: line
        for pid, line, place in _processes()
        if str(directory) in line or str(place).startswith(str(directory))
    }


def _processes() -> Iterator[tuple[int, str, Path]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = (entry / "cwd").readlink() if line else Path("/")
        except OSError:  # it ended, or is somebody else's
            continue
        if line:
            yield int(entry.name), line, place
