"""Back-pressure: what the queue cannot land is not begun."""

import tomllib
from dataclasses import replace

from podium.config.settings import Settings
from podium.model.attempt import Change
from podium.model.facts import Facts
from podium.model.ids import ChangeId, Sha, TaskId, Tree
from podium.model.progress import Progress, State
from podium.model.task import Kind, Task
from podium.planning.congestion import crowded, full

TIP = Sha("a" * 40)


def settings(text: str = "") -> Settings:
    return Settings.model_validate(tomllib.loads(text))


def change(name: str, *files: str) -> Change:
    return Change(ChangeId(name), None, None, TIP, TIP, Tree("b" * 40), files, 1, 0, "t", "a <a@b>", 1.0)


def task(name: str, *paths: str) -> Task:
    return replace(Task(TaskId(name), "s", name, Kind.FIX), paths=paths)


def queued(count: int) -> dict[TaskId, Progress]:
    return {TaskId(f"s/{one}"): Progress(State.QUEUED, "") for one in range(count)}


def test_a_full_queue_starts_no_more_agents_and_says_so() -> None:
    narrow = settings("[queue]\nin_flight = 3")
    assert full(queued(2), narrow) == ""
    assert full(queued(3), narrow) == "3 changes wait in the merge queue, as many as may: 3"


def test_without_a_setting_two_rounds_of_the_gate_may_wait() -> None:
    assert full(queued(2 * 2 * 16 - 1), settings()) == ""
    assert full(queued(2 * 2 * 16), settings())


def test_a_task_waits_while_many_changes_are_on_their_way_in_its_files() -> None:
    many = {one.id: one for one in (change(f"c{n}", "src/hot.py") for n in range(3))}
    found = crowded(
        Facts(TIP, changes=many), [task("s/1", "src/hot.py"), task("s/2", "src/cold.py"), task("s/3")],
        settings("[queue]\ncrowd = 3"),
    )  # fmt: skip
    assert list(found) == ["s/1"]
    assert found[TaskId("s/1")].startswith("3 changes on their way touch what it may touch")


def test_fewer_than_that_hold_nobody() -> None:
    few = {one.id: one for one in (change(f"c{n}", "src/hot.py") for n in range(2))}
    assert crowded(Facts(TIP, changes=few), [task("s/1", "src/**")], settings("[queue]\ncrowd = 3")) == {}
