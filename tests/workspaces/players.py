"""Running things contained, and workspaces in which a shell script plays the agent."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from podium.base.processes import Ended, start
from podium.git.repository import Repository
from podium.model.ids import Sha, Tree
from podium.workspaces.collecting import Collected
from podium.workspaces.mirror import sync
from podium.workspaces.sandboxes.base import Box, Sandbox
from podium.workspaces.sandboxes.registry import SANDBOXES
from podium.workspaces.workspace import Workspace, prepare

LIMIT_KB = 64

BUBBLEWRAP = SANDBOXES[0]
under_every_sandbox = pytest.mark.parametrize("sandbox", SANDBOXES, ids=lambda sandbox: sandbox.kind)


@dataclass(frozen=True)
class Outcome:
    ended: Ended
    said: str

    @property
    def code(self) -> int:
        return self.ended.code


def contained(sandbox: Sandbox, box: Box, *, time_limit: timedelta = timedelta(seconds=20)) -> Outcome:
    """Run a box to its end."""
    held = sandbox.contain(box)
    with TemporaryDirectory() as scratch:
        order = held.order(time_limit=time_limit, output_limit_bytes=4 * 1024 * 1024)
        running = start(order, Path(scratch) / "run")
        return Outcome(running.wait(), running.output.read_text())


@dataclass(frozen=True)
class Attempts:
    """Attempts at a repository, each played by a shell script."""

    repository: Repository
    sandbox: Sandbox
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def prepare(self, *, base: Sha | None = None, seed: Tree | None = None, attempt: str = "") -> Workspace:
        mirror = sync(self.repository, "main")
        name = attempt or f"spec/1@{next(self.numbers)}"
        tip = base or self.repository.tip("main")
        return prepare(self.repository, self.sandbox, attempt=name, base=tip, mirror=mirror, seed=seed)

    def play(self, workspace: Workspace, script: str, *, read: Mapping[Path, Path] | None = None) -> Outcome:
        command = workspace.contain(("sh", "-c", script), env={}, read=read or {}, write={}, network=False)
        running = workspace.running() or workspace.start(
            command, time_limit=timedelta(seconds=20), output_limit_bytes=100_000
        )
        return Outcome(running.wait(), running.output.read_text())

    def make(self, script: str) -> Collected | None:
        """What an agent's whole attempt comes to."""
        workspace = self.prepare()
        outcome = self.play(workspace, script)
        assert outcome.code == 0, outcome
        return workspace.collect(limit_kb=LIMIT_KB)
