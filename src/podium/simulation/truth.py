"""What is so: which trees fail, at which targets, and what a gate of them reports. Drawn once, the same for every policy."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from podium.simulation.trace import Arrival

OPAQUE = -1
"""A failure that comes before the tests and names none of them."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a gate saw: the targets that failed, those that failed by chance and passed when run again, or no more than that it failed."""

    passed: bool
    failing: frozenset[int] = frozenset()
    flaked: frozenset[int] = frozenset()


class World:
    """The truth about the changes of one trace.

    `attribution` is the probability that a failure of a given cause names its target. `base` says how many landings the
    base of each change holds, `position` where each landed change is; both grow while the simulation goes on.
    """

    def __init__(self, trace: Sequence[Arrival], *, seed: int, attribution: float) -> None:
        self.changes: Mapping[int, Arrival] = {one.id: one for one in trace}
        self.base: dict[int, int] = {}
        self.position: dict[int, int] = {}
        self._seed = seed
        self._attribution = attribution
        self._breaks: dict[int, set[int]] = {one.id: set() for one in trace}
        for one in trace:
            for other in one.breaks_with & self.changes.keys():
                self._breaks[one.id].add(other)
                self._breaks[other].add(one.id)
        self._faults: dict[tuple[int, ...], int] = {}
        self._orders = 0

    def faults(self, members: Iterable[int], onto: int) -> set[int]:
        """The targets that fail on the first `onto` landings plus `members` because of a member; `OPAQUE` among them where one names none."""
        held = set(members)
        return {self._fault(cause) for member in held for cause in self._causes(member, held, onto)}

    def passes(self, change: int, onto: int) -> bool:
        """Whether a change passes on the first `onto` landings."""
        return not self.faults([change], onto)

    def lands(self, change: int, landed: Sequence[int]) -> bool:
        """Whether a change passes on a target branch of exactly these landings, in any order."""
        return self.changes[change].good and self._breaks[change].isdisjoint(landed)

    def report(self, members: Sequence[int], onto: int, *, again: bool) -> Report:
        """What one more gate of this tree says. With `again` what failed is run once more at once."""
        found = self.faults(members, onto)
        struck = self._struck(members, again=again)
        if OPAQUE in found:
            return Report(passed=False)
        flaked = struck[:1] if len(struck) == 1 and again else []
        failing = found | {key for key in struck if key not in flaked}
        return Report(not failing, frozenset(failing), frozenset(flaked) - found)

    def _causes(self, member: int, held: set[int], onto: int) -> Iterable[tuple[int, ...]]:
        if not self.changes[member].good:
            yield (member,)
        for other in self._breaks[member]:
            if other in held:
                yield (min(member, other), max(member, other))
            elif self.position.get(other, onto) < onto and not self._in_view(member, other):
                yield (min(member, other), max(member, other))

    def _in_view(self, member: int, landed: int) -> bool:
        return self.position[landed] < self.base[member]

    def _fault(self, cause: tuple[int, ...]) -> int:
        if cause not in self._faults:
            lot = random.Random(f"{self._seed}:fault:{cause}")  # noqa: S311 - a simulation, not a secret
            keys = sorted(frozenset.intersection(*(self.changes[one].keys for one in cause)))
            keys = keys or sorted(self.changes[cause[-1]].keys)
            named = lot.random() < self._attribution
            self._faults[cause] = lot.choice(keys) if named else OPAQUE
        return self._faults[cause]

    def _struck(self, members: Sequence[int], *, again: bool) -> list[int]:
        """The target that chance makes fail; named twice where it strikes the second run of it as well."""
        self._orders += 1
        lot = random.Random(f"{self._seed}:flake:{self._orders}")  # noqa: S311
        rate = max((self.changes[one].flaky for one in members), default=0.0)
        if not rate or lot.random() >= rate:
            return []
        key = lot.choice(sorted(frozenset().union(*(self.changes[one].keys for one in members))))
        return [key, key] if again and lot.random() < rate else [key]
