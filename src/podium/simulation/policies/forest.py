"""What a speculating queue knows: who waits for whom, what runs have found about each path, and how probable each landing is.

Shared by the queues that speculate on outcomes. It is brought up to date with what changed, and looks at nothing else:
deciding on a change touches those that overlap it, and the paths that lead through these.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from podium.simulation.policies.paths import SUREST, Path, Replayed, either, lean, levels, paths
from podium.simulation.scene import Run, Scene, Seen

_MOVE = 1e-4
"""A chance that moved by less is left as it was."""

_AT_ONCE = 3
"""How many changes are overtaken at most: of n that are, 2^n outcomes have to be run."""

_STIR = 0.01
"""Those behind a change are thought about again where its chance moved so far that theirs moves by this."""

Sooner = Callable[[Seen, Seen], float]
"""With what probability the first is through before the second, where it may overtake it; 0 where it may not."""


@dataclass(slots=True)
class Finding:
    """What a run says about a path: nothing as long as it is under way."""

    run: int
    passed: bool | None = None


@dataclass(slots=True)
class Node:
    """A change that is undecided. A path is named by those of the undecided that it assumes to land.

    `ahead` and `behind` are the undecided that overlap it and came before and after it.
    `chance` is the probability that it lands: it is good, and breaks with none that lands before it (`doubts`: with
    whom, how probably). The chances of those ahead are taken as independent. `overtakes` says whom of these it may overtake,
    and how probably it does. `bound` is the logarithm of the probability of its likeliest path when it overtakes none.
    """

    seen: Seen
    place: int
    good: float
    weight: float
    source: Callable[["Node"], Iterator[Path]]
    ahead: set[int] = field(default_factory=set)
    behind: set[int] = field(default_factory=set)
    overtakes: dict[int, float] = field(default_factory=dict)
    doubts: dict[int, float] = field(default_factory=dict)
    found: dict[frozenset[int], Finding] = field(default_factory=dict)
    chance: float = 1.0
    lean: float = lean(1.0)
    bound: float = 0.0
    stream: Replayed | None = None
    """None where it is no longer right."""
    orphaned: bool = False
    """One of those it may only land after was sent back."""

    @property
    def ceiling(self) -> float:
        return 0.0 if self.overtakes else self.bound

    def open(self) -> Replayed:
        if self.stream is None:
            self.stream = Replayed(self.source(self))
        return self.stream

    def follows(self, path: frozenset[int]) -> bool:
        """Whether a path assumes all that this change may only land after."""
        after = self.seen.after
        return not after or all(one in path or one not in self.ahead for one in after)

    def keep_with(self, landed: int) -> None:
        """Keep what holds with this change in the target branch."""
        self.found = {path - {landed}: one for path, one in self.found.items() if landed in path}

    def keep_without(self, rejected: int) -> None:
        """Keep what holds without this change."""
        self.found = {path: one for path, one in self.found.items() if rejected not in path}
        self.doubts.pop(rejected, None)
        self.orphaned |= rejected in self.seen.after


class Forest:
    """The undecided changes, as trees of what each would be merged onto."""

    def __init__(self, sooner: Sooner | None) -> None:
        self.nodes: dict[int, Node] = {}
        self.touched: set[int] = set()
        """Those about which something was learnt that may decide them; whoever looks empties it."""
        self._sooner = sooner
        self._stale: set[int] = set()
        self._holders: dict[int, dict[int, None]] = {}
        self._findings: dict[int, tuple[Finding, int]] = {}
        self._places = 0

    def take_in(self, scene: Scene) -> bool:
        """Learn of arrivals, starts and ends of runs. Whether there is reason to plan anew; a start by itself is none."""
        newest_first = reversed(scene.waiting.values())
        arrived = list(takewhile(lambda seen: seen.id not in self.nodes, newest_first))
        for seen in reversed(arrived):
            self._add(seen, scene)
        for number, run in scene.running.items():
            if number not in self._findings:
                self._begin(run)
        ended = [run for run in scene.news if run.id in self._findings]
        for run in ended:
            self._end(run, scene)
        return bool(arrived or ended)

    def forget(self, run: int) -> None:
        """The run was stopped: it says nothing."""
        finding, head = self._findings.pop(run)
        node = self.nodes.get(head)
        if node:
            node.found = {path: one for path, one in node.found.items() if one is not finding}

    def land(self, change: int) -> None:
        """The change is in the target branch now: what was found without it holds no longer for those behind it.

        For those ahead it still does: one that overtakes was tried with each of them and without, and passed.
        """
        for other in self._remove(change).behind:
            self.nodes[other].keep_with(change)

    def reject(self, change: int) -> None:
        """The change will not land: what was found on top of it holds no longer."""
        for other in self._remove(change).behind:
            self.nodes[other].keep_without(change)

    def refresh(self) -> None:
        """Bring the chances up to date, in order of arrival, as each depends on those ahead."""
        heap = [(self.nodes[one].place, one) for one in self._stale if one in self.nodes]
        heapq.heapify(heap)
        while heap:
            _, one = heapq.heappop(heap)
            if one in self._stale:
                self._stale.discard(one)
                for other in self._reckon(self.nodes[one]):
                    self._stale.add(other)
                    heapq.heappush(heap, (self.nodes[other].place, other))
        self._stale.clear()

    def _add(self, seen: Seen, scene: Scene) -> None:
        predictor, worth = scene.predictor, seen.priority * math.log(2)
        node = Node(seen, self._places, predictor.passes(seen.id), worth, self._paths)
        self.nodes[seen.id] = node
        self._places += 1
        node.ahead.update(*(self._holders.get(key, ()) for key in seen.keys))
        node.ahead.update(one for one in seen.after if one in self.nodes)
        node.bound = sum(self.nodes[one].lean for one in node.ahead)
        recent = [one for one in scene.landed[seen.base :] if scene.overlap(seen.id, one)]
        node.doubts = {one: predictor.breaks(seen.id, one) for one in (*sorted(node.ahead), *recent)}
        if self._sooner:
            chances = {one: self._sooner(seen, self.nodes[one].seen) for one in sorted(node.ahead)}
            node.overtakes = {one: chance for one, chance in chances.items() if chance > 0}
        node.orphaned = not scene.rejected.isdisjoint(seen.after)
        for one in node.ahead:
            self.nodes[one].behind.add(seen.id)
        for key in seen.keys:
            self._holders.setdefault(key, {})[seen.id] = None
        self._stale.add(seen.id)
        self.touched.add(seen.id)

    def _paths(self, node: Node) -> Iterator[Path]:
        """The paths of a change by the larger of both forms of P_needed, where it may overtake any."""
        soonest = heapq.nlargest(_AT_ONCE, node.overtakes, key=lambda one: node.overtakes[one])
        old = paths(self._chances(node.ahead))
        if not soonest:
            return old
        waited = self._chances(node.ahead.difference(soonest))
        return either(old, levels(waited, {one: node.overtakes[one] for one in soonest}))

    def _chances(self, changes: Iterable[int]) -> dict[int, float]:
        return {one: self.nodes[one].chance for one in changes}

    def _begin(self, run: Run) -> None:
        (head,) = run.heads
        finding = Finding(run.id)
        self._findings[run.id] = finding, head
        self.nodes[head].found[frozenset(run.members) - {head}] = finding

    def _end(self, run: Run, scene: Scene) -> None:
        finding, head = self._findings.pop(run.id)
        finding.passed = run.passed
        node = self.nodes.get(head)
        if not node:
            return
        if run.passed:
            node.good = 1.0
            tree = {*run.members, *scene.landed[: run.onto]}
            node.doubts = {one: doubt for one, doubt in node.doubts.items() if one not in tree}
        self.touched.add(head)
        self._stale.add(head)

    def _remove(self, change: int) -> Node:
        node = self.nodes.pop(change)
        for key in node.seen.keys:
            del self._holders[key][change]
        for one in node.ahead:
            self.nodes[one].behind.discard(change)
        for one in node.behind:
            behind = self.nodes[one]
            behind.ahead.discard(change)
            behind.overtakes.pop(change, None)
            behind.bound -= node.lean
            behind.stream = None
        self.touched |= node.ahead | node.behind
        self._stale |= node.ahead | node.behind
        return node

    def _reckon(self, node: Node) -> list[int]:
        """Estimate the chance of a change; those behind it whose own chance is no longer right."""
        chance = self._chance(node)
        moved = abs(chance - node.chance)
        if moved < _MOVE:
            return []
        node.chance, leant = chance, node.lean
        node.lean = lean(chance)
        stirred = []
        for one in node.behind:
            behind = self.nodes[one]
            behind.bound += node.lean - leant
            behind.stream = None
            if behind.doubts.get(node.seen.id, 0.0) * moved > _STIR:
                stirred.append(one)
        return stirred

    def _chance(self, node: Node) -> float:
        """The belief, then by Bayes' rule what runs that failed take from it: either the change or what it assumed was at fault."""
        nodes, chance = self.nodes, node.good
        for one, doubt in node.doubts.items():
            chance *= 1 - doubt * (nodes[one].chance if one in nodes else 1.0)
        for path, finding in node.found.items():
            if finding.passed is False:
                rest = math.prod(nodes[one].chance for one in path)
                chance = chance * (1 - rest) / max(1 - chance * rest, SUREST)
        return chance
