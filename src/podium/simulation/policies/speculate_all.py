"""Speculate on everything: breadth-first over the tree of outcomes of the changes ahead, each as likely as the other."""

from collections.abc import Iterable, Iterator
from itertools import combinations, islice

from podium.simulation.policies.order import Moved, Waiting, orphans
from podium.simulation.scene import Land, Order, Reject, Run, Scene, Start, Stop

_Path = tuple[int, frozenset[int]]
"""A head, and those of the undecided changes ahead that are assumed to land; the others are assumed not to."""


class SpeculateAll:
    """Gates a change on every combination of outcomes of the overlapping changes ahead: 2^n - 1 runs for n changes that conflict.

    This is "Speculate-all" of SubmitQueue (Ananthanarayanan et al., EuroSys 2019, section 8): every outcome has probability 1/2, so
    a path of d undecided changes has 2^-d, and the most probable paths of all changes hold the slots. A change is decided
    when all ahead of it is, by the run that assumed what came about.

    At every event the runs that can no longer come true are stopped, and those that are no longer among the most probable:
    the planner of that system aborts what it did not choose. Deviations: of equally probable paths those that run go on, then
    the order of arrival counts, then the paths that assume more landings, as most changes do land.
    """

    name = "speculate-all"

    def __init__(self) -> None:
        self._waiting = Waiting()
        self._due = False
        """Whether something has changed since the slots were given out."""
        self._seen: set[int] = set()
        self._runs: dict[int, list[Run]] = {}
        """Of each head, those that run or have ended and may still come true."""

    def orders(self, scene: Scene) -> Iterable[Order]:
        moved = self._waiting.look(scene)
        self._due = self._due or bool(moved or scene.news)
        self._take_in(scene)
        decided: list[Order] = [*self._prune(scene, moved), *(orphans(scene) or self._decided())]
        if decided or not self._due:
            return decided
        self._due = False
        return self._plan(scene)

    def _take_in(self, scene: Scene) -> None:
        for run in [*scene.running.values(), *scene.news]:
            if run.id not in self._seen:
                self._seen.add(run.id)
                self._runs.setdefault(run.heads[0], []).append(run)

    def _prune(self, scene: Scene, moved: Moved) -> list[Order]:
        """Forget, and stop, the runs of those that left and the runs that assumed wrongly of them."""
        wrong: list[Run] = []
        for change, behind in moved.left.items():
            wrong += self._runs.pop(change, [])
            landed = change in scene.position
            for head in behind & self._runs.keys():
                wrong += [run for run in self._runs[head] if (change in run.members) != landed]
                self._runs[head] = [run for run in self._runs[head] if (change in run.members) == landed]
        return [Stop(run.id, "it can no longer come true") for run in wrong if run.id in scene.running]

    def _decided(self) -> Iterator[Order]:
        for head, runs in self._runs.items():
            for run in runs:
                if run.passed is not None and not self._waiting.ahead[head]:
                    because = "all ahead is decided, as this run assumed"
                    yield Land((head,), because) if run.passed else Reject(head, because)

    def _plan(self, scene: Scene) -> list[Order]:
        wanted = list(islice(self._paths(scene), scene.slots))
        kept = {run.id for run in wanted if isinstance(run, Run)}
        dropped = [run for run in scene.running.values() if run.id not in kept]
        for run in dropped:
            self._runs[run.heads[0]].remove(run)
        stops = [Stop(run.id, "others are more probable") for run in dropped]
        starts = [_start(path) for path in wanted if not isinstance(path, Run)]
        return [*stops, *starts]

    def _paths(self, scene: Scene) -> Iterator[Run | _Path]:
        """What is worth a slot, most probable first: runs that are under way, and paths that have none."""
        levels: dict[int, list[int]] = {}
        for head in scene.waiting:
            levels.setdefault(len(self._waiting.ahead[head]), []).append(head)
        for depth in sorted(levels):
            yield from (
                run for head in levels[depth] for run in self._runs.get(head, []) if run.passed is None
            )
            for head in levels[depth]:
                yield from self._new_paths(head)

    def _new_paths(self, head: int) -> Iterator[_Path]:
        ahead = self._waiting.ahead[head]
        tried = {frozenset(ahead.intersection(run.members)) for run in self._runs.get(head, [])}
        for size in range(len(ahead), -1, -1):
            for assumed in combinations(sorted(ahead), size):
                if frozenset(assumed) not in tried:
                    yield head, frozenset(assumed)


def _start(path: _Path) -> Start:
    head, assumed = path
    return Start((*sorted(assumed), head), (head,), f"assumes that {len(assumed)} of those ahead land")
