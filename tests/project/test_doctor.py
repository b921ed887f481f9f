"""What `podium doctor` says of the bounds that hold on this machine."""

from pathlib import Path
from typing import Any

import pytest

from podium.base import cgroups
from podium.base.cgroups import Cgroups, Controller
from podium.project.doctor import examine
from podium.project.views.finding import FindingView

Repo = Any
"""The `repo` fixture's helper."""

SOME = Controller(Path("/sys/fs/cgroup/x"), ("x.max",))


def finding(repo: Repo, subject: str) -> FindingView:
    return next(found for found in examine(repo.open()) if found.subject == subject)


def test_a_sandbox_says_that_system_calls_are_filtered(repo: Repo) -> None:
    assert "system calls are filtered" in finding(repo, "sandbox bubblewrap").because


@pytest.mark.parametrize(
    ("found", "state", "because"),
    [
        (Cgroups(SOME, SOME), "ok", "bound the processes and the memory"),
        (Cgroups(None, SOME), "warning", "bound the memory of each command's tree only"),
        (Cgroups(SOME, None), "warning", "no bound on the sum of memory"),
        (None, "warning", "no bound on the sum of processes and memory"),
    ],
)
def test_what_is_not_bounded_is_said_with_the_remedy(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, found: Cgroups | None, state: str, because: str
) -> None:
    monkeypatch.setattr(cgroups, "find", lambda: found)
    said = finding(repo, "control groups")
    assert said.state == state
    assert because in said.because
    assert bool(said.hint) == (state == "warning")
