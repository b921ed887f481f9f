"""Notes that real git shows, beside whatever notes are there already."""

import subprocess
from typing import Any

import pytest

from podium.base.errors import GitError
from podium.git.notes import add_note
from podium.git.objects import Signature
from podium.git.repository import Repository, open_repository
from podium.model.ids import Sha

Repo = Any
"""The `repo` fixture's helper."""

TEXT = "a.py\n  h_0123456789abcd 1-3\n---\n{}\n"
BY = Signature("Ada <ada@example.org>", 1_700_000_000)


def add(repo: Repo, commit: str, text: str = TEXT) -> bool:
    return add_note(repo.open(), Sha(commit), text, by=BY)


def shown(repo: Repo, commit: str) -> str:
    return str(repo.git("notes", "--ref=ai", "show", commit))


def noted(repo: Repo) -> set[str]:
    return set(repo.git("notes", "--ref=ai", "list").split()[1::2])


def paths(repo: Repo) -> list[str]:
    return list(repo.git("ls-tree", "-r", "--name-only", "refs/notes/ai").splitlines())


def fan_out(repo: Repo, folders: str, commit: Sha, text: str = "old\n") -> None:
    """Make the notes hold one note below these folders, written by git's own fast-import."""
    name = commit.removeprefix(folders.replace("/", ""))
    stream = (
        "commit refs/notes/ai\ncommitter X <x@y> 0 +0000\ndata 1\nn\n"
        f"M 100644 inline {folders}{name}\ndata {len(text)}\n{text}\n"
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repo.path, check=True, input=stream.encode())


def test_a_note_is_shown_by_git(repo: Repo) -> None:
    head = repo.commit({"a.py": "1\n2\n3\n"})
    assert add(repo, head)
    assert shown(repo, head) == TEXT.strip()
    assert "Notes (ai):" in repo.git("log", "-1", "--notes=ai")


def test_each_note_stands_on_the_ones_before(repo: Repo) -> None:
    commits = {repo.commit({"a.py": f"{number}\n"}) for number in range(5)}
    assert all(add(repo, commit, f"{commit}\n") for commit in sorted(commits))
    assert noted(repo) == commits
    assert all(shown(repo, commit) == commit for commit in commits)
    assert repo.git("rev-list", "--count", "refs/notes/ai") == "5"
    repo.git("fsck", "--strict")


def test_a_note_that_is_there_is_not_written_again(repo: Repo) -> None:
    head = repo.git("rev-parse", "HEAD")
    assert add(repo, head)
    before = repo.git("rev-parse", "refs/notes/ai")
    assert add(repo, head)
    assert repo.git("rev-parse", "refs/notes/ai") == before


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_the_note_of_somebody_else_stays_wherever_it_is(repo: Repo, levels: int) -> None:
    head = repo.commit({"a.py": "1\n"})
    fan_out(repo, "".join(f"{head[2 * level : 2 * level + 2]}/" for level in range(levels)), head)
    assert not add(repo, head)
    assert shown(repo, head) == "old"


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_a_note_follows_the_fan_out_that_is_there(repo: Repo, levels: int) -> None:
    other, head = repo.commit({"a.py": "1\n"}), repo.commit({"a.py": "2\n"})
    near = Sha(head[:4] + other[4:])  # of a commit that begins alike, so that both share their folders
    fan_out(repo, "".join(f"{head[2 * level : 2 * level + 2]}/" for level in range(levels)), near)
    assert add(repo, head)
    assert shown(repo, head) == TEXT.strip()
    assert noted(repo) == {head, near}
    assert {path.count("/") for path in paths(repo)} == {levels}


def test_notes_that_git_wrote_are_kept(repo: Repo) -> None:
    commits = [repo.commit({"a.py": f"{number}\n"}) for number in range(4)]
    for commit in commits[:3]:
        repo.git("notes", "--ref=ai", "add", "-m", "by git", commit)
    assert add(repo, commits[3])
    assert [shown(repo, commit) for commit in commits] == [*["by git"] * 3, TEXT.strip()]


def test_git_adds_changes_and_removes_notes_beside_ours(repo: Repo) -> None:
    one, two = repo.commit({"a.py": "1\n"}), repo.commit({"a.py": "2\n"})
    assert add(repo, one)
    repo.git("notes", "--ref=ai", "add", "-m", "by git", two)
    assert (shown(repo, one), shown(repo, two)) == (TEXT.strip(), "by git")
    repo.git("notes", "--ref=ai", "remove", one, two)
    assert noted(repo) == set()
    assert add(repo, one)
    assert shown(repo, one) == TEXT.strip()


def test_what_is_no_note_is_carried_on(repo: Repo) -> None:
    head = repo.git("rev-parse", "HEAD")
    blob = repo.git("hash-object", "-w", "README.md")
    listing = f"100644 blob {blob}\tre\x01ad me\0".encode()
    made = subprocess.run(
        ["git", "mktree", "-z"], cwd=repo.path, check=True, input=listing, capture_output=True
    )
    tree = made.stdout.decode().strip()
    repo.git("update-ref", "refs/notes/ai", repo.git("commit-tree", tree, "-m", "odd"))
    assert add(repo, head)
    assert shown(repo, head) == TEXT.strip()
    assert f"100644 blob {blob}\tre\x01ad me\0" in repo.git("ls-tree", "-z", "refs/notes/ai")


def test_a_file_in_the_place_of_a_folder_is_not_overwritten(repo: Repo) -> None:
    head = Sha(repo.git("rev-parse", "HEAD"))
    folder = "00" if head[:2] != "00" else "11"
    fan_out(repo, f"{folder}/", Sha(folder + "2" * 38))
    blob, notes = (repo.git("rev-parse", name) for name in ("HEAD:README.md", "refs/notes/ai"))
    listing = f"{repo.git('ls-tree', notes)}\n100644 blob {blob}\t{head[:2]}\n"
    made = subprocess.run(
        ["git", "mktree"], cwd=repo.path, check=True, input=listing, capture_output=True, text=True
    )
    repo.git("update-ref", "refs/notes/ai", repo.git("commit-tree", made.stdout.strip(), "-m", "odd"))
    before = repo.git("rev-parse", "refs/notes/ai")
    with pytest.raises(GitError, match="no place for a note"):
        add(repo, head)
    assert repo.git("rev-parse", "refs/notes/ai") == before


def test_a_note_that_came_between_is_not_lost(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = repo.commit({"a.py": "1\n"}), repo.commit({"a.py": "2\n"})
    swap = Repository.update_ref
    between = iter([one])

    def late(self: Repository, name: str, new: Sha, *, old: Sha | None) -> bool:
        for commit in between:
            repo.git("notes", "--ref=ai", "add", "-m", "meanwhile", commit)
        return swap(self, name, new, old=old)

    monkeypatch.setattr(Repository, "update_ref", late)
    assert add(repo, two)
    assert (shown(repo, one), shown(repo, two)) == ("meanwhile", TEXT.strip())


def test_notes_that_keep_moving_are_given_up(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Repository, "update_ref", lambda *_, **__: False)
    with pytest.raises(GitError, match="keeps moving"):
        add(repo, repo.git("rev-parse", "HEAD"))


def test_a_repository_with_long_ids_has_notes_too(tmp_path: Any) -> None:
    run = ["git", "-C", str(tmp_path)]
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(tmp_path)], check=True)
    subprocess.run([*run, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    repository = open_repository(tmp_path)
    head = repository.tip("main")
    assert len(head) == 64
    assert add_note(repository, head, TEXT, by=BY)
    done = subprocess.run(
        [*run, "notes", "--ref=ai", "show", head], check=True, capture_output=True, text=True
    )
    assert done.stdout == TEXT


def test_hooks_and_filters_of_the_repository_do_not_run(repo: Repo) -> None:
    hook = repo.path / ".git" / "hooks" / "reference-transaction"
    hook.write_text("#!/bin/sh\ntouch ../ran\nexit 1\n")
    hook.chmod(0o755)
    assert add(repo, Sha(repo.git("rev-parse", "HEAD")))
    assert not list(repo.path.glob("**/ran"))
