"""Several podium processes on one repository: they share the work, do each other no harm, and inherit from the dead."""

from typing import Any

import pytest
from podium_process import Podium, Stage, await_until, configuration, processes_below, task

Repo = Any
"""The `repo` fixture's helper."""

WRITE = "name=${PODIUM_TASK##*/}; echo $name > $name"
SLOWLY = f"sleep 1; {WRITE}"


@pytest.fixture
def stage(repo: Repo) -> Stage:
    return Stage(repo)


def assert_landed_once(stage: Stage, names: list[str]) -> None:
    assert stage.states() == {}
    assert set(names) <= stage.tree()
    landed = stage.landed_changes()
    assert sorted(change.rpartition("/")[2].partition("@")[0] for change in landed) == sorted(names)
    assert stage.repo.git("status", "--porcelain") == ""
    assert not processes_below(stage.repo.path)


def executors_of_attempts(stage: Stage) -> set[str]:
    jobs = stage.project.engine.client.list_workflows(
        load_input=False, load_output=False, workflow_id_prefix="attempt:"
    )
    return {str(job.executor_id) for job in jobs}


def test_several_podiums_at_once_land_everything_once(stage: Stage) -> None:
    stage.repo.commit({"podium.toml": configuration(agent=SLOWLY, more="[limits]\nagents = 6\n")}, "set up")
    names = [f"t{number}" for number in range(9)]
    spec = stage.spec("".join(map(task, names)))
    podiums = [stage.start("run", spec) for _ in range(3)]
    assert [podium.wait() for podium in podiums] == [0] * 3, [podium.said for podium in podiums]
    assert_landed_once(stage, names)


def test_specs_given_to_different_podiums_at_once_are_all_done(stage: Stage) -> None:
    stage.repo.commit({"podium.toml": configuration(agent=SLOWLY)}, "set up")
    podiums = [
        stage.start("run", stage.spec(task(name), name=f"{name}.md")) for name in ("a", "b")
    ]  # fmt: skip
    assert [podium.wait() for podium in podiums] == [0, 0], [podium.said for podium in podiums]
    assert_landed_once(stage, ["a", "b"])


def test_the_jobs_of_a_podium_that_was_killed_are_taken_over_by_the_other(stage: Stage) -> None:
    agents = configuration(agent=f"sleep 3; {WRITE}", more="[limits]\nagents = 6\n")
    stage.repo.commit({"podium.toml": agents}, "set up")
    names = [f"t{number}" for number in range(6)]
    first = stage.start("run", stage.spec("".join(map(task, names))))
    await_until(lambda: stage.kinds().count("attempt.started") == len(names), "all agents at work")
    await_until(lambda: executors_of_attempts(stage) == {"local-0"}, "the first podium has them all")
    second = stage.start("run")
    await_until(lambda: _is_at_work(stage, second), "the second podium")
    first.kill()
    assert second.wait() == 0, second.said
    assert executors_of_attempts(stage) == {"local-1"}
    assert_landed_once(stage, names)
    assert len(stage.project.store.attempts()) == len(names)


def test_a_worker_serves_what_is_asked_for_elsewhere_until_it_is_stopped(stage: Stage) -> None:
    stage.repo.commit({"podium.toml": configuration(agent=WRITE)}, "set up")
    worker = stage.start("worker")
    stage.podium("run", stage.spec(task("a")))
    stage.repo.git("switch", "-q", "-c", "idea")
    stage.repo.commit({"idea": "1\n"}, "an idea")
    stage.repo.git("switch", "-q", "main")
    stage.podium("submit", "idea")
    await_until(lambda: "idea" in stage.tree(), "the landing of the idea")
    worker.interrupt()
    assert worker.wait() == 130, worker.said
    assert not processes_below(stage.repo.path)


def _is_at_work(stage: Stage, podium: Podium) -> bool:
    assert podium.process.poll() is None, podium.said
    return bool((stage.repo.path / ".git" / "podium" / "executors" / "local-1.lock").exists())
