"""Which tasks may touch the same files at the same time. Pure.

Each set of tasks is one integer with a bit per task, so that "everything that comes before" is one operation.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from podium.model.ids import TaskId
from podium.model.task import Task
from podium.policies.globs import parse

MAXIMUM_OVERLAPS = 500
"""No more pairs than this are named."""
_MAXIMUM_COMPARISONS = 100_000
_MAXIMUM_SEARCH = 1_000


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two tasks that may run at the same time and can touch a common path; one glob of each shows it."""

    first: TaskId
    second: TaskId
    globs: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scopes:
    """`overlaps` may name a pair too many, never one too few until `MAXIMUM_OVERLAPS` are named; then `is_cut`.

    `anywhere` are the tasks without paths, with the number of tasks each of them may run beside.
    """

    overlaps: tuple[Overlap, ...] = ()
    anywhere: Mapping[TaskId, int] = field(default_factory=dict)
    is_cut: bool = False


def compare_scopes(tasks: Sequence[Task], after: Mapping[TaskId, Sequence[TaskId]]) -> Scopes:
    """The overlaps among `tasks`, given so that each comes later than all it is `after`.

    With T tasks and G distinct globs this takes T·T/64 word operations for the order of tasks, and compares a glob
    only with globs whose plain beginning lies on the way to its own, so disjoint folders and files cost O(G). No more
    than 100,000 pairs of globs are compared; from there on, globs that share a beginning count as overlapping.
    """
    place = {task.id: number for number, task in enumerate(tasks)}
    ordered = _ordered([[place[name] for name in after[task.id]] for task in tasks])
    everyone = (1 << len(tasks)) - 1
    beside = [everyone & ~related & ~(1 << number) for number, related in enumerate(ordered)]
    pairs = list(_pairs(_meeting(tasks), beside, MAXIMUM_OVERLAPS + 1))
    found = (_overlap(tasks[one], tasks[other]) for one, other in sorted(pairs[:MAXIMUM_OVERLAPS]))
    anywhere = {task.id: beside[place[task.id]].bit_count() for task in tasks if not task.paths}
    return Scopes(tuple(found), anywhere, len(pairs) > MAXIMUM_OVERLAPS)


def _ordered(after: Sequence[Sequence[int]]) -> list[int]:
    """For each task, all that come before it or after it."""
    before = [0] * len(after)
    for number, names in enumerate(after):
        for name in names:
            before[number] |= before[name] | 1 << name
    behind = [0] * len(after)
    for number in reversed(range(len(after))):
        for name in after[number]:
            behind[name] |= behind[number] | 1 << number
    return [earlier | later for earlier, later in zip(before, behind, strict=True)]


def _meeting(tasks: Sequence[Task]) -> list[int]:
    """For each task, the tasks with a glob that can match a common path; each pair is in one of the two at least."""
    users: dict[str, int] = {}
    for number, task in enumerate(tasks):
        for glob in task.paths:
            users[glob] = users.get(glob, 0) | 1 << number
    meets = _glob_meeting(users)
    found = [0] * len(tasks)
    for number, task in enumerate(tasks):
        for glob in task.paths:
            found[number] |= meets[glob]
    return found


def _glob_meeting(users: Mapping[str, int]) -> dict[str, int]:
    """For each glob, its users and those of every glob compared before it that it meets.

    Two globs can only meet when the plain beginning of one is a beginning of the other's, so the ones to compare with
    are found by the beginnings of the longer one.
    """
    by_root: dict[tuple[str, ...], list[str]] = {}
    crowd: dict[tuple[str, ...], int] = {}
    found: dict[str, int] = {}
    left = _MAXIMUM_COMPARISONS
    for glob in sorted(users, key=lambda text: len(parse(text).root)):
        read = parse(glob)
        found[glob] = users[glob]
        for length in range(len(read.root) + 1):
            others = by_root.get(read.root[:length], [])
            left -= len(others)
            if left < 0:
                found[glob] |= crowd.get(read.root[:length], 0)
            else:
                found[glob] |= _union(users[other] for other in others if read.meets(parse(other)))
        by_root.setdefault(read.root, []).append(glob)
        crowd[read.root] = crowd.get(read.root, 0) | users[glob]
    return found


def _union(sets: Iterator[int]) -> int:
    union = 0
    for one in sets:
        union |= one
    return union


def _pairs(meeting: Sequence[int], beside: Sequence[int], limit: int) -> set[tuple[int, int]]:
    """The pairs of tasks that meet and are in no order, at most `limit` of them."""
    found: set[tuple[int, int]] = set()
    for number, meets in enumerate(meeting):
        for other in _members(meets & beside[number]):
            found.add((min(number, other), max(number, other)))
            if len(found) >= limit:
                return found
    return found


def _members(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _overlap(first: Task, second: Task) -> Overlap:
    pairs = itertools.islice(itertools.product(first.paths, second.paths), _MAXIMUM_SEARCH)
    meeting = (pair for pair in pairs if parse(pair[0]).meets(parse(pair[1])))
    return Overlap(first.id, second.id, next(meeting, (first.paths[0], second.paths[0])))
