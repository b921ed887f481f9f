"""Podium's own planner in the simulator: it is shown what the scene shows, and its actions are carried out as they are."""

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


class Weave:
    """Keeps what runs have proven; everything else it reads anew from the scene at every event."""

    name = "podium"

    def __init__(self, *, reuse: bool = True, options: Options | None = None) -> None:
        self._reuse = reuse
        self._options = options or Options()
        self._tips: list[Ground] = [Ground()]
        """The states after each landing."""
        self._entered = 0
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
            lambda one, other: scene.predictor.breaks(int(one), int(other)),
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
            self._learn(run, self._running[run.id])
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
            if scene.overlap(int(other), name):
                chance = one.passes * (1 - scene.predictor.breaks(int(other), name))
                self._waiting[other] = replace(one, passes=chance)

    def _enter(self, scene: Scene, seen: Seen) -> None:
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
        top = Ground()
        for name in run.members:
            top.add(name, self._waiting[name].keys)
        tip = self._tips[run.onto]
        keys = {key for name in run.members for key in self._waiting[name].keys}
        states = {key: tip[key] ^ top[key] for key in (*keys, EVERYTHING)}
        return Running(run.id, run.members, frozenset(run.heads), states)

    def _learn(self, run: Run, begun: Running) -> None:
        blind = not run.passed and not run.failing
        self._ended[run.id] = Ended(run.id, run.members, begun.states, run.failing, blind)
        self._failures[blind] += not run.passed
        if blind:
            return
        self._refuted.update((key, begun.states[key]) for key in run.failing if key in begun.states)
        failing = run.failing | {EVERYTHING} if run.failing else run.failing
        self._proven.update(seen for seen in begun.states.items() if seen[0] not in failing)


def _order(action: Action) -> Order:
    match action:
        case Gate():
            return order.Start(_ids(action.members), _ids(action.heads), action.because, again=True)
        case Stop():
            return order.Stop(int(action.run), action.because)
        case Land():
            return order.Land(_ids(action.changes), action.because)
        case Return():
            return order.Reject(int(action.change), action.because)


def _ids(names: tuple[Name, ...]) -> tuple[int, ...]:
    return tuple(int(name) for name in names)
