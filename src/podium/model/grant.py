"""What people let pass that the gate would refuse: each with a reason, a name and, where it is about flakes, an end."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """A person lets a task, or a submitted change, touch paths that judge others: existing tests, configuration, dependencies."""

    subject: str
    paths: tuple[str, ...]
    reason: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A person says that a test of a check is flaky and decides nothing until a moment; the latest word on a test holds."""

    check: str
    test: str
    reason: str
    by: str
    at: float
    until: float
