"""What is written is what is read, and a second time changes nothing."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from universe import SUBMITTED, TIP, acceptances, facts, scope_of, tasks

from podium.base.errors import Unavailable
from podium.model.attempt import Attempt, AttemptEnd, Change
from podium.model.decision import Act, Decision
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import CandidateId, ChangeId, Sha, TaskId, Tree, attempt_id
from podium.model.queue import Candidate, Landing
from podium.model.spec import Requirement, Scenario, Spec
from podium.model.task import Task
from podium.store.codec import decode, encode
from podium.store.records import Fact
from podium.store.store import Store

quickly = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
specs = st.builds(
    Spec, st.just("s"), st.text(), st.text(), st.text(), st.text(),
    st.lists(st.builds(Requirement, st.text(), st.text(), st.lists(st.builds(Scenario, st.text(), st.just(("WHEN",)))).map(tuple))).map(tuple),
    st.lists(tasks(), max_size=2).map(tuple),
)  # fmt: skip


def write(store: Store, fact: Fact) -> bool:
    with store.transaction() as transaction:
        return transaction.write(fact, scope=scope_of(fact) if isinstance(fact, Evidence) else "")


def read(store: Store, fact: Fact) -> object:
    """The fact as the store gives it back by its name."""
    match fact:
        case Attempt():
            return store.attempt(fact.id)
        case AttemptEnd():
            return store.attempt_end(fact.attempt)
        case Change():
            return store.change(fact.id)
        case CheckResult():
            return store.check_result(fact.tree, fact.digest)
        case Evidence():
            return store.evidence(fact.id)
        case Decision():
            return store.decision(fact.key)
        case Candidate():
            return store.candidate(fact.id)
    several = {"Failure": lambda: store.facts(TIP).failures, "Review": store.reviews, "Order": store.orders}
    found = several[type(fact).__name__]()
    return next((one for one in found if one == fact), None)


@quickly
@given(fact=facts)
def test_every_fact_comes_back_as_it_was_written(fact: Fact, emptied: Callable[[], Store]) -> None:
    store = emptied()
    assert write(store, fact)
    assert read(store, fact) == fact


@quickly
@given(fact=facts)
def test_a_fact_written_twice_is_one_fact_and_one_event(fact: Fact, emptied: Callable[[], Store]) -> None:
    store = emptied()
    assert write(store, fact)
    once = (store.facts(TIP), store.events())
    assert not write(store, fact)
    assert (store.facts(TIP), store.events()) == once
    assert len(once[1]) == (0 if isinstance(fact, CheckResult) else 1)


@quickly
@given(value=st.one_of(tasks(), specs, acceptances))
def test_every_value_survives_the_codec(value: Task) -> None:
    assert decode(type(value), encode(value)) == value


def landing(candidate: str, *members: str) -> tuple[Landing, list[Change]]:
    names = tuple(ChangeId(member) for member in members)
    changes = [change(name) for name in names]
    return Landing(CandidateId(candidate), Sha(f"commit of {candidate}"), Tree("t"), TIP, names, 9.0), changes


def change(name: str) -> Change:
    task = None if name == SUBMITTED else TaskId(name.rpartition("@")[0])
    made_by = attempt_id(task, int(name[-1])) if task else None
    return Change(ChangeId(name), task, made_by, TIP, TIP, Tree("t"), (), 0, 0, "title", "Ada", 1.0)


def land(store: Store, told: tuple[Landing, list[Change]]) -> None:
    with store.transaction() as transaction:
        transaction.land(*told, {"why": "it passed"})


def test_a_landing_told_twice_is_one_landing(store: Store) -> None:
    told = landing("candidate-1", "s/1@1", SUBMITTED)
    land(store, told)
    before = store.events()
    land(store, told)
    assert store.landings() == [told[0]]
    assert store.events() == before
    assert store.landing_of(SUBMITTED) == (told[0], '{"why":"it passed"}')


def test_the_database_refuses_to_land_a_change_twice(store: Store) -> None:
    land(store, landing("candidate-1", "s/1@1"))
    with pytest.raises(Unavailable, match="UNIQUE"):
        land(store, landing("candidate-2", "s/1@1"))
    assert len(store.landings()) == 1, "nothing of the second is left"


def test_the_database_refuses_to_land_a_task_twice(store: Store) -> None:
    land(store, landing("candidate-1", "s/1@1"))
    with pytest.raises(Unavailable, match="UNIQUE"):
        land(store, landing("candidate-2", "s/2@1", "s/1@2"))
    assert store.landed_tasks() == {"s/1"}


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as transaction:
        transaction.write(Decision(Act.GATE, "s/1@1", "because", 1.0, "s/1"))
        transaction.note("held", "x")
        raise ZeroDivisionError
    assert store.decision("gate:s/1@1") is None
    assert (store.note("held"), store.events()) == ("", [])


def test_the_latest_result_of_a_check_is_the_one_that_counts(store: Store) -> None:
    for at, because in ((1.0, "old"), (3.0, "new"), (2.0, "between")):
        write(store, CheckResult("tests", "d", Tree("t"), "failed", because, at=at))  # type: ignore[arg-type]  # a verdict is a string
    found = store.check_result(Tree("t"), "d")
    assert found is not None
    assert found.because == "new"
