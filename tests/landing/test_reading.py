"""What the planner is shown: states of targets at every position, and what each gate run showed in which of them."""

from podium.config.settings import Settings
from podium.landing.planner.states import EVERYTHING, mark
from podium.landing.positions import Positions
from podium.landing.reading import read
from podium.landing.trust import may_reuse, trouble_with_tip
from podium.model.attempt import Change
from podium.model.decision import Act, Decision
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, Tree
from podium.model.queue import Footprint, Landing
from podium.model.verdict import Verdict

BASE, ONE, TWO, FOREIGN = Sha("base"), Sha("one"), Sha("two"), Sha("foreign")
A, B, C = ChangeId("submit:a:1"), ChangeId("submit:b:1"), ChangeId("submit:c:1")
SETTINGS = Settings()


def told(change: ChangeId, *keys: str, reads: tuple[str, ...] = (), onto: Sha = BASE) -> Footprint:
    return Footprint(change, f"gate:{change}", onto, keys, (), 1.0, reads)


def landed(commit: Sha, previous: Sha, *members: ChangeId, composed: bool = False) -> Landing:
    return Landing(CandidateId(f"of {commit}"), commit, Tree("t"), previous, members, 2.0, composed)


def waiting(name: ChangeId, at: float = 1.0) -> tuple[float, Change]:
    return at, Change(name, None, None, BASE, Sha("h"), Tree("t"), (), 1, 0, "t", "Ada", at)


def known(
    *footprints: Footprint, tip: Sha = TWO, landings: tuple[Landing, ...] = (), **others: object
) -> Facts:
    return Facts(tip, footprints=footprints, landings=landings, **others)  # type: ignore[arg-type]  # any field by name


def passed(*changes: ChangeId) -> dict[str, object]:
    """Each passed its own gate."""
    decisions = [Decision(Act.GATE, change, "new", 1.0, change) for change in changes]
    return {
        "decisions": {one.key: one for one in decisions},
        "findings": {one.key: Finding(Verdict.PASSED, "all", 1.0) for one in decisions},
    }


def test_the_state_of_a_target_is_who_affects_it_of_those_that_landed() -> None:
    facts = known(told(A, "x"), told(B, "y"), landings=(landed(ONE, BASE, A), landed(TWO, ONE, B)))
    ground = Positions(facts, reuse=True).ground(TWO)
    root = ground["z"]
    assert ground["x"] == root ^ mark(A)
    assert ground["y"] == root ^ mark(B)
    assert Positions(facts, reuse=True).since(BASE) == [A, B]
    assert Positions(facts, reuse=True).since(ONE) == [B]


def test_what_somebody_else_put_there_affects_everything() -> None:
    facts = known(told(A, "x"), landings=(landed(ONE, BASE, A), landed(TWO, FOREIGN, B)))
    positions = Positions(facts, reuse=True)
    assert positions.ground(ONE)["z"] != positions.ground(TWO)["z"]
    assert positions.since(ONE) == [], "it is not known to lead to the tip"


def test_a_change_of_which_nothing_is_told_affects_everything() -> None:
    positions = Positions(known(landings=(landed(TWO, BASE, A),)), reuse=True)
    assert EVERYTHING in positions.keys(A)
    assert positions.ground(TWO)["z"] != positions.ground(BASE)["z"]


def test_without_reuse_everything_affects_everything() -> None:
    assert EVERYTHING in Positions(known(told(A, "x")), reuse=False).keys(A)


def test_a_change_affects_the_tests_that_another_one_made_depend_on_it() -> None:
    """One changes what the test of another reads: neither knew of the other, and the test is a matter of both."""
    facts = known(told(A, "money.py"), told(B, "bill.py", "test_bill.py", reads=("money.py",)))
    positions = Positions(facts, reuse=True)
    assert positions.keys(A) == {"money.py", "bill.py", "test_bill.py"}
    assert positions.keys(B) == {"bill.py", "test_bill.py"}


def test_it_reaches_through_those_that_depend_on_these_in_turn() -> None:
    facts = known(told(A, "x"), told(B, "y", reads=("x",)), told(C, "z", reads=("y",)))
    assert Positions(facts, reuse=True).keys(A) == {"x", "y", "z"}


def test_what_was_told_on_different_commits_adds_up() -> None:
    later = Footprint(A, "weave:c", ONE, ("y",), (), 2.0)
    assert Positions(known(told(A, "x"), later), reuse=True).keys(A) == {"x", "y"}


def test_its_own_gate_proves_a_change_where_nothing_that_it_affects_has_moved() -> None:
    facts = known(told(A, "x"), told(B, "y"), landings=(landed(TWO, BASE, B),), **passed(A))  # type: ignore[arg-type]  # as above
    reading = read(facts, [waiting(A)], SETTINGS)
    state = reading.line.tip["x"] ^ mark(A)
    assert reading.proven["x", state] == f"gate:{A}"
    other = known(told(A, "x"), told(B, "x"), landings=(landed(TWO, BASE, B),), **passed(A))  # type: ignore[arg-type]  # as above
    reading = read(other, [waiting(A)], SETTINGS)
    assert ("x", reading.line.tip["x"] ^ mark(A)) not in reading.proven


def woven(found: Finding | None, *members: ChangeId) -> Facts:
    data = {"members": list(members), "heads": list(members), "onto": TWO}
    weave = Decision(Act.WEAVE, "candidate-1", "why", 1.0, TWO, 0, data)
    return known(
        told(A, "x"), told(B, "y"), decisions={weave.key: weave}, findings={weave.key: found} if found else {}
    )


def test_a_failed_run_that_judged_everything_proves_what_did_not_fail() -> None:
    found = Finding(Verdict.FAILED, "x", 1.0, failing=("x",), complete=True)
    reading = read(woven(found, A, B), [waiting(A), waiting(B)], SETTINGS)
    tip = reading.line.tip
    assert ("y", tip["y"] ^ mark(B)) in reading.proven
    assert ("x", tip["x"] ^ mark(A)) in reading.refuted
    assert ("x", tip["x"] ^ mark(A)) not in reading.proven


def test_a_failed_run_that_broke_off_proves_nothing() -> None:
    found = Finding(Verdict.FAILED, "x", 1.0, failing=("x",))
    reading = read(woven(found, A, B), [waiting(A), waiting(B)], SETTINGS)
    assert not reading.proven
    assert reading.refuted


def test_what_fails_that_no_member_affects_is_a_failure_without_a_name() -> None:
    found = Finding(Verdict.FAILED, "z", 1.0, failing=("z",), complete=True)
    [ended] = read(woven(found, A, B), [waiting(A), waiting(B)], SETTINGS).line.ended
    assert ended.blind
    assert not ended.failing


def test_a_run_of_which_somebody_went_back_blames_nobody_else() -> None:
    found = Finding(Verdict.FAILED, "x", 1.0, failing=("x",))
    assert not read(woven(found, A, B), [waiting(B)], SETTINGS).line.ended


def test_a_run_under_way_is_one() -> None:
    [running] = read(woven(None, A, B), [waiting(A), waiting(B)], SETTINGS).line.running
    assert (running.members, running.heads) == ((A, B), frozenset({A, B}))


def tip_gate(verdict: Verdict | None, *, composed: bool) -> Facts:
    gate = Decision(Act.BASELINE, TWO, "why", 3.0, TWO)
    found = {gate.key: Finding(verdict, "test_c failed", 4.0)} if verdict else {}
    landing = landed(TWO, BASE, A, composed=composed)
    return known(decisions={gate.key: gate}, findings=found, landings=(landing,))


def test_a_tip_that_landed_on_evidence_counts_as_green_until_its_gate_says_otherwise() -> None:
    assert trouble_with_tip(tip_gate(None, composed=True)) == ""
    assert "is being gated first" in trouble_with_tip(tip_gate(None, composed=False))
    assert "test_c failed" in trouble_with_tip(tip_gate(Verdict.FAILED, composed=True))
    assert not may_reuse(tip_gate(Verdict.FAILED, composed=True))
    assert may_reuse(tip_gate(Verdict.FAILED, composed=False)), "that was somebody else's fault"


def test_while_the_tip_is_not_known_to_be_green_nothing_is_proven_and_nobody_refuted() -> None:
    facts = tip_gate(Verdict.FAILED, composed=False)
    reading = read(facts, [waiting(B)], SETTINGS)
    assert not reading.proven
    assert not reading.refuted
    assert reading.line.stays
