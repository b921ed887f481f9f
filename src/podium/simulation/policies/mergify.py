"""Mergify: a train of batches, each gated on top of those ahead of it; a failed one is cut into parts that are gated as prefixes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from podium.simulation.policies.order import may_follow, orphans, run_of
from podium.simulation.scene import Land, Order, Reject, Run, Scene, Start, Stop


@dataclass(slots=True)
class _Car:
    """Some changes, to be gated on top of all cars ahead of theirs."""

    changes: tuple[int, ...]
    testing: bool = False
    passed: bool | None = None


class Mergify:
    """Batches of `size` in order of arrival, each gated on top of the batches ahead, as many as there are slots.

    After Mergify's documentation ("When a batch fails", merge-queue/batches/failures) and the last published source of its engine
    (mergify_engine/queue/merge_train/train.py): what passed lands when all ahead of it has. A batch that failed waits until
    all ahead of it passed; then all behind it go back to the queue, and it is cut into max(2, slots) parts that are gated side by
    side, each on top of the parts before it. Its last change is in none: it failed with the others already, so that if all
    parts pass, it is sent back without a run of its own. The parts ahead of the first that fails land, that one is cut
    again, and those behind it go back to the queue. While a failed batch ends the train no new one is added.

    Deviations: a batch that is not full does not wait for more (`batch_max_wait_time`, 30 seconds): it starts when a slot is free, so
    batches are full when slots are scarce. `skip_intermediate_results` is off and there is no limit to the cutting, as is the default.
    """

    name = "mergify"

    def __init__(self, size: int = 5) -> None:
        self._size = size
        self._train: list[_Car] = []

    def orders(self, scene: Scene) -> Iterable[Order]:
        self._take_in(scene.news)
        lost = orphans(scene)
        orders = [*self._unhook(scene, {one.change for one in lost}), *lost, *self._head(scene)]
        return orders or list(self._start(scene))

    def _take_in(self, news: list[Run]) -> None:
        for run in news:
            for car in self._train:
                if car.testing and car.changes == run.heads:
                    car.testing, car.passed = False, run.passed

    def _head(self, scene: Scene) -> Iterator[Order]:
        """Land what passed at the head of the train; cut what failed there."""
        while self._train and self._train[0].passed:
            yield Land(self._train.pop(0).changes, "passed, and all ahead has landed")
        if self._train and self._train[0].passed is False:
            failed = self._train[0].changes
            yield from self._cut_off(scene, 0)
            if len(failed) == 1:
                yield Reject(failed[0], "failed on top of those ahead, which have landed")
            else:
                self._train = [*_parts(failed[:-1], max(2, scene.slots)), _Car(failed[-1:], passed=False)]

    def _unhook(self, scene: Scene, lost: set[int]) -> Iterator[Order]:
        """What is behind a change that leaves must be gated anew."""
        place = next((place for place, car in enumerate(self._train) if lost.intersection(car.changes)), None)
        if place is not None:
            yield from self._cut_off(scene, place)

    def _cut_off(self, scene: Scene, place: int) -> Iterator[Order]:
        """The changes of these cars go back to the queue, at their place of arrival."""
        for car in self._train[place:]:
            yield from (Stop(run, "a batch ahead failed") for run in run_of(scene, car.changes))
        del self._train[place:]

    def _start(self, scene: Scene) -> Iterator[Order]:
        self._populate(scene)
        ahead, free = list[int](), scene.idle
        for car in self._train:
            members = (*ahead, *car.changes)
            if free and not car.testing and car.passed is None:
                car.testing, free = True, free - 1
                yield Start(members, car.changes, f"a batch of {len(car.changes)} on top of {len(ahead)}")
            ahead += car.changes

    def _populate(self, scene: Scene) -> None:
        if self._train and self._train[-1].passed is False:
            return
        held = {change for car in self._train for change in car.changes}
        batch: list[int] = []
        for change in scene.waiting:
            if len(self._train) >= scene.slots:
                return
            if change not in held and may_follow(scene, change, held.union(batch)):
                batch.append(change)
            if len(batch) == self._size:
                self._train.append(_Car(tuple(batch)))
                held.update(batch)
                batch = []
        if batch and len(self._train) < scene.slots:
            self._train.append(_Car(tuple(batch)))


def _parts(changes: tuple[int, ...], number: int) -> list[_Car]:
    size = -(-len(changes) // number)
    return [_Car(changes[start : start + size]) for start in range(0, len(changes), size)]
