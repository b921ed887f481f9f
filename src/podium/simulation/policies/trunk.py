"""Trunk: batches in a graph of queues by impacted target, failures held for what comes behind, bisection apart."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from podium.simulation.policies.order import exact, may_follow, orphans, run_of
from podium.simulation.scene import Land, Order, Reject, Run, Scene, Start, Stop


@dataclass(eq=False, slots=True)
class _Group:
    """A batch in the graph: `ahead` are the groups before it that it overlaps, and all that those stand on."""

    changes: tuple[int, ...]
    keys: frozenset[int]
    ahead: "set[_Group]" = field(default_factory=set)
    run: Run | None = None
    """Its run, once that has ended; None while it is gated, and before."""
    testing: bool = False

    @property
    def failed(self) -> bool:
        return self.run is not None and not self.run.passed


@dataclass(slots=True)
class _Hunt:
    """A bisection: the suspects failed together on top of the `good`, which passed without them."""

    good: tuple[int, ...]
    suspects: tuple[int, ...]
    testing: tuple[int, ...] = ()

    @property
    def half(self) -> tuple[int, ...]:
        return self.suspects[: len(self.suspects) // 2]


class Trunk:
    """Batches of `size`, each gated on top of the groups ahead that it overlaps, and on all that those stand on.

    After Trunk's documentation (docs.trunk.io, merge-queue/optimizations: predictive testing, parallel queues, batching, optimistic
    merging, pending failure depth). A group that passes lands together with all it stands on, those that failed among them: it
    holds them, so it is proof that they work (optimistic merging). A group that failed waits until all it stands on is
    decided, and then until the groups up to `depth` levels behind it have been gated (pending failure depth). If none of them
    passed it leaves the graph, those behind start anew without it, and it is bisected apart: a half of the suspects is
    gated on top of what passed, and what is known already is not gated again (test caching). What passes goes back to the queue,
    the last suspect is sent back.

    Deviations: a batch that is not full does not wait for more (their default was 5 minutes, then 0). Bisections have no slots of
    their own, but come first. Which changes are "compatible" for a batch is not published: here those that overlap the batch
    so far, so that a batch never ties two queues together; batches of whatever came next did worse in most cells.
    """

    name = "trunk"

    def __init__(self, size: int = 4, depth: int = 2) -> None:
        self._size, self._depth = size, depth
        self._groups: list[_Group] = []
        self._hunts: list[_Hunt] = []

    def orders(self, scene: Scene) -> Iterable[Order]:
        self._take_in(scene.news)
        return self._lose(scene) or self._land(scene) or self._settle(scene) or list(self._start(scene))

    def _take_in(self, news: list[Run]) -> None:
        for run in news:
            for group in self._groups:
                if group.testing and group.changes == run.heads:
                    group.run, group.testing = run, False
            for hunt in self._hunts:
                if hunt.testing == run.heads:
                    _narrow(hunt, passed=bool(run.passed))

    def _lose(self, scene: Scene) -> list[Order]:
        """Changes that leave with one that was sent back take their groups apart."""
        lost = orphans(scene)
        gone = {one.change for one in lost}
        torn = [one for one in self._groups if gone.intersection(one.changes)]
        return [*(stop for one in torn for stop in self._remove(scene, one)), *lost]

    def _land(self, scene: Scene) -> list[Order]:
        """Land the first group that passed, and all it stands on."""
        for group in self._groups:
            if group.run and group.run.passed:
                landing = [one for one in self._groups if one is group or one in group.ahead]
                changes = tuple(change for one in landing for change in one.changes)
                if not exact(scene, group.run, changes):
                    group.run = None
                    continue
                stops = [stop for one in landing for stop in self._leave(scene, one)]
                return [*stops, Land(changes, "passed; so did all it stands on, as it holds that")]
        return []

    def _settle(self, scene: Scene) -> list[Order]:
        """Let go of the groups whose failure nothing will clear, and of the hunts that came to their end."""
        orders: list[Order] = []
        for group in [one for one in self._groups if one.failed and not one.ahead]:
            if not self._pending(group):
                orders += self._remove(scene, group)
                self._hunts.append(_Hunt((), group.changes))
        for hunt in self._hunts:
            if len(hunt.suspects) == 1:
                orders.append(Reject(hunt.suspects[0], "the batch fails with it and passed without it"))
        self._hunts = [one for one in self._hunts if len(one.suspects) > 1]
        return orders

    def _pending(self, failed: _Group) -> bool:
        """Whether a group up to `depth` levels behind may still clear this one."""
        near, beyond = {failed: 0}, set[_Group]()
        for group in self._groups:
            if failed not in group.ahead or not beyond.isdisjoint(group.ahead):
                continue
            level = 1 + max(level for one, level in near.items() if one in group.ahead)
            if level > self._depth:
                beyond.add(group)
            elif group.run is None:
                return True
            else:
                near[group] = level
        return False

    def _remove(self, scene: Scene, group: _Group) -> list[Order]:
        """Take a group out of the graph; those behind it start anew without it, or leave, too, if they may not land before it."""
        if group not in self._groups:
            return []
        behind = [one for one in self._groups if group in one.ahead]
        bound = [one for one in behind if not _after(scene, one).isdisjoint(group.changes)]
        orders = [*_reset(scene, behind), *self._leave(scene, group)]
        return [*orders, *(stop for one in bound for stop in self._remove(scene, one))]

    def _leave(self, scene: Scene, group: _Group) -> list[Order]:
        self._groups.remove(group)
        for one in self._groups:
            one.ahead.discard(group)
        return _reset(scene, [group])

    def _start(self, scene: Scene) -> Iterator[Order]:
        """Bisections first, then the groups of the graph, then new groups."""
        free = scene.idle
        self._hunts = [one for one in self._hunts if scene.rejected.isdisjoint((*one.good, *one.suspects))]
        for hunt in self._hunts:
            if free and not hunt.testing:
                hunt.testing, free = hunt.half, free - 1
                good = tuple(change for change in hunt.good if change in scene.waiting)
                yield Start((*good, *hunt.half), hunt.half, f"one of {len(hunt.suspects)} broke its batch")
        for group in self._groups:
            if free and not group.testing and group.run is None:
                free -= 1
                yield self._gate(group)
        yield from (self._gate(group) for group in self._grow(scene, free))

    def _gate(self, group: _Group) -> Start:
        group.testing = True
        ahead = tuple(change for one in self._groups if one in group.ahead for change in one.changes)
        because = f"a batch of {len(group.changes)} on top of {len(ahead)}"
        return Start((*ahead, *group.changes), group.changes, because)

    def _grow(self, scene: Scene, free: int) -> Iterator[_Group]:
        """Up to `free` new groups, behind all others."""
        if not free:
            return
        held = {change for one in self._groups for change in one.changes}
        hunted = {change for one in self._hunts for change in one.suspects}
        loose = [change for change in scene.waiting if change not in held and change not in hunted]
        for _ in range(free):
            batch = self._batch(scene, loose, held)
            if not batch:
                return
            held.update(batch)
            loose = [change for change in loose if change not in held]
            yield self._join(scene, batch)

    def _batch(self, scene: Scene, loose: Sequence[int], held: set[int]) -> tuple[int, ...]:
        """The first in order of arrival, with those of its queue."""
        batch, keys = list[int](), set[int]()
        for change in loose:
            its = scene.known[change].keys
            connected = not batch or not keys.isdisjoint(its)
            if connected and may_follow(scene, change, held.union(batch)):
                batch.append(change)
                keys |= its
            if len(batch) == self._size:
                break
        return tuple(batch)

    def _join(self, scene: Scene, batch: tuple[int, ...]) -> _Group:
        group = _Group(batch, frozenset().union(*(scene.known[change].keys for change in batch)))
        after = _after(scene, group)
        for one in self._groups:
            if not (one.keys.isdisjoint(group.keys) and after.isdisjoint(one.changes)):
                group.ahead |= {one} | one.ahead
        self._groups.append(group)
        return group


def _after(scene: Scene, group: _Group) -> set[int]:
    """What the changes of a group may only land after."""
    return {other for change in group.changes for other in scene.known[change].after}


def _reset(scene: Scene, groups: Iterable[_Group]) -> list[Order]:
    stops: list[Order] = []
    for group in groups:
        if group.testing:
            stops += [Stop(run, "what it stands on has changed") for run in run_of(scene, group.changes)]
        group.run, group.testing = None, False
    return stops


def _narrow(hunt: _Hunt, *, passed: bool) -> None:
    half, hunt.testing = hunt.testing, ()
    if passed:
        hunt.good, hunt.suspects = hunt.good + half, hunt.suspects[len(half) :]
    else:
        hunt.suspects = half
