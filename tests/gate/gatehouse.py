"""A gate on a real repository, in real bubblewrap, with a memory: what the tests of the gate stand in."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conftest import Repo
from podium.config.settings import CheckSettings, SandboxSettings
from podium.gate.checks.base import Check
from podium.gate.checks.command import CommandCheck
from podium.gate.gate import Memory, Subject, Surroundings, run_gate
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import Sha, Tree
from podium.workspaces.sandboxes.base import Sandbox
from podium.workspaces.sandboxes.registry import choose


@dataclass
class Gatehouse:
    """`seen` is what was kept: pass a shared one to let tests share what was seen on equal trees."""

    repo: Repo
    scratch: Path
    sandbox: Sandbox
    seen: dict[tuple[Tree, str], CheckResult] = field(default_factory=dict)
    kept: list[CheckResult] = field(default_factory=list)

    def gate(
        self, checks: Sequence[Check], head: Sha, *, base: Sha | None = None, env: Mapping[str, str] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Evidence:  # fmt: skip
        """Gate `head` on `base`; without one, as it stands."""
        repository = self.repo.open()
        judged = Subject("gate:x", "x", repository.objects.tree_of(head), base or head)
        around = Surroundings(repository, self.sandbox, self.scratch, env=env or {})
        return run_gate(
            checks,
            judged,
            around=around,
            memory=Memory(self._known, self._keep),
            should_stop=should_stop,
            at=float(len(self.kept)),
        )

    def run(
        self, command: str, head: Sha, *, base: Sha | None = None, minutes: float = 1, report: bool = False
    ) -> CheckResult:
        """The result of one command check."""
        evidence = self.gate([check(command, minutes=minutes, report=report)], head, base=base)
        assert len(evidence.results) == 1
        assert not self.scratch.exists()
        return evidence.results[0]

    def _known(self, tree: Tree, digest: str) -> CheckResult | None:
        return self.seen.get((tree, digest))

    def _keep(self, result: CheckResult) -> None:
        self.kept.append(result)
        self.seen[result.tree, result.digest] = result


def check(
    command: str,
    *,
    name: str = "tests",
    minutes: float = 1,
    report: bool = False,
    plugins: tuple[str, ...] | None = (),
) -> CommandCheck:
    """A command; without the plug-ins of this machine, which take longer to load than most of these tests to run."""
    return CommandCheck(
        CheckSettings(
            name=name, run=command, report="junit" if report else None, minutes=minutes, plugins=plugins
        ),
        SandboxSettings(),
    )


def open_gatehouse(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, sandbox: str = "bubblewrap"
) -> Gatehouse:
    """A gatehouse whose commands find the pytest that runs these tests."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin")
    return Gatehouse(repo, tmp_path / "scratch", choose(sandbox))
