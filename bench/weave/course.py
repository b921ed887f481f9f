"""What became of a trace in one queue: the fate of each change, the positions of the target branch, and what gates it took."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from weave.gate import Run


class Outcome(StrEnum):
    LANDED = "landed"
    FAILED = "sent back, it failed"
    CONFLICT = "sent back, it conflicts as text"
    REFUSED = "refused by its own gate"
    OPEN = "open"
    """It waits for a person, or was lost."""


@dataclass(frozen=True, slots=True)
class Fate:
    """Times are seconds since the queue began. `entered_s`: in the queue; `tip` is what it failed on."""

    name: str
    outcome: Outcome
    arrived_s: float
    entered_s: float
    settled_s: float
    tip: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """`queue_gates_s` is what each gate run took that the queue waited for; `other_gates_s` are those beside, by what they were for."""

    queue: str
    fates: tuple[Fate, ...]
    positions: tuple[str, ...]
    queue_gates_s: tuple[float, ...]
    wall_s: float
    other_gates_s: dict[str, tuple[float, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        return sum(one.outcome is outcome for one in self.fates)

    def of(self, *outcomes: Outcome) -> Iterable[Fate]:
        return (one for one in self.fates if one.outcome in outcomes)

    @property
    def gates_per_landed(self) -> float:
        return len(self.queue_gates_s) / max(1, self.count(Outcome.LANDED))


def took(runs: Iterable[Run]) -> tuple[float, ...]:
    return tuple(run.took_s for run in runs)
