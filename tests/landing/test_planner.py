"""What the planner of the merge queue says of lines that are small enough to know the right answer."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from podium.landing.planner.doubt import beliefs, failures
from podium.landing.planner.line import (
    Action,
    Ended,
    Gate,
    Land,
    Line,
    Options,
    Return,
    Running,
    Seen,
    Stop,
    Waiting,
)
from podium.landing.planner.plan import plan
from podium.landing.planner.states import EVERYTHING, Ground, Name


def change(name: str, *keys: str, **more: Any) -> Waiting:
    return replace(Waiting(name, frozenset(keys), 0.0), **more)


class Queue:
    """A line that is told step by step what happened."""

    def __init__(self, *changes: Waiting, slots: int = 4, breaks: float = 0.01) -> None:
        self.keys: dict[Name, frozenset[Name]] = {}
        self.waiting: dict[Name, Waiting] = {}
        self.tip = Ground()
        self.proven: set[Seen] = set()
        self.refuted: set[Seen] = set()
        self.running: list[Running] = []
        self.ended: list[Ended] = []
        self.slots, self.breaks = slots, breaks
        for one in changes:
            self.keys[one.id] = one.keys
            self.waiting[one.id] = one

    def states(self, names: Iterable[str]) -> dict[Name, int]:
        top = Ground()
        for name in names:
            top.add(name, self.keys[name])
        keys = frozenset[Name]({EVERYTHING}).union(*(self.keys[name] for name in names))
        return {key: self.tip[key] ^ top[key] for key in keys}

    def passed(self, *names: str) -> None:
        self.failed(*names)

    def failed(self, *names: str, at: str = "", blind: bool = False) -> None:
        """A run on the tip ended: failed at these targets, or before its tests; passed, if nothing is said."""
        states, failing = self.states(names), frozenset[Name](at.split())
        self.ended.append(Ended(f"run {len(self.ended)}", names, states, failing, blind))
        if not blind:
            self.refuted.update((key, states[key]) for key in failing)
            whole = {EVERYTHING} if failing else set[Name]()
            self.proven.update((key, state) for key, state in states.items() if key not in failing | whole)

    def runs(self, *names: str, on: str = "") -> None:
        """A run goes on for `names` on top of `on`."""
        members = (*on.split(), *names)
        states = self.states(members)
        self.running.append(Running(f"going {len(self.running)}", members, frozenset(names), states))

    def landed(self, *names: str, keys: str = "") -> None:
        """They are on the tip now; strangers with these keys."""
        for name in names:
            self.waiting.pop(name, None)
            self.tip.add(name, self.keys.setdefault(name, frozenset(keys.split())))

    def line(self, stays: str = "") -> Line:
        return Line(
            self.waiting, self.tip, self.proven, self.refuted, self.running, self.ended, self.slots,
            lambda _one, _other: self.breaks, stays=stays,
        )  # fmt: skip

    def plan(self, *, now: float = 0.0, **options: Any) -> list[Action]:
        found = plan(self.line(), now, replace(Options(), **options))
        assert all(action.because for action in found)
        return found

    def trees(self, **options: Any) -> list[tuple[Name, ...]]:
        return [one.members for one in self.plan(**options) if isinstance(one, Gate)]


def lands(actions: Iterable[Action]) -> list[tuple[Name, ...]]:
    return [one.changes for one in actions if isinstance(one, Land)]


def returned(actions: Iterable[Action]) -> list[tuple[Name, tuple[Name, ...]]]:
    return [(one.change, one.failing) for one in actions if isinstance(one, Return)]


def test_what_passed_by_itself_lands_without_a_gate() -> None:
    queue = Queue(change("x", "a", "b"))
    queue.passed("x")
    assert lands(queue.plan()) == [("x",)]


def test_it_lands_whatever_else_has_moved() -> None:
    queue = Queue(change("x", "a"))
    queue.passed("x")
    queue.landed("stranger", keys="b c")
    assert lands(queue.plan()) == [("x",)]


def test_it_is_gated_anew_where_a_target_of_its_own_has_moved() -> None:
    queue = Queue(change("x", "a", "b"))
    queue.passed("x")
    queue.landed("stranger", keys="b")
    assert queue.trees() == [("x",)]


def test_one_that_passed_in_isolation_does_not_land_after_another_that_did_at_the_same_target() -> None:
    queue = Queue(change("x", "a"), change("y", "a"))
    queue.passed("x")
    queue.passed("y")
    assert lands(queue.plan()) == [("x",)]


def test_those_that_passed_together_land_together() -> None:
    queue = Queue(change("x", "a"), change("y", "a"), change("z", "b"))
    queue.passed("x", "y")
    assert lands(queue.plan()) == [("x", "y")]


def test_together_is_not_enough_where_one_of_them_touches_what_failed() -> None:
    queue = Queue(change("x", "a"), change("y", "a", "b"), change("z", "a"))
    queue.failed("x", "y", "z", at="b")
    assert lands(queue.plan()) == []


def test_the_neighbours_of_what_failed_keep_their_verdicts() -> None:
    queue = Queue(change("x", "a"), change("y", "b"), change("z", "c"))
    queue.failed("x", "y", "z", at="b")
    assert lands(queue.plan()) == [("x",), ("z",)]


def test_what_fails_on_the_tip_goes_back_with_its_failing_targets_whoever_else_was_there() -> None:
    queue = Queue(change("x", "a"), change("y", "b", "c", "d"))
    queue.failed("x", "y", at="d b")
    assert returned(queue.plan()) == [("y", ("b", "d"))]


def test_nobody_goes_back_for_what_fails_with_another() -> None:
    queue = Queue(change("x", "a"), change("y", "a"))
    queue.failed("x", "y", at="a")
    actions = queue.plan()
    assert returned(actions) == []
    assert all({"x", "y"} != set(tree) for tree in queue.trees())


def test_a_failure_of_a_tip_that_has_moved_on_says_nothing() -> None:
    queue = Queue(change("x", "a"))
    queue.failed("x", at="a")
    queue.landed("stranger", keys="a")
    assert queue.trees() == [("x",)]


def test_who_passed_without_another_makes_the_other_the_suspect() -> None:
    queue = Queue(change("x", "a"), change("y", "a"), change("z", "a"))
    queue.passed("x")
    queue.failed("x", "y", "z", at="a")
    (failure,) = failures(queue.line())
    assert failure.suspects == {"y", "z"}


def test_of_the_suspects_the_least_trusted_is_kept_out() -> None:
    queue = Queue(change("x", "a"), change("y", "a", passes=0.6), change("z", "a"))
    queue.failed("x", "y", "z", at="a")
    line = queue.line()
    believed = beliefs(line, failures(line))
    assert believed["y"] == 0
    assert 0 < believed["x"] < 0.97


def test_a_failure_says_nothing_of_those_that_do_not_touch_the_target() -> None:
    queue = Queue(change("x", "a"), change("y", "a"), change("z", "b"))
    queue.failed("x", "y", "z", at="a")
    line = queue.line()
    assert beliefs(line, failures(line))["z"] == 0.97


def test_after_a_failure_that_names_nothing_no_tree_holds_all_of_them_again() -> None:
    names = [f"x{number}" for number in range(8)]
    queue = Queue(*(change(name, name) for name in names))
    queue.failed(*names, blind=True)
    actions = queue.plan()
    assert returned(actions) == []
    assert lands(actions) == []
    trees = queue.trees()
    assert trees
    assert all(len(tree) < len(names) for tree in trees)


def test_what_fails_alone_without_naming_anything_goes_back() -> None:
    queue = Queue(change("x", "a"), change("y", "b"))
    queue.failed("x", blind=True)
    assert returned(queue.plan()) == [("x", ())]


def test_a_part_that_passed_is_not_suspect_of_what_named_nothing() -> None:
    queue = Queue(change("x", "a"), change("y", "b"))
    queue.passed("x")
    queue.failed("x", "y", blind=True)
    queue.proven.clear()
    queue.proven.update(queue.states(["x"]).items())
    (failure,) = failures(queue.line())
    assert failure.suspects == {"y"}


def test_what_passed_outweighs_what_failed_by_chance() -> None:
    queue = Queue(change("x", "a"))
    queue.failed("x", at="a")
    queue.passed("x")
    assert lands(queue.plan()) == [("x",)]


def test_after_a_change_that_touches_everything_nothing_is_as_it_was() -> None:
    queue = Queue(change("x", "a"))
    queue.passed("x")
    queue.landed("lockfile", keys=EVERYTHING)
    assert queue.trees() == [("x",)]


def test_a_change_that_touches_everything_does_not_land_after_anything_has() -> None:
    queue = Queue(change("x", EVERYTHING))
    queue.passed("x")
    queue.landed("stranger", keys="a")
    assert queue.trees() == [("x",)]


def test_who_is_held_neither_lands_nor_goes_back_nor_is_gated() -> None:
    queue = Queue(
        change("fine", "a", held="wait"), change("bad", "b", held="wait"), change("new", "c", held="wait")
    )
    queue.passed("fine")
    queue.failed("bad", at="b")
    assert queue.plan() == []


def test_a_slot_is_kept_for_what_is_urgent() -> None:
    queue = Queue(change("x", "a"), slots=1)
    assert queue.trees(kept=1) == []
    queue.waiting["y"] = change("y", "b", urgent=True)
    assert queue.trees(kept=1, pack=1) == [("y",)]


def test_what_is_urgent_goes_first_and_stops_nothing() -> None:
    queue = Queue(change("x", "a"), change("old", "b", priority=9), change("hot", "c", urgent=True), slots=2)
    queue.runs("x")
    assert queue.plan(pack=1)[0] == Gate(("hot",), ("hot",), queue.plan(pack=1)[0].because)
    assert not any(isinstance(one, Stop) for one in queue.plan(pack=1))


@pytest.mark.parametrize(("waited_h", "first"), [(1, "new"), (5, "old")])
def test_who_waits_long_enough_is_first(waited_h: float, first: str) -> None:
    """A step of priority is worth an hour of waiting."""
    now = waited_h * 3600
    queue = Queue(change("old", "a"), change("new", "b", since=now, priority=3), slots=1)
    assert [one.members for one in queue.plan(now=now, pack=1) if isinstance(one, Gate)] == [(first,)]


def test_who_comes_after_another_lands_after_it() -> None:
    queue = Queue(change("foot", "a"), change("tail", "b", after=("foot",)))
    queue.passed("tail")
    assert lands(queue.plan()) == []
    queue.passed("foot")
    assert lands(queue.plan()) == [("foot",), ("tail",)]


def test_a_stack_is_gated_in_its_order_even_where_its_parts_share_no_target() -> None:
    queue = Queue(change("tail", "b", after=("foot",)), change("foot", "a"))
    queue.runs("foot")
    assert queue.trees() == [("foot", "tail")]


def test_who_fails_before_those_it_comes_after_have_landed_neither_goes_back_nor_is_asked_again() -> None:
    queue = Queue(change("foot", "a", passes=0.3), change("tail", "b", after=("foot",)))
    queue.runs("foot")
    queue.failed("tail", at="b")
    assert queue.plan() == []


def stack() -> tuple[Waiting, ...]:
    """The first shares a target with the last; the last comes after one that shares none with them."""
    return (
        change("foot", "a"),
        change("middle", "b", after=("foot",)),
        change("tail", "a", after=("middle",)),
    )


def test_a_stack_whose_ends_meet_at_a_target_lands_together() -> None:
    queue = Queue(*stack())
    queue.passed("foot", "middle", "tail")
    assert lands(queue.plan()) == [("foot", "middle", "tail")]


def test_those_that_wait_for_each_other_to_land_first_are_gated_anew() -> None:
    queue = Queue(*stack())
    queue.passed("foot", "tail")
    queue.passed("middle")
    assert ("foot",) in queue.trees()


def test_a_run_is_stopped_when_what_it_was_started_for_has_moved() -> None:
    queue = Queue(change("x", "a"), change("y", "b"))
    queue.runs("x")
    queue.runs("y")
    queue.landed("stranger", keys="a")
    assert [one.run for one in queue.plan() if isinstance(one, Stop)] == ["going 0"]


def test_a_run_goes_on_as_long_as_one_it_was_started_for_can_land_by_it() -> None:
    queue = Queue(change("x", "a"), change("y", "b"))
    queue.runs("x", "y")
    queue.landed("stranger", keys="a")
    assert not any(isinstance(one, Stop) for one in queue.plan())
    assert queue.trees() == [("x",)]


def test_while_there_are_slots_enough_each_has_its_own_and_then_they_are_packed() -> None:
    changes = [change(f"x{number}", f"{number}") for number in range(6)]
    assert [len(tree) for tree in Queue(*changes, slots=8).trees()] == [1] * 6
    assert [len(tree) for tree in Queue(*changes, slots=2).trees()] == [3, 3]


def test_no_slot_is_left_free_because_those_that_are_likely_are_packed() -> None:
    likely = [change(f"x{number}", f"{number}") for number in range(4)]
    unlikely = [change(f"y{number}", f"y{number}", passes=0.3) for number in range(4)]
    assert len(Queue(*likely, *unlikely, slots=4).trees()) == 4


def test_nobody_is_gated_on_top_of_one_that_is_not_likely_to_land() -> None:
    queue = Queue(change("y", "a", passes=0.3), change("x", "a"))
    assert ("x",) in queue.trees()


def test_while_the_tip_is_in_doubt_nothing_lands_and_gates_go_on() -> None:
    queue = Queue(change("x", "a"), change("y", "b"))
    queue.passed("x")
    actions = plan(queue.line(stays="the tip is being gated"), 0.0)
    assert lands(actions) == []
    assert any(isinstance(one, Gate) and "y" in one.heads for one in actions)
