"""What became of attempts and what they used, added up: all that decisions need of work that is over."""

from dataclasses import dataclass, field

from podium.model.attempt import AttemptEnd
from podium.model.ids import AttemptId, TaskId
from podium.model.usage import Spending

_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Past:
    """One agent's attempts at the landed tasks of one kind in one spec. `tried` leaves out those a person cancelled."""

    spec: str
    agent: str
    kind: str
    tried: int
    landed: int
    spent: Spending


@dataclass(frozen=True, slots=True)
class Spell:
    """What those attempts used that ended within one minute, the last of them `at`."""

    at: float
    spent: Spending


@dataclass(frozen=True, slots=True)
class Record:
    """How an agent's attempts at tasks of one kind went. What is still on the road counts neither way."""

    tried: int = 0
    landed: int = 0
    spent: Spending = field(default_factory=Spending)

    def __add__(self, other: "Record") -> "Record":
        return Record(self.tried + other.tried, self.landed + other.landed, self.spent + other.spent)


def spending(end: AttemptEnd) -> Spending:
    """What one attempt used. The cost of one that never ran is known: nothing."""
    usage, minutes = end.usage, end.duration_s / _MINUTE_S
    unknown = usage.cost_usd is None and minutes > 0
    return Spending(1, usage.tokens or 0, usage.cost_usd or 0.0, minutes, int(unknown))


def task_of(attempt: AttemptId) -> TaskId:
    return TaskId(attempt.rpartition("@")[0])


def spec_of(task: TaskId) -> str:
    return task.rpartition("/")[0]
