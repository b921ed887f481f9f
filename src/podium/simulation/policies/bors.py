"""bors-ng: one batch at a time, halved when it fails."""

from collections import deque
from collections.abc import Iterable

from podium.simulation.policies.order import may_follow, orphans
from podium.simulation.scene import Land, Order, Reject, Run, Scene, Start


class Bors:
    """All that waits is one batch; it is gated, and lands as a whole or is halved. One culprit in b costs 1 + 2 log2(b) gates.

    After bors-ng, lib/worker/batcher.ex and divider.ex: a new change joins the youngest batch that is not running, which may
    be a half of a failed one, else it begins a batch; batches run one at a time, the oldest first; a failed one is split at
    div(count, 2), the lower half first; a failed batch of one is sent back. There is one staging branch, so what passed lands
    on the very commit it was gated on. `limit` bounds a batch; bors-ng has no bound.

    Deviations: bors-ng waits `batch_delay_sec` (10 seconds) before it starts a batch, here it starts at once. Changes are merged in
    order of arrival, which bors-ng does by number. Text conflicts are not simulated.
    """

    name = "bors"

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._batches: deque[list[int]] = deque()
        self._joined: set[int] = set()

    def orders(self, scene: Scene) -> Iterable[Order]:
        self._join(scene)
        decided = [order for run in scene.news for order in self._finish(run)]
        return decided or orphans(scene) or self._start(scene)

    def _join(self, scene: Scene) -> None:
        for change in scene.waiting:
            if change not in self._joined:
                self._joined.add(change)
                if not self._batches or len(self._batches[-1]) == self._limit:
                    self._batches.append([])
                self._batches[-1].append(change)

    def _finish(self, run: Run) -> list[Order]:
        if run.passed:
            return [Land(run.members, "the batch passed")]
        if len(run.members) == 1:
            return [Reject(run.members[0], "failed alone on the branch as it stands")]
        middle = len(run.members) // 2
        self._batches += [list(run.members[:middle]), list(run.members[middle:])]
        return []

    def _start(self, scene: Scene) -> list[Order]:
        for _ in range(0 if scene.running else len(self._batches)):
            batch = [change for change in self._batches.popleft() if change in scene.waiting]
            members = list[int]()
            for change in batch:
                members += [change] if may_follow(scene, change, members) else []
            if len(members) < len(batch):
                self._batches.append([change for change in batch if change not in members])
            if members:
                because = f"the oldest batch, of {len(members)}"
                return [Start(tuple(members), tuple(members), because)]
        return []
