"""The newcomer's ten minutes, exactly as the issue writes them."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from podium_process import Stage
from ready_podium import podium

Repo = Any
"""The `repo` fixture's helper."""

PODIUM_TOML = """\
# podium.toml
[[gate.check]]
name = "tests"
run = "pytest -q --junitxml={report}"
report = "junit"

[agents.sed]
command = ["sed", "-i", "s/a - b/a + b/", "calc.py"]
"""

SPEC = """\
# Addition that adds

### Requirement: Sum
The function SHALL return the sum.

#### Scenario: two and three
- **WHEN** add(2, 3) is called
- **THEN** it returns 5

## Tasks
- [ ] 1 Make add return the sum
  - kind: fix
  - paths: calc.py
  - agent: sed
  - accept: `python3 -c "import calc; print(calc.add(2, 3))"` → 5
"""


@pytest.fixture
def stage(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A small Python project; `podium`, `python3` and `pytest` are those that run this test."""
    programs = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{programs}:/usr/local/bin:/usr/bin:/bin")
    repo.commit(
        {
            "calc.py": "def add(a, b):\n    return a - b\n",
            "test_calc.py": "import calc\n\n\ndef test_adding_nothing():\n    assert calc.add(2, 0) == 2\n",
            "conftest.py": "",
            "pyproject.toml": '[project]\nname = "calc"\nversion = "1"\n[tool.pytest.ini_options]\npythonpath = ["."]\n',
        },
        "a small project",
    )
    return Stage(repo)


def shell(stage: Stage, line: str) -> str:
    """A line as the newcomer types it, standing in the repository."""
    program, *rest = shlex.split(line)
    if program == "podium":
        return said_of(line, podium(*rest, cwd=stage.repo.path))
    return said_of(line, from_nothing(stage, program, *rest))


def from_nothing(stage: Stage, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words, cwd=stage.repo.path, capture_output=True, text=True, timeout=120, check=False
    )


def said_of(line: str, done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 0, f"{line}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_init_proves_a_gate_that_can_be_committed_as_it_is(stage: Stage) -> None:
    """With the program that is installed, started as the person starts it."""
    said = said_of("podium init", from_nothing(stage, "podium", "init", "--yes"))
    assert "pytest" in (stage.repo.path / "podium.toml").read_text()
    assert "pass" in said
    shell(stage, "git add podium.toml")
    shell(stage, "git commit -qm podium")
    said_of("podium doctor", from_nothing(stage, "podium", "doctor"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "committed", [False, True], ids=["a spec that is not committed", "a spec in the repository"]
)
def test_ten_lines_of_spec_land_with_their_evidence(stage: Stage, committed: bool) -> None:
    shell(stage, "podium init --yes")
    stage.repo.write({"podium.toml": PODIUM_TOML, "spec.md": SPEC})
    shell(stage, "git add podium.toml spec.md" if committed else "git add podium.toml")
    shell(stage, "git commit -qm podium")

    said_of("podium run spec.md", from_nothing(stage, "podium", "run", "spec.md"))

    assert stage.repo.git("show", "main:calc.py") == "def add(a, b):\n    return a + b"
    assert (stage.repo.path / "calc.py").read_text() == "def add(a, b):\n    return a + b\n"
    assert (stage.repo.path / "spec.md").read_text() == SPEC.replace("- [ ] 1", "- [x] 1")
    assert stage.repo.git("status", "--porcelain") == ("" if committed else "?? spec.md")
    message = stage.repo.git("log", "-1", "--format=%B", "main")
    assert "Podium-Task: " in message
    assert "Podium-Change: " in message
    assert "Assisted-by: sed" in message
    assert stage.repo.git("log", "-1", "--format=%an <%ae>", "main") == "Ada Person <ada@example.org>"

    found = json.loads(shell(stage, "podium show 1 --json"))
    assert found["state"] == "landed"
    gates = [gate for change in found["changes"] for gate in change["gates"]]
    assert gates
    assert {gate["verdict"] for gate in gates} == {"passed"}

    said = shell(stage, "podium audit")
    assert "broken" not in said.replace("0 broken", "")
    assert shell(stage, "podium run spec.md")
    assert stage.repo.git("rev-list", "--count", "--first-parent", "main") == "4"
