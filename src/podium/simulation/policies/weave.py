"""Podium's own planner in the simulator: it is shown what the scene shows, and its actions are carried out as they are."""

import math
from collections.abc import Iterator
from dataclasses import replace

from podium.landing.planner.line import (
    Action,
    Ended,
    Gate,
    Land,
    Line,
    Options,
    Return,
    Running,
    Stop,
    Waiting,
)
from podium.landing.planner.plan import plan
from podium.landing.planner.states import EVERYTHING, Ground, Name, State, mark
from podium.simulation import scene as order
from podium.simulation.scene import Order, Run, Scene, Seen

TESTED = 0.995
"""The probability that a change passes that was seen to pass with all that has landed."""


class Weave:
    """Keeps what runs have proven; everything else it reads anew from the scene at every event."""

    name = "podium"

    def __init__(self, *, reuse: bool = True, options: Options | None = None) -> None:
        self._reuse = reuse
        self._options = options or Options()
        self._tips: list[Ground] = [Ground()]
        """The states after each landing."""
        self._entered = 0
        self._fine: dict[Name, set[Name]] = {}
        """With whom each was seen to pass."""
        self._keys: dict[Name, frozenset[Name]] = {}
        self._waiting: dict[Name, Waiting] = {}
        self._proven: set[tuple[Name, State]] = set()
        self._refuted: set[tuple[Name, State]] = set()
        self._running: dict[int, Running] = {}
        self._ended: dict[int, Ended] = {}
        self._failures = [5.1, 0.9]
        """How many runs failed by naming a test, and how many by naming none; begun with what is usual."""

    def orders(self, scene: Scene) -> Iterator[Order]:
        self._look(scene)
        line = Line(
            self._waiting, self._tips[-1], self._proven, self._refuted,
            tuple(self._running.values()), tuple(self._ended.values()), scene.slots,
            lambda one, other: 0.0 if other in self._fine[one] or one in self._fine[other] else scene.predictor.breaks(int(one), int(other)),
            self._failures[1] / sum(self._failures),
        )  # fmt: skip
        return map(_order, plan(line, scene.now_s, self._options))

    def _look(self, scene: Scene) -> None:
        for name in scene.landed[len(self._tips) - 1 :]:
            self._land(scene, name)
        for name in list(scene.known)[self._entered :]:
            self._enter(scene, scene.known[name])
        self._entered = len(scene.known)
        for gone in [name for name in self._waiting if name not in scene.waiting]:
            del self._waiting[gone]
        for run in scene.running.values():
            if run.id not in self._running:
                self._running[run.id] = self._begun(run)
        for run in scene.news:
            self._learn(scene, run, self._running[run.id])
        self._running = {number: run for number, run in self._running.items() if number in scene.running}
        self._ended = {
            number: run
            for number, run in self._ended.items()
            if any(name in self._waiting for name in run.members) and scene.rejected.isdisjoint(run.members)
        }

    def _land(self, scene: Scene, name: int) -> None:
        ground = self._tips[-1].copy()
        ground.add(name, scene.known[name].keys)
        self._tips.append(ground)
        for other, one in self._waiting.items():
            if name not in self._fine[other] and scene.overlap(int(other), name):
                chance = one.passes * (1 - scene.predictor.breaks(int(other), name))
                self._waiting[other] = replace(one, passes=chance)

    def _enter(self, scene: Scene, seen: Seen) -> None:
        self._keys[seen.id] = seen.keys
        self._fine[seen.id] = set()
        passes = scene.predictor.passes(seen.id)
        for other in scene.landed[seen.base :]:
            if scene.overlap(seen.id, other):
                passes *= 1 - scene.predictor.breaks(seen.id, other)
        self._waiting[seen.id] = Waiting(
            seen.id, seen.keys, seen.arrived_s, seen.duration_s, passes,
            priority=seen.priority, after=seen.after,
        )  # fmt: skip
        if self._reuse and seen.proven:
            base, one = self._tips[seen.base], mark(seen.id)
            self._proven.update((key, base[key] ^ one) for key in seen.keys)

    def _begun(self, run: Run) -> Running:
        return Running(run.id, run.members, frozenset(run.heads), self._states(run.onto, run.members))

    def _learn(self, scene: Scene, run: Run, begun: Running) -> None:
        """Take over what a run has shown: of its own tree, or of that without those who were taken out."""
        if not run.passed:
            self._failures[run.kept is None and not run.failing] += 1
        if not run.passed and run.kept is None:
            self._ended[run.id] = Ended(run.id, run.members, begun.states, blind=True)
            return
        self._blame(run)
        kept = run.members if run.kept is None else run.kept
        self._pass(scene, kept, run)
        states = self._states(run.onto, kept)
        self._ended[run.id] = Ended(run.id, kept, states, run.failing)
        for key, state in states.items():
            if key in run.failing:
                self._refuted.add((key, state))
            elif key != EVERYTHING or not run.failing:
                self._proven.add((key, state))

    def _pass(self, scene: Scene, kept: tuple[int, ...], run: Run) -> None:
        """Those all of whose targets passed get along with all who were in the tree."""
        for name in kept:
            if name in self._waiting and self._keys[name].isdisjoint(run.failing):
                self._fine[name].update(kept, scene.landed[: run.onto])
                since = [
                    one
                    for one in scene.landed[run.onto :]
                    if one not in self._fine[name] and scene.overlap(name, one)
                ]
                chance = math.prod((1 - scene.predictor.breaks(name, one) for one in since), start=TESTED)
                self._waiting[name] = replace(self._waiting[name], passes=chance)

    def _blame(self, run: Run) -> None:
        kept = set(run.kept or ())
        for change, failing in run.culprits:
            before = run.members[: run.members.index(change)]
            states = self._states(run.onto, (*(name for name in before if name in kept), change))
            self._refuted.update((key, states[key]) for key in failing)

    def _states(self, onto: int, members: tuple[int, ...]) -> dict[Name, State]:
        top, tip = Ground(), self._tips[onto]
        for name in members:
            top.add(name, self._keys[name])
        keys = {key for name in members for key in self._keys[name]}
        return {key: tip[key] ^ top[key] for key in (*keys, EVERYTHING)}


def _order(action: Action) -> Order:
    match action:
        case Gate():
            return order.Start(_ids(action.members), _ids(action.heads), action.because, probe=True)
        case Stop():
            return order.Stop(int(action.run), action.because)
        case Land():
            return order.Land(_ids(action.changes), action.because)
        case Return():
            return order.Reject(int(action.change), action.because)


def _ids(names: tuple[Name, ...]) -> tuple[int, ...]:
    return tuple(int(name) for name in names)
