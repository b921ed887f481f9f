"""What a person is shown: plain values, the same for the terminal, for `--json` and for a page.

Field names are the stable shape of `--json`. Times are seconds since the epoch, durations seconds.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TaskView:
    id: str
    title: str
    state: str
    because: str
    spec: str
    since: float = 0.0
    attempt: int = 0
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """`podium status`. `tasks` leaves out what has landed; `landed` counts it. `changes` were submitted without a task."""

    target: str
    tip: str
    counts: dict[str, int]
    tasks: tuple[TaskView, ...]
    changes: tuple[TaskView, ...]
    landed: int
    trouble: str
    """Why nothing starts: the target branch fails its own gate, or the configuration cannot be used."""
    checkout: str
    """Why nothing lands: the target branch is checked out and dirty."""

    @property
    def needs_person(self) -> bool:
        waiting = self.counts.get("review", 0) + self.counts.get("alarm", 0)
        return bool(waiting or self.trouble or (self.checkout and self.counts.get("queued", 0)))

    @property
    def refused(self) -> bool:
        return any(self.counts.get(state, 0) for state in ("refused", "blocked", "sent-back"))


@dataclass(frozen=True, slots=True)
class FaultView:
    line: int
    column: int
    message: str
    suggestion: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class PlannedTask:
    id: str
    title: str
    kind: str
    paths: tuple[str, ...]
    after: tuple[str, ...]
    agent: str
    acceptance: int
    done: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """`podium plan`: `levels` are the groups that may run side by side, in order."""

    spec: str
    path: str
    title: str
    requirements: tuple[str, ...]
    tasks: tuple[PlannedTask, ...]
    levels: tuple[tuple[str, ...], ...]
    critical_path: tuple[str, ...]
    faults: tuple[FaultView, ...]

    @property
    def usable(self) -> bool:
        return not any(fault.is_error for fault in self.faults)


@dataclass(frozen=True, slots=True)
class CheckView:
    check: str
    verdict: str
    because: str
    command: str
    exit_code: int | None
    duration_s: float
    sandbox: str
    passed: int | None
    failed: int | None
    skipped: int | None
    output: str


@dataclass(frozen=True, slots=True)
class GateView:
    """`podium gate`, and each gate run in `podium show`."""

    id: str
    subject: str
    commit: str
    tree: str
    verdict: str
    because: str
    gate_digest: str
    reused: bool
    duration_s: float
    at: float
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class DecisionView:
    act: str
    subject: str
    because: str
    at: float


@dataclass(frozen=True, slots=True)
class AttemptView:
    id: str
    number: int
    agent: str
    because: str
    started: float
    base: str
    end: str = ""
    end_because: str = ""
    duration_s: float = 0.0
    exit_code: int | None = None
    sandbox: str = ""
    head: str = ""
    output: str = ""
    cost_usd: float | None = None
    brief: str = ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    id: str
    base: str
    head: str
    files: tuple[str, ...]
    added: int
    deleted: int
    state: str
    because: str
    risk: int | None
    risk_reasons: tuple[str, ...]
    diff: str
    gates: tuple[GateView, ...]
    landed_as: str = ""
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Detail:
    """`podium show`: one task, or one change that has none."""

    id: str
    title: str
    state: str
    because: str
    kind: str
    paths: tuple[str, ...]
    after: tuple[str, ...]
    agent: str
    acceptance: tuple[str, ...]
    notes: str
    spec: str
    attempts: tuple[AttemptView, ...]
    changes: tuple[ChangeView, ...]
    decisions: tuple[DecisionView, ...]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One thing that waits for a person, riskiest first in the listing."""

    change: str
    task: str
    title: str
    risk: int
    reasons: tuple[str, ...]
    because: str
    since: float
    files: tuple[str, ...]
    added: int
    deleted: int
    verdict: str


@dataclass(frozen=True, slots=True)
class QueueItem:
    position: int
    change: str
    title: str
    since: float
    because: str


@dataclass(frozen=True, slots=True)
class CandidateView:
    id: str
    members: tuple[str, ...]
    onto: str
    state: str
    because: str


@dataclass(frozen=True, slots=True)
class QueueView:
    target: str
    tip: str
    items: tuple[QueueItem, ...]
    candidates: tuple[CandidateView, ...]
    checkout: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One line of `podium audit` or `podium doctor`. `state` is ok, warning or broken; `hint` says what to do."""

    subject: str
    state: str
    because: str
    hint: str = ""
