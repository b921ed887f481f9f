"""What is so: which trees fail, at which targets, and what a gate of them reports. Drawn once, the same for every policy."""

import math
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from podium.simulation.trace import Arrival

MOST = 3
"""Culprits that one run looks for, each by halving."""
OPAQUE = -1
"""A failure that comes before the tests and names none of them."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a gate saw: the targets that failed, or no more than that it failed."""

    passed: bool
    failing: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Probed:
    """What running the failing targets again alone made of it.

    `failing` are those that still fail on the tree of `kept`, `culprits` the members that were taken out with what fails because
    of each on top of the members before it. `runs` counts the runs of single targets that it took.
    """

    kept: tuple[int, ...]
    failing: frozenset[int]
    culprits: tuple[tuple[int, frozenset[int]], ...]
    runs: int


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

    def report(self, members: Sequence[int], onto: int) -> Report:
        """What one more gate of this tree says."""
        found = self.faults(members, onto)
        if OPAQUE in found:
            return Report(passed=False)
        failing = frozenset(found | self._struck(members))
        return Report(not failing, failing)

    def probed(self, members: Sequence[int], onto: int, *, gone: Collection[int]) -> Probed | None:
        """What failed is run again without those who are `gone`, and who is to blame is found by halving. None where no test is named.

        Targets that failed by chance pass now, unless chance strikes one once more.
        """
        kept = [one for one in members if one not in gone]
        found = self.faults(kept, onto)
        if OPAQUE in found:
            return None
        struck, runs = self._struck(kept), 1
        culprits: list[tuple[int, frozenset[int]]] = []
        while len(culprits) < MOST and (guilty := self._guilty(kept, onto)):
            culprits.append(guilty)
            kept.remove(guilty[0])
            runs += 1 + math.ceil(math.log2(1 + sum(1 for one in kept if self.changes[one].keys & guilty[1])))
        return Probed(tuple(kept), frozenset(self.faults(kept, onto) | struck), tuple(culprits), runs)

    def _guilty(self, kept: Sequence[int], onto: int) -> tuple[int, frozenset[int]] | None:
        """The first member that brings a fault in, and which."""
        before: set[int] = set()
        for at in range(len(kept)) if self.faults(kept, onto) else ():
            after = self.faults(kept[: at + 1], onto)
            if after - before:
                return kept[at], frozenset(after - before)
            before = after
        return None

    def _causes(self, member: int, held: set[int], onto: int) -> Iterable[tuple[int, ...]]:
        if not self.changes[member].good:
            yield (member,)
        for other in self._breaks[member]:
            landed = self.position.get(other, onto) < onto
            if other in held or (landed and not self._in_view(member, other)):
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

    def _struck(self, members: Sequence[int]) -> set[int]:
        """The target that chance makes fail, this time."""
        self._orders += 1
        lot = random.Random(f"{self._seed}:flake:{self._orders}")  # noqa: S311
        rate = max((self.changes[one].flaky for one in members), default=0.0)
        if not rate or lot.random() >= rate:
            return set()
        return {lot.choice(sorted(frozenset().union(*(self.changes[one].keys for one in members))))}
