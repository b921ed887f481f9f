"""Everything about one task or change."""

from dataclasses import dataclass, field
from typing import Any

from podium.project.views.gate import GateView
from podium.project.views.judgment import JudgmentView


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
    judgment: JudgmentView | None = None


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
