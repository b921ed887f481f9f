"""One person's repository: found from anywhere in it, its references moved with care, its configuration never obeyed."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from podium.base.errors import GitError, UsageError
from podium.git import repository as repository_module
from podium.git.merge import merge
from podium.git.repository import open_repository
from podium.model.ids import Sha

Repo = Any
"""The `repo` fixture's helper."""


def test_a_repository_is_found_from_below(repo: Repo) -> None:
    (repo.path / "deep" / "down").mkdir(parents=True)
    assert open_repository(repo.path / "deep" / "down") == open_repository(repo.path)


def test_a_linked_worktree_shares_the_state_of_its_repository(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    linked = open_repository(tmp_path / "linked")
    assert linked.state == repo.open().state
    assert linked.root == tmp_path / "linked"


def test_no_repository_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a git repository"):
        open_repository(tmp_path)
    with pytest.raises(UsageError, match="no such directory"):
        open_repository(tmp_path / "missing")


def test_a_shallow_clone_is_refused_with_the_way_out(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1\n"})
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow")], check=True
    )
    with pytest.raises(UsageError, match="shallow") as caught:
        open_repository(tmp_path / "shallow")
    assert "unshallow" in caught.value.hint


def test_compare_and_swap_moves_only_from_the_expected_commit(repo: Repo) -> None:
    repository, first = repo.open(), repo.open().tip("main")
    second = Sha(repo.commit({"a": "1\n"}))
    assert repository.update_ref("refs/podium/x", first, old=None)
    assert not repository.update_ref("refs/podium/x", second, old=None)
    assert not repository.update_ref("refs/podium/x", second, old=second)
    assert repository.update_ref("refs/podium/x", second, old=first)
    assert repository.refs_under("refs/podium") == {"refs/podium/x": second}


def test_a_reference_that_is_gone_may_be_deleted_again(repo: Repo) -> None:
    repository = repo.open()
    repository.keep("refs/podium/x", repository.tip("main"))
    repository.delete_ref("refs/podium/x")
    repository.delete_ref("refs/podium/x")
    assert repository.ref("refs/podium/x") is None


@pytest.mark.parametrize("lock", ["refs/podium/x.lock", "packed-refs.lock"])
def test_locks_of_a_killed_git_do_not_stop_references(repo: Repo, lock: str) -> None:
    repository = repo.open()
    repository.keep("refs/podium/x", repository.tip("main"))
    repo.git("pack-refs", "--all")
    path = repository.common / lock
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    os.utime(path, (0, 0))
    repository.delete_ref("refs/podium/x")
    assert repository.ref("refs/podium/x") is None
    assert not path.exists()


def test_a_lock_that_somebody_holds_is_waited_for_and_not_taken(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository_module, "_STALE_LOCK_S", 0.2)
    repository = repo.open()
    path = repository.common / "refs" / "heads" / "main.lock"
    path.write_text("")
    future = 2**33
    os.utime(path, (future, future))
    with pytest.raises(GitError) as caught:
        repository.keep("refs/heads/main", repository.tip("main"))
    assert "remove" in caught.value.hint
    assert path.exists()


def test_a_branch_that_is_called_like_an_option_is_only_a_name(repo: Repo) -> None:
    with pytest.raises(UsageError, match="no commit is called"):
        repo.open().resolve("--output=/tmp/x")


def test_the_branch_that_is_not_there_is_named(repo: Repo) -> None:
    with pytest.raises(UsageError, match="there is no branch nope"):
        repo.open().tip("nope")


HOSTILE = """
[core]
	fsmonitor = touch {witness}
	hooksPath = {hooks}
	pager = touch {witness}; cat
	editor = touch {witness}
	sshCommand = touch {witness}
	attributesFile = {attributes}
[diff]
	external = touch {witness}; true
[diff "evil"]
	textconv = touch {witness}; cat
	command = touch {witness}; true
[filter "evil"]
	clean = touch {witness}; cat
	smudge = touch {witness}; cat
	process = touch {witness}
	required = true
[merge "evil"]
	driver = touch {witness}; true
[gpg]
	program = touch {witness}
[commit]
	gpgSign = true
[log]
	showSignature = true
[alias]
	show = !touch {witness}
	cat-file = !touch {witness}
[include]
	path = /nonexistent
"""


@pytest.fixture
def hostile(repo: Repo, tmp_path: Path) -> tuple[Any, Path]:
    """A repository whose own configuration wants to run something at every turn, and the file that would tell."""
    repo.commit({"a.txt": "one\n", "sub/b.txt": "two\n"})
    witness, hooks, attributes = tmp_path / "witness", tmp_path / "hooks", tmp_path / "attributes"
    hooks.mkdir()
    for name in (
        "reference-transaction",
        "post-checkout",
        "pre-commit",
        "post-index-change",
        "fsmonitor-watchman",
    ):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {witness}\n")
        (hooks / name).chmod(0o755)
    attributes.write_text("* filter=evil diff=evil merge=evil\n")
    (repo.path / ".git" / "info").mkdir(exist_ok=True)
    (repo.path / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil merge=evil\n")
    with (repo.path / ".git" / "config").open("a") as file:
        file.write(HOSTILE.format(witness=witness, hooks=hooks, attributes=attributes))
    witness.unlink(missing_ok=True)
    return repo, witness


def test_nothing_that_a_repository_configures_is_run_when_podium_reads_or_writes(
    hostile: tuple[Any, Path], tmp_path: Path
) -> None:
    repo, witness = hostile
    repository = repo.open()
    objects, tip = repository.objects, repository.tip("main")
    first = objects.first_parents(tip)[-1]
    assert objects.read(tip, "a.txt") == b"one\n"
    assert "one" in objects.diff(first, tip)
    assert objects.commit_info(tip).subject
    tree = objects.replace_file(objects.tree_of(tip), "a.txt", b"three\n")
    objects.export(tree, tmp_path / "out")
    (tmp_path / "work").mkdir()
    objects.check_out(tree, tmp_path / "work", index=tmp_path / "index")
    merge(repository.plain, tip, first)
    repository.keep("refs/podium/x", tip)
    repository.update_ref("refs/heads/other", tip, old=None)
    repository.delete_ref("refs/podium/x")
    repository.refs_under("refs/")
    assert (tmp_path / "out" / "a.txt").read_text() == "three\n"
    assert (tmp_path / "work" / "a.txt").read_text() == "three\n"
    assert not witness.exists()


def test_attributes_in_a_tree_cannot_change_what_is_exported(repo: Repo, tmp_path: Path) -> None:
    head = Sha(repo.commit({".gitattributes": "* text eol=crlf ident\n*.x filter=none\n", "a.x": "$Id$\n"}))
    repo.open().objects.export(head, tmp_path / "out")
    assert (tmp_path / "out" / "a.x").exists()


def test_variables_of_the_persons_environment_do_not_lead_git_astray(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    repository = repository_module.Repository(repo.path, repo.path / ".git")
    tip = repository.tip("main")
    assert repository.objects.read(tip, "README.md") == b"# sample\n"
    assert repository.update_ref("refs/heads/other", tip, old=None)
