"""Which outcomes of the changes ahead are the most probable: the paths of one head, and of all heads together, best first.

A path is a head and those of its undecided predecessors that are assumed to land; the others are assumed not to. This is the
`bestfirst` generator of github.com/uber/submitqueue: for each predecessor the likelier outcome is preferred, turning it
over costs log(p / (1 - p)), and sets of such flips are found cheapest first. So the 2^n paths are never all made.
"""

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Protocol, TypeVar

SUREST = 1e-6
"""No outcome is believed to be more certain than all but this, so that every logarithm is finite."""

Path = tuple[float, frozenset[int]]
"""The logarithm of a probability, and those who are assumed to land."""


def lean(chance: float) -> float:
    """The logarithm of the probability of the likelier of two outcomes."""
    return math.log(min(max(chance, 1 - chance), 1 - SUREST))


def paths(chances: Mapping[int, float]) -> Iterator[Path]:
    """All paths over predecessors that land with these chances, independently, in non-increasing probability.

    The k-th costs O(log k) and a copy of its flips; the first costs a look at each predecessor.
    """
    sure = {one: min(max(chance, SUREST), 1 - SUREST) for one, chance in chances.items()}
    likely = frozenset(one for one, chance in sure.items() if chance >= 0.5)  # noqa: PLR2004 - the likelier of two
    best = sum(lean(chance) for chance in sure.values())
    yield best, likely
    costs = sorted((abs(math.log(chance / (1 - chance))), one) for one, chance in sure.items())
    for cost, flipped in _cheapest([cost for cost, _ in costs]):
        yield best - cost, likely.symmetric_difference(costs[flip][1] for flip in flipped)


def levels(chances: Mapping[int, float], overtaken: Mapping[int, float]) -> Iterator[Path]:
    """Paths of a head that may overtake some of those ahead: for these every outcome has to be tried, all are worth the same.

    `chances` are of the predecessors that are waited for, `overtaken` maps each of the others to the probability that
    it is overtaken. In non-increasing probability.
    """
    passing = sum(math.log(max(chance, SUREST)) for chance in overtaken.values())
    outcomes = [
        frozenset(landing)
        for number in range(len(overtaken), -1, -1)
        for landing in combinations(sorted(overtaken), number)
    ]
    for score, assumed in paths(chances):
        for outcome in outcomes:
            yield score + passing, assumed | outcome


def either(one: Iterator[Path], other: Iterator[Path]) -> Iterator[Path]:
    """Both streams as one, in non-increasing probability; a path that is in both comes once, at the higher of its places."""
    seen: set[frozenset[int]] = set()
    for score, assumed in heapq.merge(one, other, key=lambda path: -path[0]):
        if assumed not in seen:
            seen.add(assumed)
            yield score, assumed


class Replayed:
    """A stream that can be gone through again and again, and is drawn from no further than someone has asked."""

    __slots__ = ("_found", "_source")

    def __init__(self, source: Iterator[Path]) -> None:
        self._source = source
        self._found: list[Path] = []

    def at(self, place: int) -> Path | None:
        """The path at this place, or None where there are fewer."""
        while len(self._found) <= place:
            path = next(self._source, None)
            if path is None:
                return None
            self._found.append(path)
        return self._found[place]


class Head(Protocol):
    """A change that paths lead to."""

    place: int
    """In order of arrival."""
    weight: float
    """The logarithm of what its landing is worth."""

    @property
    def ceiling(self) -> float:
        """No path of it has a higher logarithm of its probability."""
        ...

    def open(self) -> Replayed:
        """Its paths; asked for only when their turn may have come."""
        ...


AnyHead = TypeVar("AnyHead", bound=Head)


def best_first(heads: Iterable[AnyHead], least: float) -> Iterator[tuple[AnyHead, Path]]:
    """The paths of all heads by probability times worth, highest first; of equals the one whose head came first.

    None whose logarithm is under `least`.
    """
    heap: list[tuple[float, int, int, AnyHead, Path | None]] = [
        (-head.ceiling - head.weight, head.place, -1, head, None) for head in heads if head.ceiling >= least
    ]
    heapq.heapify(heap)
    while heap:
        _, place, taken, head, path = heap[0]
        if path:
            yield head, path
        following = head.open().at(taken + 1)
        if following and following[0] >= least:
            heapq.heapreplace(heap, (-following[0] - head.weight, place, taken + 1, head, following))
        else:
            heapq.heappop(heap)


def _cheapest(costs: Sequence[float]) -> Iterator[tuple[float, tuple[int, ...]]]:
    """The sets of at least one flip, by their sum, the cheapest first; `costs` are in non-decreasing order.

    Each set has one parent: without its last flip if the one before that is in it, else with its last flip one cheaper.
    """
    heap: list[tuple[float, tuple[int, ...]]] = [(costs[0], (0,))] if costs else []
    while heap:
        cost, flips = heapq.heappop(heap)
        yield cost, flips
        last = flips[-1]
        if last + 1 < len(costs):
            heapq.heappush(heap, (cost + costs[last + 1], (*flips, last + 1)))
            heapq.heappush(heap, (cost + costs[last + 1] - costs[last], (*flips[:-1], last + 1)))
