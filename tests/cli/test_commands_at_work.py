"""The commands on a real repository, with real agents, gate, queue and processes."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from terminal import Ran, begin, podium, process

from conftest import Repo

CONFIG = """
[[gate.check]]
name = "tests"
run = "sh check.sh"

[agents.sed]
command = ["sed", "-i", "s/a - b/a + b/", "calc.py"]

[agents.sleeper]
command = ["sh", "-c", "sleep 300"]

[agents.writer]
command = ["sh", "-c", "echo 'x = 1' > new.py"]

[policy]
review = "risky"
threshold = {threshold}
"""
SPEC = """# Addition \x1b[31mthat adds

### Requirement: Sum
The function SHALL return the sum.

#### Scenario: two and three
- **WHEN** add(2, 3) is called
- **THEN** it returns 5

## Tasks
- [ ] 1 Make add \x1b]0;owned\x07return the sum
  - kind: fix
  - paths: calc.py
  - agent: {agent}
  - accept: `grep -c "a + b" calc.py` → 1
"""


@pytest.fixture
def project(repo: Repo) -> Repo:
    return _project(repo, threshold=90)


@pytest.fixture
def strict(repo: Repo) -> Repo:
    """A project where a person is asked about everything."""
    return _project(repo, threshold=0)


def test_a_spec_lands_and_every_listing_tells_of_it(project: Repo) -> None:
    ran = process("run", "spec.md", cwd=project.path)
    assert ran.code == 0, ran
    assert "landed as" in ran.out
    assert "1 landed in" in ran.out
    assert not set(ran.out + ran.err) & set("\x1b\x07"), "plain lines, whatever the titles hold"
    assert "a + b" in (project.path / "calc.py").read_text()
    at = ("--repo", str(project.path))
    assert json.loads(podium("status", "--json", *at).out)["landed"] == 1
    detail = json.loads(podium("show", "1", "--json", "--events", *at).out)
    assert (detail["state"], len(detail["attempts"]), detail["changes"][0]["gates"][0]["verdict"]) == (
        "landed",
        1,
        "passed",
    )
    assert detail["events"][-1]["kind"] == "landed"
    assert "+    return a + b" in podium("show", "1", "--diff", *at).out
    assert {found["state"] for found in json.loads(podium("audit", "--json", *at).out)} == {"ok"}
    assert json.loads(podium("report", "--json", *at).out)["landed"] == 1
    assert json.loads(podium("queue", "--json", *at).out)["items"] == []
    assert json.loads(podium("review", "--json", *at).out) == []
    assert json.loads(podium("log", "1", "--json", *at).out)[0]["kind"] == "task.defined"
    for listing in ("status", "audit", "report", "queue", "review", "log"):
        assert podium(listing, *at).code == 0


def test_what_waits_for_a_person_ends_the_run_and_goes_on_after_the_answer(strict: Repo) -> None:
    ran = process("run", "spec.md", cwd=strict.path)
    assert ran.code == 3, ran
    assert "podium review approve spec/1" in ran.out
    at = ("--repo", str(strict.path))
    assert podium("status", *at).code == 3
    listed = podium("review", "--json", *at)
    assert (listed.code, json.loads(listed.out)[0]["change"]) == (3, "spec/1@1")
    refused = podium("review", "return", "1", *at)
    assert (refused.code, "needs a reason" in refused.err) == (2, True)
    assert podium("review", "-i", *at).code == 2
    assert podium("review", "approve", "1", *at).out.startswith("approved: spec/1@1")
    shown = _on_a_terminal("run", cwd=strict.path)
    assert shown.code == 0, shown
    assert "Ctrl-C stops; run again to continue" in shown.out, "the live picture"
    assert "1 landed in" in shown.out
    assert "\x1b]0;owned" not in shown.out


def test_ctrl_c_leaves_nothing_behind_and_running_again_continues(project: Repo) -> None:
    project.write({"spec.md": SPEC.format(agent="sleeper")})
    started = begin("run", "spec.md", cwd=project.path)
    _until(project, "running")
    started.send_signal(signal.SIGINT)
    _out, err = started.communicate(timeout=30)
    assert started.returncode == 130
    assert "stopping …: run again to continue" in err
    assert not _processes("sleep 300")
    assert podium("cancel", "1", "--reason", "it sleeps", "--repo", str(project.path)).code == 0
    again = process("run", cwd=project.path)
    assert again.code == 0, again
    assert podium("retry", "1", "--repo", str(project.path)).code == 0


def test_a_broken_spec_starts_nothing_and_names_the_place(project: Repo) -> None:
    project.write(
        {"broken.md": SPEC.format(agent="nobody").replace("- [ ] 1", "- [ ] 1 One\n  - after: 9\n- [ ] 1")}
    )
    planned = podium("plan", str(project.path / "broken.md"), "--repo", str(project.path))
    assert planned.code == 2
    ran = podium("run", str(project.path / "broken.md"), "--repo", str(project.path))
    assert (ran.code, ran.out) == (2, "")
    assert f"{project.path / 'broken.md'}:" in ran.err.splitlines()[0]
    assert "nothing was started" in ran.err
    assert json.loads(podium("status", "--json", "--repo", str(project.path)).out)["tasks"] == []


def test_a_submitted_branch_lands_while_its_maker_waits(project: Repo) -> None:
    project.git("switch", "-q", "-c", "by-hand")
    project.commit({"hand.py": "y = 2\n"}, "Made by hand")
    project.git("switch", "-q", "main")
    ran = process("submit", "by-hand", "--wait", cwd=project.path)
    assert ran.code == 0, ran
    assert "landed as" in ran.out
    assert (project.path / "hand.py").exists()
    twice = podium("submit", "nowhere", "--repo", str(project.path))
    assert (twice.code, "there is no branch nowhere" in twice.err) == (2, True)


def test_a_submitted_branch_that_fails_the_gate_goes_back_and_says_so(project: Repo) -> None:
    project.git("switch", "-q", "-c", "bad")
    project.commit({"broken": "yes\n"}, "Break it")
    project.git("switch", "-q", "main")
    ran = process("submit", "bad", "--wait", cwd=project.path)
    assert ran.code == 1, ran
    assert "sent back: the gate failed" in ran.out
    assert "  submit:bad:1  sent-back  Break it" in podium("status", "--repo", str(project.path)).out
    worked = process("worker", "--until-idle", cwd=project.path)
    assert (worked.code, worked.out) == (1, ""), "nothing was left to do, and something was sent back"


def test_the_gate_stands_alone_and_says_what_it_found(project: Repo) -> None:
    at = ("--repo", str(project.path))
    passed = podium("gate", "main", "--json", *at)
    assert (passed.code, json.loads(passed.out)["verdict"]) == (0, "passed")
    project.commit({"broken": "yes\n"}, "Break it")
    failed = podium("gate", "HEAD", *at)
    assert failed.code == 1
    assert failed.out.splitlines()[-1].startswith("failed")
    assert "it is broken" in failed.out


def test_init_writes_the_configuration_and_says_whether_the_gate_is_green(repo: Repo) -> None:
    repo.commit({"Makefile": "test:\n\ttrue\n"})
    made = podium("init", "--yes", "--repo", str(repo.path))
    assert (repo.path / "podium.toml").is_file()
    assert made.code == 0, made
    assert "git add podium.toml" in made.out
    again = podium("init", "--yes", "--repo", str(repo.path))
    assert (again.code, "is there already" in again.err) == (2, True)


def test_doctor_names_what_is_missing_and_the_remedy(repo: Repo) -> None:
    found = podium("doctor", "--repo", str(repo.path))
    assert found.code == 1
    assert "→ podium init" in found.out
    assert {"subject", "state", "because", "hint"} == set(
        json.loads(podium("doctor", "--json", "--repo", str(repo.path)).out)[0]
    )


def test_a_repository_that_was_never_used_has_an_empty_log(repo: Repo) -> None:
    assert podium("log", "--repo", str(repo.path)).out == "nothing has happened yet\n"


def _project(repo: Repo, *, threshold: int) -> Repo:
    repo.commit({
        "podium.toml": CONFIG.format(threshold=threshold),
        "check.sh": "if [ -e broken ]; then echo it is broken; exit 1; fi\n",
        "calc.py": "def add(a, b):\n    return a - b\n",
        "spec.md": SPEC.format(agent="sed"),
    })  # fmt: skip
    return repo


def _until(project: Repo, state: str) -> None:
    """Wait until something is in that state; half a minute at most."""
    for _ in range(300):
        if json.loads(podium("status", "--json", "--repo", str(project.path)).out)["counts"].get(state):
            return
        time.sleep(0.1)
    raise AssertionError(state)


def _processes(command: str) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout
    return [line for line in listed.splitlines() if line == command]


def _on_a_terminal(*arguments: str, cwd: Path) -> Ran:
    """Run a command on a pseudo-terminal; what it drew is in `out`."""
    ours, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
    started = subprocess.Popen(
        [sys.executable, "-m", "podium", *arguments],
        cwd=cwd,
        env=environment,
        stdout=its,
        stderr=its,
        stdin=its,
    )
    os.close(its)
    drawn = b""
    while chunk := _read(ours):
        drawn += chunk
    os.close(ours)
    return Ran(started.wait(timeout=30), drawn.decode(errors="replace"), "")


def _read(descriptor: int) -> bytes:
    """The next bytes; none once the other side is closed, which Linux calls an error."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""
