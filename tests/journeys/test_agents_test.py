"""Commands that ask an agent while a person waits: whatever interrupts them, no agent works on and nothing stays behind."""

import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from podium_process import Podium, Stage, await_until, processes_below

Repo = Any
"""The `repo` fixture's helper."""

pytestmark = pytest.mark.slow

ROGUE = Path(__file__).parent.parent / "agents" / "rogue.py"
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
AGENTS = f"""
[agents.command]
command = ["sh", "-c", "sleep 271"]

[agents.acp]
acp = ["{PYTHON}", "{ROGUE}", "ignores-cancel"]
read = ["{ROGUE.parent}"]
"""
SPEC = """# Sums

### Requirement: Sum
The function SHALL return the sum.
"""


@pytest.fixture
def stage(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    return Stage(repo)


def set_up(stage: Stage, *, sandbox: str) -> None:
    gate = '[[gate.check]]\nname = "green"\nrun = "true"\n'
    stage.repo.commit({"podium.toml": f'{gate}[sandbox]\nkind = "{sandbox}"\n{AGENTS}'}, "set up")


def agents_at_work(place: Path) -> list[str]:
    words = {"sleep 271", "ignores-cancel"}
    return [line for line in processes_below(place).values() if any(word in line for word in words)]


def interrupt(podium: Podium, place: Path, number: signal.Signals) -> None:
    """Interrupt it while its agent is at work, and once more while it cleans up."""
    await_until(lambda: bool(agents_at_work(place)), f"an agent at work; {podium.said}")
    for _ in range(2):
        podium.process.send_signal(number)
        await_until(lambda: "stopping" in podium.said, "a word about it")
    assert podium.wait(seconds=40) == 130, podium.said
    assert "Traceback" not in podium.said


@pytest.mark.parametrize(
    ("agent", "sandbox", "number"),
    [
        ("command", "none", signal.SIGINT), ("command", "none", signal.SIGTERM), ("command", "none", signal.SIGHUP),
        ("acp", "bubblewrap", signal.SIGTERM),
    ],
)  # fmt: skip
def test_an_interrupted_trial_leaves_nothing(
    stage: Stage, tmp_path: Path, agent: str, sandbox: str, number: signal.Signals
) -> None:
    set_up(stage, sandbox=sandbox)
    scratch = tmp_path / "scratch"
    interrupt(stage.start("agents", "test", agent), scratch, number)
    await_until(lambda: not processes_below(scratch), f"an end of {processes_below(scratch)}")
    assert not list(scratch.glob("podium-trial-*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_planner_stops(stage: Stage, number: signal.Signals) -> None:
    set_up(stage, sandbox="none")
    state = Path(stage.repo.path) / ".git/podium"
    spec = stage.repo.path.parent / "spec.md"
    spec.write_text(SPEC)
    interrupt(stage.start("plan", spec, "--agent", "command"), state, number)
    await_until(lambda: not processes_below(state), f"an end of {processes_below(state)}")
    assert not [*state.glob("workspaces/*"), *state.glob("asking/*")]
    assert spec.read_text() == SPEC
