"""What the baselines share: who overlaps whom among the waiting, and what a passed run still says of the branch as it stands.

A change depends on those that share a target with it and wait ahead of it. Those that landed after its base was taken matter
as well, but they are in every tree already: a run is on the branch as it stands. All baselines keep to the order of arrival
and leave priorities out, so that they are compared by their algorithm alone. What a change may only land after counts as an
overlap; where that was sent back, the change leaves with it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice

from podium.simulation.scene import Reject, Run, Scene, Seen


@dataclass(frozen=True, slots=True)
class Moved:
    """Who came to wait since the last look, and who left: with each of those, who overlapped it and waited behind it."""

    came: tuple[int, ...] = ()
    left: dict[int, set[int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.came or self.left)


class Waiting:
    """The waiting changes and their overlaps, kept from event to event.

    `ahead` holds for each waiting change, in order of arrival, those it overlaps that wait ahead of it; `behind` the converse.
    A look costs as much as there are new overlaps, and one walk over the waiting.
    """

    def __init__(self) -> None:
        self.ahead: dict[int, set[int]] = {}
        self.behind: dict[int, set[int]] = {}
        self._by_key: dict[int, set[int]] = {}

    def look(self, scene: Scene) -> Moved:
        gone = sorted(self.ahead.keys() - scene.waiting.keys())
        left = {change: self._leave(scene.known[change]) for change in gone}
        grown = len(self.ahead) < len(scene.waiting)
        fresh = tuple(change for change in scene.waiting if change not in self.ahead) if grown else ()
        for change in fresh:
            self._come(scene.known[change])
        return Moved(fresh, left)

    def _come(self, seen: Seen) -> None:
        overlaps = set(seen.after) & self.ahead.keys()
        for key in seen.keys:
            sharing = self._by_key.setdefault(key, set())
            overlaps |= sharing
            sharing.add(seen.id)
        self.ahead[seen.id], self.behind[seen.id] = overlaps, set()
        for other in overlaps:
            self.behind[other].add(seen.id)

    def _leave(self, seen: Seen) -> set[int]:
        for key in seen.keys:
            self._by_key[key].discard(seen.id)
        for other in self.ahead.pop(seen.id):
            self.behind[other].discard(seen.id)
        behind = self.behind.pop(seen.id)
        for other in behind:
            self.ahead[other].discard(seen.id)
        return behind


def orphans(scene: Scene) -> list[Reject]:
    """Sends back the changes that may only land after one that was sent back."""
    if not scene.rejected:
        return []
    lost = [one for one in scene.waiting.values() if one.after and not scene.rejected.isdisjoint(one.after)]
    return [Reject(one.id, "it may only land after a change that was sent back") for one in lost]


def may_follow(scene: Scene, change: int, members: Collection[int]) -> bool:
    """Whether all that a change may only land after have landed, or are among these members."""
    return all(other in members or other not in scene.waiting for other in scene.known[change].after)


def exact(scene: Scene, run: Run, changes: Collection[int]) -> bool:
    """Whether a passed run vouches for these changes on the branch as it stands, by the promise of the analyzer.

    They are in it; what has landed since it started is in it, too, or overlaps none of them; and what it holds beyond that
    overlaps none of them.
    """
    if not set(changes) <= set(run.members):
        return False
    held = set(run.members)
    since = set(islice(scene.landed, run.onto, None))
    return not any(
        scene.overlap(other, change) for other in (since ^ held) - set(changes) for change in changes
    )


def run_of(scene: Scene, heads: tuple[int, ...]) -> Iterator[int]:
    """The id of the run that is under way for these heads, if there is one."""
    return (run.id for run in scene.running.values() if run.heads == heads)
