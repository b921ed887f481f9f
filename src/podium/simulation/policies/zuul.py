"""Zuul's dependent pipeline: every item is gated on all non-failing ones ahead of it, within a window."""

from collections.abc import Iterable, Iterator

from podium.simulation.policies.order import may_follow, orphans, run_of
from podium.simulation.scene import Land, Order, Reject, Scene, Start, Stop


class Zuul:
    """Optimistic all the way: what is ahead is taken to land; where it fails, everything behind it starts anew without it.

    After Zuul 14, zuul/manager/__init__.py (`_processOneItem`) and zuul/model.py (`ChangeQueue`): the queue is walked from its
    head; an item whose item ahead is not the nearest non-failing one is moved behind that, and its jobs and those of all behind
    it are cancelled; only the items within the window get jobs, slots go by place in the queue; an item that failed is skipped
    by those behind it but is decided at the head only, so one that failed through another's fault is gated again. The window
    begins at 20, grows by one with each merge, is halved with each failure and never falls below `floor`.

    Deviations: a change has one job and not many. There is one queue for all, as for a single project, and no analyzer, as
    Zuul has none. Retries of broken nodes are not simulated, as no run breaks that way.
    """

    name = "zuul"

    def __init__(self, window: int = 20, floor: int = 3) -> None:
        self.window = window
        self._floor = floor
        self._queue: list[int] = []
        self._ahead: dict[int, int | None] = {}
        """The item ahead of each that was within the window; one whose item ahead was dropped has none here and starts anew."""
        self._testing: set[int] = set()
        self._verdict: dict[int, bool] = {}

    def orders(self, scene: Scene) -> Iterable[Order]:
        self._take_in(scene)
        lost = orphans(scene)
        return lost or [*self._report(), *self._walk(scene)]

    def _take_in(self, scene: Scene) -> None:
        for run in scene.news:
            self._testing.discard(run.heads[0])
            self._verdict[run.heads[0]] = bool(run.passed)
        for item in [item for item in self._queue if item not in scene.waiting]:
            self._drop(item)
        known = set(self._queue)
        self._queue += [change for change in scene.waiting if change not in known]

    def _report(self) -> Iterator[Order]:
        """Merge what is complete at the head, up to the first that failed: what is behind that starts anew."""
        while self._queue and self._verdict.get(self._queue[0]):
            head = self._queue[0]
            self._ahead.update({item: None for item, ahead in self._ahead.items() if ahead == head})
            self.window += 1
            self._drop(head)
            yield Land((head,), "passed, and it is at the head")
        if self._queue and self._queue[0] in self._verdict:
            self.window = max(self._floor, self.window // 2)
            yield Reject(self._queue[0], "failed, and nothing is ahead of it")
            self._drop(self._queue[0])

    def _drop(self, item: int) -> None:
        self._queue.remove(item)
        self._verdict.pop(item, None)
        self._ahead.pop(item, None)
        self._testing.discard(item)
        for behind in [one for one, ahead in self._ahead.items() if ahead == item]:
            del self._ahead[behind]

    def _walk(self, scene: Scene) -> list[Order]:
        """Move what stands behind a failing item, then start what has no run yet, nearest to the head first."""
        moved = self._move()
        stops: list[Order] = [
            Stop(run, "an item ahead failed") for item in moved for run in run_of(scene, (item,))
        ]
        free, starts, good = scene.idle + len(stops), list[Order](), list[int]()
        for item in self._queue[: self.window]:
            fresh = item not in self._testing and item not in self._verdict
            if fresh and len(starts) < free and may_follow(scene, item, good):
                self._testing.add(item)
                starts.append(Start((*good, item), (item,), "behind the nearest non-failing item"))
            if self._verdict.get(item, True):
                good.append(item)
        return stops + starts

    def _move(self) -> set[int]:
        """Give each item the nearest non-failing one ahead of it; whose item ahead changed, or moved itself, is reset."""
        nearest, moved = None, set[int]()
        for place, item in enumerate(self._queue):
            if place >= self.window and item not in self._ahead:
                break
            if item not in self._ahead or self._ahead[item] != nearest or nearest in moved:
                moved.add(item)
                self._verdict.pop(item, None)
                self._testing.discard(item)
                self._ahead[item] = nearest
            if self._verdict.get(item, True):
                nearest = item
        return moved
