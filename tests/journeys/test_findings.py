"""Faults that an adversarial reading found, each a journey of its own, so that none of them comes back."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ready_podium import podium

from podium.base.files import remove_tree
from podium.project.project import Project

Repo = Any
"""The `repo` fixture's helper."""

_CONFIG = """
[[gate.check]]
name = "tests"
run = "test ! -e broken"
[agents.maker]
command = ["sh", "-c", "echo made > made-$0", "{task}"]
[policy]
review = "never"
"""
_SPEC = "# Work\n\n## Tasks\n- [ ] 1 Make it\n  - kind: chore\n"


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A repository whose only agent makes one file, with a spec beside it."""
    (repo.path / ".git/info/exclude").write_text("spec.md\n")
    repo.commit({"podium.toml": _CONFIG.replace("made-$0", "made")}, "podium")
    repo.write({"spec.md": _SPEC})
    return repo


def test_the_target_that_podium_toml_names_is_the_branch_that_changes_land_on(project: Repo) -> None:
    project.commit({"podium.toml": 'target = "develop"\n' + _CONFIG.replace("made-$0", "made")}, "target")
    project.git("branch", "develop")
    before = project.git("rev-parse", "main")
    ran = podium("run", "spec.md", cwd=project.path)
    assert ran.returncode == 0, ran
    assert project.git("rev-parse", "main") == before
    assert "Podium-Change: spec/1@1" in project.git("log", "-1", "--format=%B", "develop")


def test_a_file_that_was_only_touched_does_not_hold_a_landing(project: Repo) -> None:
    os.utime(project.path / "README.md", (1, 1))
    ran = podium("run", "spec.md", cwd=project.path)
    assert ran.returncode == 0, ran
    assert (project.path / "made").read_text() == "made\n"
    assert project.git("status", "--porcelain") == ""


def test_a_linked_worktree_that_was_deleted_is_no_trouble(project: Repo) -> None:
    project.git("checkout", "-q", "--detach")
    project.git("worktree", "add", "-q", "../linked", "main")
    shutil.rmtree(project.path.parent / "linked")
    assert podium("run", "spec.md", cwd=project.path).returncode == 0


def test_the_gate_judges_the_head_of_the_work_tree_one_stands_in(project: Repo) -> None:
    linked = project.path.parent / "linked"
    project.git("worktree", "add", "-q", "-b", "side", str(linked))
    (linked / "broken").write_text("yes\n")
    subprocess.run(["git", "add", "-A"], cwd=linked, check=True)
    subprocess.run(["git", "commit", "-q", "-m", "break it"], cwd=linked, check=True)
    assert podium("gate", "HEAD", cwd=project.path).returncode == 0
    assert podium("gate", "HEAD", cwd=linked).returncode == 1


def test_an_agent_that_is_gone_stops_its_own_task_and_no_other(project: Repo) -> None:
    project.commit(
        {"podium.toml": _CONFIG.replace("made-$0", "made") + '[agents.old]\ncommand = ["false"]\n'}, "old"
    )
    project.write({"one.md": "# One\n\n## Tasks\n- [ ] 1 Old\n  - kind: chore\n  - agent: old\n"})
    (project.path / ".git/info/exclude").write_text("spec.md\none.md\n")
    assert Project.open(project.path).take_in(project.path / "one.md").usable
    project.commit({"podium.toml": _CONFIG.replace("made-$0", "made")}, "without old")
    ran = podium("run", "spec.md", cwd=project.path)
    assert "spec/1" in ran.stdout
    assert "landed" in ran.stdout
    states = {task.id: (task.state, task.because) for task in Project.open(project.path).overview().tasks}
    assert states["one/1"][0] == "alarm"
    assert "old" in states["one/1"][1]
    assert ran.returncode == 3


def test_a_red_target_is_looked_at_again_when_a_person_asks(project: Repo, tmp_path: Path) -> None:
    """A flake made it red: nothing of it is believed once somebody asks again."""
    flake = tmp_path / "flake"
    flake.mkdir()
    config = _CONFIG.replace("made-$0", "made").replace(
        "test ! -e broken", f"test -e {flake}/calm || test ! -e made-up"
    )
    project.commit({"podium.toml": config + f'[sandbox]\nread = ["{flake}"]\n', "made-up": ""}, "flaky")
    first = podium("run", "spec.md", cwd=project.path)
    assert first.returncode == 3, first
    assert "does not pass its gate" in first.stdout
    (flake / "calm").write_text("")
    assert podium("retry", "main", cwd=project.path).returncode == 0
    second = podium("run", cwd=project.path)
    assert second.returncode == 0, second


def test_a_task_that_left_its_spec_is_no_longer_wanted(project: Repo) -> None:
    opened = Project.open(project.path)
    project.write({"spec.md": _SPEC + "- [ ] 2 Make more\n  - kind: chore\n  - after: 1\n"})
    opened.take_in(project.path / "spec.md")
    project.write({"spec.md": _SPEC})
    opened.take_in(project.path / "spec.md")
    assert [task.id for task in opened.overview().tasks] == ["spec/1"]


def test_the_text_of_a_spec_may_return_to_what_it_was(project: Repo) -> None:
    opened = Project.open(project.path)
    for title in ("Work", "Other work", "Work"):
        project.write({"spec.md": _SPEC.replace("# Work", f"# {title}")})
        opened.take_in(project.path / "spec.md")
    spec = opened.store.spec("spec")
    assert spec is not None
    assert spec.title == "Work"


def test_a_box_that_cannot_be_ticked_does_not_undo_the_landing(project: Repo) -> None:
    long = f"{'x' * 251}.md"[-255:]
    project.write({long: _SPEC})
    (project.path / ".git/info/exclude").write_text("*.md\n")
    ran = podium("run", long, cwd=project.path)
    assert ran.returncode == 0, ran
    assert "Podium-Change" in project.git("log", "-1", "--format=%B", "main")


def test_branches_of_any_name_can_be_submitted(project: Repo) -> None:
    for branch, old in (("a", ""), ("a/1", "a")):
        if old:
            project.git("branch", "-m", old, branch)
            project.git("checkout", "-q", branch)
        else:
            project.git("checkout", "-q", "-b", branch)
        project.commit({f"{branch}.txt": "x\n"}, f"work on {branch}")
        project.git("checkout", "-q", "main")
        done = podium("submit", branch, cwd=project.path)
        assert done.returncode == 0, done


def test_two_may_delete_the_same_directory_at_once(tmp_path: Path) -> None:
    script = "import sys, pathlib; from podium.base.files import remove_tree; remove_tree(pathlib.Path(sys.argv[1]))"
    for round_ in range(5):
        tree = tmp_path / str(round_)
        for number in range(400):
            (tree / str(number % 20) / str(number)).mkdir(parents=True)
        other = subprocess.Popen([sys.executable, "-c", script, str(tree)])
        remove_tree(tree)
        assert other.wait(timeout=30) == 0
        assert not tree.exists()


def test_what_the_agent_was_told_can_be_read_afterwards_without_the_acceptance_command(project: Repo) -> None:
    project.write({"spec.md": _SPEC + "  - accept: `test -e made`\n  - A note for whoever makes it.\n"})
    assert podium("run", "spec.md", cwd=project.path).returncode == 0
    told = podium("show", "1", "--brief", cwd=project.path).stdout
    assert "A note for whoever makes it." in told
    brief = told.partition("accept")[2].partition("change spec/1@1")[0].partition("Make it")[2]
    assert "test -e made" not in brief
