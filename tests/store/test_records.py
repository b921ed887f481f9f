"""What is written is what is read, and a second time changes nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import empty, open_store
from universe import SUBMITTED, TIP, acceptances, facts, scope_of, tasks

from podium.base.errors import Unavailable
from podium.model.attempt import Attempt, AttemptEnd, Change
from podium.model.checking import Judgment
from podium.model.decision import Act, Decision, Failure
from podium.model.evidence import CheckResult, Evidence, Grade
from podium.model.grant import Grant, Quarantine
from podium.model.ids import CandidateId, ChangeId, Sha, TaskId, Tree, attempt_id
from podium.model.queue import Candidate, Footprint, Landing
from podium.model.review import Order, Review
from podium.model.spec import Requirement, Scenario, Spec
from podium.model.task import Task
from podium.model.verdict import Verdict
from podium.store.codec import decode, encode
from podium.store.records import Fact
from podium.store.store import Store

quickly = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
specs = st.builds(
    Spec, st.just("s"), st.text(), st.text(), st.text(), st.text(),
    st.lists(st.builds(Requirement, st.text(), st.text(), st.lists(st.builds(Scenario, st.text(), st.just(("WHEN",)))).map(tuple))).map(tuple),
    st.lists(tasks(), max_size=2).map(tuple),
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "podium.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = open_store(path)
    yield store
    store.close()


def write(store: Store, fact: Fact) -> bool:
    with store.transaction() as transaction:
        return transaction.write(fact, scope=scope_of(fact) if isinstance(fact, Evidence) else "")


def read(store: Store, fact: Fact) -> object:
    """The fact as the store gives it back by its name."""
    ways: dict[type, Callable[[Any], object]] = {
        Attempt: lambda fact: store.attempt(fact.id),
        AttemptEnd: lambda fact: store.attempt_end(fact.attempt),
        Change: lambda fact: store.change(fact.id),
        CheckResult: lambda fact: store.check_result(fact.tree, fact.digest),
        Evidence: lambda fact: store.evidence(fact.id),
        Judgment: lambda fact: store.judgment(fact.change),
        Decision: lambda fact: store.decision(fact.key),
        Candidate: lambda fact: store.candidate(fact.id),
        Failure: lambda fact: store.facts(fact.scope, now=1.0).failures[0],
        Review: lambda _fact: store.reviews()[0],
        Order: lambda _fact: store.orders()[0],
        Grant: lambda fact: store.grants(fact.subject)[0],
        Quarantine: lambda fact: store.quarantines(fact.at)[0],
        Footprint: lambda fact: store.footprints(fact.change)[0],
    }
    return ways[type(fact)](fact)


@quickly
@given(fact=facts)
def test_every_fact_comes_back_as_it_was_written(fact: Fact, store: Store) -> None:
    empty(store)
    assert write(store, fact)
    assert read(store, fact) == fact


@quickly
@given(fact=facts)
def test_a_fact_written_twice_is_one_fact_and_one_event(fact: Fact, store: Store) -> None:
    empty(store)
    assert write(store, fact)
    once = (store.facts(TIP, now=1.0), store.events())
    assert not write(store, fact)
    assert (store.facts(TIP, now=1.0), store.events()) == once
    assert len(once[1]) == (0 if isinstance(fact, CheckResult | Footprint | Grant | Quarantine) else 1)


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
    def write_and_fail() -> None:
        with store.transaction() as transaction:
            transaction.write(Decision(Act.GATE, "s/1@1", "because", 1.0, "s/1"))
            transaction.note("held", "x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert store.decision("gate:s/1@1") is None
    assert (store.note("held"), store.events()) == ("", [])


def test_the_latest_result_of_a_check_is_the_one_that_counts(store: Store) -> None:
    for at, because in ((1.0, "old"), (3.0, "new"), (2.0, "between")):
        write(store, CheckResult("tests", "d", Tree("t"), Verdict.FAILED, because, at=at))
    found = store.check_result(Tree("t"), "d")
    assert found is not None
    assert found.because == "new"


def quarantine(test: str, *, at: float, until: float) -> Quarantine:
    return Quarantine("tests", test, "it flakes", "Ada <a@b>", at, until)


def test_a_quarantine_stands_until_its_end_and_the_latest_word_holds(store: Store) -> None:
    for one in (
        quarantine("a", at=1.0, until=9.0),
        quarantine("a", at=3.0, until=5.0),
        quarantine("b", at=2.0, until=4.0),
    ):
        write(store, one)

    def standing(at: float) -> list[tuple[str, float]]:
        return [(one.test, one.until) for one in store.quarantines(at)]

    assert standing(0.5) == []
    assert standing(1.0) == [("a", 9.0)]
    assert standing(3.0) == [("a", 5.0), ("b", 4.0)]
    assert standing(4.0) == [("a", 5.0)]
    assert standing(6.0) == [], "what was said first does not come back"


def test_grants_are_those_of_one_subject_oldest_first(store: Store) -> None:
    late, early = (Grant("s/1", (path,), "why", "Ada <a@b>", at) for path, at in (("b", 2.0), ("a", 1.0)))
    for one in (late, early, Grant("s/2", ("c",), "why", "Ada <a@b>", 1.0)):
        write(store, one)
    assert store.grants("s/1") == (early, late)
    assert store.grants("s/3") == ()


def test_what_a_decision_needs_of_evidence_is_known_without_it(store: Store) -> None:
    result = CheckResult(
        "tests", "d", Tree("t"), Verdict.PASSED, "3 passed", grade=Grade.CASES, advice=("look",)
    )
    gate = Evidence("gate:s/1@1", "s/1@1", Tree("t"), TIP, "g", (result,), 3.0)
    with store.transaction() as transaction:
        transaction.write(gate, scope="s/1")
    assert store.facts(TIP, now=4.0).findings == {gate.id: gate.finding()}
