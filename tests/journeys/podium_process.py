"""A whole Podium in a process of its own, on a real repository: what the journeys start, watch, kill and judge."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podium.project.project import Project

DRIVER = Path(__file__).with_name("driver.py")
PATIENCE_S = 90
"""For one journey on a machine that others keep busy."""


@dataclass
class Podium:
    """One podium process; `said` is everything it printed so far."""

    process: "subprocess.Popen[bytes]"
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def await_said(self, text: str, *, seconds: float = PATIENCE_S) -> None:
        await_until(lambda: text in self.said or self.process.poll() is not None, text, seconds=seconds)
        assert text in self.said, self.said

    def wait(self, *, seconds: float = PATIENCE_S) -> int:
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"it did not end within {seconds} s:\n{self.said[-6000:]}") from error

    def kill(self) -> None:
        """SIGKILL to this process alone."""
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)


@dataclass
class Stage:
    """A repository (a `Repo` of tests/conftest.py) and the podium processes started on it."""

    repo: Any
    started: list[Podium] = field(default_factory=list)

    @property
    def project(self) -> Project:
        return Project.open(self.repo.path)

    def start(self, *specs: Path, env: Mapping[str, str] | None = None) -> Podium:
        output = self.repo.path.parent / f"podium-{len(self.started)}.log"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, str(DRIVER), str(self.repo.path), *map(str, specs)],
                stdout=file, stderr=subprocess.STDOUT, cwd="/", start_new_session=True, env={**os.environ, **(env or {})},
            )  # fmt: skip
        self.started.append(Podium(process, output))
        return self.started[-1]

    def run(self, *specs: Path, seconds: float = PATIENCE_S) -> str:
        """Run to the end; what it said."""
        podium = self.start(*specs)
        code = podium.wait(seconds=seconds)
        assert code == 0, f"exit code {code}:\n{podium.said[-6000:]}"
        return podium.said

    def spec(self, tasks: str, *, name: str = "spec.md") -> Path:
        """A spec outside the tree, so that the checkout stays as it is."""
        path = Path(self.repo.path).parent / name
        path.write_text(f"# A job\n\n## Tasks\n\n{tasks}")
        return path

    def states(self) -> dict[str, str]:
        """What the tasks that have not landed are doing."""
        return {task.id.rpartition("/")[2]: task.state for task in self.project.overview().tasks}

    def subjects(self) -> list[str]:
        """The first lines of the target's first-parent positions, newest first."""
        return str(self.repo.git("log", "--first-parent", "--format=%s", "main")).splitlines()

    def landed_changes(self) -> list[str]:
        """The trailers of everything on the target branch."""
        found = self.repo.git(
            "log", "--no-merges", "--format=%(trailers:key=Podium-Change,valueonly)", "main"
        )
        return [line for line in str(found).splitlines() if line]


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
        if str(directory) in line or place.startswith(str(directory))
    }


def _processes() -> Iterator[tuple[int, str, str]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = os.readlink(entry / "cwd") if line else ""
        except OSError:  # it ended, or is somebody else's
            continue
        if line:
            yield int(entry.name), line, place
