"""What each change in the queue is told: when it lands, with which probability, why not sooner, and all that is known of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pytest

from podium.landing.explaining import SHOWN, Explanation, explain
from podium.landing.outlook import Clock, Look, Outlook, outlooks
from podium.landing.planner.line import Ended, Line, Options, Running, Seen, Waiting
from podium.landing.planner.states import EVERYTHING, Ground, Name

NOW, GATE_S = 1000.0, 100.0


def waits(name: str, *keys: str, since: float = 0.0, **others: object) -> Waiting:
    made = Waiting(name, frozenset(keys), since, GATE_S)
    return replace(made, **others)  # type: ignore[arg-type]  # any field by name


def states(members: Iterable[Waiting]) -> Mapping[Name, int]:
    """Of the targets of some changes, on a branch that nobody has touched."""
    found, ground = list(members), Ground()
    for one in found:
        ground.add(one.id, one.keys)
    return {key: ground[key] for one in found for key in one.keys}


def running(name: str, *members: Waiting, heads: Sequence[Waiting] = ()) -> Running:
    return Running(
        name,
        tuple(one.id for one in members),
        frozenset(one.id for one in heads or members),
        states(members),
    )


def ended(name: str, *members: Waiting, failing: Iterable[str] = ()) -> Ended:
    return Ended(name, tuple(one.id for one in members), states(members), frozenset(failing))


def line(
    *waiting: Waiting,
    under_way: Sequence[Running] = (),
    done: Sequence[Ended] = (),
    proven: Iterable[Seen] = (),
    refuted: Iterable[Seen] = (),
    slots: int = 1,
    stays: str = "",
) -> Line:
    return Line(
        {one.id: one for one in waiting}, Ground(), frozenset(proven), frozenset(refuted), under_way, done,
        slots, lambda _one, _other: 0.02, stays=stays,
    )  # fmt: skip


def look(seen: Line, *, began: float = NOW - 40, landing: Iterable[Name] = (), measured: bool = True) -> Look:
    since = {run.id: began for run in seen.running}
    return Look(seen, Clock(NOW, since, measured=measured), Options(pack=1), frozenset(landing))


def told(seen: Look) -> dict[Name, Outlook]:
    return {one.change: one for one in outlooks(seen)}


def known_of(name: str, seen: Look, source: str = "") -> Explanation:
    return explain(seen, name, source=lambda _seen: source)


A, B, C = waits("a", "t1"), waits("b", "t1", since=1.0), waits("c", "t2", since=2.0)


def test_a_change_in_a_gate_run_lands_when_the_run_ends() -> None:
    found = told(look(line(A, under_way=[running("run-1", A)])))["a"]
    assert (found.lands_at, found.runs, found.because) == (NOW + 60, ("run-1",), "being gated in run-1")


def test_a_run_that_takes_longer_than_expected_ends_any_moment() -> None:
    assert told(look(line(A, under_way=[running("run-1", A)]), began=0.0))["a"].lands_at == NOW


def test_who_needs_a_gate_waits_for_the_slot_that_is_free_first() -> None:
    found = told(look(line(A, B, C, under_way=[running("run-1", A)])))
    assert [found[name].lands_at for name in "abc"] == [NOW + 60, NOW + 160, NOW + 260]
    assert found["c"].because == "waits for a free slot: 1 of 1 are taken"
    assert [one.change for one in outlooks(look(line(A, B, C, under_way=[running("run-1", A)])))] == list(
        "abc"
    )


def test_nobody_lands_before_those_it_was_gated_on_top_of() -> None:
    runs = [running("run-1", A), running("run-2", A, B, heads=[B])]
    seen = line(replace(A, duration_s=300.0), B, under_way=runs, slots=2)
    found = told(look(seen))
    assert found["b"].waits_for == ("a",)
    assert found["b"].because == "being gated in run-2 on top of a"
    assert (found["a"].lands_at, found["b"].lands_at) == (NOW + 260, NOW + 260)
    assert found["a"].runs == ("run-1", "run-2")


def test_where_no_gate_run_has_ended_no_time_is_known() -> None:
    assert told(look(line(A), measured=False))["a"].lands_at is None


def test_nothing_is_expected_to_land_while_the_checkout_holds_the_branch() -> None:
    seen = look(line(A, stays="app.py is not committed", proven=states([A]).items()))
    assert (told(seen)["a"].lands_at, told(seen)["a"].because) == (None, "app.py is not committed")


def test_a_held_change_comes_last_and_has_no_time_nor_has_who_comes_after_it() -> None:
    held = replace(A, held="held by ada: not today")
    found = outlooks(look(line(held, replace(B, after=("a",)), C)))
    assert found[0].change == "c"
    assert {one.change: one.lands_at for one in found if one.change != "c"} == {"a": None, "b": None}
    assert next(one for one in found if one.change == "a").because == "held by ada: not today"


def test_a_proven_change_lands_now() -> None:
    found = told(look(line(A, C, proven=states([C]).items())))
    assert found["c"].because.startswith("lands now: ")
    assert (found["c"].chance, found["c"].lands_at) == (1.0, NOW)
    assert outlooks(look(line(A, C, proven=states([C]).items())))[0].change == "c"


def test_a_landing_under_way_is_no_news_to_wait_for() -> None:
    found = told(look(line(A), landing=["a"]))["a"]
    assert (found.because, found.chance, found.lands_at) == ("lands now", 1.0, NOW)


def test_priority_and_age_say_who_is_gated_next() -> None:
    busy = running("run-1", waits("z", "t9"))
    seen = line(waits("z", "t9"), B, replace(C, priority=2), under_way=[busy])
    assert [one.change for one in outlooks(look(seen))] == ["z", "c", "b"]


def test_a_suspect_is_told_of_what_and_with_whom_it_failed() -> None:
    both = states([A, B])
    seen = line(
        A, B, under_way=[running("run-2", waits("z", "t9"))],
        done=[ended("run-1", A, B, failing=["t1"])], refuted=both.items(),
    )  # fmt: skip
    found = told(look(seen))
    assert found["a"].because.startswith("failed at t1 together with b")
    assert found["a"].chance < 0.97
    [doubt] = known_of("a", look(seen)).doubts
    assert (doubt.target, doubt.suspect, doubt.together) == ("t1", True, ("b",))


def test_a_plan_tells_what_it_would_do_at_once() -> None:
    assert told(look(line(A)))["a"].because.startswith("its gate starts now: ")
    assert known_of("a", look(line(A))).next == "a gate of a begins"


def test_an_explanation_says_of_each_target_whether_it_is_proven_and_by_what() -> None:
    both = waits("a", "t1", "t2")
    proven = [("t1", states([both])["t1"])]
    seen = look(line(both, C, under_way=[running("run-1", both)], proven=proven))
    found = known_of("a", seen, source="gate:a")
    assert (found.position, found.target_count, found.proven_count) == (1, 2, 1)
    first, second = found.targets
    assert (first.name, first.standing, first.because, first.evidence) == (
        "t2",
        "open",
        "being looked at in run-1",
        "",
    )
    assert (second.name, second.standing, second.evidence, first.others) == ("t1", "passed", "gate:a", ("c",))
    assert [(one.change, one.shared) for one in found.neighbours] == [("c", 1)]
    assert found.next == "the verdict of run-1 lands it, or says what is wrong"


def test_of_many_targets_the_first_are_told_and_those_not_proven_before_the_others() -> None:
    many = waits("a", *(f"t{number:03}" for number in range(50)))
    proven = [(key, state) for key, state in states([many]).items() if key != "t049"]
    found = known_of("a", look(line(many, proven=proven)))
    assert (len(found.targets), found.target_count, found.proven_count) == (SHOWN, 50, 49)
    assert (found.targets[0].name, found.targets[0].standing) == ("t049", "open")


def test_a_change_that_touches_everything_overlaps_with_everybody() -> None:
    found = known_of("a", look(line(waits("a", EVERYTHING), B, C)))
    assert [target.name for target in found.targets] == ["everything"]
    assert [one.change for one in found.neighbours] == ["b", "c"]


def test_nothing_happens_to_what_is_held() -> None:
    found = known_of("a", look(line(replace(A, held="held by ada"))))
    assert found.next == "nothing, as long as this holds: held by ada"


def test_what_fails_on_the_branch_itself_goes_back() -> None:
    seen = look(line(A, refuted=states([A]).items()))
    assert told(seen)["a"].because.startswith("goes back: ")
    assert known_of("a", seen).next.startswith("it goes back to its maker: ")
    assert known_of("a", seen).targets[0].standing == "failed"


@pytest.mark.parametrize("count", [1, 300])
def test_every_change_has_one_place_and_a_reason(count: int) -> None:
    many = [waits(f"c{number}", f"t{number % 7}", since=float(number)) for number in range(count)]
    found = outlooks(look(line(*many, slots=4)))
    assert {one.change for one in found} == {one.id for one in many}
    assert len(found) == count
    assert all(one.because for one in found)
    times = [one.lands_at for one in found if one.lands_at is not None]
    assert times == sorted(times)
