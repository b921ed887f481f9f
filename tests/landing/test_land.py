"""Landing on real repositories: compare-and-swap, checkouts that follow, and what a crash leaves half done."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from podium.base.errors import PodiumError
from podium.git import checkout as checkout_module
from podium.git.checkout import locked_index
from podium.git.objects import Signature
from podium.git.repository import Repository, open_repository
from podium.landing.land import Outcome, checkout_holds, has_landed, land
from podium.model.ids import CandidateId, ChangeId, Sha, Tree
from podium.model.queue import Candidate

Repo = Any
"""The `repo` fixture's helper."""

_BY = Signature("Ada <ada@example.org>", 1_700_000_000)


@dataclass(frozen=True)
class Ground:
    """A repository with a candidate that changes, adds and deletes files."""

    repo: Any
    repository: Repository
    candidate: Candidate

    @property
    def old(self) -> Sha:
        return self.candidate.onto

    @property
    def new(self) -> Sha:
        assert self.candidate.commit
        return self.candidate.commit

    def land(self) -> Outcome:
        return land(self.repository, "main", self.candidate).outcome

    def status(self) -> str:
        return str(self.repo.git("status", "--porcelain"))

    def read(self, name: str) -> str:
        return str((self.repo.path / name).read_text())


def candidate_of(repository: Repository, onto: Sha, tree: Tree) -> Candidate:
    commit = repository.objects.commit(tree, [onto], "candidate\n", author=_BY, committer=_BY)
    return Candidate(CandidateId("candidate-1"), onto, (ChangeId("spec/1@1"),), commit, tree, (), 0.0)


def tree_with(repo: Any, files: Mapping[str, str | None]) -> Tree:
    """The tree of HEAD with these files changed; made beside the checkout, which stays as it is."""
    index = {"GIT_INDEX_FILE": str(repo.path.parent / "other-index")}

    def git(*words: str, text: str = "") -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=repo.path,
            env={**os.environ, **index},
            input=text,
            text=True,
            check=True,
            capture_output=True,
        )
        return done.stdout.strip()

    git("read-tree", "HEAD")
    for name, text in files.items():
        if text is None:
            git("update-index", "--force-remove", name)
        else:
            git(
                "update-index",
                "--add",
                "--cacheinfo",
                f"100644,{git('hash-object', '-w', '--stdin', text=text)},{name}",
            )
    return Tree(git("write-tree"))


@pytest.fixture
def ground(repo: Repo) -> Ground:
    onto = repo.commit({"same": "same\n", "changed": "old\n", "gone/deep/file": "bye\n", "a file": "x\n"})
    tree = tree_with(
        repo,
        {
            "changed": "new and longer\n",
            "gone/deep/file": None,
            "added/one": "hello\n",
            "with\nnewline": "odd\n",
        },
    )
    repository = repo.open()
    return Ground(repo, repository, candidate_of(repository, onto, tree))


def assert_landed_and_followed(ground: Ground) -> None:
    assert ground.repo.git("rev-parse", "main") == ground.new
    assert ground.status() == ""
    assert ground.read("changed") == "new and longer\n"
    assert ground.read("added/one") == "hello\n"
    assert not (ground.repo.path / "gone/deep/file").exists()
    git_dir = ground.repo.path / ".git"
    assert not [name for name in ("index.lock", "podium.lock", "podium.index") if (git_dir / name).exists()]


def test_the_candidate_becomes_the_tip_and_a_clean_checkout_follows(ground: Ground) -> None:
    assert ground.land() is Outcome.LANDED
    assert_landed_and_followed(ground)


def test_landing_again_changes_nothing(ground: Ground) -> None:
    ground.land()
    assert ground.land() is Outcome.LANDED
    assert_landed_and_followed(ground)


def test_a_candidate_that_landed_stays_landed_when_the_branch_went_on(ground: Ground) -> None:
    ground.land()
    ground.repo.commit({"later": "1\n"})
    assert ground.land() is Outcome.LANDED
    assert has_landed(ground.repository, "main", ground.candidate)
    assert ground.read("later") == "1\n"


def test_a_branch_that_moved_is_not_moved_back(ground: Ground) -> None:
    moved = ground.repo.commit({"other": "1\n"})
    assert ground.land() is Outcome.MOVED
    assert ground.repo.git("rev-parse", "main") == moved
    assert not has_landed(ground.repository, "main", ground.candidate)


def test_a_commit_that_is_not_the_gated_tree_never_lands(ground: Ground) -> None:
    other = replace(ground.candidate, tree=ground.repository.objects.tree_of(ground.old))
    with pytest.raises(PodiumError, match="not the commit that was gated"):
        land(ground.repository, "main", other)
    assert ground.repo.git("rev-parse", "main") == ground.old


@pytest.mark.parametrize("staged", [False, True], ids=["edited", "staged"])
def test_a_dirty_checkout_holds_the_landing_and_is_left_alone(ground: Ground, staged: bool) -> None:
    ground.repo.write({"same": "mine\n"})
    if staged:
        ground.repo.git("add", "same")
    assert "uncommitted changes (same)" in checkout_holds(ground.repository, "main")
    assert ground.land() is Outcome.HELD
    assert ground.repo.git("rev-parse", "main") == ground.old
    assert ground.read("same") == "mine\n"
    ground.repo.git("stash")
    assert ground.land() is Outcome.LANDED
    ground.repo.git("stash", "pop")
    assert ground.read("same") == "mine\n"


def test_an_untracked_file_in_the_way_is_named_and_never_overwritten(ground: Ground) -> None:
    ground.repo.write({"added/one": "mine\n"})
    held = land(ground.repository, "main", ground.candidate)
    assert held.outcome is Outcome.HELD
    assert "added/one" in held.because
    assert ground.read("added/one") == "mine\n"
    assert ground.repo.git("rev-parse", "main") == ground.old


def test_untracked_files_elsewhere_hold_nothing(ground: Ground) -> None:
    ground.repo.write({"notes.txt": "mine\n"})
    assert ground.land() is Outcome.LANDED
    assert ground.status() == "?? notes.txt"


def test_a_git_of_the_person_that_holds_the_index_holds_the_landing(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout_module, "_PATIENCE_S", 0.1)
    lock = ground.repo.path / ".git" / "index.lock"
    lock.write_text("")
    assert ground.land() is Outcome.HELD
    assert lock.exists()
    lock.unlink()
    assert ground.land() is Outcome.LANDED


def test_nobody_can_commit_while_the_checkout_follows(ground: Ground) -> None:
    with locked_index(ground.repo.path) as index:
        assert index is not None
        with pytest.raises(subprocess.CalledProcessError):
            ground.repo.git("commit", "--allow-empty", "-a", "-m", "in between")
    ground.repo.git("commit", "-q", "--allow-empty", "-a", "-m", "after")


def crash_in_the_middle(ground: Ground, *done: str) -> None:
    """What a Podium leaves that was killed after it moved the branch: the index locked, some files written."""
    git_dir = ground.repo.path / ".git"
    (git_dir / "podium.lock").write_text("token")
    os.link(git_dir / "podium.lock", git_dir / "index.lock")
    (git_dir / "podium.index").write_text("half an index")
    ground.repo.git("update-ref", "refs/heads/main", ground.new)
    for name in done:
        path = ground.repo.path / name
        data = subprocess.run(
            ["git", "show", f"{ground.new}:{name}"], cwd=ground.repo.path, capture_output=True, check=False
        )
        path.unlink(missing_ok=True)
        if data.returncode == 0:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data.stdout)


@pytest.mark.parametrize(
    "done", [(), ("changed",), ("changed", "gone/deep/file", "added/one"), ("with\nnewline",)]
)
def test_a_crash_while_the_checkout_follows_is_healed(ground: Ground, done: tuple[str, ...]) -> None:
    crash_in_the_middle(ground, *done)
    assert ground.land() is Outcome.LANDED
    assert_landed_and_followed(ground)


def test_a_file_that_was_half_written_at_the_crash_is_written_whole(ground: Ground) -> None:
    crash_in_the_middle(ground, "added/one")
    ground.repo.write({"changed": "new an"})
    assert ground.land() is Outcome.LANDED
    assert_landed_and_followed(ground)


def test_what_a_person_wrote_after_a_crash_is_never_overwritten(ground: Ground) -> None:
    crash_in_the_middle(ground)
    ground.repo.write({"changed": "mine\n", "added/one": "mine too\n"})
    assert ground.land() is Outcome.LANDED
    assert ground.read("changed") == "mine\n"
    assert ground.read("added/one") == "mine too\n"
    assert ground.status().split("\n") == ["M added/one", " M changed"]


def test_a_crash_before_the_branch_moved_leaves_the_next_try_free(ground: Ground) -> None:
    git_dir = ground.repo.path / ".git"
    (git_dir / "podium.lock").write_text("token")
    os.link(git_dir / "podium.lock", git_dir / "index.lock")
    assert ground.land() is Outcome.LANDED
    assert_landed_and_followed(ground)


def test_what_a_person_staged_after_a_landing_is_not_undone_by_its_repetition(ground: Ground) -> None:
    ground.land()
    ground.repo.write({"same": "staged\n"})
    ground.repo.git("add", "same")
    assert ground.land() is Outcome.LANDED
    assert ground.status() == "M  same"


@pytest.mark.parametrize("lock", ["refs/heads/main.lock", "HEAD.lock", "packed-refs.lock"])
def test_a_lock_that_a_killed_git_left_is_healed(ground: Ground, lock: str) -> None:
    path = ground.repo.path / ".git" / lock
    path.write_text("")
    os.utime(path, (0, 0))
    assert ground.land() is Outcome.LANDED
    assert ground.repo.git("rev-parse", "main") == ground.new


def test_a_linked_worktree_follows_and_the_main_one_is_left_alone(ground: Ground, tmp_path: Path) -> None:
    ground.repo.git("switch", "-q", "-c", "elsewhere")
    linked = tmp_path / "linked"
    ground.repo.git("worktree", "add", "-q", str(linked), "main")
    assert ground.land() is Outcome.LANDED
    assert (linked / "changed").read_text() == "new and longer\n"
    assert (
        subprocess.run(["git", "status", "--porcelain"], cwd=linked, capture_output=True, check=True).stdout
        == b""
    )
    assert ground.read("changed") == "old\n"
    assert ground.status() == ""


def test_a_branch_nobody_has_checked_out_just_moves(ground: Ground) -> None:
    ground.repo.git("switch", "-q", "--detach")
    ground.repo.write({"same": "dirty, elsewhere\n"})
    assert ground.land() is Outcome.LANDED
    assert ground.read("changed") == "old\n"


def test_landing_works_in_a_bare_repository(ground: Ground, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(ground.repo.path), str(bare)], check=True)
    repository = open_repository(bare)
    candidate = candidate_of(repository, ground.old, repository.objects.tree_of(repository.tip("main")))
    assert land(repository, "main", candidate).outcome is Outcome.LANDED
    assert repository.tip("main") == candidate.commit


def test_landing_works_with_sha256(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(tmp_path / "repo")], check=True)
    repository_path = tmp_path / "repo"
    (repository_path / "file").write_text("old\n")
    for words in (["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=repository_path, check=True)
    repository = open_repository(repository_path)
    tip = repository.tip("main")
    candidate = candidate_of(
        repository, tip, repository.objects.replace_file(repository.objects.tree_of(tip), "file", b"new\n")
    )
    assert len(tip) == 64
    assert land(repository, "main", candidate).outcome is Outcome.LANDED
    assert (repository_path / "file").read_text() == "new\n"


def test_hooks_of_the_repository_are_not_run_by_a_landing(ground: Ground, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    for name in ("post-checkout", "reference-transaction", "post-index-change", "post-merge", "post-commit"):
        hook = ground.repo.path / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {witness}\n")
        hook.chmod(0o755)
    assert ground.land() is Outcome.LANDED
    assert not witness.exists()
