"""Uber's SubmitQueue of 2019: a tree of speculations for changes that may conflict, the most probably needed runs first.

Ananthanarayanan et al., "Keeping Master Green at Scale", EuroSys 2019. Deviations: a planner that is asked at each event is
its epoch; the chances come from the simulation's predictor, which stands for its two regressions, and the outcomes of runs
so far, the strongest of its features, enter by Bayes' rule.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import islice

from podium.simulation.policies.forest import Forest, Node, Sooner
from podium.simulation.policies.paths import Path, best_first
from podium.simulation.scene import Land, Order, Reject, Scene, Start, Stop

WORTHLESS = 1e-3
"""No run is started for a path that is less likely than this, however many slots are free."""


class SubmitQueue:
    """Runs the paths that are most probably needed, times their priority, and stops those that no longer are.

    Changes that share a target land in order of arrival, others in any. A change lands when a run of it passed whose
    assumptions all came true; it is sent back when every path failed that is still open. A priority of one doubles its worth.
    """

    name = "submitqueue"

    def __init__(self) -> None:
        self._speculation = Speculation(threshold=WORTHLESS)

    def orders(self, scene: Scene) -> Iterable[Order]:
        return self._speculation.orders(scene)


class Speculation:
    """The planner of queues that speculate.

    The value of a path is P_needed, the product of the probabilities of the outcomes it assumes. No run is started for one that is less
    probable than `threshold`. With `sooner` a change may overtake others: it lands as soon as it passed on every outcome of them.
    """

    def __init__(self, *, threshold: float, sooner: Sooner | None = None) -> None:
        self._forest = Forest(sooner)
        self._least = math.log(threshold)
        self._overtaking = sooner is not None

    def orders(self, scene: Scene) -> Iterable[Order]:
        if not self._forest.take_in(scene):
            return []
        return [*self._decisions(), *self._plan(scene)]

    def _decisions(self) -> Iterator[Order]:
        """Decide as long as deciding on one change may decide another."""
        forest = self._forest
        while forest.touched:
            touched = sorted(forest.touched & forest.nodes.keys(), key=lambda one: forest.nodes[one].place)
            forest.touched.clear()
            for one in touched:
                order = self._decision(forest.nodes[one])
                if isinstance(order, Land):
                    forest.land(one)
                elif order:
                    forest.reject(one)
                if order:
                    yield order

    def _decision(self, node: Node) -> Land | Reject | None:
        change, ahead = node.seen.id, len(node.ahead)
        if node.orphaned:
            return Reject(change, "one of those it may only land after was sent back")
        found = {one.passed for one in node.found.values()}
        if len(node.found) != 2**ahead:
            return None
        if found == {False}:
            return Reject(change, "it failed on every outcome of the changes ahead that is still open")
        if found == {True} and not ahead:
            return Land((change,), "it passed, and all that the run assumed came true")
        if found == {True} and self._overtaking:
            return Land((change,), f"it passed on every outcome of the {ahead} changes that it overtakes")
        return None

    def _plan(self, scene: Scene) -> Iterator[Order]:
        wanted = list(islice(self._wanted(), scene.slots))
        kept = {finding.run for node, (_, path) in wanted if (finding := node.found.get(path))}
        displaced = [run for run in scene.running if run not in kept]
        for run in displaced:
            self._forest.forget(run)
            yield Stop(run, "other runs are more probably needed")
        for node, (score, path) in wanted:
            if path not in node.found:
                yield self._start(node, score, path)

    def _wanted(self) -> Iterator[tuple[Node, Path]]:
        """The paths that are not known yet, most probably needed times their worth first."""
        self._forest.refresh()
        for node, path in best_first(self._forest.nodes.values(), self._least):
            finding = node.found.get(path[1])
            if (finding is None or finding.passed is None) and node.follows(path[1]):
                yield node, path

    def _start(self, node: Node, score: float, path: frozenset[int]) -> Start:
        change = node.seen.id
        assumed = sorted(path, key=lambda one: self._forest.nodes[one].place)
        because = (
            f"needed with probability {math.exp(score):.2f}: {len(path)} of {len(node.ahead)} ahead land"
        )
        return Start((*assumed, change), (change,), because)
