"""Files of ours that others may have had in their hands."""

import os
from pathlib import Path

import pytest

from podium.base.files import read_untrusted, remove_tree


def test_a_tree_with_locked_folders_goes(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    (top / "a" / "b" / "file").write_text("")
    (top / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "kept").mkdir(mode=0o500)
    for locked in (top / "a" / "b", top / "a", top):
        locked.chmod(0o000)
    remove_tree(top)
    assert not top.exists()
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o500
    remove_tree(top)


def test_a_tree_nested_beyond_any_recursion_goes(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    descriptor = os.open(top, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=descriptor)
        os.symlink("/", "link", dir_fd=descriptor)
        deeper = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = deeper
    os.close(descriptor)
    remove_tree(top)
    assert not top.exists()


def test_only_a_regular_file_is_read_and_only_so_much_of_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("abcdef")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    assert read_untrusted(tmp_path / "file", limit_bytes=3) == b"abc"
    for name in ("link", "pipe", "missing", "."):
        with pytest.raises(OSError):
            read_untrusted(tmp_path / name, limit_bytes=3)
