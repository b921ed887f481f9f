"""An agent drafts the tasks of a spec; the spec changes only when a person accepts them."""

import io
import json
import os
import pty
import select
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout

import pytest

from conftest import Repo
from podium.base.errors import UsageError
from podium.cli.application import run
from podium.project import drafting
from podium.project.drafting import Draft
from podium.project.project import Project

SPEC = """# Sums that add up

Because they do not.

### Requirement: Sum
The function SHALL return the sum.

#### Scenario: two and three
- **WHEN** add(2, 3) is called
- **THEN** it returns 5
"""
GOOD = "- [ ] 1 Make add return the Sum\n  - kind: fix\n  - paths: calc.py\n  - accept: `true`\n"
SLOPPY = "- [ ] 1 Make add return the Sum\n  - kind: fix\n"
CONFIG = f"""
[sandbox]
kind = "SANDBOX"

[[gate.check]]
name = "tests"
run = "true"

[agents.good]
command = ["sh", "-c", 'printf %s "$0" > "$PODIUM_ANSWER/tasks.md"', {json.dumps(GOOD)}]

[agents.nosy]
command = ["sh", "-c", 'touch intruder && exit 7; printf %s "$0" > "$PODIUM_ANSWER/tasks.md"', {json.dumps(GOOD)}]

[agents.learner]
command = [
    "sh", "-c", 'if grep -q "has no acceptance" "$PODIUM_BRIEF"; then t="$0"; else t="$1"; fi; printf %s "$t" > "$PODIUM_ANSWER/tasks.md"',
    {json.dumps(GOOD)}, {json.dumps(SLOPPY)},
]

[agents.stubborn]
command = ["sh", "-c", 'printf %s "$0" > "$PODIUM_ANSWER/tasks.md"', {json.dumps(SLOPPY)}]

[agents.wrong]
command = ["sh", "-c", 'printf %s "$0" > "$PODIUM_ANSWER/tasks.md"', "- [ ] 1 Sum\\n  - knd: fix\\n"]

[agents.silent]
command = ["true"]
"""


@pytest.fixture
def project(repo: Repo) -> Repo:
    return begin(repo, "none")


def begin(repo: Repo, sandbox: str) -> Repo:
    repo.commit(
        {"podium.toml": CONFIG.replace("SANDBOX", sandbox), "calc.py": "def add(a, b):\n    return a - b\n"}
    )
    repo.write({"spec.md": SPEC})
    return repo


def plan(repo: Repo, *words: str) -> tuple[int, str, str]:
    """What `podium plan spec.md` gives where nobody can be asked: its exit code, its output, its errors."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(["plan", str(repo.path / "spec.md"), "--repo", str(repo.path), *words])
    return code, out.getvalue(), err.getvalue()


def drafted(repo: Repo, agent: str) -> tuple[Project, Draft, list[str]]:
    project, told = Project.open(repo.path), list[str]()
    return project, project.draft(repo.path / "spec.md", agent=agent, progress=told.append), told


def test_where_nobody_can_be_asked_the_draft_is_printed_and_nothing_changes(project: Repo) -> None:
    code, out, err = plan(project, "--agent", "good")
    assert code == 3
    assert out == f"{SPEC}\n## Tasks\n{GOOD}"
    assert "spec.md was left as it is" in err
    assert (project.path / "spec.md").read_text() == SPEC


def test_an_accepted_draft_is_written_and_can_be_run(project: Repo) -> None:
    code, out, err = plan(project, "--agent", "good", "--yes")
    assert (code, out) == (0, "")
    assert "wrote 1 task into" in err
    assert (project.path / "spec.md").read_text() == f"{SPEC}\n## Tasks\n{GOOD}"
    assert plan(project)[0] == 0


def test_an_agent_is_told_the_faults_of_its_draft_and_asked_again(project: Repo) -> None:
    _, draft, told = drafted(project, "learner")
    assert len(told) == 2
    assert draft.section == GOOD
    assert draft.plan.faults == ()
    assert draft.asked.transcript.exists()


def test_after_two_more_tries_the_draft_is_shown_with_its_doubts(project: Repo) -> None:
    project_, draft, told = drafted(project, "stubborn")
    assert len(told) == 3
    assert draft.plan.usable
    assert "has no acceptance" in draft.plan.faults[0].message
    mended = drafting.edited(project_.site, draft, GOOD)
    assert mended.plan.faults == ()
    drafting.accept(mended)
    assert (project.path / "spec.md").read_text().endswith(GOOD)


def test_a_draft_with_errors_is_not_accepted_but_handed_out(project: Repo) -> None:
    code, out, err = plan(project, "--agent", "wrong", "--yes")
    assert code == 2
    assert "knd: fix" in out
    assert 'unknown key "knd"' in err
    assert (project.path / "spec.md").read_text() == SPEC


def test_an_agent_that_leaves_nothing_is_said_to(project: Repo) -> None:
    code, out, err = plan(project, "--agent", "silent")
    assert (code, out) == (1, "")
    assert "silent left no draft" in err
    assert "what it said and did is in" in err


def test_a_draft_goes_into_a_file_of_its_own(project: Repo) -> None:
    out = project.path / "drafted.md"
    code, printed, _ = plan(project, "--agent", "good", "--out", str(out))
    assert (code, printed) == (3, "")
    assert out.read_text() == f"{SPEC}\n## Tasks\n{GOOD}"
    assert (project.path / "spec.md").read_text() == SPEC


def test_a_spec_that_was_changed_meanwhile_is_left_alone(project: Repo) -> None:
    _, draft, _ = drafted(project, "good")
    project.write({"spec.md": SPEC + "\nMore.\n"})
    with pytest.raises(UsageError, match="was changed since it was read"):
        drafting.accept(draft)
    assert (project.path / "spec.md").read_text() == SPEC + "\nMore.\n"


def test_a_draft_as_json_says_what_it_is_and_that_it_is_not_accepted(project: Repo) -> None:
    code, out, _ = plan(project, "--agent", "good", "--json")
    shape = json.loads(out)
    assert code == 3
    assert (shape["agent"], shape["accepted"], shape["tokens"]) == ("good", False, None)
    assert shape["text"].endswith(GOOD)
    assert shape["plan"]["tasks"][0]["title"] == "Make add return the Sum"


@pytest.mark.parametrize(
    ("spec", "words", "said"),
    [
        ("# Nothing\n", ("--agent", "good"), "asks for nothing"),
        ("\udcff", ("--agent", "good"), "is not UTF-8"),
        (SPEC, ("--agent", "nobody"), "nobody"),
        (SPEC, ("--yes",), "--yes and --out are about a draft"),
    ],
)
def test_what_cannot_be_drafted_is_refused_before_an_agent_is_asked(
    project: Repo, spec: str, words: tuple[str, ...], said: str
) -> None:
    (project.path / "spec.md").write_bytes(spec.encode("utf-8", "surrogateescape"))
    code, out, err = plan(project, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "is asked" not in err


def test_in_the_sandbox_an_agent_can_write_its_draft_and_nothing_else(repo: Repo) -> None:
    code, _, err = plan(begin(repo, "bubblewrap"), "--agent", "nosy", "--yes")
    assert code == 0, err


@pytest.mark.parametrize(("keys", "code", "written"), [(b"y\n", 0, True), (b"\n", 3, False)])
def test_on_a_terminal_the_person_is_asked(project: Repo, keys: bytes, code: int, *, written: bool) -> None:
    ended, screen = at_terminal(project, keys)
    assert ended == code, screen
    assert "+- [ ] 1 Make add return the Sum" in screen
    assert "step 1" in screen
    assert ((project.path / "spec.md").read_text() != SPEC) is written


def test_on_a_terminal_the_draft_can_be_edited_first(project: Repo) -> None:
    editor = project.path.parent / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/Make add/Let add/" "$1"\n')
    editor.chmod(0o755)
    ended, screen = at_terminal(project, b"e\ny\n", editor=str(editor))
    assert ended == 0, screen
    assert "- [ ] 1 Let add return the Sum\n" in (project.path / "spec.md").read_text()


def at_terminal(repo: Repo, keys: bytes, *, editor: str = "false") -> tuple[int, str]:
    """`podium plan spec.md --agent good` on a terminal, with these keys pressed; its exit code, and all it showed."""
    ours, theirs = pty.openpty()
    argv = [sys.executable, "-m", "podium", "plan", "spec.md", "--agent", "good"]
    environment = {**os.environ, "EDITOR": editor, "VISUAL": editor, "TERM": "xterm"}
    with subprocess.Popen(
        argv, cwd=repo.path, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        os.write(ours, keys)
        screen = _everything(ours, until=time.monotonic() + 60)
        code = process.wait(10)
    os.close(ours)
    return code, screen


def _everything(terminal: int, *, until: float) -> str:
    found = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0.0, until - time.monotonic()))
        assert ready, found.decode(errors="replace")
        try:
            data = os.read(terminal, 65536)
        except OSError:
            return found.decode(errors="replace")
        if not data:
            return found.decode(errors="replace")
        found += data
