"""What a report is made from: the facts of everything so far, landed or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from podium.model.attempt import Attempt, AttemptEnd, Change
from podium.model.decision import Decision
from podium.model.evidence import Evidence
from podium.model.ids import TaskId
from podium.model.queue import Landing
from podium.model.review import Review
from podium.model.task import Task


@dataclass(frozen=True, slots=True)
class History:
    """All facts. `known_since` is when each task was first known, in seconds since the epoch.

    Of `decisions` only those to send back, to give up and to ask a person are looked at.
    """

    tasks: Mapping[TaskId, Task] = field(default_factory=dict)
    known_since: Mapping[TaskId, float] = field(default_factory=dict)
    attempts: Sequence[Attempt] = ()
    ends: Sequence[AttemptEnd] = ()
    changes: Sequence[Change] = ()
    landings: Sequence[Landing] = ()
    decisions: Sequence[Decision] = ()
    evidence: Sequence[Evidence] = ()
    reviews: Sequence[Review] = ()
