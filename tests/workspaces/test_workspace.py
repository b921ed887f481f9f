"""Workspaces: prepared, worked in, collected; under every sandbox."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from players import LIMIT_KB, Attempts

from podium.base.errors import Unavailable
from podium.git.objects import Objects
from podium.model.ids import Sha
from podium.workspaces.sandboxes.base import Box, Contained
from podium.workspaces.sandboxes.registry import SANDBOXES
from podium.workspaces.workspace import slug

Repo = Any
"""The `repo` fixture's helper."""


@pytest.fixture(params=SANDBOXES, ids=lambda sandbox: sandbox.kind)
def attempts(repo: Repo, request: pytest.FixtureRequest) -> Attempts:
    repo.commit({"src/a.py": "one\n", "run.sh": "#!/bin/sh\n", ".gitignore": "ignored\n"})
    return Attempts(repo.open(), request.param)


def objects(attempts: Attempts) -> Objects:
    return attempts.repository.objects


def test_an_agent_finds_the_base_and_git_works_for_it(attempts: Attempts) -> None:
    said = attempts.play(
        attempts.prepare(), "cat src/a.py; git status --short; git log --format=%s; git branch"
    ).said
    assert said == "one\nchange\nfirst\n* podium\n"


def test_work_comes_home_as_one_commit_on_the_base(attempts: Attempts) -> None:
    base = attempts.repository.tip("main")
    found = attempts.make(
        "echo two >> src/a.py; mkdir docs; echo new > docs/b.md; rm README.md; chmod +x run.sh; echo x > ignored"
    )
    assert found
    assert found.head
    assert found.refused == ()
    info = objects(attempts).commit_info(found.head)
    assert (info.parents, info.tree) == ((base,), found.tree)
    paths = {change.path for change in objects(attempts).changed(base, found.head)}
    assert paths == {"src/a.py", "docs/b.md", "README.md", "run.sh"}
    assert objects(attempts).read(found.head, "src/a.py") == b"one\ntwo\n"
    modes = {entry.path: entry.mode for entry in objects(attempts).entries(found.head)}
    assert modes["run.sh"] == "100755"


def test_the_same_work_is_the_same_commit(attempts: Attempts) -> None:
    workspace = attempts.prepare()
    attempts.play(workspace, "echo two > src/a.py")
    assert workspace.collect(limit_kb=LIMIT_KB) == workspace.collect(limit_kb=LIMIT_KB)


def test_what_the_agent_committed_or_hid_from_its_own_index_counts_as_work(attempts: Attempts) -> None:
    found = attempts.make(
        "echo two > src/a.py; git add -A; git commit -qm mine; git update-index --assume-unchanged run.sh;"
        " echo 'echo hi' >> run.sh; echo 'docs/' >> .git/info/exclude; mkdir docs; echo d > docs/d"
    )
    assert found
    assert found.head
    changed = objects(attempts).changed(attempts.repository.tip("main"), found.head)
    assert {change.path for change in changed} == {"src/a.py", "run.sh", "docs/d"}


@pytest.mark.parametrize(
    "script",
    [
        "true",
        "echo x > ignored",
        "mkdir empty",
        "echo two > src/a.py; git commit -qam x; git reset -q --hard HEAD~",
    ],
)
def test_a_tree_left_as_it_was_is_no_work(attempts: Attempts, script: str) -> None:
    assert attempts.make(script) is None


def test_a_seed_gives_the_files_and_the_comparison_stays_with_the_base(attempts: Attempts) -> None:
    base = attempts.repository.tip("main")
    seed = objects(attempts).replace_file(objects(attempts).tree_of(base), "src/a.py", b"seeded\n")
    workspace = attempts.prepare(seed=seed)
    said = attempts.play(workspace, "cat src/a.py; git status --short; git rev-parse HEAD").said
    assert said == f"seeded\n M src/a.py\n{base}\n"
    found = workspace.collect(limit_kb=LIMIT_KB)
    assert found
    assert found.tree == seed


def test_a_seed_that_is_undone_is_no_work(attempts: Attempts) -> None:
    base = attempts.repository.tip("main")
    seed = objects(attempts).replace_file(objects(attempts).tree_of(base), "src/a.py", b"seeded\n")
    workspace = attempts.prepare(seed=seed)
    attempts.play(workspace, "git checkout -q -- .")
    assert workspace.collect(limit_kb=LIMIT_KB) is None


def test_an_older_base_is_prepared_as_it_was(attempts: Attempts) -> None:
    tip = attempts.repository.tip("main")
    first: Sha = objects(attempts).commit_info(tip).parents[0]
    assert (
        attempts.play(attempts.prepare(base=first), "ls; git rev-parse HEAD").said == f"README.md\n{first}\n"
    )


def test_a_workspace_with_a_started_agent_is_handed_back_untouched(attempts: Attempts) -> None:
    attempts.play(attempts.prepare(attempt="spec/1@1"), "echo two > src/a.py; exit 3")
    again = attempts.prepare(attempt="spec/1@1")
    assert (again.work / "src/a.py").read_text() == "two\n"
    assert attempts.play(again, "echo never > src/a.py").code == 3, (
        "the agent ran once; its end is told again"
    )
    assert (again.work / "src/a.py").read_text() == "two\n"


def test_a_preparation_cut_short_is_made_anew(attempts: Attempts) -> None:
    half = attempts.prepare(attempt="spec/1@1")
    (half.work / "src/a.py").unlink()
    (half.work / "stray").write_text("x")
    (half.directory / "run").mkdir()
    (half.directory / "run/order.json").write_text("{")
    again = attempts.prepare(attempt="spec/1@1")
    assert attempts.play(again, "cat src/a.py; git status --short").said == "one\n"


def test_two_attempts_do_not_meet(attempts: Attempts) -> None:
    one, other = attempts.prepare(), attempts.prepare()
    attempts.play(one, "echo one > mine")
    assert not (other.work / "mine").exists()
    assert other.collect(limit_kb=LIMIT_KB) is None


def test_removing_stops_the_agent_and_leaves_nothing(attempts: Attempts) -> None:
    workspace = attempts.prepare()
    command = workspace.contain(
        ("sh", "-c", "mkdir d; chmod 0 d; sleep 60"), env={}, read={}, write={}, network=False
    )
    running = workspace.start(command, time_limit=timedelta(minutes=2), output_limit_bytes=1000)
    workspace.remove()
    assert not workspace.directory.exists()
    assert running.ended()


def test_private_files_are_seen_only_when_named(attempts: Attempts) -> None:
    workspace = attempts.prepare()
    brief = workspace.private / "brief.md"
    brief.write_text("do it")
    inside = Path("/run/podium/brief.md") if attempts.sandbox.maps_paths else brief
    assert attempts.play(workspace, f"cat {inside}", read={brief: inside}).said == "do it"


def test_a_tree_git_cannot_read_is_refused_with_gits_words(attempts: Attempts) -> None:
    found = attempts.make("git init -q nested && touch nested/file")
    assert found
    assert found.head is None
    assert "nested" in found.refused[0]


class Broken:
    """A sandbox that stopped working."""

    kind, maps_paths = "broken", False

    def unavailable(self) -> str:
        return ""

    def contain(self, box: Box) -> Contained:
        return Contained(("/no/such/sandbox", *box.argv), {}, box.work)


def test_a_collector_that_cannot_run_blames_nobody(attempts: Attempts) -> None:
    broken = Attempts(attempts.repository, Broken()).prepare()
    with pytest.raises(Unavailable, match="collector could not run"):
        broken.collect(limit_kb=LIMIT_KB)


def test_directory_names_are_readable_short_and_never_the_same() -> None:
    names = ["a/1@1", "a-1@1", "a/1@2", "../../etc", "x" * 300, "x" * 301, "Größe/1@1", "", "."]
    slugs = [slug(name) for name in names]
    assert len(set(slugs)) == len(names)
    assert all(len(each) < 100 and "/" not in each and not each.startswith(".") for each in slugs)
    assert slugs[0].startswith("a-1-1-")
