"""The mirror: the target branch's history and nothing else."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from podium.model.ids import Sha
from podium.workspaces.mirror import sync

Repo = Any
"""The `repo` fixture's helper."""


def in_mirror(mirror: Path, *arguments: str) -> str:
    command = ["git", f"--git-dir={mirror}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def has(mirror: Path, name: str) -> bool:
    command = ["git", f"--git-dir={mirror}", "cat-file", "-e", name]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_it_holds_the_target_branch_with_its_history(repo: Repo) -> None:
    tip = repo.commit({"a": "1"})
    mirror = sync(repo.open(), "main")
    assert in_mirror(mirror, "log", "--format=%H", "HEAD") == repo.git("log", "--format=%H")
    assert in_mirror(mirror, "fsck", "--full", "--strict") == ""
    assert has(mirror, tip)


def test_it_holds_no_other_branch_no_tag_and_nothing_of_podiums(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "secret")
    secret = repo.commit({"secret": "1"})
    repo.git("tag", "-a", "-m", "secret", "v1")
    repo.git("checkout", "-q", "main")
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"],
        check=True,
        cwd=repo.path,
        input="held out",
        capture_output=True,
        text=True,
    )
    repo.git("update-ref", "refs/podium/held-out", blob.stdout.strip())
    mirror = sync(repo.open(), "main")
    assert in_mirror(mirror, "for-each-ref", "--format=%(refname)") == "refs/heads/target"
    assert not has(mirror, secret)
    assert not has(mirror, blob.stdout.strip())


def test_it_follows_the_branch_and_adds_only_what_is_new(repo: Repo) -> None:
    sync(repo.open(), "main")
    tip = repo.commit({"b": "2"})
    mirror = sync(repo.open(), "main")
    assert in_mirror(mirror, "rev-parse", "HEAD") == tip
    assert len(list(mirror.glob("objects/pack/*.pack"))) == 2


def test_it_follows_a_branch_that_was_rewound_even_when_the_old_commits_are_gone(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    lost = repo.commit({"c": "3"})
    sync(repo.open(), "main")
    repo.git("reset", "-q", "--hard", first)
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    tip = repo.commit({"d": "4"})
    mirror = sync(repo.open(), "main")
    assert in_mirror(mirror, "rev-parse", "HEAD") == tip
    assert has(mirror, lost), "a workspace may still stand on it"


def test_it_follows_a_change_of_the_target_branch(repo: Repo) -> None:
    sync(repo.open(), "main")
    repo.git("checkout", "-q", "-b", "next/main")
    tip = repo.commit({"e": "5"})
    mirror = sync(repo.open(), "next/main")
    assert in_mirror(mirror, "for-each-ref", "--format=%(objectname)") == tip


def test_asking_again_changes_nothing(repo: Repo) -> None:
    mirror = sync(repo.open(), "main")
    before = {path: path.stat().st_mtime_ns for path in mirror.rglob("*")}
    assert sync(repo.open(), "main") == mirror
    assert {path: path.stat().st_mtime_ns for path in mirror.rglob("*")} == before


def test_what_a_killed_process_left_behind_does_not_stop_it(repo: Repo) -> None:
    state = repo.open().state
    (state / "mirror.git.draft" / "objects").mkdir(parents=True)
    assert in_mirror(sync(repo.open(), "main"), "rev-parse", "HEAD") == repo.git("rev-parse", "HEAD")
    (state / "mirror.git/refs/heads/target").unlink()
    tip = repo.commit({"f": "6"})
    assert in_mirror(sync(repo.open(), "main"), "rev-parse", "HEAD") == tip


SYNC = """
import sys
from pathlib import Path
from podium.git.repository import open_repository
from podium.workspaces.mirror import sync
for _ in range(10):
    sync(open_repository(Path(sys.argv[1])), "main")
"""


def test_several_processes_may_ask_at_once(repo: Repo) -> None:
    asking = [subprocess.Popen([sys.executable, "-c", SYNC, str(repo.path)]) for _ in range(3)]
    tip: Sha = Sha("")
    for number in range(5):
        tip = repo.commit({"g": str(number)})
    assert [process.wait() for process in asking] == [0, 0, 0]
    mirror = sync(repo.open(), "main")
    assert in_mirror(mirror, "rev-parse", "HEAD") == tip
    assert in_mirror(mirror, "fsck", "--full") == ""


@pytest.mark.parametrize("delay_ms", [0, 20, 60, 150])
def test_a_kill_at_any_moment_is_healed_by_the_next(repo: Repo, delay_ms: int) -> None:
    for number in range(30):
        (repo.path / f"file{number}").write_bytes(bytes(range(256)) * 200)
    tip = repo.commit({"h": "8"})
    process = subprocess.Popen([sys.executable, "-c", SYNC, str(repo.path)])
    try:
        process.wait(timeout=0.15 + delay_ms / 1000)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    mirror = sync(repo.open(), "main")
    assert in_mirror(mirror, "rev-parse", "HEAD") == tip
    assert in_mirror(mirror, "fsck", "--full") == ""
