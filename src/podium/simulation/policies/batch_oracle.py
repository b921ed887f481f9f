"""A bound on latency: a queue that knows the fate of each change and packs without limit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from podium.simulation.scene import Land, Order, Reject, Run, Scene, Start, Truth


@dataclass(frozen=True, slots=True)
class _Pack:
    """Those a run was started for, and those whose fate is shown when it has ended and `assumed` have landed."""

    heads: tuple[int, ...]
    doomed: tuple[int, ...]
    assumed: frozenset[int]


class BatchOracle:
    """Whenever a slot is free, one run of all that wait and will land, on all that is under way.

    So a change waits for a free slot and for one run: one to two gate durations at any load. Those that will not land are
    sent back with the end of the run they would have been in, which they do not spoil; where there is no other to run
    they are run by themselves. What fails by chance is run again.
    """

    name = "batch-oracle"

    def __init__(self) -> None:
        self._truth: Truth | None = None
        self._fates: dict[int, bool] = {}
        self._fresh: list[int] = []
        """Those that are in no run."""
        self._coming: dict[int, None] = {}
        """The undecided that will land, in order of arrival."""
        self._packs: dict[tuple[int, ...], _Pack] = {}
        """What each run is for, by its heads: no two runs under way have the same."""
        self._ended: list[_Pack] = []
        """Those whose doomed are not sent back yet."""

    def told(self, truth: Truth) -> None:
        self._truth = truth

    def orders(self, scene: Scene) -> Iterable[Order]:
        for change in scene.waiting:
            if change not in self._fates:
                self._foresee(change, scene)
        landings = [order for run in scene.news for order in self._learn(run)]
        return [*landings, *self._rejections(), *self._start(scene)]

    def _foresee(self, change: int, scene: Scene) -> None:
        assert self._truth is not None, "the kernel tells the truth first"
        seen = scene.known[change]
        led = all(self._fates.get(one, True) for one in seen.after)
        lands = led and self._truth.lands(change, [*scene.landed[seen.base :], *self._coming])
        self._fates[change] = lands
        self._fresh.append(change)
        if lands:
            self._coming[change] = None

    def _learn(self, run: Run) -> Iterator[Order]:
        pack = self._packs.pop(run.heads)
        if run.passed:
            landing = tuple(one for one in run.members if one in self._coming)
            for one in landing:
                del self._coming[one]
            if landing:
                yield Land(landing, "a run of all of them passed")
        self._fresh += [one for one in pack.heads if one in self._coming]
        self._ended.append(pack)

    def _rejections(self) -> Iterator[Order]:
        shown = [pack for pack in self._ended if pack.assumed.isdisjoint(self._coming)]
        self._ended = [pack for pack in self._ended if pack not in shown]
        for pack in shown:
            for one in pack.doomed:
                yield Reject(one, "it fails on what has landed by now")

    def _start(self, scene: Scene) -> Iterator[Order]:
        self._fresh = [one for one in self._fresh if one in self._coming or not self._fates[one]]
        if not self._fresh or scene.idle < 1:
            return
        doomed = tuple(one for one in self._fresh if not self._fates[one])
        heads = tuple(one for one in self._fresh if self._fates[one])
        self._fresh = []
        members = tuple(self._coming) if heads else (*self._coming, *doomed)
        self._packs[heads or doomed] = _Pack(heads, doomed, frozenset(self._coming))
        yield Start(members, heads or doomed, "all that wait and will land, in one run")
