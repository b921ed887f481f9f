"""The copy in which specimens are planted: real git, and not a byte of the person's repository changes."""

from pathlib import Path

import pytest

from conftest import Repo
from podium.gate.selftest.copy import commit, copied
from podium.gate.selftest.specimen import Link, Submodule


def everything(repo: Repo) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(repo.path.rglob("*")) if path.is_file()}


def test_planting_changes_nothing_of_the_persons(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit({"a.py": "1\n", "b.py": "2\n"})
    repository = repo.open()
    before = everything(repo)
    with copied(repository, tmp_path / "copy") as copy:
        head = commit(copy, base, {"a.py": b"3\n", "b.py": None, "c/d.py": b"4\n"}, message="planted")
        assert copy.objects.read(head, "a.py") == b"3\n"
        assert copy.objects.read(head, "b.py") is None
        assert copy.objects.read(head, "c/d.py") == b"4\n"
        assert copy.objects.read(base, "b.py") == b"2\n"
        assert copy.root == repository.root
    assert everything(repo) == before
    assert not (tmp_path / "copy").exists()
    assert repository.objects.resolve(head) is None


def test_links_and_submodules_are_planted_as_such(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit({"a.py": "1\n"})
    with copied(repo.open(), tmp_path / "copy") as copy:
        head = commit(
            copy, base, {"a.py": Link("/etc/passwd"), "sub": Submodule("1" * 40)}, message="planted"
        )
        modes = {entry.path: entry.mode for entry in copy.objects.entries(head)}
        assert modes == {"README.md": "100644", "a.py": "120000", "sub": "160000"}
        assert copy.objects.read(head, "a.py") == b"/etc/passwd"


def test_the_copy_is_gone_after_a_fault(repo: Repo, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), copied(repo.open(), tmp_path / "copy"):
        raise ZeroDivisionError
    assert not (tmp_path / "copy").exists()
