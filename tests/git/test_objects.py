"""Objects read and written without a checkout, whatever the files are called and whatever the bundle holds."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from podium.base.errors import GitError
from podium.git.objects import Entry, FileChange, Objects, Signature, spread
from podium.git.repository import open_repository
from podium.model.ids import Sha, Tree

Repo = Any
"""The `repo` fixture's helper."""

ODD_NAMES = (
    "with space", "tab\there", "line\nbreak", 'quo"te', "back\\slash", "ünï-ćødé", "-dash", ":colon", "*star", ":(glob)x",
    "a => b", "{a => b}/c", "100644", "deep/with space/x",
)  # fmt: skip
_BY = Signature("Ada <ada@example.org>", 1_700_000_000.9)


@pytest.fixture
def odd(repo: Repo) -> Sha:
    return Sha(repo.commit(dict.fromkeys(ODD_NAMES, "content\n")))


def test_files_with_odd_names_are_read(repo: Repo, odd: Sha) -> None:
    objects = repo.open().objects
    for name in ODD_NAMES:
        assert objects.read(odd, name) == b"content\n", name
    assert {entry.path for entry in objects.entries(odd)} == {*ODD_NAMES, "README.md"}


def test_changes_of_files_with_odd_names_are_counted(repo: Repo, odd: Sha) -> None:
    base = repo.open().objects.commit_info(odd).parents[0]
    found = repo.open().objects.changed(base, odd)
    assert set(found) == {FileChange(name, 1, 0) for name in ODD_NAMES}


def test_a_name_that_is_not_utf8_survives(repo: Repo) -> None:
    name = os.fsdecode(b"caf\xe9")
    (repo.path / name).write_text("x\n")
    head = Sha(repo.commit({}))
    objects = repo.open().objects
    assert name in {entry.path for entry in objects.entries(head)}
    assert objects.read(head, name) == b"x\n"


def test_files_with_odd_names_are_exported(repo: Repo, odd: Sha, tmp_path: Path) -> None:
    repo.open().objects.export(odd, tmp_path / "out")
    assert {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()} == {
        *ODD_NAMES, "README.md",
    }  # fmt: skip


def test_commits_that_touched_odd_names_are_counted_literally(repo: Repo, odd: Sha) -> None:
    objects = repo.open().objects
    assert objects.count_changes(odd, ["*star"]) == 1
    assert objects.count_changes(odd, ["*"]) == 0
    assert objects.count_changes(odd, [":(glob)x"]) == 1
    assert objects.count_changes(odd, []) == 0


def test_a_rename_is_a_deletion_and_an_addition(repo: Repo) -> None:
    base = Sha(repo.commit({"old": "same\n"}))
    repo.git("mv", "old", "new")
    head = Sha(repo.commit({}))
    assert set(repo.open().objects.changed(base, head)) == {
        FileChange("new", 1, 0),
        FileChange("old", 0, 1),
    }


def test_a_binary_file_counts_no_lines(repo: Repo) -> None:
    base = Sha(repo.git("rev-parse", "HEAD"))
    (repo.path / "image").write_bytes(b"\0\1\2")
    head = Sha(repo.commit({}))
    assert repo.open().objects.changed(base, head) == (FileChange("image", 0, 0),)


def test_a_file_that_is_not_there_is_none(repo: Repo) -> None:
    objects = repo.open().objects
    head = Sha(repo.git("rev-parse", "HEAD"))
    assert objects.read(head, "no/such") is None
    assert objects.read(Sha("0" * 40), "README.md") is None


def test_the_same_commit_has_the_same_id_whenever_it_is_written(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = repo.open().objects
    tree = objects.tree_of(Sha(repo.git("rev-parse", "HEAD")))
    first = objects.commit(tree, [], "message\n", author=_BY, committer=_BY)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z")
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    assert objects.commit(tree, [], "message\n", author=_BY, committer=_BY) == first


@pytest.mark.parametrize(
    "message", ["subject\n\nbody\n", "# not a comment\n", "ünï\n", "  indented\n\n\n\nfar below\n"]
)
def test_a_message_is_kept_as_it_is(repo: Repo, message: str) -> None:
    objects = repo.open().objects
    tree = objects.tree_of(Sha(repo.git("rev-parse", "HEAD")))
    found = objects.commit_info(objects.commit(tree, [], message, author=_BY, committer=_BY))
    assert found.message.strip("\n") == message.strip("\n")
    assert found.author == "Ada <ada@example.org>"


def test_trailers_are_read_from_the_last_paragraph_only(repo: Repo) -> None:
    objects = repo.open().objects
    tree = objects.tree_of(Sha(repo.git("rev-parse", "HEAD")))
    message = "subject\n\nPodium-Change: forged\n\nPodium-Change: a@1\npodium-change: b@1\n"
    found = objects.commit_info(objects.commit(tree, [], message, author=_BY, committer=_BY))
    assert found.trailers("Podium-Change") == ("a@1", "b@1")


def test_replacing_a_file_keeps_its_mode_and_everything_else(repo: Repo) -> None:
    repo.write({"run.sh": "old\n"})
    (repo.path / "run.sh").chmod(0o755)
    objects = repo.open().objects
    tree = objects.tree_of(Sha(repo.commit({"other": "x\n"})))
    changed = objects.replace_file(tree, "run.sh", b"new\n")
    assert objects.read(changed, "run.sh") == b"new\n"
    assert {(entry.path, entry.mode) for entry in objects.entries(changed)} == {
        ("README.md", "100644"), ("other", "100644"), ("run.sh", "100755"),
    }  # fmt: skip


def test_a_file_that_is_not_there_is_not_replaced(repo: Repo) -> None:
    objects = repo.open().objects
    with pytest.raises(GitError, match="is not in tree"):
        objects.replace_file(objects.tree_of(repo.open().tip("main")), "no-such", b"")


def bundle_of(repo: Repo, path: Path, *, base: Sha) -> Path:
    repo.git("update-ref", "refs/heads/change", "HEAD")
    repo.git("bundle", "create", "-q", str(path), "refs/heads/change", f"^{base}")
    return path


def other_side(repo: Repo, tmp_path: Path) -> Objects:
    """A second repository that holds the base only."""
    subprocess.run(["git", "clone", "-q", "--bare", str(repo.path), str(tmp_path / "other.git")], check=True)
    return open_repository(tmp_path / "other.git").objects


@pytest.mark.parametrize("files", [3, 150], ids=["few objects", "many objects"])
def test_a_bundle_comes_in_whole(repo: Repo, tmp_path: Path, files: int) -> None:
    base = Sha(repo.git("rev-parse", "HEAD"))
    objects = other_side(repo, tmp_path)
    head = Sha(repo.commit({f"f{number}": f"{number}\n" for number in range(files)}))
    assert objects.fetch_bundle(bundle_of(repo, tmp_path / "b", base=base), "refs/heads/change") == head
    assert objects.read(head, "f1") == b"1\n"


@pytest.mark.parametrize("entry", [".git", ".GIT", "git~1", ".g\u200cit"], ids=ascii)
def test_a_bundle_with_a_tree_that_would_write_into_git_directories_is_refused(
    repo: Repo, tmp_path: Path, entry: str
) -> None:
    base = Sha(repo.git("rev-parse", "HEAD"))
    objects = other_side(repo, tmp_path)
    blob = repo.git("hash-object", "-w", "README.md")
    raw = b"100644 " + entry.encode() + b"\0" + bytes.fromhex(blob)
    tree = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"], cwd=repo.path, input=raw, capture_output=True, check=True
    ).stdout.decode().strip()  # fmt: skip
    repo.git("reset", "-q", "--soft", repo.git("commit-tree", tree, "-p", base, "-m", "evil"))
    with pytest.raises(GitError):
        objects.fetch_bundle(bundle_of(repo, tmp_path / "b", base=base), "refs/heads/change")


def test_a_bundle_that_was_cut_short_is_refused(repo: Repo, tmp_path: Path) -> None:
    base = Sha(repo.git("rev-parse", "HEAD"))
    objects = other_side(repo, tmp_path)
    repo.commit({"a": "x" * 5000})
    path = bundle_of(repo, tmp_path / "b", base=base)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(GitError):
        objects.fetch_bundle(path, "refs/heads/change")


def test_a_bundle_without_the_wanted_head_is_refused(repo: Repo, tmp_path: Path) -> None:
    base = Sha(repo.git("rev-parse", "HEAD"))
    repo.commit({"a": "1\n"})
    path = bundle_of(repo, tmp_path / "b", base=base)
    with pytest.raises(GitError, match="holds no refs/heads/other"):
        repo.open().objects.fetch_bundle(path, "refs/heads/other")


def test_the_spread_of_a_change_is_the_entropy_of_its_lines() -> None:
    assert spread([]) == 0.0
    assert spread([FileChange("a", 5, 5)]) == 0.0
    assert spread([FileChange("a", 1, 0), FileChange("b", 0, 1)]) == 1.0


def test_entries_tell_links_and_gitlinks(repo: Repo) -> None:
    (repo.path / "link").symlink_to("README.md")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    repo.git("add", "link")
    tree = Tree(repo.git("write-tree"))
    found = {entry.path: (entry.mode, entry.kind) for entry in repo.open().objects.entries(tree)}
    assert found["link"] == ("120000", "blob")
    assert found["sub"] == ("160000", "commit")
    assert all(isinstance(entry, Entry) for entry in repo.open().objects.entries(tree))
