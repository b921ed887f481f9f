"""The simulator: time goes from event to event, the policy orders, the truth answers. The same arguments give the same outcome."""

import heapq
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from podium.base.errors import PodiumError
from podium.simulation.scene import Land, Order, Policy, Predictor, Reject, Run, Scene, Seen, Start, Stop
from podium.simulation.trace import Arrival, Trace
from podium.simulation.truth import Report, World

_ROUNDS = 10_000
"""A policy that has orders at one event for ever is at fault."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a change. A `victim` was sent back though it would have passed."""

    at_s: float
    landed: bool
    victim: bool = False


@dataclass(slots=True)
class Outcome:
    """What came of a simulation. `red` counts positions of the target branch that fail; `thinking_s` is the policy's own time."""

    name: str
    slots: int
    seed: int
    arrivals: tuple[Arrival, ...]
    decided: dict[int, Decided] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    landed: list[int] = field(default_factory=list)
    landings: int = 0
    """How often the target branch moved."""
    red: int = 0
    events: int = 0
    thinking_s: float = 0.0

    @property
    def victims(self) -> int:
        return sum(one.victim for one in self.decided.values())


def simulate(
    trace: Trace,
    policy: Policy,
    *,
    slots: int,
    predictor: Predictor,
    seed: int = 0,
    attribution: float = 0.85,
    probe_share: float = 0.1,
) -> Outcome:
    """Let a policy decide over a trace until every change has landed or was sent back.

    Raises:
        PodiumError: the policy orders what cannot be, or leaves changes undecided for ever.
    """
    world = World(trace, seed=seed, attribution=attribution)
    kernel = _Kernel(
        world, Scene(slots, predictor), Outcome(policy.name, slots, seed, tuple(trace)), probe_share
    )
    if hasattr(policy, "told"):
        policy.told(world)
    kernel.go(sorted(trace, key=lambda one: (one.arrives_s, one.id)), policy)
    return kernel.outcome


class _Kernel:
    def __init__(self, world: World, scene: Scene, outcome: Outcome, probe_share: float) -> None:
        self.world, self.scene, self.outcome = world, scene, outcome
        self._probe_share = probe_share
        self._ends: list[tuple[float, int]] = []
        self._probes: dict[int, float] = {}
        """How long one probe of a run takes; 0 where it has none."""
        self._reports: dict[int, Report] = {}
        """Of the runs that probe: nothing of it is to be seen before its time."""

    def go(self, arrivals: Sequence[Arrival], policy: Policy) -> None:
        scene, coming = self.scene, list(reversed(arrivals))
        while coming or scene.waiting:
            due = [coming[-1].arrives_s] if coming else []
            due += [self._ends[0][0]] if self._ends else []
            if not due:
                raise PodiumError(f"{policy.name} leaves {len(scene.waiting)} changes undecided for ever")
            scene.now_s, scene.news = min(due), []
            while coming and coming[-1].arrives_s <= scene.now_s:
                self._arrive(coming.pop())
            while self._ends and self._ends[0][0] <= scene.now_s:
                self._finish(heapq.heappop(self._ends)[1])
            self.outcome.events += 1
            self._ask(policy)

    def _ask(self, policy: Policy) -> None:
        for _ in range(_ROUNDS):
            before = time.perf_counter()
            orders = list(policy.orders(self.scene))
            self.outcome.thinking_s += time.perf_counter() - before
            for order in orders:
                self._carry_out(order)
            self.scene.news = []
            if not orders:
                return
        raise PodiumError(f"{policy.name} does not come to an end of its orders")

    def _carry_out(self, order: Order) -> None:
        match order:
            case Start():
                self._start(order)
            case Stop():
                self.scene.running.pop(order.run).ended_s = self.scene.now_s
                self._ends = [end for end in self._ends if end[1] != order.run]
                heapq.heapify(self._ends)
            case Land():
                self._land(order.changes)
            case Reject():
                victim = self.world.passes(order.change, len(self.scene.landed))
                self._decide(order.change, landed=False, victim=victim)
                self.scene.rejected.add(order.change)

    def _arrive(self, one: Arrival) -> None:
        scene = self.scene
        made_s = one.arrives_s - one.base_age_s
        base = sum(1 for at in scene.landed_s if at <= made_s)
        self.world.base[one.id] = base
        seen = Seen(
            one.id, one.arrives_s, one.keys, base, one.duration_s, not one.stale, one.priority, one.after
        )
        scene.waiting[one.id] = scene.known[one.id] = seen

    def _start(self, order: Start) -> None:
        scene = self.scene
        if scene.idle < 1 or not order.members or not set(order.members) <= scene.waiting.keys():
            raise PodiumError(f"{self.outcome.name} starts what cannot start: {order}")
        number = len(self.outcome.runs)
        run = Run(number, order.members, order.heads, len(scene.landed), scene.now_s, order.because)
        took = max(self.world.changes[one].duration_s for one in order.heads)
        self._probes[number] = took * self._probe_share if order.probe else 0.0
        self.outcome.runs.append(run)
        scene.running[number] = run
        heapq.heappush(self._ends, (scene.now_s + took, number))

    def _finish(self, number: int) -> None:
        """The end of a run; of one that failed and probes, only the end of its first part."""
        run, scene = self.scene.running[number], self.scene
        if number not in self._reports:
            report = self._reports[number] = self.world.report(run.members, run.onto)
            if report.failing and self._probes[number]:
                self._probe(run)
                return
        report = self._reports.pop(number)
        del scene.running[number]
        run.passed, run.failing = report.passed, report.failing
        run.ended_s = scene.now_s
        scene.news.append(run)

    def _probe(self, run: Run) -> None:
        found = self.world.probed(run.members, run.onto, gone=self.scene.rejected)
        if found:
            run.kept, run.culprits = found.kept, found.culprits
            self._reports[run.id] = Report(not found.failing and found.kept == run.members, found.failing)
        lasts = self._probes[run.id] * (found.runs if found else 1)
        heapq.heappush(self._ends, (self.scene.now_s + lasts, run.id))

    def _land(self, changes: Sequence[int]) -> None:
        scene = self.scene
        if not changes or not set(changes) <= scene.waiting.keys():
            raise PodiumError(f"{self.outcome.name} lands what is not waiting: {changes}")
        self.outcome.red += bool(self.world.faults(changes, len(scene.landed)))
        self.outcome.landings += 1
        for change in changes:
            scene.position[change] = self.world.position[change] = len(scene.landed)
            scene.landed.append(change)
            scene.landed_s.append(scene.now_s)
            self.outcome.landed.append(change)
            self._decide(change, landed=True, victim=False)

    def _decide(self, change: int, *, landed: bool, victim: bool) -> None:
        if change not in self.scene.waiting:
            raise PodiumError(f"{self.outcome.name} decides on {change}, which is not waiting")
        del self.scene.waiting[change]
        self.outcome.decided[change] = Decided(self.scene.now_s, landed, victim)
