"""The single queue: a change is gated when all that it overlaps ahead of it is decided, never before."""

from collections.abc import Iterable

from podium.simulation.policies.order import Waiting, orphans
from podium.simulation.scene import Land, Order, Reject, Run, Scene, Start


class Single:
    """One gate a change, on the branch as it stands; changes that overlap nothing ahead run side by side.

    This is bors v1, homu and the "single queue" of SubmitQueue (Ananthanarayanan et al., EuroSys 2019, section 8.2), with its
    conflict analyzer. It speculates on nothing, so a chain of k overlapping changes takes k gate durations.

    Deviations: none but those of all baselines (see `order`).
    """

    name = "single"

    def __init__(self) -> None:
        self._waiting = Waiting()

    def orders(self, scene: Scene) -> Iterable[Order]:
        self._waiting.look(scene)
        decided = [_decision(run) for run in scene.news]
        return decided or orphans(scene) or self._starts(scene)

    def _starts(self, scene: Scene) -> list[Order]:
        under_way = {run.heads[0] for run in scene.running.values()}
        ahead = self._waiting.ahead
        free = [change for change in scene.waiting if not ahead[change] and change not in under_way]
        return [Start((one,), (one,), "all it overlaps is decided") for one in free[: scene.idle]]


def _decision(run: Run) -> Order:
    # Nothing that overlaps it can have landed since the run started: it would have waited for this very decision.
    change = run.heads[0]
    return Land((change,), "passed") if run.passed else Reject(change, "failed on the branch as it stands")
