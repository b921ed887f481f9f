"""What a spec asks for, and what is wrong with it."""

from dataclasses import dataclass


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
class DraftView:
    """`podium plan --agent`. `text` is the whole spec with the drafted tasks, `plan` what Podium reads in it.

    `because` is how the drafting ended; `tokens` and `cost_usd` are what it used, where that is known; `transcript` is
    where what was said and done is kept.
    """

    path: str
    agent: str
    because: str
    text: str
    plan: PlanView
    accepted: bool
    tokens: int | None
    cost_usd: float | None
    transcript: str
