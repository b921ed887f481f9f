"""What starts, and what an attempt is told about those before it."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from podium.config.settings import Settings
from podium.model.attempt import Attempt, AttemptEnd, End
from podium.model.facts import Facts
from podium.model.ids import AttemptId, Sha, TaskId, attempt_id
from podium.model.progress import State, progress_of_tasks
from podium.model.review import Order, Wish
from podium.model.task import Kind, Task
from podium.planning.schedule import Room, Schedule, schedule
from podium.policies.makers import Choice

TIP = Sha("a" * 40)
AGENTS = """
[agents.sed]
command = ["true"]
tokens = 900
"""


def task(name: str, *after: str) -> Task:
    return Task(TaskId(name), "s", name, Kind.FIX, after=tuple(TaskId(one) for one in after))


def ended(name: str, number: int, end: End = End.CRASHED) -> tuple[Attempt, AttemptEnd]:
    attempt = Attempt(attempt_id(TaskId(name), number), TaskId(name), number, "sed", TIP, "due", 1.0)
    return attempt, AttemptEnd(attempt.id, end, "exit code 1", 2.0, 1.0)


def known(
    *tasks: Task, tries: tuple[tuple[Attempt, AttemptEnd], ...] = (), orders: tuple[Order, ...] = ()
) -> Facts:
    return Facts(
        TIP,
        tasks={one.id: one for one in tasks},
        attempts=tuple(attempt for attempt, _end in tries),
        ends={attempt.id: end for attempt, end in tries},
        orders=orders,
    )


def planned(
    facts: Facts, room: Room, makers: dict[TaskId, Choice] | None = None, configuration: str = ""
) -> Schedule:
    chosen = dict.fromkeys(facts.tasks, Choice("sed")) if makers is None else makers
    settings = Settings.model_validate(tomllib.loads(AGENTS + configuration))
    return schedule(facts, progress_of_tasks(facts), room, makers=chosen, settings=settings, now=9.0)


def test_free_agents_take_the_ready_tasks_in_the_order_of_the_spec() -> None:
    found = planned(known(task("s/2"), task("s/1"), task("s/3", "s/1")), Room(agents=1, attempts=3))
    assert [attempt.id for attempt in found.attempts] == ["s/2@1"]
    assert found.held == {"s/1": "all 1 agents are at work"}
    assert [decision.subject for decision in found.decisions] == ["s/2@1"]


def test_a_hold_starts_nothing_and_says_why() -> None:
    found = planned(known(task("s/1")), Room(agents=4, attempts=3, hold="main is red"))
    assert not found.attempts
    assert found.held == {"s/1": "main is red"}


def test_a_spent_task_is_given_up_even_while_nothing_may_start() -> None:
    tries = tuple(ended("s/1", number) for number in (1, 2))
    found = planned(known(task("s/1"), tries=tries), Room(agents=4, attempts=2, hold="main is red"))
    assert [decision.key for decision in found.decisions] == ["give-up:s/1"]
    assert found.decisions[0].because == "2 attempts used up; the last: attempt 2 crashed: exit code 1"


def test_a_retry_grants_as_many_attempts_again() -> None:
    tries = tuple(ended("s/1", number) for number in (1, 2))
    retry = Order("s/1", Wish.RETRY, "", "ada", 3.0)
    found = planned(known(task("s/1"), tries=tries, orders=(retry,)), Room(agents=4, attempts=2))
    assert [(attempt.id, attempt.because) for attempt in found.attempts] == [
        ("s/1@3", "attempt 3 of 4: attempt 2 crashed: exit code 1")
    ]


def test_an_attempt_knows_the_commit_it_starts_from() -> None:
    found = planned(known(task("s/1")), Room(agents=1, attempts=1))
    assert found.attempts[0].base == TIP
    assert found.decisions[0].data == {"agent": "sed", "base": TIP}


@given(st.integers(1, 5), st.lists(st.sampled_from([None, End.CRASHED]), max_size=12))
def test_what_runs_and_what_starts_never_exceeds_the_agents(agents: int, begun: list[End | None]) -> None:
    tries = tuple(ended(f"s/{number}", 1) for number, _end in enumerate(begun))
    running = {attempt.id for (attempt, _), end in zip(tries, begun, strict=True) if end is None}
    facts = Facts(
        TIP,
        tasks={one.id: one for one in (task(f"s/{number}") for number in range(15))},
        attempts=tuple(attempt for attempt, _end in tries),
        ends={AttemptId(attempt.id): end for attempt, end in tries if attempt.id not in running},
    )
    progress = progress_of_tasks(facts)
    found = planned(facts, Room(agents=agents, attempts=3))
    assert not found.attempts or len(running) + len(found.attempts) <= agents
    ready = {name for name, one in progress.items() if one.state is State.READY}
    assert ready == {attempt.task for attempt in found.attempts} | set(found.held)
