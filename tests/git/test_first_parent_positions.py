"""The positions of a branch and what each changed, whatever the files are called."""

from typing import Any

from podium.git.positions import Position, positions
from podium.model.ids import Sha

Repo = Any
"""The `repo` fixture's helper."""

ODD_NAMES = (
    "a" * 40,
    "\nbegins with a line end",
    "with space",
    "tab\there",
    "ünï-ćødé",
    "-dash",
    'quo"te',
    "deep/er",
)


def listed(repo: Repo, limit: int = 100) -> list[Position]:
    opened = repo.open()
    return positions(opened.plain, opened.resolve("HEAD"), limit=limit)


def test_each_position_has_its_files_newest_first(repo: Repo) -> None:
    commits = [repo.commit({f"{name}.py": "1\n", "same.py": name}) for name in "abc"]
    found = listed(repo)
    assert [one.commit for one in found[:3]] == commits[::-1]
    assert [set(one.paths) for one in found] == [
        {"c.py", "same.py"}, {"b.py", "same.py"}, {"a.py", "same.py"}, {"README.md"},
    ]  # fmt: skip


def test_files_with_odd_names_are_told_from_commits(repo: Repo) -> None:
    commits = [repo.commit({name: "1\n"}) for name in ODD_NAMES]
    repo.commit(dict.fromkeys(ODD_NAMES, "2\n"))
    last, *found = listed(repo, limit=1 + len(ODD_NAMES))
    assert set(last.paths) == set(ODD_NAMES)
    assert {one.commit: one.paths for one in found} == {
        commit: (name,) for commit, name in zip(commits, ODD_NAMES, strict=True)
    }


def test_an_empty_commit_is_a_position_without_files(repo: Repo) -> None:
    repo.commit({"a": "1\n"})
    repo.commit({})
    repo.commit({})
    repo.commit({"b": "1\n"})
    assert [one.paths for one in listed(repo)] == [("b",), (), (), ("a",), ("README.md",)]


def test_a_merge_is_one_position_with_all_that_it_brought(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"a": "1\n"})
    repo.commit({"b": "1\n"})
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert [one.paths for one in listed(repo)] == [("a", "b"), ("README.md",)]


def test_a_renamed_file_counts_under_both_names(repo: Repo) -> None:
    repo.git("mv", "README.md", "READ.md")
    repo.commit({})
    assert listed(repo)[0].paths == ("READ.md", "README.md")


def test_no_more_positions_are_read_than_asked_for(repo: Repo) -> None:
    last = [Sha(repo.commit({"a": str(n)})) for n in range(5)][-1]
    assert [one.commit for one in listed(repo, limit=1)] == [last]


def test_the_persons_configuration_changes_nothing(repo: Repo) -> None:
    before = listed(repo)
    for setting in ("log.showSignature", "log.follow", "diff.noprefix"):
        repo.git("config", setting, "true")
    repo.git("config", "log.diffMerges", "off")
    repo.git("config", "diff.orderFile", "nowhere")
    assert listed(repo) == before
