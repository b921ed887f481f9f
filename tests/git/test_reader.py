"""One git answers for all objects: right, for every thread, after it was killed, and in a process that was forked."""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from podium.base.errors import GitError
from podium.git.reader import ObjectReader
from podium.git.repository import Repository, open_repository

Repo = Any
"""The `repo` fixture's helper."""


@pytest.fixture
def opened(repo: Repo) -> Repository:
    files = {f"folder/{number}": f"{number}\n" * number for number in range(50)}
    repo.commit({**files, "a blob": "named so\n", "two\nlines": "odd\n"}, "first")
    return open_repository(repo.path)


def test_files_and_trees_are_read(opened: Repository) -> None:
    tip, objects = opened.tip("main"), opened.objects
    tree = objects.tree_of(tip)
    assert tree == opened.refs.text("rev-parse", f"{tip}^{{tree}}")
    assert objects.read(tip, "folder/7") == b"7\n" * 7
    assert objects.read(tree, "a blob") == b"named so\n"
    assert objects.read(tip, "folder/0") == b""
    assert objects.blob(opened.refs.text("rev-parse", f"{tip}:folder/3")) == b"3\n" * 3


@pytest.mark.parametrize("path", ["nowhere", "folder", "no blob 7", "x missing", "folder/7/8", "é\udcff"])
def test_what_is_no_file_is_none_and_the_next_answer_is_its_own(opened: Repository, path: str) -> None:
    tip = opened.tip("main")
    assert opened.objects.read(tip, path) is None
    assert opened.objects.read(tip, "folder/2") == b"2\n" * 2


def test_a_name_of_two_lines_does_not_confuse_it(opened: Repository) -> None:
    tip = opened.tip("main")
    assert not ObjectReader.knows(f"{tip}:two\nlines")
    assert opened.objects.read(tip, "two\nlines") == b"odd\n"
    assert opened.objects.read(tip, "two\nother") is None
    assert opened.objects.read("main", "folder/2") is None  # branches are the refs' business


def test_what_is_not_there_is_said(opened: Repository) -> None:
    for nothing in ("0" * 40, opened.tip("main")):
        with pytest.raises(GitError):
            opened.objects.blob(nothing)
    with pytest.raises(GitError):
        opened.objects.tree_of(type(opened.tip("main"))("1" * 40))


def test_what_is_written_later_is_found(opened: Repository, repo: Repo) -> None:
    opened.objects.read(opened.tip("main"), "folder/1")
    repo.commit({"later": "now\n"}, "second")
    assert opened.objects.read(opened.tip("main"), "later") == b"now\n"
    repo.git("gc", "-q", "--prune=now")
    assert opened.objects.read(opened.tip("main"), "folder/9") == b"9\n" * 9


def test_threads_get_their_own_answers(opened: Repository) -> None:
    tip = opened.tip("main")
    with ThreadPoolExecutor(16) as pool:
        numbers = [number % 50 for number in range(800)]
        answers = list(pool.map(lambda number: opened.objects.read(tip, f"folder/{number}"), numbers))
    assert answers == [f"{number}\n".encode() * number for number in numbers]


def test_killed_it_is_started_again(opened: Repository) -> None:
    tip = opened.tip("main")
    opened.objects.read(tip, "folder/1")
    for pid in _readers(opened):
        os.kill(pid, signal.SIGKILL)
    assert opened.objects.read(tip, "folder/5") == b"5\n" * 5
    assert len(_readers(opened)) == 1


def test_a_fork_asks_one_of_its_own(opened: Repository) -> None:
    tip = opened.tip("main")
    opened.objects.read(tip, "folder/1")
    pid = os.fork()
    if not pid:
        os._exit(0 if opened.objects.read(tip, "folder/4") == b"4\n" * 4 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert opened.objects.read(tip, "folder/6") == b"6\n" * 6


def _readers(opened: Repository) -> list[int]:
    words = ["pgrep", "-f", f"{opened.state}/plain.git.*cat-file --batch-command"]
    found = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
    return [int(pid) for pid in found if Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"]
