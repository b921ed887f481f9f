"""Merging in memory, by git's own ort."""

from collections.abc import Mapping
from typing import Any

import pytest

from podium.base.errors import GitError
from podium.git.merge import Conflicted, Merged, merge
from podium.model.ids import Sha

Repo = Any
"""The `repo` fixture's helper."""


def branch(repo: Repo, base: Sha, files: Mapping[str, str]) -> Sha:
    repo.git("switch", "-q", "--detach", base)
    head = Sha(repo.commit(files))
    repo.git("switch", "-q", "main")
    return head


def test_changes_of_different_files_merge(repo: Repo) -> None:
    base = repo.open().tip("main")
    found = merge(repo.open().plain, branch(repo, base, {"a": "1\n"}), branch(repo, base, {"b": "2\n"}))
    assert isinstance(found, Merged)
    assert {entry.path for entry in repo.open().objects.entries(found.tree)} == {"README.md", "a", "b"}


def test_a_conflict_names_its_files_and_leaves_markers_in_the_tree(repo: Repo) -> None:
    base = Sha(repo.commit({"a file": "old\n", "line\nbreak": "old\n"}))
    ours = branch(repo, base, {"a file": "ours\n", "line\nbreak": "ours\n"})
    theirs = branch(repo, base, {"a file": "theirs\n", "line\nbreak": "theirs\n"})
    found = merge(repo.open().plain, ours, theirs)
    assert isinstance(found, Conflicted)
    assert found.files == ("a file", "line\nbreak")
    assert b"<<<<<<<" in (repo.open().objects.read(found.tree, "a file") or b"")


def test_a_merge_touches_neither_checkout_nor_index(repo: Repo) -> None:
    base = repo.open().tip("main")
    ours, theirs = branch(repo, base, {"a": "1\n"}), branch(repo, base, {"a": "2\n"})
    repo.write({"README.md": "in the middle of something\n"})
    merge(repo.open().plain, ours, theirs)
    assert repo.git("status", "--porcelain") == "M README.md"


def test_a_merge_driver_of_the_repository_has_no_say(repo: Repo) -> None:
    base = Sha(repo.commit({"a": "old\n", ".gitattributes": "a merge=mine\n"}))
    repo.git("config", "merge.mine.driver", "touch driven; true")
    found = merge(repo.open().plain, branch(repo, base, {"a": "1\n"}), branch(repo, base, {"a": "2\n"}))
    assert isinstance(found, Conflicted)
    assert not list(repo.path.rglob("driven"))


def test_histories_without_a_common_commit_are_refused(repo: Repo) -> None:
    repo.git("switch", "-q", "--orphan", "other")
    other = Sha(repo.commit({"x": "1\n"}))
    with pytest.raises(GitError, match="could not merge"):
        merge(repo.open().plain, repo.open().tip("main"), other)


def test_a_missing_commit_is_an_error_and_no_conflict(repo: Repo) -> None:
    with pytest.raises(GitError, match="could not merge"):
        merge(repo.open().plain, repo.open().tip("main"), Sha("1" * 40))
