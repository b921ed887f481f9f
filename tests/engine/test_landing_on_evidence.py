"""Landing on evidence that is there already: what may, what may not, and what follows when it was a mistake."""

import pytest

from podium.base.digest import digest
from podium.engine.decide import trouble_with_target
from podium.model.decision import Act, Decision
from podium.model.evidence import Finding
from podium.model.ids import ChangeId
from podium.model.progress import State, progress_of_change
from podium.model.review import Wish
from podium.model.verdict import Verdict
from simulation import World

NEVER = '[policy]\nreview = "never"\n'


def apart(change: ChangeId) -> tuple[str, ...]:
    return (f"test_{change.split(':')[1]}.py",)


def submitted(*names: str, configuration: str = "", affects: object = apart) -> World:
    """A world in which these changes were made on one base, each passed alone, and nothing has landed yet."""
    world = World.of([], NEVER + configuration)
    world.affects = affects  # type: ignore[assignment]  # a function of the change
    for name in names:
        world.submit(f"submit:{name}:1")
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.hold_checkout("not yet")
    while any(job.act is Act.GATE for job in world.jobs):
        world.find(world.job(Act.GATE), Verdict.PASSED)
        world.advance()
    world.hold_checkout("")
    world.advance()
    return world


def land_all(world: World) -> list[Decision]:
    """Carry out every landing that is due, and nothing else."""
    done = []
    while any(job.act is Act.LAND for job in world.jobs):
        done.append(world.job(Act.LAND))
        world.land(done[-1])
        world.advance()
    return done


def weaves(world: World) -> list[Decision]:
    return [one for one in world.decisions.values() if one.act is Act.WEAVE]


def test_what_affects_nothing_that_has_moved_lands_without_another_gate_run() -> None:
    world = submitted("a", "b", "c")
    done = land_all(world)
    assert sorted(world.landed) == ["submit:a:1", "submit:b:1", "submit:c:1"]
    assert not weaves(world)
    assert [list(job.data["certificate"]["evidence"]) for job in done] == [
        [f"gate:{job.data['members'][0]}"] for job in done
    ]
    assert all("passed in this state: 1 in isolation" in job.because for job in done)


def test_where_reuse_is_off_everything_is_gated_on_the_tip() -> None:
    world = submitted("a", "b", configuration="[queue]\nreuse = false\n")
    land_all(world)
    assert weaves(world)


def test_of_two_that_affect_the_same_only_the_first_lands_unseen() -> None:
    world = submitted("a", "b", affects=lambda _change: ("test_both.py",))
    land_all(world)
    assert len(world.landed) == 1
    [weave] = weaves(world)
    [left] = {"submit:a:1", "submit:b:1"} - set(world.landed)
    assert weave.data["members"] == [left]


def test_what_fails_in_the_state_it_would_have_goes_back_with_those_it_met() -> None:
    world = submitted("a", "b", affects=lambda _change: ("test_both.py",))
    land_all(world)
    [landed] = world.landed
    weave = world.job(Act.WEAVE)
    world.weave(weave, Verdict.FAILED, failing=("test_both.py",))
    back = {one.subject: one for one in world.advance() if one.act is Act.SEND_BACK}
    [decision] = back.values()
    assert decision.data["partners"] == [landed]
    assert decision.data["failing"] == ["test_both.py"]
    assert decision.data["evidence"] == weave.key
    assert landed in decision.because


def test_a_failing_neighbour_in_the_same_run_does_not_keep_the_others_from_landing() -> None:
    world = submitted(
        "a",
        "b",
        "c",
        affects=lambda change: (*apart(change), "test_all.py") if ":a:" in change else apart(change),
    )
    world.push()
    land_all(world)
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    while any(job.act is Act.WEAVE for job in world.jobs):
        job = world.job(Act.WEAVE)
        failing = ("test_a.py",) if "submit:a:1" in job.data["members"] else ()
        world.weave(job, Verdict.FAILED if failing else Verdict.PASSED, failing=failing, complete=True)
        world.advance()
        land_all(world)
    assert set(world.landed) == {"submit:b:1", "submit:c:1"}
    assert "send-back:submit:a:1" in world.decisions


def test_a_tip_that_landed_so_is_gated_in_full_where_a_slot_is_free_and_agents_need_not_wait() -> None:
    world = submitted("a")
    world.land(world.job(Act.LAND))
    world.advance()
    audit = world.job(Act.BASELINE)
    assert (audit.subject, audit.data) == (world.tip, {"spare": True})
    assert trouble_with_target(world.facts()) == ""


def audited(verdict: Verdict) -> World:
    """Of two landings on evidence the first turns out so, after the second has landed."""
    world = submitted("a", "b")
    world.land(world.job(Act.LAND))
    world.advance()
    first = world.job(Act.BASELINE)
    world.land(world.job(Act.LAND))
    world.advance()
    world.find(first, verdict, "test_c failed")
    world.advance()
    return world


def test_a_landing_that_turns_out_a_mistake_calls_a_person_and_ends_all_landing_so() -> None:
    world = audited(Verdict.FAILED)
    first = world.landings[0]
    alarm = world.decisions[f"alarm:{first.commit}"]
    assert f"git revert {first.commit[:10]}" in alarm.because
    assert first.candidate in alarm.because
    world.submit("submit:c:1")
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.find(world.job(Act.GATE, "submit:c:1"), Verdict.PASSED)
    world.advance()
    world.push()
    land_all(world)
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    assert [one.data["members"] for one in world.jobs if one.act is Act.WEAVE] == [["submit:c:1"]]


def test_a_person_who_has_looked_lets_it_go_on() -> None:
    world = audited(Verdict.FAILED)
    world.order(world.tip, Wish.RETRY)
    world.submit("submit:c:1")
    world.submit("submit:d:1")
    world.advance()
    world.hold_checkout("not yet")
    while any(job.act is Act.GATE for job in world.jobs):
        world.find(world.job(Act.GATE), Verdict.PASSED)
        world.advance()
    world.hold_checkout("")
    world.advance()
    land_all(world)
    assert not weaves(world)
    assert {"submit:c:1", "submit:d:1"} <= set(world.landed)


def test_a_full_gate_that_passes_changes_nothing() -> None:
    world = audited(Verdict.PASSED)
    assert not [one for one in world.decisions.values() if one.act is Act.ALARM]


def test_a_candidate_outlives_the_tip_it_was_built_on() -> None:
    """What it showed of those that nothing else has met holds on the next tip as well."""
    world = submitted(
        "a", "b", affects=lambda change: ("test_both.py",) if ":x:" not in change else ("test_x.py",)
    )
    land_all(world)
    weave = world.job(Act.WEAVE)
    world.submit("submit:x:1")
    world.advance()
    world.find(world.job(Act.GATE, "submit:x:1"), Verdict.PASSED)
    world.advance()
    world.land(world.job(Act.LAND))
    world.advance()
    world.weave(weave)
    world.advance()
    land_all(world)
    assert len(world.landed) == 3
    assert len(weaves(world)) == 1


@pytest.mark.parametrize("said", [Wish.HOLD, Wish.RELEASE])
def test_who_is_held_stays_in_the_queue_until_released(said: Wish) -> None:
    world = World.of([], NEVER)
    world.affects = apart
    world.submit("submit:a:1")
    world.order("submit:a:1", Wish.HOLD)
    if said is Wish.RELEASE:
        world.order("submit:a:1", Wish.RELEASE)
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.find(world.job(Act.GATE), Verdict.PASSED)
    world.advance()
    assert any(job.act is Act.LAND for job in world.jobs) is (said is Wish.RELEASE)
    change = world.changes[ChangeId("submit:a:1")]
    assert progress_of_change(world.facts(), change).state is State.QUEUED


def test_a_run_that_can_land_nobody_any_more_ends_before_it_begins_and_is_nobodys_fault() -> None:
    world = submitted("a", "b", affects=lambda _change: ("test_both.py",))
    land_all(world)
    weave = world.job(Act.WEAVE)
    world.order(weave.data["members"][0], Wish.CANCEL)
    world.advance()
    world.weave(weave)
    world.advance()
    assert [failure.subject for failure in world.failures.values()] == [weave.subject]
    assert not [one for one in world.decisions.values() if one.act in {Act.SEND_BACK, Act.ALARM}]
    assert weave.key not in world.findings


def test_what_somebody_else_put_on_the_branch_voids_all_evidence() -> None:
    world = submitted("a")
    world.fail(world.job(Act.LAND), "it moved")
    world.push()
    world.advance()
    assert not [job for job in world.jobs if job.act is Act.LAND]
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    assert [one.data["members"] for one in weaves(world)] == [["submit:a:1"]]


def test_the_same_facts_give_the_same_certificate() -> None:
    one, other = (submitted("a", "b").job(Act.LAND) for _ in range(2))
    assert one == other
    pairs = one.data["certificate"]["targets"]
    assert one.data["certificate"]["digest"] == digest(pairs)
    assert Finding(Verdict.PASSED, "", 1.0).failing == ()
