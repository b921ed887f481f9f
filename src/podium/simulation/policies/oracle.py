"""Uber's yardstick: a queue that knows the fate of each change and so gates it once."""

from collections.abc import Iterable, Iterator

from podium.simulation.scene import Land, Order, Reject, Run, Scene, Start, Truth


class Oracle:
    """Exactly one run for each change: on those ahead of it that will land. It lands when that passed and those are decided.

    The best that a queue can do which gates each change by itself, in order of arrival where they overlap (EuroSys 2019,
    section 8). One that packs several into a run can be better. A run that fails by chance is run again.
    """

    name = "oracle"

    def __init__(self) -> None:
        self._truth: Truth | None = None
        self._fates: dict[int, bool] = {}
        self._ahead: dict[int, set[int]] = {}
        """Of each undecided change those that overlap it, came before it, and are undecided."""
        self._ready: dict[int, None] = {}
        """Those whose run has not been started."""
        self._through: set[int] = set()
        """Those whose run said what was foretold."""

    def told(self, truth: Truth) -> None:
        self._truth = truth

    def orders(self, scene: Scene) -> Iterable[Order]:
        for change in scene.waiting:
            if change not in self._fates:
                self._foresee(change, scene)
        for run in scene.news:
            self._learn(run)
        return [*self._decisions(), *self._starts(scene)]

    def _foresee(self, change: int, scene: Scene) -> None:
        assert self._truth is not None, "the kernel tells the truth first"
        seen = scene.known[change]
        ahead = [one for one in self._ahead if one in seen.after or scene.overlap(change, one)]
        lands = [one for one in ahead if self._fates[one]]
        led = all(self._fates.get(one, True) for one in seen.after)
        self._fates[change] = led and self._truth.lands(change, [*scene.landed[seen.base :], *lands])
        self._ahead[change] = set(ahead)
        if led:
            self._ready[change] = None
        else:
            self._through.add(change)

    def _learn(self, run: Run) -> None:
        (head,) = run.heads
        if run.passed == self._fates[head]:
            self._through.add(head)
        else:
            self._ready[head] = None

    def _decisions(self) -> Iterator[Order]:
        """In order of arrival: by then those ahead are decided, if they can be."""
        for change in sorted(self._through, key=list(self._ahead).index):
            if not self._ahead[change]:
                self._through.discard(change)
                yield self._decide(change)

    def _decide(self, change: int) -> Order:
        del self._ahead[change]
        for others in self._ahead.values():
            others.discard(change)
        if self._fates[change]:
            return Land((change,), "its run passed, and all that it assumed has landed")
        return Reject(change, "its run failed, and all that it assumed has landed")

    def _starts(self, scene: Scene) -> Iterator[Order]:
        for change in list(self._ready)[: max(scene.idle, 0)]:
            del self._ready[change]
            assumed = [one for one in self._ahead if one in self._ahead[change] and self._fates[one]]
            yield Start((*assumed, change), (change,), "the only run of it that is needed")
