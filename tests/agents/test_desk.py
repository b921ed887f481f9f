"""What a program that was started as an agent said: told, without what must not be kept, and never believed."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from podium.agents.base import Brief, Report
from podium.agents.registry import make
from podium.config.settings import AgentSettings
from podium.workspaces.mirror import sync
from podium.workspaces.sandboxes.registry import choose
from podium.workspaces.workspace import Workspace, prepare

Repo = Any
SECRET = 'p4ss"w\\rd-longer'


@pytest.fixture
def bench(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("MY_WORD", SECRET)
    repository = repo.open()
    made = prepare(
        repository, choose("none"), attempt="spec/1@1", base=repository.tip("main"), mirror=sync(repository, "main")
    )  # fmt: skip
    yield made
    made.remove()


def work(bench: Workspace, script: str) -> Report:
    agent = make(
        "sh", AgentSettings(command=("sh", "-c", script), env=("MY_WORD",)), read_script=lambda _path: None
    )
    brief = Brief("spec/1", "Do it.\n", bench.private / "brief.md", (), 1)
    return agent.work(bench, brief, should_stop=lambda: False)


def test_a_secret_that_it_prints_is_kept_nowhere(bench: Workspace) -> None:
    report = work(bench, 'printf "%s\\n" "the word is $MY_WORD."; printf %s "$MY_WORD" >&2')
    assert "the word is [secret]." in report.output
    assert SECRET not in report.output
    assert all(SECRET not in path.read_text() for path in bench.transcript.iterdir())


def test_why_it_is_blocked_is_told(bench: Workspace) -> None:
    reason = shlex.quote('{"reason": "no key\\nfor \\u001b[2Jit"}')
    report = work(bench, f'printf %s {reason} > "$PODIUM_ANSWER/blocked.json"')
    assert report.note == "it is blocked: no key for it"


@pytest.mark.parametrize(
    "making",
    ["ln -s /etc/passwd", "mkdir", "mkfifo", "echo '[1]' >", "echo '{\"reason\": 7}' >", "yes [ | head -c 200000 | tr -d '\\n' >"],
)  # fmt: skip
def test_what_is_no_reason_is_none(bench: Workspace, making: str) -> None:
    report = work(bench, f'{making} "$PODIUM_ANSWER/blocked.json"')
    assert (report.exit_code, report.note) == (0, "")


def test_a_program_that_failed_has_no_excuse(bench: Workspace) -> None:
    reason = shlex.quote('{"reason": "no key"}')
    assert work(bench, f'printf %s {reason} > "$PODIUM_ANSWER/blocked.json"; exit 3').note == ""
