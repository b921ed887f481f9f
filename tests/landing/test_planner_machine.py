"""The planner in a world where anything may happen next: changes come, runs end in any order, chance strikes, people meddle.

The world knows which trees fail, and at which target. The planner is shown what a queue would show it, and each of its
actions is held against the truth.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from podium.landing.planner.cover import covered
from podium.landing.planner.doubt import failures
from podium.landing.planner.line import Action, Ended, Gate, Land, Line, Return, Running, Seen, Stop, Waiting
from podium.landing.planner.plan import plan
from podium.landing.planner.states import EVERYTHING, Ground, Name, overlap

ROUNDS = 60
"""More plans than this without anything new would be a loop."""


@dataclass(frozen=True)
class Truth:
    """What is so of a change: what it touches, whether it fails by itself or with some others, whether its failures name a target."""

    keys: frozenset[Name]
    bad: bool = False
    enemies: frozenset[Name] = frozenset()
    named: bool = True


@dataclass(frozen=True)
class Tree:
    """What a run judges: its members on top of what had landed when it was started; and what it found, once it has ended."""

    id: Name
    members: tuple[Name, ...]
    heads: frozenset[Name]
    landed: tuple[Name, ...]
    ground: Ground
    failing: frozenset[Name] = frozenset()
    blind: bool = False


keys = st.one_of(
    st.frozensets(st.sampled_from("abcd"), min_size=1, max_size=3), st.just(frozenset({EVERYTHING}))
)
truths = st.builds(
    Truth, keys, st.sampled_from([False, False, False, False, True]),
    st.frozensets(st.integers(0, 6), max_size=2), st.sampled_from([True, True, True, False]),
)  # fmt: skip
few = st.integers(0, 7)


class Planning(RuleBasedStateMachine):
    """Rules are what may happen; what the planner says is checked as it is carried out."""

    def __init__(self) -> None:
        super().__init__()
        self.truths: dict[Name, Truth] = {}
        self.waiting: dict[Name, Waiting] = {}
        self.landed: list[Name] = []
        self.returned: set[Name] = set()
        self.tip = Ground()
        self.own: dict[Name, Ground] = {}
        """What those were gated on who passed by themselves."""
        self.running: dict[Name, Tree] = {}
        self.ended: list[Tree] = []
        self.slots = 3
        self.runs = 0
        self.now = 0.0
        self.struck = False
        """Whether chance has made anything fail."""
        self.said: list[list[Action]] = []

    @rule(slots=st.integers(1, 8))
    def the_number_of_slots_changes(self, slots: int) -> None:
        self.slots = max(slots, len(self.running))
        self._settle()

    @rule(
        truth=truths, passes=st.sampled_from([0.97, 0.9, 0.3]), alone=st.booleans(), after=st.sampled_from([False, False, True]),
        priority=st.integers(-2, 2), urgent=st.sampled_from([False, False, True]),
    )  # fmt: skip
    def a_change_comes(
        self, *, truth: Truth, passes: float, alone: bool, after: bool, priority: int, urgent: bool
    ) -> None:
        """`alone`: it was gated by itself on the tip, and passed."""
        name = f"change{len(self.truths)}"
        last = next(reversed(self.waiting), None)
        stack = (last,) if after and last else ()
        self.truths[name] = self._with_enemies(truth, without=stack)
        self.waiting[name] = Waiting(
            name, truth.keys, self.now, 60.0, passes, priority=priority, urgent=urgent, after=stack
        )
        if alone and not self._faults([name], self.landed):
            self.own[name] = self.tip.copy()
        self._settle()

    @precondition(lambda self: self.running)
    @rule(which=few, chance=st.sampled_from([False] * 8 + [True]), at=few)
    def a_run_ends(self, which: int, chance: bool = False, at: int = 0) -> None:
        """`chance`: something fails that does not fail."""
        tree = list(self.running.values())[which % len(self.running)]
        touched = sorted(map(str, frozenset().union(*(self.truths[name].keys for name in tree.members))))
        self._end(tree, frozenset({touched[at % len(touched)]} if chance else ()) - {EVERYTHING})
        self._settle()

    @precondition(lambda self: self.waiting)
    @rule(which=few)
    def a_person_holds_a_change_or_lets_it_go(self, which: int) -> None:
        name = list(self.waiting)[which % len(self.waiting)]
        one = self.waiting[name]
        self.waiting[name] = replace(one, held="" if one.held else "wait for me")
        self._settle()

    @rule(truth=truths)
    def somebody_else_moves_the_branch(self, truth: Truth) -> None:
        name = f"person{len(self.truths)}"
        self.truths[name] = replace(self._with_enemies(truth), bad=False)
        if not self._faults([name], self.landed):
            self._move((name,))
        self._settle()

    def teardown(self) -> None:
        """Left in peace, everything lands or goes back."""
        for name, one in self.waiting.items():
            self.waiting[name] = replace(one, held="")
        self._settle()
        for _ in range(12 * (len(self.truths) + 1)):
            if not self.running:
                break
            self.a_run_ends(0)
        assert not self.waiting, "nothing runs, and some still wait"
        assert self.returned.isdisjoint(self.landed)

    def _settle(self) -> None:
        """Carry out what the planner says until it says nothing more."""
        self.now += 60.0
        for _ in range(ROUNDS):
            line = self._line()
            actions = plan(line, self.now)
            assert actions == plan(self._line(backwards=True), self.now), "the same facts, another plan"
            if not actions:
                self._check_idle(line)
                return
            self.said.append(actions)
            for action in actions:
                assert action.because
                self._carry_out(action, line)
        raise AssertionError("no end to planning")

    def _check_idle(self, line: Line) -> None:
        """No slot is free while somebody could be gated."""
        if len(self.running) >= self.slots:
            return
        under_way = covered(line, failures(line))
        missed = [
            one.id
            for one in line.waiting.values()
            if one.id not in under_way and not one.held and line.waiting.keys().isdisjoint(one.after)
        ]
        assert not missed, f"{missed} could be gated"

    def _carry_out(self, action: Action, line: Line) -> None:
        match action:
            case Gate():
                self._start(action)
            case Stop():
                self._check_stop(self.running.pop(action.run), line)
            case Land():
                self._land(action.changes)
            case Return():
                self._return(action)

    def _start(self, gate: Gate) -> None:
        assert len(self.running) < self.slots
        assert gate.heads
        assert set(gate.heads) <= set(gate.members) <= self.waiting.keys()
        assert not any(self.waiting[head].held for head in gate.heads)
        landed = tuple(self.landed)
        known = any(set(gate.members) == set(tree.members) and landed == tree.landed for tree in self.ended)
        assert self.struck or not known, f"what {gate} shows is known already"
        self.runs += 1
        self.running[self.runs] = Tree(
            self.runs, gate.members, frozenset(gate.heads), landed, self.tip.copy()
        )

    def _end(self, tree: Tree, struck: frozenset[Name]) -> None:
        del self.running[tree.id]
        causes = self._faults(tree.members, tree.landed)
        blind = None in causes
        failing = frozenset(key for key in causes if key is not None) | struck
        self.struck = self.struck or bool(struck - causes)
        self.ended.append(replace(tree, failing=frozenset() if blind else failing, blind=blind))

    def _check_stop(self, tree: Tree, line: Line) -> None:
        """Each head's targets are in other states for ever, or a failure was seen that its tree would repeat."""
        for head in tree.heads:
            if head in self.waiting and not self._is_void(tree, head):
                doubts = [one for one in failures(line) if one.touching <= set(tree.members)]
                assert any(
                    one.key is None or overlap(self.truths[head].keys, frozenset({one.key})) for one in doubts
                ), f"{head} could still land by the verdict of {tree}"

    def _is_void(self, tree: Tree, head: Name) -> bool:
        """Whether somebody landed who is not in the tree, or somebody in it will not land, with whom it shares a target."""
        mine = self.truths[head].keys
        members = set(tree.members)
        since = set(self.landed) - members - set(tree.landed)
        left = members & self.returned
        return any(overlap(mine, self.truths[other].keys) for other in since | left)

    def _land(self, names: tuple[Name, ...]) -> None:
        for place, name in enumerate(names):
            one = self.waiting[name]
            assert not one.held
            assert all(foot in self.landed or foot in names[:place] for foot in one.after), "out of order"
        assert not self._faults(names, self.landed), "the branch is red"
        self._move(names)

    def _move(self, names: Iterable[Name]) -> None:
        for name in names:
            self.waiting.pop(name, None)
            self.landed.append(name)
            self.tip.add(name, self.truths[name].keys)

    def _return(self, action: Return) -> None:
        name = action.change
        assert self.struck or self._faults([name], self.landed), f"{name} goes back for no fault of its own"
        assert not self.waiting[name].held
        self._leave(name)

    def _leave(self, name: Name) -> None:
        """With it go those who may land after it only."""
        del self.waiting[name]
        self.returned.add(name)
        for other in [one.id for one in self.waiting.values() if name in one.after]:
            self._leave(other)

    def _line(self, *, backwards: bool = False) -> Line:
        """As `landing/reading.py` reads facts. `backwards`: sets are filled the other way round, which must not matter."""
        waiting = {name: replace(one, keys=self._keys(name)) for name, one in self.waiting.items()}
        proven, refuted = list[Seen](), list[Seen]()
        for name, ground in self.own.items():
            proven += self._states([name], ground).items()
        for tree in self.ended if not backwards else reversed(self.ended):
            if not tree.blind:
                states, failing = (
                    self._seen(tree),
                    set(tree.failing) | ({EVERYTHING} if tree.failing else set()),
                )
                refuted += [(key, states[key]) for key in failing]
                proven += [(key, state) for key, state in states.items() if key not in failing]
        running = [Running(one.id, one.members, one.heads, self._seen(one)) for one in self.running.values()]
        ended = [
            Ended(one.id, one.members, self._seen(one), one.failing, one.blind)
            for one in self.ended
            if self.returned.isdisjoint(one.members) and not waiting.keys().isdisjoint(one.members)
        ]
        return Line(
            waiting, self.tip.copy(), set(proven), set(refuted), running, ended, self.slots,
            lambda _one, _other: 0.02,
        )  # fmt: skip

    def _seen(self, tree: Tree) -> dict[Name, int]:
        return self._states(tree.members, tree.ground)

    def _keys(self, name: Name) -> frozenset[Name]:
        """As `landing/positions.py` has it: who touches everything touches what is known to have failed by its name."""
        mine = self.truths[name].keys
        return mine.union(*(tree.failing for tree in self.ended)) if EVERYTHING in mine else mine

    def _states(self, members: Iterable[Name], ground: Ground) -> dict[Name, int]:
        top, touched = Ground(), set[Name]({EVERYTHING})
        for name in members:
            top.add(name, self._keys(name))
            touched |= self._keys(name)
        return {key: ground[key] ^ top[key] for key in touched}

    def _with_enemies(self, truth: Truth, without: tuple[Name, ...] = ()) -> Truth:
        """Breaks with some that wait and share a target with it."""
        near = [name for name in self.waiting if overlap(truth.keys, self.truths[name].keys)]
        chosen = {near[int(at) % len(near)] for at in truth.enemies if near}
        return replace(truth, enemies=frozenset(chosen - set(without)))

    def _faults(self, members: Iterable[Name], landed: Iterable[Name]) -> set[Name | None]:
        """What fails in a tree; None where it fails before its tests."""
        tree, found = {*landed, *members}, set[Name | None]()
        for name in tree:
            one = self.truths[name]
            common = [one.keys] if one.bad else []
            common += [_common(one.keys, self.truths[other].keys) for other in one.enemies & tree]
            found.update(min(map(str, targets)) if one.named else None for targets in common)
        return {"a" if key == EVERYTHING else key for key in found}


def _common(mine: frozenset[Name], theirs: frozenset[Name]) -> frozenset[Name]:
    if EVERYTHING in mine:
        return theirs
    return mine if EVERYTHING in theirs else mine & theirs


TestPlanning = Planning.TestCase
TestPlanning.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)


def story(seed: int) -> str:
    """All that the planner says while a drawn number of things happens."""
    lot, planning = random.Random(f"{seed}:story"), Planning()
    for _ in range(40):
        mine = frozenset(lot.sample("abcdefgh", 3)) if lot.random() < 0.9 else frozenset({EVERYTHING})
        truth = Truth(mine, lot.random() < 0.1, frozenset(lot.sample(range(7), 2)), lot.random() < 0.8)
        passes, alone = lot.choice([0.97, 0.9, 0.3]), lot.random() < 0.2
        planning.a_change_comes(
            truth=truth, passes=passes, alone=alone, after=False, priority=0, urgent=False
        )
        planning.now = 0.0  # so that many came at the same time
        if planning.running and lot.random() < 0.7:
            planning.a_run_ends(lot.randrange(8), lot.random() < 0.1, lot.randrange(8))
    planning.teardown()
    return repr(planning.said)


def test_another_process_plans_the_same() -> None:
    """Python gives sets of words another order in each process."""
    program = "import test_planner_machine as it; print(*map(it.story, range(3)))"
    said = set()
    for order in "12":
        environment = os.environ | {"PYTHONHASHSEED": order}
        folder = Path(__file__).parent
        said.add(
            subprocess.run(
                [sys.executable, "-c", program], env=environment, cwd=folder, check=True, capture_output=True
            ).stdout
        )
    assert len(said) == 1
