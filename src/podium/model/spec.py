"""A spec: what should exist and why, as one Markdown file says it."""

from dataclasses import dataclass

from podium.model.task import Task


@dataclass(frozen=True, slots=True)
class Scenario:
    """One example of a requirement: its WHEN/THEN lines as written."""

    name: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What SHALL or MUST hold."""

    name: str
    text: str
    scenarios: tuple[Scenario, ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """One spec file, read. `digest` is the SHA-256 of its bytes; `id` names it in task ids."""

    id: str
    path: str
    digest: str
    title: str
    why: str
    requirements: tuple[Requirement, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a spec that a person should mend: where it is and what to write instead.

    `line` and `column` count from 1. An error stops the spec from running; a warning does not.
    """

    line: int
    column: int
    message: str
    suggestion: str = ""
    is_error: bool = True
