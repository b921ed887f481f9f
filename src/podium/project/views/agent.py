"""Who could make changes here, and how a proof of it goes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgentView:
    """One line of `podium agents`. `missing` says what keeps it from working here; bounds are null where there is none.

    `landed` counts the tasks it was tried on that have landed; `attempts` all its tries.
    """

    name: str
    kind: str
    command: str
    program: str
    version: str
    missing: str
    protocol: str
    model: str
    sandbox: str
    reaches: str
    minutes: float
    tokens: int | None
    cost_usd: float | None
    attempts: int
    landed: int
    default: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of `podium agents test`: what was tried, whether it held, and what to do where it did not."""

    step: str
    passed: bool
    because: str
    hint: str = ""
