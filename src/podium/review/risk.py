"""The risk of landing a change unread, from what is known of it before anybody has read it: pure.

Which paths are never low risk stands in `floors`; whether a person is asked is the policy's decision.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from podium.base.text import clean_line, count
from podium.model.attempt import Change
from podium.model.risk import Risk
from podium.model.task import Kind, Task
from podium.review.floors import TESTS, Floor, floor_of, touched

_FREE_RETRIES = 2
_PER_RETRY = 5
_UNTESTED = 15
_NEEDS_TEST = frozenset({Kind.FEATURE, Kind.FIX})


@dataclass(frozen=True, slots=True)
class _Part:
    """`points` it brings to the score (or, for a floor, the score it stands for), and the reason in words."""

    points: float
    reason: str


def score(change: Change, *, attempts: int, task: Task | None = None) -> Risk:
    """How risky `change` is, 0 to 100, with the reasons in order of weight.

    The size of the change, raised to the highest floor it touches, plus what its making tells: 5 for each retry beyond
    the second of `attempts`, and 15 for a feature or a fix that brings neither a test nor an acceptance command.
    """
    size, floors, making = list(_size(change)), list(_floors(change)), list(_making(change, attempts, task))
    raised = max([min(100.0, sum(part.points for part in size)), *(part.points for part in floors)])
    total = min(100, round(raised + sum(part.points for part in making)))
    weighed = sorted([*floors, *making, *size], key=lambda part: -part.points)
    return Risk(total, tuple(part.reason for part in weighed if part.points >= 1))


def _size(change: Change) -> Iterator[_Part]:
    """The untrained formula: lines added, files, earlier changes of those files, spread of the lines over them.

    The factors are a subset of those of Kamei et al. ("A Large-Scale Empirical Study of Just-in-Time Quality Assurance",
    2013). Weights were set by hand. Measured once, on one repository (ansible, 2,280 commits of which 258 later proved
    faulty by SZZ): AUC 0.785, against 0.794 for lines added alone and 0.795 for a regression trained there. Not
    validated anywhere else.
    """
    added, files, earlier = change.added, len(change.files), change.prior_changes
    yield _Part(50 * math.log1p(added) / math.log(401), f"{count(added, 'line')} added")
    yield _Part(20 * min(1, math.log1p(files) / math.log(11)), f"{count(files, 'file')} touched")
    yield _Part(
        15 * min(1, math.log1p(earlier) / math.log(101)),
        f"its files were changed {count(earlier, 'time')} before",
    )
    spread = f"spread over its files ({change.entropy:.1f} bits)"
    yield _Part(15 * min(1, math.log1p(change.entropy) / 1.5), spread)


def floors_under(change: Change) -> tuple[tuple[Floor, tuple[str, ...]], ...]:
    """The floors that a change stands on; tests that are only added are free, for they can weaken nothing."""
    free = {path for path in change.grown if floor_of(path) is TESTS and not path.endswith("conftest.py")}
    return touched([path for path in change.files if path not in free])


def _floors(change: Change) -> Iterator[_Part]:
    for floor, files in floors_under(change):
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        yield _Part(floor.least, f"touches {clean_line(files[0], limit=80)}{more}: {floor.what}")


def _making(change: Change, attempts: int, task: Task | None) -> Iterator[_Part]:
    retries = attempts - 1
    if retries > _FREE_RETRIES:
        yield _Part(_PER_RETRY * (retries - _FREE_RETRIES), f"took {attempts} attempts")
    if task and task.kind in _NEEDS_TEST and not task.accept and not _brings_test(change):
        yield _Part(_UNTESTED, f"a {task.kind} with neither a test nor an acceptance command")


def _brings_test(change: Change) -> bool:
    return any(floor is TESTS for floor, _files in touched(change.files))
