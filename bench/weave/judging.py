"""What the queues did, held against the truth: every position is gated in full, every return is tried again on what it failed on."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from weave.course import Course, Fate, Outcome
from weave.gate import Gate
from weave.proposal import Proposal, Trace
from weave.tree import Repository


@dataclass(frozen=True, slots=True)
class Judged:
    """A course and the truth. `victims` were sent back by the queue though they pass on what they were to land on."""

    course: Course
    red: tuple[str, ...]
    victims: tuple[Fate, ...]
    right: tuple[Fate, ...]
    both: int
    """How many pairs landed whole: each must make a position red."""


def judge(course: Course, trace: Trace, repository: Repository, gate: Gate) -> Judged:
    """Hold a course against the truth. `repository` has its positions and all heads; `gate` leaves the known flake out."""
    green = gate.each(repository.tree(position) for position in course.positions)
    red = [one for one, fine in zip(course.positions, green, strict=True) if not fine]
    failed = [*course.of(Outcome.FAILED, Outcome.REFUSED)]
    heads = {one.name: one.head for one in trace.proposals}
    merged = [repository.merge(one.tip, heads[one.name]) for one in failed]
    fine = dict(zip((one.name for one in failed), gate.each(tree or "" for tree in merged), strict=True))
    queued = [*course.of(Outcome.FAILED)]
    return Judged(
        course, tuple(red), tuple(one for one in queued if fine[one.name]),
        tuple(one for one in queued if not fine[one.name]), _whole_pairs(course, trace.proposals),
    )  # fmt: skip


def _whole_pairs(course: Course, proposals: Sequence[Proposal]) -> int:
    landed = {one.name for one in course.of(Outcome.LANDED)}
    return sum(one.name in landed and one.breaks in landed for one in proposals if one.breaks) // 2


def turnaround(course: Course, *, since_submitted: bool = False) -> tuple[float, float]:
    """Median and 95th percentile of the seconds from entering the queue to landing."""
    waits = [
        one.settled_s - (one.arrived_s if since_submitted else one.entered_s)
        for one in course.of(Outcome.LANDED)
    ]
    if len(waits) < 2:
        return (waits or [0.0])[0], (waits or [0.0])[0]
    return statistics.median(waits), statistics.quantiles(waits, n=20, method="inclusive")[-1]
