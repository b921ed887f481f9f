"""What the merge queue has to know over several tips: candidates as long as a member is open, landings since the oldest base."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shelf import open_store
from test_migration import bring, insert

from podium.model.attempt import Change
from podium.model.decision import Act, Decision, Failure
from podium.model.evidence import CheckResult, Evidence
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, Tree
from podium.model.queue import REUSE, Candidate, Footprint, Landing
from podium.model.verdict import Verdict
from podium.store.codec import encode
from podium.store.database import connect, sqlite_url
from podium.store.sketch import sketch
from podium.store.store import Store
from podium.store.upgrade import upgrade

BASE, ONE, TWO, THREE = (Sha(letter * 40) for letter in "abcd")
A, B, C = (ChangeId(f"submit:{name}:1") for name in "abc")
CANDIDATE = CandidateId("candidate-1")
WEAVE = Decision(Act.WEAVE, CANDIDATE, "due", 1.0, ONE, 0, {"members": [A, B], "heads": [B], "onto": ONE})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "podium.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = open_store(path)
    yield store
    store.close()


def change(name: ChangeId) -> Change:
    return Change(name, None, None, BASE, BASE, Tree("t"), (), 0, 0, "title", "Ada", 2.0)


def tell(store: Store, *facts: object, scope: str = "") -> None:
    with store.transaction() as transaction:
        for fact in facts:
            transaction.write(fact, scope=scope)  # type: ignore[arg-type]  # any fact


def land(
    store: Store, commit: Sha, previous: Sha, *names: ChangeId, at: float, composed: bool = False
) -> Landing:
    landing = Landing(CandidateId(f"of {commit[:3]}"), commit, Tree("t"), previous, names, at, composed)
    with store.transaction() as transaction:
        transaction.land(landing, [change(name) for name in names], {})
    return landing


def facts(store: Store, tip: Sha = TWO) -> Facts:
    return store.facts(tip, now=9.0)


def everything_of_the_candidate(store: Store) -> None:
    result = CheckResult("tests", "d", Tree("t"), Verdict.FAILED, "2 failed")
    gate = Evidence(
        WEAVE.key, CANDIDATE, Tree("t"), ONE, "g", (result,), 3.0, failing=("test_a.py",), complete=True
    )
    tell(store, change(A), change(B), WEAVE, Failure(Act.WEAVE, CANDIDATE, 0, "no disk", 2.0, ONE))
    tell(store, Candidate(CANDIDATE, ONE, (A, B), ONE, Tree("t"), (), 2.0))
    tell(store, gate, scope=ONE)


def test_a_candidate_is_known_on_the_next_tip_while_a_member_is_open(store: Store, path: Path) -> None:
    everything_of_the_candidate(store)
    found = facts(store)
    assert WEAVE.key in found.decisions
    assert CANDIDATE in found.candidates
    assert len(found.failures) == 1
    finding = found.findings[WEAVE.key]
    assert (finding.failing, finding.complete, finding.blind) == (("test_a.py",), True, False)
    assert store.live_candidates() == {CANDIDATE}
    drawn = sketch(path, TWO, "")
    assert drawn is not None
    assert set(drawn.facts.decisions) == set(found.decisions)
    assert set(drawn.facts.candidates) == set(found.candidates)
    assert set(drawn.facts.findings) == set(found.findings)


def test_it_is_forgotten_with_its_last_member(store: Store, path: Path) -> None:
    everything_of_the_candidate(store)
    land(store, TWO, ONE, A, at=4.0)
    assert store.live_candidates() == {CANDIDATE}
    tell(store, Decision(Act.SEND_BACK, B, "it fails", 5.0, B))
    assert store.live_candidates() == set()
    found = facts(store, THREE)
    assert WEAVE.key not in found.decisions
    assert not found.candidates
    assert not found.failures
    drawn = sketch(path, THREE, "")
    assert drawn is not None
    assert set(drawn.facts.decisions) == set(found.decisions)


def test_the_landings_since_the_oldest_base_are_known_with_what_they_affect(store: Store) -> None:
    tell(store, change(A), change(B), change(C))
    for name, onto in ((A, BASE), (B, ONE), (C, ONE)):
        tell(store, Footprint(name, f"gate:{name}", onto, (f"{name}.py",), (), 1.0))
    first, second = land(store, ONE, BASE, A, at=2.0), land(store, TWO, ONE, B, at=3.0)
    found = facts(store, THREE)
    assert found.landings == (second,), "nothing that is open was gated on what came before"
    assert set(found.keys_of) == {B, C}
    tell(
        store, change(ChangeId("submit:d:1")), Footprint(ChangeId("submit:d:1"), "gate:d", BASE, (), (), 4.0)
    )
    found = facts(store, THREE)
    assert found.landings == (first, second)
    assert {A, B, C} <= set(found.keys_of)


def test_where_nothing_is_open_only_the_tips_own_landing_is_known(store: Store) -> None:
    first = land(store, ONE, BASE, A, at=2.0)
    second = land(store, TWO, ONE, B, at=3.0)
    assert facts(store, TWO).landings == (second,)
    assert facts(store, ONE).landings == (first,)
    assert facts(store, THREE).landings == ()


def test_landings_on_evidence_are_watched_until_their_tips_are_gated(store: Store) -> None:
    composed = land(store, ONE, BASE, A, at=2.0, composed=True)
    land(store, TWO, ONE, B, at=3.0)
    gate = Decision(Act.BASELINE, ONE, "in full", 4.0, ONE)
    tell(store, gate)
    found = facts(store, THREE)
    assert found.landings == (composed,)
    assert gate.key in found.decisions


def test_what_is_decided_about_such_landings_holds_on_every_tip(store: Store) -> None:
    alarm = Decision(Act.ALARM, ONE, "it was a mistake", 4.0, REUSE)
    tell(store, alarm)
    assert facts(store, THREE).decisions == {alarm.key: alarm}


def test_after_an_upgrade_the_members_of_candidates_and_the_positions_of_landings_are_known(
    path: Path,
) -> None:
    engine = connect(sqlite_url(path))
    bring(engine, "0003")
    insert(engine, "decisions", key=WEAVE.key, act="weave", subject=CANDIDATE, scope=ONE, round=0, because="due", at=1.0,
           data=f'{{"members": ["{A}", "{B}"], "onto": "{ONE}"}}')  # fmt: skip
    landing = Landing(CandidateId("candidate-0"), ONE, Tree("t"), BASE, (C,), 1.0)
    body = encode(landing).replace(',"composed":false', "")
    insert(engine, "landings", candidate="candidate-0", commit=ONE, at=1.0, body=body, record="{}")
    insert(engine, "landed_changes", change=C, candidate="candidate-0", task=None, at=1.0)
    upgrade(engine)
    store = Store(engine)
    tell(store, change(A))
    assert store.live_candidates() == {CANDIDATE}
    assert store.landing_at(ONE) == landing
    later = land(store, TWO, ONE, B, at=3.0)
    assert store.facts(THREE, now=9.0).landings == (later,), "the candidate stands on what was before it"
    store.close()
