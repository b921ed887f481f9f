"""What a gate run found."""

from dataclasses import dataclass, field
from typing import Any


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
    took_s: float = 0.0
    grade: str = ""
    advice: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


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
    took_s: float = 0.0
    grade: str = ""
    notes: tuple[str, ...] = ()
