"""What `podium status` shows."""

from dataclasses import dataclass


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
