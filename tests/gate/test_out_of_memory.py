"""A gate command that the kernel really kills for want of memory, in its control group: no verdict on the change, and never a pass."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from gatehouse import Gatehouse, check, open_gatehouse

from conftest import Repo
from podium.base import cgroups
from podium.gate.checks.canary import CanaryCheck
from podium.model.verdict import Verdict
from podium.workspaces.sandboxes.base import Box, Contained, Sandbox

MEMORY_MB = 192
# Shared memory is not what `prlimit --data` bounds: only the control group can stop it.
EAT = "import mmap, os\nmine = mmap.mmap(-1, {mb} * 2**20)\nfor at in range(0, len(mine), 4096):\n    mine[at] = 1\n"
PASSES = "def test_a():\n    assert 1 == 1\n"
PYTEST = "python3 -m pytest -q"


@dataclass(frozen=True)
class Small:
    """A sandbox with little memory."""

    around: Sandbox

    @property
    def kind(self) -> str:
        return self.around.kind

    @property
    def maps_paths(self) -> bool:
        return self.around.maps_paths

    def unavailable(self) -> str:
        return self.around.unavailable()

    def contain(self, box: Box) -> Contained:
        return self.around.contain(replace(box, memory_mb=MEMORY_MB))


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    found = cgroups.find()
    if found is None or found.memory is None:
        pytest.skip("no control groups can be made here, and podium doctor says so")
    house = open_gatehouse(repo, tmp_path, monkeypatch)
    return replace(house, sandbox=Small(house.sandbox))


@pytest.mark.parametrize(
    "command",
    ["python3 eat.py", "python3 eat.py; exit $?", "sh -c 'python3 eat.py' && true"],
    ids=["alone", "its-code-handed-on", "below-a-shell"],
)
def test_a_command_that_is_killed_for_want_of_memory_says_nothing_of_the_change(
    house: Gatehouse, command: str
) -> None:
    base = house.repo.commit({"eat.py": EAT.format(mb=8)})
    assert house.run(command, base).verdict is Verdict.PASSED
    head = house.repo.commit({"eat.py": EAT.format(mb=4 * MEMORY_MB)})
    result = house.run(command, head, base=base)
    assert (result.verdict, result.exit_code, result.cases) == (Verdict.COULD_NOT_RUN, None, None)
    assert "was killed, perhaps for want of memory" in result.because


def test_a_run_of_pytest_that_is_killed_is_no_verdict_whatever_it_had_reported(house: Gatehouse) -> None:
    base = house.repo.commit({"test_a.py": PASSES})
    head = house.repo.commit({"test_b.py": f"def test_b():\n    exec({EAT.format(mb=4 * MEMORY_MB)!r})\n"})
    result = house.gate([check(PYTEST)], head, base=base).results[0]
    assert (result.verdict, result.cases) == (Verdict.COULD_NOT_RUN, None)
    assert "for want of memory" in result.because


def test_a_test_whose_own_child_is_killed_fails_if_it_looks(house: Gatehouse) -> None:
    """The kernel kills the largest; a test that ends as it would have is not proven by it, nor disproven."""
    base = house.repo.commit({"test_a.py": PASSES, "eat.py": EAT.format(mb=4 * MEMORY_MB)})
    run = "import subprocess, sys\n\ndef test_b():\n    assert subprocess.run([sys.executable, 'eat.py']).returncode == 0\n"
    result = house.gate([check(PYTEST)], house.repo.commit({"test_b.py": run}), base=base).results[0]
    assert result.verdict is Verdict.FAILED
    assert "test_b" in result.because


def test_a_canary_that_is_killed_is_no_verdict(house: Gatehouse) -> None:
    # It eats only where a test was broken: the plain run passes.
    eats = f"import pathlib\nif '1 == 1' not in pathlib.Path('test_a.py').read_text():\n    exec({EAT.format(mb=4 * MEMORY_MB)!r})\n"
    head = house.repo.commit({"test_a.py": PASSES, "conftest.py": eats})
    result = house.gate([CanaryCheck(check(PYTEST, report=True))], head).results[0]
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "for want of memory" in result.because
