"""What another agent than its maker found in a change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RemarkView:
    """One thing a checker found. `line` counts from 1, 0 is the whole file; an empty `path` is the whole change."""

    severity: str
    message: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class TrialView:
    """A checker's test: `verdict` on the change, `base` on what it was made from (empty where it was not run there)."""

    name: str
    path: str
    command: str
    verdict: str
    because: str
    base: str
    meaning: str
    output: str
    content: str


@dataclass(frozen=True, slots=True)
class JudgmentView:
    """What another agent than its maker found in a change."""

    by: str
    verdict: str
    because: str
    at: float
    findings: tuple[RemarkView, ...]
    tests: tuple[TrialView, ...]
    tokens: int | None
    cost_usd: float | None
    transcript: str
