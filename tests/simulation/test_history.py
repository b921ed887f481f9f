"""Workloads from real repositories: what landed, one change for each position, at the committers' times."""

from pathlib import Path
from typing import Any

import pytest

from podium.base.errors import UsageError
from podium.simulation.history import from_history, landings
from podium.simulation.workloads import Workload, pace

Repo = Any
"""The `repo` fixture's helper."""

START_S = 1_700_000_000


@pytest.fixture
def fleet(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Four changes on a branch of their own, 0, 60, 60 and 180 seconds after the first."""
    repo.git("checkout", "-q", "--orphan", "work")
    repo.git("rm", "-rfq", ".")
    changes = {
        0: {"src/app/a.py": "1\n", "src/app/deep/er/b.py": "1\n"},
        60: {"src/lib/c.py": "1\n", "README.md": "1\n"},
        61: {"src/app/a.py": "2\n"},
        180: {"README.md": "2\n", "docs/x.md": "1\n"},
    }
    for after_s, files in changes.items():
        at(monkeypatch, after_s)
        repo.commit(files)
    return repo


def at(monkeypatch: pytest.MonkeyPatch, after_s: int) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"@{START_S + after_s} +0000")


def test_files_are_numbered_as_they_first_appear(fleet: Repo) -> None:
    assert [one.keys for one in landings(fleet.path, "file")] == [{0, 1}, {2, 3}, {0}, {2, 4}]


def test_packages_are_folders_no_deeper_than_two_and_files_outside_of_any(fleet: Repo) -> None:
    # src/app, README.md, src/lib, docs
    assert [one.keys for one in landings(fleet.path, "package")] == [{0}, {1, 2}, {0}, {1, 3}]


def test_times_are_the_committers(fleet: Repo) -> None:
    past = landings(fleet.path, "file")
    assert [one.landed_s for one in past] == [0, 60, 61, 180]
    assert pace(past) == 3 * 3600 / 180


def test_a_time_that_goes_back_stands_still(fleet: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 90)
    fleet.commit({"late": "1\n"})
    at(monkeypatch, 200)
    fleet.commit({"later": "1\n"})
    assert [one.landed_s for one in landings(fleet.path, "file")] == [0, 60, 61, 180, 180, 200]


def test_a_merged_branch_is_one_change(fleet: Repo) -> None:
    before = len(landings(fleet.path, "file"))
    fleet.git("checkout", "-q", "-b", "side")
    fleet.commit({"one": "1\n"})
    fleet.commit({"two": "1\n"})
    fleet.git("checkout", "-q", "work")
    fleet.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    past = landings(fleet.path, "file")
    assert len(past) == before + 1
    assert len(past[-1].keys) == 2


def test_what_touched_no_file_is_no_change(fleet: Repo) -> None:
    before = landings(fleet.path, "file")
    fleet.commit({})
    assert landings(fleet.path, "file") == before


def test_only_the_newest_are_taken_and_time_begins_with_them(fleet: Repo) -> None:
    past = landings(fleet.path, "file", limit=2)
    assert [one.landed_s for one in past] == [0, 119]
    assert [one.keys for one in past] == [{0}, {1, 2}]


def test_another_revision_has_another_history(fleet: Repo) -> None:
    assert len(landings(fleet.path, "file", revision="main")) == 1
    assert len(landings(fleet.path, "file", revision="work~1")) == 3


def test_a_workload_has_the_footprints_and_times_of_the_history(fleet: Repo) -> None:
    per_hour = pace(landings(fleet.path, "file"))
    workload = Workload(changes=100, arrivals="real", per_hour=per_hour, breaks=1.0, bad=0.0)
    trace = from_history(fleet.path, workload, seed=1)
    assert [one.keys for one in trace] == [{0, 1}, {2, 3}, {0}, {2, 4}]
    assert [one.arrives_s for one in trace] == pytest.approx([0, 60, 61, 180])
    assert [one.breaks_with for one in trace] == [set(), set(), {0}, {1}]
    assert all(one.good for one in trace)


def test_the_truth_about_a_history_is_drawn_by_seed(fleet: Repo) -> None:
    workload = Workload(changes=4, bad=0.5)
    assert from_history(fleet.path, workload, seed=1) == from_history(fleet.path, workload, seed=1)
    drawn = {tuple(one.good for one in from_history(fleet.path, workload, seed=seed)) for seed in range(8)}
    assert len(drawn) > 1


def test_a_bare_repository_has_a_history_as_well(fleet: Repo, tmp_path: Path) -> None:
    fleet.git("clone", "-q", "--bare", str(fleet.path), str(tmp_path / "bare.git"))
    assert landings(tmp_path / "bare.git", "file") == landings(fleet.path, "file")


def test_a_history_that_cannot_be_read_is_said_so(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(UsageError, match="not a git repository"):
        landings(tmp_path / "plain", "file")
    with pytest.raises(UsageError, match="no commit is called 'nothing'"):
        landings(repo.path, "file", revision="nothing")
    repo.git("checkout", "-q", "--orphan", "empty")
    repo.git("rm", "-rfq", ".")
    repo.commit({})
    with pytest.raises(UsageError, match="touched a file"):
        landings(repo.path, "file")
