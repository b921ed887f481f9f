"""What goes wrong around Podium: it says so, harms nothing, and goes on when it is mended."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from podium_process import Stage, await_until, configuration, processes_below, task

Repo = Any
"""The `repo` fixture's helper."""

WRITE = "name=${PODIUM_TASK##*/}; echo $name > $name"
"""An agent that makes a file called like its task."""
FULL_DISK = Path(__file__).with_name("full_disk.py")


@pytest.fixture
def stage(repo: Repo) -> Stage:
    return Stage(repo)


def set_up(stage: Stage, text: str) -> None:
    stage.repo.commit({"podium.toml": text}, "set up")


@pytest.mark.slow
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """On a small file system of its own, which is gone with the process that looks at it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    small = ["bwrap", "--dev-bind", "/", "/", "--size", str(24 * 1024 * 1024), "--tmpfs", str(disk)]
    done = subprocess.run(
        [*small, sys.executable, str(FULL_DISK), str(disk)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_state_that_cannot_be_written_is_said_so(stage: Stage) -> None:
    set_up(stage, configuration(agent=WRITE))
    stage.podium("status")
    stage.podium("run", stage.spec(task("a")))
    state = str(stage.repo.path / ".git" / "podium")
    said = stage.podium(
        "run", stage.spec(task("a") + task("b")), code=1, within=("bwrap", "--dev-bind", "/", "/", "--ro-bind", state, state)
    )  # fmt: skip
    assert "hint:" in said
    assert state in said or "Podium's state" in said
    stage.podium("run", stage.spec(task("a") + task("b")))
    assert {"a", "b"} <= stage.tree()


def test_a_state_directory_that_is_no_directory_is_said_so(stage: Stage) -> None:
    set_up(stage, configuration(agent=WRITE))
    (stage.repo.path / ".git" / "podium").write_text("not a directory")
    said = stage.podium("run", stage.spec(task("a")), code=1)
    assert str(stage.repo.path / ".git" / "podium") in said


def test_a_dirty_checkout_holds_landing_until_it_is_clean(stage: Stage) -> None:
    set_up(stage, configuration(agent=WRITE))
    stage.repo.write({"README.md": "in the middle of something\n"})
    said = stage.podium("run", stage.spec(task("a")), code=3)
    assert "uncommitted changes (README.md)" in said
    assert "a" not in stage.tree()
    stage.repo.git("stash")
    stage.podium("run")
    assert "a" in stage.tree()
    stage.repo.git("stash", "pop")
    assert stage.repo.git("status", "--porcelain") == "M README.md"


def test_an_untracked_file_in_the_way_is_not_overwritten(stage: Stage) -> None:
    set_up(stage, configuration(agent=WRITE))
    stage.repo.write({"a": "mine\n"})
    said = stage.podium("run", stage.spec(task("a")), code=3)
    assert "would be overwritten" in said
    assert (stage.repo.path / "a").read_text() == "mine\n"
    (stage.repo.path / "a").rename(stage.repo.path / "mine")
    if stage.states()["a"] == "alarm":
        stage.podium("retry", "a")
    stage.podium("run")
    assert (stage.repo.path / "a").read_text() == "a\n"


def test_a_branch_that_somebody_else_moved_is_landed_on_top_of(stage: Stage) -> None:
    set_up(stage, configuration(check="sleep 3", agent=WRITE))
    podium = stage.start("run", stage.spec(task("a") + task("b")))
    stage.await_event("attempt.ended")
    persons = stage.repo.commit({"persons": "work\n"}, "a person's work")
    assert podium.wait() == 0, podium.said
    assert {"a", "b", "persons"} <= stage.tree()
    first_parents = stage.repo.git("rev-list", "--first-parent", "main").splitlines()
    assert persons in first_parents[1:]
    assert stage.repo.git("status", "--porcelain") == ""


@pytest.mark.slow
def test_a_configuration_that_breaks_in_the_middle_stops_everything_until_it_is_mended(stage: Stage) -> None:
    good = configuration(check="sleep 1", agent=WRITE)
    set_up(stage, good)
    podium = stage.start("run", stage.spec(task("a")))
    stage.await_event("attempt.ended")
    stage.repo.commit({"podium.toml": good + "\n[gate\n"}, "break it")
    code = podium.wait()
    assert code in {2, 3}, podium.said
    assert "podium.toml" in podium.said
    assert "a" not in stage.tree()
    stage.podium("run", code=2)
    stage.repo.commit({"podium.toml": good}, "mend it")
    stage.podium("run")
    assert "a" in stage.tree()


def test_a_missing_configuration_leads_to_init(stage: Stage) -> None:
    said = stage.podium("run", stage.spec(task("a")), code=2)
    assert "podium init" in said


def test_a_broken_spec_is_refused_with_line_and_column(stage: Stage) -> None:
    set_up(stage, configuration(agent=WRITE))
    spec = stage.spec(task("a", more="  - after: b\n") + task("c", more="  - colour: blue\n"))
    said = stage.podium("run", spec, code=2)
    assert f"{spec}:5:1: task a comes after" in said
    assert f"{spec}:10:5: unknown key" in said
    assert stage.states() == {}


def test_an_agent_that_does_not_exist_is_named(stage: Stage) -> None:
    set_up(stage, configuration(writer=WRITE))
    said = stage.podium("run", stage.spec(task("a", agent="writter")), code=2)
    assert "writter" in said
    assert "writer" in said.replace("writter", "")


def test_nothing_starts_from_a_base_that_fails_its_own_gate(stage: Stage) -> None:
    set_up(stage, configuration(check="echo broken wheel; false", agent=WRITE))
    said = stage.podium("run", stage.spec(task("a")), code=3)
    assert "does not pass its gate" in said
    assert "attempt.started" not in stage.kinds()
    stage.repo.commit({"podium.toml": configuration(agent=WRITE)}, "mend it")
    stage.podium("run")
    assert "a" in stage.tree()


def test_agents_that_misbehave_end_with_a_reason(stage: Stage) -> None:
    flood = "head -c 30000000 /dev/zero | tr '\\0' x; echo > flood"
    agents = {
        "flood": flood, "hang": "trap '' TERM INT HUP; while :; do sleep 1; done", "crash": "echo > half; exit 7",
        "idle": "echo all done", "gone": "kill -9 $$", "missing": "exec /no/such/program",
        "link": "ln -s /etc/passwd link", "nested": "git init -q sub && cd sub && git commit -q --allow-empty -m x",
    }  # fmt: skip
    text = configuration(more="[limits]\nattempts = 1\nagents = 8\n", **agents)
    set_up(stage, text.replace("[agents.hang]", "[agents.hang]\nminutes = 0.05"))
    stage.podium("run", stage.spec("".join(task(name, agent=name) for name in agents)), code=1)
    assert stage.states() == dict.fromkeys(set(agents) - {"flood"}, "refused")
    assert "flood" in stage.tree()
    reasons = {
        "hang": "still at work", "crash": "code 7", "idle": "without changing anything", "gone": "137", "missing": "127",
        "link": "link", "nested": "sub",
    }  # fmt: skip
    for name, reason in reasons.items():
        assert reason in stage.because(name), (name, stage.because(name))
    assert not processes_below(stage.repo.path)
    assert stage.project.store.attempt_ends()[0].output is not None
    assert all(len(end.output) < 100_000 for end in stage.project.store.attempt_ends())


def test_a_branch_that_is_submitted_takes_the_same_road(stage: Stage) -> None:
    set_up(stage, configuration(check="test ! -e bad", agent=WRITE))
    for name in ("good", "bad"):
        stage.repo.git("switch", "-q", "-c", name, "main")
        stage.repo.commit({name: "1\n"}, f"a {name} idea")
    stage.repo.git("switch", "-q", "main")
    stage.podium("submit", "good", "--wait")
    stage.podium("submit", "bad", "--wait", code=1)
    assert "good" in stage.tree()
    assert "bad" not in stage.tree()
    assert stage.repo.git("log", "-1", "--format=%an", "main") == "Ada Person"


@pytest.mark.slow
def test_people_approve_return_and_reject(stage: Stage) -> None:
    agent = f'if grep -q "write it twice" "$PODIUM_BRIEF"; then cd .; {WRITE}; echo twice >> $name; else {WRITE}; fi'
    set_up(stage, configuration(review="always", agent=agent))
    stage.podium("run", stage.spec(task("a") + task("b") + task("c")), code=3)
    assert stage.states() == dict.fromkeys("abc", "review")
    stage.podium("review", "approve", "a")
    stage.podium("review", "return", "b", "--reason", "write it twice")
    stage.podium("review", "reject", "c", "--reason", "we do not want it")
    stage.podium("run", code=3)
    assert stage.states() == {"b": "review", "c": "refused"}
    stage.podium("review", "approve", "b")
    stage.podium("run", code=1)
    assert {"a", "b"} <= stage.tree()
    assert stage.repo.git("show", "main:b") == "b\ntwice"
    assert "we do not want it" in stage.because("c")


def test_a_task_that_is_cancelled_while_it_runs_stops_at_once_with_everything_it_started(
    stage: Stage,
) -> None:
    set_up(stage, configuration(agent="trap '' TERM; (setsid sleep 600 &); sleep 600"))
    podium = stage.start("run", stage.spec(task("a")))
    stage.await_event("attempt.started")
    await_until(
        lambda: any("sleep 600" in line for line in processes_below(stage.repo.path).values()), "the agent"
    )
    stage.podium("cancel", "a", "--reason", "a mistake")
    assert podium.wait() in {0, 1}, podium.said
    assert stage.states() == {"a": "cancelled"}
    assert not processes_below(stage.repo.path)


def test_what_was_given_up_is_tried_again_when_a_person_says_so(stage: Stage) -> None:
    text = configuration(more="[limits]\nattempts = 2\n", agent=f"test -e allowed || exit 7; {WRITE}")
    set_up(stage, text)
    stage.podium("run", stage.spec(task("a")), code=1)
    assert stage.states() == {"a": "refused"}
    stage.repo.commit({"allowed": "\n"}, "allow it")
    stage.podium("retry", "a")
    stage.podium("run")
    assert "a" in stage.tree()


def test_ctrl_c_leaves_nothing_broken_and_running_again_continues(stage: Stage) -> None:
    set_up(stage, configuration(agent=f"sleep 2; {WRITE}"))
    podium = stage.start("run", stage.spec(task("a") + task("b")))
    stage.await_event("attempt.started")
    podium.interrupt()
    assert podium.wait() == 130
    assert "again to continue" in podium.said
    assert not processes_below(stage.repo.path)
    stage.podium("run")
    assert {"a", "b"} <= stage.tree()
    assert len(stage.project.store.attempts()) == 2
